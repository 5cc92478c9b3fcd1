"""The validation suite: scenarios whose results are known exactly, played and compared."""

from sim.validation.case import Case, Figure
from sim.validation.cases import CASES
from sim.validation.unsaid import UNSAID, Unsaid
from sim.validation.validate import COLUMNS, Checked, check, validate

__all__ = ["CASES", "COLUMNS", "UNSAID", "Case", "Checked", "Figure", "Unsaid", "check", "validate"]
