"""Tidy tables of a sizing: designs, targets, prices, frontier, headroom, plan, assumptions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from math import isinf, nan

import numpy as np
import pandas as pd

from sim.size.alternatives import Described, frontier
from sim.size.robustness import REPLICATIONS_AGAIN, AssumptionChoice, Stage
from sim.size.sizing import ObservedFigure, Sizing, seen
from sim.size.space import Design, RuledOut, Space, designs_in
from sim.study.worlds.insure import Insurance, Tried

MOST_LISTED = 100_000
"""Designs up to which each is listed, played or not; above, only those played."""
_CHOSEN, _NEXT, _MEETS = "chosen", "next best", "meets"
_UNSURE, MISSES, RULED, LOAD, BREAKS, _DEARER = (
    "not sure",
    "misses",
    "ruled out",
    "ruled out by load",
    "breaks a rule",
    "not needed",
)
_OPEN = "not looked at"
_Row = dict[str, object]


def levels_of(space: Space, design: Design) -> _Row:
    """What a design has of each parameter."""
    names = (one.name for one in space.parameters)
    return dict(zip(names, space.levels(design), strict=True))


def designs_table(found: Sizing) -> pd.DataFrame:
    """Every design with its cost, what is known of it, and why.

    `status` is chosen, next best, not sure, misses (it was played and misses a target), ruled out
    (a design that is taken to be easier for a target misses it: `because`), ruled out by load (its
    places cannot give the minutes), breaks a rule (of safety), or not needed (dearer than the
    answer). Of a search that was interrupted, the rest was not looked at.
    """
    space = found.experiment.space
    reasons = _reasons(found)
    described = {one.design: one for one in found.described}
    stopped = found.unfinished
    rest = _OPEN if stopped is not None and stopped.searching else _DEARER
    listed = list(space.by_cost()) if space.size <= MOST_LISTED else list(described)
    rows = [
        {
            "design": place,
            **levels_of(space, design),
            "cost_per_year": float(space.cost[design]),
            **reasons.get(design, {"status": rest, "because": ""}),
            **_figures(described.get(design)),
        }
        for place, design in enumerate(listed, start=1)
    ]
    return pd.DataFrame(rows).astype({"replications": "Int64"})


def _reasons(found: Sizing) -> dict[Design, _Row]:
    reasons: dict[Design, _Row] = {}
    for ruled in found.found.ruled:
        for design in designs_in(ruled.box):
            reasons[design] = _reason(found, ruled, design)
    for one in found.unsure:
        words = f"at most {one.to_go} more replications would tell"
        reasons[one.design] = {"status": _UNSURE, "because": words}
    for design in broken_designs(found):
        words = "; ".join(one.words for one in found.guard.broken_as_known(design))
        reasons[design] = {"status": BREAKS, "because": words}
    if (hopeless := found.search.screening.hopeless) is not None:
        for place in np.argwhere(hopeless):
            words = "its places are open for too few minutes"
            reasons[tuple(place.tolist())] = {"status": LOAD, "because": words}
    if (stopped := found.unfinished) is not None and stopped.best is not None:
        words = "" if stopped.is_sure else "its 95 % intervals are on the right side of the limits"
        reasons[stopped.best] = {"status": _MEETS, "because": words}
    statuses = chain((_CHOSEN, _NEXT), repeat(_MEETS))
    for status, design in zip(statuses, found.found.met, strict=False):
        reasons[design] = {"status": status, "because": ""}
    return reasons


def cheaper(found: Sizing) -> Counter[str]:
    """What became of the designs that cost less than the chosen one, by status."""
    assert found.chosen is not None  # the caller has looked
    cost = found.experiment.space.cost
    reasons = _reasons(found)
    return Counter(
        str(reason["status"])
        for design, reason in reasons.items()
        if cost[design] < cost[found.chosen]
    )


def broken_designs(found: Sizing) -> Iterator[Design]:
    """Designs that are known to break a safety rule."""
    if (unsafe := found.search.screening.unsafe) is not None:
        yield from (tuple(place.tolist()) for place in np.argwhere(unsafe))
    yield from found.found.left


def _reason(found: Sizing, ruled: RuledOut, design: Design) -> _Row:
    missed = "; ".join(missed_targets(found, ruled.columns))
    if design == ruled.by:
        return {"status": MISSES, "because": f"{missed} ({ruled.count} replications)"}
    easier = ", ".join(f"{k}={v}" for k, v in levels_of(found.experiment.space, ruled.by).items())
    return {"status": RULED, "because": f"even {easier} misses {missed}"}


def missed_targets(found: Sizing, columns: Sequence[int]) -> tuple[str, ...]:
    """The targets that some columns belong to."""
    wanted = found.experiment.setup.wanted
    texts = [
        one.target.text
        for one in wanted
        if any(one.columns.start <= column < one.columns.stop for column in columns)
    ]
    return tuple(texts)


def _figures(one: Described | None) -> _Row:
    names = {
        "unserved": "unserved_share",
        "p90": "wait_p90",
        "mean_wait": "wait_mean",
        "paused": "intake_paused",
    }
    if one is None:
        empty = {f"{name}{end}": nan for name in names.values() for end in ("", "_low", "_high")}
        return {"replications": None, **empty}
    row: _Row = {"replications": one.replications}
    for field, name in names.items():
        figure = getattr(one, field)
        row |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return row


def frontier_table(found: Sizing) -> pd.DataFrame:
    """The designs that nobody betters at their cost, of those played that break no safety rule.

    `figure` is unserved.share or wait.p90, `value, ci_low, ci_high` that figure of the design.
    """
    names = {"unserved": ("unserved.share", "share"), "p90": ("wait.p90", "min")}
    broken = set(broken_designs(found))
    safe = [one for one in found.described if one.design not in broken]
    rows = [
        {
            "figure": name,
            "cost_per_year": one.cost,
            "value": getattr(one, field).value,
            "ci_low": getattr(one, field).low,
            "ci_high": getattr(one, field).high,
            "unit": unit,
            "chosen": one.design == found.chosen,
            **levels_of(found.experiment.space, one.design),
            "replications": one.replications,
        }
        for field, (name, unit) in names.items()
        for one in frontier(safe, field)
    ]
    heads = ("figure", "cost_per_year", "value", "ci_low", "ci_high", "unit", "chosen")
    columns = None if rows else [*heads, *_names(found.experiment.space), "replications"]
    return pd.DataFrame(rows, columns=columns)


def targets_table(of: Sequence[ObservedFigure], replications: int) -> pd.DataFrame:
    """The chosen design's targets: the figure observed, its limit and its interval."""
    rows = [
        {
            "target": one.wanted.target.text,
            "value": one.figure.value,
            "ci_low": one.figure.low,
            "ci_high": one.figure.high,
            "limit": one.wanted.limit,
            "tolerance": one.wanted.tolerance,
            "unit": one.wanted.unit,
            "replications": replications,
        }
        for one in of
    ]
    return pd.DataFrame(rows)


def judged_table(found: Sizing) -> pd.DataFrame:
    """Every design that was played, target by target.

    `verdict` is *met* or *missed* where the whole 95 % interval is on that side of the limit, else
    *not sure*; of a target for every hour it is that of the hour nearest to failing.
    """
    space = found.experiment.space
    rows = [
        {
            **levels_of(space, one.design),
            "target": target.wanted.target.text,
            "value": target.figure.value,
            "ci_low": target.figure.low,
            "ci_high": target.figure.high,
            "limit": target.wanted.limit,
            "tolerance": target.wanted.tolerance,
            "unit": target.wanted.unit,
            "side": "at least" if target.wanted.sign > 0 else "at most",
            "verdict": target.verdict,
            "replications": one.replications,
        }
        for one in found.described
        for target in seen(found.experiment, one.design)
    ]
    return pd.DataFrame(rows, columns=None if rows else [*_names(space), *_JUDGED])


_JUDGED = (
    *("target", "value", "ci_low", "ci_high", "limit", "tolerance", "unit", "side", "verdict"),
    "replications",
)


def _names(space: Space) -> tuple[str, ...]:
    return tuple(one.name for one in space.parameters)


def thumbs_table(found: Sizing) -> pd.DataFrame:
    """What each form of the rule of thumb would have built, and which targets that misses."""
    rows = [
        {
            "minutes_per_use": one.minutes,
            "corrected": one.corrected,
            **{f"places_{room}": number for room, number in one.places.items()},
            "misses": "; ".join(
                missed_targets(found, [n for n, margin in enumerate(one.margins) if margin < 0])
            ),
        }
        for one in found.thumbs
    ]
    return pd.DataFrame(rows)


def outcome(found: Sizing) -> str:
    """What came of the search: `found`, or why there is no answer.

    `interrupted`, `meeting ones are unsafe`, `all are unsafe`, `none meets`, `not sure`.
    """
    if found.unfinished is not None and found.unfinished.searching:
        return "interrupted"
    if found.chosen is not None:
        return "found"
    if found.found.left:
        return "meeting ones are unsafe"
    if len(list(broken_designs(found))) == found.experiment.space.size:
        return "all are unsafe"
    return "none meets" if found.short else "not sure"


def prices_table(found: Sizing) -> pd.DataFrame:
    """What each target costs: the cheapest design without it, and what it saves."""
    space = found.experiment.space
    rows = [
        {
            "target": one.wanted.target.text,
            "saving_per_year": one.saving,
            **({} if one.design is None else levels_of(space, one.design)),
        }
        for one in found.prices
    ]
    names = ("target", "saving_per_year", *_names(space))
    return pd.DataFrame(rows, columns=None if rows else list(names))


def headroom_table(found: Sizing) -> pd.DataFrame:
    """By how much demand may grow before the chosen design fails, as factors on demand."""
    one = found.headroom
    if one is None:
        return pd.DataFrame(columns=["factor", "ci_low", "ci_high", "fails_first", "replications"])
    wanted = found.experiment.setup.wanted
    row = {
        "factor": one.factor,
        "ci_low": one.low,
        "ci_high": nan if isinf(one.high) else one.high,
        "fails_first": "" if one.first is None else wanted[one.first].target.text,
        "replications": one.replications,
    }
    return pd.DataFrame([row])


def plan_table(space: Space, stages: Sequence[Stage]) -> pd.DataFrame:
    """The build-up plan, a line for each growth of demand."""
    rows: list[Mapping[str, object]] = [
        {
            "factor": one.factor,
            "cost_per_year": one.cost,
            **({} if one.design is None else levels_of(space, one.design)),
            "replications": one.replications,
        }
        for one in stages
    ]
    return pd.DataFrame(rows)


def assumptions_table(space: Space, again: Sequence[AssumptionChoice]) -> pd.DataFrame:
    """The decision at each end of each assumption's range."""
    rows = [
        {
            "field": one.end.assumed.key,
            "end": one.end.name,
            "value": one.end.setting,
            "stays": one.stays,
            "cost_per_year": one.cost,
            **({} if one.design is None else levels_of(space, one.design)),
            "replications": REPLICATIONS_AGAIN,
        }
        for one in again
    ]
    return pd.DataFrame(rows)


def insurance_table(space: Space, found: Insurance) -> pd.DataFrame:
    """The design for the values as written, and the one for many worlds."""
    rows: list[tuple[str, Tried, Tried | None]] = [("written", found.central, None)]
    if found.chosen is not None:
        rows.append(("worlds", found.chosen, found.confirmed))
    return pd.DataFrame(
        {
            "for": name,
            **levels_of(space, design_of(space, tried)),
            "cost_per_year": tried.candidate.cost,
            "met": tried.share,
            "wanted": found.wanted,
            "worlds": tried.worlds,
            "confirmed": nan if confirmed is None else confirmed.share,
            "dropped": found.dropped,
            "all_tried": found.whole,
        }
        for name, tried, confirmed in rows
    )


def design_of(space: Space, tried: Tried) -> Design:
    """The design that was tried."""
    return tuple(int(one) for one in np.unravel_index(tried.candidate.number, space.shape))
