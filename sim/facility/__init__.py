"""The facility as a SimPy model: the only place that knows SimPy."""

from sim.facility.simulate import simulate

__all__ = ["simulate"]
