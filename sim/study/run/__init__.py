"""Running replications: one, by many workers, kept on disk, as a study."""
