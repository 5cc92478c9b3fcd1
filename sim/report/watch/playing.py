"""Days that are played to be watched, of one design or of two that meet the same people."""

from collections.abc import Iterator, Sequence
from datetime import date

from sim.engine import Engine, simulate
from sim.log import Log
from sim.measures.laws import check_laws
from sim.report.watch.beside import same_people
from sim.report.watch.data import watch_data
from sim.report.watch.day import (
    BUSIEST,
    QUIETEST,
    TYPICAL,
    choose_day,
    overdoses_on_site,
    visits_on,
    visits_that_come,
)
from sim.report.watch.watch_page import Design, Shown
from sim.scenario import Scenario
from sim.scenario.errors.told import told
from sim.study.compare.options import changes, demand_changes
from sim.visitors import Visitors, draw

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
        asked = [
            choose_day(site, log, on=one) if isinstance(one, date) else choose_day(site, log, one)
            for one in wanted
        ]
        also = [choose_day(site, log, one) for one in (QUIETEST, TYPICAL, BUSIEST)]
        for day in {one.number: one for one in (*asked, *also)}.values():
            found = (
                watch_data(one.scenario, *play, day)
                for one, play in zip(designs, played, strict=True)
            )
            yield Shown(
                replication,
                day,
                visits_on(site, log, day),
                visits_that_come(log, day),
                overdoses_on_site(log, day),
                tuple(found),
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
