"""`size` against brute force: random small spaces, every design of them played to precision.

    python -m tests.size_referee 200 [first seed]

Each space has 2 to 60 designs of a site with random rules, and one to three random targets whose
limits lie about what one of its designs does. Every design is played 60 times with people of its
own; whether it keeps the safety rules is worked out anew, minute by minute. An answer is right if
it misses no target by its tolerance, keeps the rules, and costs no more than the cheapest design
that meets every target by its tolerance and keeps them; where there is none, no answer is right,
too. No design is asked for that misses, on average, a target which the search could not decide.

What it does not try: targets of a room, a kind or by hour, `rota_rules`, priorities, services
before the stay, absence, dates, listed visits. And what is observed of a replication is read by
the same `Observer` in both: that it is what a study reports is another test's (test_size.py).
"""

import json
import sys
import time
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from sim.engine import Engine
from sim.scenario import ScenarioError
from sim.scenario.hours import DAY, WEEK
from sim.scenario.load import Loaded, scenario_from_text
from sim.scenario.redesign import Original
from sim.scenario.rota import break_window
from sim.scenario.scenario import Scenario
from sim.scenario.source import read_text
from sim.size.lab import Lab, Means
from sim.size.search import Rules
from sim.size.sizing import Sizing, size
from sim.size.space import Design, Space, read_space
from sim.size.watched import tolerances_of, watched
from sim.study import Plan, run_study
from sim.study.cluster import this_machine
from sim.study.replication import simulate_replication
from sim.study.targets import check_targets

REPLICATIONS = 60
"""Of each design, by brute force."""
SEED = 987_654
_SLACK = 3.0
"""Standard errors by which brute force itself may be wrong."""


# --- random spaces -------------------------------------------------------------------------------

Dict = dict[str, Any]


class Maker:
    """Makes random scenarios as plain data."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 20_261_128])

    def may(self, chance: float = 0.5) -> bool:
        return bool(self.rng.random() < chance)

    def one(self, *these: Any) -> Any:
        return these[int(self.rng.integers(len(these)))]

    def number(self, low: float, high: float) -> float:
        return float(np.round(self.rng.uniform(low, high), 3))

    def minutes(self, mean: float) -> Any:
        return self.one(
            {"distribution": "exponential", "mean": mean},
            {"distribution": "lognormal", "mean": mean, "cv": 0.6},
            {"distribution": "lognormal", "mean": mean, "cv": 0.5, "at_most": 2 * mean},
            mean,
        )

    def site(self) -> Dict:
        rng = self.rng
        rooms = ["a", "b"][: 1 + self.may()]
        staffed = self.may(0.7)
        opening: Dict = {"hours": self.one("10:00-18:00", ["09:00-12:00", "14:00-19:00"])}
        if self.may(0.3):
            opening |= {"last_entry": self.one(15, 30)}
        if self.may(0.3):
            opening |= {"wait_at_door": 20}
        opening |= {"queue_at_close": self.one("dismiss", "dismiss", "serve")}
        opening |= {"at_close": self.one("finish", "finish", "stop")}
        demand: Dict = {
            "visits_per_day": int(rng.integers(60, 260)),
            "profile": self.one("flat", [0] * 9 + [1, 1, 1, 2, 2, 3, 2, 1, 1] + [0] * 6),
        }
        if self.may(0.3):
            demand["day_to_day_cv"] = 0.2
        if self.may(0.2):
            demand["groups"] = {1: 0.6, 2: 0.4}
        if self.may(0.2):
            demand["crowd_at_opening"] = 0.1
        data: Dict = {
            "name": "referee",
            "horizon": {"weeks": 2},
            "opening": opening,
            "demand": demand,
            "rooms": {room: self.room(staffed) for room in rooms},
        }
        self.people(data, rooms, staffed)
        return data

    def room(self, staffed: bool) -> Dict:
        room: Dict = {"places": 3}
        if self.may(0.3):
            room["time_limit"] = {"limit": 25, "comply": 0.7, "overrun": 5}
        if self.may(0.4):
            roles = ["helper", "nurse"] if staffed and self.may() else []
            room["cleaning"] = {"duration": 3, "roles": roles}
        if self.may(0.15):
            room["hours"] = "11:00-17:00"
        return room

    def kind(self, rooms: list[str]) -> Dict:
        kind: Dict = {"rooms": rooms, "stay": self.minutes(self.number(12, 30))}
        if self.may(0.7):
            kind["patience"] = self.minutes(self.number(8, 40))
        if self.may(0.3):
            kind["balking"] = {"per_person_ahead": 0.1, "at_most": 0.8}
        return kind

    def people(self, data: Dict, rooms: list[str], staffed: bool) -> None:
        kinds = {"one": self.kind(rooms if self.may() else rooms[:1])}
        if rooms[1:]:
            kinds["one"]["share"], kinds["two"] = 0.6, self.kind(rooms[1:]) | {"share": 0.4}
            if kinds["one"]["rooms"] == ["a"] and self.may():
                switch = {"after": 5, "probability": 0.7, "room": "b", "stay": 15}
                kinds["one"]["switch"] = switch
        if self.may(0.3):
            data["waiting_area"] = {"seats": int(self.rng.integers(3, 9))}
        if self.may(0.3):
            seats = {"seats": int(self.rng.integers(2, 6))}
            data["aftercare"] = seats | {"when_full": self.one("skip", "wait_in_place")}
            kinds["one"]["aftercare"] = {"share": 0.5, "stay": self.minutes(15)}
        if self.may(0.3):
            roles = ["helper", "nurse"] if staffed else []
            data["check_in"] = {"times": {"known": 2}, "roles": roles, "desks": 1}
        data["visits"] = kinds
        if staffed:
            self.staff(data, rooms)

    def staff(self, data: Dict, rooms: list[str]) -> None:
        shift = self.one(("09:30", "18:30"), ("08:30", "20:00"), ("08:30", "22:00"))
        rest = {"length": 30, "from": "12:00", "to": self.one("12:30", "15:00")}
        lines = []
        for role in ("nurse", "helper"):
            line: Dict = {"role": role, "from": shift[0], "to": shift[1], "count": 1}
            if self.may():
                line["breaks"] = [rest | {"minimum_left": self.one(0, 1)}]
            lines.append(line)
        data["staff"] = {
            "roles": {"nurse": {"cost_per_hour": 40}, "helper": {"cost_per_hour": 30}},
            "rota": lines,
            "end_of_shift": self.one("finish", "hand_over"),
        }
        if self.may(0.5):
            rule: Dict = {"rooms": rooms, "roles": ["nurse", "helper"], "minimum": 1}
            if self.may(0.4):
                rule["at_least"] = {"nurse": 1}
            if self.may(0.4):
                rule["places_per_staff"] = 3
            data["supervision"] = [rule]
        if self.may(0.5):
            team = self.one([["nurse"]], [["nurse"], ["nurse", "helper"]])
            severity = {"share": 1, "team": team, "intensive": self.minutes(15)}
            data["overdose"] = {"severities": {"any": severity}}
            risk = {"per_1000": self.number(5, 40), "onset": self.minutes(6)}
            data["visits"]["one"]["overdose"] = risk
        if self.may(0.3):
            data["services"] = {
                "talk": {"duration": self.minutes(8), "roles": ["helper"], "when": "after"}
            }
            data["visits"]["one"]["services"] = {"talk": 0.3}

    def design(self, data: Dict) -> Dict:
        """What is varied: 2 to 60 designs."""
        low = int(self.rng.integers(1, 4))
        vary: Dict = {"rooms.a.places": f"{low}:{low + int(self.rng.integers(1, 6))}"}
        others: list[tuple[str, Any]] = [("opening.last_entry", [30, 15])]
        if "b" in data["rooms"]:
            others.append(("rooms.b.places", "1:4"))
        if "staff" in data:
            others += [("staff.rota.0.count", "1:2"), ("staff.rota.1.count", "1:3")]
            others.append(("staff.rota.0.to", ["18:30", "20:00"]))
        if "check_in" in data:
            others.append(("check_in.desks", "1:2"))
        if "aftercare" in data:
            others.append(("aftercare.seats", {"values": "1:3", "cost_per_year": 900}))
        for number in self.rng.permutation(len(others))[: int(self.rng.integers(0, 3))]:
            name, values = others[number]
            vary[name] = values
        places = {room: int(self.rng.integers(2, 12)) * 1000 for room in data["rooms"]}
        allow = ["supervision_unmet", "response_unstaffed"] if self.may(0.6) else []
        return {"vary": vary, "costs": {"place": places, "opening_hour": 3}, "allow": allow}


FIGURES = (
    ("unserved.share", "<=", "%"),
    ("unserved.per_day", "<=", "a day"),
    ("wait.mean", "<=", "min"),
    ("wait.p90", "<=", "min"),
    ("wait.p95", "<=", "min"),
    ("wait.within_10", ">=", "%"),
    ("wait_joined.mean", "<=", "min"),
    ("uses.per_day", ">=", "a day"),
    ("places.occupied", "<=", "%"),
    ("places.full", "<=", "%"),
    ("waiting.mean", "<=", ""),
    ("response_first.within_1", ">=", "%"),
    ("response_first.mean", "<=", "min"),
    ("nobody_free.minutes_per_week", "<=", ""),
    ("intake_paused.minutes_per_week", "<=", ""),
    ("below_cover.minutes_per_week", "<=", ""),
    ("cost.per_use", "<=", ""),
    ("wait_service.mean", "<=", "min"),
)


@dataclass(frozen=True, eq=False)
class Made:
    """A random space."""

    text: str
    space: Space


def make(seed: int) -> Made | None:
    """A space; None if these rules cannot be together, or what a target asks cannot be said."""
    maker = Maker(seed)
    data = maker.site()
    data["design"] = maker.design(data)
    scenario = _scenario(data)
    if scenario is None:
        return None
    space = _space(data)
    if space is None or not 2 <= space.size <= 60:
        return None
    middle = tuple(int(maker.rng.integers(top + 1)) for top in space.top)
    summary = run_study(space.scenario(middle), Plan(seed=5, replications=8)).summary
    known = {
        f"{metric}.{statistic}": float(value)
        for metric, statistic, by, value in summary[
            ["metric", "statistic", "by", "value"]
        ].to_numpy()
        if by == "all"
    }
    picked = [one for one in maker.rng.permutation(len(FIGURES)) if FIGURES[one][0] in known]
    targets = []
    for number in picked[: int(maker.rng.integers(1, 4))]:
        name, side, unit = FIGURES[number]
        value = known[name] * maker.number(0.85, 1.15)
        if np.isfinite(value) and (value > 0 or side == "<="):
            value = min(value, 0.98) * 100 if unit == "%" else value
            targets.append(f"{name} {side} {value:.4g} {unit}".strip())
    if not targets:
        return None
    data["targets"] = targets
    found = _space(data)
    return None if found is None else Made(_text(data), found)


def _text(data: Dict) -> str:
    return json.dumps(data)


def _scenario(data: Dict) -> Scenario | None:
    try:
        return scenario_from_text(_text(data))
    except ScenarioError:
        return None


def _space(data: Dict) -> Space | None:
    text = _text(data)
    try:
        source = read_text(text)
        scenario = scenario_from_text(text)
        check_targets(scenario, source)
        return read_space(Original(Loaded(scenario, source)))
    except ScenarioError:
        return None


# --- brute force ---------------------------------------------------------------------------------


def is_safe(scenario: Scenario, late: float) -> bool:
    """Whether a rota keeps the rules of supervision and response, minute by minute of a week."""
    if scenario.staff is None or (scenario.design is not None and scenario.design.allow):
        return True
    there = _there(scenario)
    opens = [
        range(day * DAY + start, day * DAY + end)
        for day, pieces in enumerate(scenario.opening.hours.week)
        for start, end in pieces
    ]
    inside = {minute for piece in opens for minute in piece}
    for minute in inside:
        if not _supervised(scenario, there, minute) or not _responds(scenario, there, minute):
            return False
    closings = [piece.stop for piece in opens if piece.stop not in inside]
    for closing in closings:
        for minute in range(closing, closing + int(np.ceil(late))):
            if minute % WEEK in inside:
                break
            if not _supervised(scenario, there, minute % WEEK):
                return False
    return True


def _there(scenario: Scenario) -> list[dict[str, int]]:
    """By minute of the week, how many of each role; breaks by hand, the latest first."""
    assert scenario.staff is not None
    there = [dict.fromkeys(scenario.staff.roles, 0) for _ in range(WEEK)]
    rests = []
    for line, shift in enumerate(scenario.staff.rota):
        for day in shift.days:
            for minute in range(day * DAY + shift.start, day * DAY + shift.end):
                there[minute % WEEK][shift.role] += shift.count
            for rest in shift.breaks:
                first, last = break_window(shift, rest)
                for member in range(shift.count):
                    begin, end = day * DAY + first, day * DAY + last
                    rests.append((end, line, member, begin, rest, shift, day * DAY + shift.end))
    away: list[tuple[str, int, int]] = []
    for latest, _, _, earliest, rest, shift, until in sorted(rests, key=lambda r: r[:3])[::-1]:
        length = int(np.ceil(rest.length))
        starts = [
            at
            for at in range(latest, earliest - 1, -1)
            if there[at % WEEK][shift.role] - 1 >= rest.minimum_left
        ]

        def apart(at: int, others: list[tuple[str, int, int]], length: int = length) -> bool:
            return all(at + length <= start or at >= end for _, start, end in others)

        mine = [one for one in away if one[0] == shift.role]
        begin = next(
            (at for others in (away, mine, []) for at in starts if apart(at, others)), latest
        )
        end = min(begin + length, until)
        for minute in range(begin, end):
            there[minute % WEEK][shift.role] -= 1
        away.append((shift.role, begin, end))
    return there


def _supervised(scenario: Scenario, there: list[dict[str, int]], minute: int) -> bool:
    return all(
        sum(there[minute][role] for role in rule.roles) >= rule.minimum
        and all(there[minute][role] >= least for role, least in rule.at_least.items())
        for rule in scenario.supervision
    )


def _responds(scenario: Scenario, there: list[dict[str, int]], minute: int) -> bool:
    if scenario.overdose is None or not any(one.overdose for one in scenario.visits.values()):
        return True
    return all(
        _team(one.team, dict(there[minute])) for one in scenario.overdose.severities.values()
    )


def _team(team: tuple[tuple[str, ...], ...], there: dict[str, int]) -> bool:
    """Whether a team can be made up: every order of its seats is tried, first come first served."""
    for order in permutations(team):
        left = dict(there)
        for seat in order:
            role = next((role for role in seat if left.get(role, 0) > 0), None)
            if role is None:
                break
            left[role] -= 1
        else:
            return True
    return not team


def last_out(scenario: Scenario) -> float:
    """Minutes after closing by which on 95 % of days the last person has left a place."""
    if not scenario.supervision or (scenario.design is not None and scenario.design.allow):
        return 0.0
    found: list[float] = []
    for replication in range(12):
        log = simulate_replication(scenario, SEED, replication, Engine.FAST)
        entered, left = log.visits["entered"], log.visits["left"]
        for day in range(scenario.horizon.total_days):
            pieces = scenario.opening.hours.week[scenario.horizon.date_of(day).weekday()]
            opens = [day * DAY + start for start, _ in pieces]
            for number, (_, end) in enumerate(pieces):
                closing = day * DAY + end
                until = [*opens[number + 1 :], (day + 1) * DAY][0]
                mine = (entered < until) & (left > closing)
                found.append(float((left[mine] - closing).max(initial=0.0)))
    return float(np.sort(found)[int(np.ceil(0.95 * len(found))) - 1])


@dataclass(frozen=True)
class Verdict:
    """What the referee says."""

    right: bool
    words: str


def referee(made: Made, sized: Sizing, lab: Lab) -> Verdict:
    """Whether the answer is right, by playing every design."""
    space, tolerances = made.space, tolerances_of(lab.means.wanted)
    decided = [sized.search.counts[place] for place in sized.search.must]
    designs = list(space.by_cost())
    lab.take(designs, REPLICATIONS)
    margin, error = {}, {}
    missed = set()
    for one in designs:
        everything = lab.values(one)[0] / tolerances
        if (everything.mean(axis=0) < 0).any():
            missed.add(one)  # perhaps a target that could not be decided, but is surely missed
        values = everything[:, decided]
        means, errors = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))
        margin[one] = float(means.min(initial=np.inf))
        error[one] = float(errors[int(np.argmin(means))]) if len(means) else 0.0
    safe = {one: is_safe(space.scenario(one), last_out(space.scenario(one))) for one in designs}

    def surely_meets(one: Design) -> bool:
        return safe[one] and one not in missed and margin[one] - _SLACK * error[one] >= 1

    must = next((one for one in designs if surely_meets(one)), None)
    answer = sized.chosen
    if answer is None:
        right = must is None or must in sized.found.unsure
        return Verdict(right, f"no answer; brute force has {must}")
    wrong = not safe[answer] or margin[answer] + _SLACK * error[answer] < -1
    dear = must is not None and space.cost[answer] > space.cost[must] + 1e-6
    if dear and must in sized.found.unsure:
        dear = False
    words = (
        f"answer {answer} at {space.cost[answer]:,.0f}, margin {margin[answer]:.2f}, "
        f"safe {safe[answer]}; brute force has {must}"
        + (f" at {space.cost[must]:,.0f}, margin {margin[must]:.2f}" if must else "")
    )
    return Verdict(not wrong and not dear, words)


def judge_seed(seed: int, pool: Any) -> Verdict | None:
    """Make a space, size it, and ask the referee; None if there is no such space."""
    made = make(seed)
    if made is None:
        return None
    scenario = made.space.original.loaded.scenario
    assert scenario.design is not None
    wanted = watched(scenario, scenario.design.tolerances)
    mine = Lab(made.space, Means(pool, 1, Engine.FAST, wanted, None))
    sized = size(mine, Rules())
    other = Lab(made.space, Means(pool, SEED, Engine.FAST, wanted, None))
    verdict = referee(made, sized, other)
    targets = "; ".join(target.text for target in scenario.targets)
    return Verdict(verdict.right, f"{made.space.size} designs, {targets}: {verdict.words}")


def main() -> None:
    """Judge as many spaces as asked for."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    right = done = 0
    begun = time.perf_counter()
    with this_machine(Engine.FAST, 2)() as pool:
        while done < wanted:
            verdict = judge_seed(seed, pool)
            if verdict is not None:
                done += 1
                right += verdict.right
                mark = "right" if verdict.right else "WRONG"
                sys.stdout.write(f"{mark} {right}/{done} seed {seed} {verdict.words}\n")
                sys.stdout.flush()
            seed += 1
    sys.stdout.write(f"right in {right} of {done}, {time.perf_counter() - begun:.0f} s\n")


if __name__ == "__main__":
    main()
