"""Staff: roles, shifts, breaks, and the response to an overdose."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.errors.told import told
from sim.scenario.model.base import (
    USUAL_CURRENCY,
    Count,
    Currency,
    CycleWeeks,
    Factor,
    Frozen,
    Label,
    Money,
    Name,
    People,
    PositiveMinutes,
    Share,
    Spread,
    Switch,
    WeekHours,
)
from sim.scenario.model.dates import Dates, OnHolidays
from sim.scenario.model.durations import Distribution
from sim.scenario.model.hours import DAYS, Clock, EndClock, ShiftEnd, Weekdays, check_from_to
from sim.scenario.model.site import MOST_ROLES

MOST_OF_A_TEAM = 10
"""People who meet one overdose."""


class Role(Frozen):
    """A staff role."""

    cost_per_hour: Money = 0.0
    """Cost of a rostered hour, in `currency`."""
    contract_hours: WeekHours = 37.0
    """Hours per week of a full-time post. 37 is the Danish norm."""
    headroom: Share = Field(default=0.22, le=0.99)
    """Share of contract hours lost to leave, sickness and training. 0.22 is an assumption."""


class Unsocial(Frozen):
    """Hours that cost more, such as nights and Sundays."""

    days: Weekdays = (0, 1, 2, 3, 4, 5, 6)
    """Weekdays on which they start."""
    start: Clock = Field(alias="from")
    """First minute."""
    end: ShiftEnd = Field(alias="to")
    """Until; past midnight is written `07:00 next day`."""
    holidays: OnHolidays | None = None
    """Whether they are so on public holidays (`holidays`): `also` then, `never`, or `only` then;
    also if not given."""
    multiplier: Factor
    """Cost as a multiple of the ordinary hour; the highest that applies is used."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        check_from_to(self.start, self.end)
        return self


class Break(Frozen):
    """A break within a shift."""

    length: PositiveMinutes
    """Minutes."""
    earliest: Clock = Field(alias="from")
    """Start of the window in which it may begin."""
    latest: EndClock = Field(alias="to")
    """End of the window: then it begins as soon as the task in hand ends. The same as its start
    for a break at a stated time."""
    minimum_left: Count = 0
    """Others who must be present for it to begin within the window: of the same role, or of those
    of `minimum_left_of`."""
    minimum_left_of: tuple[str, ...] = Field(default=(), max_length=MOST_ROLES)
    """Roles of which `minimum_left` counts the others, together, such as `[nurse, social worker]`;
    none means the person's own role."""
    recallable: Switch = True
    """An overdose may end it when nobody else is free."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.earliest != self.latest:
            check_from_to(self.earliest, self.latest)
        return self


class Shift(Frozen):
    """One line of the rota."""

    role: str
    """One of the roles."""
    start: Clock = Field(alias="from")
    """Start of the shift."""
    end: ShiftEnd = Field(alias="to")
    """End of the shift; past midnight is written `07:00 next day`."""
    days: Weekdays = (0, 1, 2, 3, 4, 5, 6)
    """Weekdays on which it starts."""
    count: People = 1
    """How many people."""
    name: Label = ""
    """What the shift is called, such as `evening`; otherwise it is named by its hours."""
    weeks: tuple[CycleWeeks, ...] = Field(default=(), max_length=104)
    """Weeks of the rota's cycle in which it is worked, from 1; none means every week."""
    dates: Dates = ()
    """Dates on which it starts, such as `2026-06-08 to 2026-06-14`, in place of days and weeks; it
    is worked on no other day."""
    holidays: OnHolidays | None = None
    """Whether it is worked on public holidays (`holidays`): `also` then, `never`, or `only` then,
    on those that fall on its weekdays; `staff.holidays` if not given."""
    breaks: tuple[Break, ...] = Field(default=(), max_length=10)
    """Breaks, one of each for every person on the shift."""
    people: tuple[Name, ...] | None = None
    """Names of those who work it, as many as `count`; the same on all its days. Lines that touch
    or overlap are one working day of whoever is named in both. Rest and working time can be
    checked only where there are names."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        check_from_to(self.start, self.end)
        return self

    @model_validator(mode="after")
    def _dates_or_days(self) -> Self:
        if self.dates and (len(self.days) < len(DAYS) or self.weeks):
            raise ValueError(
                told(
                    "gives_dates_and_days_or_weeks_give",
                    "gives dates, and days or weeks; give dates alone, or days and weeks",
                )
            )
        return self

    @model_validator(mode="after")
    def _everybody_is_named_once(self) -> Self:
        if self.people is not None:
            if len(self.people) != self.count:
                raise ValueError(
                    told(
                        "names_people_but_its_count_is",
                        "names {number} people, but its count is {count}",
                        number=len(self.people),
                        count=self.count,
                    )
                )
            if len(set(self.people)) < len(self.people):
                raise ValueError(
                    told(
                        "names_somebody_twice",
                        "names somebody twice: {listed}",
                        listed=", ".join(self.people),
                    )
                )
        return self


class Staff(Frozen):
    """Who works here, and when."""

    roles: dict[Name, Role] = Field(max_length=MOST_ROLES)
    """The roles."""
    rota: tuple[Shift, ...] = Field(max_length=2_000)
    """The shifts."""
    cycle_weeks: CycleWeeks = 1
    """After how many weeks the rota repeats."""
    end_of_shift: Literal["finish", "finish_pooled", "hand_over"] = "finish"
    """People whose shift ends finish the task in hand (`finish`); the same, and nobody of the
    role starts a task until no more are busy than are on duty (`finish_pooled`); or hand the
    task over (`hand_over`). An overdose response is always finished."""
    stay_until_empty: Switch = True
    """Whoever is on duty at closing stays as long as somebody inside needs them, in overtime: for
    supervision, for an overdose, for a check-in, service or cleaning. With `false` they go when
    their shift ends, whoever is inside."""
    begin_late: Switch = True
    """Whether a task is begun that would end after the person's shift; a response always is."""
    break_when: Literal["when_no_work_waits", "as_soon_as_covered"] = "when_no_work_waits"
    """Within its window a break begins when nothing waits that the person could do
    (`when_no_work_waits`), or whatever waits, once `minimum_left` others are present
    (`as_soon_as_covered`)."""
    holidays: Literal["also", "never"] | None = None
    """Whether the rota is worked on public holidays (`holidays`), where a line does not say: `also`
    then, if not given, or `never`."""
    absence: Share = 0.0
    """Chance that a person misses a shift and is not replaced."""
    unsocial: tuple[Unsocial, ...] = Field(default=(), max_length=100)
    """Hours that cost more."""
    currency: Currency = USUAL_CURRENCY
    """Currency of all costs, for the report."""

    @model_validator(mode="after")
    def _weeks_within_the_cycle(self) -> Self:
        for number, shift in enumerate(self.rota):
            if beyond := [week for week in shift.weeks if week > self.cycle_weeks]:
                raise ValueError(
                    told(
                        "rota_line_names_week_but_the_rota",
                        "rota line {number} names week {beyond}, but the rota repeats after "
                        "{cycle_weeks} (cycle_weeks)",
                        number=number,
                        beyond=beyond[0],
                        cycle_weeks=self.cycle_weeks,
                    )
                )
        return self


class Clustering(Frozen):
    """Overdoses come in clusters, as with a bad batch: one gamma factor on risk per period."""

    period: Literal["week", "month"] = "month"
    """How long a factor holds: a week, or 30 days."""
    cv: Spread
    """Coefficient of variation of the factor, whose mean is 1."""


class Severity(Frozen):
    """One degree of overdose and what it takes."""

    share: Share
    """Share of overdoses."""
    team: tuple[Annotated[tuple[str, ...], Field(max_length=MOST_ROLES)], ...] = Field(
        max_length=MOST_OF_A_TEAM
    )
    """One list of roles per member of staff needed: `[[nurse], [social worker, nurse]]`."""
    intensive: Distribution
    """Minutes of the intensive phase, with the whole team."""
    observation: Distribution | None = None
    """Minutes of observation afterwards, in aftercare if a seat is free, else in the place."""
    observers: Count = 0
    """How many of the team stay for the observation."""
    ambulance: Distribution | None = None
    """If an ambulance is called: minutes until it takes the person away, from the response's
    start. Until then the person is observed; afterwards the visit ends."""

    @model_validator(mode="after")
    def _observers_come_from_the_team(self) -> Self:
        if self.observers > len(self.team):
            raise ValueError(
                told(
                    "keeps_observers_of_a_team_of",
                    "keeps {observers} observers of a team of {number}",
                    observers=self.observers,
                    number=len(self.team),
                )
            )
        return self


class OverdoseResponse(Frozen):
    """How an overdose is met."""

    severities: dict[Name, Severity] = Field(max_length=20)
    """Degrees of overdose, by name; their shares add to 1."""
    start: Literal["first_responder", "full_team"] = "first_responder"
    """The intensive phase begins when the first, or the last, of the team arrives."""
    preempts: Switch = True
    """Whether staff leave other tasks for it when too few are free."""
    clustering: Clustering | None = None
    """Periods of higher and lower risk."""
