"""`rota plan`: the shifts that cover the need, each plan simulated and compared."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from sim.cli.commands.report import Lang, NoReport, draw_into, print_where
from sim.cli.console import console, fail, progress_bar
from sim.cli.options import (
    MOST_REPLICATIONS,
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
    whole_number,
)
from sim.cli.print.comparison import print_comparison, print_rules
from sim.cli.print.rota import print_plans
from sim.engine import Engine
from sim.report import ENGLISH
from sim.results import ResultsError, Run, new_results
from sim.results.comparison import write_comparison, write_plans
from sim.results.files import write_tables
from sim.rota.check.check import breaches_with_breaks
from sim.rota.check.comparison import all_breaches, breaches_of, hours_table
from sim.rota.check.rules import NeedError, Roles, staff_of
from sim.rota.need.need import Counts, allot, requirement
from sim.rota.need.refine import refine
from sim.rota.need.tables import by_hour, given_table, read_need, roles_table, work_table
from sim.rota.plan.cover import Cover
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
from sim.scenario.text.notes import notes
from sim.study import Plan, StudyError
from sim.study.compare.best import may_be_best
from sim.study.compare.comparison import Comparison, Studied, compare, equal_cost
from sim.study.compare.matters import headlines
from sim.study.run.runner import study_each


def plan_command(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    need: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A need that was handed down, as CSV or Excel: from, to, needed and, if wanted, "
            "role and days; or the need.csv of rota need.",
        ),
    ] = None,
    need_replications: Annotated[
        int,
        typer.Option(
            parser=whole_number(0, MOST_REPLICATIONS),
            metavar="N",
            help="For the need by simulation; 0 takes that by formula.",
        ),
    ] = 10,
    replications: Annotated[
        int,
        typer.Option(
            parser=whole_number(1, MOST_REPLICATIONS),
            metavar="N",
            help="How many times each plan is played, with the same people.",
        ),
    ] = 10,
    with_breaches: Annotated[
        bool, typer.Option("--with-breaches", help="Show plans that break a rule as well.")
    ] = False,
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
    target = RESULTS / f"{site.name}-plan" if out is None else out
    started, clock = datetime.now(UTC), time.perf_counter()
    try:
        given = None if need is None else read_need(need, site)
        make_ready(engine)
        with new_results(target) as draft:
            study = Plan(seed, replications, workers, engine)
            if given is None:
                wanted, tables = _own_need(site, study, need_replications)
            else:
                wanted, tables = _given(site, given)
            by_role = allot(staff_of(site), by_hour(wanted))
            lasting = minutes_after_closing(site, by_role, study)
            found = plans_for(site, wanted, spans_of(site, lasting))
            judged = found if with_breaches else keeping_rules(found)
            plans = [one.plan for one in judged]
            comparison = _simulated(site, plans, study)
            studied = (comparison.base, *comparison.options)
            shown = [one for one in headlines(rotas=True) if not one.echo]
            best = may_be_best(studied, [(one.metric, one.statistic, "all") for one in shown])
            costs = equal_cost(comparison)
            variants = {one.name: changes_of(one) for one in plans}
            breaches = breaches_of(studied)
            write_plans(site, variants, draft)
            run = Run(shlex.join(sys.argv), started, time.perf_counter() - clock, engine)
            tables["plans"] = plans_table(site, judged)
            tables |= {"breaches": all_breaches(breaches), "staff_by_hour": hours_table(studied)}
            write_tables(tables, draft)
            write_comparison(comparison, best, costs, run, draft, notes(loaded.source))
            draw_into(draft, target, None if no_report else lang)
    except (NeedError, ResultsError, StudyError) as error:
        fail(str(error))
    print_plans(comparison, judged, breaches_with_breaks(site))
    print_comparison(comparison, best, costs)
    print_rules(studied, breaches)
    console().print(f"\nThe plans are variants of {target}{os.sep}plans.yaml", soft_wrap=True)
    print_where(target)


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
