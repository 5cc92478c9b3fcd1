"""Finished replications kept on disk, so that a longer study reruns nothing and none is lost.

What is kept is the tally of a replication, some 70 kB. A cache only ever saves time: an entry that
is damaged, is not what its place says it is, is of other code or is just being removed by somebody
else counts as not there, and a cache that cannot be written is done without.
"""

import json
import os
import re
import sys
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Lock
from uuid import uuid4

import numpy as np
import scipy

from sim.measures import Histogram, Tally, count_rows, hour_rows, metric_rows, sample_rows
from sim.measures.tally import asked_for
from sim.scenario.scenario import Scenario
from sim.study.replication import Replicated

WORDS = frozenset({"name", "title", "description", "costs", "design", "rota_rules", "targets"})
"""Parts of a scenario that tell a reader something and the simulation nothing."""
LIMIT = 500 * 2**20
"""Bytes that a cache may take: about 7,000 replications of a large site for four weeks."""

_COST = "cost"
"""What metrics of cost are called."""
_ENTRY, _DRAFT = ".tally", ".part"
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


_ROOMS = ("scenario", "visitors", "facility", "fast", "measures", "study", "size")
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
    program = Path(__file__).parent.parent
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
class Cache:
    """A folder of finished replications, safe for several programs at once."""

    folder: Path
    """It is made when there is something to keep."""
    version: str
    """Of the code, see `code_version`: other code may simulate or measure differently."""
    limit: int = LIMIT
    """Bytes; what was used least lately goes first."""

    def study(self, scenario: Scenario, seed: int) -> "StudyCache":
        """The replications of one scenario and seed."""
        key: dict[str, object] = {
            "scenario": content_sha256(scenario),
            "costs": _costs(scenario),
            "seed": seed,
            "version": self.version,
        }
        if asked := asked_for(scenario):
            key["asked"] = asked  # what only its targets ask for is kept with it
        name = sha256(json.dumps(key).encode()).hexdigest()[:32]
        return StudyCache(self.folder / name, _meaning(scenario))

    def prune(self) -> None:
        """Remove what was used least lately if the cache takes more than it may, and litter."""
        for path in self.folder.glob(f"*/*{_DRAFT}"):
            with suppress(OSError):
                if _writer_is_gone(path) or path.stat().st_mtime < time.time() - _ABANDONED:
                    path.unlink()
        entries: list[tuple[float, int, Path]] = []
        for path in self.folder.glob(f"*/*{_ENTRY}"):
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
        path = self._path(replication)
        try:
            found = _unpacked(path.read_bytes(), self._is_of(replication), self.meaning)
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)  # used just now: pruned late
        return found

    def put(self, replication: int, found: Replicated) -> bool:
        """Keep a replication without its tables; False if that cannot be, as on a full disk."""
        path = self._path(replication)
        draft = path.with_name(f"{path.stem}.{os.getpid()}-{uuid4().hex}{_DRAFT}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(_packed(found, self._is_of(replication), self.meaning))
            # Whoever reads meanwhile sees the old entry or the new one, never half of it.
            draft.replace(path)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            return False
        return True

    def _path(self, replication: int) -> Path:
        return self.folder / f"{replication}{_ENTRY}"

    def _is_of(self, replication: int) -> bytes:
        """What an entry is of, which its digest covers: none can stand in for another."""
        return f"{self.folder.name}/{replication}\n".encode()


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


def _packed(found: Replicated, is_of: bytes, meaning: bytes) -> bytes:
    """A digest of the rest and what it is of, what positions mean, and the arrays, compressed."""
    tally = found.tally
    columns = [np.stack([one.ticks, one.counts]) for one in (*tally.histograms, *tally.counts)]
    arrays = BytesIO()
    np.savez(
        arrays,
        controls=found.controls,
        numerator=tally.numerator,
        denominator=tally.denominator,
        hour_numerator=tally.hour_numerator,
        hour_denominator=tally.hour_denominator,
        samples=np.array(len(tally.histograms)),
        lengths=np.array([column.shape[1] for column in columns], dtype=np.int64),
        durations=np.concatenate([np.empty((2, 0), dtype=np.int64), *columns], axis=1),
    )
    content = meaning + zlib.compress(arrays.getvalue(), level=1)
    return sha256(is_of + content).digest() + content


def _unpacked(entry: bytes, is_of: bytes, meaning: bytes) -> Replicated | None:
    """The replication, or None if anything in the entry is not as it was written."""
    digest, content = entry[:_DIGEST], entry[_DIGEST:]
    if sha256(is_of + content).digest() != digest or content[:_DIGEST] != meaning:
        return None
    packed = BytesIO(zlib.decompress(content[_DIGEST:]))
    with _READING, np.load(packed, allow_pickle=False) as arrays:
        of = {name: arrays[name] for name in arrays.files}
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
