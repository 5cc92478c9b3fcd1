"""The same people for many designs of a site, drawn once."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sim.scenario.model.scenario import Scenario
from sim.visitors.draw import draw
from sim.visitors.site import absences
from sim.visitors.streams import Streams
from sim.visitors.visitors import Visitors

KEPT = 48
"""Drawn replications that are held at a time: some 4 MB each at a large site."""
_OF_THE_DESIGN: dict[str, Any] = {
    **dict.fromkeys(("name", "title", "description", "targets", "design", "uncertainty"), True),
    **dict.fromkeys(("staff", "supervision", "waiting_area", "aftercare"), True),
    "rooms": {"__all__": {"places", "hours", "dates", "reach"}},
    "opening": {"last_entry", "wait_at_door", "queue_at_close", "at_close"},
}
"""What of a scenario chance knows nothing of, but for the absence of staff. It does know the site's
opening hours and dates: they say when a crowd at the opening comes, and all of demand that follows
them."""


@dataclass(frozen=True)
class Crowd:
    """All that decides who comes and what they will do; equal where that is equal."""

    digest: str
    scenario: Scenario = field(compare=False)
    """Any scenario that they come to."""

    @classmethod
    def of(cls, scenario: Scenario) -> "Crowd":
        """The people who come to a scenario."""
        data = scenario.model_dump_json(by_alias=True, exclude=_OF_THE_DESIGN)
        return cls(sha256(data.encode()).hexdigest(), scenario)

    def meets(self, scenario: Scenario, seed: int, replication: int) -> Visitors:
        """As `draw`, for a scenario to which this crowd comes: the very same visitors.

        Args:
            scenario: one whose crowd this is; its staff may be others.
            seed: the study's.
            replication: from 0.
        """
        return to_site(_drawn(self, seed, replication), scenario, seed, replication)


def to_site(drawn: Visitors, scenario: Scenario, seed: int, replication: int) -> Visitors:
    """Visitors who were drawn for a site, as they come to another one of the same crowd."""
    return replace(drawn, absent=absences(scenario, Streams(seed, replication)))


@lru_cache(maxsize=KEPT)
def _drawn(crowd: Crowd, seed: int, replication: int) -> Visitors:
    return draw(crowd.scenario, seed, replication)
