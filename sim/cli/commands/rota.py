"""`rota`: who is needed when, which shifts cover it, rotas in and out, and whether they may be."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

import pandas as pd
import typer

from sim.cli.console import expecting, fail, progress_bar, say, styled
from sim.cli.options import (
    PROCESSORS,
    Csv,
    CsvForm,
    EngineOption,
    Lang,
    NoReport,
    OneFacility,
    Out,
    ScenarioFile,
    Seed,
    Settings,
    Stressing,
    Variant,
    Workers,
    Xlsx,
    how_many,
    make_ready,
)
from sim.cli.print.comparison import print_comparison, print_rules, print_stress
from sim.cli.print.rota import print_check, print_need, print_overtime, print_plans
from sim.cli.session import (
    facility_of,
    form_of,
    one_site,
    play_named,
    play_stressed,
    read_one,
    session,
)
from sim.engine import Engine
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.report.report import checked_page
from sim.results import ResultsError
from sim.results.comparison import write_comparison, write_plans
from sim.results.files import write_table, write_tables
from sim.results.folder import writing
from sim.results.manifest import write_manifest
from sim.results.scenario import extending_yaml, write_notes, write_scenario
from sim.results.spreadsheets import excel_csv, write_as_workbook
from sim.rota.check.check import breaches_table, breaches_with_breaks, check_rota
from sim.rota.check.comparison import (
    Survival,
    all_breaches,
    breaches_of,
    hours_table,
    stress_table,
    survivals,
)
from sim.rota.check.overtime import NotPlayedError, may_stay, play_overtime
from sim.rota.check.rules import NeedError, Roles, staff_of
from sim.rota.files.entries import ExportError
from sim.rota.files.events import CALENDAR
from sim.rota.files.read import read_rota
from sim.rota.files.write import (
    Table,
    calendar,
    csv_text,
    grid_tables,
    long_table,
    write_excel,
)
from sim.rota.need.need import Counts, allot, requirement
from sim.rota.need.refine import Refined, refine
from sim.rota.need.tables import by_hour, given_table, read_need, roles_table, work_table
from sim.rota.plan.plans import (
    changes_of,
    keeping_rules,
    minutes_after_closing,
    planned,
    plans_for,
    plans_table,
    spans_of,
)
from sim.scenario import Scenario, read_scenario
from sim.scenario.city.model import City
from sim.scenario.city.system import is_system, system_of
from sim.scenario.derived.roster import period_of
from sim.scenario.derived.staffing import days_without
from sim.scenario.errors.problem import of_system
from sim.scenario.errors.told import told
from sim.scenario.tables.files import EXCEL, file_and_sheet
from sim.scenario.tables.sheet import harmless
from sim.scenario.text.names import is_name
from sim.scenario.text.notes import notes
from sim.study import Plan, StudyError
from sim.study.compare.best import Best, may_be_best
from sim.study.compare.comparison import Comparison, compare, equal_cost
from sim.study.compare.matters import headlines

_CSV = ".csv"


def import_command(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A rota, .csv, .xlsx, .ods or .ics; a sheet as FILE#NAME."
        ),
    ],
    scenario: Annotated[
        Path,
        typer.Option("--scenario", metavar="SCENARIO", help="The scenario that is to have it."),
    ],
    codes: Annotated[
        Path | None,
        typer.Option(help="Table of codes of shifts.  [default: <name>-codes.csv beside it]"),
    ] = None,
    timezone: Annotated[
        str,
        typer.Option(metavar="ZONE", help="Of a calendar that names none, as Europe/Copenhagen."),
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="The new scenario.  [default: <name>.yaml beside FILE]")
    ] = None,
    lang: Lang = ENGLISH,
    facility: OneFacility = None,
) -> None:
    """Make a scenario with the rota of a file; nothing is written if anything is wrong."""
    words = catalogue(lang)
    whole = read_scenario(scenario).scenario
    site, house = _house(whole, scenario, facility)
    staff, read_as = read_rota(file, site, codes, timezone)
    table = file_and_sheet(file)[0]
    target = table.with_suffix(".yaml") if out is None else out
    if target.exists():
        fail(
            told(
                "is_already_there_name_another_file_with",
                "{target} is already there; name another file with --out",
                target=target,
            )
        )
    name = f"{whole.name}-{table.stem}"
    text = extending_yaml(
        os.path.relpath(scenario.resolve(), target.resolve().parent),
        name if is_name(name) else f"{whole.name}-rota",
        staff,
        house,
    )
    _write(target, lambda draft: draft.write_text(text, encoding="utf-8", newline="\n"))
    rostered = site.model_copy(update={"staff": staff})
    text = words.tell(
        "screen_rota.imported",
        file=target,
        number=len(staff.rota),
        rota=_said(rostered, words),
        scenario=scenario,
    )
    say(text, soft_wrap=True)
    for note in read_as:
        say(words.say("screen_rota.read_as", note=words.told(note)), soft_wrap=True)
    for warning in days_without(rostered):
        label = words["screen.warning"]
        say(styled("[yellow]{}[/yellow] {}", label, words.told(warning)), soft_wrap=True)


def _said(site: Scenario, words: Words) -> str:
    """`a rota of 2 weeks, 14 shifts`, or of dates."""
    staff, period = staff_of(site), period_of(site)
    if period.first is None:
        people = sum(
            line.count * len(line.days) * (len(set(line.weeks)) or staff.cycle_weeks)
            for line in staff.rota
        )
        weeks = words.plural("screen_rota.weeks", staff.cycle_weeks)
        return words.tell("screen_rota.of_weeks_read", weeks=weeks, shifts=people)
    days = sorted(day for line in staff.rota for day in line.dates)
    people = sum(line.count * len(line.dates) for line in staff.rota)
    return words.tell("screen_rota.of_dates", first=days[0], last=days[-1], shifts=people)


def export_command(
    scenario: ScenarioFile,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="To .csv, .xlsx or .ics.")],
    layout: Annotated[
        Literal["long", "grid"],
        typer.Option(help="A row for each shift, or rows of staff by columns of days."),
    ] = "long",
    settings: Settings = None,
    variant: Variant = None,
    csv: Csv = CsvForm.USUAL,
    lang: Lang = ENGLISH,
    facility: OneFacility = None,
) -> None:
    """Write a scenario's rota as a table or a calendar."""
    site, _ = _house(read_scenario(scenario, settings or (), variant).scenario, scenario, facility)
    with expecting(ExportError, NeedError):
        files = _exported(site, out, layout, csv)
        for path, write in files:
            _write(path, write)
    words = catalogue(lang)
    names = words["screen_rota.and"].join(str(path) for path, _ in files)
    say(words.say("screen_rota.written", files=names), soft_wrap=True)


def _house(whole: Scenario, path: Path, facility: str | None) -> tuple[Scenario, str | None]:
    """The site whose rota is read or written, and its name if it is one of a city; not visited."""
    if not isinstance(whole, City):
        one_site(path, facility)
        return whole, None
    name = facility_of(whole, path, facility)
    return system_of(whole).sites[name], name


def _site_of(path: Path, settings: Settings, variant: str | None, facility: str | None) -> Scenario:
    """The site whose rota it is; nothing is played where a file is of one site."""
    scenario = read_scenario(path, settings or (), variant).scenario
    if is_system(scenario) or facility is not None:
        return read_one(path, settings, variant, Plan(), facility)[0].scenario
    return scenario


Write = Callable[[Path], object]


def _exported(
    site: Scenario, out: Path, layout: str, csv: CsvForm = CsvForm.USUAL
) -> list[tuple[Path, Write]]:
    """The files to write, and how."""
    suffix = out.suffix.lower()
    if suffix == CALENDAR:
        events = calendar(site)
        return [(out, lambda draft: draft.write_bytes(events))]
    if suffix not in {_CSV, EXCEL}:
        fail(told("must_end_in_csv_xlsx_or_ics", "{out} must end in .csv, .xlsx or .ics", out=out))
    tables = [("rota", long_table(site))]
    if layout == "grid":
        rota, codes = grid_tables(site)
        tables = [("rota", rota), ("codes", codes)]
    if suffix == EXCEL:
        return [(out, lambda draft: write_excel(tables, draft))]
    paths = (out, out.with_name(f"{out.stem}-codes.csv"))
    return [
        (path, partial(_write_csv, rows, csv))
        for path, (_, rows) in zip(paths, tables, strict=False)
    ]


def _write_csv(rows: Table, form: CsvForm, path: Path) -> None:
    if form is CsvForm.EXCEL:
        text = excel_csv([[harmless(cell) for cell in row] for row in rows])
    else:
        text = csv_text(rows)
    path.write_text(text, encoding="utf-8", newline="\n")


def _write(path: Path, write: Write) -> None:
    """Write a file whole, or not at all."""
    draft = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        draft.replace(path)
    except OSError as error:
        fail(
            told(
                "cannot_be_written_rota",
                "{path} cannot be written: {one}",
                path=path,
                one=of_system(error),
            )
        )
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


HandedDown = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A need that was handed down, as CSV or Excel: from, to, needed and, if wanted, "
        "role and days; or the need.csv of rota need.",
    ),
]


def plan_command(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    need: HandedDown = None,
    need_replications: Annotated[
        int,
        how_many("For the need by simulation; 0 takes that by formula.", 0),
    ] = 10,
    replications: Annotated[
        int,
        how_many("How many times each plan is played, with the same people."),
    ] = 10,
    with_breaches: Annotated[
        bool, typer.Option("--with-breaches", help="Show plans that break a rule as well.")
    ] = False,
    stress: Stressing = False,
    seed: Seed = 1,
    out: Out = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
    csv: Csv = CsvForm.USUAL,
    xlsx: Xlsx = False,
    facility: OneFacility = None,
) -> None:
    """The cheapest shifts that cover the need, and near-best ones, simulated and compared."""
    study = Plan(seed, replications, workers, engine)
    loaded, _ = read_one(scenario, settings, variant, study, facility)
    site = loaded.scenario
    with expecting(NeedError):
        given = None if need is None else read_need(need, site)
    make_ready(engine)
    form, words = form_of(csv, xlsx=xlsx), catalogue(lang)
    with session(f"{site.name}-plan", out, engine, NeedError, form=form) as now:
        if given is None:
            wanted, tables = _own_need(site, study, need_replications)
        else:
            wanted, tables = _given(site, given)
        by_role = allot(staff_of(site), by_hour(wanted))
        with progress_bar(brief=True) as show:
            lasting = minutes_after_closing(site, by_role, study, show)
        with progress_bar(
            told("count_plans_searched_for", "plans searched for"), brief=True
        ) as show:
            found = plans_for(site, wanted, spans_of(site, lasting), show)
        judged = found if with_breaches else keeping_rules(found)
        plans = [one.plan for one in judged]
        scenarios = {site.name: site, **{one.name: planned(site, one) for one in plans}}
        comparison = _simulated(scenarios, study)
        studied = (comparison.base, *comparison.options)
        best = may_be_best(studied, _RANKED)
        ranks = _in_bad_times(best, scenarios, study, tables) if stress else ()
        costs, breaches = equal_cost(comparison), breaches_of(studied)
        tables["plans"] = plans_table(site, judged)
        tables |= {"breaches": all_breaches(breaches), "staff_by_hour": hours_table(studied)}
        record = now.record()
        write_plans(site, {one.name: changes_of(one) for one in plans}, now.draft)
        write_tables(tables, now.draft)
        write_comparison(comparison, best, costs, record, now.draft, notes(loaded.source))
        now.draw(None if no_report else lang)
    print_plans(comparison, judged, breaches_with_breaks(site), words)
    print_comparison(comparison, best, costs, words)
    print_rules(studied, breaches, words)
    print_stress(ranks, words)
    file = f"{now.target}{os.sep}plans.yaml"
    say("\n" + words.say("screen_rota.plans_in", file=file), soft_wrap=True)
    now.say_where(words)


_Need = tuple[dict[Roles, Counts], dict[str, pd.DataFrame]]
"""People wanted by set of roles, and the tables that say so."""


def _own_need(site: Scenario, plan: Plan, replications: int) -> _Need:
    """The need worked out for the site; by so many replications a round, if any."""
    formula = requirement(site)
    refined, by_set = None, tuple(one.staff for one in formula.asked)
    if replications:
        with progress_bar() as show:
            refined = refine(site, formula, replace(plan, replications=replications), show)
        by_set = refined.by_set
    tables = {
        "need": roles_table(site, formula, refined),
        "work": work_table(formula, refined),
    }
    sets = (one.roles for one in formula.asked)
    return dict(zip(sets, by_set, strict=True)), tables


def _given(site: Scenario, given: dict[Roles, Counts]) -> _Need:
    """The need handed down."""
    return given, {"need": given_table(site, by_hour(given))}


def _simulated(scenarios: Mapping[str, Scenario], plan: Plan) -> Comparison:
    """The rota of today and the plans, all met by the same people."""
    studied = play_named(scenarios, plan)
    with progress_bar(told("count_options_compared", "options compared"), brief=True) as show:
        return compare(studied[0], studied[1:], progress=show)


_RANKED = [(one.metric, one.statistic, "all") for one in headlines(rotas=True) if not one.echo]
"""Figures of which it is asked which rota may be the best."""


def _in_bad_times(
    best: Sequence[Best],
    scenarios: Mapping[str, Scenario],
    plan: Plan,
    tables: dict[str, pd.DataFrame],
) -> tuple[Survival, ...]:
    """What becomes of each ranking under the stress tests; the table of them is added."""
    stressed = play_stressed(scenarios, plan)
    found = survivals(best, stressed, {})
    tables["stress"] = stress_table(found, stressed)
    return found


_BROKEN = 1

rota_app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Rotas: who is needed when, which shifts cover it, whether a rota keeps the rules.",
)


@rota_app.command()
def need(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    replications: Annotated[
        int,
        how_many("Of each round of simulation; 0 for the formula alone.", 0),
    ] = 10,
    seed: Seed = 1,
    out: Out = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    csv: Csv = CsvForm.USUAL,
    xlsx: Xlsx = False,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
    facility: OneFacility = None,
) -> None:
    """How many of which role are needed in each hour of the week."""
    plan = Plan(seed, engine=engine, workers=workers)
    loaded, _ = read_one(scenario, settings, variant, plan, facility)
    site = loaded.scenario
    refined: Refined | None = None
    with expecting(NeedError):
        formula = requirement(site)
    form = form_of(csv, xlsx=xlsx)
    with session(f"{site.name}-need", out, engine, NeedError, form=form) as now:
        if replications:
            make_ready(engine)
            with progress_bar() as show:
                refined = refine(site, formula, Plan(seed, replications, workers, engine), show)
        tables = {
            "need": roles_table(site, formula, refined),
            "work": work_table(formula, refined),
        }
        write_tables(tables, now.draft)
        played = {"seed": seed, "replications": replications}
        with writing(now.draft):
            write_notes(notes(loaded.source), now.draft)
            write_scenario(site, now.draft / "scenario.yaml")
        write_manifest(now.draft, site, played, now.record())
        now.draw(None if no_report else lang)
    words = catalogue(lang)
    print_need(site, formula, refined, words)
    now.say_where(words)


rota_app.command(name="plan")(plan_command)


@rota_app.command()
def check(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every breach to a table, .csv or .xlsx."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html",
            help="Write a page: the rules, a bar a person, and a week to hang on the wall.",
        ),
    ] = None,
    lang: Lang = ENGLISH,
    facility: OneFacility = None,
) -> None:
    """Check a rota against its rules. Exit status 1 if any is broken.

    Where staff stay after closing until nobody is inside, a few weeks are played to see how long.
    """
    site, words = _site_of(scenario, settings, variant, facility), catalogue(lang)
    with expecting(NeedError, ResultsError):
        found = check_rota(site)
        if out is not None:
            write = write_as_workbook if out.suffix.lower() == EXCEL else write_table
            write(breaches_table(found.breaches, words.told), out)
    if page is not None:
        html = checked_page(site, lang)
        _write(page, lambda draft: draft.write_text(html, encoding="utf-8", newline="\n"))
    print_check(site, found, words)
    if may_stay(site):
        plan = Plan(workers=PROCESSORS)
        with expecting(StudyError):
            site = read_one(scenario, settings, variant, plan, facility)[0].scenario
            make_ready(plan.engine)
            try:
                with progress_bar(brief=True) as show:
                    overtime = play_overtime(site, plan, show)
                print_overtime(overtime, found, words)
            except NotPlayedError as why:
                say("\n" + words.say("screen_rota.not_played", why=why))
    for warning in days_without(site):
        label = words["screen.warning"]
        say(styled("\n[yellow]{}[/yellow] {}", label, words.told(warning)))
    if found.breaches:
        raise typer.Exit(_BROKEN)


rota_app.command(name="import")(import_command)
rota_app.command(name="export")(export_command)
