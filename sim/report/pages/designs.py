"""A sizing's pictures: a map of the designs beside the answer, and the best at each cost.

On the map stands only what was played.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import isinf, isnan
from typing import Any

from sim.report.charts.designs import (
    Axis,
    DesignMap,
    Frontier,
    MapCell,
    Place,
    Point,
    frontier_picture,
    map_picture,
)
from sim.report.page.document import Picture
from sim.report.page.verdict import Mark
from sim.report.page.wording import TargetWords
from sim.report.page.words import SHARE, Words, heading
from sim.report.pages.sized import HUNDRED, MILLION, Judged, Key, Sized, comparable, value_text
from sim.study.estimate.intervals import Estimate

_LARGE = 1e5
_MOST_LEVELS = 12
"""As many values of a setting as `size` plays for the map."""
_FEWEST_POINTS = 3
_MOST_LABELS = 3
_FEWEST_PLAYED = 3
"""One in so many cells of a map must have been played for it to be drawn."""
_TEACHES = 0.12
"""Of the whole gain: a step of staff that brings so much is named."""


# --- pictures -------------------------------------------------------------------------------------


def _decisive(sized: Sized) -> TargetWords | None:
    """The target that most designs of the map miss first, or else that is nearest its limit."""
    missed: Counter[str] = Counter()
    for key in _map_keys(sized).values():
        if fails := _fails(sized.judged.get(key, ())):
            missed[fails.text] += 1
    if missed:
        text = missed.most_common(1)[0][0]
        return next(one for one in sized.targets if one.text == text)
    judged = () if sized.shown is None else sized.judged.get(sized.key(sized.shown), ())
    known = [one for one in judged if not isnan(one.margin)]
    return min(known, key=lambda one: one.margin).target if known else None


def _fails(judged: Sequence[Judged]) -> TargetWords | None:
    """Of the targets that a design surely misses the one furthest from its limit."""
    missed = [one for one in judged if one.verdict is Mark.NO]
    return min(missed, key=lambda one: one.margin).target if missed else None


def _map_keys(sized: Sized) -> Mapping[Place, Key]:
    """The designs of the map: all else as in the one that is shown."""
    if sized.shown is None:
        return {}
    axes = _axes(sized)
    found = {}
    for column, x in enumerate(axes[0][1]):
        for row, y in enumerate(axes[1][1]):
            beside = {axes[0][0]: x} | ({axes[1][0]: y} if axes[1][0] else {})
            found[column, row] = sized.key({**sized.shown, **beside})
    return found


def _axes(sized: Sized) -> list[tuple[str, list[Any]]]:
    """Names and values of the settings that span the map, the values nearest to what is shown."""
    found: list[tuple[str, list[Any]]] = []
    for name in sized.contents["map"]:
        levels = sized.levels(name)
        assert sized.shown is not None  # the caller has looked
        here = [comparable(one) for one in levels].index(comparable(sized.shown[name]))
        first = min(max(here - _MOST_LEVELS // 2, 0), max(len(levels) - _MOST_LEVELS, 0))
        levels = levels[first : first + _MOST_LEVELS]
        found.append((name, sorted(levels, key=_comparable_first)))
    return [*found, *([("", [""])] * (2 - len(found)))]


def _comparable_first(value: object) -> tuple[int, float, str]:
    one = comparable(value)
    return (0, one, "") if isinstance(one, float) else (1, 0.0, one)


def size_pictures(sized: Sized) -> Iterator[Picture]:
    """The map, and cost against service; what has nothing to show is left out."""
    decisive = _decisive(sized)
    if sized.contents["map"] and sized.shown is not None and decisive and _says_enough(sized):
        about = design_map(sized, decisive)
        says = _map_says(sized, about, decisive)
        yield map_picture(about, map_title(sized, about), says, sized.words)
    found = frontier(sized, decisive)
    if found is not None:
        about_it, headline, says = found
        yield frontier_picture(about_it, headline, says, sized.words)


def _says_enough(sized: Sized) -> bool:
    """Whether more than a few cells of a map were played; a search that was stopped plays few."""
    keys = _map_keys(sized).values()
    played = sum(key in sized.judged for key in keys)
    return not sized.is_searching or played * _FEWEST_PLAYED >= len(keys)


def design_map(sized: Sized, decisive: TargetWords) -> DesignMap:
    """The map around the design that is shown."""
    assert sized.shown is not None  # the caller has looked
    axes, words = _axes(sized), sized.words
    keys = _map_keys(sized)
    here = sized.key(sized.shown)
    shown = next(place for place, key in keys.items() if key == here)
    names = [sized.settings.axis(name) if name else "" for name, _ in axes]
    values = [tuple(value_text(one, words) for one in levels) for _, levels in axes]
    return DesignMap(
        across=Axis(names[0], values[0]),
        up=Axis(names[1], values[1]),
        cells={place: _map_cell(sized, key, decisive) for place, key in keys.items()},
        chosen=shown,
        chosen_is="chosen" if sized.is_found else "nearest",
        thumbs=tuple(_thumbs(sized, axes)),
    )


def _map_cell(sized: Sized, key: Key, decisive: TargetWords) -> MapCell:
    status = str(sized.rows.get(key, {}).get("status", ""))
    judged = sized.judged.get(key, ())
    if status == "breaks a rule":
        return MapCell(None, "", why_empty="unsafe")
    if not judged:
        proven = status == "ruled out by load"
        return MapCell(None, "", why_empty="ruled_out" if proven else "not_played")
    marks = [one.verdict for one in judged]
    mark = next((one for one in (Mark.NO, Mark.CANNOT_SAY) if one in marks), Mark.YES)
    one = next(one for one in judged if one.target is decisive)
    times = HUNDRED if one.target.unit == SHARE else 1
    fails = _fails(judged)
    return MapCell(
        mark,
        sized.words.brief(times * one.known.value),
        sized.words.brief_range(one.known, times),
        "" if fails is None else short_name(sized, fails),
    )


def short_name(sized: Sized, target: TargetWords) -> str:
    """A target in a word or two, for its part of the map."""
    words = sized.words
    for start in ("unserved", "wait", "response", "cost"):
        if target.text.startswith(start):
            return words[f"size.short_{start}"]
    number = sized.targets.index(target) + 1
    return words.say("size.short_number", number=words.number(number, 0))


def _thumbs(sized: Sized, axes: Sequence[tuple[str, list[Any]]]) -> Iterator[Place]:
    """Where on the map the rule of thumb is, if it is there."""
    table = sized.saved.table("thumbs.csv")
    for row in () if table is None else table.to_dict(orient="records"):
        place = []
        for name, levels in axes:
            room = name.removeprefix("rooms.").removesuffix(".places")
            number = row.get(f"places_{room}")
            if name and number in levels:
                place.append(levels.index(number))
        if len(place) == len(axes):
            yield place[0], place[1]


def _thumbs_differ(sized: Sized) -> bool:
    """Whether the rule of thumb has other places in a room that is not on the map."""
    table = sized.saved.table("thumbs.csv")
    assert sized.shown is not None  # there is a map
    for name, room in sized.scenario.rooms.items():
        path, column = f"rooms.{name}.places", f"places_{name}"
        if path in sized.contents["map"] or table is None or column not in table:
            continue
        if any(int(one) != int(sized.shown.get(path, room.places)) for one in table[column]):
            return True
    return False


def map_title(sized: Sized, about: DesignMap) -> str:
    """What the map finds: which targets decide on it."""
    words = sized.words
    if about.fails[1:]:
        return words.say("size.map_several", number=words.number(len(about.fails), 0))
    if about.fails:
        fails = next(one for one in sized.targets if short_name(sized, one) == about.fails[0])
        return words.say("size.map_one", target=fails.says)
    marks = {cell.mark for cell in about.cells.values()}
    return words["size.map_open" if Mark.CANNOT_SAY in marks else "size.map_all"]


def _map_says(sized: Sized, about: DesignMap, decisive: TargetWords) -> str:
    words = sized.words
    assert sized.shown is not None  # the caller has looked
    others = [
        sized.settings.said(name, sized.shown[name])
        for name in sized.names
        if name not in sized.contents["map"]
    ]
    says = f"{heading(decisive.measure)}."
    if others:
        says += f" {words.say('size.map_with', settings=words.listed(others))}"
    if about.thumbs and _thumbs_differ(sized):
        says += f" {words['size.map_thumb']}"
    return says


# --- cost against service -------------------------------------------------------------------------


def frontier(sized: Sized, decisive: TargetWords | None) -> tuple[Frontier, str, str] | None:
    """The best designs at each cost, with a title and what is drawn; nothing of a few points."""
    words, table = sized.words, sized.saved.table("frontier.csv")
    if table is None:
        return None
    by_wait = decisive is not None and decisive.text.startswith("wait.p90")
    by_wait = by_wait and sized.facility is None
    figure = "wait.p90" if by_wait else "unserved.share"
    rows = [
        row
        for row in table[table["figure"] == figure].to_dict(orient="records")
        if not isinf(float(row["value"]))
    ]
    if len(rows) < _FEWEST_POINTS:
        return None
    large = max(float(row["cost_per_year"]) for row in rows) >= _LARGE
    limit, times = _limit(sized, figure), 1.0 if by_wait else float(HUNDRED)
    points = tuple(_points(sized, rows, (MILLION if large else 1.0, times, limit)))
    about = Frontier(
        points=points,
        cost_name=words.say("size.cost_axis" + ("_m" if large else ""), currency=sized.currency),
        value_name=words["size.wait_axis" if by_wait else "size.leave"],
        limit=limit,
        limit_name="" if limit is None else words.say("size.limit", limit=words.exact(limit)),
        cost_shown=tuple(sized.money(float(row["cost_per_year"])) for row in rows),
        value_shown=tuple(_with_range(row, times, words) for row in rows),
        written=lambda values: [words.exact(one) for one in values],
        answer=_answer(sized, points, (MILLION if large else 1.0, times, limit), by_wait=by_wait),
    )
    says = words["size.frontier_says"]
    places = _place_names(sized)
    if places[1:] and any(point.label and not point.of_staff for point in points):
        named = " + ".join(sized.settings.axis(name) for name in places)
        says += f" {words.say('size.frontier_numbers', rooms=named)}"
    by = "wait" if by_wait else "leave"
    return about, _frontier_title(sized, rows, points, by), says


def _answer(
    sized: Sized,
    points: Sequence[Point],
    scale: tuple[float, float, float | None],
    *,
    by_wait: bool,
) -> Point | None:
    """The answer as a point of its own, unless it is one of the best."""
    row, (by, times, limit) = sized.row, scale
    if not sized.is_found or row is None or any(one.is_chosen for one in points):
        return None
    value = times * float(row["wait_p90" if by_wait else "unserved_share"])
    if isinf(value) or isnan(value):
        return None
    cost = float(row["cost_per_year"]) / by
    meets = limit is None or value <= limit
    return Point(cost, value, meets, "", sized.words["size.key_chosen"], is_chosen=True)


def _with_range(row: Mapping[Hashable, Any], times: float, words: Words) -> str:
    known = Estimate(*(float(row[name]) for name in ("value", "ci_low", "ci_high")))
    ends = "" if any(map(isinf, known)) else words.brief_range(known, times)
    number = words.brief(times * known.value)
    return f"{number} ({ends})" if ends else number


def _limit(sized: Sized, figure: str) -> float | None:
    """The limit of the target on a figure of all visits, as it is drawn."""
    for one, target in zip(sized.contents["targets"], sized.targets, strict=True):
        text = target.text.replace(" ", "")
        if figure == "unserved.share" and text.startswith(("unserved<", "unserved.share<")):
            return HUNDRED * float(one["limit"])
        if figure == "wait.p90" and text.startswith("wait.p90<"):
            number = text.partition("<")[2].lstrip("=").removesuffix("min")
            return float(number) if number.replace(".", "", 1).isdigit() else None
    return None


def _place_names(sized: Sized) -> list[str]:
    return [one for one in sized.names if one.startswith("rooms.") and one.endswith(".places")]


def _points(
    sized: Sized, rows: Sequence[Mapping[Hashable, Any]], scale: tuple[float, float, float | None]
) -> Iterator[Point]:
    """Each design; a label where it teaches something: the ends, the answer, a step of staff."""
    by, times, limit = scale
    labels = _labels(sized, rows)
    for number, row in enumerate(rows):
        value = times * float(row["value"])
        label, of_staff = labels.get(number, ("", False))
        design = ", ".join(sized.settings.said(name, row[name]) for name in sized.names)
        yield Point(
            cost=float(row["cost_per_year"]) / by,
            value=value,
            meets=limit is None or value <= limit,
            says=design,
            label=label,
            of_staff=of_staff,
            is_chosen=bool(row["chosen"]),
        )


def _labels(sized: Sized, rows: Sequence[Mapping[Hashable, Any]]) -> Mapping[int, tuple[str, bool]]:
    words, places = sized.words, _place_names(sized)
    found: dict[int, tuple[str, bool]] = {}
    whole = float(rows[0]["value"]) - float(rows[-1]["value"])
    steps = sorted(
        (
            (float(rows[number - 1]["value"]) - float(rows[number]["value"]), number)
            for number in range(1, len(rows))
            if _more_staff(sized, rows[number - 1], rows[number])
        ),
        reverse=True,
    )
    for gain, number in steps[:_MOST_LABELS]:
        if gain >= _TEACHES * whole:
            found[number] = ", ".join(_more_staff(sized, rows[number - 1], rows[number])), True
    for number in (0, len(rows) - 1):
        if number not in found and places[1:]:
            found[number] = " + ".join(str(rows[number][name]) for name in places), False
    for number, row in enumerate(rows):
        if row["chosen"]:
            found[number] = words["size.key_chosen"], False
    return found


def _more_staff(
    sized: Sized, before: Mapping[Hashable, Any], after: Mapping[Hashable, Any]
) -> list[str]:
    """The people that one design has more than another."""
    return [
        sized.settings.changed(name, before[name], after[name])
        for name in sized.names
        if sized.settings.is_staff(name) and float(after[name]) > float(before[name])
    ]


def _frontier_title(
    sized: Sized, rows: Sequence[Mapping[Hashable, Any]], points: Sequence[Point], by: str
) -> str:
    """Whether people or places make the large steps; else from where to where it goes."""
    words = sized.words
    drops = [
        (float(a["value"]) - float(b["value"]), bool(_more_staff(sized, a, b)))
        for a, b in pairwise(rows)
    ]
    whole, of_staff = sum(one for one, _ in drops), sum(one for one, staff in drops if staff)
    if whole > 0 and of_staff >= whole / 2:
        return words["size.frontier_staff"]
    first, last = (words.brief(points[number].value) for number in (0, -1))
    return words.say(f"size.frontier_{by}", first=first, last=last)
