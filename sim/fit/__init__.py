"""A scenario from a site's own log: read, put in order, estimated, written."""
