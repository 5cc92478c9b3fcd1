"""`run`: simulate a scenario, print the answers, write the results."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib import import_module
from math import isnan
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import pandas as pd
import typer

from sim.cli.console import console, fail, progress_bar, say, warn
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
    ResultsFolder,
    ScenarioFile,
    Seed,
    Settings,
    Uncertainty,
    Variant,
    Workers,
    Xlsx,
    how_many,
    make_ready,
)
from sim.cli.print.choice import print_answers
from sim.cli.print.named import figure_text, unit_text
from sim.cli.print.summary import print_next, print_summary, print_targets
from sim.cli.session import PATIENT, Wanted, form_of, interrupted, only_visits, read_held, session
from sim.engine import Engine
from sim.report import ENGLISH
from sim.report.page.numbers import percent
from sim.report.page.words import Words, catalogue
from sim.results import keep_visits, write_results
from sim.results.files import write_tables
from sim.scenario import Scenario
from sim.scenario.city.outlook import warnings_of
from sim.scenario.derived.outlook import served_told
from sim.scenario.errors.told import told
from sim.scenario.load import Loaded, Original
from sim.scenario.text.notes import notes
from sim.scenario.text.readings import readings
from sim.scenario.uncertainty.draws import draw_worlds
from sim.scenario.uncertainty.ranges import read_unknowns
from sim.study import Plan, StudyResult, run_study
from sim.study.compare.what_if import next_table
from sim.study.estimate.precision import Precision, Standing
from sim.study.estimate.targets import check_targets
from sim.study.run.runner import StudyInterrupted
from sim.study.worlds.answers import Answers, answers, tables
from sim.study.worlds.measured import asked_of
from sim.study.worlds.play import Option, play_worlds


def run_command(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    replications: Annotated[
        int | None,
        how_many(
            "How many times the horizon is played, with new chance. Without it as often as "
            "the headline figures need, 10 to 40 times."
        ),
    ] = None,
    precision: Annotated[
        bool,
        typer.Option("--precision", help="As often as they need, up to 200 times."),
    ] = False,
    max_replications: Annotated[
        int | None,
        how_many("Another highest number than 40 or 200."),
    ] = None,
    seed: Seed = 1,
    out: ResultsFolder = None,
    workers: Workers = PROCESSORS,
    visits: Annotated[
        bool, typer.Option("--visits", help="Also write every visit and overdose response.")
    ] = False,
    as_log: Annotated[
        Literal["visits", "uses", "events", "counts"] | None,
        typer.Option(
            "--as-log",
            help="Also write the first replication as a site would have kept it: log.csv.",
        ),
    ] = None,
    log_with: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="How that log is kept, and what goes wrong with it: round=5,missing_end=0.1.",
        ),
    ] = None,
    engine: EngineOption = Engine.FAST,
    cluster: Cluster = None,
    no_cache: NoCache = False,
    no_report: NoReport = False,
    no_next: Annotated[
        bool,
        typer.Option("--no-next", help="Leave out what would change the answer."),
    ] = False,
    uncertainty: Uncertainty = None,
    worlds: NumberOfWorlds = USUAL_WORLDS,
    lang: Lang = ENGLISH,
    csv: Csv = CsvForm.USUAL,
    xlsx: Xlsx = False,
) -> None:
    """Simulate a scenario, print the answers and write the results."""
    wanted = Wanted(
        replications,
        seed,
        workers,
        engine,
        cluster,
        cache=not no_cache,
        precise=precision,
        max_replications=max_replications,
        form=form_of(csv, xlsx=xlsx),
    )
    plan, words = wanted.plan(), catalogue(lang)
    loaded, _ = read_held(scenario, settings, variant, plan)
    site = loaded.scenario
    check_targets(site, loaded.source)
    for change in loaded.source.changes:
        console(stderr=True).print(words.say("screen.set", change=change))
    for warning in (*readings(loaded.source), *warnings_of(site)):
        warn(words.told(warning), words["screen.warning"])
    make_ready(wanted.engine_here, site)
    beside = notes(loaded.source)
    unknowns_told = site.uncertainty is not None if uncertainty is None else uncertainty
    only_visits(loaded, *(["--as-log"] * bool(as_log)))
    logs = _log_files(site, plan, as_log, log_with or ())
    with session(site.name, out, wanted.engine, form=wanted.form) as now:
        result = _played(site, plan, now.draft if visits else None)
        for name, contents in logs.items():
            (now.draft / name).write_bytes(contents)
        following = None if no_next else _next(site, result, plan)
        if following is not None:
            write_tables({"next": following}, now.draft)
        across = _over_worlds(loaded, result, plan, worlds) if unknowns_told else None
        if across is not None:
            write_tables(tables(across), now.draft)
        write_results(result, site, now.record(), now.draft, beside)
        now.draw(None if no_report else lang, site)
    print_summary(result, site, words)
    if told := served_told(site):
        say("\n" + words.say("screen_run.demand", told=words.told(told)))
    print_targets(site, result, words)
    if following is not None:
        print_next(site, result, following, words)
    if across is not None:
        print_answers(across, site, words)
    _print_precision(result, words)
    now.say_where(words)


def _log_files(
    site: Scenario, plan: Plan, shape: str | None, texts: Sequence[str]
) -> Mapping[str, bytes]:
    """The first replication as a site would have kept it; nothing if nobody asks."""
    if shape is None:
        if texts:
            fail(
                told(
                    "fail_log_with_says_how_as_log",
                    "--log-with says how --as-log is kept; give that too",
                )
            )
        return {}
    keeping = import_module("sim.fit.as_log")  # takes a moment to import, and few need it
    form = keeping.log_form(shape, texts)
    files: Mapping[str, bytes] = keeping.log_of(site, plan.seed, plan.engine, form)
    return files


def _played(scenario: Scenario, plan: Plan, visits: Path | None) -> StudyResult:
    """The study, with single visits written into a folder if there is one."""
    try:
        with (
            nullcontext() if visits is None else keep_visits(visits) as keep,
            progress_bar() as progress,
        ):
            return run_study(scenario, plan, progress=progress, keep=keep)
    except StudyInterrupted as interruption:
        _interrupted(interruption.kept)


def _over_worlds(loaded: Loaded, result: StudyResult, plan: Plan, worlds: int) -> Answers | None:
    """What the answers are over worlds; None where nothing may be otherwise."""
    unknowns = read_unknowns(loaded.scenario, loaded.source)
    if unknowns.is_empty:
        return None
    drawn = draw_worlds(unknowns, loaded.scenario, loaded.source, worlds, plan.seed)
    asked = asked_of(loaded.scenario)
    try:
        with progress_bar(told("count_worlds", "worlds")) as progress:
            option = Option(Original(loaded))
            (played,) = play_worlds([option], drawn, asked, plan, progress=progress)
    except StudyInterrupted as interruption:
        _interrupted(interruption.kept)
    return answers(played, result.figures, loaded.scenario)


def _next(scenario: Scenario, result: StudyResult, plan: Plan) -> pd.DataFrame | None:
    """What would change the answer; None where there is nothing to change."""
    try:
        with progress_bar(
            told(
                "count_replications_of_what_would_change_the",
                "replications of what would change the answer",
            ),
            brief=True,
        ) as progress:
            table = next_table(scenario, result, plan, progress)
    except StudyInterrupted as interruption:
        _interrupted(interruption.kept)
    return table if len(table) else None


def _interrupted(kept: int) -> NoReturn:
    if kept == 1:
        form = (
            "interrupted; 1 finished replication is kept, and the same command goes on from "
            "there; earlier results are as they were"
        )
        fail(told("interrupted_one_kept", form), status=130)
    if kept:
        form = (
            "interrupted; {kept} finished replications are kept, and the same command goes on "
            "from there; earlier results are as they were"
        )
        fail(told("interrupted_some_kept", form, kept=kept), status=130)
    interrupted(kept=False)


def _print_precision(result: StudyResult, words: Words) -> None:
    lines = []
    if result.reused:
        lines.append(words.tell("screen_run.reused", reused=result.reused, count=result.count))
    if result.precision is not None:
        lines.append(_precision_text(result.precision, result.count, words))
    if lines:
        say("\n" + "\n".join(lines))


def _precision_text(precision: Precision, count: int, words: Words) -> str:
    last = precision.decisive
    if precision.reached:
        text = words.tell("screen_run.precise", count=count)
        if last is None:
            return f"{text}."
        return words.say("screen_run.longest", precise=text, figure=_standing(last, words))
    short = [standing for standing in precision.standings if standing.shortfall > 1]
    others = words.tell("screen_run.and_more", number=len(short) - 1) if len(short) > 1 else ""
    figure = _standing(max(short, key=_shortfall), words)
    text = words.tell("screen_run.not_enough", count=count, figure=figure)
    more = "" if count >= PATIENT else words.tell("screen_run.goes_on", most=PATIENT)
    return f"{text}{others}.{more}"


def _shortfall(standing: Standing) -> float:
    return standing.shortfall


def _standing(standing: Standing, words: Words) -> str:
    """`wait.p90 of room injecting (12.70 ± 0.46 min, wanted ± 1.00)`."""
    row = standing.row
    times, unit = percent(row.unit)
    half = "?" if isnan(standing.half_width) else f"{times * standing.half_width:.2f}"
    return words.tell(
        "screen_run.figure",
        figure=figure_text(words, row.metric, row.statistic, row.by),
        value=times * standing.value,
        half=words.local(half),
        unit=unit_text(words, unit),
        wanted=times * standing.wanted,
    )
