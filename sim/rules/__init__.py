"""What both engines agree on before anything happens: order, numbers and timetable. No behaviour.

How a rule works is written twice, in `facility/` and in `fast/`, so that each is a second opinion
on the other.
"""
