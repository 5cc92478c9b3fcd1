"""The tests; a package of its own, lest another distribution's be found under the name."""

from pathlib import Path

from hypothesis import HealthCheck, settings

# No machine is too slow or too busy: a test that takes long is not a test that fails.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

ROOT = Path(__file__).parents[1]
"""The project's folder."""
