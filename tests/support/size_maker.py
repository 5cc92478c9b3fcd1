"""Random scenarios with every key of the language, for what holds `size` against brute force.

Each key is in some of them (a test counts), most of them in few, so that a switch is tried beside
others and without. They are small sites, one or two weeks long; what cannot be together is not
made, so that nearly all of them are valid.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from pydantic import BaseModel

from sim.scenario.errors.keys import child

Dict = dict[str, Any]

_DAYTIME = "10:00-18:00"
_SPLIT = ("09:00-12:00", "14:00-19:00")
_NIGHT = "18:00-02:00 next day"
_ALWAYS = "24/7"
_WEEK = {"mon-fri": "10:00-18:00", "sat": ["10:00-12:00", "13:00-16:00"], "sun": "closed"}


class Maker:
    """Makes random scenarios as plain data."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 20_261_201])
        self.apart = np.random.default_rng([seed, 20_261_129])
        self._later = np.random.default_rng([seed, 20_261_130])
        """Of tasks during the stay, so that all else of a seed is what it was."""
        self.staffed = False
        self.rooms: list[str] = []
        self.kinds: list[str] = []

    def may(self, chance: float = 0.5) -> bool:
        return bool(self.rng.random() < chance)

    def one(self, *these: Any) -> Any:
        return these[int(self.rng.integers(len(these)))]

    def number(self, low: float, high: float) -> float:
        return float(np.round(self.rng.uniform(low, high), 3))

    def whole(self, low: int, high: int) -> int:
        """From `low` up to, and without, `high`."""
        return int(self.rng.integers(low, high))

    def some(self, chance: float, key: str, value: Any) -> Dict:
        """A key with a value, or nothing."""
        return {key: value} if self.may(chance) else {}

    def minutes(self, mean: float) -> Any:
        """A duration of any shape with about this mean."""
        low, high = round(mean / 2, 3), round(1.5 * mean, 3)
        return self.one(
            mean,
            {"distribution": "exponential", "mean": mean},
            {"distribution": "lognormal", "mean": mean, "cv": 0.6},
            {"distribution": "lognormal", "mean": mean, "cv": 0.5, "at_most": 2 * mean},
            {"distribution": "gamma", "mean": mean, "sd": round(mean / 2, 3)},
            {"distribution": "weibull", "median": mean, "shape": 1.2},
            {"distribution": "triangular", "low": low, "mode": mean, "high": high},
            {"distribution": "uniform", "low": low, "high": high},
            {"distribution": "empirical", "values": [low, mean, high], "weights": [1, 2, 1]},
        )

    def roles(self) -> list[str]:
        """Who does some work: both, one of them, or nobody's time is needed."""
        return self.one(["helper", "nurse"], ["helper"], []) if self.staffed else []

    def site(self) -> Dict:
        """A scenario without targets and design."""
        self.rooms, self.staffed = ["a", "b"][: 1 + self.may()], self.may(0.65)
        data: Dict = {"name": "made", **self.some(0.05, "title", "A site")}
        data |= self.some(0.05, "description", "Made at random")
        data["horizon"] = self.horizon()
        data["opening"] = self.opening(data["horizon"])
        data["rooms"] = {
            name: self.room(data["opening"]["hours"]) | self.out_of_order(data["horizon"])
            for name in self.rooms
        }
        self.welcome(data)
        self.people(data)
        data["demand"] = self.demand(data["horizon"], data["opening"]["hours"])
        if self.staffed:
            self.staff(data)
            self.rules(data)
        usual, self.rng = self.rng, self._later
        if self.may(0.25):
            self.stay_tasks(data)
        for service in data.get("services", {}).values():
            self.at_once(service)
        if self.may(0.15):
            self.holidays(data)
        self.rng = usual
        return data

    def holidays(self, data: Dict) -> None:
        """Public holidays, looked up or named, and what goes by them."""
        first = self.day(data["horizon"], 2)
        found: Dict = {"country": "DE", **self.some(0.5, "region", "BY")}
        found |= self.some(0.3, "categories", ["public"])
        if self.may(0.4):  # as results have it
            found |= {"days": {first: "a holiday"}, "source": "a list"}
        else:
            found |= {"also": {first: "Founder's day"}}
            found |= self.some(0.3, "without", self.day(data["horizon"], 3))
        data["holidays"] = found
        if data["opening"]["hours"] not in (_NIGHT, _ALWAYS):
            data["opening"] |= self.some(0.6, "holidays", self.one("closed", "sun", "11:00-15:00"))
        factors = self.some(0.8, "visits", 0.7) | self.some(0.5, "overdoses", 1.5)
        data["demand"] |= self.some(0.6, "holidays", factors)
        if "staff" in data:
            staff: Dict = data["staff"]
            staff |= self.some(0.4, "holidays", self.one("never", "also"))
            for line in [*staff["rota"], *staff.get("unsocial", [])]:
                line.update(self.some(0.3, "holidays", self.one("also", "never", "only")))

    # --- when -----------------------------------------------------------------------------------

    def horizon(self) -> Dict:
        found: Dict = self.one({"weeks": 1}, {"weeks": 1}, {"weeks": 2}, {"days": 10})
        return dict(found) | self.some(0.3, "start", self.one("2026-06-03", "2026-12-21"))

    def opening(self, horizon: Dict) -> Dict:
        hours = self.one(_DAYTIME, _DAYTIME, list(_SPLIT), list(_SPLIT), _WEEK, _NIGHT, _ALWAYS)
        if hours == _ALWAYS or self.may(0.08):
            horizon |= {"weeks": 2, "warmup_weeks": 1}
            horizon.pop("days", None)
        found: Dict = {"hours": hours}
        if self.may(0.2):
            other = self.one("11:00-14:00", "10:00-20:00", ["10:00-12:00", "15:00-17:00"])
            found["dates"] = {self.day(horizon, 2): "closed", self.day(horizon, 3): other}
        found |= self.some(0.3, "last_entry", self.one(15, 30))
        found |= self.some(0.3, "wait_at_door", 20)
        found |= self.some(0.3, "queue_at_close", self.one("dismiss", "serve"))
        found |= self.some(0.3, "at_close", self.one("finish", "stop"))
        return found

    def day(self, horizon: Dict, number: int) -> str:
        """A date of the horizon."""
        start = date.fromisoformat(horizon.get("start", "2026-01-05"))
        return str(start + timedelta(days=number + 7 * horizon.get("warmup_weeks", 0)))

    def demand(self, horizon: Dict, hours: Any) -> Dict:
        found: Dict = {}
        form = self.rng.random()
        if form < 0.06:
            found["arrivals"] = self.arrivals(horizon)
        elif form < 0.16:
            by_day = [0] * 9 + [8, 10, 12, 15, 15, 12, 10, 10, 8] + [4] * 6
            found["week"] = [round(visits * self.number(0.5, 1.5), 2) for visits in by_day * 7]
        else:
            found["visits_per_day"] = self.whole(60, 260)
            flat = "flat" if hours in (_NIGHT, _ALWAYS) else self.hills()
            found["profile"] = self.one("flat", flat, "daytime", {"shape": "daytime"})
            found |= self.some(0.15, "weekday", {"sat": 1.3, "sun": 0.6})
            if found["visits_per_day"] % 5 == 0:  # no draw: the others stay as they were
                found["served_per_day"] = 0.8 * found.pop("visits_per_day")
                found["unserved"] = 0.2 if found["served_per_day"] % 8 else {"found": 0.2}
        found |= self.some(0.15, "factor", self.number(0.7, 1.3))
        found |= self.some(0.25, "day_to_day_cv", 0.2)
        found |= self.some(0.2, "special_days", self.special_days(horizon))
        found |= self.some(0.2, "groups", self.one({1: 0.6, 2: 0.4}, {1: 0.8, 3: 0.2}))
        found |= self.some(0.2, "crowd_at_opening", 0.1)
        clients = {"number": self.whole(30, 300), **self.some(0.5, "sigma", 1.2)}
        return found | self.some(0.15, "clients", clients)

    def hills(self) -> list[int]:
        hourly = [0] * 9 + [1, 1, 1, 2, 2, 3, 2, 1, 1] + [0] * 6
        return [*self.one(hourly, [weight for weight in hourly for _ in range(2)])]

    def arrivals(self, horizon: Dict) -> list[Dict]:
        days = horizon.get("days", 7 * horizon.get("weeks", 4))
        found = []
        for day in range(days):
            for at in np.sort(self.rng.uniform(8 * 60, 20 * 60, self.whole(50, 120))).tolist():
                visit = {"at": round(day * 1440 + at, 1), "kind": self.one(*self.kinds)}
                visit |= self.some(0.3, "stay", 18) | self.some(0.3, "patience", 12)
                found.append(visit)
        return found

    def special_days(self, horizon: Dict) -> list[Dict]:
        days = {"days_of_month": [5, 6, 24]} if self.may() else {"dates": [self.day(horizon, 1)]}
        risk = self.some(0.7, "overdoses", self.one(0.5, 3))
        return [{"name": "busy", **days, **self.some(0.7, "visits", 1.5), **risk}]

    # --- where ----------------------------------------------------------------------------------

    def room(self, hours: Any) -> Dict:
        found: Dict = {"places": 3}
        if self.may(0.3):
            comply = {"comply": 0.7, "overrun": self.minutes(5)} if self.may(0.7) else {}
            found["time_limit"] = {"limit": 25, **comply}
        if self.may(0.35):
            found["cleaning"] = {"duration": self.minutes(3), "roles": self.roles()}
        if self.may(0.12):
            found["hours"] = "20:00-24:00" if hours == _NIGHT else "11:00-17:00"
        if self.may(0.1):
            found |= {"kind": "open_air", "usable_share": self.one(0.6, 0.9)}
        return found | self.some(0.15, "reach", self.one(1, 2))

    def out_of_order(self, horizon: Dict) -> Dict:
        """What takes places of a room away, by numbers apart: all else of a seed stays as it is."""
        usual, self.rng = self.rng, self.apart
        found: Dict = {}
        if self.may(0.15):
            few: Dict = {"places": 2, **self.some(0.5, "hours", "12:00-16:00")}
            stretch = f"{self.day(horizon, 1)} to {self.day(horizon, 3)}"
            found["dates"] = {stretch: few, self.day(horizon, 2): self.one("closed", 1)}
        if self.may(0.15):
            repair = self.minutes(self.number(60, 400))
            found["failures"] = {"every": self.one("1 day", "12 h"), "repair": repair}
            found["failures"] |= self.some(0.7, "places", self.one(2, "all"))
        self.rng = usual
        return found

    def welcome(self, data: Dict) -> None:
        """Waiting area, desk, services and aftercare."""
        data |= self.some(0.3, "waiting_area", {"seats": self.whole(3, 9)})
        if self.may(0.3):
            data["check_in"] = {"times": self.registration(), "roles": self.roles()}
            data["check_in"] |= self.some(0.7, "desks", 1)
        if self.may(0.35):
            data["services"] = {
                name: self.service() for name in ["talk", "test"][: 1 + self.may(0.3)]
            }
        if self.may(0.35):
            data["aftercare"] = self.some(0.8, "seats", self.whole(2, 6))
            data["aftercare"] |= self.some(0.7, "when_full", self.one("skip", "wait_in_place"))

    def registration(self) -> Dict:
        first = {"first_visit": self.minutes(8), "first_visit_share": 0.2}
        return {"known": self.minutes(2)} | (first if self.may() else {})

    def service(self) -> Dict:
        found: Dict = {"duration": self.minutes(8), "roles": self.roles()}
        found |= self.some(0.6, "when", self.one("before", "after"))
        return found | self.some(0.3, "priority", 1) | self.some(0.3, "patience", self.minutes(10))

    def stay_tasks(self, data: Dict) -> None:
        """What staff do during the stay."""
        data["stay_tasks"] = {name: self.stay_task() for name in ["help", "look"][: 1 + self.may()]}
        for name in data["stay_tasks"]:
            for kind in data["visits"].values():
                if "rooms" in kind:
                    kind.setdefault("stay_tasks", {})[name] = self.one(0.3, 1)

    def at_once(self, service: Dict) -> None:
        """What a service takes beside one member of staff."""
        service |= self.some(0.2, "places", self.whole(1, 3))
        if self.staffed and self.may(0.2):
            service["roles"] = []
            service["team"] = self.one([["nurse"], ["helper"]], [["helper"], ["nurse", "helper"]])
        service |= self.some(0.3, "gather", "hold")

    def stay_task(self) -> Dict:
        found: Dict = {"duration": self.minutes(3), "roles": self.roles()}
        found |= self.some(0.5, "after", self.minutes(5)) | self.some(0.3, "priority", 1)
        found |= self.some(0.5, "stay", self.one("runs_on", "waits"))
        again = {"share": 0.5, "after": self.minutes(6), **self.some(0.5, "at_most", 3)}
        return found | self.some(0.4, "again", again)

    # --- who comes ------------------------------------------------------------------------------

    def people(self, data: Dict) -> None:
        first = self.kind(data, self.rooms if self.may() else self.rooms[:1])
        kinds = {"one": first}
        if self.rooms[1:]:
            first["share"], kinds["two"] = 0.6, self.kind(data, ["b"]) | {"share": 0.4}
            if first["rooms"] == ["a"] and self.may():
                first["switch"] = {
                    "after": 5,
                    "probability": 0.7,
                    "room": "b",
                    "stay": self.minutes(15),
                }
        if "services" in data:
            first["services"] = dict.fromkeys(data["services"], 0.4)
            if self.may(0.3):
                kinds["other"] = {"share": 0.1, "services": {"talk": 1}}
                first["share"] = round(first.get("share", 1) - 0.1, 3)
        data["visits"] = kinds
        self.kinds = list(kinds)
        if "services" in data and self.may(0.4):
            self.book(data)

    def book(self, data: Dict) -> None:
        """People who come by appointment; nobody of their kind is listed."""
        booked: Dict = {"kind": "booked", "hours": "10:00-16:00", "every": self.one(15, 30)}
        booked |= self.some(0.3, "number", 2) | self.some(0.5, "no_show", 0.2)
        booked |= self.some(0.5, "early", 10) | self.some(0.6, "lateness", self.minutes(8))
        booked |= self.some(0.3, "seen_early", True)
        if self.may():
            booked |= {"first": self.one("booked", "walk_ins", "by_coming")}
        else:
            booked["late_after"] = 15
        data["services"]["talk"]["appointments"] = booked
        data["visits"]["booked"] = {"share": 0, "services": {"talk": 1}}

    def kind(self, data: Dict, rooms: list[str]) -> Dict:
        found: Dict = {"rooms": rooms, "stay": self.minutes(self.number(12, 30))}
        found |= self.some(0.7, "patience", self.minutes(self.number(8, 40)))
        if self.may(0.3):
            found["balking"] = self.one(
                {"per_person_ahead": 0.1, "at_most": 0.8},
                {"above": 6},
                {"per_person_ahead": 0.06, "above": 9},
                {"per_person_ahead": 0.05, "when_full": 0.2},
            )
        found |= self.some(0.25, "priority", self.one(-1, 1))
        if "check_in" in data:
            found |= self.some(0.3, "check_in", self.registration())
        if "aftercare" in data and self.may(0.7):
            found["aftercare"] = {"share": 0.5, "stay": self.minutes(15)}
        return found

    # --- who works ------------------------------------------------------------------------------

    def staff(self, data: Dict) -> None:
        hours = data["opening"]["hours"]
        nurse: Dict = {"cost_per_hour": 40}
        nurse |= self.some(0.2, "contract_hours", 35) | self.some(0.2, "headroom", 0.15)
        lines = self.by_night() if hours in (_NIGHT, _ALWAYS) else self.by_day()
        found: Dict = {
            "roles": {"nurse": nurse, "helper": {"cost_per_hour": 30}},
            "rota": lines,
            "end_of_shift": self.one("finish", "finish_pooled", "hand_over"),
            "stay_until_empty": self.one(True, True, False),
            "begin_late": self.one(True, True, False),
            "break_when": self.one("when_no_work_waits", "as_soon_as_covered"),
        }
        if self.may(0.2):  # somebody more on some days, by name, every other week
            extra: Dict = {"role": "helper", "from": "12:00", "to": "17:00", "name": "extra"}
            extra |= {"people": ["Kim"]}
            if data["horizon"].get("days"):
                extra["dates"] = [self.day(data["horizon"], number) for number in (1, 2, 4)]
            else:
                extra |= {"days": "mon-thu", "weeks": [2]}
                found["cycle_weeks"] = 2
            found["rota"] = [*lines, extra]
        found |= self.some(0.15, "absence", 0.1)
        dearer = {"from": "18:00", "to": "06:00 next day", "multiplier": 1.3}
        found |= self.some(0.2, "unsocial", [dearer | self.some(0.5, "days", "sat")])
        found |= self.some(0.1, "currency", "DKK")
        data["staff"] = found

    def by_day(self) -> list[Dict]:
        start, end = self.one(("09:00", "19:30"), ("08:30", "20:30"), ("08:30", "21:30"))
        rest: Dict = {"length": 30, "from": "12:00", "to": self.one("12:30", "15:00")}
        lines = []
        for role in ("nurse", "helper"):
            line: Dict = {"role": role, "from": start, "to": end, "count": 1}
            if self.may(0.6):
                mine = rest | self.some(0.6, "minimum_left", self.one(0, 1))
                mine |= self.some(0.2, "minimum_left_of", ["nurse", "helper"])
                line["breaks"] = [mine | self.some(0.2, "recallable", False)]
            lines.append(line)
        return lines

    def by_night(self) -> list[Dict]:
        """Round the clock, in two shifts of the nurse and one of the helper."""
        rest = {"length": 30, "from": "22:00", "to": "23:30"}
        early: Dict = {"role": "nurse", "from": "04:00", "to": "16:00", "count": 1}
        late: Dict = {"role": "nurse", "from": "16:00", "to": "04:00 next day", "count": 1}
        helper: Dict = {"role": "helper", "from": "17:00", "to": "17:00 next day", "count": 1}
        late |= self.some(0.5, "breaks", [rest])
        return [late, helper, early]

    def rules(self, data: Dict) -> None:
        """Supervision, overdoses, and what a rota must be like."""
        if self.may(0.55):
            rule: Dict = {"rooms": self.rooms, "roles": ["nurse", "helper"]}
            rule |= self.some(0.5, "minimum", self.one(1, 2))
            rule |= self.some(0.4, "at_least", {"nurse": 1})
            rule |= self.some(0.4, "places_per_staff", self.one(2, 3))
            data["supervision"] = [rule]
        if self.may(0.45):
            data["overdose"] = self.overdose()
            for kind in ("one", "two"):
                if kind in data["visits"] and (kind == "one" or self.may()):
                    risk = {"per_1000": self.number(5, 40), "onset": self.minutes(6)}
                    data["visits"][kind]["overdose"] = risk
        if self.may(0.25):
            data["rota_rules"] = self.rota_rules()

    def overdose(self) -> Dict:
        team = self.one([["nurse"]], [["nurse"], ["nurse", "helper"]])
        mild: Dict = {"share": 1, "team": team, "intensive": self.minutes(15)}
        severities = {"mild": mild}
        if self.may():
            mild["share"] = 0.7
            grave = mild | {"share": 0.3, "observation": self.minutes(30), "observers": 1}
            severities["grave"] = grave | self.some(0.5, "ambulance", self.minutes(15))
        found: Dict = {"severities": severities}
        found |= self.some(0.4, "start", self.one("first_responder", "full_team"))
        found |= self.some(0.3, "preempts", False)
        period = self.some(0.7, "period", self.one("week", "month"))
        return found | self.some(0.25, "clustering", {"cv": 0.5, **period})

    def rota_rules(self) -> Dict:
        """Such as some rotas keep; what is for plans only is there too, and changes nothing."""
        found: Dict = self.some(0.7, "minimum", self.one(1, 2))
        found |= self.some(0.4, "at_least", {"nurse": 1}) | self.some(0.15, "handover", 10)
        found |= self.some(0.3, "need", {"waiting": 0.1, "unwatched": 0.1, "overdose": 0.1})
        rest = {"length": 30, "after": 180, "before": 300, "minimum_left": 1}
        shift: Dict = {"name": "long", "roles": ["nurse"], "lengths": [480], "starts": ["09:00"]}
        shift |= {"days": "daily", "weeks": [1], "breaks": [rest], "at_most": 0.5}
        found |= self.some(0.2, "shifts", [shift]) | self.some(0.2, "cycle_weeks", 2)
        found |= self.some(0.3, "cover_breaks", False) | self.some(0.2, "near", 0.05)
        limits: Dict = {"longest_shift": self.one(720, 1440), "break_after": self.one(480, 1440)}
        if self.may(0.4):
            limits |= {"daily_rest": 600, "weekly_rest": 1440, "week_hours": 40}
            limits |= {"reference_weeks": 4, "night_hours": 9, "night_worker": 120}
            limits |= {"night_from": "23:00", "night_to": "06:00", "shortest_break": 20}
            limits |= {"longest_work": 720, "longest_stretch": 600, "days_between_rests": 9}
            limits |= {"sunday_rest_weeks": 2, "holiday_rest_weeks": 8}
            limits |= {"breaks": [{"over": 480, "total": 20}], "night_weeks": 2}
            found["set"] = "danish"
        found |= self.some(0.8, "limits", limits)
        stress = {"demand": 1.5, "absent_a_day": 2, "overdoses": 3, "bad_batch": 4}
        return found | self.some(0.2, "stress", stress)

    # --- what is varied -------------------------------------------------------------------------

    def design(self, data: Dict) -> Dict:
        """Two and more designs of the site; `data` gets the costs, where they stand at the top."""
        low = self.whole(1, 4)
        first = f"{low}:{low + self.whole(1, 6)}"
        vary: Dict = {"rooms.a.places": first}
        if self.may(0.1):
            vary = {"places": {"set": ["rooms.a.places"], "values": first, "better": "more"}}
        others = self.others(data)
        for number in self.rng.permutation(len(others))[: self.whole(0, 3)].tolist():
            name, values = others[number]
            vary[name] = values
        places = {room: self.whole(2, 12) * 1000 for room in data["rooms"]}
        costs: Dict = {"place": places, "opening_hour": 3}
        allowed = ["supervision_unmet", "response_unstaffed", "rota_rules_broken"]
        found: Dict = {"vary": vary}
        found |= self.some(0.4, "allow", [one for one in allowed if self.may(0.7)])
        if low == 1:  # no draw: the others stay as they were
            found["usable"] = 0.9
        if self.may(0.1):
            return found | {"costs": costs}
        if "currency" not in data.get("staff", {}):
            costs |= self.some(0.1, "currency", "EUR")
        data["costs"] = costs
        return found

    def others(self, data: Dict) -> list[tuple[str, Any]]:
        """What may be varied beside places."""
        return [
            (path, values)
            for (where, *these), path, values in _OTHERS
            if (found := _at(data, where)) is not None and (not these or found in these)
        ]


_OTHERS: tuple[tuple[tuple[str, ...], str, Any], ...] = (
    (("opening",), "opening.last_entry", [30, 15]),
    (("opening",), "opening.wait_at_door", [0, 30]),
    (("opening",), "opening.queue_at_close", ["dismiss", "serve"]),
    (("opening",), "opening.at_close", ["finish", "stop"]),
    (("visits.one",), "visits.one.priority", [0, 2]),
    (("demand",), "demand.crowd_at_opening", [0, 0.2]),
    (("opening.hours", _DAYTIME), "opening.hours", [_DAYTIME, "09:00-18:00", "11:00-19:00"]),
    *[(("rooms.b",), "rooms.b.places", "1:4")] * 3,
    (("rooms.a.time_limit",), "rooms.a.time_limit.limit", [20, 40]),
    (("check_in",), "check_in.desks", "1:2"),
    (("aftercare",), "aftercare.seats", {"values": "1:3", "cost_per_year": 900}),
    (("waiting_area",), "waiting_area.seats", {"values": [2, 6, 12], "better": "unknown"}),
    *[(("staff",), f"staff.rota.{line}.count", f"1:{2 + line}") for line in (0, 1)] * 3,
    (("staff",), "staff.end_of_shift", ["finish", "finish_pooled", "hand_over"]),
    (("staff.rota.0.from", "08:30", "09:00"), "staff.rota.0.to", ["19:30", "21:00"]),
    (("supervision",), "supervision.0.minimum", {"values": [2, 1], "better": "more"}),
    (("overdose",), "overdose.start", ["first_responder", "full_team"]),
)
"""What may be varied: where something must stand, or one of these, then a path and its values. What
is here three times is chosen more often; the order is that in which chance chooses."""


def _at(data: object, path: str) -> object:
    """What stands at a path; None if nothing does."""
    for key in path.split("."):
        data = child(data, int(key) if isinstance(data, list) else key)
    return data


def keys_in(scenario: BaseModel, prefix: str = "") -> Iterator[str]:
    """The keys that a scenario writes, such as `rooms.places`; those of distributions left out."""
    for name in scenario.model_fields_set:
        key = f"{prefix}{type(scenario).model_fields[name].alias or name}"
        yield key
        yield from _inside(getattr(scenario, name), f"{key}.")


def _inside(value: object, prefix: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        if not type(value).__module__.endswith(".durations"):
            yield from keys_in(value, prefix)
    elif isinstance(value, Mapping | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _inside(one, prefix)
