"""Exploring a scenario: values varied over ranges, assumptions at their ends."""
