"""A log in pictures: who comes when, day by day, stays and waits; and the bands of its plays."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from sim.fit.fit import Fitted
from sim.fit.playback.play import Hours
from sim.fit.playback.view import VISITS, View
from sim.fit.public import hidden
from sim.fit.reading.register import Bools, Floats
from sim.report.charts.week import DAYS, HOURS, Map, hour_name, week_map
from sim.report.fit.told import measure_text
from sim.report.page.document import Chart, Picture, Table
from sim.report.page.svg import Canvas, width_of
from sim.report.page.words import Words, heading
from sim.scenario.model.hours import HOUR
from sim.scenario.model.scenario import Scenario

_WIDTH, _HEIGHT = 522.0, 190.0
"""Pixels of a small picture."""
_LEFT, _TOP, _FOOT = 38.0, 10.0, 24.0
_PANEL, _DAY_NAME, _GAP = 96.0, 18.0, 8.0
"""Pixels: height of a day's panel, of its name, and between two."""
_TICKS, _LABELS = 3, 6
_MOST_BINS = 30
_USUAL = 0.995
"""Share of stays or waits that are drawn: the longest would make all others small."""
_LAW = 4000
_NARROW_DAY = 3.0
_LARGEST = 21.0
"""Pixels of letters where a small picture is narrowest."""


def ticks(most: float) -> list[float]:
    """Round numbers from 0 to about so much."""
    if most <= 0 or not math.isfinite(most):
        return [0.0, 1.0]
    rough = most / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough)
    return [number * step for number in range(math.ceil(most / step - 1e-9) + 1)]


@dataclass(frozen=True)
class Frame:
    """Where numbers stand in a picture."""

    left: float
    top: float
    width: float
    height: float
    across: tuple[float, float]
    """The ends of the axis below."""
    most: float
    """The upper end of the axis at the side, which begins at 0."""

    def x(self, value: float) -> float:
        """Of a value on the axis below."""
        low, high = self.across
        return self.left + self.width * (value - low) / (high - low)

    def y(self, value: float) -> float:
        """Of a value on the axis at the side."""
        return self.top + self.height * (1 - min(value, self.most) / self.most)

    def scale(self, canvas: Canvas, words: Words, *, percent: bool = False) -> None:
        """Lines and numbers at the side."""
        for one in ticks(self.most)[:: 2 if self.height < _PANEL + 1 else 1]:
            if one > self.most * 1.001:
                continue
            canvas.line(((self.left, self.y(one)), (self.left + self.width, self.y(one))), "hair")
            text = words.share(one, 0) if percent else words.exact(round(one, 6))
            canvas.text(self.left - 5, self.y(one) + 4, text, "note", anchor="end", size=12)


# --- the log ------------------------------------------------------------------------------------


def busy_picture(view: View, found: Fitted, words: Words) -> Chart | Picture:
    """Who comes when, an hour of the week a cell."""
    seen = view.of_log(found)
    values = seen.get((VISITS, "all"), np.full(DAYS * HOURS, np.nan))
    is_open = np.zeros(DAYS * HOURS)
    np.add.at(is_open.reshape(DAYS, HOURS), view.calendar.weekdays(), view.calendar.open)
    values = np.where((is_open > 0) | (values > 0), values, np.nan)
    hours = pd.DataFrame({"value": values, "ci_low": np.nan, "ci_high": np.nan})
    about = Map("busy", words["fit_page.busy"], words["fit_page.busy_says"], "visits/hour")
    return week_map(hours, about, words)


def days_picture(found: Fitted, words: Words) -> Picture:
    """Visits day by day, with the mean week."""
    register = found.register
    counts = np.bincount(found.read.register.day, minlength=1)
    shift = (register.start - found.read.register.start).days
    counts = counts[shift : shift + register.days].astype(float)
    counts = np.pad(counts, (0, register.days - len(counts)))
    if found.is_public:
        counts = np.where(hidden(counts.astype(np.float64)), 0.0, counts)
    logged = found.logged
    weekday = (register.start.weekday() + np.arange(register.days)) % DAYS
    means = [
        counts[logged & (weekday == day)].mean() if (logged & (weekday == day)).any() else 0.0
        for day in range(DAYS)
    ]
    most = ticks(max(float(counts.max(initial=0.0)), 1.0))[-1]
    frame = Frame(_LEFT, _TOP, _WIDTH - _LEFT, 138.0, (0.0, float(register.days)), most)
    canvas = Canvas(_WIDTH, _HEIGHT - 18)
    frame.scale(canvas, words)
    wide = frame.width / register.days
    space = 1.0 if wide > _NARROW_DAY else 0.0
    for kept, look in ((True, "people-pale"), (False, "quiet-pale")):
        tops = [(day, frame.y(counts[day])) for day in np.flatnonzero(logged == kept).tolist()]
        floor = frame.y(0)
        boxes = [(frame.x(day), top, wide - space, floor - top) for day, top in tops if top < floor]
        canvas.boxes(boxes, look)
    mean = [(frame.x(day + 0.5), frame.y(means[int(weekday[day])])) for day in range(register.days)]
    canvas.line(mean, "base-thin" if register.days > _WIDTH / 4 else "base")
    parts = {0.0: "start", 0.5: "middle", 1.0: "end"}
    dates = {
        part: words.date(register.date_of(round(part * (register.days - 1)))) for part in parts
    }
    if sum(width_of(f"{text} ", _LARGEST) for text in dates.values()) > frame.width:
        del dates[0.5]
    for part, text in dates.items():
        day, anchor = round(part * (register.days - 1)), parts[part]
        canvas.text(frame.x(day + part), frame.y(0) + 17, text, "note", anchor=anchor, size=12)
    title, says = words["fit_page.per_day"], words["fit_page.per_day_says"]
    return Picture("days", title, says, (canvas.markup(f"{title}. {says}"),), small=True)


def stay_minutes(found: Fitted, name: str) -> Floats:
    """Stays of a kind that are known to have ended, as its law was fitted to them."""
    register, kinds = found.register, list(found.site.visits)
    mine: Bools = register.kind == kinds.index(name)
    if len(kinds) == 1 and not (register.kind >= 0).any():
        mine = np.ones(len(register), dtype=np.bool_)
    stay = register.left - register.entered
    return stay[mine & register.served & ~np.isnan(stay) & ~register.overdose]


def bound_of(found: Fitted, name: str) -> float:
    """Minutes at which some rule ends stays of a kind, whatever its law; infinite without one."""
    kind, stay = found.site.visits[name], (found.stays or {}).get(name)
    limits = [one.minutes for room, one in (found.limits or {}).items() if room in kind.rooms]
    cap = stay.cap if stay is not None and not math.isnan(stay.cap) else math.inf
    return min([*limits, cap])


def stays_pictures(found: Fitted, fitted: Scenario, words: Words) -> Iterator[Picture]:
    """How long places are taken, a kind each: the log, and the law up to where a limit ends it."""
    for name, kind in fitted.visits.items():
        stays = stay_minutes(found, name)
        if kind.stay is None or len(stays) < _MOST_BINS:
            continue
        law = kind.stay.quantile((np.arange(_LAW) + 0.5) / _LAW)
        title = words.say("fit_page.stays", kind=words.own(name))
        says = words["fit_page.stays_says"]
        about = Bars(f"stays-{name}", title, says, found.is_public)
        yield _shares(about, stays, (law, bound_of(found, name)), words)


def waits_picture(view: View, found: Fitted, words: Words) -> Picture | None:
    """How long those served waited; None where the log does not say."""
    if not view.waits:
        return None
    register = found.register
    since = register.checked_in if view.from_check_in else register.arrived
    wait = np.maximum(register.entered - since, 0.0)
    wait = wait[register.served & ~np.isnan(wait)]
    measured = "measured_check_in" if view.from_check_in else "measured_arrival"
    soon = np.histogram(wait, [0.0, 1.0, np.inf])[0].astype(float)
    if not len(wait) or (found.is_public and hidden(soon).any()):
        return None
    at_once = words.share(float(np.mean(wait < 1)), 0)
    says = words.say("fit_page.waits_says", share=at_once, measured=words[f"fit_page.{measured}"])
    about = Bars("waits", words["fit_page.waits"], says, found.is_public)
    return _shares(about, wait, None, words)


@dataclass(frozen=True)
class Bars:
    """What shares by minutes are of."""

    key: str
    title: str
    says: str
    public: bool
    """Whether bars of few visits are left out."""


def _shares(
    about: Bars, minutes: Floats, law: tuple[Floats, float] | None, words: Words
) -> Picture:
    """Shares by minutes as bars, and a law as a line as far as it is seen.

    Without a law the first minute has no bar: it would make all others small.
    """
    end = max(float(np.quantile(minutes, _USUAL)), 5.0)
    step = next(one for one in (1, 2, 5, 10, 15, 30, 60) if end / one <= _MOST_BINS or one == HOUR)
    edges = np.arange(0, math.ceil(end / step) + 1) * float(step)
    values, bound = law or (np.empty(0), math.inf)
    counts = np.histogram(minutes if law else minutes[minutes >= 1], edges)[0].astype(float)
    few = hidden(counts) if about.public else np.zeros(len(counts), dtype=np.bool_)
    bars = np.where(few, 0.0, counts) / len(minutes)
    line = np.histogram(values, edges)[0] / max(len(values), 1)
    shown = edges[1:] <= bound
    most = float(max(bars.max(), line[shown].max(initial=0.0)))
    frame = Frame(
        _LEFT, _TOP, _WIDTH - _LEFT, 138.0, (0.0, float(edges[-1])), ticks(most)[-1] or 1.0
    )
    canvas = Canvas(_WIDTH, _HEIGHT - 18)
    frame.scale(canvas, words, percent=True)
    wide = frame.x(step) - frame.x(0)
    tops = [(frame.x(left), frame.y(bar)) for left, bar in zip(edges[:-1], bars, strict=True)]
    canvas.boxes(
        [(x, y, wide - 1, frame.y(0) - y) for x, y in tops if y < frame.y(0)], "people-pale"
    )
    if len(values) and shown.any():
        middles = zip(edges[:-1][shown] + step / 2, line[shown], strict=True)
        canvas.line([(frame.x(x), frame.y(y)) for x, y in middles], "limit")
    for one in ticks(float(edges[-1])):
        if one <= edges[-1]:
            anchor = "start" if one == 0 else "end" if one == edges[-1] else "middle"
            text = words.exact(one)
            canvas.text(frame.x(one), frame.y(0) + 17, text, "note", anchor=anchor, size=12)
    title, says = about.title, about.says
    rows = tuple(
        (
            words.between(words.exact(left), words.exact(right)),
            words["fit.under_five"] if is_hidden else words.share(bar),
            words.share(one),
        )
        for left, right, bar, one, is_hidden in zip(edges, edges[1:], bars, line, few, strict=False)
    )
    head = (words["axis.minutes"], words["fit_page.table_log"], words["fit_page.table_law"])
    table = Table(
        title,
        head[: 3 if len(values) else 2],
        tuple(row[: 3 if len(values) else 2] for row in rows),
    )
    svg = (canvas.markup(f"{title}. {says}"),)
    return Picture(about.key, title, says, svg, table, small=True)


# --- bands --------------------------------------------------------------------------------------


def band_picture(one: Hours, words: Words) -> Picture:
    """One measure over the week: the band of the plays, and the log as a line."""
    what = heading(measure_text(one.measure, one.by, words))
    inside, counted = (words.number(int(part.sum()), 0) for part in (one.inside, one.counted))
    title = words.say("fit_page.band_title", what=what, inside=inside, counted=counted)
    says = words[f"fit_page.axis_{one.measure}"]
    aria = f"{title}. {says} {words['fit_page.band']}"
    sizes = ((1120.0, DAYS), (690.0, DAYS), (360.0, 2))
    svg = tuple(_week(one, width, columns, aria, words) for width, columns in sizes)
    key = f"band-{one.measure}-{one.by}"
    return Picture(key, title, says, svg, _band_table(one, title, words))


def _week(one: Hours, width: float, columns: int, says: str, words: Words) -> Markup:
    """Seven days beside one another, or two in a row."""
    counted = np.flatnonzero(one.counted.reshape(DAYS, HOURS).any(axis=0))
    first, last = int(counted[0]), int(counted[-1]) + 1
    most = ticks(float(np.nanmax([np.nanmax(one.high), np.nanmax(one.log[one.counted])])))[-1]
    rows = -(-DAYS // columns)
    high = _DAY_NAME + _PANEL + _FOOT
    canvas = Canvas(width, rows * high)
    wide = (width - _LEFT + _GAP) / columns - _GAP
    for day, name in enumerate(words.weekdays()):
        left = _LEFT + (wide + _GAP) * (day % columns)
        top = day // columns * high + _DAY_NAME
        frame = Frame(left, top, wide, _PANEL, (first, last), most)
        canvas.text(left, top - 5, name, "strong")
        if day % columns == 0:
            frame.scale(canvas, words)
        _panel(canvas, one, frame, day)
        step = next(by for by in (2, 4, 6, 12) if (last - first) / by <= wide / 26)
        for hour in range(-(-first // step) * step, last + 1, step):
            anchor = "end" if hour == last else "start" if hour == first else "middle"
            canvas.text(frame.x(hour), top + _PANEL + 16, str(hour), "note", anchor=anchor, size=12)
    return canvas.markup(says)


def _panel(canvas: Canvas, one: Hours, frame: Frame, day: int) -> None:
    """A day: the band an hour a box, the log a line of steps, a dot where it is outside."""
    floor, (first, last) = frame.y(0), frame.across
    canvas.line(((frame.left, floor), (frame.left + frame.width, floor)), "hair")
    boxes, points, dots = [], list[list[tuple[float, float]]]([[]]), []
    for hour in range(int(first), int(last)):
        at = day * HOURS + hour
        x, end = frame.x(hour), frame.x(hour + 1)
        if one.counted[at]:
            top, bottom = frame.y(one.high[at]), frame.y(one.low[at])
            boxes.append((x, top, end - x, max(bottom - top, 1.5)))
        if math.isnan(one.log[at]):
            points.append([])
            continue
        y = frame.y(one.log[at])
        points[-1] += [(x, y), (end, y)]
        if one.counted[at] and not one.inside[at]:
            dots.append(((x + end) / 2, y))
    canvas.boxes(boxes, "people-pale")
    for line in points:
        if line:
            canvas.line(line, "ring-thin")
    for x, y in dots:
        canvas.circle(x, y, 4, "short")


def _band_table(one: Hours, title: str, words: Words) -> Table:
    rows = tuple(
        (
            hour_name(words, hour),
            words.figures(float(one.log[hour])),
            words.between(
                words.figures(float(one.low[hour])), words.figures(float(one.high[hour]))
            ),
            words["fit_page.inside" if one.inside[hour] else "fit_page.outside"],
        )
        for hour in np.flatnonzero(one.counted).tolist()
    )
    names = ("table_hour", "table_log", "table_band", "head_verdict")
    return Table(title, tuple(words[f"fit_page.{name}"] for name in names), rows)
