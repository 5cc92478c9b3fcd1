"""Whether a rota keeps the rules: cover, skills, breaks, and the law of working time."""
