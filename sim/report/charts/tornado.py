"""Which assumptions move the answer: one bar from the low to the high end of each."""

from collections.abc import Iterator

import pandas as pd

from sim.report.page.document import Chart, Table
from sim.report.page.figures import (
    SHARE,
    Known,
    estimate,
    heading,
    headline_name,
    signed,
    unit_name,
)
from sim.report.page.look import INK, MUTED, bar, figure
from sim.report.page.words import Words

MOST = 12
"""Assumptions that are drawn; all of them are in the table on disk."""
_ROW, _EDGES = 30, 120
_HUNDRED = 100
_LONG = 34


def tornado_charts(table: pd.DataFrame, words: Words) -> Iterator[Chart]:
    """A chart for each figure by which the assumptions are ranked.

    Args:
        table: as `tornado.csv`.
        words: the language.
    """
    for (metric, statistic), mine in table.groupby(["metric", "statistic"], sort=False):
        name = heading(headline_name(words, str(metric), str(statistic)))
        key = f"tornado-{metric}-{statistic}".replace("_", "-")
        yield _chart(mine, Chart(key, name, words["tornado.says"]), words)


def _chart(mine: pd.DataFrame, chart: Chart, words: Words) -> Chart:
    known = mine[mine["difference"].notna()]
    size = known["difference"].abs().groupby(known["field"]).max()
    fields = list(size[size > 0].sort_values(ascending=False, kind="stable").index[:MOST])
    if not fields:
        return Chart(chart.key, chart.title, words["tornado.nothing"])
    unit = str(mine["unit"].iloc[0])
    times = _HUNDRED if unit == SHARE else 1
    drawn = figure(_ROW * len(fields) + _EDGES, separators=words["unit.separators"])
    for number, end in enumerate(("low", "high")):
        at_end = known[known["end"] == end].set_index("field")
        found = [_known(at_end, field) for field in fields]
        drawn.add(
            "bar",
            x=[times * one.value if one.is_known else 0 for one in found],
            y=list(range(len(fields))),
            orientation="h",
            width=0.7,
            name=words[f"tornado.{end}"],
            marker=bar(number),
            customdata=[
                f"{field} = {_setting(at_end, field)}: {signed(words, one, unit)}"
                for field, one in zip(fields, found, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    drawn.strip(0, 0, line={"color": INK, "width": 1})
    drawn.lay_out(barmode="overlay")
    of = words["unit.%"] if unit == SHARE else unit_name(words, unit)
    drawn.x_axis(title={"text": f"{words['axis.difference']}, {of}"}, nticks=7)
    drawn.y_axes(
        tickvals=list(range(len(fields))),
        ticktext=[_short(field) for field in fields],
        range=[len(fields) - 0.5, -0.5],
        showgrid=False,
        ticks="",
        linecolor=MUTED,
    )
    base = Known(float(known["base_value"].iloc[0]))
    says = f"{chart.says} {words.say('tornado.base', known=estimate(words, base, unit))}"
    return Chart(chart.key, chart.title, says, drawn, _table(known, fields, unit, chart, words))


def _known(at_end: pd.DataFrame, field: str) -> Known:
    found = at_end[["difference", "ci_low", "ci_high"]].reindex([field]).to_numpy(dtype=float)[0]
    return Known(*found.tolist())


def _setting(at_end: pd.DataFrame, field: str) -> str:
    return str(at_end.loc[field, "to"]) if field in at_end.index else ""


def _short(field: str) -> str:
    """The end of a long path tells more than its beginning."""
    return field if len(field) <= _LONG else f"…{field[1 - _LONG :]}"


def _table(known: pd.DataFrame, fields: list[str], unit: str, chart: Chart, words: Words) -> Table:
    ends = {end: known[known["end"] == end].set_index("field") for end in ("low", "high")}
    rows = []
    for field in fields:
        cells = [field]
        for at_end in ends.values():
            cells += [_setting(at_end, field), signed(words, _known(at_end, field), unit)]
        rows.append(tuple(cells))
    effect = words["axis.difference"]
    head = (words["axis.assumption"], words["tornado.low"], effect, words["tornado.high"], effect)
    return Table(chart.title, head, tuple(rows))
