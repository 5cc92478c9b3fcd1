"""What of a scenario moves as one: values by themselves, groups, and how inputs go together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.scenario.errors.problem import KeyPath, Problem, Source, did_you_mean, path_text
from sim.scenario.errors.told import told
from sim.scenario.model.design import Shares, Uncertainty
from sim.scenario.model.scenario import Scenario
from sim.scenario.uncertainty.comments import Assumed

DRIFT = "drift"
"""Name of the input that is how demand drifts."""
BLOCK = "uncertainty"
SAME = 1e-9
"""Numbers that differ by less are equal."""


@dataclass(frozen=True)
class Member:
    """A value of an input."""

    of: Assumed
    against: bool = False
    """Whether it is low when the input is high."""


@dataclass(frozen=True)
class Input:
    """Something that nobody knows: a value, or several that move as one."""

    name: str
    """The path, or the name of the group."""
    first: str
    """The path of the first member, by whose name its draws are made."""
    members: tuple[Member, ...] = ()
    """None of the drift of demand, and of a share that is drawn with the others."""


Groups = Mapping[str, tuple[Member, ...]]


def inputs_of(
    block: Uncertainty, ranges: Sequence[Assumed], groups: Groups, scenario: Scenario
) -> tuple[tuple[Input, ...], Mapping[str, float] | None]:
    """The inputs in their order, and the shares that are drawn together."""
    group_of = {member.of.key: name for name, members in groups.items() for member in members}
    kinds = {path_text(("visits", kind, "share")): kind for kind in scenario.visits}
    dirichlet: dict[str, float] | None = None
    inputs: list[Input] = []
    for one in ranges:
        if one.high <= one.low:
            continue
        if block.shares is Shares.DIRICHLET and one.key in kinds and one.key not in group_of:
            if dirichlet is None:
                means = {kind: of.share for kind, of in scenario.visits.items() if of.share > 0}
                dirichlet = means
                paths = [path for path, kind in kinds.items() if kind in means]
                inputs += [Input(path, path) for path in paths[:-1]]
        elif (name := group_of.get(one.key)) is None:
            inputs.append(Input(one.name, one.key, (Member(one),)))
        elif all(done.name != name for done in inputs):
            wide = tuple(member for member in groups[name] if member.of.high > member.of.low)
            inputs.append(Input(name, groups[name][0].of.key, wide))
    if block.drift_cv:
        inputs.append(Input(DRIFT, DRIFT))
    return tuple(inputs), dirichlet


def correlated(
    block: Uncertainty, inputs: Sequence[Input], source: Source
) -> tuple[tuple[tuple[int, int, float], ...], list[Problem]]:
    """Pairs of inputs and how they go together, and what is wrong with that."""
    names = [one.name for one in inputs]
    # A value that several houses share has the names of all its places.
    calls = {path_text(path): one.name for one in inputs for path in _places(one)}
    calls |= {name: name for name in names}
    found: list[tuple[int, int, float]] = []
    problems: list[Problem] = []
    for number, pair in enumerate(block.correlation):
        here: KeyPath = (BLOCK, "correlation", number)
        missing = [name for name in pair.between if name not in calls]
        if missing:
            hint = did_you_mean(missing[0], names)
            message = told(
                "is_neither_a_path_with_a_range",
                "{missing} is neither a path with a range nor the name of a group{hint}",
                missing=missing[0],
                hint=hint,
            )
            problems.append(source.problem(here, message))
        elif pair.between[0] == pair.between[1]:
            problems.append(
                source.problem(
                    here,
                    told(
                        "is_between_a_value_and_itself_name",
                        "is between a value and itself; name two",
                    ),
                )
            )
        else:
            one, other = (names.index(calls[name]) for name in pair.between)
            found.append((one, other, pair.r))
    if found and not problems and not _can_be(found, len(inputs)):
        message = told(
            "these_correlations_cannot_be_at_the_same",
            "these correlations cannot be at the same time; make some of them smaller",
        )
        problems.append(source.problem((BLOCK, "correlation"), message))
    return tuple(found), problems


def _places(one: Input) -> tuple[KeyPath, ...]:
    return one.members[0].of.places if len(one.members) == 1 else ()


def _can_be(found: Sequence[tuple[int, int, float]], number: int) -> bool:
    return bool(np.linalg.eigvalsh(correlations(found, number)).min() > SAME)


def correlations(
    found: Sequence[tuple[int, int, float]], number: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The matrix of correlations between so many inputs."""
    matrix = np.eye(number)
    for one, other, r in found:
        matrix[one, other] = matrix[other, one] = r
    return matrix
