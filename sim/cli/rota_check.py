"""`rota check`: whether a rota keeps the rules."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sim.cli.console import console, fail, styled
from sim.cli.options import ScenarioFile, Settings, Variant
from sim.results import ResultsError
from sim.results.files import write_table
from sim.rota.check.check import CheckedRota, breaches_table, check_rota
from sim.rota.check.rules import NeedError, Rule, staff_of
from sim.scenario import Scenario, read_scenario
from sim.scenario.derived.warnings import days_without

_MOST = 6
"""Breaches of one rule that are printed; the table has all."""
_BROKEN = 1


def check_command(
    scenario: ScenarioFile,
    settings: Settings = None,
    variant: Variant = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write every breach to a table.")
    ] = None,
) -> None:
    """Check a rota against its rules. Exit status 1 if any is broken."""
    site = read_scenario(scenario, settings or (), variant).scenario
    try:
        found = check_rota(site)
        if out is not None:
            write_table(breaches_table(found.breaches), out)
    except (NeedError, ResultsError) as error:
        fail(str(error))
    _print(site, found)
    for warning in days_without(site):
        console().print(styled("\n[yellow]warning:[/yellow] {}", warning))
    if found.breaches:
        raise typer.Exit(_BROKEN)


def _print(site: Scenario, found: CheckedRota) -> None:
    out = console()
    numbers = Counter(one.rule for one in found.breaches)
    for rule in Rule:
        mine = [one for one in found.breaches if one.rule is rule]
        if rule in found.unchecked:
            continue
        verdict = styled("[green]kept[/green]")
        if mine:
            times = f"{numbers[rule]} time{'s' if len(mine) > 1 else ''}"
            verdict = styled("[red]broken {}[/red] [dim]({})[/dim]", times, mine[0].source)
        out.print(styled("{:20}{}", rule.words, verdict))
        for one in mine[:_MOST]:
            out.print(f"    {one.where}, {one.when}: {one.what}")
        if len(mine) > _MOST:
            out.print(f"    and {len(mine) - _MOST} more; --out writes all")
    if found.unchecked:
        names = ", ".join(rule.words for rule in found.unchecked)
        out.print(styled("[dim]Not checked, as the rota has no names: {}[/dim]", names))
    out.print()
    out.print(_posts(site, found))


def _posts(site: Scenario, found: CheckedRota) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("role")
    currency = staff_of(site).currency
    for heading in ("h/week", f"{currency}/week", "contract h", "headroom", "WTE"):
        table.add_column(heading, justify="right")
    for row in found.posts.itertuples():
        table.add_row(
            str(row.role),
            f"{row.hours_per_week:g}",
            f"{row.cost_per_week:,.0f}",
            f"{row.contract_hours:g}",
            f"{row.headroom:.0%}",
            f"{row.wte:.2f}",
        )
    total = found.posts
    hours, cost = total["hours_per_week"].sum(), total["cost_per_week"].sum()
    table.add_row("all", f"{hours:g}", f"{cost:,.0f}", "", "", f"{total['wte'].sum():.2f}")
    return table
