"""Laws that hold in every run, whatever the scenario: tried on random ones.

Sums over the visits and integrals of the counts are compared as fractions, so that equal means
equal to the last bit.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from sim.engine import Engine, simulate
from sim.log import Duty, Log, Outcome, Where, series_names
from sim.measures.laws import LawError, check_laws
from sim.rules.numbered import numbered
from sim.scenario.derived.calendar import room_spans, site_spans
from sim.scenario.derived.roster import people_on_shift
from sim.scenario.model.scenario import Scenario
from sim.visitors import Visitors, draw
from tests.support.played import play, same_log
from tests.support.random_sites import tried_on

NEVER = float("inf")
IN_USE = ("occupied", "blocked")


class Run:
    """A run, and its counts as they stand at the end of every instant of change."""

    def __init__(self, scenario: Scenario, visitors: Visitors, log: Log) -> None:
        self.scenario, self.visitors, self.log = scenario, visitors, log
        self.visits = {name: column.tolist() for name, column in log.visits.items()}
        self.number = {name: index for index, name in enumerate(series_names(scenario))}
        self.times = np.unique(log.changes["time"])
        self._counts = np.zeros((len(self.number), len(self.times)))
        at = np.searchsorted(self.times, log.changes["time"])
        rows = zip(log.changes["series"].astype(int), at, log.changes["value"], strict=True)
        for series, instant, value in rows:
            self._counts[series, instant:] = value

    def count(self, *names: str) -> np.ndarray:
        """The sum of some counts at the end of every instant of change."""
        found: np.ndarray = sum(
            (self._counts[self.number[name]] for name in names), np.zeros(len(self.times))
        )
        return found

    def integral(self, *names: str) -> Fraction:
        """The integral of the sum of some counts over the run."""
        edges = [*map(Fraction, self.times.tolist()), Fraction(self.log.end)]
        levels = map(Fraction, self.count(*names).tolist())
        return sum(
            (
                level * (until - since)
                for level, (since, until) in zip(levels, pairwise(edges), strict=True)
            ),
            Fraction(0),
        )

    def during(self, starts: Iterable[float], ends: Iterable[float]) -> tuple[np.ndarray, Fraction]:
        """How many of some stretches of time hold at every instant of change, and their total.

        One that did not start does not count; one that did not end lasts to the end of the run.
        """
        pairs = [
            (start, NEVER if np.isnan(end) else end)
            for start, end in zip(starts, ends, strict=True)
            if not np.isnan(start)
        ]
        last = self.log.end
        begun = np.searchsorted(np.sort([start for start, _ in pairs]), self.times, side="right")
        over = np.searchsorted(np.sort([end for _, end in pairs]), self.times, side="right")
        minutes = (Fraction(min(end, last)) - Fraction(start) for start, end in pairs)
        total = sum(minutes, Fraction(0))
        return begun - over, total

    def agree(self, names: list[str], starts: Iterable[float], ends: Iterable[float]) -> None:
        """Counts must be those of the visits' stamps, at every instant and in all."""
        held, total = self.during(starts, ends)
        assert self.count(*names).tolist() == held.tolist(), names
        assert self.integral(*names) == total, names


def sitting(run: Run) -> list[tuple[float, float]]:
    """From when and until when people sat and waited for the time of their appointment."""
    found = []
    for kind, service in enumerate(numbered(run.scenario).booked):
        if service is None:
            continue
        for visit in np.flatnonzero(run.log.visits["kind"] == kind).tolist():
            let_in, done = (run.visits[name][visit] for name in ("let_in", "check_in_end"))
            at_desk = run.visitors.check_in[visit] > 0
            since = done if at_desk else let_in
            until = run.log.service_asked[service, visit]
            if np.isnan(until):  # sent away before their time, or still there
                out = run.visits["out"][visit]
                until = run.log.end if np.isnan(out) else out
            if since < until:
                found.append((since, until))
    return found


def appointments_are_kept(run: Run) -> None:
    """Nobody is seen before their time who may not; nobody passes those who go before them."""
    asked, start = run.log.service_asked, run.log.service_start
    for kind, service in enumerate(numbered(run.scenario).booked):
        if service is None:
            continue
        said = list(run.scenario.services.values())[service].appointments
        assert said is not None
        due = run.visitors.appointment
        mine = (run.log.visits["kind"] == kind) & ~np.isnan(asked[service])
        if not said.seen_early:
            assert (asked[service][mine] >= due[mine]).all()
        kept = mine.copy()
        if said.late_after is not None:
            kept &= asked[service] <= due + said.late_after
        others = ~np.isnan(asked[service]) & ~mine
        # Who was in line when somebody of the other sort began, and had not begun, goes after them.
        first, last = (kept, others) if said.first == "booked" else (others, kept)
        if said.first == "by_coming":
            continue
        seen = ~np.isnan(start[service])
        for began in start[service][last & seen]:
            passed = (asked[service] < began) & (start[service] > began)
            assert not (first & seen & passed).any()


def left_or_given_up(run: Run) -> list[float]:
    """When each visit stopped queueing for a place."""
    entered, out = run.visits["entered"], run.visits["out"]
    return [gone if np.isnan(came) else came for came, gone in zip(entered, out, strict=True)]


def every_visit_ends_once(run: Run) -> None:
    outcomes = [Outcome(int(one)) for one in run.visits["outcome"]]
    assert len(outcomes) == len(run.visitors)
    for outcome, out, let_in, entered in zip(
        outcomes, run.visits["out"], run.visits["let_in"], run.visits["entered"], strict=True
    ):
        assert np.isnan(out) == (outcome is Outcome.INSIDE_AT_END)
        if outcome in {Outcome.CLOSED, Outcome.BALKED, Outcome.NO_SPACE}:
            assert np.isnan(let_in)
        if outcome is Outcome.SERVED:
            assert not np.isnan(entered)
        if outcome in {Outcome.RENEGED, Outcome.DISMISSED_AT_CLOSE, Outcome.SERVICE_ONLY}:
            assert np.isnan(entered)


def stamps_are_in_order(run: Run) -> None:
    path = ("arrival", "let_in", "check_in_start", "check_in_end", "joined", "entered", "left")
    for row in zip(*(run.visits[name] for name in path), run.visits["out"], strict=True):
        known = [stamp for stamp in row if not np.isnan(stamp)]
        assert known == sorted(known)
    log = run.log
    for row in zip(
        run.visits["left"],
        run.visits["aftercare_start"],
        run.visits["aftercare_end"],
        run.visits["out"],
        strict=True,
    ):
        known = [stamp for stamp in row if not np.isnan(stamp)]
        assert known == sorted(known)
    asked, start, end = log.service_asked, log.service_start, log.service_end
    assert not (start < asked).any()
    assert not (end < start).any()
    assert not (end > run.log.visits["out"]).any()
    rows = log.responses
    for early, late in pairwise(("onset", "first", "stable", "end")):
        assert not (rows[late] < rows[early]).any()
    assert not (rows["team"] < rows["first"]).any()
    assert np.isnan(rows["first"][rows["where"] == Where.OFF_SITE]).all()


def counts_are_those_of_the_visits(run: Run) -> None:
    visits, responses = run.visits, run.log.responses
    run.agree(["site:inside"], visits["let_in"], visits["out"])
    run.agree(["site:waiting_place"], visits["joined"], left_or_given_up(run))
    for number, room in enumerate(run.scenario.rooms):
        inside = [one == number for one in visits["room"]]
        entered = [
            time if here else np.nan for time, here in zip(visits["entered"], inside, strict=True)
        ]
        run.agree([f"room:{room}:occupied", f"room:{room}:blocked"], entered, visits["left"])
    on_site = responses["where"] != Where.OFF_SITE
    run.agree(["site:responses"], responses["onset"][on_site], responses["end"][on_site])


def littles_law(run: Run) -> None:
    """From empty to empty: people × minutes inside = the minutes of those who came in then."""
    inside = run.count("site:inside").tolist()
    edges = [*map(Fraction, run.times.tolist()), Fraction(run.log.end)]
    empty = [time for time, level in zip(edges[:-1], inside, strict=True) if level == 0]
    area = [Fraction(0) for _ in range(len(empty) + 1)]
    for level, (since, until) in zip(inside, pairwise(edges), strict=True):
        if level:
            area[bisect_right(empty, since)] += int(level) * (until - since)
    minutes = [Fraction(0) for _ in area]
    for let_in, out in zip(run.visits["let_in"], run.visits["out"], strict=True):
        if not np.isnan(let_in):
            gone = Fraction(run.log.end if np.isnan(out) else out)
            minutes[bisect_right(empty, Fraction(let_in))] += gone - Fraction(let_in)
    assert area == minutes


def waits_add_up(run: Run) -> None:
    """All minutes in line inside before a place, however often interrupted, are in `waited`."""
    visits = run.log.visits
    if np.isnan(visits["out"]).any() or any(
        service.when == "after" for service in run.scenario.services.values()
    ):
        return
    lines = ("site:waiting_check_in", "site:waiting_place", "site:waiting_service")
    early = sum(until - since for since, until in sitting(run))
    in_line = float(run.integral(*lines)) - early
    assert visits["waited"].sum() == pytest.approx(in_line, rel=1e-9, abs=1e-9)


def places_hold_one_person_each(run: Run) -> None:
    for name, room in run.scenario.rooms.items():
        states = [f"room:{name}:{state}" for state in ("occupied", "blocked", "cleaning")]
        for state in (*states, f"room:{name}:unusable"):
            assert (run.count(state) >= 0).all()
        assert (run.count(*states) <= room.places).all()
        assert (run.count(*states, f"room:{name}:unusable") <= room.places).all()
    used: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for room_number, place, entered, left in zip(
        *(run.visits[name] for name in ("room", "place", "entered", "left")), strict=True
    ):
        if not np.isnan(entered):
            until = NEVER if np.isnan(left) else left
            used.setdefault((room_number, place), []).append((entered, until))
    for stretches in used.values():
        for (_, until), (since, _) in pairwise(sorted(stretches)):
            assert until <= since


def aftercare_has_enough_seats(run: Run) -> None:
    aftercare = run.scenario.aftercare
    taken = run.count("site:aftercare")
    assert (taken >= 0).all()
    if aftercare is None or aftercare.seats is not None:
        assert (taken <= (aftercare.seats if aftercare else 0)).all()
    starts, ends = run.visits["aftercare_start"], run.visits["aftercare_end"]
    _, minutes = run.during(starts, ends)
    assert run.integral("site:aftercare") >= minutes  # observation takes seats too


def hours_of_room(run: Run, number: int, name: str) -> list[tuple[float, float]]:
    """When a room is open, weather permitting."""
    bad = frozenset(np.flatnonzero(run.visitors.bad_weather[number]).tolist())
    return room_spans(run.scenario, name, bad)


def waiting_for(
    run: Run, accepts: Callable[[int, int], float]
) -> dict[int, list[tuple[float, ...]]]:
    """For each room those who queue and accept it: from when, until when, priority, joined."""
    found: dict[int, list[tuple[float, ...]]] = {
        room: [] for room in range(len(run.scenario.rooms))
    }
    kinds = list(run.scenario.visits.values())
    for visit, (joined, until) in enumerate(
        zip(run.visits["joined"], left_or_given_up(run), strict=True)
    ):
        gone = run.log.end if np.isnan(until) else until
        priority = kinds[int(run.visits["kind"][visit])].priority
        for room, queue in found.items():
            since = accepts(visit, room)
            if since < gone:
                queue.append((since, gone, priority, joined))
    return found


def acceptance(run: Run) -> Callable[[int, int], float]:
    """From when someone in the queue accepts a room; never, or from joining or a change of mind."""
    names = list(run.scenario.rooms)
    kinds = list(run.scenario.visits.values())
    site = site_spans(run.scenario)
    open_hours = [hours_of_room(run, room, name) for room, name in enumerate(names)]

    def accepts(visit: int, room: int) -> float:
        joined, kind = run.visits["joined"][visit], kinds[int(run.visits["kind"][visit])]
        # Who joins after closing, or before a room's hours of another day, is left out.
        closes = next((until for since, until in site if since <= joined < until), None)
        if closes is None or not any(
            since < closes and until > joined for since, until in open_hours[room]
        ):
            return NEVER
        if names[room] in kind.rooms:
            return float(joined)
        after = float(run.visitors.switch_after[visit])
        switches = kind.switch is not None and kind.switch.room == names[room]
        return joined + after if switches else NEVER

    return accepts


def places_go_to_the_first_in_order(run: Run) -> None:
    queues = waiting_for(run, acceptance(run))
    kinds = list(run.scenario.visits.values())
    for kind, joined, entered, room in zip(
        *(run.visits[name] for name in ("kind", "joined", "entered", "room")), strict=True
    ):
        if np.isnan(entered):
            continue
        mine = kinds[int(kind)].priority
        for since, until, priority, their_joining in queues[int(room)]:
            ahead = priority < mine or (priority == mine and their_joining < joined)
            # Someone who began to accept this room at this very instant may come a step later.
            assert not (ahead and since < entered < until)


def nobody_waits_for_a_place_that_is_free(run: Run) -> None:
    queues = waiting_for(run, acceptance(run))
    for number, name in enumerate(run.scenario.rooms):
        taken = (
            f"room:{name}:{state}" for state in ("occupied", "blocked", "cleaning", "unusable")
        )
        free = run.count(f"room:{name}:open") - run.count(*taken)
        for time in run.times[(free > 0) & (run.count(f"room:{name}:open") > 0)]:
            assert not any(since <= time < until for since, until, *_ in queues[number])


def staff_do_one_thing_at_a_time(run: Run) -> None:
    people, duties = run.log.people, [duty.name.lower() for duty in Duty]
    for number, role in enumerate(run.scenario.staff.roles if run.scenario.staff else ()):
        series = {
            name: run.count(f"role:{role}:{name}")
            for name in (*duties, "on_duty", "present", "on_break", "overtime")
        }
        assert all((values >= 0).all() for values in series.values())
        busy = np.sum([series[duty] for duty in duties], axis=0)
        assert (busy + series["on_break"] <= series["on_duty"] + series["overtime"]).all()
        away = series["on_duty"] - series["present"] - series["on_break"]
        # Who stays after closing, until nobody is inside, is present in overtime.
        assert ((away >= -series["overtime"]) & (away <= series["respond"])).all()
        mine = people["role"] == number
        for duty in duties:
            worked = float(run.integral(f"role:{role}:{duty}"))
            assert people[duty][mine].sum() == pytest.approx(worked, rel=1e-9, abs=1e-9)
        broken = float(run.integral(f"role:{role}:on_break"))
        assert people["break_minutes"][mine].sum() == pytest.approx(broken, rel=1e-9, abs=1e-9)
    at_work = people["left"] - np.maximum(people["start"], 0)
    busy = np.sum([people[duty] for duty in duties], axis=0) + people["break_minutes"]
    worked_at_all = ~np.isnan(people["left"])
    assert (busy <= at_work + 1e-9)[worked_at_all].all()
    assert (busy == 0)[~worked_at_all].all()
    assert (people["left"] >= people["end"])[worked_at_all].all()


def staff_are_those_of_the_rota(run: Run) -> None:
    if run.scenario.staff is None:
        return
    on = people_on_shift(run.scenario)
    absent = run.visitors.absent
    for role in run.scenario.staff.roles:
        mine = [
            (person.start, person.end)
            for person, away in zip(on, absent, strict=True)
            if run.scenario.staff.rota[person.line].role == role and not away
        ]
        held, _ = run.during(*zip(*mine, strict=True)) if mine else (np.zeros(len(run.times)), 0)
        before = run.times <= run.log.end
        assert (run.count(f"role:{role}:on_duty") == held)[before].all()


def responders_come_in_time(run: Run) -> None:
    """Nobody is at more overdoses than there are; no response without one."""
    roles = run.scenario.staff.roles if run.scenario.staff else ()
    responding = run.count(*(f"role:{role}:respond" for role in roles))
    assert (responding[run.count("site:responses") == 0] == 0).all()


def free_staff_leave_nobody_waiting(run: Run) -> None:
    staff, check_in = run.scenario.staff, run.scenario.check_in
    if staff is None or staff.end_of_shift == "finish_pooled" or not staff.begin_late:
        return
    services = run.scenario.services.values()
    for role in staff.roles:
        here = run.count(f"role:{role}:on_duty", f"role:{role}:overtime")
        duties = (f"role:{role}:{duty.name.lower()}" for duty in Duty)
        free = here - run.count(f"role:{role}:on_break", *duties) > 0
        if check_in is not None and check_in.desks is None and role in check_in.roles:
            assert (run.count("site:waiting_check_in")[free] == 0).all()
        # A service that takes several at once may lack another, or a place of its own.
        alone = all(not one.team and one.places is None for one in services)
        if alone and all(role in service.roles or not service.roles for service in services):
            sits = sum(
                ((run.times >= since) & (run.times < until) for since, until in sitting(run)),
                np.zeros(len(run.times)),
            )
            assert (run.count("site:waiting_service")[free] == sits[free]).all()


def nobody_is_let_in_unwatched(run: Run) -> None:
    """Whoever enters a room is watched by enough staff, if these stay as they are meanwhile."""
    series, times = run.log.changes["series"], run.log.changes["time"]
    entered = np.array(run.visits["entered"])
    for rule in run.scenario.supervision:
        rooms = [list(run.scenario.rooms).index(name) for name in rule.rooms]
        present = {
            role: run.count(f"role:{role}:present") for role in {*rule.roles, *rule.at_least}
        }
        changed = np.isin(series, [run.number[f"role:{role}:present"] for role in present])
        came = np.unique(entered[np.isin(run.visits["room"], rooms)])
        at = np.searchsorted(run.times, came[~np.isin(came, times[changed])])
        watching = np.sum([present[role] for role in rule.roles], axis=0)[at]
        assert (watching >= rule.minimum).all()
        assert all((present[role][at] >= least).all() for role, least in rule.at_least.items())
        if rule.places_per_staff is not None:
            states = (f"room:{name}:{state}" for name in rule.rooms for state in IN_USE)
            assert (run.count(*states)[at] <= watching * rule.places_per_staff).all()


def closing_is_closing(run: Run) -> None:
    opening = run.scenario.opening
    closed = run.count("site:open") == 0
    if opening.queue_at_close == "dismiss" or opening.at_close == "stop":
        assert (run.count("site:waiting_place")[closed] == 0).all()
    if opening.at_close == "stop":
        assert (run.count("site:inside") == run.count("site:responses"))[closed].all()
    hours = site_spans(run.scenario)
    for let_in in run.visits["let_in"]:
        assert np.isnan(let_in) or any(opens <= let_in < closes for opens, closes in hours)
    for let_in, booked in zip(run.visits["let_in"], run.visitors.appointment, strict=True):
        assert not np.isnan(booked) or not any(
            closes - opening.last_entry <= let_in < closes for _, closes in hours
        )


def rooms_take_people_in_their_hours(run: Run) -> None:
    for number, name in enumerate(run.scenario.rooms):
        hours = hours_of_room(run, number, name)
        for room, entered in zip(run.visits["room"], run.visits["entered"], strict=True):
            if room == number and run.scenario.opening.queue_at_close == "dismiss":
                assert any(opens <= entered < closes for opens, closes in hours)


LAWS = (
    every_visit_ends_once,
    stamps_are_in_order,
    counts_are_those_of_the_visits,
    littles_law,
    waits_add_up,
    places_hold_one_person_each,
    aftercare_has_enough_seats,
    places_go_to_the_first_in_order,
    nobody_waits_for_a_place_that_is_free,
    staff_do_one_thing_at_a_time,
    staff_are_those_of_the_rota,
    responders_come_in_time,
    free_staff_leave_nobody_waiting,
    nobody_is_let_in_unwatched,
    closing_is_closing,
    appointments_are_kept,
    rooms_take_people_in_their_hours,
)


@tried_on(5)
def test_a_few_runs_obey_the_laws(scenario: Scenario):
    # The compiled engine, of which the other is the second opinion: one of these sites is so full
    # that the readable one takes a quarter of a minute for it.
    obeys_the_laws(scenario, Engine.FAST)


@pytest.mark.slow
@tried_on(200)
def test_every_run_obeys_the_laws(scenario: Scenario):
    obeys_the_laws(scenario, Engine.SIMPY)


def obeys_the_laws(scenario: Scenario, engine: Engine) -> None:
    visitors = draw(scenario, seed=5, replication=0)
    log = simulate(scenario, visitors, engine)
    run = Run(scenario, visitors, log)
    for law in LAWS:
        law(run)
    check_laws(scenario, log)
    assert same_log(log, simulate(scenario, visitors, engine))


# --- a law that is broken is told of ---------------------------------------------------------

SITE = """
opening: {hours: 00:00-02:00}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 1, cleaning: {duration: 5, roles: [nurse]}}}
staff: {roles: {nurse: {}}, rota: [{role: nurse, from: 00:00, to: 04:00}]}
"""


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("outcome", 17, "without an outcome"),
        ("outcome", Outcome.INSIDE_AT_END, "left and are inside"),
        ("entered", np.nan, "served without a place"),
        ("out", 41, "people inside"),
        ("joined", 0, "queue for a place"),
        ("left", 39, "Little's law for booths"),
    ],
)
def test_a_changed_stamp_breaks_a_law(column: str, value: float, told: str):
    played = play(SITE, arrivals=[0, 1])
    check_laws(played.scenario, played.log)
    changed = played.log.visits[column].copy()
    changed[1] = value
    log = replace(played.log, visits={**played.log.visits, column: changed})
    with pytest.raises(LawError, match=told):
        check_laws(played.scenario, log)


@pytest.mark.parametrize(
    ("series", "told"), [("room:booths:occupied", "1 places"), ("role:nurse:clean", "more nurses")]
)
def test_a_changed_count_breaks_a_law(series: str, told: str):
    played = play(SITE, arrivals=[0, 1])
    changes = played.log.changes
    mine = changes["series"] == series_names(played.scenario).index(series)
    value = np.where(mine, 2 * changes["value"], changes["value"])
    with pytest.raises(LawError, match=told):
        check_laws(played.scenario, replace(played.log, changes={**changes, "value": value}))


@pytest.mark.parametrize("rooms", ["[booths]", "[]"])
def test_who_must_leave_a_service_at_closing_breaks_no_law(rooms: str):
    played = play(
        SITE,
        "opening.at_close=stop",
        f"visits.care={{share: 0, rooms: {rooms}, services: {{wounds: 1}}"
        f"{', stay: 20' if rooms != '[]' else ''}}}",
        "services.wounds={duration: 10, when: before}",
        arrivals=[0, (115, "care")],
    )
    assert played.outcomes() == ["served", "cut_short"]
    check_laws(played.scenario, played.log)


def test_more_work_than_was_seen_breaks_a_law():
    played = play(SITE, arrivals=[0, 1])
    people = {**played.log.people, "clean": played.log.people["clean"] + 1}
    with pytest.raises(LawError, match="busy minutes of nurses"):
        check_laws(played.scenario, replace(played.log, people=people))


FAILING = "rooms.booths.failures={every: 1 d, repair: 1}"


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("failed", [10, 30], "fails while it is out of order"),
        ("back", [65, 70], "fails while it is out of order"),
        ("out", [10, 62], "is used while it is out of order"),
    ],
)
def test_a_changed_outage_breaks_a_law(column: str, value: list[float], told: str):
    played = play(
        SITE,
        FAILING,
        arrivals=[0, 1],
        failure_time=[10, 62],
        failure_room=[0, 0],
        failure_repair=[10, 8],
    )
    # In use until 20, cleaned until 25, out until 35; then in use until 55, cleaned until 60.
    assert played.log.outages["back"].tolist() == [35, 70]
    check_laws(played.scenario, played.log)
    outages = {**played.log.outages, column: np.array(value, dtype=np.float64)}
    with pytest.raises(LawError, match=told):
        check_laws(played.scenario, replace(played.log, outages=outages))
