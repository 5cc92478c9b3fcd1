"""Worlds: values drawn for everything that nobody knows, the same whatever else is asked.

World k has point k of a Sobol sequence, so that few worlds fill the ranges evenly; each input is
shifted by a number that its name makes. More worlds keep the first ones, and a new input, at the
end of the list, leaves the draws of the others as they are. (Sobol 1967; digital shift: Cranley &
Patterson 1976 in the binary form of Owen 2003.)
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sim.scenario.errors.problem import (
    Place,
    Problem,
    ScenarioError,
    Source,
    message_of,
    of_system,
    path_text,
)
from sim.scenario.errors.told import told
from sim.scenario.model.design import Level, path_keys
from sim.scenario.model.scenario import Scenario
from sim.scenario.paths import leads_nowhere
from sim.scenario.text.addresses import AddressError, numbered
from sim.scenario.text.files import file_of, ordinary_file
from sim.scenario.text.tree import plain
from sim.scenario.text.yaml import parse_value
from sim.scenario.uncertainty.comments import Assumed
from sim.scenario.uncertainty.inputs import DRIFT, Input, correlations
from sim.scenario.uncertainty.ranges import Unknowns
from sim.scenario.uncertainty.shapes import Curve, Floats
from sim.scenario.uncertainty.shares import (
    concentrated,
    dirichlet,
    exceeding,
    giving_way,
    share_path,
    wholes,
)

if TYPE_CHECKING:
    from scipy.stats.qmc import Sobol

BITS = 32
"""Of the points."""
_FEWEST = 3
"""Lines of a file of draws."""
_FACTOR = "demand.factor"
_ROW = "row"
"""A column that numbers the rows of a file of draws, and says nothing else."""
_LARGEST = 50_000_000
"""Bytes of a file of draws."""
_DRAWS = ("uncertainty", "draws")
Integers = NDArray[np.int64]


# --- points -------------------------------------------------------------------------------------


def points(names: Sequence[str], worlds: int, seed: int, first: int = 0) -> Floats:
    """Numbers between 0 and 1: (worlds, inputs).

    Args:
        names: of the inputs, in their order.
        worlds: how many.
        seed: of the study.
        first: number of the first world.
    """
    if not names or not worlds:
        return np.empty((worlds, len(names)))
    qmc = import_module("scipy.stats.qmc")  # takes long to import, and few need it
    sequence = qmc.Sobol(len(names), scramble=False, bits=BITS)
    if first:
        sequence.fast_forward(first)
    whole = _numbers(sequence, worlds)
    shifts = np.array([_shift(f"{seed}|{name}") for name in names], dtype=np.uint64)
    found: Floats = ((whole ^ shifts).astype(np.float64) + 0.5) / 2.0**BITS
    return found


def _numbers(sequence: "Sobol", worlds: int) -> NDArray[np.uint64]:
    """The points as whole numbers of 32 bits; SciPy would rather have a power of two of them."""
    found = np.concatenate([sequence.random(1), sequence.random(worlds - 1)])[:worlds]
    return np.rint(found * 2.0**BITS).astype(np.uint64)


def _shift(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:4], "little")


def rows_of(worlds: int, rows: int, seed: int, first: int = 0) -> Integers:
    """The row of a file of draws that each world takes, from 1.

    Every so many worlds take all of them once, in an order of their own.

    Args:
        worlds: how many.
        rows: how many draws there are, the best estimate not counted.
        seed: of the study.
        first: number of the first world.
    """
    blocks = range(first // rows, -(-(first + worlds) // rows))
    orders = [
        np.random.default_rng(_shift(f"{seed}|draws|{block}")).permutation(rows) for block in blocks
    ]
    begin = first - first // rows * rows
    return np.concatenate([*orders, np.empty(0, dtype=np.int64)])[begin : begin + worlds] + 1


# --- worlds -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Worlds:
    """What is drawn for each world."""

    unknowns: Unknowns
    first: int
    """Number of the first world."""
    u: Floats
    """(worlds, inputs), as drawn: independent, between 0 and 1."""
    values: Mapping[str, Floats]
    """By path, one number a world, in the unit in which the value is written."""
    rows: Integers
    """Of each world the row of the file of draws; 0 where there is none."""
    of_rows: tuple[Mapping[str, Level], ...] = ()
    """What each row sets, row 1 first."""
    scaled: int = 0
    """Worlds in which the shares that have ranges were more than everything, and were scaled."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What the columns of u are."""
        return self.unknowns.inputs

    @property
    def count(self) -> int:
        """How many worlds."""
        return len(self.u)

    @cached_property
    def _ranges(self) -> dict[str, Assumed]:
        return {path_text(path): one for one in self.unknowns.ranges for path in one.places}

    def settings(self, world: int) -> dict[str, Level]:
        """What differs in a world, by path.

        Args:
            world: its place among these, from 0.
        """
        found: dict[str, Level] = {}
        if self.of_rows:
            found |= self.of_rows[int(self.rows[world]) - 1]
        for path, drawn in self.values.items():
            found[path] = _level(self._ranges.get(path), float(drawn[world]))
        return found


def _level(assumed: Assumed | None, value: float) -> Level:
    return value if assumed is None else assumed.level(value)


def draw_worlds(
    unknowns: Unknowns,
    scenario: Scenario,
    source: Source,
    worlds: int,
    seed: int,
    first: int = 0,
) -> Worlds:
    """Draw some worlds.

    Args:
        unknowns: what may be otherwise.
        scenario: as it is written.
        source: where the file of draws is named.
        worlds: how many; more keep the first ones.
        seed: of the study.
        first: number of the first world.

    Raises:
        ScenarioError: the file of draws cannot be read, or has no such values.
    """
    u = points([one.first for one in unknowns.inputs], worlds, seed, first)
    return worlds_at(u, unknowns, scenario, source, seed, first)


def worlds_at(
    u: Floats, unknowns: Unknowns, scenario: Scenario, source: Source, seed: int, first: int = 0
) -> Worlds:
    """The worlds at some points: (worlds, inputs), between 0 and 1.

    Raises:
        ScenarioError: as `draw_worlds`.
    """
    inputs, worlds = unknowns.inputs, len(u)
    moved = _correlated(u, unknowns)
    values: dict[str, Floats] = {}
    for number, one in enumerate(inputs):
        for member in one.members:
            own = 1 - moved[:, number] if member.against else moved[:, number]
            drawn = curve_of(member.of).quantile(own)
            values |= {path_text(path): drawn for path in member.of.places}
    shares, scaled = _shares(unknowns, scenario, values, moved)
    values |= shares
    of_rows = read_draws(unknowns.draws, scenario, source) if unknowns.draws else ()
    _refuse_both(values, of_rows, unknowns, source)
    if inputs and inputs[-1].name == DRIFT:
        base = values.get(_FACTOR, np.full(worlds, scenario.demand.factor))
        values[_FACTOR] = base * _drift(unknowns.drift_cv, moved[:, -1])
    count = max(0, len(of_rows) - 1)
    rows = rows_of(worlds, count, seed, first) if count else np.zeros(worlds, dtype=np.int64)
    return Worlds(unknowns, first, u, values, rows, of_rows[1:], scaled)


def curve_of(assumed: Assumed) -> Curve:
    """The distribution of a value."""
    mode = assumed.value if assumed.mode is None else assumed.mode
    middle = min(max(mode, assumed.low), assumed.high)
    return Curve(assumed.shape, assumed.low, middle, assumed.high, assumed.step)


def _correlated(u: Floats, unknowns: Unknowns) -> Floats:
    """The points, made to go together where that is wanted, by a normal copula."""
    if not unknowns.correlation:
        return u
    lower = np.linalg.cholesky(correlations(unknowns.correlation, u.shape[1]))
    found: Floats = ndtr(ndtri(u) @ lower.T)
    return found


def _drift(cv: float, u: Floats) -> Floats:
    """A lognormal factor with mean 1."""
    sigma = np.sqrt(np.log1p(cv**2))
    found: Floats = np.exp(sigma * ndtri(u) - sigma**2 / 2)
    return found


# --- shares that add to 1 -----------------------------------------------------------------------


def _shares(
    unknowns: Unknowns, scenario: Scenario, values: Mapping[str, Floats], u: Floats
) -> tuple[dict[str, Floats], int]:
    """Shares that add to 1 in each world; in how many worlds they were scaled."""
    found: dict[str, Floats] = {}
    scaled = 0
    if unknowns.dirichlet is not None:
        paths = [share_path(kind) for kind in unknowns.dirichlet]
        names = [one.name for one in unknowns.inputs]
        columns = u[:, [names.index(path) for path in paths[:-1]]]
        drawn = dirichlet(list(unknowns.dirichlet.values()), concentrated(unknowns), columns)
        found |= dict(zip(paths, drawn.T, strict=True))
    for shares in wholes(scenario):
        named = {path: values[path] for path in shares if path in values}
        if named:
            found |= giving_way(named, shares)
            scaled += exceeding(named)
    return found, scaled


# --- a file of draws ----------------------------------------------------------------------------


def read_draws(name: str, scenario: Scenario, source: Source) -> tuple[Mapping[str, Level], ...]:
    """The rows of a file of draws, the best estimate first: what each sets, by path.

    Args:
        name: of the file, beside the scenario.
        scenario: that they are of.
        source: where the file is named.

    Raises:
        ScenarioError: it cannot be read, or sets what the scenario does not have.
    """
    path = source.folder(_DRAWS) / name
    try:
        text = ordinary_file(file_of(source.files[0] if source.files else path, path), _LARGEST)
        lines = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    except OSError as error:
        message = told(
            "cannot_be_read_draws",
            "{name} cannot be read: {strerror}",
            name=name,
            strerror=of_system(error),
        )
        raise ScenarioError([source.problem(_DRAWS, message)]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        message = told(
            "is_no_table_in_utf_8", "{name} is no table in UTF-8: {error}", name=name, error=error
        )
        raise ScenarioError([source.problem(_DRAWS, message)]) from None
    return _rows(path, lines, scenario, source)


def _rows(
    path: Path, lines: Sequence[Sequence[str]], scenario: Scenario, source: Source
) -> tuple[Mapping[str, Level], ...]:
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if len(lines) < _FEWEST:
        message = told(
            "needs_a_head_row_0_the_best",
            "needs a head, row 0 (the best estimate) and at least one draw",
        )
        raise ScenarioError([Problem(Place(str(path), 1, 1), "", message)])
    problems: list[Problem] = []
    head = [_column(cell, number, path, scenario, source) for number, cell in enumerate(lines[0])]
    problems += [one for one in head if isinstance(one, Problem)]
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(head):
            message = told(
                "has_cells_but_the_head_has",
                "has {number} cells, but the head has {number_2}",
                number=len(line),
                number_2=len(head),
            )
            problems.append(Problem(Place(str(path), number, 1), "", message))
    if problems:
        raise ScenarioError(problems)
    keys = [str(one) for one in head]
    return tuple(
        {key: _cell(cell) for key, cell in zip(keys, line, strict=True) if key != _ROW}
        for line in lines[1:]
    )


def _column(
    cell: str, number: int, file: Path, scenario: Scenario, source: Source
) -> str | Problem:
    """The path that a column sets, or what is wrong with it."""
    if cell.strip() == _ROW:
        return _ROW
    place = Place(str(file), 1, number + 1)
    try:
        keys = path_keys(numbered(cell.strip(), source.data))
    except (ValueError, AddressError) as error:
        return Problem(place, cell, message_of(error))
    fault = leads_nowhere(scenario, keys)
    return Problem(place, cell, fault) if fault else path_text(keys)


def _cell(text: str) -> Level:
    """A cell as it would be read in a scenario."""
    node, _ = parse_value(text.strip(), Place(text))
    found = text.strip() if node is None else plain(node)
    return found if isinstance(found, int | float | str) else text.strip()


def _refuse_both(
    values: Mapping[str, Floats],
    of_rows: Sequence[Mapping[str, Level]],
    unknowns: Unknowns,
    source: Source,
) -> None:
    both = [path for path in values if of_rows and path in of_rows[0]]
    if both:
        message = told(
            "has_draws_of_it_already_leave_this",
            "{draws} has draws of it already; leave this range out",
            draws=unknowns.draws,
        )
        raise ScenarioError(
            source.problem(("uncertainty", "ranges", path), message, at_key=True) for path in both
        )
