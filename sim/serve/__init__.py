"""A page to try things on: questions are moved, answers come at once, nothing tried is lost.

A server for one planner on one machine. It calls the studies, the comparison and the drawing
functions that the commands call, and works nothing out by itself.
"""
