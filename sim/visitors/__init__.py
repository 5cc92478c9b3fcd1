"""Who comes and what they will do: every random number of a replication, drawn up front."""

from sim.visitors.draw import draw
from sim.visitors.needs import compile_drawing, drawing_must_compile
from sim.visitors.visitors import Visitors

__all__ = ["Visitors", "compile_drawing", "draw", "drawing_must_compile"]
