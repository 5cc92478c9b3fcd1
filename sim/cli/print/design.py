"""A design in words: what it has, how it differs from another, and what was seen of it."""

from math import isinf, isnan

from rich.padding import Padding

from sim.cli.console import say
from sim.cli.print.named import target_text
from sim.report import ENGLISH
from sim.report.page.numbers import plain
from sim.report.page.wording import Settings
from sim.report.page.words import Words
from sim.scenario.derived.roster import shift_name
from sim.scenario.model.design import Level
from sim.size.observation import LONGEST, ObservedTarget
from sim.size.space import Design, Space
from sim.study.estimate.intervals import Estimate


def named(space: Space, name: str, words: Words) -> str:
    """The name of a parameter; for a rota line with its role and shift."""
    scenario = space.site
    if words.lang != ENGLISH:
        return _settings(space, words).axis(name)
    staff = scenario.staff
    keys = name.split(".")
    if staff is not None and keys[:2] == ["staff", "rota"] and keys[2].isdigit():
        shift = staff.rota[int(keys[2])]
        shown = f"{shift.role} {shift.name}" if shift.name else shift_name(shift)
        return f"{shown} ({'.'.join(keys[3:])})"
    return name


def _settings(space: Space, words: Words) -> Settings:
    paths = {one.name: one.paths for one in space.parameters}
    return Settings(space.site, words, paths)


def levels(space: Space, design: Design, words: Words) -> str:
    """What it has of each parameter, in their order."""
    return " ".join(words.level(level) for level in space.levels(design))


def short(space: Space, design: Design, words: Words) -> str:
    """Each parameter by name, and what it has of it."""
    pairs = zip(space.parameters, space.levels(design), strict=True)
    if words.lang != ENGLISH:
        settings = _settings(space, words)
        return ", ".join(settings.said(one.name, level) for one, level in pairs)
    return ", ".join(f"{named(space, one.name, words)} {level}" for one, level in pairs)


def changes(space: Space, one: Design, other: Design, words: Words) -> str:
    """What differs: places and people more or fewer, of all else old and new."""
    both = zip(space.parameters, space.levels(one), space.levels(other), strict=True)
    if words.lang != ENGLISH:
        settings = _settings(space, words)
        return ", ".join(settings.changed(p.name, a, b) for p, a, b in both if a != b)
    return ", ".join(_change(space, p.name, a, b, words) for p, a, b in both if a != b)


def _change(space: Space, name: str, old: Level, new: Level, words: Words) -> str:
    counted = _counted(space, name)
    if counted is None:
        return f"{named(space, name, words)} {old} → {new}"
    more = int(new) - int(old)
    noun, beside = counted
    one = noun if abs(more) == 1 else f"{noun}s"
    return f"{abs(more)} {'more' if more > 0 else 'fewer'} {one}{beside}"


def _counted(space: Space, name: str) -> tuple[str, str] | None:
    """What a parameter counts, and which: places of a room, or people on a line of the rota."""
    staff = space.site.staff
    match name.split("."):
        case ["rooms", room, "places"]:
            return f"{room} place".replace("_", " "), ""
        case ["staff", "rota", line, "count"] if staff is not None:
            shift = staff.rota[int(line)]
            role = shift.role.replace("_", " ")
            if shift.name:
                return f"{shift.name.replace('_', ' ')} {role}", ""
            return role, shift_name(shift).removeprefix(shift.role)
        case _:
            return None


def with_interval(one: Estimate, words: Words, times: float = 1) -> str:
    """A figure and its interval, such as `12.3 (11.0-13.9)`; a dash where there is none."""
    if isnan(one.value):
        return "-"
    value, low, high = (_number(times * part, words) for part in (one.value, one.low, one.high))
    return value if isnan(one.low) else f"{value} ({low}-{high})"


def _number(value: float, words: Words) -> str:
    """Waits are counted up to LONGEST; longer ones are known to be longer."""
    if isinf(value):
        return words.tell("screen_size.over", longest=LONGEST)
    return words.local(plain(value))


def wanted_text(one: ObservedTarget, space: Space, words: Words) -> str:
    """A target of a sizing."""
    return target_text(words, one.target, one.unit, space.currency)


def say_below(text: str) -> None:
    """Further in than the line before it, however many lines it takes."""
    say(Padding(text, (0, 0, 0, 4), expand=False))
