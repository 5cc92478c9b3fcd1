"""The state of the site as counts, and the log of every change of a count."""

from array import array
from collections.abc import Mapping, Sequence

import numpy as np

from sim.log import CHANGE_TYPES, ROLE_SERIES, ROOM_SERIES, SITE_SERIES, ChangeColumns, series_names
from sim.scenario.model.scenario import Scenario


class State:
    """Counts by series. What holds at the end of an event is logged, once, if it has changed."""

    def __init__(self, scenario: Scenario) -> None:
        """Start with every count at 0."""
        names = series_names(scenario)
        number = {name: index for index, name in enumerate(names)}
        self.site = {name: number[f"site:{name}"] for name in SITE_SERIES}
        self.room = _numbered(number, "room", scenario.rooms, ROOM_SERIES)
        self.role = _numbered(
            number, "role", scenario.staff.roles if scenario.staff else {}, ROLE_SERIES
        )
        self._value = [0] * len(names)
        self._logged = [0] * len(names)
        self._touched: set[int] = set()
        self._time, self._series, self._to = array("d"), array("l"), array("l")

    def __getitem__(self, series: int) -> int:
        return self._value[series]

    def add(self, series: int, change: int) -> None:
        """Add to a count."""
        self._value[series] += change
        self._touched.add(series)

    def set(self, series: int, value: int) -> None:
        """Set a count."""
        if self._value[series] != value:
            self._value[series] = value
            self._touched.add(series)

    def log(self, now: float) -> None:
        """Note the counts that this event has changed, in the order of the series."""
        for series in sorted(self._touched):
            value = self._value[series]
            if value != self._logged[series]:
                self._time.append(now)
                self._series.append(series)
                self._to.append(value)
                self._logged[series] = value
        self._touched.clear()

    def columns(self) -> ChangeColumns:
        """The log so far."""
        rows = {"time": self._time, "series": self._series, "value": self._to}
        return {name: np.array(rows[name], dtype=kind) for name, kind in CHANGE_TYPES.items()}


def _numbered(
    number: Mapping[str, int], what: str, names: Mapping[str, object], series: Sequence[str]
) -> list[dict[str, int]]:
    return [{one: number[f"{what}:{name}:{one}"] for one in series} for name in names]
