"""What follows from a scenario alone, before anything is simulated."""
