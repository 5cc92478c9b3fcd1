"""Verdicts: a word, a shape and a colour, in this order of importance.

The rule that gives them is one for targets and for what a page asks without any: a figure is held
against a limit, and a difference too small to matter (`compare`'s margins) is *just*.
"""

from enum import StrEnum
from math import isnan

from sim.study.estimate.intervals import Estimate


class Mark(StrEnum):
    """What is said of a question, a target or a difference; names the shape and the colour."""

    YES = "yes"
    JUST = "just"
    NO = "no"
    CANNOT_SAY = "cannot-say"
    SAME = "same"
    BETTER = "better"
    WORSE = "worse"
    DEARER = "dearer"
    CHEAPER = "cheaper"
    MONEY = "money"


WORST_FIRST = (Mark.NO, Mark.CANNOT_SAY, Mark.JUST, Mark.YES)
"""Of several answers the first of these is the answer to all."""


def held(known: Estimate, limit: float, *, at_most: bool, margin: float) -> Mark:
    """Whether a figure keeps a limit that nobody set as a target.

    * Its interval reaches further than the margin beyond the limit on both sides: cannot say.
    * All of it on the right side, and its value further from the limit than the margin: yes.
    * All of it on the wrong side, and its value further from the limit than the margin: no.
    * Otherwise just: on one side or the other by less than what matters.

    Args:
        known: the figure with its interval; without one nothing can be said.
        limit: in the figure's unit.
        at_most: whether less is right; else more is.
        margin: the smallest difference that matters, 0 or more.
    """
    if isnan(known.value) or isnan(known.low):
        return Mark.CANNOT_SAY
    sign = 1.0 if at_most else -1.0
    low, high = sorted((sign * known.low, sign * known.high))
    beyond, over, under = sign * (known.value - limit), low - sign * limit, high - sign * limit
    if over < -margin and under > margin:
        return Mark.CANNOT_SAY
    if (under <= 0 and beyond <= -margin) or over == under == 0:
        return Mark.YES
    return Mark.NO if over > 0 and beyond > margin else Mark.JUST


def worst(marks: list[Mark]) -> Mark:
    """The answer to several questions at once; cannot say where there are none."""
    return next((one for one in WORST_FIRST if one in marks), Mark.CANNOT_SAY)
