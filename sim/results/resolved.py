"""The scenario as it was simulated, written so that it reads back as the same scenario."""

from hashlib import sha256
from io import StringIO
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML

from sim.results.table import save_csv
from sim.scenario.demand import Arrival
from sim.scenario.once import once
from sim.scenario.scenario import Scenario

_HEADING = "# The scenario as it was simulated: every file, setting and default in one.\n"
_MOST_IN_YAML = 1_000
"""Listed arrivals; more are a table of their own, which is written and read in a second: as YAML,
a year of a site's log takes minutes and is longer than a scenario file may be."""


@once
def scenario_yaml(scenario: Scenario) -> str:
    """The scenario as YAML 1.2; reading it gives an equal scenario.

    More than 1,000 listed arrivals are a file beside it, which is named by what is in it:
    `write_scenario` writes both.
    """
    # Defaults are written out: a later version of the program may have others.
    apart = {"demand": {"arrivals"}} if _is_long(scenario) else None
    data = scenario.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=apart)
    if apart:
        data["demand"]["arrivals"] = {"file": _arrivals(scenario)[0]}
    writer = YAML()
    writer.default_flow_style = None  # lists and maps of plain values on one line
    writer.width = 100
    writer.allow_unicode = True
    text = StringIO()
    writer.dump(data, text)
    return _HEADING + text.getvalue()


def write_scenario(scenario: Scenario, path: Path, more: str = "") -> None:
    """Write that text, and a long list of arrivals as a table beside it.

    Args:
        scenario: as it was simulated.
        path: of the file.
        more: YAML to stand below it, such as variants.

    Raises:
        OSError: it cannot be written.
    """
    path.write_text(scenario_yaml(scenario) + more, encoding="utf-8", newline="\n")
    if _is_long(scenario):
        name, table = _arrivals(scenario)
        save_csv(table, path.with_name(name))


def scenario_sha256(scenario: Scenario) -> str:
    """SHA-256 of that text, as `sha256sum scenario.yaml` prints it."""
    return sha256(scenario_yaml(scenario).encode()).hexdigest()


def _is_long(scenario: Scenario) -> bool:
    return len(scenario.demand.arrivals or ()) > _MOST_IN_YAML


def _arrivals(scenario: Scenario) -> tuple[str, pd.DataFrame]:
    """The table of arrivals, and its name: the same list has the same, another another."""
    columns = list(Arrival.model_fields)
    rows = [one.model_dump() for one in scenario.demand.arrivals or ()]
    table = pd.DataFrame(rows, columns=columns).dropna(axis=1, how="all")
    content = table.to_csv(index=False, lineterminator="\n")
    return f"arrivals-{sha256(content.encode()).hexdigest()[:12]}.csv", table
