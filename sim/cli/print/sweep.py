"""Sweeps and tornados in at most 80 columns."""

from collections.abc import Sequence
from math import isnan
from textwrap import wrap

from rich.table import Table

from sim.cli.console import WIDTH, new_table, say, styled
from sim.cli.print.named import column_name, figure_text, setting_name
from sim.report import ENGLISH
from sim.report.page.numbers import plain, with_half
from sim.report.page.words import Words
from sim.scenario.errors.problem import shorten
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.read import FACILITIES
from sim.scenario.uncertainty.houses import NOT_USED
from sim.study.compare.matters import HEADLINES, Area, Headline
from sim.study.compare.options import changes
from sim.study.compare.sweep import PlayedDesign, Sweep, gives_way
from sim.study.compare.tornado import Effect, Ranked, Tornado
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Key, Summary

MOST_LINES = 40
"""Designs that are printed; all of them are in the table on disk."""
MOST_FIELDS = 15
_YEAR = next(one for one in HEADLINES if (one.metric, one.statistic) == ("cost", "per_year"))
_GAP = 2
_KEY_WIDTH = 14
_FIELD_WIDTH = 26


def print_sweep(found: Sweep, base: Scenario, words: Words) -> None:
    """Print the headline figures of each design."""
    horizon = base.horizon
    played = words.tell(
        "screen.played",
        replications=words.count("unit.replications", found.base.result.count),
        days=horizon.total_days - 7 * horizon.warmup_weeks,
        seed=found.base.result.seed,
    )
    how = words.tell(
        "screen_sweep.designs",
        number=len(found.played),
        how=words[f"screen_sweep.{_HOW[found.how]}"],
    )
    say(styled("\n[bold]{}[/bold]  {}, {}", base.name, how, played))
    keys = [key for key, _ in found.played[0].design]
    tied = any(change.tied for one in found.played for change in changes(base, one.scenario))
    people = words["screen_sweep.others_come" if tied else "screen_sweep.same_people"]
    half = words["screen_sweep.half"]
    money = words.say("screen_sweep.costs", currency=base.currency) if _is_priced(found) else ""
    say(f"{people}; {half}{money}")
    if told := gives_way(keys, base):
        say(words.told(told))
    say("")
    columns = [[dict(one.design)[key] for key in keys] for one in found.played]
    shown = found.played[:MOST_LINES]
    names = _names(keys, base, words)
    taken = sum(_width(names[i], columns, i) for i in range(len(keys)))
    heads, cells = _figures(shown, taken, words)
    table = Table(box=None, pad_edge=False, header_style="", expand=False, padding=(0, _GAP, 0, 0))
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for head in heads:
        table.add_column(styled("[dim]{}[/dim]", head), justify="right", no_wrap=True)
    for design, row in zip(columns, cells, strict=False):
        table.add_row(*(shorten(words.level(one), _KEY_WIDTH) for one in design), *row)
    say(table)
    if len(found.played) > MOST_LINES:
        say(words.tell("screen_sweep.more_designs", number=len(found.played) - MOST_LINES))


_HOW = {"full factorial": "full_factorial", "latin hypercube": "latin_hypercube"}


def _is_priced(found: Sweep) -> bool:
    return any(_known(Summary(one.summary), _YEAR) not in {"-", plain(0)} for one in found.played)


def print_tornado(found: Tornado, words: Words) -> None:
    """Print the assumptions that move the answer most."""
    result, base = found.base.result, found.base
    about = words.tell(
        "screen_sweep.assumptions",
        number=len(found.ranked),
        replications=words.count("unit.replications", result.count),
        seed=result.seed,
    )
    say(styled("\n[bold]{}[/bold]  {}", base.name, about))
    say(words["screen_sweep.tornado"])
    if gives_way((one.assumed.key for one in found.ranked), base.scenario):
        say(words["screen_sweep.give_way"])
    say("")
    table = new_table()
    table.add_column(words["size.assumption"], ratio=1, no_wrap=True)
    table.add_column(words["tornado.range"], no_wrap=True)
    keys = [key for key in found.keys if any(_moves(one, key) for one in found.ranked)]
    moving = [one for one in found.ranked if not one.unmoved]
    heads = [_headline(key) for key in keys]
    for key in keys:
        name = _column(key, words)
        table.add_column(styled("[dim]{}[/dim]", name), justify="right", no_wrap=True)
    times = [100 if one is not None and one.percent else 1 for one in heads]
    now = [words.local(plain(base.value(key), by)) for key, by in zip(keys, times, strict=True)]
    as_it_is = styled("[dim]{}[/dim]", words["compare.as_it_is"])
    table.add_row(as_it_is, "", *(styled("[dim]{}[/dim]", one) for one in now))
    for ranked in moving[:MOST_FIELDS]:
        one = ranked.assumed
        cells = [_both(ranked, key, by, words) for key, by in zip(keys, times, strict=True)]
        span = f"{words.local(f'{one.low:g}')}-{words.level(one.text(one.high))}"
        table.add_row(_field(one.name, base.scenario, words), span, *cells)
    say(table)
    if len(moving) > MOST_FIELDS:
        say(words.tell("screen_sweep.move_less", number=len(moving) - MOST_FIELDS))
    _print_unmoved(found, keys, words)
    strong = [one.assumed.name for one in found.ranked if one.weight >= 1]
    if strong:
        named = ", ".join(setting_name(words, one, base.scenario) for one in strong[:5])
        say("\n" + words.say("tornado.first", fields=named))
    else:
        say("\n" + words["screen_sweep.weak"])
    if ours := sum(one.reason != NOT_USED for one in found.not_varied):
        say(words.tell("screen_sweep.not_varied", number=ours))


def _moves(ranked: Ranked, key: Key) -> bool:
    return any(_is(one, key) and not one.unmoved for one in ranked.effects)


def _print_unmoved(found: Tornado, moved: Sequence[Key], words: Words) -> None:
    """Name what is left out of the table: figures and assumptions between which nothing moves."""
    figures = []
    for key in found.keys:
        headline = _headline(key)
        times = 100 if headline is not None and headline.percent else 1
        if key not in moved:
            value = words.local(plain(found.base.value(key), times))
            figures.append(f"{_column(key, words)} ({value})")
    if figures:
        say(words.say("screen_sweep.same_figures", figures=", ".join(figures)))
    still = [one.assumed.name for one in found.ranked if one.unmoved]
    if still:
        scenario = found.base.scenario
        named = ", ".join(setting_name(words, one, scenario) for one in still)
        say(words.say("screen_sweep.still", fields=named))


def _column(key: Key, words: Words) -> str:
    headline = _headline(key)
    if headline is None:
        return figure_text(words, *key[:2])
    return column_name(words, headline)


def _names(keys: Sequence[str], base: Scenario, words: Words) -> list[str]:
    """What the settings are called above their values."""
    if words.lang == ENGLISH:
        return _short(keys)
    found = []
    for key in keys:
        lines = wrap(setting_name(words, key, base), _KEY_WIDTH)
        found.append("\n".join(shorten(one, _KEY_WIDTH) for one in lines))
    return found


def _short(keys: Sequence[str]) -> list[str]:
    """The last parts of each key that tell it from the others, and one more if there is room."""
    parts = [key.split(".") for key in keys]
    found = []
    for mine in parts:
        others = [one for one in parts if one is not mine]
        number = 1
        while any(one[-number:] == mine[-number:] for one in others) and number < len(mine):
            number += 1
        if number < len(mine) and len(".".join(mine[-number - 1 :])) <= _KEY_WIDTH:
            number += 1
        lines = mine[-number:]
        if mine[0] == FACILITIES and number < len(mine) - 1:
            lines = [mine[1], *lines]
        found.append("\n".join(shorten(one, _KEY_WIDTH) for one in lines))
    return found


def _width(name: str, columns: Sequence[Sequence[str]], place: int) -> int:
    texts = [*name.split("\n"), *(row[place] for row in columns)]
    return min(_KEY_WIDTH, max(len(text) for text in texts)) + _GAP


def _figures(
    played: Sequence[PlayedDesign], taken: int, words: Words
) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of as many headline figures as there is room for.

    A year's cost has its place whatever else must go: designs are weighed against it.
    """
    found: dict[int, list[str]] = {}
    places = {one: place for place, one in enumerate(HEADLINES)}
    summaries = [Summary(one.summary) for one in played]
    for headline in sorted(HEADLINES, key=lambda one: (one != _YEAR, not one.narrow)):
        cells = [words.local(_known(one, headline)) for one in summaries]
        width = max(len(text) for text in (column_name(words, headline), *cells)) + _GAP
        nothing = {"-", words.local(plain(0))} if headline.area is Area.COST else {"-"}
        if set(cells) <= nothing or taken + width > WIDTH + _GAP:
            continue
        taken += width
        found[places[headline]] = cells
    shown = sorted(found)
    rows = zip(*(found[place] for place in shown), strict=True)
    return [column_name(words, HEADLINES[place]) for place in shown], [list(row) for row in rows]


def _known(summary: Summary, headline: Headline) -> str:
    figure = summary.of(headline.metric, headline.statistic)
    return with_half(figure, 100 if headline.percent else 1)


def _headline(key: Key) -> Headline | None:
    names = key[:2]
    return next((one for one in HEADLINES if (one.metric, one.statistic) == names), None)


def _field(key: str, base: Scenario, words: Words) -> str:
    """The end of a long key tells more than its beginning."""
    name = setting_name(words, key, base)
    if name != key:
        return shorten(name, _FIELD_WIDTH)
    return key if len(key) <= _FIELD_WIDTH else f"…{key[1 - _FIELD_WIDTH :]}"


def _both(ranked: Ranked, key: Key, times: float, words: Words) -> str:
    ends = {one.end.name: one for one in ranked.effects if _is(one, key)}
    return " / ".join(_end(ends.get(name), times, words) for name in ("low", "high"))


def _is(effect: Effect, key: Key) -> bool:
    return (effect.row.metric, effect.row.statistic, effect.row.by) == key


def _end(effect: Effect | None, times: float, words: Words) -> str:
    if effect is None or isnan(effect.difference):
        return "-"
    text = words.signed(Estimate(effect.difference), times)
    return text if effect.is_sure or effect.low == effect.high else f"{text}?"
