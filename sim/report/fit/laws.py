"""Laws against the log, for the analyst: quantiles of stays, and who would still wait."""

import math
from collections.abc import Iterator

import numpy as np

from sim.fit.estimates.patience import Patience, kaplan_meier, waits_of
from sim.fit.fit import Fitted
from sim.fit.reading.calendar import calendar_of
from sim.fit.reading.register import Floats
from sim.report.fit.pictures import Frame, bound_of, stay_minutes, ticks
from sim.report.page.document import Picture, Table
from sim.report.page.svg import Canvas
from sim.report.page.words import Words
from sim.scenario.model.scenario import Scenario

_SIZE, _HEIGHT, _LEFT = 522.0, 300.0, 44.0
_POINTS, _FEWEST, _LINE = 60, 30, 80
_LONGEST = 0.99
"""Share of the stays up to which quantiles are drawn."""
_LEAST_MINUTES = 30.0
_TABLED = (10, 25, 50, 75, 90, 95)
"""Percentiles that are told."""


def qq_pictures(found: Fitted, fitted: Scenario, words: Words) -> Iterator[Picture]:
    """Quantiles of the law of each kind's stays against those of the log.

    Where a limit ends stays only those below it are compared: the others count as longer.
    """
    for name, kind in fitted.visits.items():
        stays = np.sort(stay_minutes(found, name))
        bound = bound_of(found, name)
        below = stays[stays < bound - 0.5]
        if kind.stay is None or len(below) < _FEWEST:
            continue
        last = min(len(below), math.ceil(_LONGEST * len(stays)))
        places = np.unique(np.linspace(0, last - 1, _POINTS).astype(np.int64))
        law = kind.stay.quantile((places + 0.5) / len(stays))
        title = words.say("fit_page.qq", kind=words.own(name))
        yield _qq(f"qq-{name}", title, law, below[places], words)


def _qq(key: str, title: str, law: Floats, log: Floats, words: Words) -> Picture:
    most = ticks(float(max(law.max(), log.max())))[-1]
    frame = _frame(most, most)
    canvas = Canvas(_SIZE, _HEIGHT)
    frame.scale(canvas, words)
    _below(canvas, frame, words)
    canvas.line(((frame.x(0), frame.y(0)), (frame.x(most), frame.y(most))), "base dashed")
    for x, y in zip(law.tolist(), log.tolist(), strict=True):
        canvas.circle(frame.x(x), frame.y(y), 3, "people")
    says = words["fit_page.qq_says"]
    rows = tuple(
        (
            words.percent(words.exact(float(one))),
            *(words.figures(float(np.quantile(part, one / 100))) for part in (log, law)),
        )
        for one in _TABLED
    )
    head = ("", words["fit_page.table_log"], words["fit_page.table_law"])
    table = Table(title, head, rows)
    return Picture(key, title, says, (canvas.markup(f"{title}. {says}"),), table, small=True)


def survival_pictures(found: Fitted, words: Words) -> Iterator[Picture]:
    """Who would still wait, by Kaplan and Meier, and by the law that was fitted."""
    calendar = calendar_of(found.site, found.register.start, found.register.days)
    numbers = np.arange(len(found.site.visits))
    done = set[int]()
    for name, one in (found.patience or {}).items():
        if id(one) in done or not one.leavers:
            continue
        done.add(id(one))
        kinds = numbers >= 0 if one.pooled else numbers == list(found.site.visits).index(name)
        waits = waits_of(found.register, calendar, found.site, kinds)
        steps = kaplan_meier((waits.low + waits.high) / 2, waits.served)
        of = "" if one.pooled else words.say("lack.of_kind", kind=words.own(name))
        title = words.say("fit_page.survival", of=of)
        end = max(_LEAST_MINUTES, float(np.quantile((waits.low + waits.high) / 2, _LONGEST)))
        points = [(0.0, 1.0), *((step.minutes, step.share) for step in steps)]
        key = "survival" if one.pooled else f"survival-{name}"
        yield _survival(key, title, ([p for p in points if p[0] <= end], one), words)


def _survival(
    key: str, title: str, what: tuple[list[tuple[float, float]], Patience], words: Words
) -> Picture:
    points, patience = what
    end = ticks(max(points[-1][0], _LEAST_MINUTES))[-1]
    frame = _frame(end, 1.0)
    canvas = Canvas(_SIZE, _HEIGHT)
    frame.scale(canvas, words, percent=True)
    _below(canvas, frame, words)
    line = list[tuple[float, float]]()
    for (minutes, share), after in zip(points, [*points[1:], (end, 0.0)], strict=True):
        x, until = frame.x(minutes), frame.x(after[0])
        line += [(x, frame.y(share)), (until, frame.y(share))]
    canvas.line(line, "limit")
    for minutes, still in patience.still.items():
        if still.is_known and minutes <= end and not math.isnan(still.low):
            x = frame.x(minutes)
            canvas.line(((x, frame.y(still.low)), (x, frame.y(still.high))), "base")
    at = np.linspace(0, end, _LINE)
    law = [(frame.x(x), frame.y(y)) for x, y in zip(at, still_by_law(patience, at), strict=True)]
    canvas.line(law, "base dashed")
    says = words["fit_page.survival_says"]
    rows = tuple(
        (
            words.exact(float(minutes)),
            words.share(still.value),
            words.share(float(still_by_law(patience, np.array([float(minutes)]))[0])),
        )
        for minutes, still in patience.still.items()
    )
    head = (words["axis.minutes"], words["fit_page.table_log"], words["fit_page.table_law"])
    table = Table(title, head, rows)
    return Picture(key, title, says, (canvas.markup(f"{title}. {says}"),), table, small=True)


def still_by_law(patience: Patience, minutes: Floats) -> Floats:
    """The share that would wait longer than so many minutes, by the law that was fitted."""
    if patience.law is None:
        shares: Floats = np.exp(-minutes / patience.mean.value)
        return shares
    shape = patience.law.shape.value
    scale = patience.law.median.value / math.log(2) ** (1 / shape)
    found: Floats = np.exp(-((minutes / scale) ** shape))
    return found


def _frame(across: float, most: float) -> Frame:
    return Frame(_LEFT, 10.0, _SIZE - _LEFT - 8, _HEIGHT - 38, (0.0, across), most)


def _below(canvas: Canvas, frame: Frame, words: Words) -> None:
    for one in ticks(frame.across[1]):
        anchor = "start" if one == 0 else "end" if one >= frame.across[1] else "middle"
        y = frame.top + frame.height + 18
        canvas.text(frame.x(one), y, words.exact(round(one, 6)), "note", anchor=anchor, size=12)
