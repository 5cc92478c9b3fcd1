"""Random scenarios: small sites with everything that the language can say.

What is drawn from is made once: made anew for each site it would be looked through for mistakes
each time, which took a third of the time.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.scenario.consistency import inconsistencies
from sim.scenario.model.demand import SHAPES
from sim.scenario.model.scenario import Scenario
from tests.support.random_staff import ROLES, SEVERAL_RULES, Dict, optionally, staffs

Durations = Callable[[float], st.SearchStrategy[Any]]


def tried_on(examples: int) -> Callable[[Callable[[Scenario], None]], Callable[[], None]]:
    """Try a test on so many random scenarios, the same ones every time.

    None is made smaller when it fails: it has hundreds of parts, and that would take minutes.
    """

    def tried(test: Callable[[Scenario], None]) -> Callable[[], None]:
        setting = settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        given_one: Callable[[], None] = given(scenarios())(test)
        return setting(given_one)

    return tried


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A site with a random choice of everything a scenario can say, and few visitors.

    Half of them live in whole minutes, so that things happen at the same instant. What no site
    says although it might is listed, with the reason, in `test_engines.py`.
    """
    whole = draw(st.booleans())
    staffed = draw(st.sampled_from([True, True, True, False]))
    data: Dict = {"name": "random", "horizon": draw(_horizons())}
    data["opening"] = draw(_openings())
    data["demand"] = draw(_demands(_days(data["horizon"]), whole=whole))
    holidays = draw(st.booleans())
    if holidays:
        data["holidays"] = _HOLIDAYS
        for part, said in draw(_of_holidays()).items():
            data[part]["holidays"] = said
    minutes = _durations(whole=whole)
    data["rooms"] = {
        "injecting": draw(_rooms(minutes, staffed=staffed, places=st.integers(0, 4))),
        "flexible": draw(_rooms(minutes, staffed=staffed, places=st.integers(1, 3))),
    }
    roles = _roles(staffed=staffed)
    some = optionally(draw)
    for key, what in _parts(minutes, roles, staffed=staffed).items():
        some(data, key, what)
    some(data, "overdose", _overdoses(minutes, staffed=staffed))
    if staffed:
        data["staff"] = draw(staffs(holidays=holidays))
        some(data, "supervision", SEVERAL_RULES)
    data["visits"] = draw(_kinds(data, minutes))
    scenario = Scenario.model_validate(data)
    assert list(inconsistencies(scenario)) == []
    return scenario


@cache
def _parts(
    minutes: Durations, roles: st.SearchStrategy[list[str]], *, staffed: bool
) -> dict[str, st.SearchStrategy[Dict]]:
    """What a site may have besides rooms, in the order in which it is drawn."""
    service = st.fixed_dictionaries(
        {
            "duration": minutes(18),
            "roles": roles,
            "when": st.sampled_from(["before", "after"]),
            "priority": st.integers(0, 1),
        },
        optional={
            "patience": minutes(8),
            "team": _service_teams() if staffed else st.just([]),
            "places": st.integers(1, 2),
            "gather": st.sampled_from(["together", "hold"]),
        },
    )
    services, tasks = (
        st.sampled_from(names) for names in (["wounds", "checking", "talk"], ["help", "look"])
    )
    return {
        "waiting_area": st.fixed_dictionaries({"seats": st.integers(0, 4)}),
        "check_in": st.fixed_dictionaries(
            {"times": _check_ins(minutes), "roles": roles},
            optional={"desks": st.integers(1, 2)},
        ),
        "aftercare": st.fixed_dictionaries(
            {"when_full": st.sampled_from(["wait_in_place", "skip"])},
            optional={"seats": st.integers(0, 3)},
        ),
        "services": st.dictionaries(services, service.map(_by_team_or_roles), min_size=1),
        "stay_tasks": st.dictionaries(tasks, _stay_tasks(minutes, roles), min_size=1),
    }


@cache
def _roles(*, staffed: bool) -> st.SearchStrategy[list[str]]:
    """Who does a task; mostly somebody."""
    somebody = st.permutations(ROLES).flatmap(lambda both: st.sampled_from([both, both[:1]]))
    return somebody | somebody | st.just([]) if staffed else st.just([])


@cache
def _stay_tasks(minutes: Durations, roles: st.SearchStrategy[list[str]]) -> st.SearchStrategy[Dict]:
    """Something that staff do during a stay: once or several times, whichever way the stay goes."""
    again = st.fixed_dictionaries(
        {"share": st.sampled_from([0.5, 0.8, 1]), "after": minutes(5)},
        optional={"at_most": st.integers(1, 4)},
    )
    task = st.fixed_dictionaries(
        {
            "duration": minutes(5),
            "roles": roles,
            "priority": st.integers(0, 1),
            "stay": st.sampled_from(["runs_on", "waits"]),
        },
        optional={"after": minutes(8), "again": again},
    )
    return task.map(_that_ends)


@cache
def _service_teams() -> st.SearchStrategy[list[list[str]]]:
    """Two or three who give a service at once."""
    both, first, second = list(ROLES), [ROLES[0]], [ROLES[1]]
    return st.sampled_from(
        [[first, second], [both, first], [both, both[::-1]], [second, both, first], [first, first]]
    )


def _by_team_or_roles(service: Dict) -> Dict:
    """A service is given by a team or by one of some roles."""
    if service.get("team"):
        service["roles"] = []
    return service


def _that_ends(task: Dict) -> Dict:
    """A task that always comes again, and for which the stay waits, comes twice more at most."""
    if task["stay"] == "waits" and task.get("again", {}).get("share") == 1:
        task["again"].setdefault("at_most", 2)
    return task


@cache
def _horizons() -> st.SearchStrategy[Dict]:
    """A day or two; sometimes longer than a week, so that the rota and the warm-up go round."""
    days: st.SearchStrategy[Dict] = st.fixed_dictionaries(
        {"days": st.integers(1, 2)}, optional={"start": st.just("2026-01-05")}
    )
    week: st.SearchStrategy[Dict] = st.sampled_from(
        [
            {"days": 8, "warmup_weeks": 1, "start": "2026-01-01"},
            {"days": 9},
            {"weeks": 1, "start": "2026-01-03"},
            {"weeks": 2, "warmup_weeks": 1},
        ]
    )
    return days | days | days | days | days | week


def _days(horizon: Dict) -> int:
    return int(horizon.get("days") or 7 * horizon["weeks"])


@cache
def _check_ins(minutes: Durations) -> st.SearchStrategy[Dict]:
    """How long registration takes; a first visit perhaps longer."""
    known = st.fixed_dictionaries({"known": minutes(4)})
    first = {"known": minutes(3), "first_visit": minutes(9), "first_visit_share": st.just(0.4)}
    return known | st.fixed_dictionaries(first)


@cache
def _durations(*, whole: bool) -> Durations:
    """Durations around a mean; in whole minutes, or of any shape."""

    @cache
    def around(mean: float) -> st.SearchStrategy[Any]:
        some = st.integers(int(mean / 2), int(2 * mean))
        fixed = some if mean >= 15 else some | some | st.integers(0, 3)
        values = st.lists(fixed, min_size=1, max_size=4)
        listed = values.map(lambda found: {"distribution": "empirical", "values": found})
        listed |= st.just({"distribution": "empirical", "values": [1, mean], "weights": [1, 2.5]})
        shapes = st.sampled_from(
            [
                {"distribution": "exponential", "mean": mean},
                {"distribution": "exponential", "mean": mean, "plus": 2, "at_most": 2 * mean},
                {"distribution": "lognormal", "mean": mean, "cv": 0.6, "at_most": 3 * mean},
                {"distribution": "lognormal", "mean": mean, "sd": 0.8 * mean, "plus": 1},
                {"distribution": "uniform", "low": 0, "high": 2 * mean},
                {"distribution": "uniform", "low": 0, "high": mean, "plus": 1, "at_most": mean},
                {"distribution": "triangular", "low": 0, "mode": mean, "high": 2 * mean},
                {"distribution": "triangular", "low": 1, "mode": 1, "high": mean + 2}
                | {"plus": 1, "at_most": mean},
                {"distribution": "gamma", "mean": mean, "cv": 1.5},
                {"distribution": "gamma", "mean": mean, "sd": mean / 2, "plus": 1}
                | {"at_most": 2 * mean},
                {"distribution": "weibull", "shape": 0.8, "mean": mean},
                {"distribution": "weibull", "shape": 2, "median": mean, "plus": 1}
                | {"at_most": 2 * mean},
            ]
        )
        return fixed | listed if whole else fixed | shapes

    return around


@cache
def _openings() -> st.SearchStrategy[Dict]:
    return st.fixed_dictionaries(
        {
            "hours": st.sampled_from(
                [
                    "10:00-18:00",
                    ["08:00-12:00", "14:00-18:00"],
                    "18:00-02:00 next day",
                    "24/7",
                    {"mon": "12:00-24:00", "tue-sun": "00:00-06:00"},
                    {"mon-sat": "10:07-17:52", "sun": "closed"},
                    ["00:00-03:00", "09:00-24:00"],
                ]
            ),
            "last_entry": st.sampled_from([0, 10, 30, 90]),
            "wait_at_door": st.sampled_from([0, 15, 150]),
            "queue_at_close": st.sampled_from(["dismiss", "serve"]),
            "at_close": st.sampled_from(["finish", "stop"]),
        },
        optional={
            "dates": st.sampled_from(
                [
                    {"2026-01-06": ["09:00-11:00", "11:30-12:00"]},
                    {"2026-01-06": "closed"},
                    {"2026-01-05": "20:00-04:00 next day", "2026-01-06": "closed"},
                    {"2026-01-04 to 2026-01-06": "closed", "2026-01-05": "08:00-20:00"},
                ]
            )
        },
    )


_SPECIAL = [
    [{"name": "pay", "days_of_month": [6], "visits": 1.5}],
    [{"name": "pay", "dates": ["2026-01-05", "2026-01-09"], "visits": 0.5, "overdoses": 2}],
    [
        {"name": "bad batch", "days_of_month": [5, 6, 7], "overdoses": 3},
        {"name": "pay", "dates": ["2026-01-06"], "visits": 2},
    ],
]


@cache
def _demands(days: int, *, whole: bool) -> st.SearchStrategy[Dict]:
    special = st.sampled_from(_SPECIAL)
    if whole:
        tens = st.integers(0, days * 144 - 1).map(lambda ten: 10 * ten)
        busy = st.integers(595, 690)
        at = tens | busy | busy | busy
        kinds = st.sampled_from(["inject", "either", "visitor"])
        more = {"stay": st.just(35), "patience": st.sampled_from([0, 10])}
        one = st.fixed_dictionaries({"at": at, "kind": kinds}, optional=more)
        arrivals = st.lists(one, min_size=20, max_size=60)
        return st.fixed_dictionaries({"arrivals": arrivals}, optional={"special_days": special})
    most = 90 if days < 7 else 30
    also = {
        "groups": st.just({1: 0.5, 3: 0.5}),
        "crowd_at_opening": st.just(0.3),
        "day_to_day_cv": st.just(0.5),
        "clients": st.sampled_from([{"number": 9}, {"number": 40, "sigma": 0.5}]),
        "special_days": special,
        "factor": st.sampled_from([0.7, 1.3]),
    }
    by_day = st.fixed_dictionaries(
        {
            "visits_per_day": st.integers(20, most),
            "profile": st.sampled_from(["flat", [1] * 9 + [9] * 5 + [2] * 10, *SHAPES]),
        },
        optional={"weekday": st.just({"tue": 0.5, "sun": 2}), **also},
    )
    served = by_day.map(_served)
    of_day = [0] * 9 + [most / 12] * 9 + [0.5] * 6
    week = st.just(of_day * 5 + [2 * rate for rate in of_day] + [0] * 24)
    return by_day | by_day | served | by_day | st.fixed_dictionaries({"week": week}, optional=also)


def _served(demand: dict[str, Any]) -> dict[str, Any]:
    """The same demand, as it is written where those served were counted."""
    visits = demand["visits_per_day"]
    share: Any = 0.2 if visits % 2 else {"found": 0.1}
    rest = {key: value for key, value in demand.items() if key != "visits_per_day"}
    return {"served_per_day": 0.8 * visits, "unserved": share, **rest}


@cache
def _rooms(
    minutes: Durations, *, staffed: bool, places: st.SearchStrategy[int]
) -> st.SearchStrategy[Dict]:
    outdoors = st.sampled_from([("indoor", 1.0), ("open_air", 0.5)])
    return st.builds(
        lambda room, place: {**room, "kind": place[0], "usable_share": place[1]},
        st.fixed_dictionaries(
            {"places": places, "reach": st.sampled_from([0, 0, 2])},
            optional={
                "hours": st.sampled_from(["09:00-13:00", ["10:00-11:00", "12:00-24:00"]]),
                "time_limit": st.just({"limit": 15, "comply": 0.5, "overrun": 4}),
                "cleaning": st.fixed_dictionaries(
                    {"duration": minutes(8), "roles": _roles(staffed=staffed)}
                ),
                "dates": st.sampled_from(_ROOM_DATES),
                "failures": st.fixed_dictionaries(
                    {"every": st.sampled_from([20, 120, 1000]), "repair": minutes(40)},
                    optional={"places": st.sampled_from([1, 2, "all"])},
                ),
            },
        ),
        outdoors,
    )


_ROOM_DATES: list[Dict] = [
    {"2026-01-05": 1},
    {"2026-01-05": {"hours": ["10:00-11:30", "14:00-02:00 next day"], "places": 2}},
    {"2026-01-05 to 2026-01-08": 2, "2026-01-06": "closed"},
    {"2026-01-06 to 2026-01-07": "11:00-17:00", "2026-01-05": {"hours": "08:00-24:00"}},
]


@cache
def _overdoses(minutes: Durations, *, staffed: bool) -> st.SearchStrategy[Dict]:
    seat = st.lists(st.sampled_from(ROLES), unique=True, min_size=1)
    severity = st.fixed_dictionaries(
        {
            "share": st.just(0.5),
            "team": st.lists(seat, min_size=int(staffed), max_size=4 * int(staffed)),
            "intensive": minutes(10),
        },
        optional={"observation": minutes(15), "ambulance": minutes(12)},
    )
    severities = st.fixed_dictionaries({"mild": severity, "deep": severity})
    return st.builds(
        lambda found, observers, rest: {
            **rest,
            "severities": {
                name: {**one, "observers": min(observers, len(one["team"]))}
                for name, one in found.items()
            },
        },
        severities,
        st.integers(0, 2),
        st.fixed_dictionaries(
            {
                "start": st.sampled_from(["first_responder", "full_team"]),
                "preempts": st.booleans(),
            },
            optional={"clustering": st.sampled_from([{"period": "week", "cv": 0.5}, {"cv": 1.5}])},
        ),
    )


_HOLIDAYS = {"days": {"2026-01-06": "Epiphany", "2026-01-08": "Founder's day"}, "source": "a list"}


@cache
def _of_holidays() -> st.SearchStrategy[Dict]:
    """What opening and demand say of public holidays."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    hours = st.sampled_from(["closed", "10:00-14:00", *days])
    demand = st.just({"visits": 0.5, "overdoses": 2})
    return st.fixed_dictionaries({"opening": hours}, optional={"demand": demand})


@st.composite
def _booked(draw: st.DrawFn, services: Dict, minutes: Durations) -> Dict:
    """Appointments for some of the services, and the kinds of visit of those who are booked."""
    kinds: Dict = {}
    for name, service in services.items():
        if draw(st.booleans()):
            kind = kinds[f"booked_{name}"] = {"share": 0, "services": {name: 1}}
            service["appointments"] = draw(_appointments(f"booked_{name}", minutes))
            optionally(draw)(kind, "patience", minutes(10))
    return kinds


@cache
def _appointments(kind: str, minutes: Durations) -> st.SearchStrategy[Dict]:
    """Who is booked, from busy to idle; some come early, some late."""
    hours = st.sampled_from(["08:00-16:00", {"mon-fri": "09:00-12:00", "sat-sun": "00:00-23:00"}])
    always = {
        "kind": st.just(kind),
        "hours": hours,
        "every": st.sampled_from([5, 15, 40]),
    }
    others = {
        "number": st.integers(2, 3),
        "no_show": st.sampled_from([0.2, 1]),
        "early": st.sampled_from([0, 5, 30]),
        "lateness": minutes(8),
        "seen_early": st.booleans(),
    }
    kept = {"first": st.just("booked"), "late_after": st.integers(0, 10)}
    first = {"first": st.sampled_from(["booked", "walk_ins", "by_coming"])}
    return st.fixed_dictionaries(always | kept, optional=others) | st.fixed_dictionaries(
        always | first, optional=others
    )


@cache
def _aftercare(minutes: Durations) -> st.SearchStrategy[Dict]:
    return st.fixed_dictionaries({"share": st.just(0.7), "stay": minutes(12)})


@cache
def _risks(minutes: Durations) -> st.SearchStrategy[Dict]:
    risk = st.sampled_from([100, 500, 1000])
    return st.fixed_dictionaries({"per_1000": risk, "onset": minutes(15)})


@cache
def _switches(minutes: Durations) -> st.SearchStrategy[Dict]:
    switch: dict[str, st.SearchStrategy[Any]] = {"after": st.integers(0, 10)}
    switch |= {"probability": st.sampled_from([0.5, 1])}
    return st.fixed_dictionaries({**switch, "room": st.just("flexible"), "stay": minutes(8)})


_BALKING = st.fixed_dictionaries(
    {"per_person_ahead": st.sampled_from([0, 0.5, 2])},
    optional={
        "above": st.integers(0, 3),
        "at_most": st.sampled_from([0, 0.3]),
        "when_full": st.sampled_from([0.3, 1]),
    },
)


@st.composite
def _kinds(draw: st.DrawFn, site: Dict, minutes: Durations) -> Dict:
    some = optionally(draw)
    kinds: Dict = {
        "inject": {"share": 0.5, "rooms": ["injecting"]},
        "either": {"share": 0.5, "rooms": ["flexible", "injecting"]},
    }
    for kind in kinds.values():
        kind["stay"] = draw(minutes(20))
        some(kind, "patience", minutes(10))
        some(kind, "balking", _BALKING)
        some(kind, "priority", st.integers(-1, 1))
        if "stay_tasks" in site:
            share = st.sampled_from([0.4, 1, 1, 0])
            kind["stay_tasks"] = {name: draw(share) for name in site["stay_tasks"]}
        if "check_in" in site:
            some(kind, "check_in", _check_ins(minutes))
        if "aftercare" in site:
            some(kind, "aftercare", _aftercare(minutes))
        if "overdose" in site:
            some(kind, "overdose", _risks(minutes))
    some(kinds["inject"], "switch", _switches(minutes))
    if "services" in site:
        kinds |= draw(_booked(site["services"], minutes))
        share = st.sampled_from([0.4, 1, 0])
        for kind in (kinds["inject"], kinds["either"]):
            kind["services"] = {name: draw(share) for name in site["services"]}
        kinds["inject"]["share"] = 0.3
        only = dict.fromkeys(site["services"], 1)
        kinds["visitor"] = {"share": 0.2, "services": only, "patience": draw(minutes(10))}
    elif "arrivals" in site["demand"]:
        for arrival in site["demand"]["arrivals"]:
            arrival["kind"] = "inject" if arrival["kind"] == "visitor" else arrival["kind"]
    return kinds
