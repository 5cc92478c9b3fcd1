"""The page of a single run."""
