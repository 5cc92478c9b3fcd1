"""What lies in memory: the tables, how a row is reached, the agenda, the log."""
