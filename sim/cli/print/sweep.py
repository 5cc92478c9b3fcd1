"""Sweeps and tornados in at most 80 columns."""

from collections.abc import Sequence
from math import isnan

from rich.table import Table

from sim.cli.console import WIDTH, new_table, say, styled
from sim.results.numbers import plain, signed, with_half
from sim.scenario.errors.problem import shorten
from sim.scenario.model.scenario import Scenario
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


def print_sweep(found: Sweep, base: Scenario) -> None:
    """Print the headline figures of each design."""
    count = found.base.result.count
    horizon = base.horizon
    days = horizon.total_days - 7 * horizon.warmup_weeks
    say(
        styled(
            f"\n[bold]{{}}[/bold]  {len(found.played)} designs ({found.how}), {count} "
            f"replications of {days} days, seed {found.base.result.seed}",
            base.name,
        )
    )
    keys = [key for key, _ in found.played[0].design]
    tied = any(change.tied for one in found.played for change in changes(base, one.scenario))
    people = "Demand follows the hours: others come" if tied else "The same people in every design"
    money = f" Costs in {base.currency}." if _is_priced(found) else ""
    say(f"{people}; ± is half a 95 % interval.{money}")
    if told := gives_way(keys, base):
        say(told)
    say("")
    columns = [[dict(one.design)[key] for key in keys] for one in found.played]
    shown = found.played[:MOST_LINES]
    names = _short(keys)
    heads, cells = _figures(shown, sum(_width(names[i], columns, i) for i in range(len(keys))))
    table = Table(box=None, pad_edge=False, header_style="", expand=False, padding=(0, _GAP, 0, 0))
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for head in heads:
        table.add_column(styled("[dim]{}[/dim]", head), justify="right", no_wrap=True)
    for design, row in zip(columns, cells, strict=False):
        table.add_row(*(shorten(one, _KEY_WIDTH) for one in design), *row)
    say(table)
    if len(found.played) > MOST_LINES:
        say(f"and {len(found.played) - MOST_LINES} more designs: see sweep.csv")


def _is_priced(found: Sweep) -> bool:
    return any(_known(Summary(one.summary), _YEAR) not in {"-", plain(0)} for one in found.played)


def print_tornado(found: Tornado) -> None:
    """Print the assumptions that move the answer most."""
    result, base = found.base.result, found.base
    say(
        styled(
            f"\n[bold]{{}}[/bold]  {len(found.ranked)} assumptions, each at both ends of its "
            f"range; {result.count} replications, seed {result.seed}",
            base.name,
        )
    )
    say("Change of each figure at the low / high end; ? where its 95 % interval has 0 in it.")
    if gives_way((one.assumed.key for one in found.ranked), base.scenario):
        say("Where the share of a kind of visit is varied, the others give way in proportion.")
    say("")
    table = new_table()
    table.add_column("Assumption", ratio=1, no_wrap=True)
    table.add_column("range", no_wrap=True)
    keys = [key for key in found.keys if any(_moves(one, key) for one in found.ranked)]
    moving = [one for one in found.ranked if not one.unmoved]
    heads = [_headline(key) for key in keys]
    for key, headline in zip(keys, heads, strict=True):
        name = f"{key[0]}.{key[1]}" if headline is None else headline.short
        table.add_column(styled("[dim]{}[/dim]", name), justify="right", no_wrap=True)
    times = [100 if one is not None and one.percent else 1 for one in heads]
    now = [plain(base.value(key), by) for key, by in zip(keys, times, strict=True)]
    table.add_row(styled("[dim]as it is[/dim]"), "", *(styled("[dim]{}[/dim]", one) for one in now))
    for ranked in moving[:MOST_FIELDS]:
        one = ranked.assumed
        cells = [_both(ranked, key, by) for key, by in zip(keys, times, strict=True)]
        table.add_row(_field(one.key), f"{one.low:g}-{one.text(one.high)}", *cells)
    say(table)
    if len(moving) > MOST_FIELDS:
        say(f"and {len(moving) - MOST_FIELDS} that move less: see tornado.csv")
    _print_unmoved(found, keys)
    strong = [one.assumed.key for one in found.ranked if one.weight >= 1]
    if strong:
        say(f"\nMeasure first: {', '.join(strong[:5])}.")
    else:
        say("\nNo assumption moves these figures by as much as matters.")
    if found.not_varied:
        say(
            f"{len(found.not_varied)} more lines are marked as assumptions but have no range that "
            "can be used: see tornado.json."
        )


def _moves(ranked: Ranked, key: Key) -> bool:
    return any(_is(one, key) and not one.unmoved for one in ranked.effects)


def _print_unmoved(found: Tornado, moved: Sequence[Key]) -> None:
    """Name what is left out of the table: figures and assumptions between which nothing moves."""
    figures = []
    for key in found.keys:
        headline = _headline(key)
        times = 100 if headline is not None and headline.percent else 1
        name = f"{key[0]}.{key[1]}" if headline is None else headline.short
        if key not in moved:
            figures.append(f"{name} ({plain(found.base.value(key), times)})")
    if figures:
        say(f"The same whatever is assumed: {', '.join(figures)}.")
    still = [one.assumed.key for one in found.ranked if one.unmoved]
    if still:
        say(f"Assumptions that move none of these figures: {', '.join(still)}.")


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
        found.append("\n".join(shorten(one, _KEY_WIDTH) for one in mine[-number:]))
    return found


def _width(name: str, columns: Sequence[Sequence[str]], place: int) -> int:
    texts = [*name.split("\n"), *(row[place] for row in columns)]
    return min(_KEY_WIDTH, max(len(text) for text in texts)) + _GAP


def _figures(played: Sequence[PlayedDesign], taken: int) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of as many headline figures as there is room for.

    A year's cost has its place whatever else must go: designs are weighed against it.
    """
    found: dict[int, list[str]] = {}
    places = {one: place for place, one in enumerate(HEADLINES)}
    summaries = [Summary(one.summary) for one in played]
    for headline in sorted(HEADLINES, key=lambda one: (one != _YEAR, not one.narrow)):
        cells = [_known(one, headline) for one in summaries]
        width = max(len(text) for text in (headline.short, *cells)) + _GAP
        nothing = {"-", plain(0)} if headline.area is Area.COST else {"-"}
        if set(cells) <= nothing or taken + width > WIDTH + _GAP:
            continue
        taken += width
        found[places[headline]] = cells
    shown = sorted(found)
    rows = zip(*(found[place] for place in shown), strict=True)
    return [HEADLINES[place].short for place in shown], [list(row) for row in rows]


def _known(summary: Summary, headline: Headline) -> str:
    figure = summary.of(headline.metric, headline.statistic)
    return with_half(figure, 100 if headline.percent else 1)


def _headline(key: Key) -> Headline | None:
    names = key[:2]
    return next((one for one in HEADLINES if (one.metric, one.statistic) == names), None)


def _field(key: str) -> str:
    """The end of a long key tells more than its beginning."""
    return key if len(key) <= _FIELD_WIDTH else f"…{key[1 - _FIELD_WIDTH :]}"


def _both(ranked: Ranked, key: Key, times: float) -> str:
    ends = {one.end.name: one for one in ranked.effects if _is(one, key)}
    return " / ".join(_end(ends.get(name), times) for name in ("low", "high"))


def _is(effect: Effect, key: Key) -> bool:
    return (effect.row.metric, effect.row.statistic, effect.row.by) == key


def _end(effect: Effect | None, times: float) -> str:
    if effect is None or isnan(effect.difference):
        return "-"
    text = signed(Estimate(effect.difference), times)
    return text if effect.is_sure or effect.low == effect.high else f"{text}?"
