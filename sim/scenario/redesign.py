"""Many versions of one scenario that was read once, each with other values at some paths."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from sim.scenario.budget import beyond
from sim.scenario.consistency import inconsistencies
from sim.scenario.errors.problem import Key, Problem, ScenarioError, key_text, show
from sim.scenario.load import Loaded
from sim.scenario.model.design import Level, path_keys
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.demand_tables import with_tables


class Version(NamedTuple):
    """Values at paths, and where in the scenario it is written that they are to be there."""

    values: Mapping[str, Level]
    """By path, as `--set` takes it."""
    written: tuple[Key, ...]
    """Path in the scenario of what asks for them."""


class Original:
    """A scenario that was read, and may be had with other values."""

    def __init__(self, loaded: Loaded) -> None:
        """Take what was read; no file is read again."""
        self.loaded = loaded
        self._data = with_tables(loaded.source)[0].data

    def scenario(self, version: Version) -> Scenario:
        """The scenario with the version's values.

        Raises:
            ScenarioError: these values cannot be; it points at what asks for them.
        """
        data: object = self._data
        for path, value in version.values.items():
            data = _with(data, path_keys(path), value)
        try:
            scenario = Scenario.model_validate(data)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=False)
            raise ScenarioError(self._problem(version, one["msg"]) for one in details) from None
        misfits = list(inconsistencies(scenario)) or list(beyond(scenario))
        if misfits:
            raise ScenarioError(self._problem(version, message) for _, message in misfits)
        return scenario

    def _problem(self, version: Version, message: str) -> Problem:
        listed = ", ".join(f"{path} {show(value)}" for path, value in version.values.items())
        words = message.removeprefix("Value error, ")
        return self.loaded.source.problem(version.written, f"cannot be with {listed}: {words}")


def _with(data: object, keys: Sequence[str], value: Level) -> object:
    """The data with a value at a path; what is on the way is copied, all else shared."""
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    if isinstance(data, list):
        items: list[Any] = list(data)
        items[int(first)] = _with(items[int(first)], rest, value)
        return items
    entries: dict[Key, Any] = dict(data) if isinstance(data, Mapping) else {}
    key = next((one for one in entries if key_text(one) == first), first)
    entries[key] = _with(entries.get(key), rest, value)
    return entries
