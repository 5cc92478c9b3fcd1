"""`size`: the cheapest design that meets the targets."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import fail, progress_bar, say, warn
from sim.cli.options import (
    PROCESSORS,
    USUAL_WORLDS,
    Cluster,
    Csv,
    CsvForm,
    EngineOption,
    Lang,
    NoCache,
    NoReport,
    NumberOfWorlds,
    OneFacility,
    Out,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Workers,
    Xlsx,
    how_many,
    how_much,
    make_ready,
    whole_number,
)
from sim.cli.print.robustness import print_again, print_insurance, print_plan
from sim.cli.print.size import print_placing, print_sizing
from sim.cli.session import (
    Wanted,
    facility_of,
    form_of,
    interrupted,
    read_held,
    read_visits,
    session,
)
from sim.engine import Engine
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.results.files import write_tables
from sim.results.places import write_placing
from sim.results.size import holds_finished, write_sizing
from sim.scenario.city.model import City
from sim.scenario.city.outlook import warnings_of_targets
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.load import Loaded, Original, read_scenario
from sim.scenario.text.notes import notes
from sim.scenario.text.sets import parse_factor
from sim.scenario.uncertainty.draws import draw_worlds
from sim.scenario.uncertainty.ranges import read_unknowns
from sim.size.city.house import facility_in
from sim.size.city.places import MOST_PLACES, Placer, PlacesError, check_ways, spots_of
from sim.size.experiment import Experiment, Setup
from sim.size.observation import observed_targets
from sim.size.robustness import AssumptionChoice, Stage, build_up, decide_again, insure
from sim.size.search import SearchRules
from sim.size.sequential import FIRST_TO_MEET
from sim.size.sizing import Sizing, SizingInterrupted, Unfinished, size
from sim.size.space import Space, read_space, within
from sim.size.tables import insurance_table
from sim.study import Plan
from sim.study.compare.tornado import End, read_ends
from sim.study.estimate.targets import check_targets
from sim.study.run.workers import this_machine
from sim.study.worlds.insure import Insurance, Insurer

_GROWTH_STEP = Decimal("0.1")
_ONE = Decimal(1)
_COIN = 0.5
"""How sure one is who tosses it."""
Growth = Annotated[
    str | None,
    typer.Option(
        metavar="1.0:1.5",
        help="Also plan for growth of demand, from and to which factor (and in which steps): "
        "what to add when.",
    ),
]
VaryAssumptions = Annotated[
    bool,
    typer.Option(
        "--vary-assumptions",
        help="Also decide again at both ends of the range of every assumption, one at a time.",
    ),
]


Insured = Annotated[
    bool,
    typer.Option(
        "--uncertainty",
        help="Also find the cheapest design that meets the targets in a share of the worlds, each "
        "with other values of what nobody knows.",
    ),
]
ShareOfWorlds = Annotated[
    float,
    how_much("That share, from 0.05 to 1.", 0.05, 1.0, "SHARE"),
]


Source = tuple[Path, tuple[str, ...], str | None]
"""File, settings and variant."""
AddPlaces = Annotated[
    int | None,
    typer.Option(
        "--add-places",
        parser=whole_number(1, MOST_PLACES),
        metavar="N",
        help="In a city: where to put N more places. Every way to share them out over its rooms "
        "is played.",
    ),
]
Step = Annotated[
    int, how_many("With --add-places: places come in lots of so many.", 1, MOST_PLACES)
]
Into = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ROOM",
        help="With --add-places: only into this room, such as skyen.smoking, or this facility; "
        "with =6 at most 6. May be repeated.",
    ),
]


def size_command(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    facility: OneFacility = None,
    add_places: AddPlaces = None,
    step: Step = 1,
    into: Into = None,
    confidence: Annotated[
        float, typer.Option(help="How sure the answer must be; above 0.5 and below 1.")
    ] = 0.95,
    grow: Growth = None,
    vary_assumptions: VaryAssumptions = False,
    uncertainty: Insured = False,
    share_of_worlds: ShareOfWorlds = 0.8,
    worlds: NumberOfWorlds = USUAL_WORLDS,
    max_replications: Annotated[
        int,
        how_many("Most replications of a design.", FIRST_TO_MEET),
    ] = 500,
    seed: Seed = 1,
    out: Out = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    cluster: Cluster = None,
    no_cache: NoCache = False,
    csv: Csv = CsvForm.USUAL,
    xlsx: Xlsx = False,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
) -> None:
    """Find the cheapest design of a site that meets its targets, and say how sure that is."""
    if not _COIN < confidence < 1:
        fail(
            told(
                "confidence_must_be_above_0_5_and",
                "--confidence must be above 0.5 and below 1, such as 0.95, not {confidence:g}",
                confidence=confidence,
            )
        )
    factors, words, report = _factors(grow), catalogue(lang), None if no_report else lang
    form, cache = form_of(csv, xlsx=xlsx), not no_cache
    wanted = Wanted(max_replications, seed, workers, engine, cluster, cache=cache, form=form)
    asked = _Asked(
        confidence,
        factors,
        vary_assumptions,
        worlds if uncertainty else 0,
        share_of_worlds,
        facility,
    )
    source = (scenario, tuple(settings or ()), variant)
    if add_places is None:
        if into or step > 1:
            fail(told("fail_places_alone", "--into and --step are for --add-places N"))
        _size(source, asked, wanted, out, words, report)
        return
    _not_beside("--add-places", {"--facility": facility, "--grow": grow, **asked.of_sites})
    sharing = _Sharing(add_places, step, into or (), confidence)
    _place(source, sharing, wanted, out, words, report)


@dataclass
class _Answer:
    """What is found, as far as it is."""

    sizing: Sizing | None = None
    stages: tuple[Stage, ...] = ()
    again: tuple[AssumptionChoice, ...] = ()
    insured: Insurance | None = None

    @property
    def found(self) -> Sizing:
        """The sizing, once there is one."""
        assert self.sizing is not None  # `_keeping` has seen to it
        return self.sizing


@dataclass(frozen=True)
class _Asked:
    """What was asked for of one site, or of one facility of a city."""

    confidence: float
    factors: tuple[float, ...]
    """On demand, of a build-up plan."""
    vary_assumptions: bool
    worlds: int
    """How many; none without `--uncertainty`."""
    share_of_worlds: float
    facility: str | None

    @property
    def of_sites(self) -> Mapping[str, object]:
        """Options that are for sites only."""
        return {"--vary-assumptions": self.vary_assumptions, "--uncertainty": self.worlds}


@dataclass(frozen=True)
class _Sharing:
    """Places that are to be shared out in a city, as was asked for."""

    number: int
    """Of places."""
    step: int
    into: Sequence[str]
    """Houses and rooms that alone may take some."""
    confidence: float


def _size(
    source: Source,
    asked: _Asked,
    wanted: Wanted,
    out: Path | None,
    words: Words,
    lang: str | None,
) -> None:
    """Find the cheapest design, and say so."""
    plan = wanted.plan()
    loaded, sets, facility = _read(source, asked, plan)
    source = (source[0], sets, source[2])
    _check(loaded, facility)
    rules = SearchRules(confidence=asked.confidence, most=wanted.replications or 1)
    for warning in warnings_of_targets(loaded.scenario):
        warn(words.told(warning), words["screen.warning"])
    space = read_space(Original(loaded), facility)
    ends = _ends(source, loaded) if asked.vary_assumptions else ()
    make_ready(wanted.engine_here, loaded.scenario)
    name = f"{space.site.name}-size"
    answer = _Answer()
    with session(name, out, wanted.engine, form=wanted.form) as now, _interruptible(wanted):
        with _experiment(space, plan) as experiment, _keeping(answer, now.target):
            answer.sizing = size(experiment, rules, partial(progress_bar, brief=True))
            answer.stages = _stages(experiment, asked.factors, answer.sizing.search.rules)
            answer.again = _again(experiment, answer.sizing, ends, source)
            insurer = Insurer(space.original, plan, asked.share_of_worlds)
            if asked.worlds:
                answer.insured = _insured(insurer, answer.sizing, asked.worlds, now.draft)
        record = now.record()
        write_sizing(
            answer.found, answer.stages, answer.again, record, now.draft, notes(loaded.source)
        )
        now.draw(lang)
    if plan.cache is not None:
        plan.cache.prune()
    _print(answer, asked, record.seconds, words)
    now.say_where(words)
    if answer.found.unfinished is not None:
        goes_on = words["screen_size.goes_on" if wanted.cache else "screen_size.begins_anew"]
        fail(f"{words['screen_size.interrupted']} {goes_on}", status=130)


def _print(answer: _Answer, asked: _Asked, seconds: float, words: Words) -> None:
    found = answer.found
    space = found.experiment.space
    words = words if space.facility is None else words.of_needs()
    print_sizing(found, seconds, words)
    print_plan(space, answer.stages, words)
    print_again(space, found.chosen, answer.again, words)
    if asked.worlds and found.unfinished is None:
        print_insurance(space, answer.insured, words)


def _read(source: Source, asked: _Asked, plan: Plan) -> tuple[Loaded, tuple[str, ...], str | None]:
    """What is to be sized, the settings that hold its demand, and of a city the facility.

    Raises:
        ScenarioError: what is wrong with it; people come back, and it is no city.
    """
    path, settings, variant = source
    scenario = read_scenario(path, settings, variant).scenario
    if not isinstance(scenario, City):
        if asked.facility is not None:
            fail(
                told(
                    "fail_facility_of_a_site",
                    "--facility is for a city; {file} is one site",
                    file=str(path),
                )
            )
        return *read_visits(path, settings, variant, plan, "size"), None
    names = list(scenario.open_facilities)
    one = asked.facility or (names[0] if len(names) == 1 else None)
    if one is None:
        form = (
            "{file} is a city: add --facility, one of {known}, to size that one with all others as "
            "they are; or --add-places N, to find where N more places help most"
        )
        fail(told("fail_size_of_a_city", form, file=str(path), known=", ".join(names)))
    one = facility_of(scenario, path, one)
    _not_beside("--facility", asked.of_sites)
    return *read_held(path, settings, variant, plan), one


def _not_beside(option: str, others: Mapping[str, object]) -> None:
    """End where options were given that another cannot have beside it."""
    given = [Written(name) for name, value in others.items() if value]
    if given:
        form = "{option} cannot have {others} beside it: leave that out"
        fail(told("fail_leave_out", form, option=option, others=Listed.of(given, "and")))


@contextmanager
def _keeping(answer: _Answer, target: Path) -> Iterator[None]:
    """When it is interrupted, what is known by then is the answer.

    Not where nothing is known, nor where earlier results came to their end: these stay.
    """
    try:
        yield
    except KeyboardInterrupt as stop:
        if isinstance(stop, SizingInterrupted):
            answer.sizing = stop.known
        if answer.sizing is None or holds_finished(target):
            raise
        if answer.sizing.unfinished is None:
            answer.sizing = replace(answer.sizing, unfinished=Unfinished(searching=False))


def _check(loaded: Loaded, facility: str | None) -> None:
    """There must be targets, and something to vary.

    Raises:
        ScenarioError: a target is about no figure, or a part is missing.
    """
    check_targets(loaded.scenario, loaded.source)
    site = loaded.scenario
    if facility is not None:
        site = facility_in(loaded.scenario, facility)
    parts: list[tuple[tuple[str, ...], object, str]] = [
        ((*within(facility), "design"), site.design, "vary: {rooms.injecting.places: 4:10}"),
        (("targets",), loaded.scenario.targets, ""),
    ]
    for path, given, example in parts:
        if not given:
            like = (
                told(
                    "write_for_example",
                    "; write for example `{part}: {{{example}}}`",
                    part=path[-1],
                    example=example,
                )
                if example
                else ""
            )
            message = told(
                "is_not_there_and_nothing_can_be",
                "is not there, and nothing can be sized without it{like}; see docs/sizing.md",
                like=like,
            )
            raise ScenarioError([loaded.source.problem(path, message)])


def _ends(source: Source, loaded: Loaded) -> tuple[End, ...]:
    """Both ends of the range of every assumption."""
    path, settings, variant = source
    with progress_bar(told("count_assumptions_read", "assumptions read"), brief=True) as show:
        ends = read_ends(path, loaded, settings, variant, show)[0]
    if not ends:
        fail(
            told(
                "vary_assumptions_no_value_is_marked_as",
                "--vary-assumptions: no value is marked as an assumption with a range, "
                'such as "# assumption (18-32)"; see docs/what-if.md',
            )
        )
    return ends


def _factors(text: str | None) -> tuple[float, ...]:
    """The growth factors of `1.0:1.5` or `1.0:1.5:0.25`."""
    if text is None:
        return ()
    try:
        factor = parse_factor("grow", text.strip())
    except ValueError as error:
        fail(told("grow_fault", "--grow {text}: {error}", text=text, error=error))
    if factor.listed or factor.low < _ONE:
        fail(
            told(
                "grow_must_be_a_range_of_factors",
                "--grow {text}: must be a range of factors from 1 on, such as 1.0:1.5 or 1:2:0.25",
                text=text,
            )
        )
    step = factor.step or _GROWTH_STEP
    if factor.step == _ONE and ":" in text and text.count(":") == 1:
        step = _GROWTH_STEP  # 1:2 is whole only by the way it is written
    count = int((factor.high - factor.low) / step) + 1
    return tuple(float(factor.low + number * step) for number in range(count))


@contextmanager
def _experiment(space: Space, plan: Plan) -> Iterator[Experiment]:
    design = space.site.design
    assert design is not None  # `_check` has looked
    wanted = observed_targets(space.original.loaded.scenario, design.tolerances)
    opener = plan.pool or this_machine(plan.engine, plan.workers)
    with opener() as pool:
        yield Experiment(space, Setup(pool, plan.seed, plan.engine, wanted, plan.cache))


def _stages(
    experiment: Experiment, factors: Sequence[float], rules: SearchRules
) -> tuple[Stage, ...]:
    if not factors:
        return ()
    if experiment.space.original.loaded.scenario.demand.arrivals is not None:
        fail(
            told(
                "fail_grow_the_scenario_lists_its_visits",
                "--grow: the scenario lists its visits; there is no demand that could grow",
            )
        )
    with progress_bar(
        told("count_designs_decided_as_demand_grows", "designs decided as demand grows"), brief=True
    ) as show:
        return build_up(experiment, factors, rules, show)


def _again(
    experiment: Experiment, found: Sizing, ends: Sequence[End], source: Source
) -> tuple[AssumptionChoice, ...]:
    """The decision at both ends of the range of every assumption."""
    if found.chosen is None or not ends:
        return ()
    with progress_bar(
        told("count_ends_of_assumptions_decided", "ends of assumptions decided"), brief=True
    ) as show:
        return tuple(decide_again(experiment, found.chosen, ends, source, found.decided, show))


def _insured(insurer: Insurer, found: Sizing, worlds: int, draft: Path) -> Insurance | None:
    """The cheapest design for many worlds; None where nothing meets the targets as written.

    Its table is left among the results.
    """
    space, loaded = found.experiment.space, insurer.original.loaded
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    if found.chosen is None or unknowns.is_empty:
        return None
    draw = partial(draw_worlds, unknowns, loaded.scenario, loaded.source, worlds, insurer.plan.seed)
    drawn = draw(0), draw(worlds)
    breaks = found.guard.broken_as_known
    with progress_bar(
        told("count_designs_tried_in_worlds", "designs tried in worlds"), brief=True
    ) as show:
        insured = insure(insurer, space, found.chosen, breaks, drawn, show)
    write_tables({"insurance": insurance_table(space, insured)}, draft)
    return insured


@contextmanager
def _interruptible(wanted: Wanted) -> Iterator[None]:
    """Whenever it is interrupted, what was played until then is kept."""
    try:
        yield
    except KeyboardInterrupt:
        interrupted(kept=wanted.cache)


# --- more places in a city ---------------------------------------------------------------------


def _place(
    source: Source,
    sharing: _Sharing,
    wanted: Wanted,
    out: Path | None,
    words: Words,
    lang: str | None,
) -> None:
    """Find out where to put the places, and say so."""
    path, settings, variant = source
    plan = wanted.plan()
    loaded, _ = read_held(path, settings, variant, plan)
    city = loaded.scenario
    if not isinstance(city, City):
        form = (
            "--add-places is for a city; {file} is one site, whose places `size` finds with "
            "`design:` and `targets:`"
        )
        fail(told("fail_places_of_a_site", form, file=str(path)))
    check_targets(city, loaded.source)
    for warning in warnings_of_targets(city):
        warn(words.told(warning), words["screen.warning"])
    try:
        spots = spots_of(city, sharing.number, sharing.step, sharing.into)
        ways = check_ways(spots, sharing.number, sharing.step)
    except PlacesError as error:
        fail(error.args[0])
    make_ready(wanted.engine_here, city)
    rooms = ", ".join(one.name for one in spots)
    number = words.plural("places.places", sharing.number)
    say(words.tell("places.about_to", ways=ways, places=number, rooms=rooms))
    most = wanted.replications or 1
    placer = Placer(
        Original(loaded), spots, sharing.number, sharing.step, plan, sharing.confidence, most
    )
    name = f"{city.name}-places"
    with session(
        name, out, wanted.engine, PlacesError, cached=wanted.cache, form=wanted.form
    ) as now:
        found = placer.place(partial(progress_bar, brief=True))
        write_placing(found, now.record(), now.draft, notes(loaded.source))
        now.draw(lang)
    print_placing(found, now.seconds, words)
    now.say_where(words)
