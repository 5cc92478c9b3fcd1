"""The command line: parses, calls and prints."""

from sim.cli.app import main

__all__ = ["main"]
