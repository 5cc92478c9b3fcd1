"""The page on which the designs of a sweep are looked up, in one file that needs no network.

Everything that it says of a design is written here, in the reader's language; its script finds the
design that the sliders stand at, or the nearest that was played, and shows what belongs to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import floor, isnan
from typing import Any

from sim.report.explore.explored import Explored, explored, value_of
from sim.report.explore.pictures import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, axis, pictures
from sim.report.page.document import as_json, file, style, template
from sim.report.page.verdict import WORST_FIRST, Mark
from sim.report.page.words import DASH, Words, heading
from sim.report.several.gains import card, cell, difference, finding, months
from sim.report.several.options import COST, HOURS, MET, Key, Option
from sim.results.read import Saved
from sim.study.estimate.intervals import Estimate
from sim.study.run.workers import Progress, silent

_PREFIX = "explore."
_ALL = 100.0
"""In 100."""
_CARDS: tuple[tuple[Key, ...], ...] = (
    (("wait", "p90"), ("wait", "mean")),
    (("unserved", "share"), ("uses", "per_day")),
    (MET, ("response_team", "mean")),
    (COST, HOURS),
)
"""The figures of the four answers; of each the first that there is."""


def explore_page(
    saved: Saved, words: Words, marks: Sequence[str] = (), progress: Progress = silent
) -> str:
    """The page as HTML; the same folder, language and version give the same bytes.

    Args:
        saved: the folder of a sweep.
        words: the language.
        marks: what must be known before anything on it is believed.
        progress: is told of every design drawn.

    Raises:
        ResultsError: the folder is damaged.
    """
    found = explored(saved, words)
    contents = saved.contents("sweep.json")
    says = {
        key.removeprefix(_PREFIX): text
        for key, text in words.texts.items()
        if key.startswith(_PREFIX)
    }
    return template("explore").render(
        words=words,
        say=says,
        marks=marks,
        drawn_from=saved.sha256,
        title=words.say("explore.tab", name=contents["scenario"]),
        facts=tuple(_facts(found, contents)),
        foot=words.say(
            "compare.foot",
            replications=words.count("unit.replications", int(contents["replications"])),
            seed=contents["seed"],
            version=saved.manifest.get("version", ""),
        ),
        found=found,
        shapes=tuple(Mark),
        style=style() + file("page", "style.css") + file("explore", "style.css"),
        script=file("explore", "explore.js"),
        has_base=bool(found.options),
        list_title=_list_title(found),
        list_note=_list_note(found),
        other_people=bool(contents.get("other_people")),
        handed=as_json(_handed(found, says, progress), (",", ":")),
    )


def _facts(found: Explored, contents: Mapping[str, Any]) -> Iterator[str]:
    words, scenario = found.words, found.swept.scenario
    yield scenario.title if scenario and scenario.title else str(contents["scenario"])
    yield words.count("sweep.designs", len(found.places))
    if scenario is not None:
        days = scenario.horizon.total_days - 7 * scenario.horizon.warmup_weeks
        number = months(int(contents["replications"]), days, words)
        yield words.say("compare.months", number=number)


def _list_title(found: Explored) -> str:
    words = found.words
    if not found.meeting:
        return words["explore.none_meets"]
    return words["explore.cheapest" if found.is_priced else "explore.meeting"]


def _list_note(found: Explored) -> str:
    return found.words.say(
        "explore.meeting_of",
        number=found.words.number(len(found.meeting), 0),
        designs=found.words.count("sweep.designs", len(found.places)),
    )


# --- what is handed to the script -----------------------------------------------------------------


def _handed(found: Explored, says: Mapping[str, str], progress: Progress) -> dict[str, Any]:
    cards = [next((key for key in keys if key in found.keys), None) for keys in _CARDS]
    return {
        "say": says,
        "box": [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM],
        "questions": [
            {
                "key": one.key,
                "name": one.name,
                "values": [str(level) for level in one.levels],
                "texts": one.texts,
                "whole": one.whole,
                "places": [round(place, 6) for place in one.places],
                "base": one.base,
                "ordered": one.is_ordered,
                **axis(one),
            }
            for one in found.questions
        ],
        "figures": [[found.label(key), _base_text(found, key)] for key in found.keys],
        "cards": [
            [found.keys.index(key), _target_of(found, key)] for key in cards if key is not None
        ],
        "targets": [one.target for one in found.targets[0]],
        "designs": list(_designs(found, progress)),
        "base": found.base,
        "first": found.base if found.base is not None else found.listed[0],
        "listed": found.listed,
        "pictures": list(pictures(found)),
    }


def _designs(found: Explored, progress: Progress) -> Iterator[dict[str, Any]]:
    for number in range(len(found.places)):
        progress(number, len(found.places))
        yield _design(found, number)


def _target_of(found: Explored, key: Key) -> int | None:
    """The target that is about a figure."""
    return found.target_keys.index(key) if key in found.target_keys else None


def _design(found: Explored, number: int) -> dict[str, Any]:
    """All that is said of a design."""
    told: dict[str, Any] = {
        "at": found.places[number],
        "name": heading(found.swept.names[number]),
        "title": [_of_targets(found, number)],
        "figures": [_figure(found, number, key) for key in found.keys],
        "targets": [
            [str(one.mark), one.word, one.known, one.remark] for one in found.targets[number]
        ],
    }
    if not found.options:
        return told
    option = found.options[number]
    shown = card(option, found.currency, found.words)
    judged = option.judged
    told |= {
        "changes": "; ".join(option.changes),
        "verdict": [str(judged.mark), shown.answer],
        "lines": [[one.label, one.strong, one.known] for one in shown.lines],
        "foot": shown.foot,
        "broken": _broken(option, found),
    }
    told["title"].append(_of_base(option, found) if option.changes else "")
    return told


def _of_targets(found: Explored, number: int) -> str:
    """Whether a design meets its targets, in a sentence."""
    words, judged = found.words, found.targets[number]
    worst = next((mark for mark in WORST_FIRST if mark in {one.mark for one in judged}), None)
    kind = "usual" if found.is_usual else "own"
    if worst is None:
        return ""
    number_of = sum(one.mark is worst for one in judged)
    return words.count(f"explore.{kind}_{worst}", number_of, of=words.number(len(judged), 0))


def _of_base(option: Option, found: Explored) -> str:
    """What a design changes, in a sentence, such as `This design: 12 more uses a day.`."""
    words = found.words
    sentence = finding([replace(option, name=words["explore.this_design"])], found.currency, words)
    return sentence.replace("\n", " ")


def _broken(option: Option, found: Explored) -> str:
    """The rule that a design breaks and the scenario as it is keeps better; empty if none."""
    if option.broken is None:
        return ""
    text, known = difference(option.broken, found.currency, found.words)
    return f"{heading(text)} ({known})." if known else f"{heading(text)}."


def _figure(found: Explored, number: int, key: Key) -> list[str]:
    """Value and range; then the verdict's shape and word, the difference and its range."""
    value, ends = _written(found, key, value_of(found, number, key))
    if not found.options:
        return [value, ends]
    shown = cell(found.options[number], key, found.words)
    if shown.text == "0" and shown.mark in {Mark.SAME, Mark.DEARER, Mark.CHEAPER}:
        return [value, ends, str(Mark.SAME), found.words["option.cell_same"], "", ""]
    return [value, ends, str(shown.mark), shown.word, shown.text, shown.known]


def _written(found: Explored, key: Key, known: Estimate) -> tuple[str, str]:
    """A figure and its range; all of the overdoses in a word."""
    words = found.words
    if not known.is_known:
        return DASH, ""
    if key == MET and known.value >= _ALL:
        low = "" if isnan(known.low) else words.number(floor(known.low), 0)
        return words["size.all"], words.say("size.at_least", number=low) if low else ""
    if key == COST:
        digits = 1 if found.times(key) < 1 else 0
        ends = [words.number(one, digits) for one in (known.low, known.high)]
        told = isnan(known.low) or known.low == known.high
        return words.number(known.value, digits), "" if told else words.between(*ends)
    return words.brief(known.value), words.brief_range(known)


def _base_text(found: Explored, key: Key) -> str:
    value = found.base_of(key) * found.times(key)
    return "" if isnan(value) else _written(found, key, Estimate(value))[0]
