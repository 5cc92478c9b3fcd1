"""The parts of the validation page that are made from tables of results, and what is assumed."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from jinja2 import Environment, FileSystemLoader
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sim.validation.exact.cases import UNSAID
from sim.validation.published.checks import CALIBRATED, CHECKS, FOLDER, Agrees, Check


class Value(NamedTuple):
    """A value of a scenario: what stands behind a key or a dash on one line, or in braces."""

    key: str
    """Its path, such as `rooms.injecting.places`."""
    written: str
    remark: str
    """What stands behind `#` beside it, and between its key and it."""


def scenario_files() -> tuple[str, ...]:
    """The scenarios that are compared, each after the one that it changes."""
    used = dict.fromkeys(run.file for check in CHECKS for run in check.runs)
    bases = [_base(file) for file in used]
    return tuple(dict.fromkeys(sorted({*used, *(base for base in bases if base)})))


def _base(file: str) -> str | None:
    root = YAML(typ="safe", pure=True).load(FOLDER / file)
    base = root.get("extends")
    return None if base is None else (Path(file).parent / base).as_posix()


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


HEAD = "# Validation\n"


@dataclass(frozen=True)
class Part:
    """A part of the page, between two marker lines."""

    name: str
    command: str
    """What writes it."""
    context: Callable[[pd.DataFrame], Mapping[str, Any]]
    """What the template is given."""
    first: bool = False
    """Whether a page that has no such part yet gets it below its title; else at the end."""

    @property
    def begin(self) -> str:
        """The line before the part."""
        return f"<!-- {self.name}: begin. Written by `{self.command}`; do not edit. -->"

    @property
    def end(self) -> str:
        """The line after the part."""
        return f"<!-- {self.name}: end -->"

    def render(self, table: pd.DataFrame) -> str:
        """The part, as Markdown.

        Args:
            table: what `validate` or `published` found, all cases or checks.
        """
        templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        templates.filters["cell"] = _cell
        return templates.get_template(f"{self.name}/page.md.j2").render(self.context(table))

    def update(self, path: Path, table: pd.DataFrame) -> None:
        """Write the part into a page, in place of an earlier one.

        Args:
            path: the page; what stands outside the part is kept.
            table: see `render`.
        """
        part = f"{self.begin}\n\n{self.render(table)}\n{self.end}\n"
        text = path.read_text(encoding="utf-8") if path.exists() else HEAD
        before, found, rest = text.partition(self.begin)
        if found:
            text = before + part + rest.partition(self.end)[2].removeprefix("\n")
        elif self.first:
            head, title, body = text.partition(HEAD)
            text = f"{head}{title}\n{part}\n{body.lstrip()}"
        else:
            text = f"{text.rstrip()}\n\n{part}"
        path.write_text(text, encoding="utf-8", newline="\n")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _exact(table: pd.DataFrame) -> dict[str, Any]:
    return {
        "rows": table.to_dict("records"),
        "cases": table["case"].nunique(),
        "passed": int(table["passed"].sum()),
        "farthest": table["apart"].abs().max(),
        "unsaid": UNSAID,
    }


EXACT = Part("exact", "python run.py validate --page FILE", _exact, first=True)
"""What is known exactly."""


def _published(table: pd.DataFrame) -> dict[str, Any]:
    checks = {check.id: check for check in CHECKS}
    return {
        "rows": [(checks[str(row["id"])], row) for row in table.to_dict("records")],
        "counts": {one.name: int(table["agrees"].eq(one.value).sum()) for one in Agrees},
        "shown": _shown,
        "near": _is_near,
        "calibrated": CALIBRATED,
        "assumed": {
            file: assumed((FOLDER / file).read_text(encoding="utf-8")) for file in scenario_files()
        },
        "link": lambda file: f"[{Path(file).stem}](../scenarios/{file})",
    }


PUBLISHED = Part("published", "python run.py validate --published", _published)
"""Published facilities."""


def _shown(check: Check, row: Mapping[str, Any]) -> str:
    """A simulated value with its interval, for readers."""
    value, low, high = (_number(check, row[name]) for name in ("simulated", "ci_low", "ci_high"))
    unit = " %" if check.percent else f" {check.unit}".rstrip()
    return f"{value} ({low}-{high}){unit}"


def _number(check: Check, value: float) -> str:
    if math.isnan(value):
        return "?"
    return f"{value * (100 if check.percent else 1):,.{check.decimals}f}"


def _is_near(check: Check, row: Mapping[str, Any]) -> bool:
    """Whether the interval reaches into the range."""
    return check.agreeing is not None and check.agreeing.reaches(row["ci_low"], row["ci_high"])
