"""A list of emergencies of its own: which of them were overdoses, on days that the log covers."""

from pathlib import Path

import numpy as np

from sim.fit.reading.columns import folded
from sim.fit.reading.read import read_log
from sim.fit.reading.register import Bools, Finding, Register, finding
from sim.fit.reading.rows import Said
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import Sheet

_SORTS = {
    folded(one)
    for one in (
        *("type", "sort", "event", "incident", "emergency", "art", "slags", "haendelse"),
        *("notfall", "ereignis", "nature", "evenement", "urgence"),
    )
}
"""Headings of a column that says what an emergency was."""
_OVERDOSES = ("overdos", "uberdos", "surdos", "forgift", "vergift", "intoxi", "drogennotfall")
_SHORT = ("od",)


def emergencies_of(
    path: Path, site: Scenario, said: Said, log: Register
) -> tuple[Register, tuple[Finding, ...]]:
    """The overdoses of a list of emergencies, by the log's calendar, and what was seen in it.

    Args:
        path: the file, a row an emergency: when, and what it was if they are not all overdoses.
        site: whose kinds of visit it may name.
        said: what the planner says of its columns.
        log: on whose days they count.

    Raises:
        ScenarioError: it cannot be read, or has a column for what they were and no overdose in it.
    """
    empty = told(
        "lists_no_emergency",
        "lists no emergency: give a list with a row for each, or leave --emergencies out, and the "
        "rate stays as in the site's file",
    )
    read = read_log(path, site, said, unserved=True, empty=empty)
    cases = read.register
    chosen = _overdoses(read.columns.sheet, cases)
    findings = [*read.findings, *finding("no_overdose", cases, ~chosen)]
    shift = (cases.start - log.start).days
    day = cases.day + shift
    outside = chosen & ((day < 0) | (day >= log.days))
    findings += finding("emergency_outside", cases, outside)
    moved = cases.where(chosen & ~outside)
    day_one = shift * 1440.0
    return moved.with_columns({"arrived": moved.arrived + day_one}), tuple(findings)


def _overdoses(sheet: Sheet, cases: Register) -> Bools:
    """Which rows are overdoses: all, where no column says what they were."""
    column = next((n for n, one in enumerate(sheet.headings) if folded(one.text) in _SORTS), None)
    if column is None:
        return np.ones(len(cases), dtype=np.bool_)
    of_line = {
        one.number: str(one.values[column]) if column < len(one.values) else ""
        for one in sheet.lines[1:]
    }
    words = [folded(of_line[line]) for line in cases.line.tolist()]
    found = np.array([one in _SHORT or any(x in one for x in _OVERDOSES) for one in words])
    if not found.any():
        seen = ", ".join(sorted({of_line[line] for line in cases.line.tolist()})[:5])
        message = told(
            "has_no_overdose_in_it_only",
            "'{text}' has no overdose in it, only {seen}",
            text=sheet.headings[column].text,
            seen=seen,
        )
        raise ScenarioError([sheet.headings[column].problem(message)])
    return np.asarray(found, dtype=np.bool_)
