"""Several facilities as one system: who goes where; read with SimPy, and mirrored compiled."""
