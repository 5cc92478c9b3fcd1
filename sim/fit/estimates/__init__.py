"""What a log says of a site, each number with its interval."""
