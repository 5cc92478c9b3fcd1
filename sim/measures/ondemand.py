"""A map that is worked out when something in it is first asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class OnDemand(Mapping[Key, Value]):
    """Stands for a map that takes time to work out and that not everybody needs."""

    def __init__(self, work_out: Callable[[], Mapping[Key, Value]]) -> None:
        """Take the function that makes the map; it is called once at most."""
        self._work_out = work_out
        self._found: Mapping[Key, Value] | None = None

    @property
    def _map(self) -> Mapping[Key, Value]:
        if self._found is None:
            self._found = self._work_out()
        return self._found

    def __getitem__(self, key: Key) -> Value:
        return self._map[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._map)

    def __len__(self) -> int:
        return len(self._map)
