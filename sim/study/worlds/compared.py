"""Options read, played in the same worlds by the same people, and compared.

What an option says for itself is known in it: a value that differs from the base's is no longer
drawn there.
"""

from collections.abc import Mapping, Sequence

from sim.measures import metric_rows
from sim.measures.figures.cost import cost_per_week, hours_per_week
from sim.scenario.load import Loaded, Original
from sim.scenario.model.design import path_keys
from sim.scenario.model.scenario import Scenario
from sim.scenario.paths import leads_nowhere, part_at
from sim.scenario.uncertainty.draws import Worlds, draw_worlds
from sim.scenario.uncertainty.ranges import read_unknowns
from sim.scenario.uncertainty.shares import wholes
from sim.study.compare.matters import headlines
from sim.study.compare.options import changes, rota_changes
from sim.study.estimate.summary import Key, key_of
from sim.study.run.runner import Plan
from sim.study.run.workers import Progress, silent
from sim.study.worlds.answers import inputs_of, ranks_of_rows
from sim.study.worlds.measured import Asked, asked_of
from sim.study.worlds.options import (
    Figures,
    Inputs,
    InWorlds,
    OptionsInWorlds,
    Question,
    losses_of,
    options_in_worlds,
)
from sim.study.worlds.play import Option, PlayedWorlds, play_worlds


def compared_in_worlds(
    options: Sequence[tuple[str, Loaded]],
    plan: Plan,
    worlds: int,
    question: Question | None = None,
    margins: Mapping[tuple[str, str], float] | None = None,
    progress: Progress = silent,
) -> OptionsInWorlds | None:
    """Play options in worlds and compare them; None where nothing has a range.

    Args:
        options: names and scenarios, the base first; its ranges are drawn.
        plan: seed, workers, engine and cache.
        worlds: how many.
        question: what the choice is about.
        margins: margins instead of the usual, by metric and statistic.
        progress: is told of every world.

    Raises:
        ScenarioError: the file of draws cannot be read.
        StudyError: what was drawn makes no scenario; a worker died.
        StudyInterrupted: Ctrl-C was pressed; worlds finished by then are kept.
    """
    base = options[0][1]
    unknowns = read_unknowns(base.scenario, base.source)
    if unknowns.is_empty:
        return None
    drawn = draw_worlds(unknowns, base.scenario, base.source, worlds, plan.seed)
    scenarios = [loaded.scenario for _, loaded in options]
    everybody = [
        Option(Original(loaded), known_in(loaded.scenario, base.scenario, drawn))
        for _, loaded in options
    ]
    asked = figures_in_all(scenarios)
    found = play_worlds(everybody, drawn, asked, plan, progress=progress)
    units = {key: row.unit for key, row in found[0].rows.items()}
    return options_in_worlds(
        [name for name, _ in options],
        [_figures(one) for one in found],
        units,
        Inputs(*inputs_of(drawn), ranks_of_rows(drawn)),
        question,
        margins,
    )


def figures_in_all(scenarios: Sequence[Scenario]) -> Asked:
    """The headline figures that all options have; those of rotas too, where rotas differ."""
    base, *others = scenarios
    rotas = any(rota_changes(changes(base, one)) for one in others)
    more = [(one.metric, one.statistic, "all") for one in headlines(rotas=rotas) if not one.echo]
    everywhere = [{key_of(row) for row in metric_rows(one)} for one in scenarios]
    asked = asked_of(base, more).keys
    return Asked(tuple(key for key in asked if all(key in some for some in everywhere)))


def known_in(option: Scenario, base: Scenario, drawn: Worlds) -> frozenset[str]:
    """What is drawn, and not used, in an option that says for itself what it is, or has it not.

    Of shares that must add up to 1, all are known where one is.
    """
    paths = list(drawn.settings(0)) if drawn.count else []
    known = {path for path in paths if _says(option, base, path)}
    for shares in wholes(base):
        if known & shares.keys():
            known |= shares.keys() & set(paths)
    return frozenset(known)


def _says(option: Scenario, base: Scenario, path: str) -> bool:
    keys = path_keys(path)
    return bool(leads_nowhere(option, keys)) or part_at(option, keys) != part_at(base, keys)


def _figures(played: PlayedWorlds) -> Figures:
    found: dict[Key, InWorlds] = {}
    for key in played.rows:
        plays, worlds = played.of(key)
        found[key] = InWorlds(worlds, plays)
    return found


# --- a decision -----------------------------------------------------------------------------------


def hourly_pay(scenario: Scenario) -> float:
    """Mean pay of an hour on the rota, with unsocial hours; 0 where nobody is paid."""
    lines = range(len(scenario.staff.rota)) if scenario.staff is not None else ()
    hours = sum(hours_per_week(scenario, line) for line in lines)
    return sum(cost_per_week(scenario, line) for line in lines) / hours if hours else 0.0


def has_loss(scenario: Scenario, question: Question) -> bool:
    """Whether a scenario has the figures that a choice is about."""
    return losses_of(question) <= {key_of(row) for row in metric_rows(scenario)}
