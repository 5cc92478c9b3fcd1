"""Days that are played to be watched: of one design, of two with the same people, of a city."""

from collections.abc import Iterator, Sequence
from datetime import date

from sim.engine import Engine, simulate, simulate_system
from sim.log import Log
from sim.measures.city.laws import check_system_laws
from sim.measures.laws import check_laws
from sim.report.watch.beside import same_people
from sim.report.watch.between import as_came, between_data
from sim.report.watch.data import watch_data
from sim.report.watch.day import (
    BUSIEST,
    QUIETEST,
    TYPICAL,
    Day,
    Played,
    choose_day,
    overdoses_on_site,
    visits_on,
    visits_that_come,
)
from sim.report.watch.watch_page import Design, Shown
from sim.scenario import Scenario
from sim.scenario.city.model import City
from sim.scenario.city.system import system_of
from sim.scenario.errors.told import told
from sim.study.compare.options import changes, demand_changes
from sim.visitors import Visitors, draw
from sim.visitors.needs import draw_needs

_MOST_CHANGES = 3


class OtherPeopleError(Exception):
    """Two designs do not meet the same people; the message says why."""


def played_days(
    designs: Sequence[Design],
    plays: Sequence[int],
    wanted: Sequence[str | date],
    seed: int,
    engine: Engine,
) -> Iterator[Shown]:
    """The days asked for, and a quiet, an ordinary and a busy one beside them.

    Args:
        designs: one, or two that meet the same people.
        plays: numbers of the replications.
        wanted: days by their names, or by their dates.
        seed: of the replications.
        engine: what plays them.

    Raises:
        DayError: there is no such day.
        OtherPeopleError: the two designs do not meet the same people.
    """
    for replication in dict.fromkeys(plays):
        played = [_play(one.scenario, seed, replication, engine) for one in designs]
        site, (_, log) = designs[0].scenario, played[0]
        _check_same(designs, [visitors for visitors, _ in played])
        for day in _chosen(site, log, wanted):
            found = (
                watch_data(one.scenario, *play, day)
                for one, play in zip(designs, played, strict=True)
            )
            yield _shown(replication, site, log, day)._replace(data=tuple(found))


def played_city_days(
    city: City, plays: Sequence[int], wanted: Sequence[str | date], seed: int, engine: Engine
) -> Iterator[Shown]:
    """The same of a city: its houses, and people on the way between them.

    Args:
        city: of several houses.
        plays: numbers of the replications.
        wanted: days by their names, or by their dates.
        seed: of the replications.
        engine: what plays them.

    Raises:
        DayError: there is no such day.
    """
    system = system_of(city)
    for replication in dict.fromkeys(plays):
        needs = draw_needs(system, seed, replication)
        log = simulate_system(system, needs, engine)
        check_system_laws(system, needs, log)
        came = [as_came(needs, log, number) for number in range(len(system.sites))]
        for day in _chosen(city, log, wanted):
            found = (
                watch_data(site, visitors, of_site, day)
                for site, visitors, of_site in zip(
                    system.sites.values(), came, log.sites, strict=True
                )
            )
            yield _shown(replication, city, log, day)._replace(
                data=tuple(found), between=between_data(system, log, day)
            )


def _chosen(scenario: Scenario, log: Played, wanted: Sequence[str | date]) -> list[Day]:
    """The days asked for, then a quiet, an ordinary and a busy one, each once."""
    asked = [
        choose_day(scenario, log, on=one)
        if isinstance(one, date)
        else choose_day(scenario, log, one)
        for one in wanted
    ]
    also = [choose_day(scenario, log, one) for one in (QUIETEST, TYPICAL, BUSIEST)]
    return list({one.number: one for one in (*asked, *also)}.values())


def _shown(replication: int, scenario: Scenario, log: Played, day: Day) -> Shown:
    """What is said of a day, before anything is drawn of it."""
    return Shown(
        replication,
        day,
        visits_on(scenario, log, day),
        visits_that_come(log, day),
        overdoses_on_site(log, day),
        (),
    )


def _play(scenario: Scenario, seed: int, replication: int, engine: Engine) -> tuple[Visitors, Log]:
    visitors = draw(scenario, seed, replication)
    log = simulate(scenario, visitors, engine)
    check_laws(scenario, log)
    return visitors, log


def _check_same(designs: Sequence[Design], visitors: Sequence[Visitors]) -> None:
    if len(designs) == 1 or same_people(*visitors):
        return
    apart = demand_changes(changes(*(one.scenario for one in designs)))
    listed = "; ".join(str(change) for change in apart[:_MOST_CHANGES])
    raise OtherPeopleError(
        told(
            "the_two_designs_do_not_meet_the",
            "the two designs do not meet the same people, so that nobody could be "
            "followed from the one to the other: who comes differs ({listed}); leave "
            "demand, visit kinds and horizon alike, and do not tie demand to opening "
            "hours that differ (demand.profile)",
            listed=listed,
        )
    )
