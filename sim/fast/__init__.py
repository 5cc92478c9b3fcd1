"""The facility compiled: the same rules as sim.facility, and the same log, row for row."""

from sim.fast.simulate import simulate, will_compile

__all__ = ["simulate", "will_compile"]
