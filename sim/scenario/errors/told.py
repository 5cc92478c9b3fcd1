"""What is told a planner, as a fact: which kind of thing, and what is in it.

Rooms below the pages know no language but that of the tables, which is English. What they tell is
English text, for the tables; and it remembers its kind and its values, of which the sentence of
another language is made at the edge (`told.…` in the languages).
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Self


class _Told(str):
    """Text that remembers what it is made of, also where more is put before it or after."""

    def __add__(self, more: str) -> "Listed":
        return Listed.of((self, _as_written(more)), "none")

    def __radd__(self, more: str) -> "Listed":
        return Listed.of((_as_written(more), self), "none")


class Told(_Told):
    """A sentence, or a part of one."""

    kind: str
    """Such as `on_duty`."""
    values: Mapping[str, object]
    """What fills its gaps: numbers, and texts that may be told themselves."""


def told(kind: str, form: str, /, **values: object) -> Told:
    """A sentence of a kind.

    Args:
        kind: what it is called in the languages.
        form: the sentence in English, with gaps.
        values: what fills them.
    """
    one = Told(form.format(**values))
    one.kind, one.values = kind, values
    return one


class Name(str):
    """Names out of a scenario, such as of a role, or a few of them."""


class Written(str):
    """What stands in a file or on the command line, as it stands there in every language."""


def _as_written(text: str) -> str:
    return Written(text) if type(text) is str else text


class Listed(_Told):
    """Several names or sentences, and how they are joined."""

    items: tuple[str, ...]
    joint: str

    @classmethod
    def of(cls, items: Iterable[str], joint: str, *, longest: int | None = None) -> Self:
        """Put together.

        Args:
            items: names, unless they are told.
            joint: `or`, `and`, `plus`, `comma`, `semicolon`, `colon`, `line` or `none`.
            longest: letters beyond which it is cut; those that do not fit are left out.
        """
        parts = tuple(Name(one) if type(one) is str else one for one in items)
        text = JOINTS[joint].join(parts)
        if longest is not None and len(text) > longest:
            text = text[: longest - 1].rstrip() + "…"
            ends = accumulate(len(one) + len(JOINTS[joint]) for one in parts)
            fitting = [one for one, end in zip(parts, ends, strict=True) if end <= longest]
            parts = (*fitting, Written("…"))
        one = cls(text)
        one.items, one.joint = parts, joint
        return one


JOINTS = {
    "or": " or ",
    "and": " and ",
    "plus": " + ",
    "comma": ", ",
    "semicolon": "; ",
    "none": "",
    "and_no": " and no ",
    "comma_and": ", and ",
    "to": " to ",
    "line": "\n",
    "colon": ": ",
}


class TimeOfDay(str):
    """A time of day."""

    minute: float

    @classmethod
    def of(cls, text: str, minute: float) -> Self:
        """As it is written, and as minutes after midnight."""
        one = cls(text)
        one.minute = minute
        return one


class Weekday(str):
    """A day of the week, as scenarios name it."""
