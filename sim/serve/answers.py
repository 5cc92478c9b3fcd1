"""The answers to a move: what `compare` finds of it, in the words and pictures of its page.

Nothing is worked out here: studies are compared by `compare`, its table is read as the page of a
comparison reads it, and the functions that draw the page draw this one.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import floor, isnan

from sim.report.charts.difference import HourByHour, average_hours, difference_picture
from sim.report.page.document import Cell, Judgement, Picture
from sim.report.page.phrases import Phrases, headed
from sim.report.page.settings import changed
from sim.report.page.verdict import Mark
from sim.report.page.words import SHARE, Words, heading
from sim.report.pages.run import judgements
from sim.report.several.gains import (
    base_text,
    cell,
    difference,
    finding,
    label,
    months,
)
from sim.report.several.options import (
    COST,
    HOURS,
    MET,
    MONEY,
    Figure,
    Key,
    Option,
    read_options,
    shown_rows,
)
from sim.results.comparison import change_records, comparison_contents
from sim.scenario import Scenario
from sim.scenario.derived.outlook import longer_without_staff, outlook
from sim.study import StudyResult
from sim.study.compare.comparison import Comparison, Studied, compare, hours_table
from sim.study.compare.matters import headlines
from sim.study.compare.options import changes, rota_changes
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.targets import judge, targets_table

_CARDS: tuple[tuple[Key, ...], ...] = (
    (("wait", "p90"), ("wait", "mean")),
    (("unserved", "share"),),
    (MET, ("response_team", "mean")),
    (COST, HOURS),
)
"""What the four answers are about, and the figures of which the first that there is says it."""
_PICTURES = ("waiting", "unserved")
_THIRD = ("intake_paused", "wait_mean", "places_occupied")
"""Of these the first that differs is drawn, else the first that there is."""
_WIDTH = 220.0
_NAMED = 2
"""Changes that a name tells of."""


@dataclass(frozen=True)
class Answer:
    """One of the four: before and now, and what the difference is worth."""

    title: str
    unit: str
    before: str
    now: str
    mark: Mark
    word: str
    says: str
    """How much it is."""
    known: str
    """The range of that."""


@dataclass(frozen=True, eq=False)
class Beside:
    """What stands below the four answers, and takes as long as they do."""

    more: tuple[tuple[str, str, Cell], ...]
    """What else differs: what it is, as it was, and the verdict on it."""
    targets: tuple[Judgement, ...]
    warnings: tuple[str, ...]
    """What `check` warns of, of the move and not of what it is compared with."""
    known_warnings: tuple[str, ...]
    """What it warns of in both."""
    pictures: tuple[Picture | str, ...]
    """Or a sentence where there is nothing to draw."""


@dataclass(frozen=True, eq=False)
class Answers:
    """All that is said of a move, the words of it first."""

    mark: Mark
    word: str
    """The verdict on it as a whole."""
    name: str
    """What it changes, short."""
    title: str
    """The finding, as a sentence."""
    under: str
    cards: tuple[Answer, ...]
    played: str
    """How many months."""
    figures: tuple[Mapping[str, object], ...]
    """The lines of `comparison.csv` behind it."""
    beside: Callable[[], Beside]
    """Draws the rest."""


def wanted_keys(base: Scenario, now: Scenario) -> tuple[tuple[str, str, str], ...]:
    """The figures of which the page speaks."""
    rotas = bool(rota_changes(changes(base, now)))
    shown = [(one.metric, one.statistic, "all") for one in headlines(rotas=rotas)]
    return (*shown, ("cost", "per_year", "all"))


def answers(base: Studied, now: Studied, words: Words) -> Answers:
    """What is said of a move.

    Args:
        base: what it is compared with.
        now: the move, of the same seed and replications.
        words: the language.
    """
    keys = wanted_keys(base.scenario, now.scenario)
    compared = compare(base, [now], only=keys)
    contents = json.loads(json.dumps(comparison_contents(compared)))
    option = read_options(compared.table, contents, Phrases(base.scenario, words))[0]
    currency = base.scenario.currency
    return Answers(
        mark=option.judged.mark,
        word=words[f"option.{option.judged.name}"],
        name=option.name,
        title=finding([option], currency, words),
        under=_under(option, currency, words),
        cards=tuple(
            _card(option, one, currency, words)
            for wanted in _CARDS
            if (one := _first(option, wanted)) is not None
        ),
        played=_played(base, words),
        figures=tuple(_figures(compared)),
        beside=partial(_beside, base, now, compared, option, words),
    )


def _beside(
    base: Studied, now: Studied, compared: Comparison, option: Option, words: Words
) -> Beside:
    own, both = (tuple(map(words.told, some)) for some in _warnings(base.scenario, now.scenario))
    return Beside(
        more=tuple(_more(option, base.scenario.currency, words)),
        targets=_targets(now, words),
        warnings=own,
        known_warnings=both,
        pictures=tuple(_pictures(compared, option, words, both=True)),
    )


def _figures(compared: Comparison) -> Iterator[Mapping[str, object]]:
    for row in compared.table.to_dict(orient="records"):
        yield {
            str(name): None if isinstance(value, float) and isnan(value) else value
            for name, value in row.items()
        }


def _played(base: Studied, words: Words) -> str:
    horizon = base.scenario.horizon
    days = horizon.total_days - 7 * horizon.warmup_weeks
    return words.say("serve.played", months=months(base.result.count, days, words))


# --- the four -------------------------------------------------------------------------------------


def _first(option: Option, keys: Sequence[Key]) -> Figure | None:
    return next((one for key in keys if (one := option.of(key)) is not None), None)


def _card(option: Option, one: Figure, currency: str, words: Words) -> Answer:
    mark, word = _verdict(option, one, words)
    says, known = _apart(one, currency, words)
    name = "_".join(one.key)
    return Answer(
        title=words.texts.get(f"serve.{name}") or label(one.key, [one], currency, words),
        unit=_unit(one, currency, words),
        before=_value(one, words),
        now=_value(replace(one, base=one.value), words),
        mark=mark,
        word=word,
        says=says,
        known=known,
    )


def _value(one: Figure, words: Words) -> str:
    """A figure alone; all and none in words."""
    if isnan(one.base):
        return words["size.nothing"]
    if one.key == MET and one.base in {0.0, 1.0}:
        return words["size.all" if one.base else "size.none"]
    return base_text(one, words)


def _unit(one: Figure, currency: str, words: Words) -> str:
    if one.key == COST:
        found = label(one.key, [one], currency, words)
        return found.rpartition(", ")[2]
    if one.key == MET and one.base == one.value == 1:
        return ""
    return words.texts.get(f"serve.{'_'.join(one.key)}_unit", "")


def _verdict(option: Option, one: Figure, words: Words) -> tuple[Mark, str]:
    """In words that stand alone: hours of staff, and uses by other people, are more or fewer."""
    found = cell(option, one.key, words)
    if one.alike:
        return Mark.SAME, words["serve.no_difference"]
    whole = {Mark.SAME: "same", Mark.CANNOT_SAY: "cannot-say"}
    if found.mark in whole:
        return found.mark, words[f"option.{whole[found.mark]}"]
    return found.mark, heading(found.word)


def _apart(one: Figure, currency: str, words: Words) -> tuple[str, str]:
    """How much the difference is, as a gain or a loss."""
    if not one.known.is_known:
        return "", ""
    if one.alike or (one.known.value == 0 and one.known.low == one.known.high):
        return words["serve.alike"], ""
    name = f"serve.{'_'.join(one.key)}"
    way = "more" if one.known.value > 0 else "less"
    if f"{name}_{way}" not in words.texts:
        return difference(one, currency, words)
    # So much more, or so much less; where it may be either, its ends are told in the same word.
    told = one.known if way == "more" else one.known.times(-1)
    if one.key == COST:
        return words.say(f"{name}_{way}", number=words.money(told.value, currency)), ""
    times = 100 if one.unit == SHARE else 1
    size = Estimate(told.value, *sorted((told.low, told.high)))
    number = words.brief(times * size.value)
    return words.say(f"{name}_{way}", number=number), words.brief_range(size, times)


def _under(option: Option, currency: str, words: Words) -> str:
    """What it costs, and whether the same people come."""
    parts = [option.under] if option.under else []
    money = option.of(COST)
    if money is not None and money.finding in MONEY:
        parts.append(difference(money, currency, words)[0])
    key = "other_people" if option.other_demand else "other_hours" if option.other_people else ""
    parts.append(words[f"serve.{key or 'same_people'}"])
    return " · ".join(parts)


def _more(option: Option, currency: str, words: Words) -> Iterator[tuple[str, str, Cell]]:
    """What else surely differs, as in the table of a comparison."""
    told = {one.key for keys in _CARDS if (one := _first(option, keys)) is not None}
    for key in shown_rows([option])[0]:
        one = option.of(key)
        if one is not None and key not in told:
            yield (
                label(key, [one], currency, words),
                base_text(one, words),
                cell(option, key, words),
            )


def _targets(now: Studied, words: Words) -> tuple[Judgement, ...]:
    if not now.scenario.targets:
        return ()
    table = targets_table(judge(now.scenario, now.result), now.result.count)
    return tuple(judgements(table, words))


def _warnings(base: Scenario, now: Scenario) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What `check` warns of now and not before, and what it warned of before too."""
    before = outlook(base).warnings
    found = dict.fromkeys((*outlook(now).warnings, *longer_without_staff(base, now, base.name)))
    own = tuple(one for one in found if one not in before)
    return own, tuple(one for one in found if one in before)


# --- as it is -------------------------------------------------------------------------------------


def as_it_is(found: Studied, words: Words) -> Answers:
    """What is said where nothing is moved: the figures with their intervals, and the pictures."""
    alike = replace(found, name=f"{found.name} ")
    compared = compare(found, [alike], only=wanted_keys(found.scenario, found.scenario))
    contents = json.loads(json.dumps(comparison_contents(compared)))
    option = read_options(compared.table, contents, Phrases(found.scenario, words))[0]
    name = found.scenario.title or words.name(found.scenario.name)
    return Answers(
        mark=Mark.SAME,
        word="",
        name=words["serve.started"],
        title=words.say("serve.as_it_is", site=name.partition(",")[0]),
        under=words["serve.move_something"],
        cards=tuple(
            _alone(one, found.result, found.scenario.currency, words)
            for keys in _CARDS
            if (one := _first(option, keys)) is not None
        ),
        played=_played(found, words),
        figures=tuple(_figures(compared)),
        beside=partial(_beside_as_it_is, found, compared, option, words),
    )


def _beside_as_it_is(found: Studied, compared: Comparison, option: Option, words: Words) -> Beside:
    return Beside(
        more=(),
        targets=_targets(found, words),
        warnings=tuple(map(words.told, outlook(found.scenario).warnings)),
        known_warnings=(),
        pictures=tuple(_pictures(compared, option, words, both=False)),
    )


def _alone(one: Figure, result: StudyResult, currency: str, words: Words) -> Answer:
    """A figure without anything beside it, and its interval in words."""
    name = "_".join(one.key)
    known = result.figures.of(*one.key, "all")
    return Answer(
        title=words.texts.get(f"serve.{name}") or label(one.key, [one], currency, words),
        unit=_unit(one, currency, words),
        before="",
        now=_value(one, words),
        mark=Mark.SAME,
        word="",
        says=_interval(one, known, words),
        known="",
    )


def _interval(one: Figure, known: Estimate, words: Words) -> str:
    """Between what it lies; nothing where it follows from the scenario."""
    if isnan(known.low) or known.low == known.high:
        return ""
    if one.key == MET and known.value == 1:
        return words.say("serve.at_least", number=words.number(floor(100 * known.low), 0))
    ends = words.brief_range(known, 100 if one.unit == SHARE else 1)
    return words.say("serve.between", ends=ends) if ends else ""


# --- pictures -------------------------------------------------------------------------------------


def _pictures(
    compared: Comparison, option: Option, words: Words, *, both: bool
) -> Iterator[Picture | str]:
    """Who waits, who leaves, and one more that differs."""
    table = hours_table(compared)
    found = {metric: average_hours(table, metric, option.own) for metric in (*_PICTURES, *_THIRD)}
    for number, metric in enumerate((*_PICTURES, _third(found))):
        yield _picture(found[metric], number, metric, words, both=both)


def _third(found: Mapping[str, HourByHour | None]) -> str:
    """What is drawn beside who waits and who leaves."""
    there = [(metric, one) for metric in _THIRD if (one := found[metric]) is not None]
    differ = [metric for metric, one in there if len(one.hours) and abs(one.apart).max() > 0]
    return (*differ, *(metric for metric, _ in there), _THIRD[0])[0]


def _picture(
    found: HourByHour | None, number: int, metric: str, words: Words, *, both: bool
) -> Picture | str:
    """An average day; with a grey line for what it is compared with."""
    if found is None or not len(found.hours):
        return words[f"serve.nothing_{metric}"]
    title = words[f"serve.picture_{metric}"]
    drawn = difference_picture(found, "people", title, ("", ""), words, (_WIDTH,))
    says = f"{drawn.says} {words['serve.grey_line']}" if both else drawn.says
    assert drawn.table is not None  # every drawing of hours has one
    head = (drawn.table.head[0], heading(words["serve.before"]), heading(words["serve.now"]))
    return replace(drawn, key=f"picture-{number}", says=says, table=replace(drawn.table, head=head))


def name_of(base: Scenario, now: Scenario, words: Words) -> str:
    """What a move changes, short: `8 smoking places instead of 12`."""
    texts = Phrases(base, words).changes(changed(change_records(changes(base, now))))
    return headed(texts[:_NAMED]) if texts else words["serve.started"]
