"""What a rota must be like: who is wanted when, which shifts are allowed, what the law demands.

Nothing here changes what is simulated. It is what `rota need`, `rota plan`, `rota check` and the
stress tests of `compare` go by.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.errors.told import told
from sim.scenario.model.base import (
    Chance,
    Count,
    CycleWeeks,
    DayHours,
    Factor,
    Frozen,
    Label,
    Minutes,
    Name,
    PositiveCount,
    PositiveFactor,
    PositiveMinutes,
    Share,
    Switch,
    WeekHours,
)
from sim.scenario.model.hours import DAY, HOUR, Clock, Weekdays
from sim.scenario.model.site import MOST_ROLES


class Need(Frozen):
    """How many staff are enough: the chances that must not be exceeded in any hour."""

    waiting: Chance = 0.2
    """Share of the tasks asked for in an hour that have to wait for staff. 0.2 is an assumption."""
    unwatched: Chance = 0.05
    """Chance that more places are in use than the staff present can watch. 0.05 is an
    assumption."""
    overdose: Chance = 0.05
    """Chance that an overdose finds too few staff who are not at another one. 0.05 is an
    assumption."""


class AllowedBreak(Frozen):
    """A break of an allowed shift, in time after the shift's start."""

    length: PositiveMinutes
    """Minutes."""
    after: Minutes
    """Start of the window in which it may begin, after the shift's start."""
    before: Minutes
    """End of that window."""
    minimum_left: Count = 0
    """Others of the same role who must be present for it to begin within the window."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.before <= self.after:
            raise ValueError(
                told(
                    "must_begin_after_min_but_before_min",
                    "must begin after {after:g} min but before {before:g} min",
                    after=self.after,
                    before=self.before,
                )
            )
        return self


class AllowedShift(Frozen):
    """Shifts that a plan may use: every start with every length."""

    name: Label = ""
    """What these shifts are called; otherwise they are named by their hours."""
    roles: tuple[str, ...] = Field(default=(), max_length=MOST_ROLES)
    """Roles that may work them; none means every role."""
    lengths: Annotated[tuple[PositiveMinutes, ...], Field(min_length=1, max_length=50)] = (
        8.0 * HOUR,
    )
    """Lengths, such as `[6 h, 8 h]`."""
    starts: tuple[Clock, ...] = Field(default=(), max_length=DAY)
    """When they may start; none means at every full hour."""
    days: Weekdays = (0, 1, 2, 3, 4, 5, 6)
    """Weekdays on which they may start."""
    weeks: tuple[CycleWeeks, ...] = Field(default=(), max_length=104)
    """Weeks of the cycle in which they may be worked, from 1; none means every week."""
    breaks: tuple[AllowedBreak, ...] = Field(default=(), max_length=10)
    """Breaks, one of each for every person."""
    at_most: Share = 1.0
    """Largest share of a role's hours in such shifts: part-time lines are written as an entry of
    their own, with short lengths and, say, `at_most: 0.25`."""

    @model_validator(mode="after")
    def _fits_a_day(self) -> Self:
        for length in self.lengths:
            if length > DAY or length != round(length):
                raise ValueError(
                    told(
                        "min_is_no_length_whole_minutes_at",
                        "{length:g} min is no length; whole minutes, at most 24 h",
                        length=length,
                    )
                )
            for rest in self.breaks:
                if rest.before + rest.length > length:
                    raise ValueError(
                        told(
                            "a_break_of_min_that_begins_up",
                            "a break of {length:g} min that begins up to {before:g} min after the "
                            "start does not fit a shift of {length_2:g} min",
                            length=rest.length,
                            before=rest.before,
                            length_2=length,
                        )
                    )
        if DAY in self.starts:
            raise ValueError(told("starts_at_24_00_write_00_00", "starts at 24:00; write 00:00"))
        return self


class BreakTier(Frozen):
    """How much of breaks longer work must have."""

    over: PositiveMinutes
    """Work of more than this, breaks not counted,"""
    total: PositiveMinutes
    """has breaks of at least so many minutes in all."""


class Limits(Frozen):
    """What a rota must keep to. The figures are those of the Working Time Directive 2003/88/EC.

    `rota_rules.set` names other laws; what is said here goes before theirs.
    """

    longest_shift: PositiveMinutes = 13.0 * HOUR
    """Longest time at work in one go, shifts that touch together: 24 h less the daily rest of 11 h,
    article 3."""
    longest_work: PositiveMinutes | None = None
    """Most work in a working day, breaks not counted. The directive has no such limit."""
    longest_stretch: PositiveMinutes | None = None
    """Longest work without a break. The directive has no such limit."""
    daily_rest: Minutes = 11.0 * HOUR
    """Rest of one person in each 24 h from the beginning of a working day, article 3."""
    weekly_rest: Minutes = 35.0 * HOUR
    """Longest rest in every seven days, at least: 24 h and the daily 11 h, article 5."""
    days_between_rests: PositiveCount | None = None
    """Most days from one weekly rest to the next. The directive has no such limit."""
    week_hours: WeekHours = 48.0
    """Hours a week of one person, mean over the reference period, article 6."""
    reference_weeks: CycleWeeks = 17
    """Reference period of that mean: at most four months, article 16."""
    night_hours: DayHours = 8.0
    """Hours of a night worker in 24 h, mean over the reference period without the weekly day of
    rest, articles 8 and 16."""
    night_from: Clock = Field(default=22 * HOUR, validate_default=False)
    """Night time begins: at least seven hours with those from midnight to 05:00, article 2; that
    it is from 22:00 to 05:00 is an assumption."""
    night_to: Clock = Field(default=5 * HOUR, validate_default=False)
    """Night time ends, on the next day."""
    night_worker: PositiveMinutes = 3.0 * HOUR
    """Who works this much of the night time in the usual shift is a night worker, article 2. Here:
    in at least half of their shifts (assumption)."""
    night_weeks: CycleWeeks | None = None
    """Reference period of the mean hours of a night worker; `reference_weeks` if not given."""
    sunday_rest_weeks: CycleWeeks | None = None
    """For work on a Sunday another day from Monday to Saturday is off within so many weeks that
    include it. The directive has no such limit. Of a rota of dates only."""
    holiday_rest_weeks: CycleWeeks | None = None
    """The same for work on a public holiday (`holidays`) from Monday to Saturday."""
    break_after: PositiveMinutes = 6.0 * HOUR
    """Longer work has a break of at least `shortest_break`, article 4."""
    shortest_break: Minutes = 15.0
    """A shorter one is none. Article 4 leaves the length to each country; 15 min is an
    assumption."""
    breaks: tuple[BreakTier, ...] = Field(default=(), max_length=10)
    """Breaks that longer work must have in all, such as `[{over: 6 h, total: 30 min}]`."""


LAWS: Mapping[str, Mapping[str, object]] = {
    "eu": {},
    "danish": {"days_between_rests": 6},
    "german": {
        "longest_work": 10.0 * HOUR,
        "longest_stretch": 6.0 * HOUR,
        "breaks": ({"over": 6.0 * HOUR, "total": 30.0}, {"over": 9.0 * HOUR, "total": 45.0}),
        "reference_weeks": 24,
        "night_from": "23:00",
        "night_to": "06:00",
        "night_worker": 2.0 * HOUR,
        "night_weeks": 4,
        "sunday_rest_weeks": 2,
        "holiday_rest_weeks": 8,
    },
}
"""Limits of each named law that are not those of the directive. Danish: arbejdsmiljøloven §§ 50 and
51 (a day off in each seven, at most six days between two), arbejdstidsloven §§ 3 to 5. German:
Arbeitszeitgesetz § 2 (night from 23 to 6, over 2 h of it), § 3 (10 h a day, 48 h a week in 24
weeks), § 4 (breaks of 30 min over 6 h and 45 over 9, in pieces of 15; 6 h in one go), § 5 (rest), §
6 (night workers, 4 weeks), § 11 (a day off in place of a Sunday within 2 weeks, of a holiday within
8)."""


class Stress(Frozen):
    """How hard the stress tests of a comparison are."""

    demand: PositiveFactor = 1.25
    """Times as many visits. A quarter more is an assumption."""
    absent_a_day: Factor = 1.0
    """Shifts a day that go unfilled beyond the usual, drawn at random. One is an assumption."""
    overdoses: Factor = 2.0
    """Times the risk of overdose. 1.94 is the month in 20 where risk clusters with a CV of 0.5
    (95 % quantile of that gamma factor); that it is 2 everywhere is an assumption."""
    bad_batch: Factor = 5.0
    """Times the risk of overdose in one week. 5 is an assumption."""


class RotaRules(Frozen):
    """What a rota must be like. Every part may be left out."""

    law: Literal["eu", "danish", "german"] = Field(default="eu", alias="set")
    """Whose limits hold where `limits` says nothing: the directive's, Danish or German law's."""
    minimum: Count = 2
    """Staff of any role who must be present while the site is open: Sydney's MSIC has at least two
    in the injecting room at all times (sydneymsic.com)."""
    at_least: dict[Name, PositiveCount] = Field(default_factory=dict, max_length=MOST_ROLES)
    """Of these roles at least so many, such as `{nurse: 1}`, beside the rules of
    `supervision`."""
    handover: Minutes = 0.0
    """Minutes by which a shift overlaps the next one of the same role. 0 is an assumption."""
    need: Need = Need()
    """How many are enough."""
    shifts: tuple[AllowedShift, ...] = Field(default=(), max_length=50)
    """Shifts that a plan may use; none means that they follow from the site's hours: 6 to 10 h, at
    night and at a site that never closes 8 to 10 h, from half an hour before opening until the
    last person is out. The figures are assumptions."""
    cycle_weeks: CycleWeeks = 1
    """After how many weeks a plan repeats."""
    cover_breaks: Switch = True
    """Whether others must stand in for people on a break. The rules of who must be present hold in
    any case."""
    near: Share = 0.02
    """How much dearer than the cheapest a plan may be that is better in another way. 2 % is an
    assumption."""
    limits: Limits = Limits()
    """What the law demands."""
    stress: Stress = Stress()
    """Stress tests of `compare --stress`."""

    @model_validator(mode="before")
    @classmethod
    def _limits_of_the_law(cls, data: object) -> object:
        """What the named law says goes under what `limits` says."""
        if not isinstance(data, Mapping):
            return data
        law, said = data.get("set", "eu"), data.get("limits", {})
        if not isinstance(law, str) or law not in LAWS or not isinstance(said, Mapping):
            return data
        return {**data, "limits": {**LAWS[law], **said}}

    @model_validator(mode="after")
    def _weeks_within_the_cycle(self) -> Self:
        for shift in self.shifts:
            if beyond := [week for week in shift.weeks if week > self.cycle_weeks]:
                raise ValueError(
                    told(
                        "allows_shifts_in_week_but_a_plan",
                        "allows shifts in week {beyond}, but a plan repeats after {cycle_weeks} "
                        "(cycle_weeks)",
                        beyond=beyond[0],
                        cycle_weeks=self.cycle_weeks,
                    )
                )
        return self
