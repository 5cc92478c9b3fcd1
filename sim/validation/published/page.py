"""The part of docs/validation.md on published facilities, written from a table of results."""

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sim.validation.published.checks import FOLDER, Agrees, Check
from sim.validation.published.compare import CALIBRATED, CHECKS

BEGIN = "<!-- published: begin. Written by `python run.py validate --published`; do not edit. -->"
END = "<!-- published: end -->"

Result = Mapping[Hashable, Any]
"""A line of the table."""
_FIGURES = ("simulated", "ci_low", "ci_high")

_INTRO = """\
Scenarios of real sites, with the figures that were published about them. The scenarios are in
[`scenarios/published`](../scenarios/published) (Copenhagen's in [`scenarios`](../scenarios)); each
number in them is followed by its source, or by the word *assumption* or *calibrated*. This part is
written by

    python run.py validate --published

which simulates them all. `--quick` takes about a minute and is too coarse to quote.

How to read it:

* A figure **agrees** (yes) when the simulated value lies in the range that stands in brackets
  after the published one. The interval is that of the simulation: it says how sure the simulated
  value is, not how good the inputs are.
* **Arithmetic on the inputs**: what was published went in, in another form. Agreement shows that
  nothing is lost on the way, and that published numbers fit together; nothing else.
* **Calibrated**: an input was chosen so that the figure comes out. Agreement shows nothing.
* **Outcome**: the figure follows from the rules of the model. Only these test it, and only as far
  as the assumptions among their inputs allow.
* **Regime only**: no number is published that could be met, only that something happens.
"""

NOT_COMPARED = """\
* Red Deer, Alberta: 174 visits a day, then 94 with less room (CBC 2020). The number of places
  before and after was not published.
* Overdoses before the use of a place, at reception: 1 of 197 in Sydney (Dietze et al. 2019). In
  the model the risk begins with the stay.
* Oxygen by itself: responses have a length and a team, not their contents.
* Deaths: none in any of these rooms. The model has none either, by construction, so that this is
  no test.
* Melbourne's move to a larger house (169, then 311 visits a day): that a shorter wait brings more
  people is not modelled, and the number of places was not published.
* Insite's round-the-clock days in the week of welfare payments: which days of 2016 was not read.
* Half of a member of staff's attention, such as observing two people at once: an observer of the
  model observes one person and does nothing else.
"""
"""What was published and cannot be compared, and why."""


def update_docs(path: Path, table: pd.DataFrame) -> None:
    """Replace the part of a page between the two marker lines; a page without them gets it last.

    Args:
        path: the page.
        table: what `published` gave.
    """
    part = f"{BEGIN}\n\n{render(table)}\n{END}\n"
    text = path.read_text(encoding="utf-8") if path.exists() else "# Validation\n"
    before, found, rest = text.partition(BEGIN)
    after = rest.partition(END)[2].removeprefix("\n") if found else ""
    if not found:
        before = f"{text.rstrip()}\n\n"
    path.write_text(before + part + after, encoding="utf-8", newline="\n")


def render(table: pd.DataFrame) -> str:
    """The part as Markdown."""
    checks = {check.id: check for check in CHECKS}
    rows = [(checks[str(row["id"])], row) for row in table.to_dict("records")]
    return "\n".join(
        (
            "## Published facilities",
            "",
            _INTRO,
            _counted(table),
            "",
            *_table(
                (
                    "",
                    "facility",
                    "what went in",
                    "published",
                    "simulated (95 %)",
                    "agrees",
                    "remark",
                ),
                (_line(check, row) for check, row in rows),
            ),
            "",
            "### What does not match",
            "",
            *_mismatches(rows),
            "",
            "### Calibrated values",
            "",
            "Every input that was chosen so that a published figure comes out.",
            "",
            *_table(
                ("scenario", "key", "value", "chosen so that", "remark"),
                (
                    (_name(one.file), f"`{one.key}`", f"{one.value:g}", one.so_that, one.otherwise)
                    for one in CALIBRATED
                ),
            ),
            "",
            "### Assumed values",
            "",
            "Every input without a source, as the scenarios have it. In brackets: what to test.",
            *_assumptions(),
            "",
            "### Not compared",
            "",
            NOT_COMPARED,
        )
    )


def _counted(table: pd.DataFrame) -> str:
    counts = {verdict: int(table["agrees"].eq(verdict.value).sum()) for verdict in Agrees}
    return (
        f"Of {len(table)} figures {counts[Agrees.YES]} agree, {counts[Agrees.NO]} do not, and "
        f"{counts[Agrees.REGIME]} can be compared in regime only."
    )


def _line(check: Check, row: Result) -> tuple[str, ...]:
    verdict = str(row["agrees"])
    return (
        check.id,
        check.facility,
        check.went_in,
        f"{check.published}. {check.source}",
        shown(check, row),
        f"**{verdict}**" if verdict == Agrees.NO else verdict,
        check.full_remark,
    )


def shown(check: Check, row: Result) -> str:
    """A simulated value with its interval, for readers."""
    value, low, high = (_number(check, float(row[name])) for name in _FIGURES)
    unit = " %" if check.percent else f" {check.unit}".rstrip()
    return f"{value} ({low}-{high}){unit}"


def _number(check: Check, value: float) -> str:
    if math.isnan(value):
        return "?"
    return f"{value * (100 if check.percent else 1):,.{check.decimals}f}"


def _mismatches(rows: Sequence[tuple[Check, Result]]) -> Iterator[str]:
    for check, row in rows:
        if row["agrees"] == Agrees.NO:
            near = check.agreeing is not None and check.agreeing.reaches(
                float(row["ci_low"]), float(row["ci_high"])
            )
            yield (
                f"* **{check.id}**, {check.facility}: {check.published}; simulated "
                f"{shown(check, row)}{', the interval reaches into the range' if near else ''}. "
                f"{check.remark}"
            )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _name(file: str) -> str:
    return f"[{Path(file).stem}](../scenarios/{file})"


def scenario_files() -> tuple[str, ...]:
    """The scenarios that are compared, each after the one that it changes."""
    used = dict.fromkeys(run.file for check in CHECKS for run in check.runs)
    bases = [_base(file) for file in used]
    return tuple(dict.fromkeys(sorted({*used, *(base for base in bases if base)})))


def _base(file: str) -> str | None:
    root = YAML(typ="safe", pure=True).load(FOLDER / file)
    base = root.get("extends")
    return None if base is None else (Path(file).parent / base).as_posix()


def _assumptions() -> Iterator[str]:
    for file in scenario_files():
        found = assumed((FOLDER / file).read_text(encoding="utf-8"))
        if found:
            yield ""
            yield f"#### {_name(file)}"
            yield ""
            yield from _table(
                ("key", "value", "remark"),
                ((f"`{one.key}`", f"`{one.written}`", one.remark) for one in found),
            )


# --- what a scenario says is assumed ------------------------------------------------------------


class Value(NamedTuple):
    """A value of a scenario: what stands behind a key or a dash on one line, or in braces."""

    key: str
    """Its path, such as `rooms.injecting.places`."""
    written: str
    remark: str
    """What stands behind `#` beside it, and between its key and it."""


def assumed(text: str) -> list[Value]:
    """The values of a scenario whose remark says that they are assumptions.

    A value without a remark of its own, or with "as above", has that of the same value before it.
    """
    known: dict[tuple[str, str], str] = {}
    found = []
    for value in values(text):
        same = value.key.rpartition(".")[2], value.written
        own = value.remark if not value.remark.startswith("as above") else ""
        known[same] = own or known.get(same, "")
        if "assum" in known[same]:
            found.append(value._replace(remark=known[same]))
    return found


def values(text: str) -> list[Value]:
    """The values of a scenario, in its order."""
    root = YAML(typ="safe", pure=True).compose(text)
    remarks = [line.partition("#")[2].strip() for line in text.splitlines()]
    return [
        Value(
            path,
            " ".join(text[node.start_mark.index : node.end_mark.index].split()),
            _one_text(filter(None, remarks[first : node.end_mark.line + 1])),
        )
        for path, first, node in _leaves(root, "", 0)
    ]


def _one_text(lines: Iterable[str]) -> str:
    """Lines as one text; a full stop before one that begins with a capital letter."""
    text = ""
    for line in lines:
        stop = text and line[0].isupper() and text[-1] not in ".:,;"
        text = f"{text}{'.' if stop else ''} {line}"
    return text.strip()


def _leaves(node: Node, path: str, first: int) -> Iterator[tuple[str, int, Node]]:
    """Path, first line and node of every value."""
    if isinstance(node, MappingNode) and not node.flow_style:
        for key, value in node.value:
            name = f"{path}.{key.value}" if path else str(key.value)
            yield from _leaves(value, name, key.start_mark.line)
    elif isinstance(node, SequenceNode) and not node.flow_style:
        for number, item in enumerate(node.value):
            yield from _leaves(item, f"{path}.{number}", item.start_mark.line)
    elif path != "description":  # which is text, and may hold a #
        yield path, first, node
