"""From a log to figures: each a numerator and a denominator, so that replications add up."""

from sim.measures.clock import CountRow, count_rows
from sim.measures.figure import HourRow, Interval, Row, SampleRow
from sim.measures.histogram import Histogram
from sim.measures.tally import (
    Tally,
    compile_measures,
    hour_rows,
    measure,
    measures_must_compile,
    metric_rows,
    responses_table,
    sample_rows,
    visits_table,
)

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
