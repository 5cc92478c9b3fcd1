"""Where to put more places in a city: every way to share them out, met by the same people.

Ways are played as whole cities, so that who is turned away at one house goes to another, and a
larger house draws away those who had gone on from it.

**Which way is the best** is not chosen by the lowest figure alone. All ways are played 10 times,
then those that are left twice as often, and so on. After each look the way that does best so far is
held beside each of the others, replication by replication, and a way is left out when it is surely
worse. Each interval has the confidence 1 − error ÷ (ways − 1) ÷ looks: the best way there is can
only be lost if an interval between it and one of the others fails at one of the looks, so that it
is among those that are left with the confidence that was asked for (subset selection; Nelson,
Swann, Goldsman & Song 2001, Operations Research 49, 950-963, by Bonferroni's inequality). What is
then within the smallest difference that matters is as good.

Where the city has targets, ways that miss one for sure are left out; of the others the cheapest is
the best, and of equally dear ones that which leaves the fewest needs unmet.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from math import comb

from sim.measures.city.tally import part_of
from sim.measures.figures.cost import yearly_cost
from sim.scenario.city.model import City
from sim.scenario.city.system import system_of
from sim.scenario.errors.problem import did_you_mean
from sim.scenario.errors.told import told
from sim.scenario.load import Original, Version
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.read import FACILITIES
from sim.study.compare.matters import Better, Finding, matter_named, verdict
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.paired import Difference, Pairs, share_difference
from sim.study.estimate.summary import Key, StudyResult
from sim.study.estimate.targets import JudgedTarget, TargetVerdict, judge
from sim.study.run.runner import Plan, study_each
from sim.study.run.workers import Progress, Watch, unwatched

UNMET: Key = ("needs_unmet", "share", "all")
"""The figure by which ways are ranked."""
_UNUSABLE = ("place_unusable", "minutes_per_week")
MOST_WAYS = 400
"""More ways are not played."""
MOST_PLACES = 1000
"""More places are not shared out."""
FIRST = 10
"""Replications of every way; those that are left are then played twice as often, and so on."""
Way = tuple[int, ...]
"""How many places each room gets."""


class PlacesError(ValueError):
    """Places cannot be shared out so; the message says what would be right."""


@dataclass(frozen=True)
class Spot:
    """A room of a house that can take more places."""

    facility: str
    room: str
    places: int
    """As it is."""
    more: tuple[int, ...]
    """How many it may get, from 0 up."""

    @property
    def name(self) -> str:
        """As `--into` takes it."""
        return f"{self.facility}.{self.room}"

    @property
    def path(self) -> str:
        """Of its places, as `--set` takes it."""
        return f"{FACILITIES}.{self.facility}.rooms.{self.room}.places"


# --- rooms and ways -----------------------------------------------------------------------------


def spots_of(city: City, number: int, step: int, into: Sequence[str] = ()) -> tuple[Spot, ...]:
    """The rooms that can take places, house by house.

    A house whose `design` varies places takes them where, and as far as, that says; others in any
    of their rooms. Houses that are not supervised take none, unless they are named.

    Args:
        city: with its houses.
        number: of places to be shared out.
        step: they come in lots of so many.
        into: houses, or rooms as `skyen.smoking`, that alone may take some; with `=6` at most 6.

    Raises:
        PlacesError: there is no such house or room, or a number is none.
    """
    lots = tuple(range(0, number + 1, step))
    every = list(_rooms(city, lots))
    if not into:
        return tuple(one for one in every if city.open_facilities[one.facility].supervised)
    found: dict[str, Spot] = {}
    for text in into:
        name, most = _named(text)
        chosen = [one for one in every if name in {one.name, one.facility}]
        if not chosen:
            known = [*city.open_facilities, *(one.name for one in every)]
            raise PlacesError(
                told(
                    "places_no_room",
                    "--into {name}: no room of that name can take places{near}; those that can: "
                    "{known}",
                    name=name,
                    near=did_you_mean(name, known),
                    known=", ".join(one.name for one in every),
                )
            )
        for one in chosen:
            more = one.more if most is None else tuple(n for n in lots if n <= most)
            found[one.name] = replace(one, more=more)
    return tuple(found[one.name] for one in every if one.name in found)


def _rooms(city: City, lots: Sequence[int]) -> Iterator[Spot]:
    for name, house in city.open_facilities.items():
        bounds = {} if house.design is None else _bounds(house)
        for room, one in house.rooms.items():
            if not bounds:
                yield Spot(name, room, one.places, tuple(lots))
            elif room in bounds:
                more = tuple(n for n in lots if n == 0 or one.places + n in bounds[room])
                if more[1:]:
                    yield Spot(name, room, one.places, more)


def _bounds(house: Scenario) -> Mapping[str, set[float]]:
    """By room, the numbers of places that the house's design allows."""
    assert house.design is not None  # the caller has looked
    paths = {f"rooms.{room}.places": room for room in house.rooms}
    return {
        paths[path]: {float(level) for level in varied.values}
        for name, varied in house.design.vary.items()
        for path in house.design.paths(name)
        if path in paths
    }


def _named(text: str) -> tuple[str, int | None]:
    """A house or room, and how many places it may take at most."""
    name, equals, number = (part.strip() for part in text.partition("="))
    if not equals:
        return name, None
    if not number.isdecimal() or int(number) > MOST_PLACES:
        raise PlacesError(
            told(
                "places_no_number",
                "--into {text}: after = stands how many places it may take at most, such as "
                "{name}=6",
                text=text,
                name=name,
            )
        )
    return name, int(number)


def number_of_ways(spots: Sequence[Spot], number: int) -> int:
    """How many ways there are to share out so many places."""
    counts = [1] + [0] * number
    for one in spots:
        counts = [
            sum(counts[total - n] for n in one.more if n <= total) for total in range(number + 1)
        ]
    return counts[number]


def ways_of(spots: Sequence[Spot], number: int) -> Iterator[Way]:
    """All ways to share out so many places; the first rooms get the most first."""
    if not spots:
        if number == 0:
            yield ()
        return
    first, *others = spots
    for mine in sorted(first.more, reverse=True):
        if mine <= number:
            yield from ((mine, *rest) for rest in ways_of(others, number - mine))


def check_ways(spots: Sequence[Spot], number: int, step: int) -> int:
    """How many ways there are.

    Raises:
        PlacesError: none, one, or too many to be played.
    """
    if number % step:
        fitting = ", ".join(str(n) for n in range(1, number + 1) if number % n == 0)
        form = "--step {step} does not divide {number} places; steps that do: {fitting}"
        raise PlacesError(told("places_step", form, step=step, number=number, fitting=fitting))
    found = number_of_ways(spots, number)
    rooms = ", ".join(one.name for one in spots) or "-"
    most = sum(max(one.more, default=0) for one in spots)
    if not found:
        form = (
            "{number} places cannot be shared out over {rooms}: they take {most} more at most, as "
            "design.vary and --into say"
        )
        raise PlacesError(told("places_none", form, number=number, rooms=rooms, most=most))
    if found == 1:
        form = "there is one way only to add {number} places ({rooms}); name more rooms by --into"
        raise PlacesError(told("places_one_way", form, number=number, rooms=rooms))
    if found > MOST_WAYS:
        form = (
            "there are {ways} ways to add {number} places to {count} rooms, and at most {limit} "
            "are played: {advice}name fewer rooms with --into, such as --into {first} (known: "
            "{rooms})"
        )
        raise PlacesError(
            told(
                "places_too_many",
                form,
                ways=found,
                number=number,
                count=len(spots),
                limit=MOST_WAYS,
                advice=_wider(len(spots), number),
                first=spots[0].name,
                rooms=rooms,
            )
        )
    return found


def _wider(rooms: int, number: int) -> str:
    """The smallest step with which all ways can be played; empty if there is none."""
    for step in range(1, number):
        if number % step == 0 and comb(number // step + rooms - 1, rooms - 1) <= MOST_WAYS:
            form = "add --step {step}, so that they come in lots of {step}, or "
            return told("places_wider", form, step=step)
    return ""


# --- playing them -------------------------------------------------------------------------------


class Standing(StrEnum):
    """What is known of a way."""

    BEST = "best"
    SAME = "as good"
    """Surely no difference that matters."""
    UNSURE = "cannot tell"
    WORSE = "worse"
    DEARER = "dearer"
    MISSES = "misses a target"


@dataclass(frozen=True, eq=False)
class Tried:
    """A way, or the city as it is, as far as it was played."""

    way: Way
    scenario: Scenario
    cost: float
    """A year, of all houses."""
    unmet: Estimate
    """Share of all needs."""
    pairs: Pairs
    """(replications, 1): needs unmet, and needs."""
    judged: tuple[JudgedTarget, ...]
    unusable: Mapping[str, float]
    """By house: minutes a week in which free places cannot be used for want of staff."""

    @property
    def count(self) -> int:
        """Replications."""
        return len(self.pairs.numerator)

    @property
    def misses(self) -> tuple[str, ...]:
        """Targets that it surely misses."""
        return tuple(one.target.text for one in self.judged if one.verdict is TargetVerdict.FAIL)

    @property
    def seems_to_meet(self) -> bool:
        """Whether every target's figure is on the right side, as far as was seen."""
        return all(_is_on_the_right_side(one) for one in self.judged)

    def beside(self, base: "Tried", level: float) -> Difference:
        """The share of needs unmet beside another's, in the replications that both have."""
        count = min(self.count, base.count)
        ones, twos = (Pairs(*(part[:count] for part in one.pairs)) for one in (base, self))
        return share_difference(ones, twos, level).at(0)


def _is_on_the_right_side(one: JudgedTarget) -> bool:
    if one.verdict is not TargetVerdict.NOT_SURE:
        return one.verdict is TargetVerdict.PASS
    sign = -1 if one.target.operator.is_upper else 1
    apart = sign * (one.known.value - one.found.limit)
    return not apart < 0  # nothing to measure stands in nobody's way


@dataclass(frozen=True, eq=False)
class RankedWay:
    """A way and what is known of it."""

    tried: Tried
    standing: Standing
    apart: Difference
    """Its share of needs unmet less that of the best way."""


@dataclass(frozen=True, eq=False)
class Placing:
    """Where to put the places."""

    city: Scenario
    seed: int
    spots: tuple[Spot, ...]
    number: int
    step: int
    confidence: float
    """That the best way is among those not said to be worse."""
    base: Tried
    """The city as it is."""
    ranked: tuple[RankedWay, ...]
    """The best first."""

    @property
    def left_out(self) -> list[str]:
        """Houses that get none, although they have rooms, since nobody watches over use there."""
        assert isinstance(self.city, City)  # whose places are shared out
        named = {one.facility for one in self.spots}
        houses = self.city.open_facilities.items()
        return [name for name, one in houses if not one.supervised and name not in named]

    @property
    def best(self) -> Tried:
        """The way that is advised."""
        return self.ranked[0].tried

    @cached_property
    def gain(self) -> Difference:
        """What the best way changes beside the city as it is."""
        return self.best.beside(self.base, self.confidence)

    def of(self, *standings: Standing) -> int:
        """How many ways are of some standings."""
        return sum(one.standing in standings for one in self.ranked)


@dataclass(eq=False)
class Placer:
    """Plays the ways to share out places."""

    original: Original
    spots: tuple[Spot, ...]
    number: int
    step: int
    plan: Plan
    """Seed, workers and cache; replications are its own."""
    confidence: float = 0.95
    most: int = 500
    """Replications of a way, at most."""
    _known: dict[Way, Tried] = field(default_factory=dict)
    _standing: dict[Way, Standing] = field(default_factory=dict)

    def place(self, watch: Watch = unwatched) -> Placing:
        """Play them all, and rank them.

        Args:
            watch: begins each look at the ways that are left.

        Raises:
            ScenarioError: a room cannot have so many places.
            StudyInterrupted: Ctrl-C was pressed.
        """
        with watch(told("count_ways_read", "ways read")) as progress:
            ways = list(ways_of(self.spots, self.number))
            scenarios = {}
            for number, way in enumerate(ways):
                progress(number, len(ways))
                scenarios[way] = self._scenario(way)
        nothing = (0,) * len(self.spots)
        scenarios[nothing] = self.original.loaded.scenario
        left, looks = ways, self._looks
        level = 1 - (1 - self.confidence) / (len(ways) - 1) / len(looks)
        for count in looks:
            with watch(told("count_ways_played", "ways played")) as progress:
                self._play({way: scenarios[way] for way in (nothing, *left)}, count, progress)
            self._look(left, level)
            left = [
                way
                for way in left
                if self._standing[way] in {Standing.BEST, Standing.SAME, Standing.UNSURE}
            ]
            if not any(self._standing[way] is Standing.UNSURE for way in left):
                break
        return self._placing(ways, nothing, level)

    @property
    def _looks(self) -> tuple[int, ...]:
        """Replications at which the ways are looked at."""
        found = [FIRST]
        while 2 * found[-1] < self.most:
            found.append(2 * found[-1])
        return tuple(found) if found[-1] >= self.most else (*found, self.most)

    def _scenario(self, way: Way) -> Scenario:
        values = {one.path: one.places + n for one, n in zip(self.spots, way, strict=True) if n}
        return self.original.scenario(Version(values, (FACILITIES,)))

    def _play(self, scenarios: Mapping[Way, Scenario], count: int, progress: Progress) -> None:
        plan = replace(self.plan, replications=count, precision=None)
        of = len(scenarios) * count

        def told_of(number: int) -> Progress:
            return lambda done, _: progress((number * count + done) // count, of // count)

        with closing(_studies(scenarios, plan, told_of)) as results:
            for (way, scenario), result in zip(scenarios.items(), results, strict=True):
                self._known[way] = _tried(way, scenario, result)
                if not self._known[way].unmet.is_known:
                    form = "no need arises, so that it does not matter where places are put"
                    raise PlacesError(told("places_no_needs", form))

    def _look(self, left: Sequence[Way], level: float) -> None:
        """Say of each way that is left what is known of it beside the one that does best."""
        tried = [self._known[way] for way in left]
        fit = [one for one in tried if not one.misses] or tried
        best = min(fit, key=_order)
        for one in tried:
            if one is best:
                self._standing[one.way] = Standing.BEST
            elif one.misses and not best.misses:
                self._standing[one.way] = Standing.MISSES
            else:
                self._standing[one.way] = _beside(best, one, level)

    def _placing(self, ways: Sequence[Way], nothing: Way, level: float) -> Placing:
        best = next(self._known[way] for way in ways if self._standing[way] is Standing.BEST)
        order = list(Standing)
        found = [
            RankedWay(self._known[way], self._standing[way], self._known[way].beside(best, level))
            for way in ways
        ]
        found.sort(key=lambda one: (order.index(_group(one.standing)), _order(one.tried)))
        found.sort(key=lambda one: one.tried is not best)
        return Placing(
            self.original.loaded.scenario,
            self.plan.seed,
            self.spots,
            self.number,
            self.step,
            self.confidence,
            self._known[nothing],
            tuple(found),
        )


def _group(standing: Standing) -> Standing:
    """What is as good, and of what nobody can tell, is ranked together."""
    return Standing.SAME if standing is Standing.UNSURE else standing


def _order(one: Tried) -> tuple[bool, float, float]:
    """What is better, first: whether targets seem to be met, then cost, then needs unmet."""
    if not one.judged:
        return False, 0.0, one.unmet.value
    meets = one.seems_to_meet
    return not meets, round(one.cost, 2) if meets else 0.0, one.unmet.value


def _beside(best: Tried, one: Tried, level: float) -> Standing:
    """What is known of a way beside the one that does best."""
    if best.judged and best.seems_to_meet:
        apart = round(one.cost - best.cost, 2)
        if apart < 0:
            return Standing.UNSURE  # cheaper; it is not sure that it misses a target
        sure = all(target.verdict is TargetVerdict.PASS for target in best.judged)
        if apart > 0:
            return Standing.DEARER if sure else Standing.UNSURE
    found, margin = one.beside(best, level), matter_named(*UNMET).margin_of(best.unmet.value)
    match verdict(found.value, found.low, found.high, Better.LESS, margin).finding:
        case Finding.WORSE:
            return Standing.WORSE
        case Finding.SAME:
            return Standing.SAME
        case _:
            return Standing.UNSURE


def _studies(
    scenarios: Mapping[Way, Scenario], plan: Plan, progress: Callable[[int], Progress]
) -> Generator[StudyResult]:
    yield from study_each(list(scenarios.values()), plan, progress)


def _tried(way: Way, scenario: Scenario, result: StudyResult) -> Tried:
    column, pooled = result.figures.numbers[UNMET], result.pooled
    assert isinstance(scenario, City)  # whose places are shared out
    several = system_of(scenario).is_city
    return Tried(
        way=way,
        scenario=scenario,
        cost=yearly_cost(scenario),
        unmet=result.figures.of(*UNMET),
        pairs=Pairs(pooled.numerators[:, [column]], pooled.denominators[:, [column]]),
        judged=judge(scenario, result),
        unusable={
            name: result.figures.of(*_UNUSABLE, part_of(name, "all") if several else "all").value
            for name in scenario.open_facilities
        },
    )
