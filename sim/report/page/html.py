"""A page as HTML: one file, with its style, its script and all of plotly's within it."""

import json
from datetime import date
from importlib import resources

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from sim.report.page.document import Page
from sim.report.page.drawing import Drawing
from sim.report.page.look import DARK
from sim.report.page.words import Words


def render(page: Page, words: Words) -> str:
    """The page's HTML; the same page gives the same bytes.

    Args:
        page: what is on it.
        words: the language it is written in.
    """
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    figures = any(chart.figure for section in page.sections for chart in section.charts)
    return environment.get_template("page.html.j2").render(
        page=page,
        words=words,
        style=Markup(_template("style.css")),
        script=Markup(_template("figures.js")),
        plotly=Markup(get_plotlyjs().replace("</script", "<\\/script")) if figures else None,
        dark=_json(DARK),
        figure_json=_figure,
    )


def _template(name: str) -> str:
    return (resources.files("sim.report.page") / "templates" / name).read_text(encoding="utf-8")


def _figure(figure: Drawing) -> Markup:
    return _json({"data": figure.data, "layout": figure.layout})


def _json(contents: object) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(contents, ensure_ascii=False, allow_nan=False, default=_plain)
    return Markup(text.replace("<", "\\u003c"))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} cannot be drawn")
