"""What each file of results must hold: its columns or keys, their types and bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sim.measures.steps import QUARTER, QUARTERS
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
_HOURS = 168
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
_COST = Column(Cell.NUMBER, empty=False)
_ANY = Column()
_FIGURE = {"metric": _NAME, "statistic": _NAME, "by": _NAME}
_ESTIMATE = {name: Column(Cell.NUMBER) for name in ("value", "ci_low", "ci_high")}
_COUNT = Column(Cell.WHOLE, empty=False, low=1)
_RUNS = {"replications": _COUNT}
_OF_WEEK = Column(Cell.WHOLE, empty=False, low=0, high=_HOURS - 1)
_DIFFERENCE = {name: Column(Cell.NUMBER) for name in ("base_value", "difference")}
_FINDING = Column(words=frozenset(Finding))
_MINUTE = Column(Cell.WHOLE, empty=False, low=0, high=QUARTER * (QUARTERS - 1))
_CALIBRATED = ("p5", "p50", "p95")
_PART = Column(Cell.NUMBER, low=0, high=1)
_TARGET = {
    "target": _NAME,
    "verdict": Column(empty=False, words=frozenset(TargetVerdict)),
    **_FIGURE,
    "statistic": _ANY,  # figures of hours have none
    "hour_of_week": Column(Cell.WHOLE, low=0, high=_HOURS - 1),
    "operator": Column(empty=False, words=frozenset(Operator)),
    "limit": Column(Cell.NUMBER, empty=False),
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
        each=(("metric", "by"), _HOURS),
    ),
    "by_time_of_day.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "days": _NAME,
            "minute": _MINUTE,
            "statistic": Column(empty=False, words=frozenset(_STATISTICS)),
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
        {
            "replication": Column(Cell.WHOLE, empty=False, low=0),
            **_FIGURE,
            "value": Column(Cell.NUMBER),
        },
        ("replication", "metric", "statistic", "by"),
    ),
    "within.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "minutes": Column(Cell.NUMBER, empty=False, low=0),
            **_ESTIMATE,
            **_RUNS,
        },
        ("metric", "by", "minutes"),
    ),
    "at_once.csv": TableSchema(
        {
            "metric": _NAME,
            "by": _NAME,
            "number": Column(Cell.WHOLE, empty=False, low=0),
            **_ESTIMATE,
            **_RUNS,
        },
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
        each=(("metric", "by", "option"), _HOURS),
    ),
    "worlds_differences.csv": TableSchema(
        {
            **_FIGURE,
            "option": _NAME,
            **_DIFFERENCE,
            **dict.fromkeys(FAN_NAMES, Column(Cell.NUMBER)),
            **dict.fromkeys(Outcomes._fields, _PART),
            "standing": Column(words=frozenset(Standing)),
            "unit": _ANY,
            "worlds": _COUNT,
        },
        ("metric", "statistic", "by", "option"),
    ),
    "worlds_best.csv": TableSchema(
        {**_FIGURE, "option": _NAME, "best": _PART, "worlds": _COUNT},
        ("metric", "statistic", "by", "option"),
    ),
    "worlds_choice.csv": TableSchema(
        {
            "option": _NAME,
            "loss": Column(Cell.NUMBER, empty=False),
            "regret": Column(Cell.NUMBER, empty=False, low=0),
            "best": _PART,
            "unit": _ANY,
        },
        ("option",),
    ),
    "worth_knowing.csv": TableSchema(
        {
            "input": _NAME,
            "value": Column(Cell.NUMBER, empty=False, low=0),
            "error": Column(Cell.NUMBER, empty=False, low=0),
            "measure_first": Column(Cell.YES_NO, empty=False),
            "unit": _ANY,
        },
        ("input",),
    ),
    "calibration.csv": TableSchema(
        {
            "input": _NAME,
            **{
                f"{when}_{name}": Column(Cell.NUMBER, empty=False)
                for when in ("before", "after")
                for name in _CALIBRATED
            },
            "narrowed": Column(Cell.NUMBER, empty=False, low=0),
            "unit": _ANY,
        },
        ("input",),
    ),
    "outcomes.csv": TableSchema(
        {
            "outcome": _NAME,
            **_ESTIMATE,
            **{f"again_{name}": Column(Cell.NUMBER) for name in _CALIBRATED},
            "nearest": Column(Cell.NUMBER),
            **dict.fromkeys(("implausibility", "without"), Column(Cell.NUMBER, endless=True)),
            "out_of_reach": Column(Cell.YES_NO, empty=False),
            "unit": _ANY,
        },
        ("outcome",),
    ),
    "targets.csv": TableSchema(_TARGET, (), also={"option": _NAME}),  # of a comparison
    "next.csv": TableSchema(
        {
            "step": Column(empty=False, words=frozenset(Step)),
            "about": _ANY,
            **{name: Column(Cell.NUMBER, empty=False, low=0) for name in ("old", "new")},
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
            **dict.fromkeys(("mean", *RANGE), Column(Cell.NUMBER)),
            **dict.fromkeys(("higher", "chance"), Column(Cell.NUMBER, low=0, high=1)),
            "mostly_chance": Column(Cell.YES_NO, empty=False),
            "unit": _ANY,
            **dict.fromkeys(("worlds", "plays"), _COUNT),
        },
        ("metric", "statistic", "by"),
    ),
    "spread.csv": TableSchema(
        {
            **_FIGURE,
            "source": _NAME,
            "share": Column(Cell.NUMBER, low=0, high=1),
            "error": Column(Cell.NUMBER, low=0),
            "told": Column(Cell.YES_NO, empty=False),
        },
        ("metric", "statistic", "by", "source"),
    ),
    "chances.csv": TableSchema(
        {
            "target": _NAME,
            **_FIGURE,
            "operator": Column(empty=False, words=frozenset(Operator)),
            "limit": Column(Cell.NUMBER, empty=False),
            "unit": _ANY,
            "met": Column(Cell.NUMBER, low=0, high=1),
            "error": Column(Cell.NUMBER, low=0),
            "worlds": Column(Cell.WHOLE, empty=False, low=0),
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
            "alike": Column(Cell.YES_NO, empty=False),
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
            "end": Column(empty=False, words=frozenset({"low", "high"})),
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
            "cost_per_year": _COST,
            "status": Column(
                empty=False,
                words=frozenset(
                    {
                        *("chosen", "next best", "meets", "not sure", "misses", "ruled out"),
                        *("ruled out by load", "breaks a rule", "not needed", "not looked at"),
                    }
                ),
            ),
            "because": _ANY,
            **{
                f"{name}{end}": Column(Cell.NUMBER, endless=True)
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
            "verdict": Column(
                empty=False,
                words=frozenset(
                    {
                        *("best", "as good", "cannot tell", "worse", "dearer"),
                        "misses a target",
                    }
                ),
            ),
            **dict.fromkeys(("value", "ci_low", "ci_high"), Column(Cell.NUMBER, low=0, high=1)),
            **dict.fromkeys(("more", "more_low", "more_high"), Column(Cell.NUMBER, low=-1, high=1)),
            "cost_per_year": _COST,
            "misses": _ANY,
            "unusable_more": Column(Cell.NUMBER),
            **_RUNS,
        },
        ("way",),
        others=True,
    ),
    "judged.csv": TableSchema(
        {
            "target": _NAME,
            **_ESTIMATE,
            "limit": Column(Cell.NUMBER, empty=False),
            "tolerance": Column(Cell.NUMBER, empty=False, low=0),
            "unit": _ANY,
            "side": Column(empty=False, words=frozenset({"at least", "at most"})),
            "verdict": Column(empty=False, words=frozenset({"met", "missed", "not sure"})),
            **_RUNS,
        },
        (),
        others=True,
    ),
    "frontier.csv": TableSchema(
        {
            "figure": Column(empty=False, words=frozenset({"unserved.share", "wait.p90"})),
            "cost_per_year": _COST,
            **dict.fromkeys(("value", "ci_low", "ci_high"), Column(Cell.NUMBER, endless=True)),
            "unit": _ANY,
            "chosen": Column(Cell.YES_NO, empty=False),
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
        {"target": _NAME, "saving_per_year": Column(Cell.NUMBER)}, ("target",), others=True
    ),
    "plan.csv": TableSchema(
        {"factor": Column(Cell.NUMBER, empty=False, low=0), "cost_per_year": Column(Cell.NUMBER)},
        ("factor",),
        others=True,
    ),
    "thumbs.csv": TableSchema(
        {
            "minutes_per_use": Column(Cell.NUMBER, empty=False, low=0),
            "corrected": Column(Cell.YES_NO, empty=False),
            "misses": _ANY,
        },
        (),
        others=True,
    ),
    "assumptions.csv": TableSchema(
        {"field": _NAME, "end": _NAME, "value": _ANY, "stays": Column(Cell.YES_NO, empty=False)},
        (),
        others=True,
    ),
    "insurance.csv": TableSchema(
        {
            "for": Column(empty=False, words=frozenset({"written", "worlds"})),
            "cost_per_year": _COST,
            **dict.fromkeys(("met", "wanted"), Column(Cell.NUMBER, empty=False, low=0, high=1)),
            "worlds": _COUNT,
            "confirmed": Column(Cell.NUMBER, low=0, high=1),
            "dropped": Column(Cell.WHOLE, empty=False, low=0),
            "all_tried": Column(Cell.YES_NO, empty=False),
        },
        ("for",),
        others=True,
    ),
    "stress.csv": TableSchema(
        {
            "stress": Column(
                empty=False,
                words=frozenset({"demand", "absence", "overdoses", "bad-batch", "shut"}),
            ),
            **_FIGURE,
            "option": _NAME,
            **_ESTIMATE,
            "unit": _ANY,
            **_RUNS,
            "may_be_best": Column(Cell.YES_NO, empty=False),
            "leader_before": _NAME,
            "survives": Column(Cell.YES_NO, empty=False),
        },
        ("stress", "metric", "statistic", "by", "option"),
    ),
    "need.csv": TableSchema(
        {
            "role": _ANY,
            "hour_of_week": _OF_WEEK,
            "on_duty": Column(Cell.NUMBER, empty=False, low=0),
        },
        ("role", "hour_of_week"),
        others=True,
    ),
    "plans.csv": TableSchema(
        {"plan": _NAME, "role": _NAME, "breaches": Column(Cell.WHOLE, empty=False, low=0)},
        (),
        others=True,
    ),
    NOTES: TableSchema(
        {
            "field": _ANY,
            "value": _ANY,
            "note": _ANY,
            "assumption": Column(Cell.YES_NO, empty=False),
            "file": _ANY,
        },
        (),
    ),
}
"""Tables that are read again, by name."""

_Text = Annotated[str, Field(min_length=1, max_length=100_000)]
_Seed = Annotated[int, Field(ge=0, lt=10**40)]
_Count = Annotated[int, Field(ge=1, le=10**9)]
_Number = Annotated[float, Field(ge=-MOST, le=MOST)]
_Sum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _within(name: str) -> str:
    """The name of a file of the folder, and of nothing outside it."""
    parts = name.split("/")
    if not name.isprintable() or "\\" in name or {"", ".", ".."} & set(parts):
        raise ValueError("this names no file of the folder")
    return name


_File = Annotated[str, AfterValidator(_within)]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class _Manifest(_Model):
    layout: Annotated[int, Field(ge=1, alias="schema")] = 1
    scenario: _Text
    scenario_sha256: _Sum
    seed: _Seed
    replications: Annotated[int, Field(ge=0, le=10**9)] | None = None
    packages: dict[str, str] = Field(default_factory=dict)
    files: list[_File] = Field(default_factory=list)
    sha256: dict[_File, _Sum] | None = None
    manifest_sha256: _Sum | None = None


class _HourRow(_Model):
    metric: _Text
    by: _Text


class _Row(_HourRow):
    statistic: _Text


class _Summary(_Model):
    scenario: _Text
    replications: _Count
    rows: Annotated[list[_Row], Field(min_length=1)]
    by_hour: list[_HourRow]


class _Base(_Model):
    name: _Text


class _Change(_Model):
    path: _Text
    old: Any
    new: Any


class _Option(_Model):
    name: _Text
    changes: list[_Change]
    other_people: bool = False


class _ComparedOption(_Model):
    alike: bool = False


class _Compared(_Row):
    better: Literal["less", "more", "neither"]
    margin: Annotated[float, Field(ge=0, le=MOST)]
    options: dict[str, _ComparedOption] = Field(default_factory=dict)


class _Best(_Model):
    metric: _Text
    statistic: _Text
    may_be_best: list[str]


class _Comparison(_Model):
    base: _Base
    options: Annotated[list[_Option], Field(min_length=1)]
    rows: list[_Compared]
    may_be_best: list[_Best]
    replications: _Count
    seed: _Seed


class _Decision(_Model):
    decide: Literal["unserved", "wait", "cost", "money"]
    price_of_a_visit_unserved: _Number | None
    unit: str
    chosen: _Text
    best_in: Annotated[float, Field(ge=0, le=1)]
    regret: _Number
    knowing_everything: _Number
    worth_measuring_from: _Number
    measuring_costs: _Number
    weeks: _Number
    advice: Literal["measure first", "nothing is worth measuring", "only several together"]
    measure_first: list[_Text]


class _Worlds(_Model):
    options: Annotated[list[_Text], Field(min_length=2)]
    worlds: _Count
    plays: _Count
    decision: _Decision | None


class _Design(_Model):
    design: _Count
    changes: list[_Change] = Field(default_factory=list)


class _Sweep(_Model):
    scenario: _Text
    design: _Text
    designs: list[_Design]
    rows: list[_Row]
    other_people: bool = False
    replications: _Count
    seed: _Seed


class _Assumption(_Model):
    field: _Text
    largest_sure_effect_in_margins: _Number


class _Parameter(_Model):
    name: _Text
    set: Annotated[list[_Text], Field(min_length=1)]
    levels: Annotated[list[Any], Field(min_length=1)]


class _SizeTarget(_Model):
    target: _Text
    limit: _Number
    tolerance: _Number
    unit: str
    decided: bool


class _Unsafe(_Model):
    cost_per_year: _Number
    minutes_a_week_below_the_rules: _Number
    breaks: list[dict[str, str]]


class _Safety(_Model):
    minutes_a_week_below_the_rules: _Number
    breaks_as_allowed: list[dict[str, str]]
    rules_of_rota_check_broken: Annotated[int, Field(ge=0)]


class _Answer(_Model):
    cost_per_year: _Number
    places_needed: int | None = None
    places_to_build: int | None = None


class _Without(_Model):
    what: str
    unserved: _Number


class _Bottleneck(_Model):
    what: str
    now: _Without
    without: list[_Without]


class _Unfinished(_Model):
    searching: bool
    no_design_left_below: _Number
    by_what_more_is_taken_to_do: bool
    does: dict[str, Any] | None
    does_at_cost_per_year: _Number | None
    does_surely: bool


class _Size(_Model):
    scenario: _Text
    facility: _Text | None = None
    seed: _Seed
    confidence: Annotated[float, Field(gt=0, lt=1)]
    currency: str
    answer: Literal[
        "found",
        "meeting ones are unsafe",
        "all are unsafe",
        "none meets",
        "not sure",
        "interrupted",
    ]
    shown: dict[str, Any] | None
    map: Annotated[list[_Text], Field(max_length=2)]
    designs: _Count
    designs_played: Annotated[int, Field(ge=0)]
    cheaper_designs_left_out_unplayed: Annotated[int, Field(ge=0)]
    of_those_left_out_looked_at_again: Annotated[int, Field(ge=0)]
    parameters: Annotated[list[_Parameter], Field(min_length=1)]
    targets: list[_SizeTarget]
    safety: list[_Safety]
    cheaper_but_unsafe: _Unsafe | None
    nearest_is_unsafe: _Unsafe | None
    meets: list[_Answer]
    bottleneck: _Bottleneck | None
    unfinished: _Unfinished | None = None


_Part = Annotated[float, Field(ge=0, le=1)]


class _Room(_Model):
    name: _Text
    facility: _Text
    room: _Text
    places: Annotated[int, Field(ge=0)]


class _AsItIs(_Model):
    value: _Part
    low: _Part | None
    high: _Part | None
    cost_per_year: _Number


class _BestWay(_AsItIs):
    added: list[Annotated[int, Field(ge=0)]]
    replications: _Count


class _Gain(_Model):
    value: _Number
    low: _Number | None
    high: _Number | None


class _Unusable(_Model):
    facility: _Text
    more: _Number
    minutes: _Number


class _Places(_Model):
    scenario: _Text
    seed: _Seed
    confidence: Annotated[float, Field(gt=0, lt=1)]
    currency: str
    places: _Count
    step: _Count
    ways: _Count
    margin: _Part
    rooms: Annotated[list[_Room], Field(min_length=1)]
    left_out: list[_Text]
    as_it_is: _AsItIs
    best: _BestWay
    change: _Gain
    helps: Finding
    numbers: dict[str, int]
    targets: Annotated[int, Field(ge=0)]
    targets_seem_met: bool
    unusable: list[_Unusable]


class _Tornado(_Model):
    scenario: _Text
    assumptions: list[_Assumption]
    replications: _Count
    seed: _Seed


class _Tied(_Model):
    one: _Text
    other: _Text
    correlation: _Number


class _Calibration(_Model):
    scenario: _Text
    worlds: _Count
    plays: _Count
    plays_a_world: _Count
    waves: _Count
    effective_worlds: _Number
    share_plausible: Annotated[float, Field(ge=0, le=1)]
    cannot_all_be_met: bool
    implausibility_of_the_nearest: _Number
    most_helpful_without: _Text | None
    tied: list[_Tied]


MODELS: Mapping[str, type[BaseModel]] = {
    "manifest.json": _Manifest,
    "summary.json": _Summary,
    "comparison.json": _Comparison,
    "sweep.json": _Sweep,
    "worlds.json": _Worlds,
    "calibration.json": _Calibration,
    "tornado.json": _Tornado,
    "size.json": _Size,
    "places.json": _Places,
}
"""JSON files that are read again, by name."""
