"""What happened in one replication, as the figures need it: counted, added up by what is alike."""
