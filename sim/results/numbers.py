"""How many decimals a figure is shown with, on the screen and on pages."""

_LIMITS = (10, 100)
"""From each of these on, one decimal fewer."""


def decimals(value: float) -> int:
    """Three figures are plenty: 0.25, 2.50, 25.0, 250."""
    return len(_LIMITS) - sum(abs(value) >= limit for limit in _LIMITS)
