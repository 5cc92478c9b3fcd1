"""What `fit` prints: what a log was taken for, what was seen in it, what it says of the site."""

from collections.abc import Sequence
from pathlib import Path

from sim.cli.console import new_table, say, started_as, styled, warn
from sim.fit.fit import Fitted
from sim.fit.lacking import Lack
from sim.fit.playback.play import Hours, PlayedBack
from sim.fit.playback.suspects import suspects
from sim.report.fit.told import (
    asked_text,
    how_text,
    input_text,
    kept_texts,
    measure_text,
    replay_texts,
    seen_texts,
    suspect_text,
    told_rows,
    value_text,
    verdict_text,
)
from sim.report.page.words import Words, heading

_WARNINGS = {"many_ends_missing", "one_code", "unreadable", "no_date", "orphans", "list_outside"}
"""What was seen that makes a fit worse than it might be."""


def print_fit(found: Fitted, log: Path, words: Words) -> None:
    """Print what a fit found.

    Args:
        found: the fit.
        log: the file that it is of.
        words: in which language.
    """
    _print_read(found, log, words)
    say("\n" + words["fit.seen"])
    for line in list(seen_texts(found, words)) or [words["fit.nothing_seen"]]:
        say(f"  {line}")
    _print_estimates(found, words)
    say("\n" + "\n".join(kept_texts(found, words)))
    for one in found.findings:
        if one.rule in _WARNINGS:
            warn(words[f"fit.warn_{one.rule}"], words["screen.warning"])


def print_playback(
    back: PlayedBack | str | None, lacks: Sequence[Lack], words: Words, *, public: bool = False
) -> None:
    """Print how a fitted site gives its log back, and what to start writing down.

    Args:
        back: how it does; why it cannot be played; or None where nobody asked.
        lacks: what the log leaves open.
        words: in which language.
        public: whether others may read it.
    """
    if back is not None:
        say("\n" + words["playback.title"])
        say("  " + verdict_text(back, words))
    if isinstance(back, PlayedBack):
        _print_hours(back.hours, words)
        for one in suspects(back):
            say("  " + suspect_text(one, words))
        for note in back.notes:
            say("  " + words[f"playback.note_{note}"])
    if lacks:
        say("\n" + words["lack.title"])
    for lack in lacks:
        say("  " + asked_text(lack, words, public=public))


def print_replay(found: Fitted, words: Words) -> None:
    """Print whether the site's file gives the recorded waits."""
    texts = list(replay_texts(found, words))
    if texts:
        say("\n" + words["playback.replay_title"])
    for text in texts:
        say("  " + text)


def _print_hours(hours: Sequence[Hours], words: Words) -> None:
    table = new_table(dim=True, expand=False)
    table.add_column("")
    for name in ("inside", "of"):
        table.add_column(words[f"playback.head_{name}"], justify="right")
    for one in hours:
        what = heading(measure_text(one.measure, one.by, words))
        inside, counted = (words.number(int(part.sum()), 0) for part in (one.inside, one.counted))
        table.add_row(styled("  {}", what), inside, counted)
    say(table)


def print_written(files: Sequence[Path], words: Words) -> None:
    """Print what was written, the scenario first, and what comes next."""
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
            start=words.date(register.start),
            end=words.date(register.date_of(register.days - 1)),
        )
    )
    say("\n" + words["fit.matched"])
    table = new_table(expand=False)
    table.add_column("")
    table.add_column("")
    table.show_header = False
    for name in columns.of:
        table.add_row(f"  {words[f'fit.column_{name}']}", styled("{}", columns.heading(name)))
    for service, number in columns.services:
        what = words.say("fit.column_service", service=words.own(service))
        table.add_row(styled("  {}", what), styled("{}", columns.sheet.headings[number].text))
    say(table)
    if columns.unused:
        say("  " + words.say("fit.unused", columns=", ".join(columns.unused)))


def _print_estimates(found: Fitted, words: Words) -> None:
    say("\n" + words.say("fit.says", site=found.site.name))
    table = new_table(dim=True)
    table.add_column("")
    for name in ("estimate", "n", "how"):
        table.add_column(words[f"fit.head_{name}"], justify="left" if name == "how" else "right")
    for row in told_rows(found):
        what, number = input_text(row, words), words.number(row.n, 0) if row.n else ""
        table.add_row(styled("{}", what), value_text(row, words), number, how_text(row, words))
    say(table)
