"""Rules of a rota by name and source, and breaches of them."""

from dataclasses import dataclass
from enum import Enum

from sim.scenario.hours import DAY, DAYS, WEEK, clock_text


class Rule(Enum):
    """What is checked: its name, and where the rule comes from."""

    TOGETHER = ("two-person rule", "rota_rules.minimum; Sydney's MSIC, sydneymsic.com")
    COVER = ("minimum cover", "supervision.minimum")
    SKILL = ("skill mix", "at_least of supervision or rota_rules")
    BREAK_COVER = ("cover of breaks", "as minimum cover, during a break")
    HANDOVER = ("handover", "rota_rules.handover")
    LONGEST_SHIFT = ("shift length", "Directive 2003/88/EC, article 3")
    BREAK = ("break over 6 h", "Directive 2003/88/EC, article 4")
    OVERLAP = ("one place at a time", "nobody works two shifts at once")
    DAILY_REST = ("daily rest", "Directive 2003/88/EC, article 3")
    WEEKLY_REST = ("weekly rest", "Directive 2003/88/EC, article 5")
    WEEK_HOURS = ("48 h average", "Directive 2003/88/EC, article 6")
    NIGHT_HOURS = ("night average", "Directive 2003/88/EC, article 8")

    @property
    def words(self) -> str:
        """What it is called."""
        return self.value[0]

    @property
    def source(self) -> str:
        """Where it comes from."""
        return self.value[1]


@dataclass(frozen=True)
class Breach:
    """A rule broken, where and when."""

    rule: Rule
    where: str
    """Room, role, shift or person."""
    when: str
    """Day and time, or week, of the rota's cycle."""
    what: str
    """What is, and what should be."""
    hours: float = 0.0
    """Hours a week that it lasts, where it lasts for a time."""


def when(start: int, end: int, length: int) -> str:
    """A span of a cycle of so many minutes, such as `mon 05:30-06:00` or `week 2 sun 23:00`."""
    week, minute = divmod(start % length, WEEK)
    weeks = f"week {week + 1} " if length > WEEK else ""
    first = f"{weeks}{DAYS[minute // DAY]} {clock_text(minute % DAY)}"
    if end == start:
        return first
    if end - start >= length:
        return "always"
    minute = end % length % WEEK
    same_day = (end - 1) // DAY == start // DAY
    clock = clock_text(minute % DAY or DAY) if same_day else clock_text(minute % DAY)
    return f"{first}-{clock}" if same_day else f"{first} - {DAYS[minute // DAY]} {clock}"
