"""Charts, each with the same numbers as a table."""
