"""The pages of a city: a run, and who goes where."""
