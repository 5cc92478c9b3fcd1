"""The cheapest shifts that cover a need and keep the rules."""
