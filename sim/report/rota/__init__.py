"""The pages of a rota: whether it keeps its rules, who is needed when, plans beside it."""
