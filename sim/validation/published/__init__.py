"""Published facilities: what went in, what is published, what comes out."""
