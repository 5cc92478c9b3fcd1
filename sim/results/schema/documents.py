"""What each JSON file of results must hold: its keys, their types and bounds."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sim.results.schema.tables import MOST
from sim.study.compare.matters import Finding

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
