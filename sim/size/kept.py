"""Observations of designs kept on disk, in the folder of the finished replications.

As there, an entry that is damaged counts as not there, and one that cannot be written is done
without. Pruning is the cache's.
"""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import numpy as np

from sim.scenario.scenario import Scenario
from sim.size.controls import NAMES
from sim.size.sequential import Floats
from sim.size.watched import DESCRIBED, LATEST, LONGEST, STEP, Counts, Watched
from sim.study.run.cache import Cache, content_sha256

_DIGEST = sha256().digest_size


@dataclass(frozen=True, eq=False)
class Record:
    """The replications of one design, from the first on."""

    pairs: Floats
    """(replications, 2, columns)."""
    waits: Counts
    """(replications, steps)."""
    late: Counts
    """(replications, 2, minutes)."""
    controls: Floats
    """(replications, controls)."""

    @property
    def count(self) -> int:
        """How many replications."""
        return len(self.pairs)

    def until(self, count: int) -> "Record":
        """So many of them."""
        return Record(
            self.pairs[:count], self.waits[:count], self.late[:count], self.controls[:count]
        )


class Asked(Protocol):
    """What was asked of a design."""

    @property
    def seed(self) -> int:
        """Of all chance."""

    @property
    def first(self) -> int:
        """Number of the first replication."""

    @property
    def wanted(self) -> Sequence[Watched]:
        """The targets."""


@dataclass(frozen=True)
class Kept:
    """Observations by scenario, seed and targets."""

    cache: Cache

    def get(self, scenario: Scenario, asked: Asked) -> Record | None:
        """What was seen in the replications from the first on, or None if there are none."""
        try:
            entry = self._path(scenario, asked).read_bytes()
        except OSError:
            return None
        digest, content = entry[:_DIGEST], entry[_DIGEST:]
        if sha256(self._is_of(scenario, asked) + content).digest() != digest:
            return None
        with suppress(OSError):
            os.utime(self._path(scenario, asked))  # used just now: pruned late
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return Record(**{name: arrays[name] for name in arrays.files})

    def put(self, scenario: Scenario, asked: Asked, record: Record) -> None:
        """Keep the replications of a design in place of those that were there."""
        path = self._path(scenario, asked)
        draft = path.with_name(f"{path.stem}.{uuid4().hex}.part")
        arrays = BytesIO()
        np.savez_compressed(
            arrays,
            pairs=record.pairs,
            waits=record.waits,
            late=record.late,
            controls=record.controls,
        )
        content = arrays.getvalue()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(sha256(self._is_of(scenario, asked) + content).digest() + content)
            draft.replace(path)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def _is_of(self, scenario: Scenario, asked: Asked) -> bytes:
        """What an entry is of, which its digest covers: none can stand in for another."""
        return f"{self._path(scenario, asked).parent.name}\n".encode()

    def _path(self, scenario: Scenario, asked: Asked) -> Path:
        key = {
            "scenario": content_sha256(scenario),
            "seed": [asked.seed, asked.first],
            "version": self.cache.version,
            "observed": [(one.target.text, one.limit, one.within) for one in asked.wanted],
            "beside": [DESCRIBED, STEP, LONGEST, LATEST, NAMES],
        }
        name = sha256(json.dumps(key).encode()).hexdigest()[:32]
        return self.cache.folder / name / "size.tally"
