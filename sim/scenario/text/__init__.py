"""What a planner wrote: YAML with the place of everything in it, settings, variants, comments."""
