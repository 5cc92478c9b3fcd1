"""Random systems: several random sites that share one demand, or one to which people come back."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.scenario.city.misfits import city_misfits
from sim.scenario.city.model import City, Facility
from sim.scenario.city.system import System, system_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.visits import Returns
from tests.support.random_sites import scenarios

Dict = dict[str, Any]
NAMES = ("east", "mobile", "west", "yard")
_SHARES = st.sampled_from([0.0, 0.3, 1.0])
_AFTER = st.sampled_from(
    [
        {"distribution": "fixed", "value": 10},
        {"distribution": "exponential", "mean": 30},
        {"distribution": "fixed", "value": 240},
    ]
)
_ATTEMPTS = st.sampled_from([1, 2, 3, 3, 7, "unlimited"])
_RETURNS = st.fixed_dictionaries({"share": st.sampled_from([0.3, 0.9]), "after": _AFTER})


def tried_on_systems(examples: int) -> Callable[[Callable[[System], None]], Callable[[], None]]:
    """Try a test on so many random systems, the same ones every time."""

    def tried(test: Callable[[System], None]) -> Callable[[], None]:
        setting = settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        given_one: Callable[[], None] = given(systems())(test)
        return setting(given_one)

    return tried


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Nine of ten have two facilities or more."""
    number = draw(st.sampled_from([2, 2, 2, 2, 3, 3, 3, 4, 4, 1]))
    sites = {name: draw(scenarios()) for name in NAMES[:number]}
    if number > 1:
        return system_of(draw(_cities(sites)))
    site = sites[NAMES[0]]
    returns, attempts = Returns.model_validate(draw(_RETURNS)), draw(_ATTEMPTS)
    kinds = {
        name: kind.model_copy(update={"returns": returns, "attempts": attempts})
        for name, kind in site.visits.items()
    }
    return system_of(site.model_copy(update={"visits": kinds}))


@st.composite
def _cities(draw: st.DrawFn, sites: dict[str, Scenario]) -> City:
    first = next(iter(sites.values()))
    walks_in = {
        name for site in sites.values() for name in site.visits if not name.startswith("booked")
    }
    kinds: Dict = {name: {"share": 1 / len(walks_in)} for name in sorted(walks_in)}
    demand: Dict = {"visits_per_day": draw(st.integers(30, 150)), "profile": "flat"}
    if first.demand.arrivals is not None:
        demand = {"arrivals": [one for one in first.demand.arrivals if one.kind in kinds]}
    elif draw(st.booleans()):
        demand |= {"groups": {1: 0.5, 3: 0.5}, "clients": {"number": 40}}
    for kind in kinds.values():
        if draw(st.booleans()):
            kind |= {"priority": draw(st.integers(-1, 1)), "patience": draw(_PATIENCE)}
        if draw(st.booleans()):
            kind |= {"attempts": draw(_ATTEMPTS), "returns": draw(_RETURNS)}
    city = City.model_validate(
        {
            "name": "random",
            "horizon": first.horizon,
            "demand": demand,
            "visits": kinds,
            "facilities": {name: _facility(site) for name, site in sites.items()},
            "choice": draw(_choices(list(sites))),
        }
    )
    assert list(city_misfits(city)) == []
    return city


_PATIENCE = st.sampled_from([0, 5, {"distribution": "exponential", "mean": 15}])


def _facility(site: Scenario) -> Facility:
    said = {name: getattr(site, name) for name in type(site).model_fields}
    del said["demand"], said["horizon"]
    return Facility.model_validate(said)


@st.composite
def _choices(draw: st.DrawFn, names: list[str]) -> Dict:
    minutes = st.sampled_from([0, 0, 2, 7.5, 60])
    ways = ("closed", "no_space", "balked", "reneged", "dismissed_at_close")
    said: Dict = {
        "knows_hours": draw(st.booleans()),
        "informed": draw(_SHARES),
        "diverts": {way: draw(_SHARES) for way in ways},
        "attempts": draw(_ATTEMPTS),
        "patience": draw(st.sampled_from(["anew", "carries_over"])),
        "walk": {one: {other: draw(minutes) for other in names if other != one} for one in names},
    }
    if draw(st.booleans()):
        said["returns"] = draw(_RETURNS)
    if draw(st.booleans()):
        said["origins"] = {
            "north": {"share": 0.5, "walk": {name: draw(minutes) for name in names}},
            "south": {"share": 0.5, "walk": {name: draw(minutes) for name in names}},
        }
    elif draw(st.booleans()):
        said["prefer"] = {name: 1 / len(names) for name in names}
    return said
