"""What each table of results must hold: its columns, their types and bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from sim.measures.steps import HOURS, QUARTER, QUARTERS
from sim.results.scenario import NOTES
from sim.scenario.model.targets import Operator
from sim.study.compare.matters import Finding
from sim.study.compare.what_if import Step
from sim.study.estimate.targets import TargetVerdict
from sim.study.worlds.answers import RANGE
from sim.study.worlds.choice import Outcomes
from sim.study.worlds.options import FAN_NAMES, Standing

MOST = 1e25
"""No figure is larger, in whatever unit."""
_STATISTICS = ("mean", "p5", "median", "p95")


class Cell(Enum):
    """What stands in the cells of a column."""

    TEXT = auto()
    NUMBER = auto()
    """Finite; an empty cell is a figure that is not known."""
    WHOLE = auto()
    YES_NO = auto()


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    cell: Cell = Cell.TEXT
    empty: bool = True
    """Whether a cell may be empty."""
    low: float = -MOST
    high: float = MOST
    endless: bool = False
    """Whether a number may be infinite, as a wait that is longer than is counted."""
    words: frozenset[str] = frozenset()
    """Texts that there may be, a remark in brackets aside; any without them."""


@dataclass(frozen=True)
class TableSchema:
    """One table."""

    columns: Mapping[str, Column]
    key: tuple[str, ...]
    """Columns that no two rows have in common."""
    others: bool = False
    """Whether it has columns that the planner named."""
    each: tuple[tuple[str, ...], int] | None = None
    """Columns that name a part, and how many rows each part has."""
    also: Mapping[str, Column] = field(default_factory=dict)
    """Columns that only some commands write."""


_NAME = Column(empty=False)
_ANY = Column()
_NUMBER = Column(Cell.NUMBER)
_KNOWN = Column(Cell.NUMBER, empty=False)
_FROM_0 = Column(Cell.NUMBER, empty=False, low=0)
_ENDLESS = Column(Cell.NUMBER, endless=True)
_SHARE = Column(Cell.NUMBER, low=0, high=1)
_WHOLE = Column(Cell.WHOLE, empty=False, low=0)
_COUNT = Column(Cell.WHOLE, empty=False, low=1)
_YES_NO = Column(Cell.YES_NO, empty=False)


def _one_of(*words: str) -> Column:
    return Column(empty=False, words=frozenset(words))


_FIGURE = {"metric": _NAME, "statistic": _NAME, "by": _NAME}
_ESTIMATE = dict.fromkeys(("value", "ci_low", "ci_high"), _NUMBER)
_RUNS = {"replications": _COUNT}
_OF_WEEK = Column(Cell.WHOLE, empty=False, low=0, high=HOURS - 1)
_DIFFERENCE = dict.fromkeys(("base_value", "difference"), _NUMBER)
_FINDING = Column(words=frozenset(Finding))
_MINUTE = Column(Cell.WHOLE, empty=False, low=0, high=QUARTER * (QUARTERS - 1))
_CALIBRATED = ("p5", "p50", "p95")
_TARGET = {
    "target": _NAME,
    "verdict": _one_of(*TargetVerdict),
    **_FIGURE,
    "statistic": _ANY,  # figures of hours have none
    "hour_of_week": Column(Cell.WHOLE, low=0, high=HOURS - 1),
    "operator": _one_of(*Operator),
    "limit": _KNOWN,
    **_ESTIMATE,
    "unit": _ANY,
    **_RUNS,
    "more_replications": Column(Cell.WHOLE, low=0),
}

TABLES: Mapping[str, TableSchema] = {
    "summary.csv": TableSchema(
        {**_FIGURE, **_ESTIMATE, "unit": _ANY, **_RUNS}, ("metric", "statistic", "by")
    ),
    "by_hour.csv": TableSchema(
        {"metric": _NAME, "by": _NAME, "hour_of_week": _OF_WEEK, **_ESTIMATE, **_RUNS},
        ("metric", "by", "hour_of_week"),
        each=(("metric", "by"), HOURS),
    ),
    "by_time_of_day.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "days": _NAME,
            "minute": _MINUTE,
            "statistic": _one_of(*_STATISTICS),
            **_ESTIMATE,
            **_RUNS,
        },
        ("metric", "by", "days", "minute", "statistic"),
        each=(("metric", "by", "days"), QUARTERS * len(_STATISTICS)),
    ),
    "by_kind_of_day.csv": TableSchema(
        {
            "metric": _NAME,
            "days": _NAME,
            "statistic": _NAME,
            **_ESTIMATE,
            "played": _COUNT,
            **_RUNS,
        },
        ("metric", "days", "statistic"),
    ),
    "replications.csv": TableSchema(
        {"replication": _WHOLE, **_FIGURE, "value": _NUMBER},
        ("replication", "metric", "statistic", "by"),
    ),
    "within.csv": TableSchema(
        {"metric": _NAME, "by": _NAME, "minutes": _FROM_0, **_ESTIMATE, **_RUNS},
        ("metric", "by", "minutes"),
    ),
    "at_once.csv": TableSchema(
        {"metric": _NAME, "by": _NAME, "number": _WHOLE, **_ESTIMATE, **_RUNS},
        ("metric", "by", "number"),
    ),
    "comparison.csv": TableSchema(
        {
            **_FIGURE,
            "option": _NAME,
            **_DIFFERENCE,
            **_ESTIMATE,
            "verdict": _FINDING,
            "unit": _ANY,
            **_RUNS,
        },
        ("metric", "statistic", "by", "option"),
    ),
    "comparison_by_hour.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "option": _NAME,
            "hour_of_week": _OF_WEEK,
            **_DIFFERENCE,
            **_ESTIMATE,
            "unit": _ANY,
            **_RUNS,
        },
        ("metric", "by", "option", "hour_of_week"),
        each=(("metric", "by", "option"), HOURS),
    ),
    "worlds_differences.csv": TableSchema(
        {
            **_FIGURE,
            "option": _NAME,
            **_DIFFERENCE,
            **dict.fromkeys(FAN_NAMES, _NUMBER),
            **dict.fromkeys(Outcomes._fields, _SHARE),
            "standing": Column(words=frozenset(Standing)),
            "unit": _ANY,
            "worlds": _COUNT,
        },
        ("metric", "statistic", "by", "option"),
    ),
    "worlds_best.csv": TableSchema(
        {**_FIGURE, "option": _NAME, "best": _SHARE, "worlds": _COUNT},
        ("metric", "statistic", "by", "option"),
    ),
    "worlds_choice.csv": TableSchema(
        {"option": _NAME, "loss": _KNOWN, "regret": _FROM_0, "best": _SHARE, "unit": _ANY},
        ("option",),
    ),
    "worth_knowing.csv": TableSchema(
        {
            "input": _NAME,
            "value": _FROM_0,
            "error": _FROM_0,
            "measure_first": _YES_NO,
            "unit": _ANY,
        },
        ("input",),
    ),
    "calibration.csv": TableSchema(
        {
            "input": _NAME,
            **{f"{when}_{name}": _KNOWN for when in ("before", "after") for name in _CALIBRATED},
            "narrowed": _FROM_0,
            "unit": _ANY,
        },
        ("input",),
    ),
    "outcomes.csv": TableSchema(
        {
            "outcome": _NAME,
            **_ESTIMATE,
            **{f"again_{name}": _NUMBER for name in _CALIBRATED},
            "nearest": _NUMBER,
            **dict.fromkeys(("implausibility", "without"), _ENDLESS),
            "out_of_reach": _YES_NO,
            "unit": _ANY,
        },
        ("outcome",),
    ),
    "targets.csv": TableSchema(_TARGET, (), also={"option": _NAME}),  # of a comparison
    "next.csv": TableSchema(
        {
            "step": _one_of(*Step),
            "about": _ANY,
            **dict.fromkeys(("old", "new"), _FROM_0),
            **_FIGURE,
            **_DIFFERENCE,
            **_ESTIMATE,
            "unit": _ANY,
            "played": _COUNT,
        },
        ("step", "metric", "statistic", "by"),
    ),
    "uncertainty.csv": TableSchema(
        {
            **_FIGURE,
            **_ESTIMATE,
            **dict.fromkeys(("mean", *RANGE), _NUMBER),
            **dict.fromkeys(("higher", "chance"), _SHARE),
            "mostly_chance": _YES_NO,
            "unit": _ANY,
            **dict.fromkeys(("worlds", "plays"), _COUNT),
        },
        ("metric", "statistic", "by"),
    ),
    "spread.csv": TableSchema(
        {
            **_FIGURE,
            "source": _NAME,
            "share": _SHARE,
            "error": Column(Cell.NUMBER, low=0),
            "told": _YES_NO,
        },
        ("metric", "statistic", "by", "source"),
    ),
    "chances.csv": TableSchema(
        {
            "target": _NAME,
            **_FIGURE,
            "operator": _one_of(*Operator),
            "limit": _KNOWN,
            "unit": _ANY,
            "met": _SHARE,
            "error": Column(Cell.NUMBER, low=0),
            "worlds": _WHOLE,
        },
        (),
    ),
    "sweep.csv": TableSchema(
        {"design": _COUNT, **_FIGURE, **_ESTIMATE, "unit": _ANY, **_RUNS},
        ("design", "metric", "statistic", "by"),
        others=True,
    ),
    "sweep_differences.csv": TableSchema(
        {
            "design": _COUNT,
            **_FIGURE,
            **_DIFFERENCE,
            **_ESTIMATE,
            "verdict": _FINDING,
            "alike": _YES_NO,
            "unit": _ANY,
            **_RUNS,
        },
        ("design", "metric", "statistic", "by"),
    ),
    "sweep_targets.csv": TableSchema({"design": _COUNT, **_TARGET}, ()),
    "tornado.csv": TableSchema(
        {
            "rank": _COUNT,
            "field": _NAME,
            "end": _one_of("low", "high"),
            "from": _ANY,
            "to": _ANY,
            **_FIGURE,
            **_DIFFERENCE,
            **_ESTIMATE,
            "verdict": _FINDING,
            "unit": _ANY,
            **_RUNS,
        },
        ("field", "end", "metric", "statistic", "by"),
    ),
    "designs.csv": TableSchema(
        {
            "design": _COUNT,
            "cost_per_year": _KNOWN,
            "status": _one_of(
                "chosen",
                "next best",
                "meets",
                "not sure",
                "misses",
                "ruled out",
                "ruled out by load",
                "breaks a rule",
                "not needed",
                "not looked at",
            ),
            "because": _ANY,
            **{
                f"{name}{end}": _ENDLESS
                for name in ("unserved_share", "wait_p90", "wait_mean", "intake_paused")
                for end in ("", "_low", "_high")
            },
        },
        ("design",),
        others=True,
    ),
    "ways.csv": TableSchema(
        {
            "way": _COUNT,
            "verdict": _one_of(
                "best", "as good", "cannot tell", "worse", "dearer", "misses a target"
            ),
            **dict.fromkeys(("value", "ci_low", "ci_high"), _SHARE),
            **dict.fromkeys(("more", "more_low", "more_high"), Column(Cell.NUMBER, low=-1, high=1)),
            "cost_per_year": _KNOWN,
            "misses": _ANY,
            "unusable_more": _NUMBER,
            **_RUNS,
        },
        ("way",),
        others=True,
    ),
    "judged.csv": TableSchema(
        {
            "target": _NAME,
            **_ESTIMATE,
            "limit": _KNOWN,
            "tolerance": _FROM_0,
            "unit": _ANY,
            "side": _one_of("at least", "at most"),
            "verdict": _one_of("met", "missed", "not sure"),
            **_RUNS,
        },
        (),
        others=True,
    ),
    "frontier.csv": TableSchema(
        {
            "figure": _one_of("unserved.share", "wait.p90"),
            "cost_per_year": _KNOWN,
            **dict.fromkeys(("value", "ci_low", "ci_high"), _ENDLESS),
            "unit": _ANY,
            "chosen": _YES_NO,
            **_RUNS,
        },
        (),
        others=True,
    ),
    "headroom.csv": TableSchema(
        {
            **dict.fromkeys(("factor", "ci_low", "ci_high"), Column(Cell.NUMBER, low=0)),
            "fails_first": _ANY,
            **_RUNS,
        },
        (),
    ),
    "prices.csv": TableSchema(
        {"target": _NAME, "saving_per_year": _NUMBER}, ("target",), others=True
    ),
    "plan.csv": TableSchema(
        {"factor": _FROM_0, "cost_per_year": _NUMBER}, ("factor",), others=True
    ),
    "thumbs.csv": TableSchema(
        {"minutes_per_use": _FROM_0, "corrected": _YES_NO, "misses": _ANY}, (), others=True
    ),
    "assumptions.csv": TableSchema(
        {"field": _NAME, "end": _NAME, "value": _ANY, "stays": _YES_NO}, (), others=True
    ),
    "insurance.csv": TableSchema(
        {
            "for": _one_of("written", "worlds"),
            "cost_per_year": _KNOWN,
            **dict.fromkeys(("met", "wanted"), Column(Cell.NUMBER, empty=False, low=0, high=1)),
            "worlds": _COUNT,
            "confirmed": _SHARE,
            "dropped": _WHOLE,
            "all_tried": _YES_NO,
        },
        ("for",),
        others=True,
    ),
    "stress.csv": TableSchema(
        {
            "stress": _one_of("demand", "absence", "overdoses", "bad-batch", "shut"),
            **_FIGURE,
            "option": _NAME,
            **_ESTIMATE,
            "unit": _ANY,
            **_RUNS,
            "may_be_best": _YES_NO,
            "leader_before": _NAME,
            "survives": _YES_NO,
        },
        ("stress", "metric", "statistic", "by", "option"),
    ),
    "need.csv": TableSchema(
        {"role": _ANY, "hour_of_week": _OF_WEEK, "on_duty": _FROM_0},
        ("role", "hour_of_week"),
        others=True,
    ),
    "plans.csv": TableSchema({"plan": _NAME, "role": _NAME, "breaches": _WHOLE}, (), others=True),
    NOTES: TableSchema(
        {"field": _ANY, "value": _ANY, "note": _ANY, "assumption": _YES_NO, "file": _ANY}, ()
    ),
}
"""Tables that are read again, by name."""
