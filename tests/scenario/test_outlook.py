"""What `check` expects of visits and places, and what it warns of.

Values are worked out by hand, or those of a queue with a place for everybody (Kolmogorov); random
sites are held against the simulation by `python -m tests.expected_many`.
"""

from math import exp
from pathlib import Path

import numpy as np
import pytest

from sim.cli.commands.new import write_starter
from sim.rota.need.need import requirement
from sim.scenario import load_scenario
from sim.scenario.derived.offered import loads, set_loads
from sim.scenario.derived.outlook import Outlook, outlook, visits_a_day
from sim.scenario.derived.warnings import demand_warnings
from sim.scenario.load import scenario_from_text
from sim.scenario.model.demand import SHAPES
from sim.scenario.model.scenario import Scenario
from sim.size.safety import safety_of
from tests.expected_many import Figures, distinct

FLAT = "[0, 0, 0, 0, 0, 0, 0, 0, 0, {nine}, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]"
SITE = (
    """\
name: site
horizon: {weeks: 4}
opening: {hours: 10:00-18:00, queue_at_close: serve}
demand: {visits_per_day: 80, profile: """
    + FLAT.format(nine=0)
    + """}
visits:
  use: {rooms: [room], stay: {distribution: exponential, mean: 20}}
rooms: {room: {places: 4}}
"""
)


def site(*sets: str, text: str = SITE) -> Scenario:
    return scenario_from_text(text, sets)


def warned(scenario: Scenario) -> list[str]:
    return list(outlook(scenario).warnings)


# --- expected visits and load ------------------------------------------------------------------


def test_a_crowd_at_the_opening_is_there_at_once():
    """20 of 80 begin at 10:00 and 7.5 an hour come: 20 e^(-t/20) + 2.5 (1 - e^(-t/20)) inside."""
    first, other = loads(site("demand.crowd_at_opening=0.25"))
    fading = (1 - exp(-3)) / 3
    assert first.load == pytest.approx(20 * fading + 2.5 * (1 - fading), rel=1e-3)
    assert f"{first.load:.1f}" == "8.0"
    assert (first.when, first.places, first.at_opening) == ("mon 10:00", 4, True)
    assert (other.when, other.at_opening) == ("mon 11:00", False)
    assert "8.0 places are needed on average at mon 10:00, but there are 4" in " ".join(
        warned(site("demand.crowd_at_opening=0.25"))
    )


def test_those_who_wait_at_the_door_are_let_in():
    """12 an hour from 09:00 to 18:00, the door opens at 10:00, and some wait from 09:30."""
    sets = ("demand.visits_per_day=108", f"demand.profile={FLAT.format(nine=1)}")
    door = site(*sets, "opening.wait_at_door=30", "rooms.room.places=6")
    assert visits_a_day(door) == pytest.approx((102, 6))
    assert outlook(door).visits_waiting_per_day == pytest.approx(6)
    # Six begin at once, beside 12 an hour.
    fading = (1 - exp(-3)) / 3
    assert loads(door)[0].load == pytest.approx(6 * fading + 4 * (1 - fading), rel=1e-3)
    assert any("6.0 visits a day come before the door opens" in text for text in warned(door))
    assert visits_a_day(site(*sets)) == pytest.approx((96, 12))


def test_last_entry_is_before_a_closing_and_not_at_midnight():
    """09:00-03:00 less the last hour are 17 hours of 24, in one piece or two."""
    text = """\
name: night
horizon: {weeks: 1}
opening: {hours: 09:00-03:00 next day, last_entry: 1 h}
demand: {visits_per_day: 480, profile: flat}
visits: {use: {services: {talk: 1}}}
services: {talk: {duration: 10, roles: [nurse]}}
staff:
  roles: {nurse: {}}
  rota: [{role: nurse, from: 09:00, to: 04:00 next day, count: 8}]
"""
    for hours in ("09:00-03:00 next day", "[00:00-03:00, 09:00-24:00]"):
        scenario = site(f"opening.hours={hours}", text=text)
        assert visits_a_day(scenario) == pytest.approx((340, 140))
        # 20 an hour for 10 minutes are 3.3 at work: six, for hardly any waiting.
        later = site(f"opening.hours={hours}", "opening.last_entry=2 h", text=text)
        assert requirement(later).by_role["nurse"][23] == 6
    halves = site("opening.hours=[00:00-12:00, 12:00-24:00]", text=text)
    assert visits_a_day(halves) == pytest.approx((480, 0))


def test_dates_and_special_days_are_counted():
    """20 of 60 visits come in 8 hours of 24; on 4 of 14 days it is closed."""
    closed = "{2026-12-24: closed, 2026-12-25: closed, 2026-12-26: closed, 2027-01-01: closed}"
    sets = (
        "horizon={start: 2026-12-21, weeks: 2}",
        "demand.visits_per_day=60",
        "demand.profile=flat",
        f"opening.dates={closed}",
    )
    let_in, refused = visits_a_day(site(*sets))
    assert let_in == pytest.approx(20 * 10 / 14)
    assert let_in + refused == pytest.approx(60)
    pay = "demand.special_days=[{name: pay, dates: [2026-12-24, 2026-12-28], visits: 2}]"
    assert visits_a_day(site(*sets, pay))[0] == pytest.approx(20 * 11 / 14)
    # A date does not thin out the load of its weekday: all are alike but for the dates.
    assert loads(site(*sets))[0].load == pytest.approx(20 / 8 / 3, rel=0.01)


def test_a_list_of_visits_has_its_load():
    """Ten come at 10:00 and stay 25 minutes, or what is listed; one is too late."""
    arrivals = [{"at": 600, "kind": "use"}] * 9
    arrivals += [{"at": 600, "kind": "use", "stay": 60}, {"at": 1080, "kind": "use"}]
    text = SITE.replace("weeks: 4", "days: 1").replace(
        "visits_per_day: 80, profile: ", "arrivals: "
    )
    text = text.replace(FLAT.format(nine=0), str(arrivals).replace("'", ""))
    listed = site("visits.use.stay=25", text=text)
    assert visits_a_day(listed) == (10, 1)
    (load,) = loads(listed)
    assert load.load == pytest.approx((9 * 25 + 60) / 60)
    assert load.when == "mon 10:00"
    limited = site("visits.use.stay=25", "rooms.room.time_limit={limit: 30}", text=text)
    assert loads(limited)[0].load == pytest.approx((9 * 25 + 30) / 60)
    (one,) = set_loads(listed)
    assert one.load[10] == pytest.approx((9 * 25 + 60) / 60)


def test_the_hours_of_a_list_are_taken_together_where_weekdays_do_not_differ():
    """One hour is busy on each of seven days; or on one of them only."""
    every = [
        {"at": 1440 * day + 660, "kind": "use", "stay": 30} for day in range(7) for _ in range(9)
    ]
    one = [{"at": 660, "kind": "use", "stay": 30}] * 60 + every
    text = SITE.replace("weeks: 4", "weeks: 1").replace(
        "visits_per_day: 80, profile: ", "arrivals: "
    )
    for arrivals, when, load in ((every, "daily 11:00", 4.5), (one, "mon 11:00", 34.5)):
        listed = site(text=text.replace(FLAT.format(nine=0), str(arrivals).replace("'", "")))
        assert loads(listed)[0].when == when
        assert loads(listed)[0].load == pytest.approx(load)


def test_a_list_of_no_visits_has_no_load():
    """Warnings of means of nothing were printed."""
    text = SITE.replace("visits_per_day: 80, profile: ", "arrivals: ")
    empty = site(text=text.replace(FLAT.format(nine=0), "[]"))
    assert outlook(empty).visits_per_day == 0
    assert [load.load for load in loads(empty)] == []


@pytest.mark.slow
def test_neighbouring_hours_of_a_list_are_taken_together_where_they_do_not_differ():
    """120 a day from 10 to 14, 25 minutes each: 30 × 25 ÷ 60 = 12.5 from 11 on; by chance 13.2."""
    rng = np.random.default_rng(4)
    came = [1440 * day + at for day in range(7) for at in rng.uniform(600, 840, 120)]
    arrivals = [{"at": round(float(at), 1), "kind": "use"} for at in came]
    text = SITE.replace("weeks: 4", "weeks: 1").replace(
        "visits_per_day: 80, profile: ", "arrivals: "
    )
    text = text.replace(FLAT.format(nine=0), str(arrivals).replace("'", ""))
    listed = site("visits.use.stay=25", text=text)
    (load,) = loads(listed)
    assert load.when == "daily 11:00"
    assert load.load == pytest.approx(12.5, rel=0.01)
    # Hours that do differ stand by themselves.
    busy = [{"at": 1440 * day + 720 + n, "kind": "use"} for day in range(7) for n in range(60)]
    text = text.replace(str(arrivals).replace("'", ""), str(arrivals + busy).replace("'", ""))
    (load,) = loads(site("visits.use.stay=25", text=text))
    assert load.when == "daily 12:00"
    assert load.load > 25


def test_a_room_that_is_taken_away_is_not_missed():
    two = SITE.replace("rooms: [room]", "share: 1, rooms: [room]").replace(
        "rooms: {",
        "  smoke: {share: 0, rooms: [smoking], stay: 20}\nrooms: {smoking: {places: 0}, ",
    )
    two = two.replace("\nrooms: {s", "\nrooms: {s").replace("visits:\n  smoke", "visits:\n  smoke")
    for places in (0, 4):
        scenario = site(f"rooms.smoking.places={places}", "rooms.room.places=8", text=two)
        assert [load.rooms for load in loads(scenario)] == [("room",)]
        assert warned(scenario) == []


@pytest.mark.slow
def test_what_is_expected_is_what_is_simulated():
    figures = Figures()
    for place, scenario in enumerate(distinct(32, 3)):
        figures.add(scenario, place, 60)
    assert figures.worst("visits") < 4
    assert figures.worst("load") < 4
    assert figures.worst("hours") < 5
    assert len(figures.hours) > 100


# --- warnings ----------------------------------------------------------------------------------

STAFFED = """\
name: staffed
horizon: {weeks: 1}
opening: {hours: 10:00-18:00, last_entry: 30 min}
demand: {visits_per_day: 80, profile: daytime}
visits:
  inject: {share: 0.5, rooms: [injecting], stay: 20, overdose: {per_1000: 1, onset: 5}}
  smoke: {share: 0.5, rooms: [smoking], stay: 15, services: {talk: 0.1}}
rooms:
  injecting: {places: 4, cleaning: {duration: 2, roles: [cleaner]}}
  smoking: {places: 4}
services: {talk: {duration: 10, roles: [social_worker]}}
supervision: [{rooms: [injecting], roles: [nurse, social_worker], minimum: 2, at_least: {nurse: 1}}]
overdose: {severities: {any: {share: 1, team: [[nurse], [nurse, social_worker]], intensive: 10}}}
staff:
  roles: {nurse: {}, social_worker: {}, cleaner: {}}
  rota:
    - {role: nurse, from: 09:30, to: "18:30"}
    - {role: social_worker, from: 09:30, to: "18:30"}
    - {role: cleaner, from: 09:30, to: "18:30"}
"""
EARLY = "staff.rota.2={role: cleaner, from: 06:00, to: 08:00}"


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ((), ()),
        # the door
        (
            ("demand.profile=[0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0,0,0,0]",),
            (
                "20.0 of 80.0 visits a day come while the site is shut (most at mon 08:00)",
                "nobody is expected for 10.5 open hours a week (first mon 16:00)",
            ),
        ),
        (("opening.hours=[10:00-14:00, 16:00-18:00]",), ("runs on between the pieces",)),
        (("opening.hours={mon-sat: 10:00-18:00, sun: closed}",), ()),
        (("opening.dates={2026-01-07: closed}",), ()),
        (("demand.weekday={sun: 0}",), ("nobody is expected for 7.5 open hours a week (first s",)),
        (("opening.hours=closed",), ("the site is never open",)),
        (("opening.last_entry=8 h",), ("nobody is ever let in: opening.last_entry is as long",)),
        (
            ("demand.profile=[1,1,1,1,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",),
            ("nobody ever comes while the site is open",),
        ),
        # places
        (
            ("rooms.smoking={places: 4, kind: open_air, usable_share: 0}",),
            ("smoke: there is no place in smoking, so that nobody of this kind can be served",),
        ),
        (
            ("rooms.smoking.places=0",),
            ("smoke: there is no place in smoking, so that nobody of this kind can be served",),
        ),
        (
            ("rooms.smoking.hours=12:00-18:00", "rooms.smoking.places=9"),
            ("smoke: no place in smoking is open for 14 open hours a week (first mon 10:00)",),
        ),
        # nobody there
        (
            ("staff.rota.0.from=11:00", "staff.rota.1.from=11:00", "supervision=[]"),
            (
                ("nobody on duty who could respond to an overdose for 7 open hours a week "
                "(first mon 10:00): put a nurse or social_worker on the rota then"),
                "an overdose (any) needs 2 nurse or social_worker, but the rota has fewer for 7",
            ),
        ),
        (
            ("staff.rota.0.from=11:00", "supervision=[]", "staff.rota.1.count=2"),
            ("an overdose (any) needs 1 nurse, but the rota has fewer for 7 open hours a week",),
        ),
        (
            ("opening.last_entry=0", "staff.stay_until_empty=false",
             *(f"staff.rota.{line}.to=18:00" for line in range(3))),
            ("somebody is still in a place when the last shift ends",),
        ),
        # what nobody can ever do
        (
            ("supervision.0.minimum=3",),
            (
                ("supervision of injecting needs 3 nurse or social_worker, but never more than 2 "
                "are on duty while the site is open: nobody is ever let into injecting"),
            ),
        ),
        (
            ("supervision.0.at_least={nurse: 2}",),
            ("supervision of injecting needs 2 nurse, but never more than 1 are on duty",),
        ),
        (
            ("overdose.severities.any.team=[[nurse], [nurse]]", "staff.rota.1.count=2",
             "staff.rota.0.count=2", "staff.rota.0.days=mon"),
            ("nobody on duty who could respond to an overdose for 48 open hours a week",
             "supervision of injecting needs 1 nurse, but the rota has fewer for 48",
             "an overdose (any) needs 2 nurse, but the rota has fewer for 48 open hours a week"),
        ),
        (
            (EARLY,),
            (("cleaning of injecting needs 1 cleaner, but none is ever on duty while the site is "
             "open: each of its places is used once"),),
        ),
        (
            ("services.talk.roles=[cleaner]", EARLY, "rooms.injecting.cleaning=null"),
            ("talk needs 1 cleaner, but none is ever on duty",),
        ),
        (
            ("check_in={times: {known: 1}, roles: [cleaner]}", "rooms.injecting.cleaning=null",
             EARLY),
            ("check-in needs 1 cleaner, but none is ever on duty",),
        ),
        # dates: hours of their own, for which the rota may have nobody
        (
            ("opening.dates={2026-01-07: 10:00-20:00}",),
            ("respond to an overdose", "supervision", "supervision", "an overdose (any)",
             ("at 1 of 7 closings (first wed 20:00) nobody is on duty who counts for supervision "
              "or could meet an overdose: whoever is inside then is alone"),
             "nobody is on duty who could give talk: who has had a place and not had it goes"),
        ),
        # at closing, with those who stay
        (
            ("opening.last_entry=0", *(f"staff.rota.{line}.to=18:00" for line in range(3))), (),
        ),
        (
            ("staff.rota.1.to=17:59", "opening.queue_at_close=serve", "staff.rota.2.to=17:30",
             "supervision=[]", "overdose.severities.any.team=[[nurse]]"),
            ("at 7 of 7 closings (first mon 18:00) nobody is on duty who could give talk",
             "nobody is on duty who could clean injecting: who waits for a place that is not"),
        ),
        (
            ("check_in={times: {known: 1}, roles: [cleaner]}", "rooms.injecting.cleaning=null",
             "staff.rota.2.to=17:30", "opening.queue_at_close=serve"),
            ("check-in needs 1 cleaner, but the rota has fewer for 3.5 open hours a week",
             "nobody is on duty who could register people: who is still in line is sent away"),
        ),
    ],
)  # fmt: skip
def test_each_thing_that_cannot_work_is_told(sets: tuple[str, ...], words: tuple[str, ...]):
    found = warned(site(*sets, text=STAFFED))
    assert len(found) == len(words), found
    for text, part in zip(found, words, strict=True):
        assert part in text


def test_a_date_is_told_of_by_its_date():
    found = warned(site("opening.dates={2026-01-07: 10:00-20:00}", text=STAFFED))
    assert all("1.5 open hours a week (first 2026-01-07 18:30)" in text for text in found[:4])


def test_more_warnings_can_be_added():
    found: Outlook = outlook(site(text=STAFFED)).warned(["the target cannot be met"])
    assert found.warnings == ("the target cannot be met",)


# --- the first edits of a planner --------------------------------------------------------------

EDITED = ("rooms.injecting.places=8", "demand.visits_per_day=140")
LONG = "opening.hours=09:00-21:00"
SIX = "rooms.smoking.places=6"


def rota(*shifts: tuple[str, str]) -> str:
    """Two nurses and three social workers on each of some shifts, every day."""
    lines = [
        f"{{role: {role}, from: {since}, to: {until}, count: {count}}}"
        for since, until in shifts
        for role, count in (("nurse", 2), ("social_worker", 3))
    ]
    return f"staff.rota=[{', '.join(lines)}]"


FROM_EIGHT = f"demand.profile={[0] * 8 + list(SHAPES['daytime']) + [0] * 4}"
TWO_SHIFTS = rota(("08:30", "15:15"), ("14:45", "21:30"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ((), ()),
        ((*EDITED, SIX, LONG, TWO_SHIFTS), ()),
        ((*EDITED, SIX, "opening.hours={mon-sat: 09:00-21:00, sun: closed}", TWO_SHIFTS), ()),
        ((*EDITED, SIX, LONG, "opening.dates={2026-06-05: closed}", TWO_SHIFTS), ()),
        (
            (*EDITED, SIX, "opening.hours=[09:00-13:00, 15:00-21:00]", TWO_SHIFTS),
            ("the profile runs on between the pieces of a day's hours",),
        ),
        (
            (
                *EDITED,
                "opening.hours=22:00-06:00 next day",
                "rooms.smoking.places=8",
                rota(("21:30", "02:00 next day"), ("01:45", "06:30")),
            ),
            (),
        ),
        (
            (
                *EDITED,
                SIX,
                "opening.hours=24/7",
                "horizon={start: 2026-06-01, weeks: 5, warmup_weeks: 1}",
                rota(("00:00", "08:00"), ("08:00", "16:00"), ("16:00", "24:00")),
            ),
            (),
        ),
        (
            (*EDITED, SIX, LONG, rota(("09:00", "15:00"), ("15:00", "20:00"))),
            ("respond to an overdose for 7 open hours a week (first mon 20:00)", "supervision",
             "supervision", "check-in", "an overdose (oxygen_only, naloxone",
             "at 28 of 28 closings (first mon 21:00) nobody is on duty who counts for supervision",
             "who has had a place and not had it goes without"),
        ),
        (
            (*EDITED, SIX, LONG, TWO_SHIFTS, FROM_EIGHT),
            ("come while the site is shut (most at mon 08:00)",
             "nobody is expected for 3.5 open hours a week (first mon 20:00)"),
        ),
    ],
)  # fmt: skip
def test_the_path_of_a_new_planner(tmp_path: Path, sets: tuple[str, ...], words: tuple[str, ...]):
    write_starter("my-site", tmp_path)
    found = outlook(load_scenario(tmp_path / "my-site.yaml", sets))
    assert len(found.warnings) == len(words), found.warnings
    for text, part in zip(found.warnings, words, strict=True):
        assert part in text
    # Benefit days are in it.
    assert 100 < found.visits_per_day < 210


def test_the_load_of_a_week_is_that_of_weeks_without_end():
    """Little's law: mean places in use are visits x stay, with nights and long stays."""
    sets = ("opening.hours=22:00-06:00 next day", "demand.profile=daytime")
    (one,) = set_loads(site(*sets, "visits.use.stay=300"))
    assert one.visits == pytest.approx(7 * 80)
    assert float(np.sum(one.load)) * 60 == pytest.approx(7 * 80 * 300)
    assert one.stay == pytest.approx(300)


def test_who_may_switch_to_another_room_is_told_beside_the_load():
    """14 an hour for 20 minutes ask for 4.7 of one place, but all may go next door."""
    text = """\
name: next-door
horizon: {weeks: 1}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 112, profile: daytime}
visits:
  inject:
    {rooms: [injecting], stay: 20, switch: {after: 1, probability: 0.5, room: smoking, stay: 15}}
  smoke: {share: 0, rooms: [smoking], stay: 15}
rooms: {injecting: {places: 1}, smoking: {places: 12}}
"""
    (told,) = warned(scenario_from_text(text))
    assert told.endswith("; but 50 % of inject also accept smoking after 1 min in the queue")
    without = "visits.inject.switch.probability=0"
    (told,) = warned(site(without, text=text))
    assert told.endswith("the queue grows until people leave or demand falls")


def test_a_rule_that_asks_twice_for_the_same_is_told_of_once():
    text = """\
name: twice
horizon: {weeks: 1}
opening: {hours: 10:00-18:00}
demand: {visits_per_day: 20, profile: daytime}
visits: {use: {rooms: [room], stay: 20}}
rooms: {room: {places: 5}}
supervision: [{rooms: [room], roles: [nurse], minimum: 1, at_least: {nurse: 1}}]
staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 10:30, to: 19:00}]}
"""
    scenario = scenario_from_text(text)
    (told,) = warned(scenario)
    assert told.startswith("supervision of room needs 1 nurse, but the rota has fewer for 3.5 open")
    assert len(safety_of(scenario).broken) == 1


def test_dates_with_other_hours_are_shown_after_the_week():
    dates = (
        "{2026-12-24: closed, 2026-12-25: 12:00-15:00, 2026-12-27: 10:00-18:00, 2027-02-01: closed}"
    )
    start = ("horizon.start=2026-12-21", "horizon.weeks=2")
    week = "every day 10:00-18:00"
    assert outlook(site(*start)).opening == (week,)
    found = outlook(site(*start, f"opening.dates={dates}"))
    assert found.opening == (week, "thu 2026-12-24 closed", "fri 2026-12-25 12:00-15:00")
    days = ", ".join(f"2026-12-{day}: 12:00-{day % 2 + 14}:00" for day in range(22, 29))
    found = outlook(site(*start, f"opening.dates={{{days}}}"))
    assert len(found.opening) == 7
    assert found.opening[-1] == "and on 2 more dates other hours"
    days = "2026-12-21 to 2026-12-27: closed"
    stretch = "mon 2026-12-21 to sun 2026-12-27 closed"
    assert outlook(site(*start, f"opening.dates={{{days}}}")).opening == (week, stretch)
    days = ", ".join(f"2026-12-{day}: closed" for day in range(10, 30, 2))
    many = ("horizon.start=2026-12-01", "horizon.weeks=4", f"opening.dates={{{days}}}")
    assert outlook(site(*many)).opening[-1] == "and on 5 more dates closed"


CLOSED_WEEK = ("horizon.start=2026-12-21", "opening.dates={2026-12-23 to 2026-12-27: closed}")


def test_visits_on_closed_dates_are_told_of_the_dates():
    """Eighty visits a day, flat over eight hours; closed for five days of 28."""
    told = (
        "14.3 of 80.0 visits a day come while the site is shut and count as closed, 14.3 of them "
        "on dates with hours of their own: if nobody would come then, name these dates under "
        "demand.special_days with `visits: 0`"
    )
    flat = "demand.profile=[0,0,0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0,0]"
    hours = "opening.hours=10:00-18:00"
    (warning,) = demand_warnings(site(*CLOSED_WEEK, flat, hours))
    assert warning.startswith(f"{told}, or write `profile: city-day`")
    off = "demand.special_days=[{name: shut, visits: 0, dates: [2026-12-23 to 2026-12-27]}]"
    off = off.replace("2026-12-23 to 2026-12-27", ", ".join(f"2026-12-{n}" for n in range(23, 28)))
    assert demand_warnings(site(*CLOSED_WEEK, flat, hours, off)) == []
    # A shape follows the hours, those of dates too.
    assert demand_warnings(site(*CLOSED_WEEK, "demand.profile=daytime", hours)) == []
    # Most of those who find it shut come by night: that is told.
    (warning,) = demand_warnings(site(*CLOSED_WEEK, "demand.profile=flat", hours))
    assert "(most at mon 00:00)" in warning


# --- rooms on dates, and places that fail --------------------------------------------------------


def test_dates_and_failures_of_rooms_are_told():
    found = outlook(
        site(
            "rooms.room.dates={2026-01-06 to 2026-01-08: closed, 2026-01-09: 2, 2026-01-12: 2}",
            "rooms.room.failures={every: 30 days, repair: 3 h, places: 2}",
            "rooms.small={places: 1, failures: {every: 50, repair: 5}}",
            "visits.use.rooms=[room, small]",
        )
    )
    assert found.rooms == (
        "room: closed on 2026-01-06 to 2026-01-08",
        "room: 2 places on 2026-01-09, 2026-01-12",
        "room: every 30 days on average up to 2 places out of order, for 3 hours",
        "small: every 50 min on average 1 place out of order, for 5 min",
    )
    assert outlook(site()).rooms == ()


def test_places_on_a_date_are_in_the_load_and_an_ordinary_week_has_none():
    # 10 an hour for exp(20) minutes, to 4 places, or 1 on Fridays.
    fridays = ", ".join(f"2026-01-{day:02d}: 1" for day in (9, 16, 23, 30))
    one, usual = site(f"rooms.room.dates={{{fridays}}}"), site()
    (load,) = loads(one)
    assert load.when.startswith("fri ")
    assert load.places == 1
    assert [each.load.tolist() for each in set_loads(one)] == [
        each.load.tolist() for each in set_loads(usual)
    ]


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (("rooms.room.dates={2026-01-06 to 2026-01-07: 9}",), ("more than its 4 places on",)),
        (("rooms.room.failures={every: 1 h, repair: 1 h}",), ("more than 20 % of them",)),
        (("rooms.room.failures={every: 30 d, repair: 2 d}",), ("set warmup_weeks: 1",)),
        (("rooms.room.dates={2026-01-06: closed}",), ("no place in room is open for 2 open",)),
        (("rooms.room.failures={every: 30 d, repair: 2 h}",), ()),
    ],
)
def test_what_is_likely_to_be_a_mistake_of_dates_and_failures(sets, words):
    found = warned(site(*sets))
    assert len(found) == len(words)
    for word in words:
        assert any(word in one for one in found), found


# --- targets -----------------------------------------------------------------------------------

LEAVES = """\
name: site
opening: {hours: 10:00-20:00}
demand: {visits_per_day: 80, profile: daytime}
visits: {use: {rooms: [booths], stay: 20, patience: 20}}
rooms: {booths: {places: 8}}
targets: [TARGETS]
"""


@pytest.mark.parametrize(
    ("targets", "sets", "alone"),
    [
        ("wait.p90 <= 10 min", (), True),
        ("wait_joined.mean <= 5 min", (), True),
        ('"wait.p90 of room booths <= 10 min"', (), True),
        ("wait.p90 <= 10 min, unserved <= 5 %", (), False),
        ("wait.p90 <= 10 min, unserved.per_day <= 8", (), False),
        ("cost.per_year <= 8", (), False),
        # Nobody ever leaves.
        ("wait.p90 <= 10 min", ("visits.use.patience=null",), False),
        ("wait.p90 <= 10 min", ("visits.use.patience=null", "waiting_area.seats=3"), True),
    ],
)
def test_a_target_on_waits_alone_leaves_a_way_out(targets: str, sets: tuple[str, ...], alone: bool):
    found = outlook(scenario_from_text(LEAVES.replace("TARGETS", targets), sets)).warnings
    assert any("say nothing of unserved" in warning for warning in found) is alone
