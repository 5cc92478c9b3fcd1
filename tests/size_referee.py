"""`size` against brute force: random small spaces, every design of them played to precision.

    python -m tests.size_referee 200 [first seed]

Each space has 2 to 60 designs of a random site with any switch of the language
(tests/support/size_maker.py), and one to three random targets: any figure of the summary or the
hours, of the whole or a part, any percentile, any share within a time; in each hour, or in one.
Limits lie about what one of the designs does, mostly so that it meets them by a tolerance or more.
Every design that costs no more than the answer (all, where there is none) is played 60 times with
people of its own; whether it keeps the safety rules is worked out anew, minute by minute, but for
`rota_rules`, which are what `rota check` says. An answer is right if it misses no target by its
tolerance, keeps the rules, and costs no more than the cheapest design that surely meets every
target by its tolerance and keeps them; where there is none, no answer is right, too. Targets that
the search could not decide must be met by their tolerances too, on average, before a design is
asked for. One space in four is searched by boxes, as large ones are.

What is observed of a replication is read by the same `Observer` in both; so, for each space, what
it reads of one design is held against the figures that a study of the same replications reports.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from math import ceil
from typing import Any

import numpy as np

from sim.engine import Engine
from sim.measures import hour_rows, metric_rows
from sim.measures.figures.figure import HourRow, Interval, Row
from sim.measures.steps import open_hours
from sim.rota.check.check import check_rota
from sim.scenario import ScenarioError
from sim.scenario.derived.roster import break_window
from sim.scenario.load import Loaded, Original, scenario_from_text
from sim.scenario.model.design import Allowed
from sim.scenario.model.hours import DAY, DAYS, WEEK
from sim.scenario.model.hours import Interval as Piece
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import EVERY_HOUR
from sim.scenario.text.read import read_text
from sim.size.experiment import Experiment, Setup
from sim.size.observation import ObservedTarget, observed_targets, tolerances_of
from sim.size.search import SearchRules
from sim.size.sizing import Sizing, size
from sim.size.space import Design, Space, read_space
from sim.study import Plan, StudyResult, run_study
from sim.study.compare.matters import Better, matter_of
from sim.study.estimate.targets import check_targets
from sim.study.run.replication import simulate_replication
from sim.study.run.workers import this_machine
from tests.support.size_maker import Dict, Maker

REPLICATIONS = 60
"""Of each design, by brute force."""
SEED = 987_654
PROBE = Plan(seed=5, replications=8)
"""Of the design about which the limits lie."""
_SHARE = 0.01
"""Tolerance of a share of which nothing says what matters."""
_SLACK = 3.0
"""Standard errors by which brute force itself may be wrong."""


# --- random targets ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """What a target may be about, and which side is the better one."""

    words: str
    """As a target calls it, the hour left out."""
    when: str
    """Nothing, `by hour` or `in the hour fri 17:00`."""
    more: bool
    """Whether it must be at least its limit."""
    share: bool


_TIMED = ("wait", "wait_joined", "door_wait", "wait_check_in", "wait_place", "wait_service")
_RESPONSES = ("response_first", "response_team")
_USUAL = ("wait", "unserved", "uses", "response", "places")
_MORE = ("idle", "within", "uses", "served")


def figure_of(maker: Maker, scenario: Scenario) -> Figure:
    """Any figure of a scenario: first of which metric, then which of it, then of which part."""
    hourly = maker.may(0.25)
    rows: list[Row | HourRow] = [*(hour_rows if hourly else metric_rows)(scenario)]
    rows = [one for one in rows if one.interval is not Interval.HIGHEST]
    metrics = list(dict.fromkeys(one.metric for one in rows))
    timed = [one for one in metrics if one.split("_mean")[0] in (*_TIMED, *_RESPONSES)]
    free = bool(timed) and maker.may(0.3)
    usual = [one for one in metrics if one.startswith(_USUAL)]
    metric = maker.one(*(timed if free else usual if usual and maker.may(0.35) else metrics))
    one: Row | HourRow = maker.one(*(row for row in rows if row.metric == metric))
    when = ""
    if hourly:
        clock = f"{maker.whole(10, 18)}:00"
        when = maker.one("by hour", "in every hour", f"in the hour {maker.one(*DAYS[:6])} {clock}")
    name, statistic = metric, one.statistic if isinstance(one, Row) else ""
    if free:
        name = metric.split("_mean")[0] if hourly else metric
        statistic = maker.one("p75", "p80", "p97.5", "within_15", "within_90s", "within_7.5")
    words = f"{name}.{statistic}" if statistic else name
    words += "" if one.by == "all" else f" of {one.by}"
    better = matter_of(one).better if isinstance(one, Row) and not free else Better.NEITHER
    more = better is Better.MORE or (
        better is Better.NEITHER and any(part in words for part in _MORE)
    )
    more ^= maker.may(0.08)
    share = "within" in statistic if free else one.unit == "share"
    return Figure(words, when, more, share)


def targets_of(maker: Maker, space: Space, middle: Design, data: Dict) -> list[str]:
    """One to three targets that a design meets, most of them; some it may miss."""
    base = space.original.loaded.scenario
    wanted = 1 + maker.whole(0, 3)
    figures: list[Figure] = []
    for _ in range(4 * wanted):
        figure = figure_of(maker, base)
        if figure not in figures and _asked(data, [*figures, figure]) is not None:
            figures.append(figure)
        if len(figures) == wanted:
            break
    asked = _asked(data, figures)
    if asked is None or not figures:
        return []
    scenario = asked.scenario(middle)
    result = run_study(scenario, PROBE)
    tolerances = {}
    found = []
    for figure, target in zip(figures, scenario.targets, strict=True):
        (one,) = observed_targets(base.model_copy(update={"targets": (target,)}), {})
        value = reported(one, result, scenario)
        if value is None or (figure.more and value == 0):
            continue  # not known, or met by everything
        # What stands without one depends on the limit, which is not the one in the end.
        usual = matter_of(_row(one)).margin or (_SHARE if one.unit == "share" else 0.0)
        tolerance = usual or 0.05 * abs(value) or 0.05
        if figure.when and (maker.may(0.8) or figure.when.endswith("hour")):
            tolerance = 0.1 if one.unit == "share" else 0.2 * value + 0.05
            tolerances[one.name] = tolerance = round(tolerance, 6)
        elif maker.may(0.2):
            tolerances[one.name] = tolerance = round(2 * tolerance, 6)
        limit = _limit(maker, one, value, tolerance)
        found.append(" ".join(f"{figure.words} {figure.when} {limit}".split()))
    if tolerances:
        data["design"]["tolerances"] = tolerances
    return found


def _asked(data: Dict, figures: list[Figure]) -> Space | None:
    """The designs with provisional targets on some figures; None if there are no such figures."""
    targets = [
        f"{one.words} {one.when} {'>=' if one.more else '<='} {0.5 if one.share else 1}"
        for one in figures
    ]
    return _space(data | {"targets": targets})


def _row(one: ObservedTarget) -> Row:
    metric, _, statistic = one.name.partition(".")
    return Row(metric, statistic, "all", one.unit, "")


def _limit(maker: Maker, one: ObservedTarget, value: float, tolerance: float) -> str:
    """A limit near a value: mostly by a tolerance or more on its easier side, else about it."""
    upper = one.target.operator.is_upper
    sign = 1 if upper else -1
    near = maker.number(2.5, 7) if maker.may(0.88) else maker.number(-2, 2)
    if one.within is not None:  # a tolerance is one visit in a hundred
        limit = value * (1 + 0.08 * near) ** sign + 0.3 * sign * near
    else:
        limit = value + sign * near * tolerance
        limit = min(limit, 1.0 if one.unit == "share" else limit)
    operator = maker.one("<=", "<") if upper else maker.one(">=", ">")
    return f"{operator} {max(limit, 0.0):.6f}"


def reported(one: ObservedTarget, result: StudyResult, scenario: Scenario) -> float | None:
    """What a study reports of a target's figure, of hours the worst; None if nothing is known."""
    target = one.target
    metric, _, statistic = one.name.partition(".")
    if target.hour is None:
        table = result.summary
        these = (table["metric"] == metric) & (table["statistic"] == statistic)
        values = table[these & (table["by"] == target.by)]["value"].to_numpy(dtype=float)
    else:
        table = result.by_hour
        mine = table[(table["metric"] == metric) & (table["by"] == target.by)]
        hours = open_hours(scenario) if target.hour == EVERY_HOUR else [target.hour]
        mine = mine[mine["hour_of_week"].isin(np.arange(168)[hours])]
        values = mine["value"].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    return float(values.max() if target.operator.is_upper else values.min())


# --- random spaces -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Made:
    """A random space."""

    text: str
    space: Space
    middle: Design
    """The design about which the limits lie."""
    rules: SearchRules
    """How it is searched."""


def make(seed: int) -> Made | None:
    """A space; None if these rules cannot be together, or what a target asks cannot be said."""
    maker = Maker(seed)
    data = maker.site()
    data["design"] = maker.design(data)
    space = _space(data)
    if space is None or not 2 <= space.size <= 60:
        return None
    middle = _middle(maker, space)
    if not is_safe(space.scenario(middle), 0) and maker.may(0.93):
        data["design"]["allow"] = [one.value for one in Allowed]
    targets = targets_of(maker, space, middle, data)
    if not targets:
        return None
    data["targets"] = targets
    found = _space(data)
    rules = SearchRules(alone=3) if maker.may(0.25) else SearchRules()
    return None if found is None else Made(_text(data), found, middle, rules)


def _middle(maker: Maker, space: Space) -> Design:
    """Any design; one that keeps the rules while it is open, if there is one among a few."""
    one = space.top
    for _ in range(8):
        one = tuple(maker.whole(0 if n else top // 2, top + 1) for n, top in enumerate(space.top))
        if is_safe(space.scenario(one), 0):
            break
    return one


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
    """Whether a rota keeps its rules, minute by minute of its cycle.

    Args:
        scenario: a design.
        late: minutes after closing by which the last person is out.
    """
    allow = () if scenario.design is None else scenario.design.allow
    if scenario.staff is None:
        return True
    there = _there(scenario)
    inside, closings = _open_minutes(scenario, len(there))
    circle = not _dated(scenario)
    if not all(_is_cared_for(scenario, there[minute]) for minute in inside):
        return False
    for closing in closings:
        stay = dict(there[closing - 1]) if scenario.staff.stay_until_empty else {}
        for minute in range(closing, closing + ceil(min(late, len(there)))):
            if minute % len(there) in inside or not (circle or minute < len(there) - DAY):
                break
            now = there[minute % len(there)]
            stay = {role: max(number, now[role]) for role, number in stay.items()}
            if not _is_cared_for(scenario, stay or now):
                return False
    if scenario.rota_rules is None or Allowed.ROTA in allow:
        return True
    return not check_rota(scenario).breaches


def _is_cared_for(scenario: Scenario, there: dict[str, int]) -> bool:
    """Whether these people are enough for the rules of supervision, and for an overdose."""
    allow = () if scenario.design is None else scenario.design.allow
    supervised = Allowed.SUPERVISION in allow or _supervised(scenario, there)
    return supervised and (Allowed.RESPONSE in allow or _responds(scenario, there))


def _dated(scenario: Scenario) -> bool:
    """Whether some shift is on dates: then time is that of the horizon, with a day on either side,
    of which nothing is known; else that of the rota's cycle, which has no end."""
    return scenario.staff is not None and any(shift.dates for shift in scenario.staff.rota)


def _open_minutes(scenario: Scenario, length: int) -> tuple[set[int], set[int]]:
    """Open minutes of the rota's time, those of dates among them, and the minutes of closing."""
    if _dated(scenario):
        hours = scenario.opening
        days = [scenario.horizon.date_of(day) for day in range(scenario.horizon.total_days)]
        spans = [
            (DAY * (day + 1) + start, DAY * (day + 1) + end)
            for day, on in enumerate(days)
            for start, end in hours.dates.get(on, hours.hours.week[on.weekday()])
        ]
        known = range(DAY, length - DAY)
        open_at = {minute for start, end in spans for minute in range(start, end)}
        return open_at & set(known), ({end for _, end in spans} - open_at) & set(known)
    pieces = [
        (day * DAY + start, day * DAY + end)
        for day in range(length // DAY)
        for start, end in scenario.opening.hours.week[day % len(DAYS)]
    ]
    monday = scenario.horizon.start.weekday()
    for number in range(scenario.horizon.total_days):
        on = scenario.horizon.date_of(number)
        if on in scenario.opening.dates:
            day = number + monday
            dated = scenario.opening.dates[on]
            pieces += [(day * DAY + start, day * DAY + end) for start, end in dated]
    inside = {minute % length for start, end in pieces for minute in range(start, end)}
    return inside, {end % length for _, end in pieces} - inside


def _there(scenario: Scenario) -> list[dict[str, int]]:
    """By minute of the rota's time, how many of each role; breaks by hand, the latest first."""
    assert scenario.staff is not None
    weeks, horizon = scenario.staff.cycle_weeks, scenario.horizon
    dated = _dated(scenario)
    length = (horizon.total_days + 2) * DAY if dated else weeks * WEEK
    there = [dict.fromkeys(scenario.staff.roles, 0) for _ in range(length)]
    rests = []
    for line, shift in enumerate(scenario.staff.rota):
        mine = [
            (week - 1) * WEEK + day * DAY
            for week in shift.weeks or range(1, weeks + 1)
            for day in shift.days
        ]
        if dated:
            monday = horizon.start.weekday()
            mine = [
                DAY * (day + 1)
                for day in range(-1, horizon.total_days)
                for on in [horizon.date_of(day)]
                if on in shift.dates
                or (not shift.dates and (monday + day) % (7 * weeks) * DAY in mine)
            ]
        for midnight in mine:
            for minute in range(midnight + shift.start, midnight + shift.end):
                there[minute % length][shift.role] += shift.count
            for rest in shift.breaks:
                first, last = break_window(shift, rest)
                for member in range(shift.count):
                    begin, end = midnight + first, midnight + last
                    rests.append((end, line, member, begin, rest, shift, midnight + shift.end))
    away: list[tuple[str, int, int]] = []
    for latest, _, _, earliest, rest, shift, until in sorted(rests, key=lambda r: r[:3])[::-1]:
        takes = ceil(rest.length)
        starts = [
            at
            for at in range(latest, earliest - 1, -1)
            if sum(there[at % length][role] for role in rest.minimum_left_of or (shift.role,))
            - (shift.role in (rest.minimum_left_of or (shift.role,)))
            >= rest.minimum_left
        ]

        def apart(at: int, others: list[tuple[str, int, int]], takes: int = takes) -> bool:
            return all(at + takes <= start or at >= end for _, start, end in others)

        alike = [one for one in away if one[0] == shift.role]
        begin = next(
            (at for others in (away, alike) for at in starts if apart(at, others)),
            starts[0] if starts else latest,
        )
        end = min(begin + takes, until)
        for minute in range(begin, end):
            there[minute % length][shift.role] -= 1
        away.append((shift.role, begin, end))
    return there


def _supervised(scenario: Scenario, there: dict[str, int]) -> bool:
    return all(
        sum(there[role] for role in rule.roles) >= rule.minimum
        and all(there[role] >= least for role, least in rule.at_least.items())
        for rule in scenario.supervision
    )


def _responds(scenario: Scenario, there: dict[str, int]) -> bool:
    if scenario.overdose is None or not any(one.overdose for one in scenario.visits.values()):
        return True
    return all(_team(one.team, dict(there)) for one in scenario.overdose.severities.values())


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


def last_out(scenario: Scenario) -> tuple[float, float]:
    """Minutes after closing by which on 95 % of days the last person is out.

    Between these, by three standard errors of a share of days.
    """
    found: list[float] = []
    for replication in range(12):
        log = simulate_replication(scenario, SEED, replication, Engine.FAST)
        entered, left = log.visits["let_in"], log.visits["out"]
        left = np.where(np.isnan(left) & ~np.isnan(entered), log.end, left)
        spans = list(_spans(scenario))
        for number, (_, closing) in enumerate(spans):
            if not scenario.horizon.counted_from < closing <= scenario.horizon.minutes:
                continue
            until = spans[number + 1][0] if number + 1 < len(spans) else np.inf
            mine = (entered < until) & (left > closing)
            found.append(float((left[mine] - closing).max(initial=0.0)))
    if not found:
        return 0.0, 0.0
    error = _SLACK * np.sqrt(0.95 * 0.05 / len(found))
    ordered = np.sort(found)
    low, high = (ceil(min(max(share, 0), 1) * len(found)) for share in (0.95 - error, 0.95 + error))
    return float(ordered[max(low, 1) - 1]), float(ordered[high - 1])


def _spans(scenario: Scenario) -> Iterator[tuple[int, int]]:
    """The site's opening from each opening to the closing, hours that touch as one."""
    pieces: list[Piece] = []
    for day in range(-1, scenario.horizon.total_days + 1):
        on = scenario.horizon.date_of(day)
        hours = scenario.opening.dates.get(on, scenario.opening.hours.week[on.weekday()])
        pieces += [Piece(day * DAY + start, day * DAY + end) for start, end in hours]
    start, end = None, None
    for piece in sorted(pieces):
        if end is None or piece.start > end:
            if start is not None and end is not None:
                yield start, end
            start, end = piece.start, piece.end
        else:
            end = max(end, piece.end)
    if start is not None and end is not None:
        yield start, end


@dataclass(frozen=True)
class Verdict:
    """What the referee says."""

    right: bool
    words: str
    answered: bool = False
    """Whether brute force, too, has a design that meets everything."""


def referee(made: Made, sized: Sizing, lab: Experiment) -> Verdict:
    """Whether the answer is right, by playing every design that is no dearer."""
    space, tolerances = made.space, tolerances_of(lab.setup.wanted)
    decided = [sized.search.counts[place] for place in sized.search.must]
    answer = sized.chosen
    most = np.inf if answer is None else space.cost[answer] + 1e-6
    designs = [one for one in space.by_cost() if space.cost[one] <= most]
    lab.take(designs, REPLICATIONS)
    margin, error = {}, {}
    within = set()
    """Designs that do not meet a target that could not be decided by its tolerance."""
    for one in designs:
        everything = lab.values(one)[0] / tolerances
        pairs = lab.record(one).pairs
        others = [
            n for n in range(everything.shape[1]) if n not in decided and pairs[:, :, n].any()
        ]
        if (everything[:, others].mean(axis=0) < 1).any():
            within.add(one)
        seen = [column for column in decided if pairs[:, :, column].any()]  # else it is met
        values = everything[:, seen]
        means, errors = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))
        margin[one] = float(means.min(initial=np.inf))
        error[one] = float(errors[int(np.argmin(means))]) if len(means) else 0.0

    def safe(one: Design, *, surely: bool) -> bool:
        scenario = space.scenario(one)
        allow = () if scenario.design is None else scenario.design.allow
        if not is_safe(scenario, 0):
            return False
        asked = {Allowed.SUPERVISION: scenario.supervision, Allowed.RESPONSE: scenario.overdose}
        if scenario.staff is None or not any(
            what for kind, what in asked.items() if kind not in allow
        ):
            return True
        return is_safe(scenario, last_out(scenario)[surely])

    def surely_meets(one: Design) -> bool:
        close = one in within or margin[one] - _SLACK * error[one] < 1
        return not close and safe(one, surely=True)

    must = next((one for one in designs if surely_meets(one)), None)
    if answer is None:
        right = must is None or must in sized.found.unsure
        return Verdict(right, f"no answer; brute force has {must}", must is not None)
    kept = safe(answer, surely=False)
    wrong = not kept or margin[answer] + _SLACK * error[answer] < -1
    dear = must is not None and space.cost[answer] > space.cost[must] + 1e-6
    if dear and must in sized.found.unsure:
        dear = False
    words = (
        f"answer {answer} at {space.cost[answer]:,.0f}, margin {margin[answer]:.2f} ± "
        f"{error[answer]:.2f}, safe {kept}; brute force has {must}"
        + (f" at {space.cost[must]:,.0f}, margin {margin[must]:.2f}" if must else "")
    )
    return Verdict(not wrong and not dear, words, must is not None)


def misread(made: Made, pool: Any, wanted: tuple[ObservedTarget, ...]) -> str:
    """What is observed of a design's replications other than a study reports; empty if nothing."""
    count = PROBE.replications or 0
    lab = Experiment(made.space, Setup(pool, PROBE.seed, Engine.FAST, wanted, None))
    lab.take([made.middle], count)
    pairs = lab.record(made.middle).pairs.sum(axis=0)
    result = run_study(made.space.scenario(made.middle), PROBE)
    for one in wanted:
        top, bottom = pairs[:, one.columns]
        known = bottom > 0
        value = reported(one, result, made.space.scenario(made.middle))
        if value is None or not known.any():
            continue
        shares = top[known] / bottom[known]
        seen = float(shares.min() if one.sign > 0 else shares.max())
        if one.within is not None:  # a quantile is within its limit where that share of visits is
            differs = (seen >= one.limit) != (value <= one.within) and seen != one.limit
        else:
            differs = abs(seen - value) > 1e-6 * max(1.0, abs(value))
        if differs:
            return f"{one.target.text}: observed {seen:.6g}, a study reports {value:.6g}"
    return ""


def judge_seed(seed: int, pool: Any) -> Verdict | None:
    """Make a space, size it, and ask the referee; None if there is no such space."""
    made = make(seed)
    if made is None:
        return None
    scenario = made.space.original.loaded.scenario
    assert scenario.design is not None
    wanted = observed_targets(scenario, scenario.design.tolerances)
    mine = Experiment(made.space, Setup(pool, 1, Engine.FAST, wanted, None))
    sized = size(mine, made.rules)
    other = Experiment(made.space, Setup(pool, SEED, Engine.FAST, wanted, None))
    verdict = referee(made, sized, other)
    wrong = misread(made, pool, wanted)
    targets = "; ".join(target.text for target in scenario.targets)
    words = f"{made.space.size} designs, {targets}: {verdict.words}. {wrong}"
    return Verdict(verdict.right and not wrong, words.strip(), verdict.answered)


def main() -> None:
    """Judge as many spaces as asked for."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    right = done = answered = 0
    begun = time.perf_counter()
    with this_machine(Engine.FAST, 2)() as pool:
        while done < wanted:
            verdict = judge_seed(seed, pool)
            if verdict is not None:
                done += 1
                right += verdict.right
                answered += verdict.answered
                mark = "right" if verdict.right else "WRONG"
                sys.stdout.write(f"{mark} {right}/{done} seed {seed} {verdict.words}\n")
                sys.stdout.flush()
            seed += 1
    sys.stdout.write(
        f"right in {right} of {done}, {answered} of which have an answer by brute force; "
        f"{time.perf_counter() - begun:.0f} s\n"
    )


if __name__ == "__main__":
    main()
