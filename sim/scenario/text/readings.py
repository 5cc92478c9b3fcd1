"""What is read otherwise than it stands there, or may be meant otherwise: told, never refused."""

import re
from collections.abc import Iterator

from sim.scenario.errors.problem import KeyPath, Problem, Source
from sim.scenario.errors.told import told

_LAST_MINUTE = re.compile(r"(?:^|[-–]\s*)23:59\s*(?:$|[,;])")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}\.000")


def readings(source: Source) -> tuple[str, ...]:
    """A line for each value that is read otherwise than it stands there, in the file's order.

    Args:
        source: a scenario as it was read, with each value as it was typed.
    """
    found = [
        source.problem(path, message)
        for path, written in source.written.items()
        for message in _of(path, written)
    ]
    return tuple(told("problem", "{problem}", problem=one) for one in sorted(found, key=_place))


def _place(problem: Problem) -> tuple[str, int, int]:
    at = problem.place
    return ("", 0, 0) if at is None else (at.file, at.line, at.column)


def _of(path: KeyPath, written: str) -> Iterator[str]:
    if _LAST_MINUTE.search(written):
        if "hours" in path or "dates" in path:
            meant = written.replace("23:59", "24:00").strip()
            on = told(
                "open_until_midnight_and_on_if_hours", "open until midnight and on if hours follow"
            )
            yield told(
                "is_read_as",
                "{strip} is read as {meant}, {on}",
                strip=written.strip(),
                meant=meant,
                on=on,
            )
        elif path[0] == "staff" and path[-1] == "to":
            why = told(
                "so_that_no_minute_before_midnight_is",
                "so that no minute before midnight is without staff",
            )
            yield told(
                "is_read_as_24_00",
                "{strip} is read as 24:00, {why}",
                strip=written.strip(),
                why=why,
            )
    if _THOUSANDS.fullmatch(written):
        whole, thousands = written.partition(".")[0], written.replace(".", "")
        yield told(
            "is_read_as_if_is_meant_write",
            "{written} is read as {whole}; if {thousands} is meant, write it without a point",
            written=written,
            whole=whole,
            thousands=thousands,
        )
