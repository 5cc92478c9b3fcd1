"""Who comes: the same people whatever the design, and as many of each sort as was asked for.

Shares and means are held to four standard errors at a fixed seed.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter
from scipy import stats

from sim.scenario.derived.roster import people_on_shift
from sim.scenario.load import scenario_from_text
from sim.scenario.model.durations import Distribution
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors, draw
from sim.visitors.streams import Streams

STARTER = (Path(__file__).parents[1] / "support" / "medium.yaml").read_text(encoding="utf-8")
"""It uses almost everything."""

FAILURES = ("failure_time", "failure_room", "failure_repair")
BY_VISIT = [
    one.name
    for one in fields(Visitors)
    if one.name not in {"absent", "bad_weather", "bookings", *FAILURES}
]
"""Columns with an entry for each visit, the last index being the visit."""

Floats = NDArray[np.float64]


def starter(*sets: str, seed: int = 1, replication: int = 0) -> Visitors:
    """The starter's visitors over a fortnight, with some settings changed."""
    weeks = () if any(one.startswith("horizon") for one in sets) else ("horizon.weeks=2",)
    return draw(scenario_from_text(STARTER, [*weeks, *sets]), seed, replication)


def demand(text: str, *sets: str, weeks: int = 26, replication: int = 0) -> Visitors:
    """The visitors of a site with a given demand."""
    site = f"""
name: demand
horizon: {{weeks: {weeks}}}
opening: {{hours: 08:00-20:00}}
demand: {text}
visits: {{use: {{rooms: [booths], stay: 20}}}}
rooms: {{booths: {{places: 5}}}}
"""
    return draw(scenario_from_text(site, sets), seed=3, replication=replication)


def within_four_errors(found: float, expected: float, error: float) -> None:
    """Sampling may have moved it by so much."""
    assert abs(found - expected) <= 4 * error, (found, expected, error)


def share_is(flags: NDArray[np.bool_], share: float) -> None:
    """So many of them are true, give or take chance."""
    within_four_errors(float(flags.mean()), share, np.sqrt(share * (1 - share) / len(flags)))


# --- the same people -----------------------------------------------------------------------------

RESPONSE = ("severity", "intensive", "observation", "ambulance")
RISK = "visits.inject.overdose.per_1000=300"
"""Enough of them for every severity."""


def same(one: Visitors, other: Visitors, *, but: Sequence[str] = ()) -> None:
    """All columns with an entry for each visit are equal, number for number."""
    for name in set(BY_VISIT) - set(but):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name


def test_the_same_seed_gives_the_same_visitors_and_another_gives_others():
    base = starter()
    same(base, starter())
    for other in (starter(seed=2), starter(replication=1)):
        assert not np.isin(other.balk, base.balk).any()


@pytest.mark.slow
@pytest.mark.parametrize(
    "sets",
    [
        ("rooms.injecting.places=9",),
        ("rooms.injecting.hours=12:00-18:00", "rooms.smoking.reach=3"),
        ("waiting_area.seats=0",),
        ("staff.rota.0.count=3", "staff.end_of_shift=hand_over"),
        ("supervision.0.minimum=1",),
        ("opening.last_entry=0", "opening.wait_at_door=0", "opening.queue_at_close=serve"),
        ("opening.hours=07:00-23:00", "demand.crowd_at_opening=0", "demand.profile=flat"),
        ("check_in.desks=1", "check_in.roles=[]"),
        ("aftercare.seats=2", "aftercare.when_full=wait_in_place"),
        ("services.wound_care.when=before", "services.wound_care.roles=[]"),
        ("overdose.start=full_team", "overdose.preempts=false"),
        ("visits.inject.priority=-1",),
        ("visits.inject.balking.at_most=0.5",),
        ("staff.absence=0.5",),
    ],
)
def test_another_design_meets_exactly_the_same_people(sets: tuple[str, ...]):
    base = starter(*(one for one in sets if one.startswith("demand")))
    same(base, starter(*sets))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sets", "changed"),
    [
        (("waiting_area=null",), []),
        (("check_in=null",), ["check_in"]),
        (("overdose.severities.oxygen_only.ambulance=20",), ["ambulance"]),
        (("overdose.severities.naloxone.observation=90",), ["observation"]),
        (("overdose.severities.naloxone.intensive=9",), ["intensive"]),
        (("visits.smoke.overdose.per_1000=500",), ["onset", *RESPONSE]),
        (("visits.inject.patience=5",), ["patience"]),
        (("visits.inject.stay.mean=30",), ["stay"]),
        (("visits.inject.aftercare=null",), ["aftercare"]),
        (("rooms.smoking.cleaning.duration=9",), ["cleaning"]),
        (
            ("visits.smoke.switch={after: 9, probability: 0.5, room: injecting, stay: 9}",),
            ["switch_after", "stay"],
        ),
        (("demand.clients.number=99",), ["client"]),
        (("services.wound_care.patience=5",), ["service_patience"]),
        (("visits.inject.services.wound_care=0.5",), ["service"]),
    ],
)
def test_a_change_of_one_attribute_changes_no_other(sets: tuple[str, ...], changed: list[str]):
    base, other = starter(RISK), starter(RISK, *sets)
    same(base, other, but=changed)
    for name in changed:
        assert not np.array_equal(getattr(base, name), getattr(other, name), equal_nan=True)


def test_an_overdose_takes_the_same_whoever_else_has_one():
    some, more = starter(), starter("visits.smoke.overdose.per_1000=500")
    certain = (f"visits.{kind}.overdose.per_1000=1000" for kind in ("inject", "smoke", "sniff"))
    everybody = starter("overdose.clustering=null", *certain)
    assert np.isfinite(everybody.onset).all()
    assert np.isfinite(more.onset).sum() > np.isfinite(some.onset).sum() > 0
    for one in (some, more):
        has = np.isfinite(one.onset)
        for name in RESPONSE:
            of, of_all = getattr(one, name), getattr(everybody, name)
            assert np.array_equal(of[has], of_all[has], equal_nan=True), name
        assert (one.severity[~has] == -1).all()
        assert (one.intensive[~has] == 0).all()
        assert (one.observation[~has] == 0).all()
        assert np.isnan(one.ambulance[~has]).all()


def test_another_service_changes_none():
    sets = ("services.checking={when: before, duration: 9}", "visits.smoke.services.checking=0.5")
    base, other = starter(), starter(*sets)
    same(base, other, but=["service", "service_patience"])
    for name in ("service", "service_patience"):
        assert np.array_equal(getattr(other, name)[:1], getattr(base, name), equal_nan=True)


def test_another_room_changes_none():
    sets = ("rooms.flexible={places: 2}", "visits.sniff.rooms=[injecting, flexible]")
    base, other = starter(), starter(*sets)
    same(base, other, but=["stay", "cleaning"])
    for name in ("stay", "cleaning"):
        assert np.array_equal(getattr(other, name)[:2], getattr(base, name), equal_nan=True)


def test_a_change_of_mean_stretches_everybody():
    sets = ("visits.sniff.stay={distribution: exponential, mean: 10}",)
    twice = ("visits.sniff.stay={distribution: exponential, mean: 20}",)
    limits = ("rooms.injecting.time_limit=null", "rooms.smoking.time_limit=null")
    one, other = starter(*sets, *limits), starter(*twice, *limits)
    mine = one.kind == 2
    assert np.allclose(2 * one.stay[0, mine], other.stay[0, mine], rtol=1e-12)


@pytest.mark.parametrize("factor", [1.001, 1.05, 1.25, 2.0, 7.0])
def test_more_demand_keeps_everyone_and_adds_some(factor: float):
    base, more = starter(), starter(f"demand.factor={factor}")
    # The number that decides on balking is nobody else's, and so tells who is who.
    same(base, rows(more, np.isin(more.balk, base.balk)))
    added = np.sqrt(len(base) * (factor - 1))
    within_four_errors(len(more) - len(base), len(base) * (factor - 1), added * np.sqrt(factor))


def test_other_hours_move_the_crowd_to_another_time_and_change_nobody():
    # Where the profile is not tied to the hours.
    flat = "demand.profile=flat"
    base, other = starter(flat), starter(flat, "opening.hours=06:30-20:00")
    assert not np.array_equal(base.arrival, other.arrival)
    one, two = (rows(each, np.argsort(each.balk)) for each in (base, other))
    same(one, two, but=["arrival"])
    moved = one.arrival != two.arrival
    assert set((two.arrival[moved] % DAY).tolist()) == {390}


def rows(visitors: Visitors, kept: NDArray[Any]) -> Visitors:
    """Some of the visits, or all in another order."""
    columns: dict[str, Any] = {name: of_some(visitors, name, kept) for name in BY_VISIT}
    return replace(visitors, **columns)


def of_some(visitors: Visitors, name: str, kept: NDArray[Any]) -> NDArray[Any]:
    """A column of some of the visits; one that the site has no use for is empty."""
    column: NDArray[Any] = getattr(visitors, name)
    return column[..., kept] if column.shape[-1] else column


def test_a_longer_horizon_keeps_the_earlier_visits():
    short, long = starter("horizon.weeks=1"), starter("horizon.weeks=6")
    first = long.arrival < 7 * DAY
    for name in BY_VISIT:
        one, other = getattr(short, name), of_some(long, name, first)
        assert np.array_equal(one, other, equal_nan=True), name


def test_another_shift_changes_nobodys_absence():
    def absences(*sets: str) -> dict[tuple[str, float, int], bool]:
        scenario = scenario_from_text(STARTER, ["horizon.weeks=2", "staff.absence=0.4", *sets])
        assert scenario.staff is not None
        on = people_on_shift(scenario)
        rota = scenario.staff.rota
        absent = draw(scenario, 1, 0).absent.tolist()
        return {
            (rota[one.line].role, one.start, one.member): away
            for one, away in zip(on, absent, strict=True)
        }

    base = absences()
    more = absences("staff.rota.0.count=3", "staff.rota.5.from=09:00")
    shared = [one for one in base if one in more]
    assert len(shared) > 100
    assert all(base[one] == more[one] for one in shared)
    assert {True, False} == set(base.values())


# --- when they come ------------------------------------------------------------------------------

PEAKED = [0] * 8 + [1, 1, 2, 2, 3, 3, 3, 3, 5, 5, 4, 1] + [0] * 3 + [2]


@pytest.mark.parametrize("steps", [1, 2, 4, 12])
def test_arrivals_follow_the_profile(steps: int):
    # The same profile by the hour, half hour, quarter and five minutes; a finer one differs from
    # step to step.
    weights = np.repeat(np.array(PEAKED, dtype=float), steps) * (1 + np.arange(24 * steps) % 2)
    visitors = demand(f"{{visits_per_day: 100, profile: {weights.tolist()}}}")
    count, _ = np.histogram(visitors.arrival % DAY, bins=24 * steps, range=(0, DAY))
    expected = weights / weights.sum() * 100 * 26 * 7
    assert (count[weights == 0] == 0).all()
    used = weights > 0
    statistic = ((count - expected)[used] ** 2 / expected[used]).sum()
    assert 0.001 < stats.chi2(used.sum()).sf(statistic) < 0.999


def test_within_a_step_all_times_are_alike():
    visitors = demand(f"{{visits_per_day: 100, profile: {PEAKED}}}")
    minute = visitors.arrival % 60 / 60
    assert stats.kstest(minute, "uniform").pvalue > 0.001


def test_time_between_arrivals_is_exponential():
    visitors = demand("{visits_per_day: 100, profile: flat}")
    gaps = np.diff(visitors.arrival)
    assert stats.kstest(gaps, "expon", args=(0, DAY / 100)).pvalue > 0.001


def test_weekdays_and_factor():
    visitors = demand(
        "{visits_per_day: 100, profile: flat, weekday: {sat: 0.5, sun: 0}, factor: 2}"
    )
    weekday = (visitors.arrival // DAY).astype(int) % 7  # the horizon begins on a Monday
    expected = np.array([200, 200, 200, 200, 200, 100, 0]) * 26
    assert (np.abs(np.bincount(weekday, minlength=7) - expected) <= 4 * np.sqrt(expected)).all()


def test_weekdays_are_those_of_the_calendar():
    visitors = demand(
        "{visits_per_day: 100, profile: flat, weekday: {sat: 0, sun: 0}}",
        "horizon={start: 2026-01-08, weeks: 2}",  # a Thursday
    )
    days = set((visitors.arrival // DAY).astype(int).tolist())
    assert days == {0, 1, 4, 5, 6, 7, 8, 11, 12, 13}


def test_a_week_by_the_hour():
    rates = [0.0] * 168
    rates[2 * 24 + 10], rates[6 * 24 + 23] = 30, 60  # Wednesday at 10, Sunday at 23
    visitors = demand(f"{{week: {rates}}}")
    hours = (visitors.arrival // 60).astype(int) % 168
    assert set(hours.tolist()) == {58, 167}
    within_four_errors((hours == 58).sum(), 30 * 26, np.sqrt(30 * 26))
    within_four_errors((hours == 167).sum(), 60 * 26, np.sqrt(60 * 26))


def test_special_days_multiply():
    visitors = demand(
        "{visits_per_day: 400, profile: flat, special_days: ["
        "{name: month, days_of_month: [5, 6], visits: 1.5},"
        "{name: once, dates: [2026-01-06, 2026-01-07], visits: 2}]}",
        "horizon.weeks=1",
    )
    # 5 January: 1.5; 6: 1.5 × 2; 7: 2; then plain.
    expected = 400 * np.array([1.5, 3, 2, 1, 1, 1, 1])
    found = np.bincount((visitors.arrival // DAY).astype(int), minlength=7)
    assert (np.abs(found - expected) <= 4 * np.sqrt(expected)).all()


@pytest.mark.parametrize("cv", [0, 0.14, 0.5])
def test_days_differ_as_much_as_was_said(cv: float):
    text = f"{{visits_per_day: 60, profile: flat, day_to_day_cv: {cv}}}"
    parts = [demand(text, weeks=52, replication=one).arrival // DAY for one in range(5)]
    counts = np.concatenate([np.bincount(days.astype(int), minlength=364) for days in parts])
    # A Poisson count with a gamma mean: variance = m + (cv m)².
    variance = counts.var(ddof=1)
    error = np.sqrt((((counts - counts.mean()) ** 2 - variance) ** 2).mean() / len(counts))
    within_four_errors(variance, 60 + (60 * cv) ** 2, error)
    within_four_errors(counts.mean(), 60, np.sqrt(variance / len(counts)))


def test_groups_come_together_and_visits_per_day_stay_the_same():
    visitors = demand("{visits_per_day: 60, profile: flat, groups: {1: 0.5, 3: 0.3, 4: 0.2}}")
    _, sizes = np.unique(visitors.arrival, return_counts=True)
    assert set(sizes.tolist()) == {1, 3, 4}
    for size, share in ((1, 0.5), (3, 0.3), (4, 0.2)):
        share_is(sizes == size, share)
    # The members of a group are people of their own.
    assert len(np.unique(visitors.balk)) == len(visitors)
    # Mean size 2.2, mean square 0.5 + 2.7 + 3.2.
    days = 26 * 7
    within_four_errors(len(visitors) / days, 60, np.sqrt(60 / 2.2 * 6.4 / days))


def test_more_groups_keep_those_who_come():
    text = "{{visits_per_day: 60, profile: flat, groups: {{1: 0.5, 3: 0.5}}, factor: {}}}"
    base, more = demand(text.format(1)), demand(text.format(1.3))
    assert np.isin(base.balk, more.balk).all()
    assert np.isin(base.arrival, more.arrival).all()


def test_the_crowd_at_opening():
    text = "{visits_per_day: 60, profile: flat, crowd_at_opening: 0.3}"
    visitors = demand(text, "opening.hours={mon-sat: [08:00-12:00, 13:00-20:00], sun: closed}")
    day = (visitors.arrival // DAY).astype(int)
    at_opening = visitors.arrival % DAY == 480
    # Whenever they would have come that day; not on Sundays.
    share_is(at_opening[day % 7 != 6], 0.3)
    assert not at_opening[day % 7 == 6].any()
    assert (np.diff(visitors.arrival) >= 0).all()
    # The others come when they would have come anyway.
    plain = demand("{visits_per_day: 60, profile: flat}")
    assert np.isin(visitors.arrival[~at_opening], plain.arrival).all()
    assert len(visitors) == len(plain)
    assert np.array_equal(np.sort(visitors.balk), np.sort(plain.balk))


def test_a_site_that_never_closes_has_no_crowd():
    text = "{visits_per_day: 60, profile: flat, crowd_at_opening: 0.3}"
    visitors = demand(text, "opening.hours=24/7", weeks=2)
    plain = demand("{visits_per_day: 60, profile: flat}", weeks=2)
    assert np.array_equal(visitors.arrival, plain.arrival)


def test_listed_arrivals_are_put_in_order_with_all_that_is_said_of_them():
    scenario = scenario_from_text(
        """
name: listed
horizon: {days: 1}
opening: {hours: 08:00-20:00}
demand:
  arrivals:
    - {at: 700, kind: smoke, patience: 5}
    - {at: 600, kind: inject, stay: 9}
    - {at: 700, kind: inject}
visits:
  inject: {rooms: [booths], stay: 20, patience: 30, share: 0.5}
  smoke: {rooms: [lounge], stay: 10, share: 0.5}
rooms: {booths: {places: 5}, lounge: {places: 5}}
"""
    )
    visitors = draw(scenario, 1, 0)
    assert visitors.arrival.tolist() == [600, 700, 700]
    assert visitors.kind.tolist() == [0, 1, 0]
    assert visitors.patience.tolist() == [30, 5, 30]
    assert np.array_equal(visitors.stay[0], [9, np.nan, 20], equal_nan=True)
    assert np.array_equal(visitors.stay[1], [np.nan, 10, np.nan], equal_nan=True)


def test_nobody_may_come():
    assert len(demand("{arrivals: []}")) == 0
    assert len(demand("{week: [" + ", ".join(["0"] * 168) + "]}")) == 0


# --- what they are like --------------------------------------------------------------------------


def test_kinds_come_in_their_shares():
    visitors = starter("horizon.weeks=20")
    for number, share in enumerate((0.42, 0.53, 0.05)):
        share_is(visitors.kind == number, share)


def test_shares_of_all_that_may_or_may_not_happen():
    sets = ("horizon.weeks=20", "check_in.times.known=1", "check_in.times.first_visit=9", RISK)
    visitors = starter(*sets)
    inject, smoke = visitors.kind == 0, visitors.kind == 1
    share_is(~np.isnan(visitors.aftercare[inject]), 0.6)
    assert np.isnan(visitors.aftercare[visitors.kind == 2]).all()
    share_is(~np.isnan(visitors.service[0, inject]), 0.03)
    share_is(~np.isnan(visitors.service[0, smoke]), 0.01)
    share_is(visitors.check_in == 9, 0.01)
    overdose = np.isfinite(visitors.onset)
    for number, share in enumerate((0.74, 0.21, 0.05)):
        share_is(visitors.severity[overdose] == number, share)
    share_is(np.isnan(visitors.ambulance[overdose]), 0.95)


def test_a_share_that_changes_minds_and_never():
    switch = "visits.smoke.switch={after: 15, probability: 0.3, room: injecting, stay: 7}"
    visitors = starter(switch, "horizon.weeks=20")
    smoke = visitors.kind == 1
    share_is(visitors.switch_after[smoke] == 15, 0.3)
    assert np.isinf(visitors.switch_after[~smoke]).all()
    assert (visitors.stay[0, smoke] == 7).all()


def test_overdose_risk_has_the_factors_of_day_and_period():
    sets = (
        "horizon.weeks=20",
        "visits.smoke.overdose.per_1000=40",
        "demand.special_days.0.visits=1",
        "overdose.clustering=null",
    )
    visitors = starter(*sets)
    scenario = scenario_from_text(STARTER, sets)
    smoke = visitors.kind == 1
    day = (visitors.arrival // DAY).astype(int)
    special = np.array([scenario.horizon.date_of(one).day in (1, 2, 3) for one in range(140)])[day]
    share_is(np.isfinite(visitors.onset[smoke & ~special]), 0.04)
    share_is(np.isfinite(visitors.onset[smoke & special]), 0.06)


@pytest.mark.slow
@pytest.mark.parametrize(("period", "days"), [("week", 7), ("month", 30)])
def test_overdoses_come_in_clusters(period: str, days: int):
    sets = (
        "horizon.weeks=60",
        "visits.smoke.overdose.per_1000=50",
        "demand.special_days=[]",
        f"overdose.clustering={{period: {period}, cv: 0.8}}",
    )
    found: list[float] = []
    for replication in range(3):
        visitors = starter(*sets, replication=replication)
        smoke = visitors.kind == 1
        number = (visitors.arrival[smoke] // (days * DAY)).astype(int)
        hits = np.bincount(number, np.isfinite(visitors.onset[smoke]))
        found += (hits / np.bincount(number) / 0.05).tolist()
    factors = np.array(found)
    # A gamma factor of mean 1 and CV 0.8, and the counting of about 100 uses a day at 5 %.
    variance = 0.8**2 + 1 / (100 * days * 0.05)
    within_four_errors(factors.mean(), 1, np.sqrt(variance / len(factors)))
    # Excess kurtosis of a gamma: 6 CV².
    error = variance * np.sqrt((2 + 6 * 0.8**2) / len(factors))
    within_four_errors(factors.var(ddof=1), variance, error)


def test_clients():
    visitors = starter("horizon.weeks=20", "demand.clients={number: 50, sigma: 1.8}")
    visits = np.bincount(visitors.client, minlength=50) / len(visitors)
    assert len(visits) == 50
    # Their shares are those of a lognormal: exp(1.8 z) at the middles of 50 equal parts.
    weight = np.exp(1.8 * stats.norm.ppf((np.arange(50) + 0.5) / 50))
    share = weight / weight.sum()
    assert (np.abs(visits - share) <= 4 * np.sqrt(share / len(visitors))).all()
    assert (starter("demand.clients=null").client == -1).all()
    alike = starter("horizon.weeks=20", "demand.clients={number: 5, sigma: 0}").client
    for one in range(5):
        share_is(alike == one, 0.2)


def test_a_time_limit_is_kept_or_overrun():
    sets = (
        "visits.sniff.stay=60",
        "rooms.injecting.time_limit={limit: 30, comply: 0.8, overrun: 7}",
    )
    visitors = starter(*sets, "horizon.weeks=20")
    stay = visitors.stay[0, visitors.kind == 2]
    assert set(stay.tolist()) == {30, 37}
    share_is(stay == 30, 0.8)


def test_absence():
    scenario = scenario_from_text(STARTER, ["horizon.weeks=26", "staff.absence=0.1"])
    visitors = draw(scenario, 1, 0)
    assert len(visitors.absent) == len(people_on_shift(scenario))
    share_is(visitors.absent, 0.1)


def test_weather():
    room = "rooms.garden={places: 3, kind: open_air, usable_share: 0.7}"
    visitors = starter(room, "visits.sniff.rooms=[injecting, garden]", "horizon.weeks=52")
    assert not visitors.bad_weather[:2].any()
    share_is(visitors.bad_weather[2], 0.3)


# --- streams -------------------------------------------------------------------------------------


def test_a_stream_depends_on_seed_replication_and_name_alone():
    base = Streams(1, 2).uniform("stay", 5)
    busy = Streams(1, 2)
    busy.uniform("patience", 9)
    assert np.array_equal(busy.uniform("stay", 5), base)
    for other in (Streams(1, 3), Streams(2, 2), Streams(2, 1)):
        assert not np.isin(other.uniform("stay", 5), base).any()
    assert not np.isin(Streams(1, 2).uniform("stay ", 5), base).any()


def test_a_longer_stream_begins_with_the_shorter_one():
    assert np.array_equal(Streams(1, 2).uniform("a", 9)[:4], Streams(1, 2).uniform("a", 4))


def test_a_name_is_used_once():
    streams = Streams(1, 2)
    streams.uniform("stay", 5)
    with pytest.raises(ValueError, match="'stay' is used twice"):
        streams.generator("stay")


def test_streams_are_the_same_on_every_computer():
    # Not theory: noted once. Were it to change, every published result would change with it.
    noted = [0.6929440483725419, 0.6761294016446623]
    assert Streams(0, 0).uniform("kind", 2).tolist() == noted


# --- distributions -------------------------------------------------------------------------------

SHAPES: list[object] = [
    25,
    {"distribution": "empirical", "values": [3, 9, 4]},
    {"distribution": "empirical", "values": [30, 9, 4], "weights": [1, 2, 5]},
    {"distribution": "exponential", "mean": 12},
    {"distribution": "exponential", "mean": 12, "plus": 5},
    {"distribution": "exponential", "mean": 12, "plus": 5, "at_most": 15},
    {"distribution": "uniform", "low": 3, "high": 9},
    {"distribution": "uniform", "low": 3, "high": 9, "at_most": 5},
    {"distribution": "triangular", "low": 1, "mode": 2, "high": 9},
    {"distribution": "triangular", "low": 1, "mode": 9, "high": 9, "at_most": 6},
    {"distribution": "lognormal", "mean": 25, "cv": 0.5},
    {"distribution": "lognormal", "mean": 25, "sd": 20},
    {"distribution": "lognormal", "mean": 25, "cv": 0.5, "at_most": 30},
    {"distribution": "gamma", "mean": 13, "sd": 4},
    {"distribution": "gamma", "mean": 13, "cv": 1.5, "at_most": 20},
    {"distribution": "weibull", "shape": 1.2, "median": 25},
    {"distribution": "weibull", "shape": 0.7, "mean": 25},
    {"distribution": "weibull", "shape": 2.0, "median": 25, "at_most": 26},
]


def shape(said: object) -> Distribution:
    """The distribution that a scenario says."""
    return TypeAdapter(Distribution).validate_python(said)


MIDDLES = (np.arange(200_000) + 0.5) / 200_000
"""The middles of many equal parts of 0 to 1."""


def of(law: Distribution, *numbers: float) -> Floats:
    """Quantiles."""
    return law.quantile(np.array(numbers))


@pytest.mark.parametrize("said", SHAPES)
def test_mean_quantiles_and_sample_agree(said: object):
    law = shape(said)
    # The mean is the integral of the quantiles.
    assert law.quantile(MIDDLES).mean() == pytest.approx(law.mean(), rel=1e-4)
    sample = law.quantile(Streams(1, 0).uniform("sample", 40_000))
    within_four_errors(sample.mean(), law.mean(), sample.std() / np.sqrt(len(sample)) + 1e-12)
    assert (np.diff(law.quantile(np.linspace(0, 0.999, 500))) >= 0).all()
    assert (sample >= 0).all()


@pytest.mark.parametrize("name", ["lognormal", "gamma"])
@pytest.mark.parametrize("spread", [{"cv": 0.5}, {"sd": 12.5}])
def test_mean_and_spread_are_those_given(name: str, spread: dict[str, float]):
    law = shape({"distribution": name, "mean": 25, **spread})
    assert law.mean() == pytest.approx(25, rel=1e-12)
    many = law.quantile(MIDDLES)
    assert many.mean() == pytest.approx(25, rel=1e-5)
    assert many.std() == pytest.approx(12.5, rel=1e-3)


def test_quantiles_by_hand():
    assert of(shape(25), 0, 0.99).tolist() == [25, 25]
    # Median of an exponential: mean × ln 2.
    exponential = shape({"distribution": "exponential", "mean": 10})
    assert of(exponential, 0.5)[0] == pytest.approx(10 * np.log(2), rel=1e-12)
    # Of a lognormal: mean / √(1 + CV²).
    lognormal = shape({"distribution": "lognormal", "mean": 25, "cv": 0.75})
    assert of(lognormal, 0.5)[0] == pytest.approx(25 / 1.25, rel=1e-12)
    weibull = shape({"distribution": "weibull", "shape": 1.2, "median": 25})
    assert of(weibull, 0.5)[0] == pytest.approx(25, rel=1e-12)
    uniform = shape({"distribution": "uniform", "low": 3, "high": 9})
    assert of(uniform, 0, 0.25) == pytest.approx([3, 4.5], rel=1e-12)
    # A triangle from 0 to 10 with its mode at 5: half of it below 5, an eighth below 2.5.
    triangular = shape({"distribution": "triangular", "low": 0, "mode": 5, "high": 10})
    assert of(triangular, 0.125, 0.5) == pytest.approx([2.5, 5], rel=1e-12)
    # Each value as often as its weight says: 4 below 5/8, 9 below 7/8.
    empirical = shape({"distribution": "empirical", "values": [30, 9, 4], "weights": [1, 2, 5]})
    assert of(empirical, 0, 0.624, 0.625, 0.874, 0.875).tolist() == [4, 4, 9, 9, 30]


@pytest.mark.parametrize("said", [one for one in SHAPES if "at_most" in str(one)])
def test_nothing_is_beyond_a_cap(said: dict[str, Any]):
    law, uncapped = shape(said), shape({key: said[key] for key in said if key != "at_most"})
    numbers = np.linspace(0, 0.9999, 1000)
    assert np.array_equal(
        law.quantile(numbers), np.minimum(uncapped.quantile(numbers), float(said["at_most"]))
    )
    assert law.mean() < uncapped.mean()


def test_the_mean_with_a_cap_by_hand():
    # E min(X, c) of an exponential is m (1 - e^(-c/m)).
    law = shape({"distribution": "exponential", "mean": 10, "at_most": 20})
    assert law.mean() == pytest.approx(10 * (1 - np.exp(-2)), rel=1e-9)


def test_stays_in_the_simulation_are_drawn_from_the_scenario():
    scenario: Scenario = scenario_from_text(STARTER, ["horizon.weeks=20"])
    visitors = draw(scenario, 1, 0)
    for number, (_, kind) in enumerate(scenario.visits.items()):
        assert kind.patience is not None
        patience = visitors.patience[visitors.kind == number]
        error = patience.std() / np.sqrt(len(patience))
        within_four_errors(patience.mean(), kind.patience.mean(), error)


# --- places that fail ----------------------------------------------------------------------------

FAILS = "rooms.injecting.failures={every: 2 h, repair: {distribution: gamma, mean: 40, cv: 0.5}}"


def test_failures_come_whatever_the_design_and_change_nobody_who_comes():
    base = starter(FAILS)
    same(base, starter())
    for sets in (
        ("rooms.injecting.places=9", "rooms.injecting.cleaning.duration=9"),
        ("opening.hours=24/7", "rooms.injecting.dates={2026-01-05 to 2026-01-08: closed}"),
        ("rooms.smoking.failures={every: 9 h, repair: 5}",),
        ("demand.factor=2", "staff.rota.0.count=1"),
    ):
        other = starter(FAILS, *sets)
        mine = other.failure_room == base.failure_room[0]
        for name in FAILURES:
            assert np.array_equal(getattr(other, name)[mine], getattr(base, name))
        assert (np.diff(other.failure_time) >= 0).all()


def test_a_longer_horizon_begins_with_the_failures_of_the_shorter_one():
    short, long = starter(FAILS), starter(FAILS, "horizon.weeks=20")
    for name in FAILURES:
        assert np.array_equal(getattr(long, name)[: len(short.failure_time)], getattr(short, name))


def test_rarer_failures_are_later_in_proportion():
    often, seldom = starter(FAILS), starter(FAILS.replace("2 h", "6 h"))
    some = len(seldom.failure_time)
    assert 3 * often.failure_time[:some] == pytest.approx(seldom.failure_time)
    assert np.array_equal(often.failure_repair[:some], seldom.failure_repair)


def test_failures_are_an_exponential_time_apart_and_repairs_as_they_are_said():
    found = starter(FAILS, "horizon.weeks=104")
    gaps = np.diff(found.failure_time)
    assert stats.kstest(gaps, "expon", (0, 120)).pvalue > 0.001
    within_four_errors(gaps.mean(), 120, 120 / np.sqrt(len(gaps)))
    within_four_errors(found.failure_repair.mean(), 40, 20 / np.sqrt(len(gaps)))
    assert abs(np.corrcoef(gaps, found.failure_repair[1:])[0, 1]) < 4 / np.sqrt(len(gaps))
    assert found.failure_time[-1] < 104 * 7 * DAY
