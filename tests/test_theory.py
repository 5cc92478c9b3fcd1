"""The exact values of the validation suite from their formulas, and the first of them played.

The formulas are written down here a second time, so that a slip of the pen in the suite's numbers
is seen; the simulation is compared with those numbers.
"""

import math

import numpy as np
import pytest

from sim.validation import CASES, play


def test_erlang_c_gives_the_waits_of_places_without_patience():
    for file, load, places, stay in (
        ("s1.yaml", 2, 3, 10),
        ("s3.yaml", 2.5, 5, 10),
        ("v1.yaml", 9.52, 13, 20),
        ("v1-demand-115.yaml", 9.52 * 1.15, 13, 20),
        ("v1-demand-130.yaml", 9.52 * 1.3, 13, 20),
    ):
        waiting, mean = _erlang_c(load, places), stay / (places - load)
        known = _exact(file)
        assert known["P(wait)"] == pytest.approx(waiting, abs=1e-6)
        if "mean wait" in known:
            assert known["mean wait"] == pytest.approx(waiting * mean, abs=1e-6)
        else:
            assert known["mean wait of those who wait"] == pytest.approx(mean, abs=1e-6)
    known = _exact("s1.yaml")
    assert known["P95 of the wait"] == pytest.approx(10 * math.log(4 / 9 / 0.05), abs=1e-3)
    assert known["mean queue"] == pytest.approx(0.2 * 40 / 9, abs=1e-6)


def test_erlang_c_gives_the_share_within_a_target():
    waiting, known = _erlang_c(10, 14), _exact("s5.yaml")
    assert known["P(wait)"] == pytest.approx(waiting, abs=1e-6)
    within = 1 - waiting * math.exp(-4 / 9)
    assert known["P(wait <= 20 s)"] == pytest.approx(within, abs=1e-6)


@pytest.mark.parametrize(("load", "places"), [(10, 10), (3, 5)])
@pytest.mark.parametrize("stays", ["", "-lognormal", "-fixed", "-gamma"])
def test_erlang_b_gives_the_share_refused(load: float, places: int, stays: str):
    known = _exact(f"s6-{places}-places{stays}.yaml")
    assert known["refused"] == pytest.approx(_erlang_b(load, places), abs=1e-6)


def test_a_chain_gives_the_site_with_few_seats():
    chain = _chain(lambda _: 0.2, lambda n: min(n, 6) / 30, most=9)
    refused, queue = chain[9], sum((n - 6) * chain[n] for n in range(6, 10))
    known = _exact("s8.yaml")
    assert known["refused"] == pytest.approx(refused, abs=1e-6)
    assert known["mean queue"] == pytest.approx(queue, abs=1e-6)
    assert known["mean wait of those let in"] == pytest.approx(
        queue / 0.2 / (1 - refused), abs=1e-6
    )


def test_a_chain_gives_the_site_whose_visitors_lose_patience():
    chain = _chain(lambda _: 0.2, lambda n: min(n, 6) / 30 + max(n - 6, 0) / 20, most=200)
    queue = sum((n - 6) * chain[n] for n in range(6, 201))
    known = _exact("s11.yaml")
    assert known["P(wait)"] == pytest.approx(sum(chain[6:]), abs=1e-6)
    assert known["mean time in the queue, all"] == pytest.approx(queue / 0.2, abs=1e-6)
    assert known["reneged"] == pytest.approx(queue / 20 / 0.2, abs=1e-6)
    used = sum(min(n, 6) * chain[n] for n in range(201)) / 6
    assert known["occupancy"] == pytest.approx(used, abs=1e-6)


def test_the_number_present_without_limit_is_poisson():
    terms = [math.exp(-9) * 9**n / math.factorial(n) for n in range(60)]
    below = np.cumsum(terms)
    known = _exact("s13.yaml")
    assert known["P(13 or more present)"] == pytest.approx(1 - below[12], abs=1e-6)
    assert known["95 % quantile"] == np.searchsorted(below, 0.95)
    assert known["99 % quantile"] == np.searchsorted(below, 0.99)


def test_pollaczek_and_khinchine_give_the_wait_for_one_place():
    load = 2 / 3
    wait = load / (1 - load) * (1 + 1.5**2) / 2 * 20
    assert _exact("s16.yaml")["mean wait"] == pytest.approx(wait)


@pytest.mark.parametrize(("file", "staff"), [("p1-one.yaml", 1), ("p1-two.yaml", 2)])
def test_cobham_gives_the_waits_of_three_classes(file: str, staff: int):
    rates, hours = (0.2, 0.6, 1.2), 1 / 3
    load = sum(rates) * hours
    residual = _erlang_c(load, staff) * hours / staff
    reached = [0.0, *(np.cumsum(rates) * hours / staff)]
    for number, task in enumerate(("urgent", "soon", "routine")):
        wait = residual / (1 - reached[number]) / (1 - reached[number + 1])
        assert _exact(file)[f"mean wait in h, {task}"] == pytest.approx(wait, abs=1e-6)


def test_overdoses_that_interrupt_see_a_site_of_their_own():
    known = _exact("p11.yaml")
    assert known["overdoses delayed"] == pytest.approx(0.005 * 30)
    assert known["mean wait of overdoses"] == pytest.approx(0.15 * 30 / 0.85, abs=1e-6)


def test_a_sine_of_arrivals_gives_a_sine_of_people_present():
    angle = 2 * math.pi / 48  # half an hour
    known = _exact("t1.yaml")
    assert known["swing of the number present"] == pytest.approx(4 / math.hypot(1, angle), abs=1e-5)
    behind = math.atan(angle) / angle * 30
    assert known["minutes behind the arrivals"] == pytest.approx(behind, abs=1e-3)
    swing = 4 * math.sin(angle / 2) / (angle / 2)
    assert _exact("t1-fixed.yaml")["swing of the number present"] == pytest.approx(swing, abs=1e-5)


def test_a_day_that_starts_empty_follows_its_differential_equation():
    present, found = 0.0, []
    for rate in (6, 8, 10, 12, 14, 16, 16, 14, 12, 10, 8, 4):
        steady = rate / 2  # per hour, for half an hour
        present = steady + (present - steady) * math.exp(-2)
        found.append(present)
    t2, c3 = _exact("t2.yaml", "T2"), _exact("t2.yaml", "C3")
    assert list(t2.values()) == pytest.approx(found, abs=1e-5)
    for minutes in (30, 60, 90):
        gone = math.exp(-present * math.exp(-minutes / 30))
        assert c3[f"all gone {minutes} min later"] == pytest.approx(gone, abs=1e-6)


@pytest.mark.parametrize(
    ("file", "replications"),
    [
        ("s1.yaml", 50),
        ("s3.yaml", 55),
        ("s6-10-places.yaml", 6),
        ("s6-10-places-lognormal.yaml", 6),
        ("s6-10-places-fixed.yaml", 6),
        ("s6-10-places-gamma.yaml", 6),
        ("s6-5-places.yaml", 16),
        ("s11.yaml", 27),
        ("c1.yaml", 45),
    ],
)
def test_the_program_agrees_with_theory(file: str, replications: int):
    (case,) = [case for case in CASES if case.file == file]
    table = play(case, replications)
    assert (table["apart"].abs() < 4).all(), table.to_string()
    assert (table["relative_se"] <= 0.02).all(), table.to_string()


def _exact(file: str, id_: str = "") -> dict[str, float]:
    (case,) = [case for case in CASES if case.file == file and case.id.startswith(id_)]
    return {figure.name: figure.exact for figure in case.figures}


def _erlang_b(load: float, places: int) -> float:
    blocked = 1.0
    for number in range(1, places + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def _erlang_c(load: float, places: int) -> float:
    blocked = _erlang_b(load, places)
    return blocked / (1 - load / places * (1 - blocked))


def _chain(birth, death, most: int) -> list[float]:
    """Probabilities of 0, 1 … `most` present."""
    weights = [1.0]
    for number in range(1, most + 1):
        weights.append(weights[-1] * birth(number - 1) / death(number))
    return [weight / sum(weights) for weight in weights]
