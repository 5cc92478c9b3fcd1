"""The page of a single run."""

from collections.abc import Iterator

from sim.report.charts.bars import tornado_charts
from sim.report.page.about import about_sections
from sim.report.page.document import Page, Section
from sim.report.page.figures import Figures, estimate, plain
from sim.report.page.words import Words
from sim.report.run.answers import answers, judgements
from sim.report.run.sections import (
    cost_section,
    day_section,
    overdose_section,
    staff_section,
    unserved_section,
    wait_section,
    week_section,
)
from sim.results.folder import ResultsError
from sim.results.read import Kind, Saved, read_results
from sim.scenario.model.scenario import Scenario

TORNADO = "-tornado"
"""Ends the name of the folder beside a run's, in which its sensitivity is."""


def run_page(saved: Saved, words: Words) -> Page:
    """All that a run says.

    Args:
        saved: its folder. A tornado of the same scenario in the folder beside it, of the same
            name with `-tornado` after it, is shown too.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    scenario = saved.scenario()
    summary = saved.need("summary.csv")
    figures = Figures(summary)
    beside, warnings = _tornado(saved, words)
    return Page(
        title=scenario.title or scenario.name,
        lead=tuple(lead(figures, scenario, saved, words)),
        answers=answers(figures, scenario, words),
        judgements=tuple(judgements(saved.table("targets.csv"), words)),
        sections=(
            *_sections(saved, figures, scenario, words),
            *beside,
            *about_sections(saved, words),
        ),
        warnings=warnings,
    )


def lead(figures: Figures, scenario: Scenario, saved: Saved, words: Words) -> Iterator[str]:
    """What was simulated, in plain words."""
    if scenario.description:
        yield scenario.description.strip()
    horizon = scenario.horizon
    days = horizon.total_days - 7 * horizon.warmup_weeks
    yield words.say(
        "lead.run",
        name=scenario.name,
        replications=words.count("unit.replications", int(saved.manifest["replications"])),
        days=words.count("unit.days", days),
        start=words.date(horizon.date_of(7 * horizon.warmup_weeks)),
        seed=saved.manifest["seed"],
    )
    visits = figures.of("visits", "per_day")
    hours = words.figures(scenario.opening.hours.minutes_per_week() / 60)
    if scenario.rooms:
        rooms = ", ".join(
            f"{words.name(name)} {room.places}" for name, room in scenario.rooms.items()
        )
        places = words.number(sum(room.places for room in scenario.rooms.values()), 0)
        yield words.say(
            "lead.site",
            visits=estimate(words, visits),
            places=places,
            rooms=rooms,
            hours=hours,
            uses=plain(words, figures.of("uses", "per_day").value),
        )
    else:
        yield words.say("lead.services", visits=estimate(words, visits), hours=hours)


def _sections(
    saved: Saved, figures: Figures, scenario: Scenario, words: Words
) -> Iterator[Section]:
    by_hour = saved.need("by_hour.csv")
    within = saved.table("within.csv")
    yield week_section(by_hour, scenario, words)
    yield day_section(saved.table("by_time_of_day.csv"), scenario, words)
    yield wait_section(figures, within, scenario, words)
    yield unserved_section(figures, words)
    if scenario.overdose is not None:
        yield overdose_section(figures, within, saved.table("at_once.csv"), words)
    if scenario.staff is not None:
        yield staff_section(figures, scenario.staff, words)
    cost = cost_section(figures, scenario, words)
    if cost is not None:
        yield cost


def _tornado(saved: Saved, words: Words) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The tornado of the same scenario, seen from the folder that the run is or will be in.

    A damaged one costs nobody the page of the run: it is left out, with a warning.
    """
    name = str(saved.manifest["scenario"])
    folder = saved.folder.parent / f"{name}{TORNADO}"
    if not (folder / Kind.TORNADO).is_file():
        return (), ()
    try:
        beside = read_results(folder)
        if beside.manifest.get("scenario_sha256") != saved.manifest.get("scenario_sha256"):
            return (), ()
        table = beside.need(Kind.TORNADO)
    except ResultsError as error:
        return (), (f"{error}; the page is drawn without it",)
    charts = tuple(tornado_charts(table, words))
    title, intro = words["tornado.title"], (words["tornado.intro"],)
    return (Section("sensitivity", title, intro, charts=charts),), ()
