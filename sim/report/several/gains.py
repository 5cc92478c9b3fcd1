"""What options gain and pay, in words: their cards, the cells of the table, the page's finding."""

from collections.abc import Sequence

from sim.report.page.document import Card, Cell, Line
from sim.report.page.verdict import Mark
from sim.report.page.words import SHARE, Words
from sim.report.several.options import (
    COST,
    HOURS,
    MONEY,
    OF_FINDING,
    PER_USE,
    SAYING,
    SURE,
    USED,
    USES,
    WEEK,
    Figure,
    Key,
    Option,
)
from sim.study.compare.matters import Finding
from sim.study.estimate.intervals import Estimate

_MOST_LINES, _YEAR, _HUNDRED, _MILLION = 3, 365, 100, 1e6


def difference(one: Figure, currency: str, words: Words) -> tuple[str, str]:
    """A difference as a gain or a loss, and its range: `13 more uses a day`, `12–14`.

    Args:
        one: the figure.
        currency: of the site.
        words: the language.
    """
    way = "more" if one.known.value > 0 else "less"
    size = Estimate(*map(abs, one.known))
    if size.low > size.high:
        size = Estimate(size.value, size.high, size.low)
    times = _HUNDRED if one.unit == SHARE else 1
    if one.key in {COST, WEEK, PER_USE}:
        number, known = words.money(size.value, currency), ""
    else:
        number, known = words.brief(times * size.value), words.brief_range(size, times)
    name = "_".join(one.key)
    return words.say(f"option.{name}_{way}", number=number), known


def cell(option: Option, key: Key, words: Words) -> Cell:
    """What the table says of a figure of an option: the verdict first.

    Where other people come, more uses are neither a gain nor a loss: they are more.
    """
    one = option.of(key)
    if one is None or not one.known.is_known:
        return Cell(Mark.CANNOT_SAY, words["mark.cannot-say"].casefold())
    times = 1e-6 if _is_large(one) else _HUNDRED if one.unit == SHARE else 1
    text = _signed(times * one.known.value, words, large=_is_large(one))
    if one.is_same:
        return Cell(Mark.SAME, words["option.cell_same"], "" if one.alike else text)
    known = words.brief_range(one.known, times)
    is_told = option.other_demand and key == USES
    if is_told or one.finding in {Finding.DIFFERS, Finding.NONE}:
        up = one.known.value > 0
        word = words["option.cell_more" if up else "option.cell_less"]
        return Cell(Mark.DEARER if up else Mark.CHEAPER, word, text, known)
    mark = OF_FINDING.get(one.finding, Mark.CANNOT_SAY)
    word = words[
        f"finding.{one.finding.value}" if mark is not Mark.CANNOT_SAY else "option.cell_cannot"
    ]
    return Cell(mark, word, text, known)


def _signed(value: float, words: Words, *, large: bool) -> str:
    """A difference with its sign; a plain 0 where that is all that is left of it."""
    text = words.number(value, 1) if large else words.brief(value)
    if not any(one in "123456789" for one in text):
        return "0"
    return f"+{text}" if value > 0 else text


def label(key: Key, figures: Sequence[Figure | None], currency: str, words: Words) -> str:
    """What a figure is called in the table, with its unit: `Cost a year, m DKK`."""
    large = any(one is not None and _is_large(one) for one in figures)
    unit = words.say("option.millions", currency=currency) if large else currency
    return words.say(f"option.{'_'.join(key)}", unit=unit)


def base_text(one: Figure, words: Words) -> str:
    """The base's figure, in the unit of its row."""
    if _is_large(one):
        return words.number(1e-6 * one.base, 1)
    return words.brief((_HUNDRED if one.unit == SHARE else 1) * one.base)


def _is_large(one: Figure) -> bool:
    return one.key in {COST, WEEK} and one.base >= _MILLION


# --- cards ----------------------------------------------------------------------------------------


def card(option: Option, currency: str, words: Words) -> Card:
    """What an option gains and pays, and its verdict.

    Args:
        option: with its figures.
        currency: of the site.
        words: the language.
    """
    gains, pays = _lines(option, currency, words)
    sure = not option.topics(Finding.UNSURE)
    nothing = words["option.nothing" if sure else "option.nothing_sure"]
    gains, pays = (some or [(nothing, "")] for some in (gains, pays))
    lines = [
        Line(words[f"option.{name}"] if number == 0 else "", strong, known)
        for name, some in (("gain", gains[:_MOST_LINES]), ("pay", pays[:_MOST_LINES]))
        for number, (strong, known) in enumerate(some)
    ]
    return Card(
        option.name,
        option.judged.mark,
        words[f"option.{option.judged.name}"],
        under=option.under,
        lines=tuple(lines),
        foot=_foot(option, currency, words),
    )


def _lines(
    option: Option, currency: str, words: Words
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Gains and losses, the weightiest matter first."""
    gains: list[tuple[str, str]] = []
    pays: list[tuple[str, str]] = []
    for topic, keys in SAYING:
        known = [one for one in map(option.of, keys) if one is not None]
        if option.other_demand and topic == USED:
            continue
        told = next((one for one in known if one.finding in SURE and not one.alike), None)
        if told is not None:
            into = gains if told.finding is Finding.BETTER else pays
            into.append(difference(told, currency, words))
    money = option.of(COST) or option.of(HOURS)
    if money is not None and money.finding in {*MONEY, Finding.DIFFERS}:
        more = money.known.value > 0
        (pays if more else gains).insert(
            1 if option.broken and more else 0, difference(money, currency, words)
        )
    same = [words[f"option.topic_{name}"] for name in option.topics(Finding.SAME)]
    if same and (gains or pays) and len(gains) < _MOST_LINES:
        gains.append((words.say("option.no_difference", topics=words.listed(same)), ""))
    return gains, pays


def _foot(option: Option, currency: str, words: Words) -> str:
    """The price of a use, of those gained or lost, where both are sure; else what is not sure."""
    if option.other_demand:
        return words["option.other_people"]
    money, uses = option.of(COST), option.of(USES)
    if money is not None and uses is not None and money.finding in MONEY and uses.finding in SURE:
        a_day = money.known.value / _YEAR
        if a_day * uses.known.value > 0:
            price = words.number(a_day / uses.known.value, 0)
            name = "price" if a_day > 0 else "saved"
            return words.say(f"option.{name}", amount=f"{price} {currency}")
    if unsure := [words[f"option.topic_{name}"] for name in option.untold]:
        return words.say("option.unsure", topics=words.listed(unsure))
    return ""


# --- the finding ----------------------------------------------------------------------------------

_GOOD = ("better", "dearer_too", "little", "cheaper")
_BAD = ("breaks", "worse")


def finding(options: Sequence[Option], currency: str, words: Words) -> str:
    """The page's title: the best of the options, then the worst, each with what makes it so.

    Args:
        options: all of them.
        currency: of the site.
        words: the language.
    """
    best = _first(options, _GOOD)
    worst = _first(options, _BAD)
    told = [one for one in (best, worst) if one is not None]
    if told:
        texts = [_sentence(one, currency, words) for one in told]
        if best is None and len(options) > 1:
            texts.insert(0, words["option.title_none"])
        return "\n".join(texts)
    names = {one.judged.name for one in options}
    if len(options) == 1:
        return _sentence(options[0], currency, words)
    if names <= {"same", "dearer"}:
        return words["option.title_all_same"]
    return words["option.title_all_unsure"]


def _first(options: Sequence[Option], names: Sequence[str]) -> Option | None:
    """Of the options with one of these verdicts that with the earliest, and the largest lead."""
    found = [one for one in options if one.judged.name in names]
    return min(
        found,
        key=lambda one: (
            one.other_demand,
            _rank(one, names),
            -(one.lead.weight if one.lead else 0.0),
        ),
        default=None,
    )


def _rank(one: Option, names: Sequence[str]) -> int:
    """Better, and better and dearer, are decided between by how much they gain."""
    return max(names.index(one.judged.name), 1)


def _sentence(one: Option, currency: str, words: Words) -> str:
    what = ""
    lead = one.of(COST) if one.judged.name in {"cheaper", "dearer"} else one.lead
    if lead is not None:
        what = difference(lead, currency, words)[0]
    return words.say(f"option.title_{one.judged.name}", option=one.name, what=what)


def months(replications: float, days: int, words: Words) -> str:
    """How many months were played of each option."""
    return words.brief(12 * replications * days / 365.25)
