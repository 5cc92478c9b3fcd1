"""Sizing: the cheapest design of a site that meets its targets, and how sure that is."""
