"""The exact values of the validation suite from their formulas, and the first of them played.

The formulas are written down here a second time, so that a slip of the pen in the suite's numbers
is seen; the simulation is compared with those numbers.
"""

import math
from textwrap import dedent

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, linalg, sparse, special
from scipy.sparse.linalg import spsolve

from sim.scenario.load import scenario_from_text
from sim.study import Plan, StudyResult, run_study
from sim.validation.exact.cases import CASES, play


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


def test_a_chain_gives_the_site_where_half_turn_round_when_it_is_full():
    chain = _chain(lambda n: 0.2 if n < 3 else 0.1, lambda n: min(n, 3) / 10, most=100)
    full, queue = sum(chain[3:]), sum((n - 3) * chain[n] for n in range(3, 101))
    known = _exact("s19.yaml")
    assert known["P(all taken)"] == pytest.approx(full, abs=1e-6)
    assert known["turned round"] == pytest.approx(full / 2, abs=1e-6)
    assert known["mean wait of those let in"] == pytest.approx(
        queue / 0.2 / (1 - full / 2), abs=1e-6
    )
    used = sum(min(n, 3) * chain[n] for n in range(101)) / 3
    assert known["occupancy"] == pytest.approx(used, abs=1e-6)


def test_a_queue_whose_arrivals_are_appointments():
    waits = 0.5
    for _ in range(1000):
        between = math.exp(-10 / 8 * (1 - waits))
        waits = 0.75 * between / (1 - 0.25 * between)
    known = _exact("s20.yaml")
    assert known["P(wait)"] == pytest.approx(waits, abs=1e-6)
    assert known["mean wait past the time"] == pytest.approx(8 * waits / (1 - waits), abs=1e-6)
    assert known["not come"] == 0.25
    assert known["busy"] == pytest.approx(0.75 * 8 / 10)


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_chain_gives_the_minutes_a_supervision_rule_is_unmet():
    """One nurse must be there for people to be let in, and every overdose takes her away.

    1.7 people a minute come for exp(1) minutes; each minute of use has an overdose with rate 1/8,
    which takes exp(0.6) minutes, one after the other; meanwhile nobody enters. Of what is unmet,
    places free or not, three places miss less than six: the difference is in full rooms.
    """
    for places, known in ((3, 1142), (4, None), (6, None)):
        exact = 10_080 * _share_without_nurse(places)
        if known is not None:
            assert exact == pytest.approx(known, abs=1)
        study = _study(
            f"""
            name: one-nurse
            horizon: {{days: 4}}
            opening: {{hours: 24/7}}
            demand: {{visits_per_day: 2448, profile: flat}}
            visits:
              use:
                rooms: [room]
                stay: {{distribution: exponential, mean: 1}}
                overdose: {{per_1000: 1000, onset: {{distribution: exponential, mean: 8}}}}
            rooms: {{room: {{places: {places}}}}}
            supervision: [{{rooms: [room], roles: [nurse], minimum: 1}}]
            overdose:
              severities:
                any:
                  share: 1
                  team: [[nurse]]
                  intensive: {{distribution: exponential, mean: 0.6}}
            staff:
              roles: {{nurse: {{}}}}
              rota: [{{role: nurse, from: 00:00, to: 24:00}}]
            """,
            replications=16,
        )
        for metric in ("intake_paused", "below_cover"):
            _agrees(study, (metric, "minutes_per_week", "all"), exact)
        _agrees(study, ("intake_paused", "minutes_per_week", "room:room"), exact)
        assert _figure(study, "role_missing", "minutes_per_week")["value"] == 0
        unusable = _figure(study, "place_unusable", "minutes_per_week")["value"]
        assert unusable < (900 if places == 3 else exact)


def _share_without_nurse(places: int, most: int = 300) -> float:
    """Share of time in which an overdose is under way: chain of waiting, in use, overdoses."""
    states = [
        (q, u, d)
        for q in range(most + 1)
        for u in range(places + 1)
        for d in range(places + 1 - u)
        if d or not q or u == places
    ]
    number = {state: n for n, state in enumerate(states)}
    moves: list[tuple[int, int, float]] = []
    for (q, u, d), origin in number.items():
        enters = d == 0 and u < places
        to = [((q, u + 1, d) if enters else (min(q + 1, most), u, d), 1.7)]
        if u:
            to.append(((q - 1, u, d) if d == 0 and q else (q, u - 1, d), float(u)))
            to.append(((q, u - 1, d + 1), u / 8))
        if d:
            more = min(q, places - u) if d == 1 else 0
            to.append(((q - more, u + more, d - 1), 1 / 0.6))
        moves += [(origin, number[state], rate) for state, rate in to]
    found = _stationary(moves, len(states))
    assert sum(found[number[s]] for s in states if s[0] > most - 20) < 1e-6
    return float(sum(found[number[s]] for s in states if s[2] > 0))


def _stationary(moves: list[tuple[int, int, float]], states: int) -> np.ndarray:
    """The chance of each state of a chain: from which state to which it moves, with which rate."""
    rows, columns, rates = (np.array(part) for part in zip(*moves, strict=True))
    flow = sparse.coo_matrix((rates, (columns, rows)), (states, states)).tocsc()
    balance = (flow - sparse.diags(np.asarray(flow.sum(axis=0)).ravel())).tolil()
    balance[0] = 1.0  # in place of one equation: they add up to 1
    return spsolve(balance.tocsc(), np.eye(1, states).ravel())


def test_a_chain_gives_a_room_whose_places_get_out_of_order():
    """0.2 people a minute come to 5 places for exp(20) minutes, and nobody waits.

    Every exp(100) minutes a place fails, a free one if there is one, else one in use once it is
    left, and is repaired in exp(60) minutes.
    """
    refused, out, used, still = _places_that_fail(5, 0.2, 1 / 20, 1 / 100, 1 / 60)
    assert (refused, out, still) == pytest.approx((0.271307, 0.599607, 0.05413), abs=1e-5)
    study = _study(
        """
        name: failures
        horizon: {weeks: 3, warmup_weeks: 1}
        opening: {hours: 24/7}
        demand: {visits_per_day: 288, profile: flat}
        visits: {use: {rooms: [room], stay: {distribution: exponential, mean: 20}}}
        waiting_area: {seats: 0}
        rooms:
          room:
            places: 5
            failures: {every: 100, repair: {distribution: exponential, mean: 60}}
        targets: [out_of_order <= 10000 min a week]
        """,
        replications=30,
    )
    _agrees(study, ("unserved", "share", "all"), refused)
    _agrees(study, ("out_of_order", "minutes_per_week", "all"), 10_080 * out)
    _agrees(study, ("out_of_order", "minutes_per_week", "room:room"), 10_080 * out)
    _agrees(study, ("places", "occupied", "room:room"), used / (5 - out))


def _places_that_fail(
    places: int, comes: float, leaves: float, fails: float, mends: float
) -> tuple[float, float, float, float]:
    """Share of the time without a free place; mean places out of order, in use, and in use though
    they have failed."""
    states = [
        (used, failed, out)
        for used in range(places + 1)
        for failed in range(places + 1 - used)
        for out in range(places + 1 - used - failed)
    ]
    number = {state: n for n, state in enumerate(states)}
    moves: list[tuple[int, int, float]] = []
    for (used, failed, out), origin in number.items():
        to = [
            ((used - 1, failed, out), leaves * used),
            ((used, failed - 1, out + 1), leaves * failed),
            ((used, failed, out - 1), mends * out),
        ]
        if used + failed + out < places:
            to += [((used + 1, failed, out), comes), ((used, failed, out + 1), fails)]
        elif used:
            to.append(((used - 1, failed + 1, out), fails))
        moves += [(origin, number[state], rate) for state, rate in to if rate]
    found = _stationary(moves, len(states))
    full, out, used, failed = (
        sum(chance * what(state) for state, chance in zip(states, found, strict=True))
        for what in (
            lambda state: sum(state) == places,
            lambda state: state[2],
            lambda state: state[0] + state[1],
            lambda state: state[1],
        )
    )
    return full, out, used, failed


@pytest.mark.parametrize("repair", ["300", "{distribution: gamma, mean: 300, cv: 1.5}"])
def test_places_out_of_order_are_those_of_erlang_and_of_a_machine_that_is_repaired(repair: str):
    """With nobody there, for repairs of any shape.

    One at a time, failures that find nothing in order are lost calls of Erlang's: of 3 places,
    load 300 ÷ 200. All at once, a room is in order for 200 minutes and out of order for 300.
    """
    study = _study(
        f"""
        name: machines
        horizon: {{weeks: 5, warmup_weeks: 1}}
        opening: {{hours: 24/7}}
        demand: {{visits_per_day: 0.001, profile: flat}}
        visits: {{use: {{rooms: [one, all], stay: 1}}}}
        rooms:
          one: {{places: 3, failures: {{every: 200, repair: {repair}}}}}
          all: {{places: 4, failures: {{every: 200, repair: {repair}, places: all}}}}
        """,
        replications=20,
    )
    one, every = 1.5 * (1 - _erlang_b(1.5, 3)), 4 * 300 / 500
    _agrees(study, ("out_of_order", "minutes_per_week", "room:one"), 10_080 * one)
    _agrees(study, ("out_of_order", "minutes_per_week", "room:all"), 10_080 * every)
    _agrees(study, ("out_of_order", "minutes_per_week", "all"), 10_080 * (one + every))
    open_minutes = study.by_hour[study.by_hour["metric"] == "out_of_order"]
    assert len(open_minutes) == 3 * 168


@pytest.mark.slow
def test_an_opening_with_people_at_the_door_follows_its_differential_equation():
    """From 09:30 people wait at the door; at 10:00 their number is Poisson(6), and the wait begins.

    12 an hour come, to 6 places for exp(25) minutes; whoever is in at closing is served.
    """
    study = _study(
        """
        name: door
        horizon: {weeks: 4}
        opening: {hours: 10:00-18:00, queue_at_close: serve, wait_at_door: 30 min}
        demand:
          visits_per_day: 108
          profile: [0,0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,0,0,0,0,0,0]
        visits: {visit: {rooms: [room], stay: {distribution: exponential, mean: 25}}}
        rooms: {room: {places: 6}}
        targets:
          - wait.within_15 >= 10 %
          - door_wait.p80 <= 30 min
          - door_wait.within_7.5 >= 20 %
        """,
        replications=60,
    )
    queued, delayed = _opening_with_a_crowd()
    came = 102  # 6 at the door and 96 in eight hours
    for metric in ("wait", "wait_joined"):
        _agrees(study, (metric, "mean", "all"), queued / came)
        _agrees(study, (metric, "share_waiting", "all"), delayed / came)
    # Of those at the door each comes at any minute of the half-hour.
    _agrees(study, ("door_wait", "mean", "all"), 15)
    _agrees(study, ("door_wait", "share", "all"), 6 / came)
    _agrees(study, ("door_wait", "within_10", "all"), 1 / 3)
    _agrees(study, ("door_wait", "within_7.5", "all"), 1 / 4)
    _agrees(study, ("door_wait", "p80", "all"), 24)
    _agrees(study, ("visits", "per_day", "outcome:closed"), 6)
    _agrees(study, ("uses", "per_day", "all"), came)


def _opening_with_a_crowd() -> tuple[float, float]:
    """Mean minutes queued by all, and mean number that queue, of a day of that site."""
    most, step, rate = 120, 0.5, 0.2
    present = np.array([math.exp(-6) * 6.0**n / math.factorial(n) for n in range(most + 1)])
    waiting = np.maximum(np.arange(most + 1) - 6, 0)
    leaving = np.minimum(np.arange(most + 1), 6) / 25

    def matrix(arrivals: float) -> np.ndarray:
        up, down = np.full(most, arrivals), leaving[1:]
        flow = np.diag(up, -1) + np.diag(down, 1)
        return linalg.expm((flow - np.diag(flow.sum(axis=0))) * step)

    queued, delayed = 0.0, float(present @ waiting)
    for minutes, arrivals in ((480, rate), (1200, 0.0)):
        moved = matrix(arrivals)
        length, busy = [float(present @ waiting)], [float(present[6:].sum())]
        for _ in range(int(minutes / step)):
            present = moved @ present
            length.append(float(present @ waiting))
            busy.append(float(present[6:].sum()))
        queued += integrate.simpson(length, dx=step)
        delayed += arrivals * integrate.simpson(busy, dx=step)
    return queued, delayed


LAST_ONE_OUT = """
name: last-one-out
horizon: {weeks: 14}
opening: {hours: 10:00-22:00}
demand: {visits_per_day: 288, profile: flat}
visits: {use: {rooms: [booths], stay: {distribution: exponential, mean: 30}}}
rooms: {booths: {places: 99}}
supervision: [{rooms: [booths], roles: [nurse]RULE}]
staff:
  roles: {nurse: {cost_per_hour: 60}}
  rota: [{role: nurse, from: 10:00, to: 22:00, count: 20}]
  unsocial: [{from: 22:30, to: 24:00, multiplier: 2}]
"""


@pytest.mark.slow
def test_who_stays_leaves_with_the_last_of_a_poisson_number():
    """12 come an hour, and so 6 are inside at closing, each for another 30 minutes on average.

    The last of them leaves by t with chance exp(-6 exp(-t / 30)), which one nurse waits for. Where
    each visitor needs a nurse, one goes with each of them: 6 x 30 minutes of overtime.
    """
    mean = 6 * (1 - math.exp(-24))
    last = 30 * (np.euler_gamma + math.log(mean) + special.exp1(mean))

    def dear(t: float) -> float:
        return 1 - math.exp(-mean * math.exp(-t / 30))

    # Minutes from 22:30 to midnight, 30 to 120 after closing, are paid twice.
    twice = integrate.quad(dear, 30, 120)[0]
    study = _study(LAST_ONE_OUT.replace("RULE", ""), replications=30)
    _agrees(study, ("overtime", "minutes_per_week", "all"), 7 * last)
    _agrees(study, ("cost", "overtime_per_week", "all"), 7 * (last + twice))
    each = _study(LAST_ONE_OUT.replace("RULE", ", places_per_staff: 1"), replications=10)
    _agrees(each, ("overtime", "minutes_per_week", "all"), 7 * 30 * mean)


@pytest.mark.slow
def test_targets_of_any_minute_and_percentile_are_those_of_erlang():
    """100 calls in half an hour, exp(3) minutes each, 14 agents."""
    waiting, rate = _erlang_c(10, 14), 4 / 3
    assert waiting == pytest.approx(0.174132, abs=1e-6)
    study = _study(
        """
        name: calls
        horizon: {days: 5}
        opening: {hours: 24/7}
        demand: {visits_per_day: 4800, profile: flat}
        visits: {call: {rooms: [agents], stay: {distribution: exponential, mean: 3}}}
        rooms: {agents: {places: 14}}
        targets:
          - wait.within_20s >= 88 %
          - wait.within_2min >= 98 %
          - wait.p80 <= 1 min
          - wait.p99 <= 2.3 min
          - wait.p99.5 <= 3 min
          - wait_joined.p99 of kind call <= 2.3 min
          - wait.p90 by hour <= 5 min
          - wait.within_20s in every hour >= 60 %
        """,
        replications=30,
    )
    _agrees(study, ("wait", "mean", "all"), 0.130599)
    _agrees(study, ("wait", "share_waiting", "all"), waiting)
    _agrees(study, ("wait", "within_20s", "all"), 0.888350)
    _agrees(study, ("wait", "within_2", "all"), 1 - waiting * math.exp(-2 * rate))
    assert _figure(study, "wait", "p80")["value"] == 0  # more than 80 % do not wait
    for statistic, share in (("p99", 0.01), ("p99.5", 0.005)):
        _agrees(study, ("wait", statistic, "all"), math.log(waiting / share) / rate, 1 / 64)
    exact = math.log(waiting / 0.01) / rate
    _agrees(study, ("wait_joined", "p99", "kind:call"), exact, 1 / 64)
    for metric, value in (
        ("wait_within_20s", 0.888350),
        ("wait_p90", math.log(waiting / 0.1) / rate),
    ):
        hours = study.by_hour[study.by_hour["metric"] == metric]
        assert len(hours) == 168
        hours = hours.dropna(subset="value")
        assert len(hours) == 5 * 24
        inside = hours["ci_low"] - 1 / 64 <= value
        inside &= hours["ci_high"] + 1 / 64 >= value
        assert inside.mean() > 0.9


def _study(text: str, replications: int) -> StudyResult:
    scenario = scenario_from_text(dedent(text))
    return run_study(scenario, Plan(replications=replications, seed=5, workers=1))


def _figure(study: StudyResult, metric: str, statistic: str, by: str = "all") -> pd.Series:
    table = study.summary
    is_it = (table["metric"] == metric) & (table["statistic"] == statistic) & (table["by"] == by)
    return table[is_it].iloc[0]


def _agrees(
    study: StudyResult, name: tuple[str, str, str], exact: float, rounding: float = 0.0
) -> None:
    """Within four standard errors of the exact value, which are small beside it."""
    row = _figure(study, *name)
    half = (row["ci_high"] - row["ci_low"]) / 2
    error = half / special.stdtrit(min(study.count, 32) - 1, 0.975)
    assert abs(row["value"] - exact) < 4 * error + rounding, (name, row["value"], exact, error)
    assert error < 0.03 * exact + rounding, (name, error, exact)


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
