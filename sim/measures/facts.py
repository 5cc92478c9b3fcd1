"""What the figures are computed from: the counted part of a log, with what is asked of it ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.log import Duty, Outcome, Where
from sim.measures.histogram import Histogram, histogram_of, merge
from sim.measures.series import Key
from sim.measures.steps import HOURS, Bools, Floats, Integers, Window, sum_by_hour
from sim.measures.visits import (
    CROWD,
    FROM_DOOR,
    GAVE_UP,
    KNOWN,
    NUMBER,
    WAITED,
    WITHIN,
    Alike,
    Stamps,
)

REFUSED = (Outcome.CLOSED, Outcome.NO_SPACE, Outcome.BALKED)
"""Outcomes of those who were not let in."""
UNSERVED = (Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE)
"""Outcomes of those who came while the doors were open and got nothing."""

SAME = 1e-6
"""Minutes: sums of durations that should be equal differ by less than this."""
LIMITS = (0, 5, 10, 20, 30)
"""Minutes for which it is counted how many waits are longer."""


@dataclass(frozen=True)
class SampleRow:
    """A set of durations of which quantiles are reported."""

    metric: str
    by: str
    hourly: bool = False
    """Whether they are kept apart by hour of the week, see `histogram.by_hour`."""


@dataclass(frozen=True, eq=False)
class Waits:
    """The waits of some visits, as far as they are known."""

    hour: Integers
    """Hour of the week to which they belong, of each sort of visits."""
    sums: Floats
    """As in `Visits`, of these sorts."""

    @property
    def number(self) -> Floats:
        """How many there are of each sort."""
        return self.sums[:, KNOWN]

    def within(self, limit: int) -> Floats:
        """How many of each sort were no longer than one of LIMITS."""
        return self.sums[:, WITHIN + LIMITS.index(limit)]

    @cached_property
    def number_by_hour(self) -> Floats:
        """How many there are, by hour of the week."""
        return sum_by_hour(self.hour, self.number)

    @cached_property
    def minutes_by_hour(self) -> Floats:
        """The sum of their minutes, by hour of the week."""
        return sum_by_hour(self.hour, self.sums[:, WAITED])

    def longer_by_hour(self, limit: int) -> Floats:
        """How many were longer than one of LIMITS, by hour of the week."""
        return sum_by_hour(self.hour, self.number - self.within(limit))


@dataclass(frozen=True, eq=False)
class Visits:
    """The visits that arrived within the window, sorted: an element for each sort.

    Visits of one sort are alike in the way they came, kind, room, outcome and hour of the week.
    """

    kind: Integers
    room: Integers
    """Room entered; -1 for none."""
    outcome: Integers
    hour: Integers
    """Hour of the week of the arrival; of those who came before the opening and waited at the door
    for it, of the opening."""
    way: Integers
    """How they came: WHILE_OPEN to GAVE_UP of `passes`."""
    first_choice: Integers
    """Room that the kind prefers; -1 for none."""
    alike: Alike
    """The sorts, and what was added up of them."""
    stamps: Stamps
    """The visits one by one."""
    client: Floats
    """Of each visit who it is; -1 for unknown."""
    _waits: dict[Callable[["Visits"], Bools], Waits] = field(default_factory=dict)

    @property
    def sums(self) -> Floats:
        """(sorts, columns): how many visits, how many waits and the like, see `passes`."""
        return self.alike.sums

    @cached_property
    def let_in(self) -> Bools:
        """Who was let in."""
        return ~np.isin(self.outcome, REFUSED) & np.not_equal(self.way, GAVE_UP)

    @cached_property
    def at_door(self) -> Bools:
        """Who came before the opening and waited at the door for it, let in or not."""
        return np.greater_equal(self.way, FROM_DOOR)

    @cached_property
    def gave_up(self) -> Bools:
        """Who gave up at the door before the opening."""
        return np.equal(self.way, GAVE_UP)

    @cached_property
    def crowd(self) -> Bools:
        """Who came with a crowd at the very moment of a day's first opening."""
        return np.equal(self.way, CROWD)

    @cached_property
    def got_place(self) -> Bools:
        """Who entered a place, whatever came of it."""
        return self.room >= 0

    @cached_property
    def queued(self) -> Bools:
        """Who was let in and had done with queueing when the replication ended."""
        return self.let_in & (self.got_place | np.not_equal(self.outcome, Outcome.INSIDE_AT_END))

    @cached_property
    def unserved(self) -> Bools:
        """Who came while the doors were open and got nothing."""
        return np.isin(self.outcome, UNSERVED)

    @cached_property
    def doors_open(self) -> Bools:
        """Who came while the doors were open."""
        return np.not_equal(self.outcome, Outcome.CLOSED)

    @cached_property
    def everyone(self) -> Bools:
        """All of them."""
        return np.ones(len(self.kind), dtype=np.bool_)

    def total(self, chosen: Bools, column: int = NUMBER) -> float:
        """Number of the chosen visits, or another of their sums."""
        return float(self.sums[chosen, column].sum())

    def by_hour(self, chosen: Bools) -> Floats:
        """Number of the chosen visits by hour of the week."""
        return sum_by_hour(self.hour[chosen], self.sums[chosen, NUMBER])

    def arrivals_by_hour(self, kind: int | None) -> Floats:
        """Visits of a kind, or of all, by the hour of the week in which they arrived."""
        kinds = slice(None) if kind is None else slice(kind, kind + 1)
        of = self.everyone if kind is None else np.equal(self.kind, kind)
        elsewhere: Floats = self.alike.arrived[kinds].sum(axis=0).astype(np.float64)
        return self.by_hour(of) + elsewhere

    def rows_of(self, chosen: Bools) -> Integers:
        """Where the chosen visits stand among all, in order of arrival."""
        return np.flatnonzero(chosen.take(self.alike.sort))

    def hours_of(self, rows: Integers) -> Integers:
        """The hour of the week to which each of these visits belongs."""
        return self.hour.take(self.alike.sort.take(rows))

    def door_minutes(self, chosen: Bools) -> tuple[Floats, Integers]:
        """Minutes at the door before the opening of the chosen visits, and the hours of these."""
        sorts, minutes = self._door
        mine = chosen.take(sorts)
        return minutes[mine], self.hour.take(sorts[mine])

    @cached_property
    def _door(self) -> tuple[Integers, Floats]:
        """The sort of each visit that waited at the door, and its minutes there."""
        rows = self.rows_of(self.at_door)
        let_in, out = self.stamps.let_in.take(rows), self.stamps.out.take(rows)
        minutes = np.where(np.isnan(let_in), out, let_in) - self.stamps.arrival.take(rows)
        return self.alike.sort.take(rows).astype(np.int64), minutes

    def one_by_one(self, values: Floats, chosen: Bools) -> Floats:
        """Of a value of each visit those of the chosen visits."""
        return values.take(self.rows_of(chosen))

    def waits_by_length(self, chosen: Bools) -> Histogram:
        """The known waits of the chosen visits, of all hours of the week."""
        classes = np.flatnonzero(np.bincount(self.alike.codes[chosen] // HOURS))
        counts = self.alike.short[classes].sum(axis=0)
        ticks = np.flatnonzero(counts)
        short = Histogram(ticks, counts[ticks])
        long = self.alike.long[chosen[self.alike.sort[self.alike.long]]]
        return merge([short, histogram_of(self.stamps.waited[long])]) if len(long) else short

    def waits(self, of: Callable[["Visits"], Bools]) -> Waits:
        """The waits of some of the visits; the same again when asked again."""
        if of not in self._waits:
            chosen = np.flatnonzero(of(self))
            self._waits[of] = Waits(self.hour[chosen], self.sums[chosen])
        return self._waits[of]


@dataclass(frozen=True, eq=False)
class Asked:
    """One service as it was asked for.

    Tables are (kinds, 168), by kind of the visit and hour of the week in which it was asked for.
    """

    number: Floats
    """How often it was asked for."""
    served: Floats
    """How often it was given."""
    had_to_wait: Floats
    """How often it was given after a wait."""
    waited: Floats
    """Sum of the waits for it, where it was given; minutes."""
    wait: Floats
    """Minutes until it began, each time it was asked for; NaN if it never did."""
    minutes: Floats
    """From its beginning to its end; NaN if it did not end."""
    cell: Integers
    """HOURS × the kind of the visit + the hour of the week, each time it was asked for."""


@dataclass(frozen=True, eq=False)
class Overdoses:
    """The overdoses of those visits, one element each; minutes."""

    kind: Integers
    """Of the visit."""
    where: Integers
    room: Integers
    severity: Integers
    hour: Integers
    """Hour of the week of the onset."""
    first: Floats
    """From onset to the first responder; NaN if nobody came."""
    team: Floats
    """From onset to the last of the team; NaN if the team was never complete."""
    watched: Floats
    """From onset to the end of the replication: a later response would not have been seen."""
    others: Floats
    interrupted: Floats

    @property
    def on_site(self) -> Bools:
        """Which began on site."""
        return np.not_equal(self.where, Where.OFF_SITE)


@dataclass(frozen=True, eq=False)
class Shifts:
    """The shifts that ended within the window, added up: an element per role and rota line."""

    role: Integers
    line: Integers
    absent: Floats
    """How many went unfilled."""
    worked: Floats
    """How many the person came to."""
    late: Floats
    """How many of these ended late."""
    overtime: Floats
    """Minutes."""
    rostered: Floats
    """Minutes of those worked that began within the window too, so that all work was counted."""
    duties: Mapping[Duty, Floats]
    """Minutes of work in these by duty, overtime included."""
    breaks_due: Floats
    breaks_deferred: Floats
    breaks_missed: Floats
    stretches: Floats
    """In how many of those worked the longest time without a break is known."""
    longest_stretch: Floats
    """The sum of these; minutes."""


@dataclass(frozen=True, eq=False)
class Closings:
    """One element per closing of the site within the window."""

    late: Floats
    """Minutes from closing until the last of those who were inside was out."""
    inside: Floats
    """People inside at closing."""


@dataclass(frozen=True, eq=False)
class Facts:
    """One replication as the figures need it."""

    window: Window
    visits: Visits
    services: tuple[Asked, ...]
    """One per service of the scenario."""
    overdoses: Overdoses
    shifts: Shifts
    closings: Closings
    hours: Mapping[Key, Floats]
    """Integral of each quantity by hour of the week."""
    peaks: Mapping[Key, float]
    """Highest value of each quantity."""
    exposure: Floats
    """Minutes counted in each hour of the week."""
    histograms: Mapping[SampleRow, Histogram] = field(default_factory=dict)
    """The durations of which quantiles are reported."""

    def total(self, by: str, name: str) -> float:
        """Integral of a quantity over the whole window."""
        return float(self.hours[by, name].sum())
