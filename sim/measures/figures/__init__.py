"""Figures by their subject: what each is, its definition, and how it is computed from the facts."""
