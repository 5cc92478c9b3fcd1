"""Rotas: who is needed when, which shifts cover it, whether a rota keeps the rules."""
