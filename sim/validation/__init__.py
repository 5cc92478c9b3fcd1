"""The simulator against what is known: exact results, and figures that were published."""
