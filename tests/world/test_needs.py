"""The needs of a system are drawn first, and nobody's change with what facilities there are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.city.system import System
from sim.scenario.load import scenario_from_text
from sim.scenario.model.durations import log_of_rest
from sim.visitors import Visitors, draw
from sim.visitors import needs as module
from sim.visitors.needs import Needs, draw_needs, rank
from sim.visitors.streams import Streams, numbers_at, pages_of
from tests.support.cities import Wishes, always, system_of_sites

DEMAND = "{visits_per_day: 400, profile: flat, clients: {number: 50}}"
STAY = "{distribution: lognormal, mean: 20, cv: 0.6}"
TIRES = "{distribution: exponential, mean: 30}"
HOUSE = f"""
opening: {{hours: 24/7}}
check_in: {{times: {{known: {{distribution: exponential, mean: 2}}, first_visit: 5,
                    first_visit_share: 0.2}}, desks: 1}}
visits:
  inject: {{share: 0.6, rooms: [booths], stay: {STAY}, patience: {TIRES}}}
  smoke: {{share: 0.4, rooms: [smoking], stay: 15, patience: 20}}
rooms:
  booths: {{places: 3, cleaning: {{duration: 3}},
           time_limit: {{limit: 40, comply: 0.5, overrun: {{distribution: exponential, mean: 5}}}}}}
  smoking: {{places: 2, failures: {{every: 500, repair: 60}}}}
"""
YARD = """
opening: {hours: 08:00-20:00}
visits: {smoke: {rooms: [yard], stay: 10, patience: 5}}
rooms: {yard: {places: 6, kind: open_air, usable_share: 0.5}}
"""
SITES = {"one": HOUSE, "two": HOUSE, "yard": YARD}
WISHES = Wishes(
    prefer={"one": 0.5, "two": 0.3, "yard": 0.2},
    diverts=always(),
    returns=0.3,
    attempts=None,
    informed=0.5,
)
OF_A_NEED = ("arrival", "kind", "client", "informed", "divert", "come_back", "delay", "balk")
OF_THE_SITE = ("absent", "bad_weather", "failure_time", "failure_room", "failure_repair")


def city(*names: str, **sets: list[str]) -> System:
    sites = {name: SITES[name] for name in names}
    return system_of_sites(sites, WISHES, demand=DEMAND, sets=sets)


def drawn(system: System) -> Needs:
    return draw_needs(system, seed=5, replication=2)


def same(one: Visitors, other: Visitors) -> bool:
    return all(
        np.array_equal(column, vars(other)[name], equal_nan=True)
        for name, column in vars(one).items()
        if name != "bookings"
    )


def orders(system: System, needs: Needs, *names: str) -> list[list[str]]:
    """The wishes of each need, of these facilities alone."""
    known = list(system.sites)
    return [
        [known[at] for at in order if at >= 0 and known[at] in names] for order in needs.order.T
    ]


def test_no_facility_changes_anybodys_need_wishes_or_stays_elsewhere():
    system = city("one", "two", "yard")
    fewer, shut = city("one", "yard"), city("one", "two", "yard", two=["opening.hours=closed"])
    needs, without, closed = drawn(system), drawn(fewer), drawn(shut)
    assert 300 < len(needs) < 500
    for other in (without, closed):
        for name in OF_A_NEED:
            assert np.array_equal(getattr(needs, name), getattr(other, name), equal_nan=True), name
    # Facilities that stay: the very same visitors, and what chance does to the site.
    assert same(needs.sites[0], without.sites[0])
    assert same(needs.sites[2], without.sites[1])
    assert all(same(one, other) for one, other in zip(needs.sites, closed.sites, strict=True))
    assert np.array_equal(needs.order, closed.order)
    ordered = orders(system, needs, "one", "yard")
    assert ordered == orders(fewer, without, "one", "yard")
    assert {tuple(one) for one in orders(system, needs, *SITES)} > {("two", "one"), ("one", "two")}


def test_the_order_in_the_file_changes_nothing_but_the_numbers_of_facilities():
    system, other = city("one", "two", "yard"), city("two", "yard", "one")
    needs, again = drawn(system), drawn(other)
    assert same(needs.sites[0], again.sites[2])
    assert same(needs.sites[2], again.sites[1])
    assert orders(system, needs, *SITES) == orders(other, again, *SITES)


def test_facilities_share_their_numbers_and_two_of_one_file_differ_in_what_befalls_them():
    needs = drawn(city("one", "two", "yard"))
    one, two, yard = needs.sites
    alike = [name for name in vars(one) if name not in ("bookings", *OF_THE_SITE)]
    for name in alike:
        assert np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True), name
    assert not np.array_equal(one.failure_time, two.failure_time)
    # A row for each need of the kind it serves, of which the numbers are those of the need.
    smokes = np.flatnonzero(needs.kind == 1)
    assert np.array_equal(yard.arrival, needs.arrival[smokes])
    assert np.array_equal(needs.row[2][smokes], np.arange(len(smokes)))
    assert (needs.row[2][needs.kind == 0] == -1).all()
    assert (yard.kind == 0).all()
    assert np.array_equal(yard.balk, needs.balk[0][smokes])
    assert (yard.stay == 10).all()


@pytest.mark.parametrize("name", ["one", "yard"])
def test_a_facility_alone_has_the_visitors_of_a_site(name: str):
    system = system_of_sites({name: SITES[name]}, WISHES, demand=DEMAND)
    alone = scenario_from_text(
        f"name: {name}\nhorizon: {{days: 1}}\ndemand: {DEMAND}\n{SITES[name]}"
    )
    needs, visitors = drawn(system), draw(alone, 5, 2)
    assert same(needs.sites[0], visitors)
    assert (needs.order == 0).all()
    assert np.array_equal(needs.row[0], np.arange(len(visitors)))


def test_first_wishes_have_the_shares_of_the_weights():
    needs = drawn(city("one", "two", "yard"))
    smokes = needs.kind == 1
    for of, weights in ((smokes, [0.5, 0.3, 0.2]), (~smokes, [0.625, 0.375])):
        first, number = needs.order[0][of], of.sum()
        for facility, weight in enumerate(weights):
            found, error = (first == facility).mean(), np.sqrt(weight * (1 - weight) / number)
            assert abs(found - weight) < 4 * error
    assert (needs.order[2][~smokes] == -1).all()


def test_more_attempts_begin_with_those_drawn_before():
    needs = drawn(city("one", "two", "yard", one=["visits.inject.balking={when_full: 0.5}"]))
    longer = needs.longer()
    assert needs.balk.shape == (3, len(needs))
    assert longer.balk.shape == (6, len(needs))
    for name in ("divert", "come_back", "delay", "balk"):
        first, more = getattr(needs, name), getattr(longer, name)
        assert np.array_equal(first, more[:3], equal_nan=True)
        known = more[~np.isnan(more)]
        assert len(np.unique(known)) == known.size
    assert np.array_equal(np.isnan(longer.delay), longer.come_back >= WISHES.returns)


def test_what_nobody_asks_for_is_not_drawn():
    sites = {name: SITES[name] for name in ("one", "two")}
    wishes = replace(WISHES, prefer={"one": 0.5, "two": 0.5}, attempts=2)
    needs = drawn(system_of_sites(sites, wishes, demand=DEMAND))
    assert (needs.balk[1:] == 1).all()  # nobody turns round at any door
    assert (needs.divert[1:] == 1).all()  # or goes on after the second
    assert (needs.come_back[1:] == 1).all()
    assert np.isnan(needs.delay[1:]).all()
    everything = drawn(city("one", "two", "yard"))
    for name in ("divert", "come_back", "delay", "balk"):
        mine, of_all = getattr(needs, name)[0], getattr(everything, name)[0]
        assert np.array_equal(mine, of_all, equal_nan=True)


def test_what_facilities_say_alike_is_the_same_for_them():
    """Two of one file: more places change nothing, another stay changes that, and nothing else."""
    alike = drawn(city("one", "two", two=["rooms.booths.places=8"])).sites
    other = drawn(city("one", "two", two=["visits.smoke.stay=9"])).sites
    own = {*OF_THE_SITE, "bookings"}
    shared = [name for name in vars(alike[0]) if name not in own]
    assert all(getattr(alike[0], name) is getattr(alike[1], name) for name in shared)
    differ = [name for name in shared if getattr(other[0], name) is not getattr(other[1], name)]
    assert set(differ) <= {"stay", *(name for name in shared if name.startswith("stay_task_"))}
    assert same(alike[0], other[0])


@given(
    slowness=st.lists(
        st.lists(st.sampled_from([0.5, 1.0, 1.0 + 1e-7, np.inf]), min_size=3, max_size=3),
        min_size=1,
        max_size=3,
    ),
    last=st.sampled_from(["first", "third"]),
    many=st.sampled_from([0, 1, 90, 3000]),
)
def test_wishes_are_in_order_of_when_they_are_due(
    slowness: list[list[float]], last: str, many: int
):
    """Against sorting, also where several are due nearly at once, or at once, or never."""
    seeds = [Streams(4, 2).seeds([name]) for name in ("first", "second", last)]
    pages, positions = np.array([pages_of(many)]), np.arange(many)
    cells = positions % len(slowness)
    found = rank(np.concatenate(seeds), pages, positions, -np.array(slowness).T.copy(), cells)
    rest = [log_of_rest(numbers_at(seed, pages, positions)) for seed in seeds]
    for need, order in enumerate(found.T.tolist()):
        both = zip(rest, slowness[cells[need]], strict=True)
        due = [-one[need] * slow if slow < np.inf else np.inf for one, slow in both]
        wished = sorted((time, one) for one, time in enumerate(due) if time < np.inf)
        assert order == [one for _, one in wished] + [-1] * (3 - len(wished))


def test_logarithms_are_as_near_as_is_said():
    smallest, root = 2.0**-53, 0.5**0.5
    of_all = np.concatenate(
        [
            np.random.default_rng(8).random(100),
            np.nextafter(root, [0, 1, 2]),
            [1.0, 1 - smallest, 1 - 1e-9, 0.5, 0.25, smallest, 3 * smallest, 1e-12],
        ]
    )
    found = of_all.copy()
    vars(module)["_find_logarithms"].py_func(found)
    assert np.abs(found - np.log(of_all)).max() < 4e-8
    assert found[-8] == 0


def test_listed_needs_bring_their_stay_and_patience():
    arrivals = [
        {"at": 5, "kind": "inject", "stay": 3},
        {"at": 6, "kind": "smoke", "patience": 2},
        {"at": 7, "kind": "smoke", "stay": 4},
    ]
    needs = drawn(system_of_sites(SITES, WISHES, arrivals=arrivals))
    yard = needs.sites[2]
    assert yard.arrival.tolist() == [6, 7]
    assert yard.patience.tolist() == [2, 5]
    assert yard.stay.tolist() == [[10, 4]]
    assert needs.sites[0].stay[0, 0] == 3
    assert needs.sites[1].stay[1, 2] == 4
