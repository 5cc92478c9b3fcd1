"""Rules that a design must keep whatever its figures: who must be there, and what a rota must be.

Safety is a condition without being asked for. With the rota as it is written (`staff_present`:
breaks one after another, each as late as its window allows; nobody absent, nobody at an overdose)

* no open minute, of an ordinary week or of the horizon's dates with hours of their own, is below a
  supervision rule's `minimum` or `at_least`, or lacks the team that an overdose may need; nor is
  or does any minute after closing until the time by which on 95 % of days the last person is out.
  Where staff stay until nobody is inside, as many of those on duty at closing as it takes do;
* the rota keeps the scenario's `rota_rules`, where it has some.

`design.allow` names what may be broken all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isinf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.rota.check.check import Minutes, breach_line, check_rota, spans
from sim.rota.check.rules import demanded, span_text
from sim.scenario.derived.roster import Period, open_then, period_of, staff_present
from sim.scenario.derived.staffing import stay, watching
from sim.scenario.errors.told import Listed, told
from sim.scenario.model.design import Allowed
from sim.scenario.model.hours import DAY, WEEK, clock_of
from sim.scenario.model.scenario import Scenario

DAYS_SURE = 0.95
"""Share of days by whose time of the last person's leaving staff must still be there."""
NEVER = 10_000
"""Minutes after closing that stand for: however long it takes."""


@dataclass(frozen=True)
class Broken:
    """A rule that a design breaks."""

    kind: Allowed
    words: str
    """What, and when."""


@dataclass(frozen=True)
class _Demand:
    """So many of these roles must be there."""

    kind: Allowed
    what: str
    roles: tuple[str, ...]
    least: int


class Gap(NamedTuple):
    """What is missing from some minutes after a closing on, the fewest of any closing."""

    minutes: int
    kind: Allowed
    words: str


@dataclass(frozen=True)
class Safety:
    """What is known of a design's safety before it is played."""

    broken: tuple[Broken, ...]
    """Of what does not depend on when people leave."""
    gaps: tuple[Gap, ...]
    """What is missing after closing, before the next opening; the earliest first."""
    shortage: float
    """Open minutes a week in which a supervision rule or a team is not met by the rota."""
    nobody_after: int
    """Minutes after the earliest closing from which on nobody of the staff is there; or NEVER."""
    allow: tuple[Allowed, ...] = ()

    @property
    def after_closing(self) -> int:
        """Minutes after the earliest closing from which on somebody needed is missing; or NEVER."""
        return self.gaps[0].minutes if self.gaps else NEVER

    @property
    def words(self) -> str:
        """What is missing then; empty if nothing is."""
        return self.gaps[0].words if self.gaps else ""

    def unattended(self, minutes: float) -> str:
        """Who is missing if on 95 % of days the last person is out by then, or nothing.

        Args:
            minutes: after closing.
        """
        return _told(self.gaps[0], minutes) if self.gaps else ""

    def late(self, minutes: float) -> Broken | None:
        """What it breaks by that, unless it is allowed to."""
        for gap in self.gaps:
            if gap.kind not in self.allow and (words := _told(gap, minutes)):
                return Broken(gap.kind, words)
        return None


def _told(gap: Gap, minutes: float) -> str:
    """Who is missing if the last person is out by then; empty if nobody is."""
    if minutes <= gap.minutes:
        return ""
    late = told("later", "later than that")
    if not isinf(minutes):
        late = told("after_closing", "{minutes:g} min after closing", minutes=minutes)
    form = "{what}; on 1 day in 20 somebody is inside until {late}, or longer"
    return told("inside_until", form, what=gap.words, late=late)


def safety_of(scenario: Scenario) -> Safety:
    """What the rota of a design leaves undone.

    Args:
        scenario: the site as designed; what its design block allows is left out.
    """
    allow = () if scenario.design is None else scenario.design.allow
    if scenario.staff is None:
        return Safety((), (), 0.0, NEVER)
    there, period = staff_present(scenario), period_of(scenario)
    ordinary, dated = open_then(scenario), _dated_minutes(scenario, period)
    short = np.zeros(period.minutes, dtype=np.bool_)
    broken: list[Broken] = []
    # A rule's minimum and its `at_least` may ask for the same.
    for one in dict.fromkeys(_demands(scenario)):
        count: Minutes = np.sum([there[role] for role in one.roles], axis=0)
        missing = (count < one.least) & ordinary
        short |= missing
        if one.kind in allow:
            continue
        if missing.any():
            broken.append(Broken(one.kind, _words(one, count, missing, period)))
        elif words := _words_of_dates(one, count, dated):
            broken.append(Broken(one.kind, words))
    if scenario.rota_rules is not None and Allowed.ROTA not in allow:
        breaches = check_rota(scenario).breaches
        broken += [Broken(Allowed.ROTA, breach_line(one)) for one in breaches]
    is_open = ordinary.copy()
    for minutes in dated.values():
        is_open[minutes] = True
    anybody: Minutes = np.sum(list(there.values()), axis=0)
    stayers = [there[role] for role in sorted(watching(scenario))] if stay(scenario) else []
    return Safety(
        broken=tuple(broken),
        gaps=tuple(sorted(_after_closing(scenario, there, is_open), key=lambda gap: gap.minutes)),
        shortage=float(short.sum()) / (period.minutes / WEEK),
        nobody_after=min(
            (first for first, _ in _first_short(anybody, 1, is_open, period, stayers)),
            default=NEVER,
        ),
        allow=allow,
    )


def _dated_minutes(scenario: Scenario, period: Period) -> dict[date, Minutes]:
    """Open minutes of the rota's cycle, from a Monday, on the horizon's dates with own hours.

    A rota of dates has none beside its period: that goes by the dates already.
    """
    found: dict[date, Minutes] = {}
    if period.first is not None:
        return found
    for day in range(scenario.horizon.total_days):
        on = scenario.horizon.date_of(day)
        midnight = (scenario.horizon.start.weekday() + day) * DAY
        pieces = [
            np.arange(midnight + start, midnight + end) % period.minutes
            for start, end in scenario.opening.dates.get(on, ())
        ]
        if pieces:
            found[on] = np.concatenate(pieces)
    return found


def _demands(scenario: Scenario) -> Iterator[_Demand]:
    """Of the rules of supervision, and of the teams for an overdose."""
    for one in demanded(scenario):
        if one.rule is None:
            what = told("team_for", "the team for an overdose ({kind})", kind=one.where)
            yield _Demand(Allowed.RESPONSE, what, one.roles, one.number)
        elif one.why.startswith("supervision"):
            what = told("supervision_of", "supervision of {rooms}", rooms=one.where)
            yield _Demand(Allowed.SUPERVISION, what, one.roles, one.number)


def _words(one: _Demand, count: Minutes, missing: NDArray[np.bool_], period: Period) -> str:
    runs = list(spans(missing, circle=period.first is None))
    start, end = runs[0]
    fewest = int(count[missing].min())
    values = {
        "what": one.what,
        "least": one.least,
        "roles": Listed.of(one.roles, "or"),
        "fewest": fewest,
        "when": span_text(period, start, end),
    }
    form = "{what} needs {least} {roles}; {fewest} there {when} (breaks counted)"
    if not runs[1:]:
        return told("fewer_there", form, **values)
    form = (
        "{what} needs {least} {roles}; {fewest} there {when}, {minutes:.4g} minutes a week in all "
        "(breaks counted)"
    )
    minutes = float(missing.sum() / (len(missing) / WEEK))
    return told("fewer_there_often", form, **values, minutes=minutes)


def _words_of_dates(one: _Demand, count: Minutes, dated: Mapping[date, Minutes]) -> str:
    """What is missing on the first date on which something is; empty if nothing is."""
    for on, minutes in dated.items():
        missing = minutes[count[minutes] < one.least]
        if missing.size:
            return told(
                "fewer_on_date",
                "{what} needs {least} {roles}; {fewest} there on {date} at {time}, {minutes} "
                "minutes of that date's hours in all (breaks counted)",
                what=one.what,
                least=one.least,
                roles=Listed.of(one.roles, "or"),
                fewest=int(count[missing].min()),
                date=on,
                time=clock_of(int(missing[0]) % DAY),
                minutes=int(missing.size),
            )
    return ""


def _after_closing(
    scenario: Scenario, there: dict[str, Minutes], is_open: NDArray[np.bool_]
) -> Iterator[Gap]:
    """From how many minutes after a closing on somebody is missing, the fewest of any closing."""
    for one in dict.fromkeys(_demands(scenario)):
        count: Minutes = np.sum([there[role] for role in one.roles], axis=0)
        stayers = [there[role] for role in one.roles] if stay(scenario) else []
        found = _first_short(count, one.least, is_open, period_of(scenario), stayers)
        first = min(found, key=lambda gap: gap[0], default=None)
        if first is not None:
            words = told(
                "fewer_from",
                "{what} needs {least} {roles}; fewer are there from {time} on",
                what=one.what,
                least=one.least,
                roles=Listed.of(one.roles, "or"),
                time=first[1],
            )
            yield Gap(first[0], one.kind, words)


def _first_short(
    count: Minutes,
    least: int,
    is_open: NDArray[np.bool_],
    period: Period,
    stayers: Sequence[Minutes],
) -> Iterator[tuple[int, str]]:
    """After each closing: minutes until fewer are there, and when; nothing if never.

    Of a rota of dates, nothing is known of the days after the last of them.

    Args:
        count: those who are rostered, by minute.
        least: as many as are needed.
        is_open: whether it is, by minute.
        period: that of the rota.
        stayers: by role those of whom as many as are needed stay, of those on duty at closing or
            after it.
    """
    repeats = period.first is None
    for closing in np.flatnonzero(np.roll(is_open, 1) & ~is_open).tolist():
        if not (closing or repeats):
            continue
        opens = np.flatnonzero(np.roll(is_open, -closing) if repeats else is_open[closing:])
        until = int(opens[0]) if opens.size else period.minutes - closing
        # From the last open minute on: who is on duty in it is at closing.
        rostered, *stays = (np.roll(one, 1 - closing)[: until + 1] for one in (count, *stayers))
        staying: Minutes = np.sum([np.maximum.accumulate(one) for one in stays], axis=0)
        missing = np.flatnonzero(np.maximum(rostered, staying)[1:] < least)
        if missing.size:
            first = int(missing[0])
            yield first, clock_of((closing + first) % len(is_open) % DAY)
