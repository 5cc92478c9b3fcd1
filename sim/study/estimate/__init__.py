"""Estimates: from replications to figures with intervals, and what may be said of them."""
