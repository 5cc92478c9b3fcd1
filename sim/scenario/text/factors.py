"""Values to be varied, as a planner writes them: `4:12`, `4:12:2`, `0.5:1.5:0.25`, `3,4,5`."""

import re
from dataclasses import dataclass
from decimal import Decimal

_OPENING, _CLOSING, _QUOTES = "([{", ")]}", "\"'"

# A number begins with 0 only if it is 0: `07:30` is a time of day, not a range from 7 to 30.
_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER}):(?P<high>{_NUMBER})(?::(?P<step>{_NUMBER}))?")
_MOST_DIGITS = 15
_FIGURES = 4
"""Figures of a value that is drawn from a range without steps."""


@dataclass(frozen=True)
class Factor:
    """A value to be varied."""

    key: str
    """Its path, as `--set` takes it."""
    listed: tuple[str, ...] = ()
    """Its levels, if they were listed."""
    low: Decimal = Decimal(0)
    """Else the range."""
    high: Decimal = Decimal(0)
    step: Decimal | None = None
    """None for any number between, which only a Latin hypercube can draw."""

    @property
    def count(self) -> int:
        """How many levels; a range may have more than anybody wants to list."""
        if self.listed:
            return len(self.listed)
        return 0 if self.step is None else int((self.high - self.low) / self.step) + 1

    def level(self, number: int) -> str:
        """One of the levels, from 0, as it is set."""
        if self.listed:
            return self.listed[number]
        return str(self.low + number * (self.step or 0))

    def between(self, share: float) -> str:
        """What lies at this share, from 0 to 1, of the levels or of the range."""
        if self.count:
            return self.level(min(int(share * self.count), self.count - 1))
        value = float(self.low) + share * float(self.high - self.low)
        return f"{value:.{_FIGURES}g}"


def parse_factor(key: str, values: str) -> Factor:
    """The values of one key, taken apart.

    Raises:
        ValueError: they cannot be understood; the message says what is wrong.
    """
    as_range = _RANGE.fullmatch(values)
    if as_range is not None:
        return _of_range(key, as_range)
    listed = split_outside(values, ",")
    if "" in listed:
        raise ValueError("has nothing before or after a comma; values are listed as 300,400,500")
    if len(set(listed)) != len(listed):
        raise ValueError("lists a value twice; keep one of them")
    return Factor(key, listed)


def _of_range(key: str, found: re.Match[str]) -> Factor:
    if len(max(found.groups(default=""), key=len)) > _MOST_DIGITS:
        raise ValueError(f"has a number of more than {_MOST_DIGITS} digits")
    low, high = Decimal(found["low"]), Decimal(found["high"])
    whole = "." not in found["low"] + found["high"]
    step = Decimal(found["step"]) if found["step"] else Decimal(1) if whole else None
    if low >= high:
        raise ValueError(f"must go from a lower to a higher number, not from {low} to {high}")
    if step is not None and step <= 0:
        raise ValueError(f"must have a step above 0, not {step}")
    return Factor(key, low=low, high=high, step=step)


def split_outside(text: str, separator: str) -> tuple[str, ...]:
    """The parts of a text, separators within quotes and brackets being text."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in _QUOTES:
            quote = character
        depth += (character in _OPENING) - (character in _CLOSING) if not quote else 0
        if character == separator and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return tuple(part.strip() for part in parts)
