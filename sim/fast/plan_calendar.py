"""The calendar of one replication: everything that opens, closes, begins and ends, in order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.fast.codes import (
    BREAK_DUE,
    BREAK_LATEST,
    NONE,
    ROOM_CLOSES,
    ROOM_OPENS,
    SITE_CLOSES,
    SITE_OPENS,
)
from sim.fast.memory import CALENDAR_CHANGE
from sim.fast.plan import Plan
from sim.fast.plan_staff import CHANGE
from sim.fast.rows import Table, new_table
from sim.scenario.derived.calendar import Span


@dataclass(frozen=True, eq=False)
class Opening:
    """When the site and its rooms are open, and all that the calendar does."""

    spans: Sequence[Span]
    room_spans: Sequence[Sequence[Span]]
    calendar: Table


def make_opening(
    plan: Plan, room_spans: Sequence[Sequence[Span]], absent: NDArray[np.bool_]
) -> Opening:
    """The calendar of a replication.

    Args:
        plan: the scenario.
        room_spans: when each room is open in this replication's weather.
        absent: who of the people on shift does not come.
    """
    return Opening(plan.spans, room_spans, _calendar(plan, room_spans, absent))


def _calendar(plan: Plan, room_spans: Sequence[Sequence[Span]], absent: NDArray[np.bool_]) -> Table:
    """All changes in the order in which they are done, less those of people who are absent."""
    changes = np.concatenate(
        [
            _opening(plan.spans, 0, SITE_OPENS, SITE_CLOSES),
            *(
                _opening(spans, room, ROOM_OPENS, ROOM_CLOSES)
                for room, spans in enumerate(room_spans)
            ),
            plan.staff.changes[~absent[plan.staff.changes["person"]]],
        ]
    )
    kind = np.where(changes["what"] == BREAK_LATEST, BREAK_DUE, changes["what"])
    time = np.maximum(0.0, changes["time"])
    order = np.lexsort((changes["turn"], kind, time))
    calendar = new_table(CALENDAR_CHANGE, len(changes))
    calendar["time"] = time[order]
    calendar["what"], calendar["number"] = changes["what"][order], changes["number"][order]
    return calendar


def _opening(spans: Sequence[Span], number: int, opens: int, closes: int) -> Table:
    """The changes that opening hours bring."""
    changes = np.zeros((2, len(spans)), CHANGE)
    changes["time"] = np.array(spans, dtype=float).reshape(len(spans), 2).T
    changes["what"] = [[opens], [closes]]
    changes["number"] = changes["turn"] = number
    changes["person"] = NONE
    return changes.ravel()
