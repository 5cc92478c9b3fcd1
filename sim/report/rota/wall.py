"""Who works from when to when, as a table, and the week to hang on the wall."""

from collections import Counter

from sim.report.page.document import Section, Table
from sim.report.page.wording import people_of
from sim.report.page.words import Words, heading
from sim.report.rota.drawn import DAYS_A_WEEK, MANY, Rota, clock_of, shift_text
from sim.rota.check.rules import staff_of
from sim.scenario.derived.roster import break_window, rostered
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.staff import Shift


def who_table(rota: Rota) -> Table:
    """Who, from when to when, on which days, with which breaks."""
    words, staff = rota.words, staff_of(rota.scenario)
    rows = []
    for line in staff.rota:
        days = ", ".join(words.weekdays()[day] for day in line.days)
        if len(line.days) == DAYS_A_WEEK:
            days = words["rota.daily"]
        if line.dates:
            days = words.count("unit.days", len(line.dates))
        if line.weeks and staff.cycle_weeks > 1:
            numbers = ", ".join(words.number(week, 0) for week in line.weeks)
            days = words.say("rota.in_weeks", days=days, weeks=numbers)
        people = ", ".join(line.people or ()) or people_of(line.role, line.count, words)
        rows.append(
            (
                words.name(line.name) if line.name else heading(words.name(line.role)),
                f"{words.clock(int(line.start) % DAY)}–{words.clock(int(line.end) % DAY or DAY)}",
                people,
                days,
                "; ".join(_break_text(line, number, words) for number in range(len(line.breaks))),
            )
        )
    head = tuple(words[f"rota.{one}"] for one in ("shift", "hours", "who", "days", "breaks"))
    return Table(words["rota.who_table"], head, tuple(rows), is_text=True, cards=True)


def _break_text(line: Shift, number: int, words: Words) -> str:
    rest = line.breaks[number]
    first, last = break_window(line, rest)
    return words.say(
        "rota.break",
        length=words.exact(rest.length),
        start=words.clock(first % DAY),
        end=words.clock(int(last + rest.length) % DAY or DAY),
    )


def wall_section(rota: Rota) -> Section:
    """The first week, to hang on the wall: a row a person or shift, a column a day."""
    words, staff = rota.words, staff_of(rota.scenario)
    named = any(line.people for line in staff.rota)
    cells: dict[tuple[str, str], list[list[str]]] = {}
    minutes: Counter[tuple[str, str]] = Counter()
    for one in rostered(rota.scenario):
        day = one.midnight // DAY
        if not 0 <= day < DAYS_A_WEEK:
            continue
        line = staff.rota[one.line]
        hours = f"{clock_of(one.start, words)}–{clock_of(one.end, words)}"
        role = heading(people_of(line.role, MANY, words).partition(" ")[2])
        row = (role, one.name if named and one.name else shift_text(line, words))
        text = hours if one.name else f"{words.number(one.people, 0)}"
        minutes[row] += one.end - one.start
        cells.setdefault(row, [[] for _ in range(DAYS_A_WEEK)])[day].append(text)
    rows = tuple(
        (
            f"{name} ({role})" if named else f"{role}, {name}",
            *(", ".join(day) or "–" for day in week),
            *([words.brief(minutes[role, name] / HOUR)] if named else []),
        )
        for (role, name), week in cells.items()
    )
    caption = words.say(
        "rota.wall_names" if named else "rota.wall_numbers",
        site=(rota.scenario.title or rota.scenario.name).split(",")[0].strip(),
    )
    total = [words["rota.wall_hours"]] if named else []
    head = (
        words["rota.person" if named else "rota.shift"],
        *map(rota.day_name, range(DAYS_A_WEEK)),
        *total,
    )
    table = Table(caption, head, rows)
    return Section("wall", words["rota.wall"], tables=(table,), finding=words["rota.wall_print"])
