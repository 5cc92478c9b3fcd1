"""What a scenario may say: its parts as frozen models, with their units and bounds."""
