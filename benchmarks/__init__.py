"""Measurements of the program itself: how right its intervals are, how fast it is."""
