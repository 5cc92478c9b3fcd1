"""Random staff: rotas of dates and weekdays, breaks, and rules of how many must watch."""

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import strategies as st

ROLES = ("nurse", "social_worker")
Dict = dict[str, Any]


def optionally(draw: st.DrawFn) -> Callable[[Dict, str, st.SearchStrategy[Any]], None]:
    def some(into: Dict, key: str, what: st.SearchStrategy[Any]) -> None:
        if draw(st.booleans()):
            into[key] = draw(what)

    return some


@cache
def _rules() -> st.SearchStrategy[Dict]:
    return st.fixed_dictionaries(
        {
            "rooms": st.lists(st.sampled_from(["injecting", "flexible"]), unique=True, min_size=1),
            "roles": st.lists(st.sampled_from(ROLES), unique=True, min_size=1),
            "minimum": st.integers(0, 2),
        },
        optional={
            "at_least": st.sampled_from(
                [{"nurse": 1}, {"nurse": 2}, {"nurse": 1, "social_worker": 3}]
            ),
            "places_per_staff": st.sampled_from([0.5, 1, 1.5, 3]),
        },
    )


SEVERAL_RULES = st.lists(_rules(), min_size=1, max_size=2)

SHIFTS = (
    ("09:00", "19:00", (("10:00", "10:30"), ("14:00", "14:00"), ("16:00", "18:50"))),
    ("00:00", "24:00", (("10:10", "13:00"), ("10:10", "13:00"), ("18:00", "21:00"))),
    ("07:00", "15:00", (("10:00", "14:00"), ("10:00", "10:10"), ("13:50", "15:00"))),
    ("10:00", "12:00", (("10:00", "10:20"), ("10:30", "11:00"), ("11:50", "12:00"))),
    ("15:00", "23:00", (("17:00", "18:00"), ("17:30", "19:00"), ("22:00", "22:00"))),
    ("22:00", "06:00 next day", (("01:00", "02:00"), ("23:30", "00:30 next day"))),
)
"""Begin and end of a shift, and of the windows for its breaks, some of which overlap."""

Window = tuple[str, str]


@cache
@st.composite
def _shifts(
    draw: st.DrawFn, role: str, shift: tuple[str, str, tuple[Window, ...]], cycle: int
) -> Dict:
    line: Dict = {"role": role, "from": shift[0], "to": shift[1], "count": draw(st.integers(1, 2))}
    windows = draw(st.lists(st.sampled_from(shift[2]), max_size=3))
    line["breaks"] = [draw(_breaks(window)) for window in windows]
    some = optionally(draw)
    if draw(st.sampled_from([True] + [False] * 7)):
        line["dates"] = draw(st.sampled_from([["2026-01-05"], ["2026-01-06", "2026-01-08"]]))
    else:
        some(line, "days", st.sampled_from(["mon-fri", ["tue", "sat", "sun"], "mon"]))
        some(line, "weeks", st.lists(st.integers(1, cycle), min_size=1, max_size=2, unique=True))
    if draw(st.sampled_from([True, False, False])):
        # Lines of the same people touch, overlap and follow each other, in all roles.
        line["people"] = draw(st.permutations(("Ane", "Bo", "Cy")))[: line["count"]]
    return line


@cache
def _breaks(window: Window) -> st.SearchStrategy[Dict]:
    return st.fixed_dictionaries(
        {
            "from": st.just(window[0]),
            "to": st.just(window[1]),
            "length": st.sampled_from([10, 25]),
            "minimum_left": st.integers(0, 1),
            "recallable": st.booleans(),
        },
        optional={
            "minimum_left_of": st.lists(st.sampled_from(ROLES), unique=True, min_size=1),
        },
    )


@cache
@st.composite
def staffs(draw: st.DrawFn, *, holidays: bool = False) -> Dict:
    more = st.tuples(st.sampled_from(ROLES), st.sampled_from(SHIFTS))
    cycle = draw(st.integers(1, 3))
    # Every role is rostered on every day, and teams of four can be found.
    lines = [draw(_shifts(role, SHIFTS[0], cycle)) for role in ROLES]
    lines += [{"role": role, "from": "16:00", "to": "21:00", "count": 3} for role in ROLES]
    lines += [draw(_shifts(*one, cycle)) for one in draw(st.lists(more, max_size=4))]
    if holidays:
        for line in lines:
            some = optionally(draw)
            some(line, "holidays", st.sampled_from(["also", "never", "only"]))
    rota: Dict = {"holidays": draw(st.sampled_from(["also", "never"]))} if holidays else {}
    return rota | {
        "roles": {role: {} for role in ROLES},
        "rota": lines,
        "cycle_weeks": cycle,
        "end_of_shift": draw(st.sampled_from(["finish", "finish_pooled", "hand_over"])),
        "stay_until_empty": draw(st.sampled_from([True, True, False])),
        "begin_late": draw(st.booleans()),
        "break_when": draw(st.sampled_from(["when_no_work_waits", "as_soon_as_covered"])),
        "absence": draw(st.sampled_from([0, 0.3])),
    }
