"""What a fit of a log says, against simulated sites whose truth is known."""
