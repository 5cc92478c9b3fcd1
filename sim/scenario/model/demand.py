"""Who comes and when: rates, special days, groups, clients, or a list of arrivals."""

from datetime import date
from math import prod
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.model.base import (
    ROUNDING,
    Clientele,
    Day,
    Factor,
    Frozen,
    GroupSize,
    Instant,
    Label,
    Minutes,
    PositiveFactor,
    PositiveVisits,
    Share,
    Spread,
    Visits,
    Weight,
)
from sim.scenario.model.dates import HolidayDemand
from sim.scenario.model.hours import DAY, DAYS, HOURS_OF_WEEK, DayName

DayOfMonth = Annotated[int, Field(strict=True, ge=1, le=31)]

ShapeName = Literal["daytime", "city-day", "long-hours", "small-town"]
SHAPES: dict[ShapeName, tuple[float, ...]] = {
    # Busiest 16-19 h of 8-20 h, Frankfurt; height 1.4 times the mean, assumption.
    "daytime": (0.6, 0.8, 1.0, 1.0, 1.1, 1.1, 1.1, 1.1, 1.4, 1.4, 1.4, 0.6),
    # An hour each of 10-22 h: two fifths of the day at 16-19 h, Frankfurt; height an assumption.
    "city-day": (0.6, 0.6, 1.1, 1.1, 1.1, 1.1, 1.7, 1.7, 1.7, 1.0, 0.6, 0.6),
    # An hour each of 06-05 h: nearly level, a third of the day by night as at Skyen.
    "long-hours": (*(0.9,) * 3, *(1.0,) * 7, *(1.15,) * 6, 1.1, 1.1, *(1.2,) * 5),
    # An hour each of 9-16 h; assumption.
    "small-town": (1.2, 1.0, 1.0, 1.0, 1.2, 1.1, 0.5),
}
"""Weights from a day's first opening to its last closing, equal parts of that time; a new shape
is a name above and its weights here."""
ROUND_THE_CLOCK: dict[ShapeName, tuple[float, ...]] = {
    # The hour at which such a site is cleaned, 5-6 h, is as the one before it.
    "long-hours": (*(1.2,) * 6, *(0.9,) * 3, *(1.0,) * 7, *(1.15,) * 6, 1.1, 1.1),
}
"""Weights from midnight to midnight where the door never shuts, of shapes that know the night;
the others are stretched from midnight to midnight there."""

Weights = Annotated[tuple[Weight, ...], Field(max_length=DAY)]
MOST_ARRIVALS = 500_000
"""Visits that a list may have."""
_LEAST_WEIGHT = 1e-6
"""Of all weights of a profile together: below, they cannot be told from zeros."""


class Shape(Frozen):
    """A profile that is tied to the opening hours."""

    shape: ShapeName
    """Which one. It runs from a day's first opening to its last closing."""

    @property
    def weights(self) -> tuple[float, ...]:
        """How busy each of equal parts of the opening hours is; only proportions count."""
        return SHAPES[self.shape]

    @property
    def round_the_clock(self) -> tuple[float, ...]:
        """The same of a day from midnight to midnight on which the door never shuts."""
        return ROUND_THE_CLOCK.get(self.shape, self.weights)


UNKNOWN = "unknown"
"""How many of those who come are not served."""
MOST_UNSERVED = 0.8
"""Of all visits: a site that serves one in five has other worries than its size."""
_QUEUES = 0.05
"""Share of visits not served above which a site is one at which people queue."""
UnservedShare = Annotated[float, Field(strict=True, ge=0, le=MOST_UNSERVED)]


class Found(Frozen):
    """A share that was unknown, as it was found by playing the site as its file describes it."""

    found: UnservedShare
    """Share of visits that are not served."""


class SpecialDays(Frozen):
    """Days on which more (or fewer) people come, such as benefit-payment days."""

    name: Label
    """What the days are, for the report."""
    dates: tuple[Day, ...] = Field(default=(), max_length=500)
    """The days, as dates."""
    days_of_month: tuple[DayOfMonth, ...] = Field(default=(), max_length=31)
    """The days, as days of every month: `[1, 2, 3]`."""
    visits: Factor = 1.0
    """Visits on such a day, as a multiple of an ordinary day."""
    overdoses: Factor = 1.0
    """Overdose risk per use on such a day, as a multiple of an ordinary day."""

    @model_validator(mode="after")
    def _some_day(self) -> Self:
        if not self.dates and not self.days_of_month:
            raise ValueError(
                told("names_no_day_give_dates_or_days", "names no day; give dates or days_of_month")
            )
        return self

    def falls_on(self, day: date) -> bool:
        """Whether this is one of the days."""
        return day in self.dates or day.day in self.days_of_month


class Clients(Frozen):
    """The people behind the visits: how many, and how unequally they come."""

    number: Clientele
    """How many different people use the site over the horizon."""
    sigma: Spread = 1.8
    """Spread of use between them: sigma of a lognormal (1.8 fits Porto's published use)."""


class Arrival(Frozen):
    """One visit at a given time, for replaying a log or checking by hand."""

    at: Instant
    """Minutes after midnight of the first day."""
    kind: str
    """One of the scenario's visit kinds."""
    stay: Minutes | None = None
    """This visit's stay, minutes, instead of one drawn for its kind."""
    patience: Minutes | None = None
    """This visit's patience, minutes, instead of one drawn for its kind."""


def _none_is_none(value: object) -> object:
    return {} if value is None else value


WeekdayFactors = Annotated[
    dict[DayName, Factor],
    BeforeValidator(_none_is_none, json_schema_input_type=dict[DayName, Factor] | None),
]
"""Factors per weekday; null for none."""


class Demand(Frozen):
    """How many visits come, and when.

    Give exactly one of `visits_per_day` or `served_per_day` (with `profile`), `week` or `arrivals`.
    """

    visits_per_day: PositiveVisits | None = None
    """Mean visits on an ordinary day, whether or not the site is open when they come."""
    served_per_day: PositiveVisits | None = None
    """Mean visits that were served on an ordinary day, as a register counts them. More came where
    people had to queue: `unserved` says how many more."""
    unserved: Literal["unknown"] | UnservedShare | Found | None = None
    """Beside `served_per_day`: the share of visits that were not served, who left, were turned
    away or came after last entry. `unknown`: as many come as it takes that so many are served;
    found once by play, of the site as its file describes it, and then held."""
    profile: Literal["flat"] | ShapeName | Weights | Shape | None = None
    """Weights over the day, from midnight: 24 hourly ones, or any number that divides a day
    into whole minutes (48, 96, 288). Only their proportions count. `flat` is the same all day.
    `daytime`, `city-day`, `long-hours` and `small-town` are shapes, `city-day` being short for
    `{shape: city-day}`: tied to the opening hours, they run from a day's first opening to its
    last closing, and on a day that is closed nobody comes."""
    weekday: WeekdayFactors = Field(default_factory=dict)
    """Factors per weekday; a day that is not named has 1. `null` undoes those of a file that is
    extended, as where `week` takes the place of a profile."""
    week: tuple[Visits, ...] | None = None
    """Visits per hour in each of the 168 hours of the week, Monday 00:00 first;
    or `{file: table.csv}` with columns hour_of_week (0-167) and visits_per_hour."""
    arrivals: tuple[Arrival, ...] | None = Field(default=None, max_length=MOST_ARRIVALS)
    """The visits themselves; or `{file: log.csv}` with columns at, kind and, if wanted,
    stay and patience."""
    factor: PositiveFactor = 1.0
    """Multiplies all rates: 1.25 is a quarter more visits."""
    day_to_day_cv: Spread = 0.0
    """How much days differ beyond chance: CV of a gamma factor with mean 1, one per day."""
    special_days: tuple[SpecialDays, ...] = Field(default=(), max_length=20)
    """Days with other demand or risk."""
    holidays: HolidayDemand | None = None
    """How public holidays (`holidays`) differ: `{visits: 0.7}`."""
    groups: dict[GroupSize, Share] = Field(default_factory=lambda: {1: 1.0}, max_length=1_000)
    """Share of arrivals that are groups of 1, 2, 3 … people; visits per day stay the same."""
    crowd_at_opening: Share = 0.0
    """Share of the visits of a day that are at the door when it opens (each such visit comes
    at the next opening of that day instead of at its own time)."""
    clients: Clients | None = None
    """The people behind the visits; without it visits are not tied to people."""

    @field_validator("profile")
    @classmethod
    def _divides_the_day(
        cls, profile: Literal["flat"] | ShapeName | tuple[float, ...] | Shape | None
    ) -> Literal["flat"] | tuple[float, ...] | Shape | None:
        if isinstance(profile, str) and profile != "flat":
            return Shape(shape=profile)
        if isinstance(profile, tuple):
            if not profile or DAY % len(profile):
                raise ValueError(
                    told(
                        "has_weights_give_24_one_per_hour",
                        "has {number} weights; give 24 (one per hour), 48, 96 or 288",
                        number=len(profile),
                    )
                )
            if sum(profile) < _LEAST_WEIGHT:
                raise ValueError(
                    told(
                        "has_only_zeros_at_least_one_hour",
                        "has only zeros; at least one hour must have demand",
                    )
                )
        return profile

    @field_validator("week")
    @classmethod
    def _whole_week(cls, week: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if week is not None and len(week) != HOURS_OF_WEEK:
            raise ValueError(
                told(
                    "has_values_give_168_one_per_hour",
                    "has {number} values; give 168, one per hour from Monday 00:00",
                    number=len(week),
                )
            )
        return week

    @field_validator("groups")
    @classmethod
    def _shares_of_one(cls, groups: dict[int, float]) -> dict[int, float]:
        if abs(sum(groups.values()) - 1) > ROUNDING:
            raise ValueError(
                told(
                    "shares_add_to_they_must_add_to",
                    "shares add to {sum:g}; they must add to 1",
                    sum=sum(groups.values()),
                )
            )
        return groups

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        given = [
            name
            for name in ("visits_per_day", "served_per_day", "week", "arrivals")
            if getattr(self, name) is not None
        ]
        if len(given) != 1:
            raise ValueError(
                told(
                    "gives_demand",
                    "gives {given}; give exactly one of visits_per_day, served_per_day, week and "
                    "arrivals",
                    given=Listed.of(map(Written, given), "and")
                    if given
                    else told("no_demand", "no demand"),
                )
            )
        by_day = given[0] in ("visits_per_day", "served_per_day")
        if by_day and self.profile is None:
            raise ValueError(
                told(
                    "has_without_profile_give_city_day_flat",
                    "has {given} without profile; give city-day, flat or 24 weights",
                    given=given[0],
                )
            )
        if not by_day and self.profile is not None:
            raise ValueError(
                told(
                    "has_a_profile_beside_a_profile_shapes",
                    "has a profile beside {given}; a profile shapes visits a day only",
                    given=given[0],
                )
            )
        if (given == ["served_per_day"]) != (self.unserved is not None):
            raise ValueError(
                told(
                    "has_served_per_day_without_unserved_the",
                    "has served_per_day without unserved, the share who came and were not "
                    "served; give unserved: unknown, or a share such as 0.2",
                )
                if self.unserved is None
                else told(
                    "has_unserved_beside",
                    "has unserved beside {given}; it is for served_per_day only",
                    given=given[0],
                )
            )
        if given == ["week"] and self.weekday:
            raise ValueError(
                told(
                    "has_weekday_beside_week_week_already_tells",
                    "has weekday beside week; week already tells the days apart",
                )
            )
        return self

    @property
    def shape(self) -> Shape | None:
        """The shape that the profile is, if it is tied to the opening hours."""
        return self.profile if isinstance(self.profile, Shape) else None

    def visit_factor(self, on: date) -> float:
        """What special days that fall on a day multiply its visits by."""
        return prod((one.visits for one in self.special_days if one.falls_on(on)), start=1.0)

    def overdose_factor(self, on: date) -> float:
        """What special days that fall on a day multiply the risk of overdose by."""
        return prod((one.overdoses for one in self.special_days if one.falls_on(on)), start=1.0)

    @property
    def is_unknown(self) -> bool:
        """Whether it is still to be found how many come, so that nothing can be played."""
        return self.unserved == UNKNOWN

    @property
    def share_unserved(self) -> float:
        """Share of visits that are not served, beside `served_per_day`; 0 while it is unknown."""
        if isinstance(self.unserved, Found):
            return self.unserved.found
        return self.unserved if isinstance(self.unserved, float) else 0.0

    @property
    def times_served(self) -> tuple[float, float, float]:
        """How many times as many come as are served: so many, and the range of it.

        Where one in twenty or more is not served, people queue, and how many leave is the least
        known of all; nobody has published it.
        """
        times = 1 / (1 - self.share_unserved)
        usual = 1.5 if self.share_unserved > _QUEUES else 1.1
        return times, 1.0, max(usual, times)

    @property
    def visits_a_day(self) -> float | None:
        """Mean visits on an ordinary day; None unless they follow a profile.

        While it is unknown how many come, those who are served: there are no fewer.
        """
        if self.served_per_day is not None:
            return self.served_per_day / (1 - self.share_unserved)
        return self.visits_per_day

    def visits_of_weekday(self, weekday: int) -> float:
        """Mean visits of an ordinary day, when they follow a profile."""
        assert self.visits_a_day is not None  # the caller has looked
        return self.visits_a_day * self.weekday.get(DAYS[weekday], 1.0) * self.factor

    def rates_of_weekday(self, weekday: int) -> tuple[float, ...]:
        """Visits per hour over an ordinary day, in equal steps from midnight; empty if listed.

        A profile that is tied to the opening hours needs them: see `derived.calendar`.
        """
        assert self.shape is None
        if self.week is not None:
            rates = self.week[weekday * 24 : weekday * 24 + 24]
        elif self.visits_a_day is not None:
            weights = self.profile if isinstance(self.profile, tuple) else (1.0,) * 24
            per_hour = self.visits_a_day * self.weekday.get(DAYS[weekday], 1.0) / 24
            mean_weight = sum(weights) / len(weights)
            rates = tuple(per_hour * weight / mean_weight for weight in weights)
        else:
            return ()
        return tuple(rate * self.factor for rate in rates)
