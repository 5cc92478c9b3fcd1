"""The table of sites, and each as a scenario with a set of values to start from."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from sim.scenario import Scenario, load_scenario
from sim.scenario.derived.calendar import site_spans
from sim.scenario.load import example_folder
from sim.scenario.model.hours import HOUR
from sim.scenario.starter import defaults

FOLDER = example_folder() / "published"
Mode = Literal["inject", "smoke"]
Values = Literal["old", "new"]


@dataclass(frozen=True)
class Said:
    """Words of an operator, a client or a newspaper."""

    words: str
    source: str
    means: str


@dataclass(frozen=True)
class Percentage:
    """A share by the operator's own definition: uses a day over those that were planned for."""

    published: float
    uses: float
    planned: float
    source: str

    @property
    def worked_out(self) -> float:
        """The share that the definition gives."""
        return self.uses / self.planned


@dataclass(frozen=True)
class Reading:
    """What words are taken for: a figure, from low to high."""

    figure: str
    words: str
    low: float | None = None
    high: float | None = None
    room: str = "all"
    weak: bool = False

    def beyond(self, value: float) -> float:
        """By how much a value lies below the range (negative) or above it."""
        if self.low is not None and value < self.low:
            return value - self.low
        return max(value - self.high, 0.0) if self.high is not None else 0.0

    def reached(self, low: float, high: float) -> bool:
        """Whether an interval has values in the range."""
        above = self.low is None or high >= self.low
        return above and (self.high is None or low <= self.high)


@dataclass(frozen=True)
class Site:
    """A site as sites.toml has it."""

    file: str
    name: str
    kind: str
    served: float
    published: str
    unknown: str
    likely: str = ""
    said: tuple[Said, ...] = ()
    percentage: tuple[Percentage, ...] = ()
    reading: Reading | None = None
    enforced: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    crowd: bool = True

    @property
    def path(self) -> Path:
        """The scenario."""
        return FOLDER / f"{self.file}.yaml"


@cache
def sites() -> tuple[Site, ...]:
    """All sites, in the order of the table."""
    text = (files("sim.validation.published") / "sites.toml").read_text(encoding="utf-8")
    return tuple(_site(said) for said in tomllib.loads(text)["site"])


def _site(said: dict[str, Any]) -> Site:
    parts: dict[str, Any] = {
        "said": tuple(Said(**one) for one in said.pop("said", ())),
        "percentage": tuple(Percentage(**one) for one in said.pop("percentage", ())),
        "reading": Reading(**said.pop("reading")) if "reading" in said else None,
        "enforced": tuple(said.pop("enforced", ())),
        "range": tuple(said.pop("range")) if "range" in said else None,
    }
    return Site(**said, **parts)


# --- a site with a set of values ----------------------------------------------------------------


@dataclass(frozen=True)
class ValueSet:
    """Values to start from, for a kind of site."""

    stay: dict[Mode, str]
    cleaning: dict[Mode, float]
    limit: float | None
    """Of the stay, whether or not a site enforces one."""
    profile: str
    day_to_day_cv: float
    crowd: float
    benefit: float
    """Times as many visits on benefit days."""


NIGHT = (
    "[0.22, 0.22, 0.22, 0.22, 0.22, 0.22, 0.22, 0.6, 0.6, 1.0, 1.0, 1.0, "
    "1.1, 1.1, 1.1, 1.1, 1.4, 1.4, 1.4, 1.0, 1.0, 0.6, 0.6, 0.22]"
)
"""A tenth of the day by night, 23 to 7 h; as the examples had it."""
_BY_NIGHT = 20 * HOUR
"""Minutes a day: a site that is open for so long is open by night."""


def value_set(which: Values, kind: str) -> ValueSet:
    """The values as they were until 0.1.0, or as they are.

    Args:
        which: of the two.
        kind: of site.
    """
    if which == "old":
        return ValueSet(
            stay={
                "inject": "{distribution: lognormal, mean: 25, cv: 0.5, at_most: 45}",
                "smoke": "{distribution: lognormal, mean: 20, cv: 0.5, at_most: 30}",
            },
            cleaning={"inject": 3, "smoke": 2},
            limit=30,
            profile="daytime",
            day_to_day_cv=0.14,
            crowd=0.04,
            benefit=1.2,
        )
    known = {name: one.value for name, one in defaults(kind).items()}

    def stay(mode: Mode) -> str:
        mean = known[f"{mode}_stay"]
        return f"{{distribution: lognormal, mean: {mean}, cv: {known['stay_cv']}}}"

    return ValueSet(
        stay={"inject": stay("inject"), "smoke": stay("smoke")},
        cleaning={"inject": known["cleaning"], "smoke": known["cleaning"]},
        limit=None,
        profile=kind,
        day_to_day_cv=known["day_to_day_cv"],
        crowd=known["crowd_at_opening"],
        benefit=known["benefit_visits"],
    )


def modes(scenario: Scenario) -> dict[str, Mode]:
    """By kind of visit that uses a place, whether it is smoked there."""
    return {
        name: "smoke" if name == "smoke" else "inject"
        for name, kind in scenario.visits.items()
        if kind.rooms
    }


def settings(site: Site, which: Values) -> Iterator[str]:
    """What makes the site's scenario one with a set of values, and of its served uses.

    Args:
        site: its places, hours, shares of modes, enforced limits and rules are its scenario's.
        which: the values.
    """
    scenario, values = load_scenario(site.path), value_set(which, site.kind)
    demand = scenario.demand
    if demand.visits_per_day is not None:
        yield "demand.visits_per_day=null"
    yield f"demand.served_per_day={site.served:g}"
    yield "demand.unserved=unknown"
    night = which == "old" and _is_open_by_night(scenario)
    yield f"demand.profile={NIGHT if night else values.profile}"
    yield f"demand.day_to_day_cv={values.day_to_day_cv:g}"
    if site.crowd:
        yield f"demand.crowd_at_opening={values.crowd:g}"
    for kind, mode in modes(scenario).items():
        yield f"visits.{kind}.stay={values.stay[mode]}"
        for room in scenario.visits[kind].rooms:
            yield f"rooms.{room}.cleaning.duration={values.cleaning[mode]:g}"
            if room not in site.enforced:
                yield f"rooms.{room}.time_limit={limit_text(values.limit)}"


def _is_open_by_night(scenario: Scenario) -> bool:
    """Whether the site is open for most of every night: 20 hours a day or more."""
    last = scenario.horizon.minutes
    minutes = sum(min(end, last) - begin for begin, end in site_spans(scenario))
    return minutes / scenario.horizon.total_days >= _BY_NIGHT


def limit_text(minutes: float | None) -> str:
    """A time limit as it was assumed, or none."""
    if minutes is None:
        return "null"
    overrun = "{distribution: exponential, mean: 5}"
    return f"{{limit: {minutes:g}, comply: 0.8, overrun: {overrun}}}"


def scenario_of(site: Site, which: Values) -> Scenario:
    """The site with a set of values; how many come is still unknown."""
    return load_scenario(site.path, tuple(dict.fromkeys(settings(site, which))))
