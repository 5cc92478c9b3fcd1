"""Figures of systems of facilities: needs, who went where, and each facility by itself."""
