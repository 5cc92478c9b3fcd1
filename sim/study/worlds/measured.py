"""What is measured of a play of a world: the few figures that are asked for, and no others.

How they are found is worked out once for all worlds of a scenario. Of a system, which is a city or
a site to which people come back, they are figures of needs, of its facilities, or of all these
together.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.log import CityLog, Log
from sim.measures import Interval, Row, metric_rows
from sim.measures.city.needs import NeedFacts, NeedFigure, Part, need_parts
from sim.measures.city.tally import needs_of, part_of, together_of
from sim.measures.facts.facts import Facts
from sim.measures.figures.cost import cost_figures, site_figures
from sim.measures.figures.figure import Durations, Figure, Pair, Sample, quantile_pair
from sim.measures.histogram import Histogram, merge
from sim.measures.tally import DURATIONS, rows_of_site, samples, summary_figures
from sim.scenario.city.system import System, is_system, system_of
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import Target
from sim.study.estimate.named_figure import TargetError, TargetFigure, find
from sim.study.estimate.precision import GOALS
from sim.study.estimate.summary import Key, key_of

Floats = NDArray[np.float64]

ALSO = (
    ("needs_met", "share", "all"),
    ("needs_unmet", "share", "all"),
    ("needs_closed_everywhere", "share", "all"),
    ("need_to_place", "mean", "all"),
    ("need_to_place", "p90", "all"),
    ("unserved", "per_day", "all"),
    ("uses", "per_day", "all"),
    ("cost", "per_week", "all"),
)
"""Headline figures beside those that a study makes precise."""
_OF_EACH = (("uses", "per_day"), ("wait", "p90"), ("unserved", "share"))
"""Headline figures of each facility of a city."""
_OF_COSTS = frozenset({"cost", "rostered", "wte"})
"""Metrics whose figures follow from the scenario, and are made anew for each world."""
_ALL = "all"
_TO_PLACE = "need_to_place"


# --- what is asked of a world -------------------------------------------------------------------


@dataclass(frozen=True)
class Margin:
    """By how much the share of durations within a limit is above what a target wants."""

    name: Key
    metric: str
    by: str
    limit: float
    probability: float


@dataclass(frozen=True)
class Asked:
    """The figures that are wanted of each world."""

    keys: tuple[Key, ...]
    margins: tuple[Margin, ...] = ()

    @property
    def names(self) -> tuple[Key, ...]:
        """All columns: figures, then margins."""
        return (*self.keys, *(one.name for one in self.margins))


def margin_name(target: Target) -> Key:
    """What the margin of a target's quantile is called among the figures."""
    return ("target", target.text, target.by)


def asked_of(scenario: Scenario, more: Iterable[Key] = ()) -> Asked:
    """The headline figures of a scenario, and all that its targets are about.

    Args:
        scenario: as it is written.
        more: figures that are wanted too, as far as there are such.
    """
    rows = {key_of(row): row for row in metric_rows(scenario)}
    headline = [key for key, row in rows.items() if any(goal.is_of(row) for goal in GOALS)]
    also = (*ALSO, *_of_each(scenario), *more)
    wanted = [*headline, *(key for key in also if key in rows)]
    margins: list[Margin] = []
    for target in scenario.targets:
        if (found := target_figure(target, scenario)) is None:
            continue
        one = found.figure
        wanted.append((one.metric, one.statistic, one.by))
        if one.interval is Interval.QUANTILE:
            names = (margin_name(target), one.metric, one.by)
            margins.append(Margin(*names, found.limit, one.probability))
    known = tuple(
        key for key in dict.fromkeys(wanted) if rows[key].interval is not Interval.HIGHEST
    )
    return Asked(known, tuple(margins))


def _of_each(scenario: Scenario) -> Iterator[Key]:
    if is_system(scenario) and (system := system_of(scenario)).is_city:
        for name in system.sites:
            yield from ((*figure, part_of(name, _ALL)) for figure in _OF_EACH)


def target_figure(target: Target, scenario: Scenario) -> TargetFigure | None:
    """The figure of a target; None by the hour, which one play of a world says too little of."""
    if target.hour is not None:
        return None
    try:
        return find(target, metric_rows(scenario), ())
    except TargetError:
        return None


# --- how it is found ----------------------------------------------------------------------------


class Found(NamedTuple):
    """What one play gave."""

    pairs: Floats
    """Numerators and denominators of all that was asked for, (columns, 2)."""
    lengths: list[Histogram]
    """Of each quantile that was asked for, the durations."""


@dataclass(frozen=True, eq=False)
class OfSite:
    """How the figures asked of a site are found; made once for all its worlds."""

    figures: tuple[Figure, ...]
    samples: Mapping[Key, Sample]
    """Of quantiles, the durations."""
    durations: tuple[Durations, ...]
    """Of each margin."""
    asked: Asked
    of_costs: Callable[[Scenario], Iterator[Figure]] | None
    """What makes figures of costs anew for each world; None where none is asked for."""

    @classmethod
    def of(cls, scenario: Scenario, asked: Asked) -> "OfSite":
        """How they are found.

        Args:
            scenario: a site, or a facility of a system.
            asked: figures that it has.
        """
        every = {key_of(one.row): one for one in summary_figures(scenario)}
        lengths = {
            (one.row.metric, one.row.by): one for one in samples(scenario) if not one.row.hourly
        }
        durations = {(one.metric, one.by): one for make in DURATIONS for one in make(scenario)}
        figures = tuple(every[key] for key in asked.keys)
        quantiles = {
            key_of(one.row): lengths[one.row.metric, one.row.by]
            for one in figures
            if one.row.interval is Interval.QUANTILE
        }
        of_margins = tuple(durations[one.metric, one.by] for one in asked.margins)
        costs = {key_of(one.row) for one in figures if one.row.metric in _OF_COSTS}
        of_site = {key_of(one.row) for one in site_figures(scenario)}
        make = (site_figures if costs <= of_site else cost_figures) if costs else None
        return cls(figures, quantiles, of_margins, asked, make)

    @property
    def quantiles(self) -> tuple[Row, ...]:
        """The quantiles asked for, in the order of their durations."""
        return tuple(one.row for one in self.figures if key_of(one.row) in self.samples)

    def found(self, scenario: Scenario, log: Log | CityLog) -> Found:
        """What a play gave.

        Args:
            scenario: the site as it is in the world.
            log: what happened there.
        """
        assert isinstance(log, Log)  # a site is played as one
        facts = Facts(scenario, log)
        anew = {key_of(one.row): one for one in self.of_costs(scenario)} if self.of_costs else {}
        pairs = [anew.get(key_of(one.row), one).of(facts) for one in self.figures]
        for one, durations in zip(self.asked.margins, self.durations, strict=True):
            within, known = durations.within(facts, one.limit)
            number = float(known.sum())
            pairs.append((float(within.sum()) - one.probability * number, number))
        lengths = [one.histogram(facts) for one in self.samples.values()]
        return Found(np.array(pairs).reshape(-1, 2), lengths)


@dataclass(frozen=True)
class _OfNeeds:
    """A figure of needs."""

    figure: NeedFigure | None
    part: Part
    """What its durations are about, of a quantile or a margin."""
    margin: Margin | None = None

    def pair(self, facts: NeedFacts) -> Pair:
        """Numerator and denominator."""
        if self.figure is not None:
            return self.figure.of(facts)
        assert self.margin is not None  # else there is a figure
        lengths = facts.lengths(self.part)
        number = float(lengths.total)
        return lengths.at_most(self.margin.limit) - self.margin.probability * number, number


@dataclass(frozen=True)
class _OfSites:
    """A figure of one facility, or of all of them together."""

    columns: tuple[tuple[int, int], ...]
    """Facility, and place among what is asked of it."""
    adds_up: bool
    """Whether denominators are the same everywhere, as days are."""
    lengths: tuple[tuple[int, int], ...] = ()
    """Of a quantile: facility, and place among its durations."""
    probability: float = 0.0

    def pair(self, sites: Sequence[Found]) -> Pair:
        """Numerator and denominator."""
        if len(self.lengths) > 1:
            return quantile_pair(self.histogram(sites).quantile(self.probability))
        numerators = [float(sites[site].pairs[column, 0]) for site, column in self.columns]
        denominators = [float(sites[site].pairs[column, 1]) for site, column in self.columns]
        return sum(numerators), denominators[0] if self.adds_up else sum(denominators)

    def histogram(self, sites: Sequence[Found]) -> Histogram:
        """The durations, of all facilities together."""
        found = [sites[site].lengths[sample] for site, sample in self.lengths]
        return found[0] if len(found) == 1 else merge(found)


@dataclass(frozen=True, eq=False)
class OfSystem:
    """How the figures asked of a system are found; made once for all its worlds."""

    sites: tuple[OfSite, ...]
    """Of each facility, how what is needed of it is found."""
    columns: tuple[_OfNeeds | _OfSites, ...]
    quantiles: tuple[Row, ...]
    """The quantiles asked for, in the order of their durations."""

    @classmethod
    def of(cls, scenario: Scenario, asked: Asked) -> "OfSystem":
        """How they are found.

        Args:
            scenario: a city, or a site to which people come back.
            asked: figures that it has.
        """
        system = system_of(scenario)
        rows = {key_of(row): row for row in metric_rows(scenario)}
        local = [_Local([], []) for _ in system.sites]
        meant = _Meant.of(scenario, system)
        planned = [meant.figure(rows[key], local) for key in asked.keys]
        planned += [meant.margin(one, local) for one in asked.margins]
        sites = tuple(
            OfSite.of(site, Asked(tuple(one.keys), tuple(one.margins)))
            for site, one in zip(system.sites.values(), local, strict=True)
        )
        quantiles = tuple(
            rows[key] for key in asked.keys if rows[key].interval is Interval.QUANTILE
        )
        return cls(sites, tuple(_placed(one, sites) for one in planned), quantiles)

    def found(self, scenario: Scenario, log: Log | CityLog) -> Found:
        """What a play gave.

        Args:
            scenario: the system as it is in the world.
            log: what happened there.
        """
        assert isinstance(log, CityLog)  # a system is played as one
        system = system_of(scenario)
        facts = NeedFacts.from_log(system, log)
        every = zip(self.sites, system.sites.values(), log.sites, strict=True)
        sites = [one.found(site, of_site) for one, site, of_site in every]
        pairs = [
            one.pair(facts) if isinstance(one, _OfNeeds) else one.pair(sites)
            for one in self.columns
        ]
        lengths = [
            facts.lengths(one.part) if isinstance(one, _OfNeeds) else one.histogram(sites)
            for one, _ in zip(self._of_quantiles(), self.quantiles, strict=True)
        ]
        return Found(np.array(pairs).reshape(-1, 2), lengths)

    def _of_quantiles(self) -> list[_OfNeeds | _OfSites]:
        return [
            one
            for one in self.columns
            if (one.lengths if isinstance(one, _OfSites) else _is_quantile(one.figure))
        ]


Measures = OfSite | OfSystem


def measures_of(scenario: Scenario, asked: Asked) -> Measures:
    """How the figures asked of a scenario are found."""
    return OfSystem.of(scenario, asked) if is_system(scenario) else OfSite.of(scenario, asked)


def _is_quantile(figure: NeedFigure | None) -> bool:
    return figure is not None and figure.row.interval is Interval.QUANTILE


@dataclass(frozen=True)
class _Local:
    """What is asked of a facility."""

    keys: list[Key]
    margins: list[Margin]

    def figure(self, key: Key) -> int:
        """The place of a figure among those that are asked for."""
        if key not in self.keys:
            self.keys.append(key)
        return self.keys.index(key)


@dataclass(frozen=True)
class _Wanted:
    """A figure of facilities before it is known where each of them has it."""

    keys: tuple[tuple[int, Key], ...]
    """Facility, and the figure's name there; or the margin's."""
    adds_up: bool
    probability: float = 0.0
    """Of a quantile."""


@dataclass(frozen=True)
class _Meant:
    """What the figures of a system are made of."""

    system: System
    needs: Mapping[Key, NeedFigure]
    together: Mapping[Key, _Wanted]
    parts: Mapping[str, Part]
    """Of needs, by name."""

    @classmethod
    def of(cls, scenario: Scenario, system: System) -> "_Meant":
        needs = {key_of(one.row): one for one in needs_of(scenario) if isinstance(one, NeedFigure)}
        rows = [rows_of_site(site) for site in system.sites.values()]
        found = {
            key_of(one.row): _Wanted(
                tuple((site, key_of(rows[site][row])) for site, row in one.of),
                one.adds_up,
                one.row.probability,
            )
            for one in together_of(scenario)
        }
        return cls(system, needs, found, {part[0]: part for part in need_parts(system)})

    def figure(self, row: Row, local: Sequence[_Local]) -> "_OfNeeds | _Wanted":
        """What a figure is made of; facilities are asked for their parts of it."""
        key = key_of(row)
        if key in self.needs:
            return _OfNeeds(self.needs[key], self.parts.get(row.by, need_parts(self.system)[0]))
        found = self.together.get(key) or _Wanted(
            (self._at(key),), adds_up=False, probability=row.probability
        )
        for site, name in found.keys:
            local[site].figure(name)
        return found

    def margin(self, margin: Margin, local: Sequence[_Local]) -> "_OfNeeds | _Wanted":
        """The same of the margin of a target."""
        if margin.metric == _TO_PLACE:
            return _OfNeeds(None, self.parts[margin.by], margin)
        like = next((one for key, one in self.together.items() if _is_like(key, margin)), None)
        where = (
            [self._at((margin.metric, "", margin.by))]
            if like is None
            else [(site, (metric, "", by)) for site, (metric, _, by) in like.keys]
        )
        for site, (metric, _, by) in where:
            local[site].margins.append(replace(margin, metric=metric, by=by))
        return _Wanted(tuple((site, margin.name) for site, _ in where), adds_up=False)

    def _at(self, key: Key) -> tuple[int, Key]:
        """The facility of a figure, and the figure's name there."""
        metric, statistic, by = key
        if not self.system.is_city:
            return 0, key
        facility, _, rest = by.partition("/")
        number = [part_of(name, _ALL) for name in self.system.sites].index(facility)
        return number, (metric, statistic, rest or _ALL)


def _is_like(key: Key, margin: Margin) -> bool:
    """Whether a figure of all facilities together is of the durations of a margin."""
    return (key[0], key[2]) == (margin.metric, margin.by)


def _placed(one: "_OfNeeds | _Wanted", sites: Sequence[OfSite]) -> _OfNeeds | _OfSites:
    """A figure, with where it is found among what is asked of each facility."""
    if isinstance(one, _OfNeeds):
        return one
    columns = tuple((site, sites[site].asked.names.index(name)) for site, name in one.keys)
    lengths = tuple(
        (site, list(sites[site].samples).index(name))
        for site, name in one.keys
        if name in sites[site].samples
    )
    return _OfSites(columns, one.adds_up, lengths, one.probability)
