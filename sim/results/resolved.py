"""The scenario as it was simulated, written so that it reads back as the same scenario."""

from hashlib import sha256
from io import StringIO

from ruamel.yaml import YAML

from sim.scenario.derived import once
from sim.scenario.model.scenario import Scenario

_HEADING = "# The scenario as it was simulated: every file, setting and default in one.\n"


@once
def scenario_yaml(scenario: Scenario) -> str:
    """The scenario as YAML 1.2; reading it gives an equal scenario."""
    # Defaults are written out: a later version of the program may have others.
    data = scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
    writer = YAML()
    writer.default_flow_style = None  # lists and maps of plain values on one line
    writer.width = 100
    writer.allow_unicode = True
    text = StringIO()
    writer.dump(data, text)
    return _HEADING + text.getvalue()


def scenario_sha256(scenario: Scenario) -> str:
    """SHA-256 of that text, as `sha256sum scenario.yaml` prints it."""
    return sha256(scenario_yaml(scenario).encode()).hexdigest()
