"""Rotas in and out: tables, grids and calendars."""
