"""What of a site may be other than it says: by design, or because nobody knows better."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from math import ceil
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from sim.scenario.errors.problem import Place, closest, show
from sim.scenario.errors.told import Written, told
from sim.scenario.model.base import Frozen, Money, Name, Spread
from sim.scenario.model.site import SiteCosts
from sim.scenario.text.sets import parse_factor, parse_settings
from sim.scenario.text.tree import plain
from sim.scenario.text.yaml import parse_value

Level = Annotated[int, Field(ge=-1e9, le=1e9)] | Annotated[float, Field(ge=-1e9, le=1e9)] | str
"""A value that a varied number, duration or text may have."""
Finding = tuple[tuple[str | int, ...], str]

MORE, LESS, UNKNOWN = "more", "less", "unknown"
_MORE_HELPS: tuple[tuple[str, ...], ...] = (
    ("rooms", "*", "places"),
    ("staff", "rota", "*", "count"),
    ("aftercare", "seats"),
    ("check_in", "desks"),
)
_ROUNDING = 1e-9
MOST_LEVELS = 500
"""Values that one thing may be varied over."""
_EXAMPLE = told("such_levels", "'4:12', '4:12:2' or [300, 400, 500]")


def _levels(value: object) -> tuple[object, ...]:
    """The levels of `4:12`, `4:12:2`, `15, 30, 45` or a list, in the order given."""
    if isinstance(value, str):
        factor = parse_factor("", value.strip())
        if factor.count > MOST_LEVELS:
            raise ValueError(
                told(
                    "has_values_at_most_use_wider_steps",
                    "has {count:,} values; at most {most_levels}: use wider steps",
                    count=factor.count,
                    most_levels=MOST_LEVELS,
                )
            )
        if not factor.count:
            step = Written((factor.high - factor.low) / 4)
            form = "needs a step, for example {value}:{step}"
            raise ValueError(told("needs_a_step_for_example", form, value=value, step=step))
        found = tuple(_read(factor.level(number)) for number in range(factor.count))
    elif isinstance(value, list | tuple):
        found = tuple(value)
    else:
        raise ValueError(
            told(
                "must_be_values_such_as_not",
                "must be values such as {example}, not {value}",
                example=_EXAMPLE,
                value=show(value),
            )
        )
    if len(found) > MOST_LEVELS:
        raise ValueError(
            told(
                "has_values_at_most",
                "has {number:,} values; at most {most_levels}",
                number=len(found),
                most_levels=MOST_LEVELS,
            )
        )
    if len(found) <= 1:
        form = "needs two values or more; to vary it write for example {example}"
        raise ValueError(told("needs_two_values_or_more_to_vary", form, example=_EXAMPLE))
    for number, one in enumerate(found):
        if isinstance(one, bool) or not isinstance(one, int | float | str):
            raise ValueError(
                told(
                    "must_be_numbers_or_texts_not",
                    "must be numbers or texts, not {one}",
                    one=show(one),
                )
            )
        if one in found[:number]:
            raise ValueError(
                told(
                    "has_twice_keep_one_of_them", "has {one} twice; keep one of them", one=show(one)
                )
            )
    return found


@lru_cache(maxsize=1024)  # models are checked again and again, with the same few values
def _read(text: str) -> object:
    node, _ = parse_value(text, Place(text))
    return text if node is None else plain(node)


class Varied(Frozen):
    """A number, duration or text that may be varied, or several that are varied together."""

    values: Annotated[
        tuple[Level, ...], BeforeValidator(_levels, json_schema_input_type=str | list[Level])
    ]
    """The values it may have, the smallest site first: `4:12`, `4:12:2` (in steps), or a list."""
    paths: tuple[str, ...] = Field(default=(), alias="set", max_length=100)
    """What is set to the value, as `--set` takes it. Without it the name of this entry."""
    better: Literal["more", "less", "unknown"] | None = None
    """Whether later values in the list make every target easier to meet (`more`), harder
    (`less`), or nobody knows (`unknown`: then each value is tried by itself). Without it `more`
    for places, staff counts, aftercare seats and desks, else `unknown`."""
    cost_per_year: Money = 0.0
    """Cost of one more unit for a year, for numbers whose cost is not counted otherwise."""


def _short_form(value: object) -> object:
    return value if isinstance(value, Mapping | Varied) else {"values": value}


VariedShort = Annotated[
    Varied, BeforeValidator(_short_form, json_schema_input_type=Varied | str | list[Level])
]
"""A varied value, or only its values."""


class Allowed(StrEnum):
    """A safety rule that a design may break, if the planner says so."""

    SUPERVISION = "supervision_unmet"
    ROTA = "rota_rules_broken"
    RESPONSE = "response_unstaffed"


class Design(Frozen):
    """What may be varied to meet the targets at the lowest cost; changes no simulation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"vary": {"rooms.a.places": "4:9"}}]})

    vary: dict[str, VariedShort] = Field(min_length=1, max_length=50)
    """What may be varied, by its path (`rooms.smoking.places: 8:16`) or by a name."""
    costs: SiteCosts | None = None
    """Has moved to `costs:` at the top of the scenario; still read here."""
    tolerances: dict[Name, Money] = Field(default_factory=dict, max_length=200)
    """By `metric.statistic`: how near to its limit a target's figure may lie for either answer,
    met or missed, to be right. In the figure's unit; of a quantile in shares of the visits."""

    usable: Annotated[float, Field(strict=True, ge=0.75, le=1)] | None = None
    """Share of the places that can be used on an ordinary day, the others being repaired, aired or
    without staff: so many more are to be built than are needed. Nothing is simulated of it."""
    allow: tuple[Allowed, ...] = ()
    """Safety rules that the answer may break: `supervision_unmet` (fewer present than a rule of
    `supervision` wants), `rota_rules_broken`, `response_unstaffed` (no team for an overdose)."""

    @field_validator("allow", mode="before")
    @classmethod
    def _in_brackets(cls, allow: object) -> object:
        if isinstance(allow, str):
            known = [one.value for one in Allowed]
            meant = closest(allow, known) or known[0]
            raise ValueError(
                told(
                    "must_be_a_list_such_as_not",
                    "must be a list, such as [{meant}], not {allow}",
                    meant=meant,
                    allow=show(allow, quotes=True),
                )
            )
        return allow

    @field_validator("allow")
    @classmethod
    def _each_once(cls, allow: tuple[Allowed, ...]) -> tuple[Allowed, ...]:
        for number, one in enumerate(allow):
            if one in allow[:number]:
                raise ValueError(
                    told("has_twice_keep_one_of_them", "has {one} twice; keep one of them", one=one)
                )
        return allow

    def to_build(self, needed: int) -> int:
        """Places to build so that as many as are needed can be used, all rooms together."""
        return ceil(needed / (1.0 if self.usable is None else self.usable) - _ROUNDING)

    def paths(self, name: str) -> tuple[str, ...]:
        """What an entry of `vary` sets."""
        return self.vary[name].paths or (name,)

    def better(self, name: str) -> str:
        """`more`, `less` or `unknown`: what an entry's later values do to the targets."""
        if (said := self.vary[name].better) is not None:
            return said
        known = all(_more_helps(path_keys(path)) for path in self.paths(name))
        return MORE if known else UNKNOWN


@lru_cache(maxsize=256)
def path_keys(path: str) -> tuple[str, ...]:
    """The keys of a path such as `rooms.injecting.places`.

    Raises:
        ValueError: it is none.
    """
    parsed, faults = parse_settings((f"{path}=null",))
    if faults:
        raise ValueError(
            told(
                "must_be_a_path_such_as_rooms",
                "'{path}' must be a path such as rooms.injecting.places",
                path=path,
            )
        )
    return parsed[0].keys


def _more_helps(keys: Sequence[str]) -> bool:
    return any(
        len(keys) == len(one)
        and all(part in ("*", key) for key, part in zip(keys, one, strict=True))
        for one in _MORE_HELPS
    )


MOVED = told(
    "costs_moved",
    "design.costs has moved: write it as `costs:` at the top of the scenario, where run, compare, "
    "sweep and size read it; it still counts where it is",
)
"""A word to who has them where they stood before."""


def costs_moved(design: Design | None) -> str:
    """A word to who has costs in the design block, where they stood before; empty without."""
    return "" if design is None or design.costs is None else MOVED


# --- what nobody knows --------------------------------------------------------------------------


class Shape(StrEnum):
    """How likely the values of a range are."""

    PERT = "pert"
    TRIANGULAR = "triangular"
    UNIFORM = "uniform"
    LOGNORMAL = "lognormal"


_END = r"\d+(?:\.\d+)?"
_TIME = r"\d{1,2}:\d{2}"
_NUMBERS = re.compile(rf"\s*({_END})\s*(?:-|–|to)\s*({_END})\s*(%|[A-Za-z]*)\s*")
_TIMES = re.compile(rf"\s*({_TIME})\s*(?:-|–|to)\s*({_TIME})\s*")
_ENDS = ("low", "high")
_THREE = 3


def _short_range(value: object) -> object:
    """A range written as `16-28`, `5-10 %`, `21:30-23:00` or `[16, 20, 28]`, taken apart."""
    if isinstance(value, str):
        if found := _TIMES.fullmatch(value):
            return dict(zip(_ENDS, found.groups(), strict=True))
        if found := _NUMBERS.fullmatch(value):
            return {"low": float(found[1]), "high": float(found[2]), "unit": found[3]}
        raise ValueError(
            told(
                "must_be_a_range_such_as_16",
                "must be a range such as 16-28 or {{low: 16, high: 28}}, not {value}",
                value=show(value),
            )
        )
    if isinstance(value, list | tuple):
        if len(value) != _THREE:
            raise ValueError(
                told(
                    "has_numbers_a_list_is_low_most",
                    "has {number} numbers; a list is [low, most likely, high], such as [16, "
                    "20, 28]; without the one in the middle write 16-28",
                    number=len(value),
                )
            )
        return dict(zip(("low", "mode", "high"), value, strict=True))
    return value


_Number = Annotated[float, Field(ge=0, le=1e9)]
_End = _Number | Annotated[str, Field(pattern=rf"^{_TIME}$")]
"""A number, or a time of day."""


class Ranged(Frozen):
    """The range in which a value may lie, in the unit in which the value is written."""

    low: _End
    """The lowest that it may be; of a lognormal range one in twenty is lower."""
    high: _End
    """The highest that it may be; of a lognormal range one in twenty is higher."""
    mode: _End | None = None
    """The most likely value. Without it the value as it is written."""
    unit: Literal["", "%", "times", "s", "sec", "min", "h", "d"] = ""
    """Of low, high and mode, where it is not that of the value: `%`, or `times` the value."""
    shape: Shape = Shape.PERT
    """`pert` (a smooth hill between low and high), `triangular`, `uniform` (all alike), or
    `lognormal` (low and high are its 5 and 95 % points, the value its middle)."""
    source: Annotated[str, Field(max_length=500)] = ""
    """Where the range comes from."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, high = self.low, self.high
        if isinstance(low, str) != isinstance(high, str):
            raise ValueError(
                told("has_a_time_at_one_end_and", "has a time at one end and a number at the other")
            )
        if isinstance(low, float) and isinstance(high, float) and low > high:
            raise ValueError(
                told(
                    "goes_from_down_to_write_the_lower",
                    "goes from {low:g} down to {high:g}; write the lower first",
                    low=low,
                    high=high,
                )
            )
        return self


RangedShort = Annotated[
    Ranged,
    BeforeValidator(_short_range, json_schema_input_type=Ranged | str | list[_Number]),
]
"""A range, or only its ends."""


def _short_group(value: object) -> object:
    return {"paths": value} if isinstance(value, list | tuple) else value


class Together(Frozen):
    """Values of which nobody knows how high they are, but that all are high or low at once."""

    paths: tuple[str, ...] = Field(min_length=1, max_length=100)
    """What moves together, each within its own range."""
    against: tuple[str, ...] = Field(default=(), max_length=100)
    """What is low when these are high."""

    @model_validator(mode="after")
    def _of_two(self) -> Self:
        if len(self.paths) + len(self.against) <= 1:
            raise ValueError(
                told("has_one_path_a_group_has_two", "has one path; a group has two or more")
            )
        return self


TogetherShort = Annotated[
    Together, BeforeValidator(_short_group, json_schema_input_type=Together | list[str])
]
"""A group, or only the paths that move together."""


class Correlated(Frozen):
    """Two values, or groups, that are high together more often than by chance."""

    between: tuple[str, str]
    """Two paths, or names of groups."""
    r: Annotated[float, Field(strict=True, ge=-0.99, le=0.99)]
    """Correlation, from -0.99 to 0.99, of the normal scores."""


class Shares(StrEnum):
    """What shares do that add to 1 when some of them may be others."""

    GIVE_WAY = "give_way"
    DIRICHLET = "dirichlet"


class Uncertainty(Frozen):
    """What nobody knows of a site: played in many worlds, each with other values."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ranges": {"demand.visits_per_day": "300-450"}}]}
    )

    ranges: dict[str, RangedShort] = Field(default_factory=dict, max_length=200)
    """Ranges by path, as `--set` takes it: `demand.visits_per_day: 300-450`. Ranges in comments
    (`# assumption (300-450)`) are read for what is not named here."""
    together: dict[Name, TogetherShort] = Field(default_factory=dict, max_length=50)
    """Groups of values that move as one, by name, such as all patience."""
    correlation: tuple[Correlated, ...] = Field(default=(), max_length=100)
    """Pairs that are high together more often than by chance, or less often."""
    shares: Shares = Shares.GIVE_WAY
    """What the shares of visit kinds do, which add to 1: with `give_way` those without a range
    give way in proportion, with `dirichlet` all are drawn together around their values."""
    draws: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """A file beside the scenario with draws that `fit` has made of a log: a column a path, row 0
    the best estimate, one row a draw."""
    drift_cv: Spread = 0.0
    """How much demand drifts from the time that was counted to the time that is played: the
    coefficient of variation of a factor on all of it."""
