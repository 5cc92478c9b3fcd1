"""What a site costs beside its staff, and in which currency."""

from collections.abc import Collection, Iterator

from pydantic import Field

from sim.scenario.errors.problem import did_you_mean
from sim.scenario.model.base import Currency, Frozen, Money, Name

Finding = tuple[tuple[str | int, ...], str]
"""A path in the scenario, and what is wrong there."""

USUAL_CURRENCY = "EUR"
"""Where the scenario names none."""


class SiteCosts(Frozen):
    """What a site costs beside its staff, whose hours have their costs in `staff.roles`."""

    place: dict[Name, Money] = Field(default_factory=dict, max_length=50)
    """Cost of one place for a year, by room."""
    opening_hour: Money | None = None
    """Cost of an hour of opening, beside the staff; without it none is counted."""

    def with_others(self, others: "SiteCosts") -> "SiteCosts":
        """The costs of both; these where both say something."""
        hour = others.opening_hour if self.opening_hour is None else self.opening_hour
        return SiteCosts(place={**others.place, **self.place}, opening_hour=hour)


class Costs(SiteCosts):
    """What a site costs beside its staff; changes no simulation."""

    currency: Currency | None = None
    """Currency of the costs, EUR without it. With staff it is `staff.currency`, and here the same
    or left out."""


MOVED = (
    "design.costs has moved: write it as `costs:` at the top of the scenario, where run, compare, "
    "sweep and size read it; it still counts where it is"
)
"""A word to who has them where they stood before."""


def cost_misfits(
    costs: Costs, before: SiteCosts, rooms: Collection[str], paid: str | None
) -> Iterator[Finding]:
    """Rooms that do not exist, two currencies, and what is said in both places.

    Args:
        costs: those at the top of the scenario.
        before: those of its design block.
        rooms: names of its rooms.
        paid: the currency of the staff, if there are any.
    """
    for path, stated in ((("costs",), costs), (("design", "costs"), before)):
        for room in stated.place:
            if room not in rooms:
                known = did_you_mean(room, list(rooms)) or f"; known: {', '.join(rooms) or 'none'}"
                yield (*path, "place", room), f"is not a room of this scenario{known}"
    both: list[tuple[str, ...]] = [("place", room) for room in costs.place if room in before.place]
    if costs.opening_hour is not None and before.opening_hour is not None:
        both.append(("opening_hour",))
    for keys in both:
        name = ".".join(keys)
        yield ("costs", *keys), f"is also given as design.costs.{name}; keep this one"
        yield ("design", "costs", *keys), f"is also given as costs.{name}; leave it out here"
    if paid is not None and costs.currency not in (None, paid):
        message = (
            f"is {costs.currency}, but staff.currency is {paid}, and a site has one currency: "
            f"leave it out here, or write `currency: {costs.currency}` under `staff`"
        )
        yield ("costs", "currency"), message
