"""The pages of several scenarios: a comparison, a sweep, a tornado."""
