"""A log as it is kept, read and put in order: one frozen table of visits."""
