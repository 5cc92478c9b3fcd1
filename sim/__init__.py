"""Discrete-event simulation of drug consumption rooms: places, opening hours, staff."""

__version__ = "0.1.0"
