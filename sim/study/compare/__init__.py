"""Comparing options that met the same people."""
