"""A city's file: what it may say, what is told when its parts do not fit, what system it makes."""

from datetime import date

import numpy as np
import pytest

from sim.log import Outcome
from sim.scenario.city.model import City
from sim.scenario.city.outlook import city_outlook, dates_beyond, unused
from sim.scenario.city.system import REFUSALS, is_system, system_of
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import load_scenario, read_scenario
from sim.scenario.model.base import LONGEST

SITE = """
name: a-site
horizon: {weeks: 2}
opening: {hours: {mon-sun: "08:00-20:00"}}
demand: {visits_per_day: 50, profile: flat}
visits:
  inject: {share: 0.4, rooms: [booths], stay: {distribution: exponential, mean: 20}, priority: 2}
  smoke:
    share: 0.6
    rooms: [lounge]
    stay: {distribution: exponential, mean: 15}
    patience: {distribution: fixed, value: 12}
rooms:
  booths: {places: 4}
  lounge: {places: 3}
targets: ["wait.p90 <= 10 min"]
"""
CITY = """
name: town
horizon: {weeks: 1}
demand: {visits_per_day: 100, profile: flat}
visits:
  inject: {share: 0.5}
  smoke: {share: 0.5, patience: {distribution: fixed, value: 7}}
facilities:
  north: {file: site.yaml}
  south:
    file: site.yaml
    rooms: {booths: {places: 9}}
  yard: {file: site.yaml, supervised: false, rooms: {lounge: {kind: open_air}}}
choice:
  prefer: {north: 0.7, south: 0.3}
  walk: {north: {south: 4}, south: {north: 6}, yard: 2}
variants:
  without: {facilities.north: null}
  late: {facilities: {south: {opening: {hours: {mon-sun: "12:00-24:00"}}}}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "town.yaml").write_text(CITY, encoding="utf-8")
    return tmp_path


def told(folder, *changes, sets=()):
    """What is wrong with the city after changes of its text, each a pair of what to replace."""
    text = CITY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "town.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as found:
        load_scenario(folder / "town.yaml", sets)
    return [
        str(one).replace(f"{folder}/", "").replace(f"{folder}\\", "")
        for one in found.value.problems
    ]


def test_a_city_is_read_with_its_facilities(folder):
    city = load_scenario(folder / "town.yaml")
    assert isinstance(city, City)
    assert is_system(city)
    system = system_of(city)
    assert list(system.sites) == ["north", "south", "yard"]
    assert [site.rooms["booths"].places for site in system.sites.values()] == [4, 9, 4]
    assert system.supervised == (True, True, False)
    north = system.sites["north"]
    assert north.horizon == city.horizon
    assert north.demand == city.demand
    assert north.targets == ()
    assert north.visits["smoke"].patience == city.visits["smoke"].patience
    assert north.visits["inject"].priority == 2  # the city says nothing of it
    assert system.people is city


def test_walks_are_both_ways_unless_the_reverse_is_given(folder):
    choice = system_of(load_scenario(folder / "town.yaml")).choice
    np.testing.assert_array_equal(choice.walk, [[0, 4, 2], [6, 0, 2], [2, 2, 0]])
    city = load_scenario(folder / "town.yaml", ["choice.walk.south={yard: 9}"])
    assert system_of(city).choice.walk.tolist() == [[0, 4, 2], [4, 0, 9], [2, 9, 0]]


def test_who_nobody_prefers_comes_last_and_with_origins_nearness_counts(folder):
    weights = system_of(load_scenario(folder / "town.yaml")).choice.weights
    assert weights[0, 0, :2].tolist() == [0.7, 0.3]
    assert 0 < weights[0, 0, 2] < 1e-6
    near = "{west: {share: 1.0, walk: {north: 20, south: 0, yard: 40}}}"
    sets = [f"choice.origins={near}", "choice.prefer={north: 2}"]
    choice = system_of(load_scenario(folder / "town.yaml", sets)).choice
    np.testing.assert_allclose(choice.weights[0, 0], [2 * np.exp(-1), 1, np.exp(-2)])
    np.testing.assert_array_equal(choice.from_origin, [[20, 0, 40]])


def test_a_facility_can_be_taken_away_and_changed(folder):
    left = load_scenario(folder / "town.yaml", variant="without")
    assert isinstance(left, City)
    assert list(left.open_facilities) == ["south", "yard"]
    assert left.choice.prefer == {"south": 1.0}
    late = load_scenario(folder / "town.yaml", variant="late")
    assert isinstance(late, City)
    assert late.open_facilities["south"].opening.hours.week[0][0][0] == 720
    both = load_scenario(folder / "town.yaml", ["facilities.yard=null", "facilities.south=null"])
    alone = system_of(both)
    assert list(alone.sites) == ["north"]
    assert alone.is_city  # its figures go on being told by its name, and the same people come
    assert alone.people is both


def test_a_city_written_out_is_read_as_the_same(folder):
    city = load_scenario(folder / "town.yaml", variant="without")
    again = City.model_validate(city.model_dump(mode="json", by_alias=True, exclude_none=True))
    assert again == city


def test_a_site_to_which_people_come_back_is_a_system_of_one(folder):
    site = folder / "site.yaml"
    assert not is_system(load_scenario(site))
    returns = "{share: 0.2, after: {distribution: exponential, mean: 60}}"
    back = load_scenario(site, [f"visits.smoke.returns={returns}", "visits.smoke.attempts=5"])
    assert is_system(back)
    system = system_of(back)
    assert system.people is back
    assert [(one.share, one.attempts) for one in system.choice.returning] == [(0, 3), (0.2, 5)]
    assert not system.choice.diverts.any() or len(system.sites) == 1


def test_refusals_have_the_numbers_that_logs_have():
    assert {name.upper(): number for name, number in REFUSALS.items()} == {
        one.name: int(one) for one in Outcome if one.name.lower() in REFUSALS
    }
    assert len(Outcome) == 9


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "{north: 0.7, south: 0.3}",
            "{nort: 0.7, south: 0.3}",
            "town.yaml:15:18: choice.prefer.nort: 'nort' is not a facility",
        ),
        (
            "{north: 0.7, south: 0.3}",
            "{north: 0.7, south: 0.5}",
            "town.yaml:15:3: choice.prefer: shares of the first wishes add to 1.2",
        ),
        (
            "walk: {north: {south: 4}, south: {north: 6}, yard: 2}",
            "walk: {yard: 2}",
            "town.yaml:16:3: choice.walk: does not say how far it is from north to south",
        ),
        (
            "walk: {north: {south: 4},",
            "walk: {north: {sputh: 4},",
            "'sputh' is not a facility of this scenario; did you mean 'south'?",
        ),
        (
            "smoke: {share: 0.5,",
            "snort: {share: 0.5,",
            "town.yaml:7:3: visits.snort: no facility serves this kind; they serve inject, smoke",
        ),
        (
            "inject: {share: 0.5}",
            "inject: {share: 0.5, rooms: [booths]}",
            "town.yaml:6:3: visits.inject: gives rooms, which each facility says for itself",
        ),
        (
            "north: {file: site.yaml}",
            "north: {file: cite.yaml}",
            "town.yaml:9:17: facilities.north.file: there is no such file",
        ),
        (
            "north: {file: site.yaml}",
            "north: {file: town.yaml}",
            "facilities.north.file: is a city itself",
        ),
        (
            "north: {file: site.yaml}",
            "north: {file: site.yaml, variant: no-such}",
            "facilities.north.variant: there is no variant 'no-such'",
        ),
        (
            "north: {file: site.yaml}",
            "north: {file: site.yaml, rooms: {booths: {places: -1}}}",
            "facilities.north.rooms.booths.places: must be at least 0",
        ),
        (
            "north: {file: site.yaml}",
            (
                "north: {file: site.yaml, costs: {opening_hour: 3, currency: DKK}}\n"
                "  other: {file: site.yaml, costs: {opening_hour: 3}}"
            ),
            "is EUR, but north has its costs in DKK, and a city has one currency",
        ),
        (
            "demand: {visits_per_day: 100, profile: flat}",
            "demand: {visits_per_day: 100, profile: city-day, crowd_at_opening: 0.1}",
            "demand.profile: city-day follows the opening hours of a site",
        ),
        (
            "inject: {share: 0.5}",
            "inject: {share: 0.6}",
            "visits: shares of the visit kinds add to 1.1",
        ),
        (
            "choice:",
            "rooms: {hall: {places: 2}}\nchoice:",
            "town.yaml:14:1: rooms: is what each facility says for itself",
        ),
        (
            "  prefer:",
            "  diverts: {close: 0.5}\n  prefer:",
            "town.yaml:15:13: choice.diverts.close: ",
        ),
        (
            "  prefer:",
            "  returns: {share: 1, after: 9}\n  attempts: unlimited\n  prefer:",
            "choice.returns.after: is 9 minutes in the mean, and people come back without end",
        ),
        (
            "inject: {share: 0.5}",
            "inject: {share: 0.5, returns: {share: 1, after: 0}, attempts: unlimited}",
            "visits.inject.returns.after: is 0 minutes in the mean, and people come back",
        ),
    ],
)
def test_what_does_not_fit_is_told_where_it_stands(folder, old, new, message):
    found = told(folder, (old, new))
    assert any(message in one for one in found), found


def test_everything_is_told_at_once(folder):
    found = told(
        folder,
        ("{north: 0.7, south: 0.3}", "{north: 0.7, west: 0.5}"),
        ("walk: {north: {south: 4}, south: {north: 6}, yard: 2}", "walk: {yard: 2}"),
        ("inject: {share: 0.5}", "inject: {share: 0.6}"),
    )
    assert len(found) == 4, found


def test_a_walk_that_nobody_would_take_need_not_be_given(folder):
    other = SITE.replace("visits:", "visits:\n  eat: {share: 0.0, rooms: [lounge],")
    other = other.replace(
        "[lounge],\n  inject", "[lounge], stay: {distribution: fixed, value: 5}}\n  inject"
    )
    (folder / "other.yaml").write_text(other, encoding="utf-8")
    text = CITY.replace(
        "facilities:\n", "  eat: {share: 0.0}\nfacilities:\n  far: {file: other.yaml}\n"
    )
    (folder / "town.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="from far to north"):
        load_scenario(folder / "town.yaml")  # both serve those who smoke
    only_food = ["facilities.far.visits={eat: {share: 1.0, rooms: [lounge, booths], stay: 5}}"]
    far = system_of(load_scenario(folder / "town.yaml", only_food)).choice.walk[0]
    assert far.tolist() == [0, LONGEST, LONGEST, 2]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "{north: 0.7, south: 0.3}",
            "{inject: {north: 1}, south: 0.3}",
            "15:39: choice.prefer.south: is one number",
        ),
        (
            "{north: 0.7, south: 0.3}",
            "{inject: {north: -1}, smoke: {north: 1}}",
            "15:28: choice.prefer.inject.north: must be at least 0, not -1",
        ),
        (
            "{north: 0.7, south: 0.3}",
            "{north: 0}\n  origins: {at: {share: 1, walk: {north: 1, south: 1, yard: 1}}}",
            "15:3: choice.prefer: makes no facility attractive",
        ),
        (
            "south: {north: 6}",
            "south: {south: 6}",
            "16:44: choice.walk.south.south: is a walk to where one is already",
        ),
        (
            "north: {file: site.yaml}",
            "north: site.yaml",
            "9:3: facilities.north: must be settings, as in `{file: site.yaml}`",
        ),
        (
            "north: {file: site.yaml}",
            "north: {extends: site.yaml}",
            "9:11: facilities.north.extends: is of whole files; write `file:`",
        ),
        (
            "north: {file: site.yaml}",
            "north: {variant: late}",
            "9:20: facilities.north.variant: is one of a file's variants; name the file too",
        ),
        (
            "north: {file: site.yaml}",
            "north: {}",
            "9:3: facilities.north: names no site; write `file: site.yaml`",
        ),
        (
            "north: {file: site.yaml}",
            "nørre: {file: site.yaml}",
            "9:3: facilities.nørre: 'nørre' cannot be a name",
        ),
        ("horizon: {weeks: 1}", "horizon: {weeks: 0}", "3:18: horizon.weeks: must be at least 1"),
        (
            "choice:",
            "opening: {hours: 24/7}\nchoice:",
            "14:1: opening: is what each facility says for itself",
        ),
        (
            "choice:",
            "staff: {roles: {nurse: {}}}\nchoice:",
            "14:1: staff: is what each facility says for itself",
        ),
        (
            "visits_per_day: 100",
            "served_per_day: 100",
            "4:1: demand: has served_per_day, which cannot be said of a city",
        ),
    ],
)
def test_a_mistake_of_how_a_city_is_written_is_told_once(folder, old, new, message):
    found = told(folder, (old, new))
    assert len(found) == 1, found
    assert found[0].startswith(f"town.yaml:{message}"), found


@pytest.mark.parametrize(
    ("set_", "message"),
    [
        ("facilities.nord.rooms.booths.places=3", "nord: names no site"),
        ("facilities.nrth.rooms.booths.places=3", "did you mean `north`?"),
        ("facilities.new={file: site.yaml}", "new.file: can only be written in a file"),
        ("facilities.north.demand.factor=2", "demand: is said of the whole city"),
        ("facilities.north.horizon.weeks=2", "horizon: is said of the whole city"),
        ("facilities={north: null, south: null, yard: null}", "has no facility left"),
        ("rooms.hall.places=2", "rooms: is what each facility says for itself"),
        (
            "facilities.north.visits.inject.share=0.2",
            "share: is said of the whole city: write visits.inject.share at the top level",
        ),
        (
            "facilities.north.visits.smoke.patience.value=2",
            "value: is said of the whole city: write visits.smoke.patience at the top level",
        ),
        (
            "facilities.north.visits.inject.returns={share: 0.2, after: 9}",
            "returns.share: is said of the whole city: write visits.inject.returns",
        ),
    ],
)
def test_a_setting_of_what_a_city_has_not_points_at_the_setting(folder, set_, message):
    found = told(folder, sets=[set_])
    assert found[0].startswith("--set "), found
    assert message in found[0], found


def test_targets_are_of_facilities_and_flows(folder):
    for text, message in (
        ("wait.p90 of room lounge <= 9", "must say at which facility, as in 'of facility north, "),
        ("wait.p90 of facility west <= 9", "'west' is not a facility"),
        ("flow.per_day of from north, to west <= 9", "'west' is not a facility"),
    ):
        (found,) = told(folder, sets=[f"targets=[{text!r}]"])
        assert message in found, found
    good = (
        "flow.per_day of from north, to south <= 9",
        "flow.per_day of from return, to south <= 9",
        "wait.p90 of room lounge, facility south <= 9",
    )
    sets = [f"targets={list(good)!r}"]
    city = load_scenario(folder / "town.yaml", sets)
    assert [target.by for target in city.targets] == [
        "from:north/to:south",
        "from:return/to:south",
        "facility:south/room:lounge",
    ]
    without = load_scenario(folder / "town.yaml", sets, variant="without")
    assert [target.by for target in without.targets] == [
        "from:return/to:south",
        "facility:south/room:lounge",
    ]  # north is taken away, and with it what it is to keep


def test_holidays_and_horizon_of_the_city_are_those_of_its_facilities(folder):
    sets = ["horizon={start: 2026-12-21, weeks: 1}", "holidays={country: DK}"]
    shut = [*sets, "facilities.north.opening.holidays=closed"]
    city = load_scenario(folder / "town.yaml", shut)
    sites = system_of(city).sites
    christmas = date(2026, 12, 25)
    assert sites["north"].opening.dates[christmas] == ()
    assert christmas not in sites["south"].opening.dates
    own = [*shut, "facilities.north.holidays={country: SE}"]
    north = system_of(load_scenario(folder / "town.yaml", own)).sites["north"]
    assert north.holidays is not None
    assert north.holidays.country == "SE"


def test_what_is_closed_around_sunday_midnight_is_one_stretch(folder):
    city = load_scenario(folder / "town.yaml", ["facilities.north.opening.hours=09:00-21:00"])
    assert isinstance(city, City)
    alone = ["facilities.south=null", "facilities.yard=null"]
    alone.append("facilities.north.opening.hours=09:00-21:00")
    city = load_scenario(folder / "town.yaml", alone)
    assert isinstance(city, City)
    lines = city_outlook(city).closed
    assert all(str(one).endswith("of the week: every day 21:00-09:00 next day") for one in lines)
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (
            "{mon-sat: '09:00-18:00', sun: closed}",
            "mon-fri 18:00-09:00 next day, sat 18:00-mon 09:00",
        ),
        ("{mon-sat: '00:00-24:00', sun: closed}", "sun 00:00-24:00"),
        ("{mon-thu: '00:00-24:00', fri-sun: closed}", "fri 00:00-mon 00:00"),
        ("closed", "the whole week"),
    ],
)
def test_what_is_closed_for_days_ends_on_the_day_on_which_it_ends(folder, hours, told):
    alone = ["facilities.south=null", "facilities.yard=null"]
    city = load_scenario(folder / "town.yaml", [*alone, f"facilities.north.opening.hours={hours}"])
    assert isinstance(city, City)
    assert all(f"of the week: {told}" in str(one) for one in city_outlook(city).closed)


def test_a_facility_may_be_taken_away_that_alone_served_a_kind(folder):
    advice = "advice: {share: 0.0, rooms: [booths], stay: 5}"
    other = SITE.replace("visits:\n", f"visits:\n  {advice}\n")
    (folder / "other.yaml").write_text(other, encoding="utf-8")
    text = CITY.replace("north: {file: site.yaml}", "north: {file: other.yaml}")
    text = text.replace("visits:\n", "visits:\n  advice: {share: 0.0}\n")
    (folder / "town.yaml").write_text(text, encoding="utf-8")
    city = load_scenario(folder / "town.yaml", ["facilities.north=null"])
    assert isinstance(city, City)
    found = city_outlook(city)
    assert any("no facility that is left serves advice" in one for one in found.warnings)
    assert "advice: nothing open for 10,080 minutes of the week: the whole week" in found.closed


def test_a_city_is_warned_of_needs_and_told_what_it_leaves_out(folder):
    waits = ["targets=['wait.p90 <= 9', 'wait.p80 of facility north <= 5']"]
    city = load_scenario(folder / "town.yaml", waits)
    assert isinstance(city, City)
    warned = [one for one in city_outlook(city).warnings if "targets limit waits" in one]
    assert [one for one in warned if "needs_met.share" in one] == warned
    assert len(warned) == 1
    both = ["targets=['wait.p90 <= 9', 'needs_met.share >= 90 %']"]
    city = load_scenario(folder / "town.yaml", both)
    assert isinstance(city, City)
    assert not [one for one in city_outlook(city).warnings if "targets limit waits" in one]
    back = "returns: {share: 0.1, after: 9}"
    site = SITE.replace("{share: 0.4, ", f"{{share: 0.4, {back}, ")
    (folder / "site.yaml").write_text(site, encoding="utf-8")
    read = read_scenario(folder / "town.yaml", waits, variant="without")
    assert isinstance(read.scenario, City)
    notes = unused(read.scenario, read.source)
    assert "taken away are left out: wait.p80 of facility north <= 5" in notes[0]
    assert "visits.inject.returns" in notes[1]


def test_dates_of_a_facility_beyond_the_horizon_are_told(folder):
    dates = ["facilities.north.rooms.booths.dates={1999-01-01: closed}"]
    read = read_scenario(folder / "town.yaml", dates)
    assert isinstance(read.scenario, City)
    (found,) = dates_beyond(read.scenario, read.source)
    assert "facilities.north.rooms.booths.dates.1999-01-01: is beyond the horizon" in found
