"""The days of a log played by the site that was fitted to it, and held against the log."""
