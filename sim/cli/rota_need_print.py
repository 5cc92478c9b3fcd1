"""The need on one screen: the week of each role, hour by hour."""

from collections.abc import Iterator
from math import isnan

import numpy as np
from rich.text import Text

from sim.cli.console import console, styled
from sim.rota.need.need import Requirement
from sim.rota.need.refine import Refined
from sim.scenario.model.hours import DAY, DAYS, HOUR, clock_text
from sim.scenario.model.rota_rules import RotaRules

_HOURS = DAY // HOUR


def print_need(formula: Requirement, refined: Refined | None, rules: RotaRules) -> None:
    """Print who is needed when, in at most 80 columns."""
    need = rules.need
    _say(
        f"People present so that at most {need.waiting:.4g} of the tasks asked for in an hour\n"
        f"wait, an overdose finds too few with a chance of at most {need.overdose:.4g}, and the\n"
        "rules of supervision hold."
    )
    for role, number in formula.by_role.items():
        simulated = None if refined is None else refined.by_role[role]
        hours = f"{number.sum()} h a week by formula"
        if refined is not None:
            hours += f", {refined.hours_per_week(role)} h by simulation"
        _say(styled("\n[bold]{}[/bold]  {}", role, hours))
        _say(styled("[dim]        {}[/dim]", "".join(f"{hour:3d}" for hour in range(_HOURS))))
        rows = [number.reshape(7, _HOURS).tolist()]
        if simulated is not None:
            rows.append(simulated.reshape(7, _HOURS).tolist())
        for days, of_day in _days(rows):
            _say(f"{days:8}{_cells(of_day[0])}")
            if simulated is not None:
                _say(f"{'  simul.':8}{_cells(of_day[1])}")
    total = sum(int(number.sum()) for number in formula.by_role.values())
    _say(f"\nAll roles: {total} h a week by formula" + _refined(formula, refined))


def _refined(formula: Requirement, refined: Refined | None) -> str:
    if refined is None:
        return "."
    total = sum(int(number.sum()) for number in refined.by_role.values())
    chances = np.nan_to_num(refined.chance.value)  # hours that the horizon does not have
    set_number, hour = divmod(int(chances.argmax()), 7 * _HOURS)
    value, low, high = (float(part[set_number, hour]) for part in refined.chance)
    roles = " or ".join(sorted(formula.asked[set_number].roles))
    when = f"{DAYS[hour // _HOURS]} {clock_text(hour % _HOURS * HOUR)}"
    interval = "" if isnan(low) else f"\n(95 % interval {low:.3f} to {high:.3f})"
    return (
        f", {total} h by simulation\n({refined.rounds} rounds of {refined.replications} "
        f"replications{'' if refined.settled else '; see below'}).\n"
        f"Played with exactly these, at most {value:.3f} of an hour's tasks wait{interval},\n"
        f"in the hour from {when}, tasks of {roles}." + _doubts(refined)
    )


def _doubts(refined: Refined) -> str:
    """What a planner should know of a search that did not come to rest, or did not suffice."""
    found = ""
    if not refined.settled:
        found += (
            "\nThe rounds did not settle: fewer people in one hour leave work over for the\n"
            "next, which then asks for more. The most of the last rounds was played, and less\n"
            "was taken where as few tasks wait as wanted with one person fewer."
        )
    if refined.added > 0:
        found += (
            f"\nOf these, {refined.added} h were added because more tasks waited than wanted when\n"
            "the result of the rounds was played by further replications."
        )
    if not refined.holds:
        found += (
            "\nEven so, in some hours more tasks wait than wanted: see chance in work.csv. More\n"
            "staff in those hours does not help; look at demand or at who may do what."
        )
    return found


def _days(rows: list[list[list[int]]]) -> Iterator[tuple[str, list[list[int]]]]:
    """Runs of days that are alike in every row."""
    first = 0
    for day in range(1, len(DAYS) + 1):
        if day < len(DAYS) and all(row[day] == row[first] for row in rows):
            continue
        last = day - 1
        name = DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}"
        yield ("daily" if (first, last) == (0, 6) else name), [row[first] for row in rows]
        first = day


def _cells(numbers: list[int]) -> str:
    return "".join(f"{number or '.':>3}" for number in numbers)


def _say(text: str | Text) -> None:
    console().print(text)
