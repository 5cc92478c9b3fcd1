"""Sizing within a city: one of its houses, and where to put more places."""
