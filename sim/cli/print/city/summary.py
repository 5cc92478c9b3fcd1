"""The answers of a run of a city, or of a site to which people come back: needs and flows."""

from collections.abc import Sequence

from rich.table import Table

from sim.cli.console import console, new_table, styled
from sim.measures.city.needs import WAYS
from sim.measures.city.tally import part_of
from sim.report.page.numbers import plain, with_interval
from sim.report.page.words import Words
from sim.scenario.city.system import System, system_of
from sim.scenario.model.scenario import Scenario
from sim.study import StudyResult
from sim.study.estimate.summary import Summary

_LEAST_FLOW = 0.05
"""People a day, below which a way from facility to facility is not shown."""


def print_needs(result: StudyResult, scenario: Scenario, words: Words) -> None:
    """Print how needs end, in at most 80 columns; of a city its facilities and flows too."""
    out, found, system = console(), result.figures, system_of(scenario)
    out.print(_needs(found, words))
    out.print(_minutes(found, system, words))
    if system.is_city:
        out.print(_facilities(found, system, words))
        if (flows := _flows(found, system, words)) is not None:
            out.print(flows)
        for table in (_overdoses(found, words), _costs(found, scenario, words)):
            if table is not None:
                out.print(table)


def _table(words: Words, heads: Sequence[str]) -> Table:
    table = new_table()
    first, *others = (words[f"screen_city.{head}"] for head in heads)
    table.add_column(styled("[bold]{}[/bold]", first), ratio=1, no_wrap=True, min_width=10)
    for head in others:
        table.add_column(styled("[dim]{}[/dim]", head), justify="right", no_wrap=True)
    return table


def _full(found: Summary, words: Words, figure: tuple[str, str, str], times: float = 1) -> str:
    return words.local(with_interval(found.of(*figure), times, thousands=""))


def _value(found: Summary, words: Words, figure: tuple[str, str, str], times: float = 1) -> str:
    return words.local(plain(found.of(*figure).value, times, thousands=""))


def _percent(text: str) -> str:
    return text if text == "-" else f"{text} %"


def _needs(found: Summary, words: Words) -> Table:
    table = _table(words, ("needs", "a_day", "share"))
    table.add_row(words["screen_city.all_needs"], _full(found, words, ("needs", "per_day", "all")))
    for way in WAYS:
        metric = f"needs_{way}"
        if found.has(metric, "per_day") and found.of(metric, "per_day").value > 0:
            share = _percent(_full(found, words, (metric, "share", "all"), 100))
            number = _full(found, words, (metric, "per_day", "all"))
            table.add_row(words[f"needs.{way}"], number, share)
    return table


def _minutes(found: Summary, system: System, words: Words) -> Table:
    table = _table(words, ("to_place", "mean", "p90", "attempts"))
    parts = (
        ["all", *(f"kind:{kind}" for kind in system.kinds)] if len(system.kinds) > 1 else ["all"]
    )
    for by in parts:
        if found.of("needs", "per_day", by).value > 0:
            table.add_row(
                words["part.all"] if by == "all" else words.own(by.removeprefix("kind:")),
                _full(found, words, ("need_to_place", "mean", by)),
                _value(found, words, ("need_to_place", "p90", by)),
                _value(found, words, ("attempts", "per_need", by)),
            )
    return table


def _facilities(found: Summary, system: System, words: Words) -> Table:
    table = _table(words, ("facility", "wished", "met", "given_up", "wait", "p90", "full"))
    for name in system.sites:
        here = part_of(name, "all")
        table.add_row(
            words.own(name),
            _value(found, words, ("needs_wished", "per_day", here)),
            _value(found, words, ("needs_met_at", "per_day", here)),
            _value(found, words, ("needs_unmet_at", "per_day", here)),
            _full(found, words, ("wait", "mean", here)),
            _value(found, words, ("wait", "p90", here)),
            _percent(_value(found, words, ("places", "full", here), 100)),
        )
    return table


def _flows(found: Summary, system: System, words: Words) -> Table | None:
    """Who went on, from where to where."""
    table = _table(words, ("flow", "a_day"))
    for start in (*system.sites, "return"):
        for end in system.sites:
            figure = "flow", "per_day", f"from:{start}/to:{end}"
            if found.has(*figure) and found.of(*figure).value >= _LEAST_FLOW:
                known = words.own(start), words.own(end)
                key = "screen_city.came_back" if start == "return" else "screen_city.went_on"
                table.add_row(
                    words.say(key, start=known[0], end=known[1]), _full(found, words, figure)
                )
    return table if table.row_count else None


def _overdoses(found: Summary, words: Words) -> Table | None:
    if not found.has("overdoses", "per_year"):
        return None
    table = _table(words, ("overdoses", "a_year", "first", "within_1"))
    table.add_row(
        words["screen_city.all_facilities"],
        _full(found, words, ("overdoses", "per_year", "all")),
        _full(found, words, ("response_first", "mean", "all")),
        _percent(_full(found, words, ("response_first", "within_1", "all"), 100)),
    )
    return table


def _costs(found: Summary, scenario: Scenario, words: Words) -> Table | None:
    if not found.has("cost", "per_year"):
        return None
    table = _table(words, ("cost", "a_week", "a_year", "a_use"))
    known = [
        words.local(with_interval(found.of("cost", one, "all"), exact=True))
        for one in ("per_week", "per_year", "per_use")
    ]
    name = words.say("screen_city.all_in", currency=scenario.currency)
    table.add_row(name, *known)
    return table
