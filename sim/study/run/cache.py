"""Finished replications kept on disk, so that a longer study reruns nothing and none is lost.

Of a replication the tally is kept, some 70 kB; of a design that is sized, what was observed of it.
A cache only ever saves time: an entry that is damaged, is not what its place says it is, is of
other code or is just being removed by somebody else counts as not there, and a cache that cannot
be written is done without.
"""

import json
import os
import re
import sys
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import numpy as np
import scipy
from numpy.typing import NDArray

from sim.measures import Histogram, Tally, count_rows, hour_rows, metric_rows, sample_rows
from sim.measures.city.tally import asked_for
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.read import FACILITIES
from sim.study.run.replication import Replicated

WORDS = frozenset(
    {"name", "title", "description", "costs", "design", "rota_rules", "targets", "uncertainty"}
)
"""Parts of a scenario that tell a reader something and the simulation nothing."""
LIMIT = 500 * 2**20
"""Bytes that a cache may take: about 7,000 replications of a large site for four weeks."""

_COST = "cost"
"""What metrics of cost are called."""
ENTRY, _DRAFT = ".tally", ".part"
"""What files end in: entries, and those that are being written."""
_WRITER = re.compile(r"\.(\d+)-[0-9a-f]+\.part")
"""The number of the program that is writing a draft, in its name."""
_LEFT_BY_PRUNING = 0.8
"""Share of the limit that pruning leaves, so that it is not needed again at once."""
_ABANDONED = 24 * 60 * 60.0
"""Seconds after which a half-written entry of an unknown program belongs to no running one."""
_DIGEST = sha256().digest_size
_READING = Lock()
"""NumPy parses the header of an array as Python, which Python 3.11 now and then fails to do in
several threads at once ("AST constructor recursion depth mismatch")."""


_ROOMS = ("scenario", "visitors", "rules", "facility", "fast", "city", "measures", "study", "size")
"""Parts of the program that make figures."""


@cache
def code_version(version: str) -> str:
    """Stands for all that makes figures: this program's version, its code, and NumPy and SciPy.

    The code itself counts, since it may be edited without another version. Where it is in no files
    (within a zip file) the version must do.

    Args:
        version: of this program.
    """
    found = sha256(repr((version, np.__version__, scipy.__version__)).encode())
    program = Path(__file__).parents[2]
    try:
        for source in sorted(program.rglob("*.py")):
            parts = source.relative_to(program).parts
            if len(parts) == 1 or parts[0] in _ROOMS:
                found.update("/".join(parts).encode())
                found.update(source.read_bytes())
    except OSError:
        return version
    return f"{version}-{found.hexdigest()[:16]}"


@dataclass(frozen=True)
class Entry:
    """Arrays in a file, or nothing: whoever reads it sees all that somebody has put there."""

    path: Path
    meaning: bytes = sha256().digest()
    """A digest of what the positions in the arrays mean."""

    def get(self) -> dict[str, NDArray[Any]] | None:
        """The arrays, or None if they are not there or not as they were written."""
        try:
            packed = self.path.read_bytes()
        except OSError:
            return None
        digest, content = packed[:_DIGEST], packed[_DIGEST:]
        whole = sha256(self._is_of + content).digest() == digest
        if not whole or content[:_DIGEST] != self.meaning:
            return None
        with suppress(OSError):
            os.utime(self.path)  # used just now: pruned late
        arrays = BytesIO(zlib.decompress(content[_DIGEST:]))
        with _READING, np.load(arrays, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}

    def put(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """Put arrays in place of what is there; False if that cannot be, as on a full disk."""
        written = BytesIO()
        named: dict[str, Any] = {**arrays}
        np.savez(written, **named)
        content = self.meaning + zlib.compress(written.getvalue(), level=1)
        draft = self.path.with_name(f"{self.path.stem}.{os.getpid()}-{uuid4().hex}{_DRAFT}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(sha256(self._is_of + content).digest() + content)
            # Whoever reads meanwhile sees the old entry or the new one, never half of it.
            draft.replace(self.path)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            return False
        return True

    @property
    def _is_of(self) -> bytes:
        """What it is of, which its digest covers: no entry can stand in for another."""
        return f"{self.path.parent.name}/{self.path.stem}\n".encode()


@dataclass(frozen=True)
class Cache:
    """A folder of entries, safe for several programs at once."""

    folder: Path
    """It is made when there is something to keep."""
    version: str
    """Of the code, see `code_version`: other code may simulate or measure differently."""
    limit: int = LIMIT
    """Bytes; what was used least lately goes first."""

    def folder_of(self, key: Mapping[str, object]) -> Path:
        """Where entries are that depend on all that a key says, and on the code."""
        named = json.dumps({**key, "version": self.version})
        return self.folder / sha256(named.encode()).hexdigest()[:32]

    def study(self, scenario: Scenario, seed: int) -> "StudyCache":
        """The replications of one scenario and seed."""
        key: dict[str, object] = {
            "scenario": content_sha256(scenario),
            "costs": _costs(scenario),
            "seed": seed,
        }
        if asked := asked_for(scenario):
            key["asked"] = asked  # what only its targets ask for is kept with it
        return StudyCache(self.folder_of(key), _meaning(scenario))

    def prune(self) -> None:
        """Remove what was used least lately if the cache takes more than it may, and litter."""
        for path in self.folder.glob(f"*/*{_DRAFT}"):
            with suppress(OSError):
                if _writer_is_gone(path) or path.stat().st_mtime < time.time() - _ABANDONED:
                    path.unlink()
        entries: list[tuple[float, int, Path]] = []
        for path in self.folder.glob(f"*/*{ENTRY}"):
            with suppress(OSError):  # removed meanwhile by another run
                found = path.stat()
                entries.append((found.st_mtime, found.st_size, path))
        taken = sum(size for _, size, _ in entries)
        aim = taken if taken <= self.limit else int(self.limit * _LEFT_BY_PRUNING)
        for _, size, path in sorted(entries):
            if taken <= aim:
                return
            taken -= size
            with suppress(OSError):
                path.unlink()
                path.parent.rmdir()  # refused unless it was the last of its study


@dataclass(frozen=True)
class StudyCache:
    """The finished replications of one scenario, seed and program version."""

    folder: Path
    meaning: bytes
    """A digest of what the positions in a tally mean."""

    def get(self, replication: int) -> Replicated | None:
        """A replication without its tables, or None if it is not there or not whole."""
        found = self._entry(replication).get()
        return None if found is None else _replicated(found)

    def put(self, replication: int, found: Replicated) -> bool:
        """Keep a replication without its tables; False if that cannot be, as on a full disk."""
        return self._entry(replication).put(_arrays(found))

    def _entry(self, replication: int) -> Entry:
        return Entry(self.folder / f"{replication}{ENTRY}", self.meaning)


def _writer_is_gone(draft: Path) -> bool:
    """Whether the program that was writing a draft was killed.

    One of another machine, of which nothing is known here, loses an entry at worst.
    """
    number = _WRITER.search(draft.name)
    if number is None or sys.platform == "win32":  # where asking after a program ends it
        return False
    try:
        os.kill(int(number[1]), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def content_sha256(scenario: Scenario) -> str:
    """SHA-256 of all in a scenario on which the simulation or its targets depend.

    Renaming a scenario, describing it or setting it targets leaves it as it is; so do other costs
    beside the staff, unless a target is about cost.
    """
    data = scenario.model_dump(mode="json", by_alias=True, exclude=set(WORDS))
    for facility in data.get(FACILITIES, {}).values():
        if facility is not None:
            facility.pop("design")
    if any(target.metric == _COST for target in scenario.targets):
        data[_COST] = _costs(scenario)
    # The order of rooms, kinds and roles counts: it is the order of the tables' rows.
    return sha256(json.dumps(data, ensure_ascii=False).encode()).hexdigest()


def _costs(scenario: Scenario) -> dict[str, object]:
    """Costs beside the staff, on which figures of cost depend."""
    return scenario.site_costs.model_dump(mode="json")


def _meaning(scenario: Scenario) -> bytes:
    names = (
        [(row.metric, row.statistic, row.by) for row in metric_rows(scenario)],
        [(row.metric, row.by) for row in hour_rows(scenario)],
        [(row.metric, row.by, row.hourly) for row in sample_rows(scenario)],
        [(row.metric, row.by, row.days) for row in count_rows(scenario)],
    )
    return sha256(repr(names).encode()).digest()


def _arrays(found: Replicated) -> dict[str, NDArray[Any]]:
    tally = found.tally
    columns = [np.stack([one.ticks, one.counts]) for one in (*tally.histograms, *tally.counts)]
    return {
        "controls": found.controls,
        "numerator": tally.numerator,
        "denominator": tally.denominator,
        "hour_numerator": tally.hour_numerator,
        "hour_denominator": tally.hour_denominator,
        "samples": np.array(len(tally.histograms)),
        "lengths": np.array([column.shape[1] for column in columns], dtype=np.int64),
        "durations": np.concatenate([np.empty((2, 0), dtype=np.int64), *columns], axis=1),
    }


def _replicated(of: Mapping[str, NDArray[Any]]) -> Replicated:
    ends = np.cumsum(of["lengths"])
    parts = np.split(of["durations"], ends[:-1], axis=1)[: len(ends)]
    histograms = tuple(Histogram(*part) for part in parts)
    samples = int(of["samples"])
    tally = Tally(
        numerator=of["numerator"],
        denominator=of["denominator"],
        hour_numerator=of["hour_numerator"],
        hour_denominator=of["hour_denominator"],
        histograms=histograms[:samples],
        counts=histograms[samples:],
    )
    return Replicated(tally, of["controls"])
