"""What the commands print, in at most 80 columns."""
