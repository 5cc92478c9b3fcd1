"""The scenarios of this folder once more, in Ciw; their numbers are not read but written anew."""

from collections.abc import Callable
from typing import Any, TypeAlias

import ciw

from tests.world.witness.ciw_run import DAY, WEEK, Run, gamma, lognormal, play, weibull

Visitor: TypeAlias = Any
"""Somebody in Ciw, which has no types."""
FOR_EVER = float("inf")
NO_LIMIT = float("inf")


# --- stages ---------------------------------------------------------------------------------------

CHECK_IN, PLACES, AFTERCARE = 1, 2, 3
"""Nodes."""


class OneClock(ciw.dists.Distribution):
    """A patience that begins at the first node; at the second what is left of it."""

    def sample(self, t: float | None = None, ind: Visitor = None) -> float:
        assert t is not None
        if ind.node == CHECK_IN:
            ind.gives_up = t + weibull(20, 1.5).sample()
        return max(0.0, float(ind.gives_up) - t)


def stages(seed: int) -> Run:
    """Three nodes; nobody can wait at the last one, so it blocks the second."""
    return play(
        lambda: ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(280 / DAY), None, None],
            service_distributions=[lognormal(8, 0.5), gamma(30, 0.5), lognormal(40, 0.5)],
            reneging_time_distributions=[OneClock(), OneClock(), None],
            number_of_servers=[2, 5, 3],
            queue_capacities=[NO_LIMIT, NO_LIMIT, 0],
            routing=[[0.0, 1.0, 0.0], [0.0, 0.0, 0.7], [0.0, 0.0, 0.0]],
        ),
        seed,
        WEEK,
    )


# --- classes --------------------------------------------------------------------------------------


def classes(seed: int) -> Run:
    """One node with two classes; a stay and the cleaning after it are one service."""
    cleaning = ciw.dists.Uniform(2, 6)
    return play(
        lambda: ciw.create_network(
            arrival_distributions={
                "urgent": [ciw.dists.Exponential(136 / DAY)],
                "other": [ciw.dists.Exponential(204 / DAY)],
            },
            service_distributions={
                "urgent": [lognormal(20, 0.7) + cleaning],
                "other": [gamma(28, 1.2) + cleaning],
            },
            reneging_time_distributions={"urgent": [weibull(12, 1.5)], "other": [lognormal(30, 1)]},
            priority_classes={"urgent": 0, "other": 1},
            number_of_servers=[5],
        ),
        seed,
        WEEK,
    )


# --- shifts ---------------------------------------------------------------------------------------

VISITS_BY_HOUR = (
    *(3, 2, 2, 2, 2, 2, 3, 6, 9, 12, 14, 16),
    *(17, 17, 16, 15, 15, 14, 13, 11, 10, 8, 6, 5),
)


def shifts(end_of_shift: str) -> Callable[[int], Run]:
    """One node with a schedule of servers; arrivals by the hour."""
    preemption = {"finish": False, "hand_over": "resume"}[end_of_shift]
    hours = [60 * hour for hour in range(1, 25)]
    changes = [240 * shift for shift in range(1, 7)]

    def shifts_from(seed: int) -> Run:
        return play(
            lambda: ciw.create_network(
                arrival_distributions=[
                    ciw.dists.PoissonIntervals([one / 60 for one in VISITS_BY_HOUR], hours, WEEK)
                ],
                service_distributions=[gamma(20, 0.5)],
                reneging_time_distributions=[weibull(20, 2)],
                number_of_servers=[ciw.Schedule([1, 1, 2, 4, 4, 2], changes, preemption)],
            ),
            seed,
            WEEK,
        )

    return shifts_from


# --- desk -----------------------------------------------------------------------------------------

DESK = 1
"""Node; the second is `PLACES`."""
NO_SPACE = "no space"
"""Class, in the record, of those who found no seat."""


def registered(visitor: Visitor) -> bool:
    """Whether somebody has been registered: the first record is of that."""
    return bool(visitor.data_records)


def registering_first(line: list[Visitor], t: float) -> Visitor:
    """Whom the desk serves next: in order of joining, the more urgent duty first."""
    del t
    return next((one for one in line if not registered(one)), line[0])


class DeskWork(ciw.dists.Distribution):
    """Registering the first time, checking the second."""

    def sample(self, t: float | None = None, ind: Visitor = None) -> float:
        del t
        return float((gamma(12, 0.3) if registered(ind) else lognormal(5, 0.4)).sample())


def in_line(node: ciw.Node) -> list[Visitor]:
    """Those who wait at a node."""
    return [one for one in node.all_individuals if not one.server]


def kept_out(_: int, *, next_ind: Visitor, next_node: ciw.Node, **about: Any) -> float:
    """Chance of not coming in: seats first, then the people ahead.

    Ciw records both as `baulk`; the class in that record tells who found no seat.
    """
    at_desk, for_place = in_line(next_node), in_line(about["Q"].nodes[PLACES])
    if len(at_desk) + len(for_place) >= 3 and next_node.number_in_service == 2:
        next_ind.previous_class = NO_SPACE
        return 1.0
    ahead = sum(not registered(one) for one in at_desk) + len(for_place)
    return min(0.9, 1.2 * ahead / 4)


def desk_then_places(visitor: Visitor, simulation: ciw.Simulation) -> list[int]:
    """Nodes after the desk: some come back to it before they go for a place."""
    del visitor, simulation
    return list(ciw.random_choice([[DESK, PLACES], [PLACES]], [0.6, 0.4]))


def desk(seed: int) -> Run:
    """A node for two duties, and one of places."""
    return play(
        lambda: ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(480 / DAY), None],
            service_distributions=[DeskWork(), lognormal(25, 0.5)],
            baulking_functions=[kept_out, None],
            service_disciplines=[registering_first, ciw.disciplines.FIFO],
            number_of_servers=[2, 4],
            routing=ciw.routing.ProcessBased(desk_then_places),
        ),
        seed,
        WEEK,
    )


# --- groups ---------------------------------------------------------------------------------------


def groups(seed: int) -> Run:
    """One node of nine with five servers; batches; a chance of turning round by number present."""
    return play(
        lambda: ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(450 / 1.7 / DAY)],
            batching_distributions=[ciw.dists.Pmf([1, 2, 3], [0.5, 0.3, 0.2])],
            service_distributions=[gamma(25, 0.5)],
            baulking_functions=[lambda n, **_: min(0.8, 0.5 * max(0, n - 5) / 5)],
            number_of_servers=[5],
            queue_capacities=[4],
        ),
        seed,
        WEEK,
    )


# --- overdoses ------------------------------------------------------------------------------------

BEFORE_ONSET, NURSES = 1, 2
"""Nodes."""


class Onset(ciw.dists.Distribution):
    """Exponential, mean 5, at most 20."""

    def sample(self, t: float | None = None, ind: Visitor = None) -> float:
        del t, ind
        return min(20.0, float(ciw.dists.Exponential(1 / 5).sample()))


def of_class(node: ciw.Node, name: str) -> list[Visitor]:
    """Those of a class at a node."""
    return [one for one in node.all_individuals if one.customer_class == name]


def no_place(n: int, **about: Any) -> float:
    """Whether all three places are taken, by those before their onset and those after it."""
    return float(n + len(of_class(about["Q"].nodes[NURSES], "use")) >= 3)


def no_seat(_: int, *, next_node: ciw.Node, **_about: Any) -> float:
    """Whether those who would have to wait for drug checking find both seats taken."""
    waiting = [one for one in of_class(next_node, "checking") if not one.server]
    return float(len(waiting) >= 2 and all(one.busy for one in next_node.servers))


def overdoses(seed: int) -> Run:
    """A node before the onset; then two nurses, with preemption."""
    hours = [20 * 60, DAY]
    return play(
        lambda: ciw.create_network(
            arrival_distributions={
                "use": [ciw.dists.PoissonIntervals([156 / 1200, 0], hours, WEEK), None],
                "checking": [None, ciw.dists.PoissonIntervals([84 / 1200, 0], hours, WEEK)],
            },
            service_distributions={
                "use": [Onset(), gamma(15, 0.3)],
                "checking": [None, lognormal(10, 0.8)],
            },
            baulking_functions={"use": [no_place, None], "checking": [None, no_seat]},
            priority_classes=({"use": 0, "checking": 1}, [False, "resume"]),
            number_of_servers=[NO_LIMIT, 2],
            routing={
                "use": [[0.0, 1.0], [0.0, 0.0]],
                "checking": [[0.0, 0.0], [0.0, 0.0]],
            },
        ),
        seed,
        WEEK,
    )
