"""From a log to figures: each a numerator and a denominator, so that replications add up."""

from sim.measures.clock import CountRow, count_rows
from sim.measures.facts import SampleRow
from sim.measures.figure import HourRow, Interval, Row
from sim.measures.figures import hour_rows, metric_rows, sample_rows
from sim.measures.histogram import Histogram
from sim.measures.ready import compile_measures, measures_must_compile
from sim.measures.tables import responses_table, visits_table
from sim.measures.tally import Tally, measure

__all__ = [
    "CountRow",
    "Histogram",
    "HourRow",
    "Interval",
    "Row",
    "SampleRow",
    "Tally",
    "compile_measures",
    "count_rows",
    "hour_rows",
    "measure",
    "measures_must_compile",
    "metric_rows",
    "responses_table",
    "sample_rows",
    "visits_table",
]
