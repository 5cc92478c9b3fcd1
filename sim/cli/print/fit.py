"""What `fit` prints: what a log was taken for, what was seen in it, what it says of the site."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.cli.console import new_table, say, started_as, styled, warn
from sim.fit.estimates.unserved import RAISED
from sim.fit.fit import Fitted, Row
from sim.fit.reading.register import Finding
from sim.report.page.words import Words
from sim.scenario.model.hours import DAYS
from sim.study.estimate.intervals import Estimate

_WARNINGS = {"many_ends_missing", "one_code", "unreadable", "no_date", "orphans", "list_outside"}
"""What was seen that makes a fit worse than it might be."""
_HUNDRED = 100
_SHARES = ("share", "comply", "crowd_at_opening", "still_waiting")


def print_fit(found: Fitted, log: Path, files: Sequence[Path], words: Words) -> None:
    """Print what a fit found.

    Args:
        found: the fit.
        log: the file that it is of.
        files: what was written, the scenario first.
        words: in which language.
    """
    _print_read(found, log, words)
    say("\n" + words["fit.seen"])
    lines = [_sentence(one, words) for one in found.findings]
    trend = (
        []
        if found.demand is None or found.demand.trend != found.demand.trend
        else [found.demand.trend]
    )
    lines += [words.say("fit.trend", change=words.share(one)) for one in trend]
    for line in lines or [words["fit.nothing_seen"]]:
        say(f"  {line}")
    _print_estimates(found, words)
    say("\n" + "\n".join(_kept(found, words)))
    for one in found.findings:
        if one.rule in _WARNINGS:
            warn(words[f"fit.warn_{one.rule}"], words["screen.warning"])
    say("\n" + words.say("fit.written", files=", ".join(str(one) for one in files)), soft_wrap=True)
    say(words.say("fit.next", command=f"{started_as()} check {files[0]}"), soft_wrap=True)


def _print_read(found: Fitted, log: Path, words: Words) -> None:
    register, columns = found.read.register, found.read.columns
    say(
        words.say(
            "fit.read",
            file=log.name,
            shape=words[f"fit.shape_{register.shape.value}"],
            visits=words.number(len(register), 0),
            start=register.start,
            end=register.date_of(register.days - 1),
        ),
        soft_wrap=True,
    )
    say("\n" + words["fit.matched"])
    table = new_table(expand=False)
    table.add_column("")
    table.add_column("")
    table.show_header = False
    for name in columns.of:
        table.add_row(f"  {words[f'fit.column_{name}']}", styled("{}", columns.heading(name)))
    say(table)
    if columns.unused:
        say("  " + words.say("fit.unused", columns=", ".join(columns.unused)))


def _sentence(one: Finding, words: Words) -> str:
    more = {
        name: words.exact(value) if isinstance(value, int | float) else value
        for name, value in one.more.items()
    }
    if "share" in one.more:
        more["share"] = words.share(float(str(one.more["share"])))
    if isinstance(dates := one.more.get("dates"), list):
        more["dates"] = ", ".join(str(day) for day in dates)
    text = words.say(f"fit.rule_{one.rule}", count=words.number(one.count, 0), **more)
    if not one.lines:
        return text
    listed = ", ".join(str(line) for line in one.lines) + (
        " …" if one.count > len(one.lines) else ""
    )
    return f"{text} ({words.say('fit.lines', lines=listed)})"


def _print_estimates(found: Fitted, words: Words) -> None:
    say("\n" + words.say("fit.says", site=found.site.name))
    table = new_table(dim=True)
    table.add_column("")
    for name in ("estimate", "n", "how"):
        table.add_column(words[f"fit.head_{name}"], justify="left" if name == "how" else "right")
    for row in _without_weekdays(found):
        value = _value(row, words)
        how = words[f"fit.how_{row.method}"]
        if row.note:
            how += "; " + words[f"fit.note_{row.note}"]
        what = words[f"fit.input_{row.input.replace('.', '_')}"]
        by = "" if row.by == "all" else f" {row.by}"
        table.add_row(styled("{}{}", what, by), value, words.number(row.n, 0) if row.n else "", how)
    say(table)


def _without_weekdays(found: Fitted) -> Iterator[Row]:
    """The rows, those of weekdays only where they differ by more than chance."""
    alike = found.demand is not None and found.demand.week.shrink == 0
    for row in found.rows():
        if row.input != "demand.weekday" or (not alike and row.by in DAYS):
            yield row


def _value(row: Row, words: Words) -> str:
    one: Estimate = row.estimate
    if not one.is_known:
        return words.say("fit.at_least", low=words.figures(one.low)) if one.low == one.low else ""
    is_share = row.input.endswith(_SHARES)
    times = _HUNDRED if is_share else 1
    text = words.figures(one.value * times)
    if one.low == one.low:
        ends = [words.figures(end * times) for end in (one.low, one.high)]
        text += f" ({words.between(*ends)})"
    return words.percent(text) if is_share else text


def _kept(found: Fitted, words: Words) -> Iterator[str]:
    """What the log does not say, and from where it is known who was not served."""
    low, value, high = (words.exact(one) for one in RAISED)
    tally = "" if found.matched is None else words.exact(found.matched.a_day)
    rounds = "" if found.matched is None else str(found.matched.rounds)
    yield words.say(
        f"fit.unserved_{found.unserved}",
        factor=value,
        low=low,
        high=high,
        tally=tally,
        rounds=rounds,
    )
    parts = {
        "stays": found.stays,
        "shares": found.kinds,
        "overdoses": found.overdoses,
        "patience": found.patience or found.matched,
        "balking": found.matched,
    }
    listed = [words[f"fit.part_{name}"] for name, part in parts.items() if part is None]
    yield words.say("fit.kept", parts=words.listed(listed))
