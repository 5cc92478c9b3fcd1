"""`rota plan`: the shifts that cover the need, each plan simulated and compared."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from sim.cli.compare_print import print_comparison
from sim.cli.compare_rota import print_rules
from sim.cli.console import console, fail, progress_bar
from sim.cli.options import (
    PROCESSORS,
    RESULTS,
    EngineOption,
    Out,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Workers,
    make_ready,
)
from sim.cli.report import Lang, NoReport, draw_into, print_where
from sim.engine import Engine
from sim.measures.staff import posts, shift_labels
from sim.report import ENGLISH
from sim.results import ResultsError, Run, new_results
from sim.results.comparison import write_comparison
from sim.results.rota import write_more, write_plans
from sim.rota.compared import all_breaches, breaches_of, hours_table
from sim.rota.cover import Cover, covers
from sim.rota.need import NeedError, requirement, rules_of, staff_of
from sim.rota.need_tables import roles_table, work_table
from sim.rota.plans import changes_of, planned, plans_table
from sim.rota.refine import Plan as Rounds
from sim.rota.refine import refine
from sim.scenario import Scenario, read_scenario
from sim.scenario.hours import DAYS, clock_text
from sim.scenario.source_notes import notes
from sim.scenario.staff import Shift
from sim.study import Plan, StudyError
from sim.study.best import may_be_best
from sim.study.compare import Comparison, compare
from sim.study.compare_cost import equal_cost
from sim.study.compare_matters import headlines
from sim.study.compare_pairs import Studied
from sim.study.compare_studies import study_each

_SURE = 0.001
"""A possible saving below this is not worth a word."""


def plan_command(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    need_replications: Annotated[
        int, typer.Option(min=0, help="For the need by simulation; 0 takes that by formula.")
    ] = 10,
    replications: Annotated[
        int, typer.Option(min=1, help="How many times each plan is played, with the same people.")
    ] = 10,
    seed: Seed = 1,
    out: Out = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
) -> None:
    """The cheapest shifts that cover the need, and near-best ones, simulated and compared."""
    loaded = read_scenario(scenario, settings or (), variant)
    site = loaded.scenario
    rules, target = rules_of(site), RESULTS / f"{site.name}-plan" if out is None else out
    started, clock = datetime.now(UTC), time.perf_counter()
    make_ready(engine)
    try:
        with new_results(target) as draft:
            formula = requirement(site)
            refined, by_set = None, tuple(one.staff for one in formula.asked)
            if need_replications:
                with progress_bar() as show:
                    rounds = Rounds(need_replications, seed, workers, engine)
                    refined = refine(site, formula, rounds, show)
                by_set = refined.by_set
            sets = (one.roles for one in formula.asked)
            plans = covers(staff_of(site), rules, dict(zip(sets, by_set, strict=True)))
            comparison = _simulated(site, plans, Plan(seed, replications, workers, engine))
            studied = (comparison.base, *comparison.options)
            shown = [one for one in headlines(rotas=True) if not one.echo]
            best = may_be_best(studied, [(one.metric, one.statistic, "all") for one in shown])
            costs = equal_cost(comparison)
            variants = {one.name: changes_of(one) for one in plans}
            tables = {
                "need": roles_table(site, formula, refined),
                "work": work_table(formula, refined),
                "plans": plans_table(site, plans),
            }
            breaches = breaches_of(studied)
            write_plans(site, variants, tables, draft)
            run = Run(shlex.join(sys.argv), started, time.perf_counter() - clock, engine)
            more = {"breaches": all_breaches(breaches), "staff_by_hour": hours_table(studied)}
            write_more(more, draft)
            write_comparison(comparison, best, costs, run, draft, notes(loaded.source))
            draw_into(draft, None if no_report else lang)
    except (NeedError, ResultsError, StudyError) as error:
        fail(str(error))
    _print_plans(site, plans)
    print_comparison(comparison, best, costs)
    print_rules(studied, breaches)
    console().print(
        f"\nThe plans are variants of {target}{os.sep}plans.yaml", highlight=False, soft_wrap=True
    )
    print_where(target)


def _simulated(site: Scenario, plans: Sequence[Cover], plan: Plan) -> Comparison:
    """The rota of today and the plans, all met by the same people."""
    scenarios = [site, *(planned(site, one) for one in plans)]
    of = plan.replications * len(scenarios)
    with progress_bar() as show:
        studies = study_each(
            scenarios,
            plan,
            lambda number: lambda done, _: show(number * plan.replications + done, of),
        )
        names = (site.name, *(one.name for one in plans))
        studied = [
            Studied(name, one, result)
            for name, one, result in zip(names, scenarios, studies, strict=True)
        ]
    return compare(studied[0], studied[1:])


def _print_plans(site: Scenario, plans: Sequence[Cover]) -> None:
    staff, out = staff_of(site), console()
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("plan")
    for heading in ("h/week", f"{staff.currency}/week", "posts", "shifts/week"):
        table.add_column(heading, justify="right")
    table.add_column("", no_wrap=True)
    for one in plans:
        rostered = staff_of(planned(site, one))
        free = all(role.cost_per_hour == 0 for role in staff.roles.values())
        cost = "-" if free else f"{one.cost:,.0f}"
        row = (
            f"{one.hours:,.0f}",
            cost,
            f"{sum(posts(rostered, role) for role in rostered.roles):.1f}",
            f"{one.shifts:,.0f}",
        )
        table.add_row(f"[bold]{escape(one.name)}[/bold]", *row, one.words)
    out.print(table)
    if plans[0].gap > _SURE:
        out.print(
            f"[dim]The search was cut short: a plan up to {plans[0].gap:.1%} cheaper than the "
            "cheapest here\nis not ruled out.[/dim]",
            highlight=False,
        )
    for one in plans:
        out.print(f"\n[bold]{escape(one.name)}[/bold]", highlight=False)
        rostered = staff_of(planned(site, one))
        for line, label in zip(rostered.rota, shift_labels(rostered), strict=True):
            out.print(f"  {line.count} {escape(_text(line, label))}", highlight=False)


def _text(line: Shift, label: str) -> str:
    hours = f"{clock_text(line.start)}-{clock_text(line.end)}"
    name = f"{label} {hours}" if line.name else f"{line.role} {hours}"
    days = "" if len(line.days) == len(DAYS) else " " + "+".join(DAYS[day] for day in line.days)
    weeks = "" if not line.weeks else f" in week {', '.join(map(str, line.weeks))}"
    return name + days + weeks
