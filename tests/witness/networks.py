"""The scenarios of this folder, said in Ciw. The numbers are written anew, not read from them."""

from collections.abc import Callable

import ciw  # type: ignore[import-untyped]

from tests.witness.ciw_run import (
    DAY,
    FOR_EVER,
    SAME,
    WEEK,
    Run,
    gamma,
    lognormal,
    play,
    weibull,
)

Individual = ciw.individual.Individual
"""Somebody in Ciw."""


def waiting(node: ciw.Node) -> int:
    """How many wait at a node of Ciw."""
    return int(node.number_of_individuals - node.number_in_service)


# --- stages ---------------------------------------------------------------------------------------


def stages(seed: int) -> Run:
    """Check-in, places, aftercare as three nodes; the last has no room to wait, so it blocks."""
    return play(
        lambda: ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(165 / DAY), None, None],
            service_distributions=[lognormal(10, 0.9), gamma(30, 0.6), lognormal(30, 0.8)],
            number_of_servers=[2, 6, 3],
            queue_capacities=[FOR_EVER, FOR_EVER, 0],
            routing=[[0.0, 1.0, 0.0], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]],
        ),
        seed,
        2 * WEEK,
    )


# --- classes --------------------------------------------------------------------------------------


def classes(seed: int) -> Run:
    """One node with two classes; a stay and the cleaning after it are one service."""
    cleaning = ciw.dists.Uniform(2, 6)
    return play(
        lambda: ciw.create_network(
            arrival_distributions={
                "urgent": [ciw.dists.Exponential(0.4 * 260 / DAY)],
                "other": [ciw.dists.Exponential(0.6 * 260 / DAY)],
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
        2 * WEEK,
    )


# --- shifts ---------------------------------------------------------------------------------------

PROFILE = [2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 10, 11, 12, 12, 11, 10, 10, 10, 9, 8, 7, 5, 4, 4]
"""150 visits a day."""


def shifts(end_of_shift: str) -> Callable[[int], Run]:
    """One node with a schedule of servers and arrivals by the hour."""
    preemption = {"finish": False, "hand_over": "resume"}[end_of_shift]

    def one(seed: int) -> Run:
        return play(
            lambda: ciw.create_network(
                arrival_distributions=[
                    ciw.dists.PoissonIntervals(
                        rates=[visits / 60 for visits in PROFILE],
                        endpoints=[60 * (hour + 1) for hour in range(24)],
                        max_sample_date=4 * WEEK,
                    )
                ],
                service_distributions=[gamma(20, 0.7)],
                number_of_servers=[
                    ciw.Schedule(
                        numbers_of_servers=[1, 2, 4, 2],
                        shift_end_dates=[480, 720, 1200, 1440],
                        preemption=preemption,
                    )
                ],
            ),
            seed,
            4 * WEEK,
        )

    return one


# --- desk -----------------------------------------------------------------------------------------

DESK, PLACES = 1, 2
"""Nodes."""


def registered(visitor: Individual) -> bool:
    """Whether somebody has been registered: the first record is of that."""
    return bool(visitor.data_records)


def registering_first(waiting_here: list[Individual], t: float) -> Individual:
    """Service discipline of the desk: first come first served within the more urgent duty."""
    del t
    return next((one for one in waiting_here if not registered(one)), waiting_here[0])


class DeskWork(ciw.dists.Distribution):
    """Registering at the first visit to the desk, checking at the second."""

    def __init__(self) -> None:
        self.registering, self.checking = lognormal(5, 0.6), gamma(12, 0.5)

    def sample(self, t: float | None = None, ind: Individual = None) -> float:
        work = self.checking if registered(ind) else self.registering
        return float(work.sample(t, ind))


class Patience(ciw.dists.Distribution):
    """What is left of a patience whose clock runs from arrival; for ever when drugs are checked."""

    def __init__(self) -> None:
        self.patience = weibull(25, 1.4)

    def sample(self, t: float | None = None, ind: Individual = None) -> float:
        assert t is not None
        if not registered(ind):
            ind.gives_up = t + self.patience.sample()
        elif ind.node == DESK:
            return FOR_EVER
        return max(0.0, float(ind.gives_up) - t)


def turns_round(
    n: int, Q: ciw.Simulation, next_ind: Individual, next_node: ciw.Node  # noqa: N803
) -> float:
    """Chance of not coming in; those for whom there is no seat are marked."""
    del n, next_node
    desk, places = Q.nodes[DESK], Q.nodes[PLACES]
    if waiting(desk) + waiting(places) >= 6 and desk.number_in_service == 2:
        next_ind.no_space = True
        return 1.0
    in_line = [one for one in desk.all_individuals if not one.server and not registered(one)]
    return min(0.9, 0.4 * (len(in_line) + waiting(places)) / 4)


def desk(seed: int) -> Run:
    """A desk with two duties, and places."""
    return play(
        lambda: ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(230 / DAY), None],
            service_distributions=[DeskWork(), lognormal(25, 0.8)],
            reneging_time_distributions=[Patience(), Patience()],
            baulking_functions=[turns_round, None],
            service_disciplines=[registering_first, ciw.disciplines.FIFO],
            number_of_servers=[2, 4],
            routing=ciw.routing.ProcessBased(
                lambda ind, simulation: [DESK, PLACES] if ciw.random_choice(
                    [True, False], [0.35, 0.65]) else [PLACES]
            ),
        ),
        seed,
        2 * WEEK,
    )


# --- groups ---------------------------------------------------------------------------------------


def groups(seed: int) -> Run:
    """One node with batches, a balking function and a capacity."""
    return play(
        lambda: ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(260 / 1.7 / DAY)],
            batching_distributions=[ciw.dists.Pmf([1, 2, 3], [0.5, 0.3, 0.2])],
            service_distributions=[gamma(25, 0.5)],
            baulking_functions=[lambda n, **_: min(0.8, 0.5 * max(0, n - 5) / 5)],
            number_of_servers=[5],
            queue_capacities=[4],
        ),
        seed,
        2 * WEEK,
    )


# --- overdoses ------------------------------------------------------------------------------------

NURSES = 2
"""Node."""


class Onset(ciw.dists.Distribution):
    """Exponential, mean 5, at most 20."""

    def sample(self, t: float | None = None, ind: Individual = None) -> float:
        del ind
        return min(20.0, float(ciw.dists.Exponential(1 / 5).sample(t)))


def overdoses(seed: int) -> Run:
    """An endless first node where overdoses come to their onset, and two nurses with priorities."""

    def visits(a_day: float) -> ciw.dists.Distribution:
        return ciw.dists.PoissonIntervals([a_day / 1200, 0], [1200, 1440], 4 * WEEK)

    return play(
        lambda: ciw.create_network(
            arrival_distributions={"overdose": [visits(44), None], "checking": [None, visits(66)]},
            service_distributions={
                "overdose": [Onset(), gamma(15, 0.7)],
                "checking": [Onset(), lognormal(15, 0.8)],
            },
            priority_classes=({"overdose": 0, "checking": 1}, [False, "resume"]),
            number_of_servers=[FOR_EVER, 2],
            routing={
                "overdose": [[0.0, 1.0], [0.0, 0.0]],
                "checking": [[0.0, 0.0], [0.0, 0.0]],
            },
        ),
        seed,
        4 * WEEK,
    )


__all__ = ["SAME", "classes", "desk", "groups", "overdoses", "shifts", "stages"]
