"""The pages: of a run, a comparison, a sweep and a tornado."""
