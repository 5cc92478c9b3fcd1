"""`sweep`: many designs of one scenario, or its assumptions one at a time."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import Show, fail, progress_bar, warn
from sim.cli.options import (
    PROCESSORS,
    Cluster,
    Csv,
    CsvForm,
    EngineOption,
    Lang,
    NoCache,
    NoReport,
    Out,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Workers,
    Xlsx,
    how_many,
    make_ready,
    whole_number,
)
from sim.cli.print.named import design_text
from sim.cli.print.sweep import print_sweep, print_tornado
from sim.cli.session import Wanted, form_of, play_each, read_held, session
from sim.engine import Engine
from sim.measures import metric_rows
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.results.comparison import write_sweep, write_tornado
from sim.scenario.city.outlook import warnings_of_targets
from sim.scenario.derived.outlook import longer_without_staff
from sim.scenario.errors.problem import Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.load import Loaded, read_scenario
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.notes import notes
from sim.study.compare.comparison import Studied
from sim.study.compare.sweep import (
    SweepDesign,
    factorial,
    factorial_size,
    latin_hypercube,
    parse_factors,
    sweep_of,
    to_play,
    with_shares,
)
from sim.study.compare.tornado import USUAL, read_ends, tornado
from sim.study.estimate.named_figure import TargetError, figure_named
from sim.study.estimate.summary import Key
from sim.study.estimate.targets import check_targets

MOST_RUNS = 10_000
"""Simulations that nobody starts by accident."""
Varied = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="KEY=VALUES",
        help="A value to vary: rooms.injecting.places=4:12 (or 4:12:2, in steps of 2), "
        "demand.visits_per_day=300,400,500. May be repeated: every combination is played.",
    ),
]
Spread = Annotated[
    int | None,
    typer.Option(
        "--lhs",
        parser=whole_number(2, MOST_RUNS),
        metavar="N",
        help="Play N designs spread evenly instead of all.",
    ),
]
OneAtATime = Annotated[
    bool,
    typer.Option(
        "--tornado",
        help='Instead of --vary: every value whose comment says "assumption" and a range is '
        "set to both its ends, one at a time, and ranked by what it moves.",
    ),
]
RankedBy = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        metavar="METRIC.STATISTIC",
        help="Rank by this figure. May be repeated.  "
        "[default: wait.mean, unserved.share, response_first.within_1]",
    ),
]


def sweep_command(
    scenario: ScenarioFile,
    vary: Varied = None,
    lhs: Spread = None,
    tornado_wanted: OneAtATime = False,
    metrics: RankedBy = None,
    settings: Settings = None,
    variant: Variant = None,
    replications: Annotated[
        int,
        how_many("How many times each design is played, with the same people."),
    ] = 10,
    seed: Seed = 1,
    out: Out = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    cluster: Cluster = None,
    no_cache: NoCache = False,
    yes: Annotated[
        bool, typer.Option("--yes", help=f"Go on even if it takes over {MOST_RUNS:,} simulations.")
    ] = False,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
    csv: Csv = CsvForm.USUAL,
    xlsx: Xlsx = False,
) -> None:
    """Play many designs of a scenario with the same people; or find what moves the answer."""
    form = form_of(csv, xlsx=xlsx)
    wanted = Wanted(replications, seed, workers, engine, cluster, cache=not no_cache, form=form)
    loaded, sets = read_held(scenario, settings, variant, wanted.plan())
    if tornado_wanted == bool(vary):
        fail(
            told(
                "fail_needs_either_vary_key_values_or",
                "needs either --vary KEY=VALUES or --tornado; see --help",
            )
        )
    check_targets(loaded.scenario, loaded.source)
    report, words = None if no_report else lang, catalogue(lang)
    for warning in warnings_of_targets(loaded.scenario):
        warn(words.told(warning), words["screen.warning"])
    source = (scenario, list(sets), variant)
    if tornado_wanted:
        if lhs is not None:
            fail(
                told(
                    "fail_tornado_varies_one_assumption_at_a",
                    "--tornado varies one assumption at a time; leave out --lhs",
                )
            )
        _tornado(
            source,
            loaded,
            _keys(metrics or (), loaded.scenario),
            wanted,
            out,
            words,
            yes=yes,
            lang=report,
        )
        return
    if metrics:
        fail(
            told(
                "fail_metric_is_for_tornado_the_table",
                "--metric is for --tornado; the table of a sweep has every figure",
            )
        )
    _sweep(source, loaded, vary or (), lhs, wanted, out, words, yes=yes, lang=report)


Source = tuple[Path, list[str], str | None]
"""File, settings and variant."""


def _sweep(
    source: Source,
    loaded: Loaded,
    vary: Sequence[str],
    lhs: int | None,
    wanted: Wanted,
    out: Path | None,
    words: Words,
    *,
    yes: bool,
    lang: str | None,
) -> None:
    factors = parse_factors(vary)
    number = factorial_size(factors) if lhs is None else lhs
    _check_size(
        number,
        wanted,
        yes=yes,
        advice=told("use_wider_steps_or_lhs_100", "use wider steps, or --lhs 100"),
    )
    if lhs is None:
        designs, how = factorial(factors), "full factorial"
    else:
        designs, how = latin_hypercube(factors, lhs, wanted.seed), "latin hypercube"
    with progress_bar(told("count_designs_read", "designs read"), brief=True) as show:
        scenarios = _read_designs(source, loaded.scenario, designs, show)
    _warn_of_hours(loaded.scenario, designs, scenarios, words)
    beside, name = notes(loaded.source), f"{loaded.scenario.name}-sweep"
    with session(name, out, wanted.engine, cached=wanted.cache, form=wanted.form) as now:
        make_ready(wanted.engine_here, loaded.scenario)
        played = to_play(loaded.scenario, scenarios)
        with closing(play_each(played, wanted.plan())) as results:
            found = sweep_of(designs, how, loaded.scenario, scenarios, results)
        with progress_bar(told("count_designs_written", "designs written"), brief=True) as show:
            write_sweep(found, now.record(), now.draft, beside, show)
        now.draw(lang)
    print_sweep(found, loaded.scenario, words)
    now.say_where(words)


def _tornado(
    source: Source,
    loaded: Loaded,
    keys: Sequence[Key],
    wanted: Wanted,
    out: Path | None,
    words: Words,
    *,
    yes: bool,
    lang: str | None,
) -> None:
    path, settings, variant = source
    with progress_bar(told("count_assumptions_read", "assumptions read"), brief=True) as show:
        ends, not_varied = read_ends(path, loaded, settings, variant, show)
    if not ends:
        fail(
            told(
                "no_value_is_marked_as_an_assumption",
                'no value is marked as an assumption with a range, such as "# assumption '
                '(18-32)"; see docs/what-if.md',
            )
        )
    _check_size(
        len(ends) + 1,
        wanted,
        yes=yes,
        advice=told("use_fewer_replications", "use fewer replications"),
    )
    beside, name = notes(loaded.source), f"{loaded.scenario.name}-tornado"
    scenarios = (loaded.scenario, *(end.scenario for end in ends))
    with session(name, out, wanted.engine, cached=wanted.cache, form=wanted.form) as now:
        make_ready(wanted.engine_here, loaded.scenario)
        with closing(play_each(scenarios, wanted.plan())) as results:
            base = Studied(loaded.scenario.name, loaded.scenario, next(results))
            studied = (
                Studied(f"{end.assumed.name} {end.name}", end.scenario, result)
                for end, result in zip(ends, results, strict=True)
            )
            found = tornado(base, ends, studied, keys, not_varied)
        write_tornado(found, now.record(), now.draft, beside)
        now.draw(lang)
    print_tornado(found, words)
    now.say_where(words)


def _check_size(number: int, wanted: Wanted, *, yes: bool, advice: str) -> None:
    runs = number * (wanted.replications or 1)
    if runs > MOST_RUNS and not yes:
        fail(
            told(
                "designs_of_replications_are_simulations_or_add",
                "{number:,} designs of {replications} replications are {runs:,} "
                "simulations; {advice}; or add --yes if you mean it",
                number=number,
                replications=wanted.replications,
                runs=runs,
                advice=advice,
            )
        )


def _read_designs(
    source: Source, base: Scenario, designs: Sequence[SweepDesign], show: Show
) -> tuple[Scenario, ...]:
    path, settings, variant = source
    found: list[Scenario] = []
    # What is wrong with one design is wrong with many; it is told once.
    problems: dict[tuple[str, str], Problem] = {}
    for number, design in enumerate(designs):
        show(number, len(designs))
        try:
            sets = with_shares(settings, design, base)
            found.append(read_scenario(path, sets, variant).scenario)
        except ScenarioError as error:
            for one in error.problems:
                problems.setdefault((one.path, one.message), one)
    if problems:
        raise ScenarioError(problems.values())
    return tuple(found)


def _warn_of_hours(
    base: Scenario, designs: Sequence[SweepDesign], scenarios: Sequence[Scenario], words: Words
) -> None:
    """Say in how many designs the site is open without staff for longer than it is as it is."""
    found = [
        (design, told)
        for design, scenario in zip(designs, scenarios, strict=True)
        for told in longer_without_staff(base, scenario, base.name)
    ]
    if found:
        first, told = found[0]
        text = words.tell(
            "screen_sweep.in_designs",
            number=len(found),
            of=len(designs),
            first="; ".join(design_text(words, key, value, base) for key, value in first),
            told=told,
        )
        warn(text, words["screen.warning"])


def _keys(metrics: Sequence[str], scenario: Scenario) -> tuple[Key, ...]:
    """The figures named, each of all visits, places or staff."""
    whole = [row for row in metric_rows(scenario) if row.by == "all"]
    known = {(row.metric, row.statistic) for row in whole}
    if not metrics:
        return tuple((*name, "all") for name in USUAL if name in known)
    found = []
    for text in metrics:
        try:
            found.append((*figure_named(text, whole), "all"))
        except TargetError as error:
            fail(told("metric_fault", "--metric {text}: {error}", text=text, error=error))
    return tuple(found)
