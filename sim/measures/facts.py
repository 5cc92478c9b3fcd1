"""What the figures are computed from: the counted part of a log, with what is asked of it ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sim.log import Duty, Outcome, Where
from sim.measures.histogram import Histogram
from sim.measures.series import Key
from sim.measures.steps import Bools, Floats, Integers, Window, sum_by_hour

REFUSED = (Outcome.CLOSED, Outcome.NO_SPACE, Outcome.BALKED)
"""Outcomes of those who were not let in."""
UNSERVED = (Outcome.RENEGED, Outcome.BALKED, Outcome.NO_SPACE, Outcome.DISMISSED_AT_CLOSE)
"""Outcomes of those who came while the doors were open and got nothing."""


@dataclass(frozen=True)
class SampleRow:
    """A set of durations of which quantiles are reported."""

    metric: str
    by: str


@dataclass(frozen=True, eq=False)
class Waits:
    """The waits of some visits, as far as they are known."""

    hour: Integers
    """Hour of the week of the arrival."""
    minutes: Floats

    @cached_property
    def number_by_hour(self) -> Floats:
        """How many there are, by hour of the week."""
        return sum_by_hour(self.hour)

    @cached_property
    def minutes_by_hour(self) -> Floats:
        """The sum of their minutes, by hour of the week."""
        return sum_by_hour(self.hour, self.minutes)


@dataclass(frozen=True, eq=False)
class Visits:
    """The visits that arrived within the window, one element each; minutes."""

    kind: Integers
    client: Integers
    """Who it is; -1 for unknown."""
    day: Integers
    """Day of the arrival."""
    hour: Integers
    """Hour of the week of the arrival."""
    outcome: Integers
    room: Integers
    """Room entered; -1 for none."""
    first_choice: Integers
    """Room that the kind prefers; -1 for none."""
    waited: Floats
    check_in_wait: Floats
    """From arrival to the start of check-in; NaN for those who had none."""
    place_wait: Floats
    """From joining the queue for a place to entering one; NaN for those who did not."""
    in_place: Floats
    """From entering a place to leaving it; NaN for those who did not."""
    on_site: Floats
    """From arrival to leaving the site."""
    _waits: dict[Callable[["Visits"], Bools], Waits] = field(default_factory=dict)

    @cached_property
    def let_in(self) -> Bools:
        """Who was let in."""
        return ~np.isin(self.outcome, REFUSED)

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

    def by_hour(self, chosen: Bools) -> Floats:
        """Number of the chosen visits by hour of the week."""
        return sum_by_hour(self.hour.take(np.flatnonzero(chosen)))

    def waits(self, of: Callable[["Visits"], Bools]) -> Waits:
        """The waits of some of the visits; the same again when asked again."""
        if of not in self._waits:
            chosen = np.flatnonzero(of(self) & ~np.isnan(self.waited))
            self._waits[of] = Waits(self.hour.take(chosen), self.waited.take(chosen))
        return self._waits[of]


@dataclass(frozen=True, eq=False)
class Asked:
    """One service: an element for each of those visits that asked for it; minutes."""

    kind: Integers
    """Of the visit."""
    hour: Integers
    """Hour of the week in which it was asked for."""
    wait: Floats
    """Until it began; NaN if it never did."""
    minutes: Floats
    """From its beginning to its end; NaN if it did not end."""


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
    """One element per person and shift that ended within the window; minutes."""

    role: Integers
    line: Integers
    rostered: Floats
    worked: Bools
    """The person came."""
    whole: Bools
    """The shift began within the window too, so that all its work was counted."""
    overtime: Floats
    duties: Mapping[Duty, Floats]
    """Work by duty, overtime included."""
    breaks_due: Floats
    breaks_deferred: Floats
    breaks_missed: Floats
    longest_stretch: Floats


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
