"""`rota plan`: the shifts that cover the need, each plan simulated and compared."""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from sim.cli.console import expecting, progress_bar, say
from sim.cli.options import (
    PROCESSORS,
    EngineOption,
    Lang,
    NoReport,
    Out,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Workers,
    how_many,
    make_ready,
)
from sim.cli.print.comparison import print_comparison, print_rules
from sim.cli.print.rota import print_plans
from sim.cli.session import play_each, session
from sim.engine import Engine
from sim.report import ENGLISH
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
from sim.study import Plan
from sim.study.compare.best import may_be_best
from sim.study.compare.comparison import Comparison, Studied, compare, equal_cost
from sim.study.compare.matters import headlines

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
    with expecting(NeedError):
        given = None if need is None else read_need(need, site)
    make_ready(engine)
    study = Plan(seed, replications, workers, engine)
    with session(f"{site.name}-plan", out, engine, NeedError) as now:
        if given is None:
            wanted, tables = _own_need(site, study, need_replications)
        else:
            wanted, tables = _given(site, given)
        by_role = allot(staff_of(site), by_hour(wanted))
        found = plans_for(site, wanted, spans_of(site, minutes_after_closing(site, by_role, study)))
        judged = found if with_breaches else keeping_rules(found)
        plans = [one.plan for one in judged]
        comparison = _simulated(site, plans, study)
        studied = (comparison.base, *comparison.options)
        shown = [one for one in headlines(rotas=True) if not one.echo]
        best = may_be_best(studied, [(one.metric, one.statistic, "all") for one in shown])
        costs, breaches = equal_cost(comparison), breaches_of(studied)
        tables["plans"] = plans_table(site, judged)
        tables |= {"breaches": all_breaches(breaches), "staff_by_hour": hours_table(studied)}
        record = now.record()
        write_plans(site, {one.name: changes_of(one) for one in plans}, now.draft)
        write_tables(tables, now.draft)
        write_comparison(comparison, best, costs, record, now.draft, notes(loaded.source))
        now.draw(None if no_report else lang)
    print_plans(comparison, judged, breaches_with_breaks(site))
    print_comparison(comparison, best, costs)
    print_rules(studied, breaches)
    say(f"\nThe plans are variants of {now.target}{os.sep}plans.yaml", soft_wrap=True)
    now.say_where()


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
    names = (site.name, *(one.name for one in plans))
    with closing(play_each(scenarios, plan)) as results:
        studied = [
            Studied(name, one, result)
            for name, one, result in zip(names, scenarios, results, strict=True)
        ]
    return compare(studied[0], studied[1:])
