"""From a log to figures: each a numerator and a denominator, so that replications add up."""

from sim.measures.city.tally import (
    compile_measures,
    count_rows,
    hour_rows,
    measure,
    measures_must_compile,
    metric_rows,
    responses_table,
    sample_rows,
    visits_table,
)
from sim.measures.figures.clock import CountRow
from sim.measures.figures.figure import HourRow, Interval, Row, SampleRow
from sim.measures.histogram import Histogram
from sim.measures.tally import Tally

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
