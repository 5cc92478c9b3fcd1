"""Scenarios whose results are known exactly, played and compared."""
