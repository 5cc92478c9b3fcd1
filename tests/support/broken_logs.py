"""Logs of visits that nobody could keep: broken as files, tables, texts and workbooks break."""

import io
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

import numpy as np
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Made = tuple[str, bytes, bool]
"""Name, content, and whether a message has to name the line or the cell."""
_EMPTY = 1_000_000
"""Empty lines before what is wrong: they are passed over, and counted."""


def broken(lines: Sequence[str], seed: int) -> tuple[str, Made]:
    """A log that cannot be read.

    Args:
        lines: of a log that can, headings first; `arrived` first, `kind` fourth.
        seed: says what is done to it, and where.

    Returns:
        What was done; the file's name, its bytes, and whether its place can be said.
    """
    rng = np.random.default_rng(seed)
    ways = [*_TEXTS, *_FILES, *_BOOKS]
    way = ways[seed % len(ways)]
    if way in _TEXTS:
        rows, placed = _TEXTS[way](list(lines), rng)
        encoding = str(rng.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
        return way, ("bad.csv", "\n".join(rows).encode(encoding), placed)
    if way in _FILES:
        content, placed = _FILES[way]("\n".join(lines).encode(), rng)
        return way, ("bad.csv", content, placed)
    return way, ("bad.xlsx", _BOOKS[way](list(lines), rng), True)


def _at(lines: Sequence[str], rng: np.random.Generator) -> int:
    return int(rng.integers(1, len(lines)))


def _changed(
    change: Callable[[str], str],
) -> Callable[[list[str], np.random.Generator], tuple[list[str], bool]]:
    """One line of twenty is changed, so that too many are to be left out."""

    def made(lines: list[str], rng: np.random.Generator) -> tuple[list[str], bool]:
        for number in rng.choice(np.arange(1, len(lines)), len(lines) // 10 + 1, replace=False):
            lines[number] = change(lines[number])
        return lines, True

    return made


def _heading(text: str) -> Callable[[list[str], np.random.Generator], tuple[list[str], bool]]:
    return lambda lines, _: ([text, *lines[1:]], False)


def _mixed_dates(lines: list[str], rng: np.random.Generator) -> tuple[list[str], bool]:
    """Of some rows the day stands first, of others the month: both are seen."""
    first = rng.permutation(len(lines)) < len(lines) // 2
    order = (r"\2/\1/2026", r"\1/\2/2026")
    return [
        re.sub(r"2026-(\d\d)-(\d\d)", order[bool(by_day)], one)
        for one, by_day in zip(lines, first, strict=True)
    ], True


def _shuffled_cells(lines: list[str], rng: np.random.Generator) -> tuple[list[str], bool]:
    """Cells of a row in any order, row by row."""
    rows = [lines[0]]
    for one in lines[1:]:
        cells = one.split(",")
        rows.append(",".join(cells[n] for n in rng.permutation(len(cells))))
    return rows, True


def _after_empty_lines(lines: list[str], rng: np.random.Generator) -> tuple[list[str], bool]:
    at = _at(lines, rng)
    made, _ = _changed(lambda one: re.sub(r"\d\d:\d\d", "??:??", one))(lines, rng)
    return [*made[:at], *[""] * _EMPTY, *made[at:]], True


_TEXTS: dict[str, Callable[[list[str], np.random.Generator], tuple[list[str], bool]]] = {
    "times that are none": _changed(lambda one: re.sub(r"\d\d:\d\d", "??:??", one)),
    "dates that are none": _changed(lambda one: re.sub(r"-\d\d ", "-99 ", one)),
    "ends before the beginning": _changed(
        lambda one: re.sub(r"^([^,]*),([^,]*),2026-", r"\1,\2,2025-", one)
    ),
    "kinds that the site does not have": _changed(lambda one: one.replace("inject", "swallow")),
    "rows cut off": _changed(lambda one: one[: len(one) // 3]),
    "rows with more": _changed(lambda one: one + ",more,and,more"),
    "a quote that never ends": lambda lines, rng: (
        [*lines[: (at := _at(lines, rng))], '"' + lines[at], *lines[at + 1 :]],
        True,
    ),
    "a zero byte": lambda lines, rng: (
        [*lines[: (at := _at(lines, rng))], lines[at] + "\0", *lines[at + 1 :]],
        True,
    ),
    "two kinds of comma": lambda lines, _: (
        [one.replace(",", ";") if n % 2 else one for n, one in enumerate(lines)],
        True,
    ),
    "months and days in turn": _mixed_dates,
    "cells in any order": _shuffled_cells,
    "a million empty lines": _after_empty_lines,
    "headings told twice": _heading("arrived,arrived,left,kind,outcome"),
    "headings that say nothing": _heading("a,b,c,d,e"),
    "no headings": lambda lines, _: (lines[1:], False),
    "headings and nothing else": lambda lines, _: (lines[:1], False),
    "empty": lambda *_: ([""], False),
    "years that nobody means": lambda lines, _: (
        [one.replace("2026-", "0026-") for one in lines],
        True,
    ),
}
_FILES: dict[str, Callable[[bytes, np.random.Generator], tuple[bytes, bool]]] = {
    "half of an odd UTF-16": lambda text, _: (text.decode().encode("utf-16")[:-1], False),
    "bytes of no letter": lambda text, rng: (
        text[: (at := int(rng.integers(40, len(text) - 9)))] + b"\x81\x8d\xff\xfe" + text[at:],
        True,
    ),
    "a picture": lambda _, rng: (b"\x89PNG\r\n\x1a\n" + rng.bytes(4000), False),
    "a page": lambda text, _: (b"<!DOCTYPE html><html><table><tr><td>" + text[:200], False),
    "a line without end": lambda text, _: (b"x" * 3_000_000 + text, False),
}


def _book(
    lines: Sequence[str], change: Callable[[list[list[object]]], object] = lambda _: None
) -> tuple[Workbook, Worksheet]:
    cells: list[list[object]] = [list(one.split(",")) for one in lines]
    change(cells)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in cells:
        sheet.append(row)
    return book, sheet


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _merged(lines: list[str], _: np.random.Generator) -> bytes:
    """Arrivals merged over several rows, so that most of them have none."""
    book, sheet = _book(lines)
    for top in range(2, len(lines) - 4, 5):
        sheet.merge_cells(f"A{top}:A{top + 4}")
    sheet.merge_cells("A1:C1")
    return _saved(book)


def _texts(lines: list[str], rng: np.random.Generator) -> bytes:
    """Dates as text in some rows, of another order than in the others, and as dates in the rest."""
    form = ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M")

    def change(cells: list[list[object]]) -> None:
        for row in cells[1:]:
            when = datetime.fromisoformat(str(row[0]))
            turn = int(rng.integers(3))
            row[0] = when if turn == 2 else when.strftime(form[turn])

    return _saved(_book(lines, change)[0])


def _errors(lines: list[str], rng: np.random.Generator) -> bytes:
    def change(cells: list[list[object]]) -> None:
        for row in cells[1:]:
            if rng.random() < 0.2:
                row[0:3] = 3 * [str(rng.choice(["#REF!", "#N/A", "#VALUE!", "i dag", "?"]))]

    return _saved(_book(lines, change)[0])


def _serials(lines: list[str], rng: np.random.Generator) -> bytes:
    """Numbers that are no dates of Excel's."""

    def change(cells: list[list[object]]) -> None:
        for row in cells[1:]:
            row[0] = float(rng.choice([-5, 1e9, 0.25, 3e6]))

    return _saved(_book(lines, change)[0])


def _days_alone(lines: list[str], rng: np.random.Generator) -> bytes:
    """True and false, and whole objects, where a time should be."""

    def change(cells: list[list[object]]) -> None:
        for row in cells[1:]:
            row[0] = [True, date(1850, 1, 1), None][int(rng.integers(3))]

    return _saved(_book(lines, change)[0])


_BOOKS: dict[str, Callable[[list[str], np.random.Generator], bytes]] = {
    "merged cells": _merged,
    "dates as text": _texts,
    "errors of a formula": _errors,
    "numbers that are no dates": _serials,
    "no dates at all": _days_alone,
}


WAYS = len(_TEXTS) + len(_FILES) + len(_BOOKS)
"""Seeds below it show each way once."""
LONGEST = list(_TEXTS).index("a million empty lines")
"""The seed that takes longest."""
