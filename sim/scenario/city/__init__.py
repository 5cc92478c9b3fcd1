"""Several facilities as one system, and people who come back: what a file says of them."""
