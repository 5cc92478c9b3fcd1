"""What commands print of a city: what was understood, and what a run found."""
