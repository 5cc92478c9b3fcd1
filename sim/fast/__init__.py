"""The facility compiled: the same rules as sim.facility, and the same log, row for row."""

from sim.fast.simulate import compile_loop, simulate, will_compile

__all__ = ["compile_loop", "simulate", "will_compile"]
