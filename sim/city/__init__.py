"""Several facilities that share one demand, in both engines: who goes where, and what became of it.

Facilities do not learn of it: who leaves a door is handed back, and comes to another as an arrival.
"""
