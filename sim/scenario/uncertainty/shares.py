"""Shares that add to 1, of which some may be others."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.special import betainc, betaincinv

from sim.scenario.city.model import City
from sim.scenario.errors.problem import path_text
from sim.scenario.model.scenario import Scenario
from sim.scenario.uncertainty.ranges import Unknowns
from sim.scenario.uncertainty.shapes import Floats

_HELD = 0.9
"""Probability with which a share lies within its range."""
_SMALLEST, _LARGEST = 1e-2, 1e7
"""Concentrations between which one is looked for."""
_HALVINGS = 60
_TAIL = 0.05
OFF = 1.5
"""Times by which a range may be wider or narrower than written before it is told."""


def giving_way(drawn: Mapping[str, Floats], shares: Mapping[str, float]) -> dict[str, Floats]:
    """Shares of which those without a range give way to the others, in proportion.

    Named ones that exceed 1 together are scaled to 1.

    Args:
        drawn: those that have a range, by name: one value a world.
        shares: all of them, as they are written.
    """
    named = np.array(list(drawn.values()))
    together = named.sum(axis=0)
    others = {name: share for name, share in shares.items() if name not in drawn and share > 0}
    rest = sum(others.values())
    # Without others that could give way the named ones fill the whole.
    scale = np.where((together > 1) | (rest == 0), 1 / together, 1.0)
    left = np.maximum(0.0, 1 - together)
    found = {name: values * scale for name, values in drawn.items()}
    return found | {name: share * left / rest for name, share in others.items()}


def exceeding(drawn: Mapping[str, Floats]) -> int:
    """In how many worlds the named shares are more than everything."""
    return int((np.array(list(drawn.values())).sum(axis=0) > 1 + 1e-12).sum())


def concentration(share: float, low: float, high: float) -> float:
    """How closely a share is known: A, so that Beta(A m, A (1 - m)) has 90 % within its range.

    Args:
        share: m, its mean.
        low: the range's lower end.
        high: its upper end.
    """

    def beyond(log_of: float) -> float:
        one, other = share * np.exp(log_of), (1 - share) * np.exp(log_of)
        return float(betainc(one, other, high) - betainc(one, other, low)) - _HELD

    few, many = np.log(_SMALLEST), np.log(_LARGEST)
    for _ in range(_HALVINGS):
        middle = (few + many) / 2
        few, many = (few, middle) if beyond(middle) >= 0 else (middle, many)
    return float(np.exp(many))


def together(concentrations: Sequence[float]) -> float:
    """The one concentration of several: their geometric mean."""
    return float(np.exp(np.mean(np.log(concentrations))))


def dirichlet(shares: Sequence[float], concentrated: float, u: Floats) -> Floats:
    """Shares around their means that add to 1: (worlds, shares).

    Args:
        shares: their means, each above 0.
        concentrated: how closely they are known.
        u: (worlds, shares - 1), between 0 and 1.
    """
    left, rest = np.ones(len(u)), 1.0
    found = []
    for number, share in enumerate(shares[:-1]):
        rest -= share
        part = betaincinv(concentrated * share, concentrated * rest, u[:, number])
        found.append(left * part)
        left = left * (1 - part)
    return np.stack([*found, left], axis=1)


def range_of(share: float, concentrated: float) -> tuple[float, float]:
    """The 5 and 95 % points of a share that is drawn with others."""
    one, other = concentrated * share, concentrated * (1 - share)
    return float(betaincinv(one, other, _TAIL)), float(betaincinv(one, other, 1 - _TAIL))


# --- of a scenario ------------------------------------------------------------------------------


def share_path(kind: str) -> str:
    """The path of the share of a kind of visit."""
    return path_text(("visits", kind, "share"))


def wholes(scenario: Scenario) -> tuple[Mapping[str, float], ...]:
    """Shares that add to 1, by path: of visit kinds; of a city's first wishes and origins too."""
    found = [{share_path(kind): one.share for kind, one in scenario.visits.items()}]
    if isinstance(scenario, City):
        origins = scenario.choice.origins
        found.append({_path("origins", one, "share"): of.share for one, of in origins.items()})
        if not origins:
            found += _first_wishes(scenario)
    return tuple(one for one in found if one)


def _first_wishes(city: City) -> Iterator[dict[str, float]]:
    prefer, alike = city.choice.prefer, {}
    for name, one in prefer.items():
        if isinstance(one, dict):
            yield {_path("prefer", name, facility): share for facility, share in one.items()}
        else:
            alike[_path("prefer", name)] = one
    yield alike


def _path(*keys: str) -> str:
    return path_text(("choice", *keys))


def concentrated(unknowns: Unknowns) -> float:
    """How closely shares that are drawn together are known: by the ranges of some of them."""
    means = {share_path(kind): mean for kind, mean in (unknowns.dirichlet or {}).items()}
    ranges = [one for one in unknowns.ranges if one.key in means]
    return together([concentration(means[one.key], one.low, one.high) for one in ranges])


def ranges_of_shares(unknowns: Unknowns) -> dict[str, tuple[float, float]]:
    """The 5 and 95 % points that shares have which are drawn together, by path."""
    if unknowns.dirichlet is None:
        return {}
    closely = concentrated(unknowns)
    means = unknowns.dirichlet.items()
    return {share_path(kind): range_of(mean, closely) for kind, mean in means}
