"""Work against people: how many of a role are at work, hour by hour, of those who are there."""

import numpy as np
import pandas as pd

from sim.measures.steps import Floats
from sim.report.charts.capacity import average_day
from sim.report.charts.week import DAYS, HOURS, hours_of
from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas
from sim.report.page.words import Words, heading

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 540.0, 150.0, 28.0, 12.0, 22.0, 20.0
"""Pixels: of the drawing, of the area that is drawn in, and around it."""
_LINES = 6
"""People above which only every other has a line."""
_SHORT = 0.85
"""Share of those present at work from which on an hour is marked as tight."""


def staffing_picture(by_hour: pd.DataFrame, role: str, number: int, words: Words) -> Picture | None:
    """An average day of a role: at work as an area, present as the darkest line.

    Args:
        by_hour: the table.
        role: the planner's name of it.
        number: of the role on its page.
        words: the language.

    Returns:
        The picture, or None where nobody of the role is ever there.
    """
    found = [
        hours_of(by_hour, metric, f"role:{role}") for metric in ("staff_busy", "staff_present")
    ]
    if any(len(one) != DAYS * HOURS for one in found):
        return None
    busy, present = (
        np.nan_to_num(average_day(one["value"].to_numpy(dtype=float))) for one in found
    )
    if not present.any():
        return None
    share = np.divide(busy, present, out=np.zeros(HOURS), where=present > 0)
    top = int(np.argmax(share))
    title = words.say(
        "staffing.busiest",
        role=heading(words.name(role)),
        share=words.brief(100 * share[top]),
        hour=words.hour(top),
        end=words.hour(top + 1),
    )
    says = words["staffing.says"]
    svg = _draw(busy, present, share, words).markup(f"{title} {says}")
    return Picture(
        f"staffing-{number}", title, says, (svg,), _table(busy, present, words), small=True
    )


def _draw(busy: Floats, present: Floats, share: Floats, words: Words) -> Canvas:
    canvas = Canvas(_WIDTH, _TOP + _HEIGHT + _FOOT)
    highest = max(float(present.max()), float(busy.max()), 1.0)
    floor, step = _TOP + _HEIGHT, (_WIDTH - _LEFT - _RIGHT) / HOURS
    edges = [_LEFT + step * hour for hour in range(HOURS + 1)]

    def at(value: float) -> float:
        return floor - _HEIGHT * value / highest

    for level in range(1, int(highest) + 1):
        if highest <= _LINES or level % 2 == 0:
            canvas.line(((_LEFT, at(level)), (_WIDTH - _RIGHT, at(level))), "hair")
            canvas.text(_LEFT - 5, at(level) + 4, words.number(level, 0), "note", anchor="end")
    canvas.steps(edges, [at(one) for one in busy], floor, "staff")
    tight = [at(b) if s >= _SHORT else floor for b, s in zip(busy, share, strict=True)]
    canvas.steps(edges, tight, floor, "hatch-tight")
    line: list[tuple[float, float]] = []
    for hour, value in enumerate(present):
        line += [(edges[hour], at(value)), (edges[hour + 1], at(value))]
    canvas.line(line, "limit")
    canvas.line(((_LEFT, floor), (_WIDTH - _RIGHT, floor)), "hair")
    for hour in range(0, HOURS + 1, 4):
        canvas.text(edges[hour], floor + 15, str(hour), "note", anchor="middle")
    return canvas


def _table(busy: Floats, present: Floats, words: Words) -> Table:
    rows = tuple(
        (
            f"{words.clock(60 * hour)}–{words.clock(60 * hour + 60)}",
            words.figures(busy[hour]),
            words.figures(present[hour]),
        )
        for hour in range(HOURS)
        if present[hour] > 0 or busy[hour] > 0
    )
    head = (words["axis.hour"], words["staffing.busy"], words["staffing.present"])
    return Table(words["staffing.table"], head, rows)
