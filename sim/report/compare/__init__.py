"""The pages of several designs: a comparison, a sweep, a tornado."""
