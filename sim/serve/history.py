"""What was tried: a line of JSON for each move, and for each thing said of one, never rewritten.

A line is on the disk before anything is answered, so that neither a reload nor the end of the
program loses one. Half a line, of a program that was killed in the middle of it, is passed over.
"""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sim.results.folder import writing
from sim.serve.moves import Settings, settings_of
from sim.serve.security import WrongRequestError

FILE = "tried.jsonl"
MOST_ROWS = 2_000
"""That are shown; the file keeps all."""
LONGEST_NAME = 80


@dataclass(frozen=True)
class Row:
    """One move."""

    id: str
    """Its name in the file."""
    at: str
    """When, as ISO 8601 has it."""
    base: Settings
    """What it was compared with."""
    now: Settings
    text: str | None = None
    """What was in the editor, if that was not the file."""
    base_text: str | None = None
    """The same of what it was compared with."""
    title: str = ""
    """What differs from the base, in words."""
    name: str = ""
    """What the planner calls it."""
    mark: str = ""
    word: str = ""
    """The verdict, as far as it is known."""
    played: int = 0
    """Replications behind the verdict."""
    star: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the page takes it."""
        return {
            "id": self.id,
            "at": self.at,
            "base": dict(self.base),
            "now": dict(self.now),
            "text": self.text,
            "base_text": self.base_text,
            "title": self.title,
            "name": self.name,
            "mark": self.mark,
            "word": self.word,
            "played": self.played,
            "star": self.star,
        }


class History:
    """The moves of one scenario, as its file has them."""

    def __init__(self, folder: Path) -> None:
        """Read what is there; the folder is made when there is something to write."""
        self.folder, self.file = folder, folder / FILE
        self._lock = Lock()
        self._rows: dict[str, Row] = {}
        self._at = 0
        """Bytes of the file that were read."""
        self._begin()

    @property
    def rows(self) -> tuple[Row, ...]:
        """The last ones, the newest first; those of another program too."""
        with self._lock:
            self._read()
            return tuple(reversed(self._rows.values()))[:MOST_ROWS]

    def row(self, key: str) -> Row:
        """The row of that name.

        Raises:
            WrongRequestError: there is none.
        """
        with self._lock:
            if key not in self._rows:
                self._read()
            found = self._rows.get(key)
        if found is None:
            raise WrongRequestError(404, "there is no such row")
        return found

    def add(self, move: Row) -> Row:
        """Keep a move, whose name and time are given here."""
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        row = replace(move, id=secrets.token_hex(6), at=at)
        self._write({"kind": "move", **row.as_json()})
        return row

    def judged(self, key: str, mark: str, word: str, title: str, played: int) -> None:
        """Keep what was found of a move."""
        said = {"mark": mark, "word": word, "title": title, "played": played}
        self._write({"kind": "judged", "id": key, **said})

    def star(self, key: str, *, on: bool) -> None:
        """Keep whether a move is among those to be compared."""
        self.row(key)
        self._write({"kind": "star", "id": key, "star": on})

    def name(self, key: str, name: str) -> None:
        """Keep what a move is called."""
        self.row(key)
        self._write({"kind": "name", "id": key, "name": name[:LONGEST_NAME]})

    def _write(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"
        with self._lock, writing(self.file):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, text.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            self._read()

    def _begin(self) -> None:
        """Read what is there, and end the half line of a program that was killed."""
        self._read()
        with suppress(FileNotFoundError, NotADirectoryError):
            if self.file.stat().st_size > self._at:
                with self.file.open("ab") as file:
                    file.write(b"\n")

    def _read(self) -> None:
        """Read what was written since, by this program or by another one beside it."""
        try:
            with self.file.open("rb") as file:
                file.seek(self._at)
                found = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return
        whole = found[: found.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.decode("utf-8", "replace").split("\n"):
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict):
                self._take(said)

    def _take(self, line: Mapping[str, Any]) -> None:
        """What a line says; one that says nothing, as of a later version, is passed over."""
        key = str(line.get("id", ""))
        if line.get("kind") == "move":
            try:
                self._rows[key] = _row(key, line)
            except WrongRequestError:
                return
        elif key in self._rows:
            said = {
                name: line[name]
                for name, kind in _SAID.items()
                if name in line and type(line[name]) is kind
            }
            self._rows[key] = replace(self._rows[key], **said)


_SAID = {"mark": str, "word": str, "title": str, "played": int, "star": bool, "name": str}


def _row(key: str, line: Mapping[str, Any]) -> Row:
    texts = [line.get(name) for name in ("text", "base_text")]
    text, base_text = (one if isinstance(one, str) else None for one in texts)
    return Row(
        key,
        str(line.get("at", "")),
        settings_of(line.get("base")),
        settings_of(line.get("now")),
        text,
        base_text,
        str(line.get("title", "")),
        str(line.get("name", "")),
    )
