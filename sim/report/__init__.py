"""Pages for people who decide: one file each, drawn from saved results."""
