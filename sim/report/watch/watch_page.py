"""The page of one day: the data, the words, and the drawing, in one file that needs no network."""

from datetime import date
from importlib import resources
from typing import NamedTuple

from babel.dates import format_date
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from sim.report.page.words import Words
from sim.report.watch.day import Data
from sim.report.watch.days import Day
from sim.scenario.hours import DAY
from sim.scenario.scenario import Scenario

_PREFIX = "watch."
_SCRIPTS = tuple(f"{part}.js" for part in ("state", "events", "draw", "beside", "play"))
SHAPES = 6
"""Shapes of people that the page has; the kinds of visit share them in turn."""


class Source(NamedTuple):
    """Which play of the scenario a day is from."""

    seed: int
    replication: int


def watch_page(scenario: Scenario, data: Data, day: Day, source: Source, words: Words) -> str:
    """The page as HTML: one file, with its style, its script and its data.

    Args:
        scenario: what was simulated.
        data: what `watch_data` found.
        day: the day drawn.
        source: which play of the scenario it is from.
        words: of the page's language.
    """
    environment = Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    texts = {
        key.removeprefix(_PREFIX): text
        for key, text in words.texts.items()
        if key.startswith(_PREFIX)
    }
    return environment.get_template("page.html.j2").render(
        words=words,
        say=texts,
        scenario=scenario,
        data=data,
        day=day,
        source=source,
        shapes=SHAPES,
        style=Markup(_file("style.css")),
        script=Markup("\n".join(_file(name) for name in _SCRIPTS)),
        weekday=_weekday(day.date, words),
        begins=words.clock(int(day.start - day.midnight)),
        handed={
            "day": data,
            "say": texts,
            "names": _names(scenario, words),
            "clock": words["unit.clock"],
        },
        midnight=day.start == day.midnight and day.end == day.midnight + DAY,
    )


def _file(name: str) -> str:
    return (resources.files("sim.report.watch") / "templates" / name).read_text(encoding="utf-8")


def _weekday(on: date, words: Words) -> str:
    name = format_date(on, "EEEE", locale=words.locale)
    return name[:1].upper() + name[1:]


def _names(scenario: Scenario, words: Words) -> dict[str, str]:
    """The planner's own names in the page's language."""
    staff, overdose = scenario.staff, scenario.overdose
    own = (
        *scenario.visits,
        *scenario.rooms,
        *scenario.services,
        *(staff.roles if staff is not None else ()),
        *(shift.name for shift in (staff.rota if staff is not None else ()) if shift.name),
        *(overdose.severities if overdose is not None else ()),
    )
    return {name: words.name(name) for name in own}
