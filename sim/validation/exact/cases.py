"""All cases, in the order in which they are played and printed."""

from sim.validation.exact.case import Case
from sim.validation.exact.cases_days import DAYS
from sim.validation.exact.cases_places import PLACES
from sim.validation.exact.cases_staff import STAFF
from sim.validation.exact.cases_traces import TRACES

CASES: tuple[Case, ...] = (*TRACES, *PLACES, *STAFF, *DAYS)
"""Hand-worked traces first: what is wrong there explains what is wrong later."""
