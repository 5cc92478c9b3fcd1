"""Which of several options may be the best, figure by figure.

An option is out when some other is better, by the same verdict as in a comparison with the base.
All comparisons of the option that truly is the best with the K − 1 others hold together with
confidence .95 if each is made one-sided at .05 / (K − 1) (Bonferroni), so the best stays in with
at least that confidence. This is the screening of Nelson, Swann, Goldsman & Song (2001,
Operations Research 49, 950-963) with paired differences, as common random numbers ask for; what it
leaves are the options whose intervals of multiple comparisons with the best (Hsu 1984, Annals of
Statistics 12, 1136-1144) reach 0, or differ from it by nothing that matters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan

from sim.measures import Row
from sim.study.compare.comparison import Studied, differences
from sim.study.compare.matters import Better, Finding, Matter, matter_of, verdict
from sim.study.estimate.intervals import LEVEL
from sim.study.estimate.summary import Key
from sim.study.run.workers import Progress, silent


@dataclass(frozen=True)
class Best:
    """The options that may be the best of all in one figure."""

    row: Row
    better: Better
    leader: str
    """The one with the best value; of several, the first."""
    names: tuple[str, ...]
    """Those that may be the best, the leader among them, in the order in which they were given."""


def may_be_best(
    options: Sequence[Studied],
    keys: Sequence[Key],
    margins: Mapping[tuple[str, str], float] | None = None,
    progress: Progress = silent,
) -> tuple[Best, ...]:
    """For each figure the options that may be the best.

    Figures of which neither more nor less is better are passed over, and so are those that not
    every option has.

    Args:
        options: all of them, the base included, of the same seed and number of replications.
        keys: figures.
        margins: smallest differences that matter, by metric and statistic, instead of the usual.
        progress: is told of every pair of options compared.
    """
    rows = {key: row for key in keys if (row := _row(options, key)) is not None}
    matters = {key: matter_of(row, margins) for key, row in rows.items()}
    wanted = [key for key in rows if matters[key].better is not Better.NEITHER]
    if not wanted or not options[1:]:
        return ()
    beaten = _beaten(options, wanted, matters, progress)
    return tuple(
        Best(
            row=rows[key],
            better=matters[key].better,
            leader=_leader(options, key, matters[key].better),
            names=tuple(one.name for one in options if one.name not in beaten[key]),
        )
        for key in wanted
    )


def _beaten(
    options: Sequence[Studied],
    keys: Sequence[Key],
    matters: Mapping[Key, Matter],
    progress: Progress,
) -> dict[Key, set[str]]:
    """By figure, the options than which another is better."""
    beaten: dict[Key, set[str]] = {key: set() for key in keys}
    # Of an interval with both ends at this level, each end by itself is wrong with .05 / (K − 1).
    level = 1 - 2 * (1 - LEVEL) / (len(options) - 1)
    pairs = list(combinations(options, 2))
    for number, (one, other) in enumerate(pairs):
        progress(number, len(pairs))
        found = differences(one, other, keys, level)
        for place, key in enumerate(keys):
            value, low, high, *_ = found.at(place)
            margin = matters[key].margin_of(one.value(key))
            judged = verdict(value, low, high, matters[key].better, margin).finding
            if judged is Finding.BETTER:
                beaten[key].add(one.name)
            elif judged is Finding.WORSE:
                beaten[key].add(other.name)
    return beaten


def _row(options: Sequence[Studied], key: Key) -> Row | None:
    """The figure, if every option has it, in the same unit (there are several currencies)."""
    if any(isnan(one.value(key)) for one in options) or len({one.unit(key) for one in options}) > 1:
        return None
    return options[0].result.rows[options[0].numbers[key]]


def _leader(options: Sequence[Studied], key: Key, better: Better) -> str:
    return max(options, key=lambda one: better * one.value(key)).name
