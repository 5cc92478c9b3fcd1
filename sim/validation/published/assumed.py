"""What the scenarios of published facilities say is assumed."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sim.validation.published.checks import CHECKS, FOLDER


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
