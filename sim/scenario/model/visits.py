"""Visit kinds: what people come for, and how each kind behaves."""

from typing import Self

from pydantic import Field, model_validator

from sim.scenario.model.base import Count, Factor, Frozen, Minutes, Name, Rank, Share
from sim.scenario.model.distributions import Distribution

MOST_ROOMS, MOST_KINDS, MOST_SERVICES, MOST_ROLES = 20, 50, 20, 20
"""Of one site."""


class CheckInTimes(Frozen):
    """How long registration takes."""

    known: Distribution
    """Minutes for someone who is registered."""
    first_visit: Distribution | None = None
    """Minutes for someone's first visit."""
    first_visit_share: Share = 0.0
    """Share of visits that are a first visit."""

    @model_validator(mode="after")
    def _first_visits_have_a_duration(self) -> Self:
        if self.first_visit_share > 0 and self.first_visit is None:
            raise ValueError("has a first_visit_share but no first_visit duration")
        return self

    def mean(self) -> float:
        """Mean minutes of a check-in."""
        first = self.first_visit.mean() if self.first_visit is not None else 0.0
        return self.known.mean() * (1 - self.first_visit_share) + first * self.first_visit_share


class Balking(Frozen):
    """Who turns round at the door on seeing the queue."""

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
    aftercare: AftercareUse | None = None
    """Use of aftercare after the stay."""
    overdose: OverdoseRisk | None = None
    """Overdose risk; without it none."""
    switch: ModeSwitch | None = None
    """Accepting another room after a long wait."""

    @model_validator(mode="after")
    def _rooms_go_with_a_stay(self) -> Self:
        if self.rooms and self.stay is None:
            raise ValueError("uses a room but gives no stay")
        if not self.rooms:
            for field in ("stay", "overdose", "switch", "aftercare"):
                if getattr(self, field) is not None:
                    raise ValueError(f"gives {field} but uses no room")
            if not self.services:
                raise ValueError("uses neither a room nor a service; give rooms or services")
        if len(set(self.rooms)) < len(self.rooms):
            raise ValueError(f"names a room twice: {', '.join(self.rooms)}")
        return self
