"""The kinds of visit: which rooms and services they use, how long, and how patient people are."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.scenario.errors.told import told
from sim.scenario.model.base import Count, Factor, Frozen, Minutes, Name, Rank, Share
from sim.scenario.model.durations import Distribution, Exponential
from sim.scenario.model.site import MOST_ROOMS, MOST_SERVICES, MOST_TASKS, CheckInTimes


class Balking(Frozen):
    """Who turns round at the door on seeing the queue, or that no place is free."""

    when_full: Share = 0.0
    """Chance of turning round while no place is free, whether or not anybody waits for one."""
    per_person_ahead: Factor = 0.0
    """Added chance of turning round for each person waiting ahead, per usable place."""
    at_most: Share = 1.0
    """Highest chance."""
    above: Count | None = None
    """Everybody turns round when more than this many wait ahead."""


class OverdoseRisk(Frozen):
    """Overdose risk of one use."""

    per_1000: Factor
    """Overdoses per 1,000 uses, on an ordinary day."""
    onset: Distribution
    """Minutes from the start of the stay to the onset."""


class AftercareUse(Frozen):
    """Use of aftercare by one visit kind."""

    share: Share
    """Share of visits that want aftercare."""
    stay: Distribution
    """Minutes in aftercare."""


class ModeSwitch(Frozen):
    """Accepting another room after a long wait, such as injecting when smoking places are full."""

    after: Minutes
    """Minutes of waiting for a place."""
    probability: Share
    """Share of those still waiting who then accept the other room as well."""
    room: str
    """The other room."""
    stay: Distribution
    """Stay in the other room, minutes."""


Attempts = Annotated[int, Field(strict=True, ge=1, le=100)] | Literal["unlimited"]


class Returns(Frozen):
    """Coming back later of those who got nothing."""

    share: Share
    """Share of them who do."""
    after: Distribution = Exponential(distribution="exponential", mean=60)
    """Minutes until then (assumption, mean 20-180)."""


class VisitKind(Frozen):
    """One kind of visit."""

    share: Share = 1.0
    """Share of all visits."""
    rooms: tuple[str, ...] = Field(default=(), max_length=MOST_ROOMS)
    """Rooms that will do, in order of preference; none for a visit to a service only."""
    stay: Distribution | None = None
    """Minutes in a place, before any time limit of the room."""
    patience: Distribution | None = None
    """Minutes a visitor will queue before leaving; without it nobody leaves the queue."""
    balking: Balking | None = None
    """Turning round at the door; without it nobody does."""
    priority: Rank = 0
    """Lower goes first in the queue for a place; equal ones in order of joining."""
    check_in: CheckInTimes | None = None
    """Registration times of this kind, instead of the desk's."""
    services: dict[Name, Share] = Field(default_factory=dict, max_length=MOST_SERVICES)
    """Services used, with the share of visits that use each."""
    stay_tasks: dict[Name, Share] = Field(default_factory=dict, max_length=MOST_TASKS)
    """Tasks of staff during the stay, with the share of visits that have each."""
    aftercare: AftercareUse | None = None
    """Use of aftercare after the stay."""
    overdose: OverdoseRisk | None = None
    """Overdose risk; without it none."""
    switch: ModeSwitch | None = None
    """Accepting another room after a long wait."""
    returns: Returns | None = None
    """Coming back after getting nothing; without it nobody does. Demand then counts needs, each of
    which may make several visits."""
    attempts: Attempts | None = None
    """Visits that one need makes at most, `unlimited` for any number; 3 without it."""

    @model_validator(mode="after")
    def _rooms_go_with_a_stay(self) -> Self:
        if self.rooms and self.stay is None:
            raise ValueError(told("uses_a_room_but_gives_no_stay", "uses a room but gives no stay"))
        if not self.rooms:
            for field in ("stay", "overdose", "switch", "aftercare", "stay_tasks"):
                if getattr(self, field):
                    raise ValueError(
                        told(
                            "gives_but_uses_no_room", "gives {field} but uses no room", field=field
                        )
                    )
            if not self.services:
                raise ValueError(
                    told(
                        "uses_neither_a_room_nor_a_service",
                        "uses neither a room nor a service; give rooms or services",
                    )
                )
        if len(set(self.rooms)) < len(self.rooms):
            raise ValueError(
                told(
                    "names_a_room_twice",
                    "names a room twice: {listed}",
                    listed=", ".join(self.rooms),
                )
            )
        return self
