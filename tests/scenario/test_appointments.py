"""What may be said of appointments, what `check` expects of them, and who is needed for them."""

import numpy as np
import pytest

from sim.rota.need.need import requirement
from sim.rota.need.work import week_of
from sim.scenario import ScenarioError
from sim.scenario.derived.appointments import appointment_times
from sim.scenario.derived.outlook import outlook, visits_a_day
from sim.scenario.load import scenario_from_text
from sim.scenario.model.scenario import Scenario
from sim.size.bound import came_by_kind
from sim.study.estimate.control import expected
from sim.visitors import Visitors, draw

CLINIC = """\
name: clinic
horizon: {weeks: 2}
opening: {hours: {mon-fri: 09:00-17:00, sat-sun: closed}}
demand: {visits_per_day: 30, profile: flat}
visits:
  booked: {share: 0, services: {doctor: 1}}
  walk_in: {services: {doctor: 1}}
services:
  doctor:
    duration: 12
    roles: [doctor]
    appointments:
      kind: booked
      hours: {mon-fri: 09:00-12:00, sat-sun: closed}
      every: 20
staff:
  roles: {doctor: {}}
  rota: [{role: doctor, days: mon-fri, from: 09:00, to: 17:00}]
"""
AT = "services.doctor.appointments."


def problems_of(*sets: str) -> list[str]:
    with pytest.raises(ScenarioError) as raised:
        scenario_from_text(CLINIC, sets)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("visits.booked.share=0.1", "is booked for doctor and so is no share of those who walk in"),
        ("visits.booked.services.doctor=0.5", "must use the service that they are booked for"),
        (AT + "kind=boked", "'boked' is not a visit kind of this scenario; did you mean 'booked'?"),
        (AT + "every=7.5", "has appointments every 7.5 minutes; give whole minutes"),
        (AT + "every=0", "every"),
        (AT + "number=0", "number"),
        (AT + "no_show=1.2", "no_show"),
        (AT + "hours={mon-fri: 09:00-12:00}", "says nothing about sat, sun"),
        (AT + "first=nobody", "first"),
        (
            "demand={arrivals: [{at: 600, kind: booked}]}",
            "'booked' comes by appointment; list others here",
        ),
        (
            "services.nurse={duration: 5, appointments: {kind: booked, hours: 24/7, every: 60}}",
            "'booked' is booked for doctor too; give each service a kind of its own",
        ),
    ],
)
def test_what_does_not_fit_is_told(changed: str, said: str):
    assert said in " ".join(problems_of(changed))


def test_a_time_is_lost_only_where_those_booked_go_first():
    told = problems_of(AT + "first=walk_ins", AT + "late_after=10")
    assert "late_after, which is for `first: booked`" in told[0]


def test_who_is_booked_uses_no_room():
    told = problems_of(
        "rooms={booths: {places: 1}}",
        "visits.booked={share: 0, rooms: [booths], stay: 10, services: {doctor: 1}}",
        "visits.walk_in={rooms: [booths], stay: 10, services: {doctor: 1}}",
    )
    assert "'booked' uses a room; who is booked uses services only" in told[0]


def test_booked_people_beside_others_who_walk_in():
    """A clinic with appointments on the hour and walk-ins at random in one scenario."""
    scenario = scenario_from_text(
        """\
name: appointments
horizon: {days: 1}
opening: {hours: 09:00-17:00}
demand: {visits_per_day: 30, profile: flat}
visits:
  booked: {share: 0, services: {doctor: 1}}
  walk_in: {services: {doctor: 1}}
services:
  doctor:
    duration: 12
    roles: [doctor]
    appointments: {kind: booked, hours: 09:00-11:00, every: 60}
staff:
  roles: {doctor: {}}
  rota: [{role: doctor, from: 09:00, to: 17:00}]
"""
    )
    visitors = draw(scenario, 1, 0)
    assert visitors.arrival[visitors.kind == 0].tolist() == [540, 600]
    assert visitors.appointment[visitors.kind == 0].tolist() == [540, 600]
    assert np.isnan(visitors.appointment[visitors.kind == 1]).all()
    assert 15 < (visitors.kind == 1).sum() < 50


# --- who comes ---------------------------------------------------------------------------------

BUSY = (
    AT + "number=3",
    AT + "no_show=0.3",
    AT + "early=10",
    AT + "lateness={distribution: exponential, mean: 12}",
)


def drawn(*sets: str, text: str = CLINIC) -> tuple[Scenario, Visitors]:
    scenario = scenario_from_text(text, sets)
    return scenario, draw(scenario, 3, 1)


def rows(visitors: Visitors, which: np.ndarray) -> dict[str, np.ndarray]:
    names = ("arrival", "check_in", "patience", "balk", "client", "service", "service_patience")
    return {name: getattr(visitors, name)[..., which] for name in names}


def test_bookings_change_nobody_who_walks_in():
    without = CLINIC.replace(CLINIC[CLINIC.index("    appointments:") : CLINIC.index("staff:")], "")
    _, alone = drawn(text=without)
    for sets in ((), BUSY, (*BUSY, AT + "every=5")):
        _, beside = drawn(*sets)
        theirs = rows(beside, beside.kind == 1)
        for name, column in rows(alone, alone.kind == 1).items():
            assert np.array_equal(theirs[name], column, equal_nan=True), name


def test_more_at_each_time_and_other_hours_change_nobody_who_is_booked():
    _, few = drawn(*BUSY[1:])
    _, more = drawn(*BUSY, AT + "hours={mon-fri: 09:00-16:00, sat-sun: closed}", "demand.factor=2")
    assert (few.kind == 0).sum() < (more.kind == 0).sum()
    assert set(few.balk[few.kind == 0]) < set(more.balk[more.kind == 0])


def test_demand_does_not_multiply_bookings():
    _, base = drawn()
    _, more = drawn(
        "demand.factor=3", "demand.special_days=[{name: x, days_of_month: [5], visits: 4}]"
    )
    assert (base.kind == 0).sum() == (more.kind == 0).sum() == 10 * 9


def test_how_many_come_and_when():
    scenario, visitors = drawn(*BUSY, "horizon.weeks=40")
    bookings = visitors.bookings
    assert len(bookings.time) == 3 * 200 * 9
    came = bookings.visit >= 0
    assert abs(came.mean() - 0.7) < 4 * np.sqrt(0.21 / len(came))
    late = visitors.arrival[bookings.visit[came]] - bookings.time[came]
    assert late.min() >= -10
    assert abs(late.mean() - 2) < 4 * 12 / np.sqrt(came.sum())
    assert np.array_equal(visitors.appointment[bookings.visit[came]], bookings.time[came])
    assert (np.diff(visitors.arrival) >= 0).all()
    assert set(bookings.kind) == {0}
    assert scenario.horizon.minutes > visitors.arrival.max()


def test_times_follow_the_calendar():
    scenario = scenario_from_text(
        CLINIC, [AT + "hours=08:00-10:00", "opening.dates={2026-01-06: 09:30-12:00}"]
    )
    times = appointment_times(scenario)["booked"]
    assert times[times < 3 * 1440].tolist() == [
        *(540, 560, 580),
        *(1440 + 580,),
        *(2880 + 540, 2880 + 560, 2880 + 580),
    ]


# --- what is expected --------------------------------------------------------------------------


def test_check_says_who_is_booked():
    found = outlook(scenario_from_text(CLINIC, [*BUSY, AT + "late_after=15"]))
    assert found.booked == (
        (
            "doctor: 19.3 a day, 3 every 20 min; 30 % do not come; seen before those who walk in, "
            "unless more than 15 min late"
        ),
    )
    assert outlook(scenario_from_text(CLINIC.replace("every: 20", "every: 30"))).booked == (
        "doctor: 4.3 a day, every 30 min; seen before those who walk in",
    )


def test_check_counts_those_who_are_expected():
    scenario, _ = drawn(*BUSY, "opening.last_entry=30", "opening.wait_at_door=4")
    let_in, refused = visits_a_day(scenario)
    counts = []
    for replication in range(60):
        visitors = draw(scenario, 5, replication)
        clock, day = visitors.arrival % 1440, visitors.arrival // 1440 % 7
        booked = visitors.kind == 0
        opens, closes = np.where(booked, 530, 536), np.where(booked, 1020, 990)
        counts.append(((clock >= opens) & (clock < closes) & (day < 5)).sum() / 14)
    error = np.std(counts, ddof=1) / np.sqrt(len(counts))
    assert abs(np.mean(counts) - let_in) < 4 * error
    assert let_in + refused == pytest.approx(30 + 3 * 0.7 * 9 * 5 / 7)


def test_check_warns_of_appointments_that_cannot_be_kept():
    def warned(*sets: str) -> str:
        return " ".join(outlook(scenario_from_text(CLINIC, sets)).warnings)

    assert "doctor" not in warned("demand.visits_per_day=5")
    late = warned(AT + "hours=08:00-09:00")
    assert "doctor: none of its appointments is in opening hours; nobody is booked" in late
    away = warned("staff.rota.0.from=10:00")
    assert (
        "doctor: 30 of 90 appointments are at times at which no doctor is on duty "
        "(first mon 2026-01-05 09:00)"
    ) in away
    many = warned(AT + "number=2")
    assert "doctor: the appointments of 20 minutes take 24 on average, more than the doctor" in many
    assert "longer and longer" not in warned(AT + "number=2", AT + "no_show=0.2")


def test_hours_with_appointments_are_not_without_demand():
    week = [0] * 168
    for day in range(5):
        week[24 * day + 12 : 24 * day + 17] = [2] * 5
    quiet = scenario_from_text(CLINIC, [f"demand={{week: {week}}}"])
    # People walk in from 12 on, and are booked from 9 to 12.
    assert not any("nobody is expected" in one for one in outlook(quiet).warnings)
    shut = scenario_from_text(
        CLINIC, [f"demand={{week: {week}}}", AT + "no_show=1", AT + "every=180"]
    )
    assert any("for 10 open hours a week" in one for one in outlook(shut).warnings)


def test_the_need_counts_appointments():
    scenario = scenario_from_text(CLINIC, [*BUSY[:2], "demand.visits_per_day=0.001"])
    load = sum(one.load.sum() for one in week_of(scenario).work) * 5
    # 3 × 0.7 come for each of 9 times on 5 days, 12 minutes each.
    assert load == pytest.approx(3 * 0.7 * 9 * 5 * 12, rel=0.01)
    # As each time comes 2.1 of them are there, for whom 4 are needed so that at most 20 % wait.
    assert requirement(scenario).asked[0].tasks[8:14].tolist() == [0, 4, 4, 4, 1, 1]


def test_who_is_early_is_needed_for_at_their_time():
    sets = (AT + "early=30", AT + "hours={mon-fri: 10:00-10:10, sat-sun: closed}")
    scenario = scenario_from_text(CLINIC, [*sets, "demand.visits_per_day=0.001"])
    load = np.sum([one.load for one in week_of(scenario).work], axis=0)
    assert load[: 12 * 10].sum() == pytest.approx(0, abs=0.01)
    seen = scenario_from_text(
        CLINIC, [*sets, AT + "seen_early=true", "demand.visits_per_day=0.001"]
    )
    load = np.sum([one.load for one in week_of(seen).work], axis=0)
    assert load[: 12 * 10].sum() > 2


def test_the_bound_of_size_counts_all_who_are_booked():
    came = came_by_kind(scenario_from_text(CLINIC, BUSY))["booked"]
    assert came.always == pytest.approx(3 * 0.7 * 90)
    assert came.before_last == 0


def test_those_who_are_booked_are_no_surprise_to_a_control_variate():
    scenario, visitors = drawn(*BUSY)
    more = expected(scenario).deviations(visitors)
    walked = (visitors.kind == 1).sum()
    assert more[0] == pytest.approx(walked - 30 * 14)
