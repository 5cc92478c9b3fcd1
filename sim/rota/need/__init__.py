"""Who is needed when: by formula, by simulation, or handed down."""
