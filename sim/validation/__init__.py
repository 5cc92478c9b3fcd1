"""The validation suite: scenarios whose results are known exactly, played and compared."""

from sim.validation.case import Case, Figure
from sim.validation.cases import CASES
from sim.validation.play import FOLDER
from sim.validation.unsaid import UNSAID, Unsaid
from sim.validation.validate import Checked, Progress, check, play, validate
from sim.validation.verdict import COLUMNS, Verdict, verdict

__all__ = [
    "CASES",
    "COLUMNS",
    "FOLDER",
    "UNSAID",
    "Case",
    "Checked",
    "Figure",
    "Progress",
    "Unsaid",
    "Verdict",
    "check",
    "play",
    "validate",
    "verdict",
]
