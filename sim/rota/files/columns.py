"""Columns of a rota by the words that people head them with, and where the headings are."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sim.rota.files.dates import written_date
from sim.scenario.errors.problem import Place, Problem, did_you_mean, shorten
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import MOST_TITLES, Cell, Row, Sheet
from sim.scenario.tables.words import (
    heading_word,
    is_day_off,
    is_total,
    read_spans,
    weekday_meanings,
)

_WORDS = {
    "role": (
        *("role", "function", "position", "job", "job title", "profession", "staff type"),
        *("staff group", "grade", "rolle", "funktion", "stilling", "stillingsbetegnelse"),
        *("faggruppe", "beruf", "qualifikation", "fonction", "metier", "poste"),
    ),
    "person": (
        *("person", "persons", "people", "name", "names", "full name", "employee", "employees"),
        *("employee name", "worker", "workers", "worker name", "worker names", "staff"),
        *("staff name", "staff names", "staff member", "team member", "assigned to", "carer"),
        *("carers", "who", "navn", "medarbejder", "medarbejdere", "ansat", "personale", "hvem"),
        *("mitarbeiter", "mitarbeiterin", "mitarbeitende", "wer", "personal", "nom", "noms"),
        *("employe", "salarie", "agent", "personne"),
    ),
    "date": (
        *("date", "dates", "shift date", "start date", "dato", "datoer", "vagtdato", "datum"),
        *("dag dato", "date de debut"),
    ),
    "day": (
        *("day", "days", "weekday", "weekdays", "day of week", "day of the week", "dag", "dage"),
        *("ugedag", "ugedage", "tag", "tage", "wochentag", "wochentage", "jour", "jours"),
        "jour de la semaine",
    ),
    "week": ("week", "uge", "woche", "kw", "semaine"),
    "start": (
        *("start", "starts", "from", "start time", "begin", "begins", "time in", "shift start"),
        *("fra", "starttid", "start tid", "modetid", "moder", "begynder", "von", "ab", "beginn"),
        *("anfang", "de", "debut", "heure debut", "heure de debut"),
    ),
    "end": (
        *("end", "ends", "to", "until", "end time", "finish", "finishes", "time out"),
        *("shift end", "til", "slut", "sluttid", "slut tid", "gar", "bis", "ende", "schluss"),
        *("a", "fin", "heure fin", "heure de fin", "jusqu'a"),
    ),
    "time": (
        *("time", "times", "hours", "shift time", "shift times", "shift hours", "working hours"),
        *("tid", "tider", "tidsrum", "vagttid", "arbejdstid", "klokken", "zeit", "zeiten"),
        *("uhrzeit", "arbeitszeit", "dienstzeit", "horaire", "horaires", "heures"),
    ),
    "code": (
        *("code", "codes", "shift code", "kode", "koder", "vagtkode", "kurzel", "kuerzel"),
        *("dienstkurzel", "kennung", "abkurzung"),
    ),
    "shift": ("shift", "shift name", "vagt", "vagttype", "schicht", "dienst", "equipe", "tour"),
    "break": (
        *("break", "breaks", "break min", "break minutes", "unpaid break", "pause", "pauser"),
        *("pausen", "pauses"),
    ),
    "count": (
        *("count", "number", "number of staff", "no of staff", "headcount", "antal", "anzahl"),
        *("nombre", "effectif"),
    ),
    "duration": ("duration", "length", "hrs", "timer", "antal timer", "stunden", "dauer", "duree"),
    "line": ("line",),
}
MEANING = {word: name for name, words in _WORDS.items() for word in words}
"""What a heading means, by the word that it is."""
LONG = ("line", "role", "shift", "week", "day", "date", "start", "end", "break", "count", "person")
"""Columns of a long table; role, start, end and one of day and date are needed."""
_NUMBER = re.compile(r"[0-9]{1,2}\.?")
LONGEST_MONTH = 31
"""Days."""
_MOST_EXPLAINING = 3
"""Cells of a line below a grid: a code, and its hours in one cell or in two."""
_FEW = 2
"""Headings that make a line one of headings."""


@dataclass
class Reading:
    """What is wrong with a table, and what was taken to be so."""

    scenario: Scenario
    problems: list[Problem] = field(default_factory=list)
    _notes: dict[str, dict[str, None]] = field(default_factory=dict)

    def note(self, what: str, item: str = "") -> None:
        """Note how something was read, which the file does not say outright."""
        self._notes.setdefault(what, {})[item] = None

    def notes(self) -> tuple[str, ...]:
        """All that was noted, one line each."""
        return tuple(
            Listed.of((what, *_shortened(items)), "colon") for what, items in self._notes.items()
        )


def _shortened(items: Iterable[str]) -> tuple[str, ...]:
    """What was read so, in one text; nothing where nothing is named."""
    written = [Written(one) if type(one) is str else one for one in items]
    return (Listed.of(written, "comma", longest=300),) if any(written) else ()


def meaning(heading: Cell) -> str:
    """The name of the column that a heading means; empty if that is unknown."""
    return MEANING.get(heading_word(heading.text), "")


@dataclass(frozen=True)
class Columns:
    """The columns of a table by what they mean."""

    sheet: Sheet
    of: dict[str, int]
    """Number of the column, by its name."""
    others: tuple[int, ...]
    """Numbers of those whose heading says nothing that is known."""

    def cell(self, row: Sequence[Cell], name: str) -> Cell:
        """The cell of a row in a column; an empty one if there is none."""
        number = self.of.get(name)
        return Cell("", row[0].place, row[0].at) if number is None else row[number]

    def heading(self, name: str) -> str:
        """What the column is called in the table."""
        return self.sheet.headings[self.of[name]].text


def columns_of(sheet: Sheet, reading: Reading, known: Iterable[str]) -> Columns:
    """The columns of a table; two that mean the same are wrong.

    Args:
        sheet: the table.
        reading: where to note what is wrong.
        known: names of the columns that it may have.
    """
    found: dict[str, int] = {}
    others, names = [], frozenset(known)
    for number, heading in enumerate(sheet.headings):
        name = meaning(heading)
        if not heading.text:
            continue
        if name not in names:
            others.append(number)
        elif name in found:
            first = sheet.headings[found[name]]
            same = first.text.casefold() == heading.text.casefold()
            either = told(
                "may_be_the_too_rename_one_of",
                "; '{text}' ({at}) may be the {name} too: rename one of them",
                text=first.text,
                at=first.at,
                name=name,
            )
            twice = heading.problem(
                f"'{heading.text}' "
                + (
                    told("stands_here_twice", "stands here twice")
                    if same
                    else told("is_the", "is the {name}{either}", name=name, either=either)
                )
            )
            reading.problems.append(twice)
        else:
            found[name] = number
    return Columns(sheet, found, tuple(others))


def left_out(columns: Columns, numbers: Iterable[int], known: Sequence[str], into: Reading) -> None:
    """Tell of columns that are not read; one that is like a known one is misspelt."""
    for number in numbers:
        heading = columns.sheet.headings[number]
        hint = did_you_mean(
            heading.text.casefold(), [one for one in known if one not in columns.of]
        )
        if hint:
            into.problems.append(
                heading.problem(
                    told(
                        "is_not_a_column_of_this_table",
                        "'{text}' is not a column of this table{hint}",
                        text=heading.text,
                        hint=hint,
                    )
                )
            )
        else:
            into.note(told("columns_not_read", "columns not read"), f"'{heading.text}'")


# --- where the headings are ---------------------------------------------------------------------


def day_like(text: str) -> bool:
    """Whether a heading may be a day: a weekday, a date, or a number from 1 to 31."""
    word = text.strip()
    if _NUMBER.fullmatch(word):
        return 1 <= int(word.removesuffix(".")) <= LONGEST_MONTH
    return bool(weekday_meanings(word)) or bool(set(word) & set("0123456789"))


def _is_day(cell: Cell, scenario: Scenario) -> bool:
    return (
        day_like(cell.text)
        and not is_total(cell.text)
        and (
            bool(weekday_meanings(cell.text))
            or cell.text.removesuffix(".").isdecimal()
            or written_date(cell, scenario) is not None
            or any(weekday_meanings(part) for part in cell.text.split())
        )
    )


def score(cells: Iterable[Cell], scenario: Scenario) -> tuple[int, int, int]:
    """Of a line: headings with a known meaning, days, and all in which anything stands."""
    written = [cell for cell in cells if cell.text]
    known = sum(bool(meaning(cell)) for cell in written)
    days = sum(not meaning(cell) and _is_day(cell, scenario) for cell in written)
    return known, days, len(written)


def is_head(cells: Sequence[Cell], scenario: Scenario) -> bool:
    """Whether a line is one of headings."""
    known, days, _ = score(cells, scenario)
    return known >= _FEW or days >= _FEW or (known > 0 and days > 0)


@dataclass(frozen=True)
class Headed:
    """A table from its headings on, and what stood above them."""

    sheet: Sheet
    titles: tuple[Cell, ...] = ()
    groups: dict[int, Cell] = field(default_factory=dict)
    """By number of the column: what stands over several of them, such as the week."""
    beside: dict[int, Cell] = field(default_factory=dict)
    """By number of the column: a second heading, such as the weekday of a date."""
    turned: bool = False
    """Whether days stand down its first column in the file."""
    ends: dict[int, int] = field(default_factory=dict)
    """Where a day has two columns: by number of that in which shifts start, that of their ends."""
    legend: Sheet | None = None
    """What codes of shifts stand for, where that is written below the table."""


def headed_either_way(sheet: Sheet, reading: Reading) -> Headed | None:
    """The table as `headed` has it, or with its days, that stand down a column, across."""
    found = headed(sheet, reading)
    if found is not None or not sheet.lines:
        return found
    turned = headed(sheet.turned(), reading)
    if turned is None or len(turned.sheet.headings) <= len(turned.sheet.rows):
        return None  # as many people as days, or more: it is no rota
    reading.note(
        told(
            "days_down_the_first_column_people_or",
            "days down the first column, people or shifts across",
        )
    )
    return replace(turned, turned=True)


def headed(sheet: Sheet, reading: Reading) -> Headed | None:
    """The table without titles and totals; None where no line has headings of a rota."""
    scenario, lines = reading.scenario, sheet.lines
    first, halves = 0, None
    for first, line in enumerate(lines[:MOST_TITLES]):
        cells = _cells(sheet, line)
        following = lines[first + 1] if first + 1 < len(lines) else None
        below = [] if following is None else _cells(sheet, following)
        halves = _halves(cells, below, scenario)
        if halves is not None or is_head(cells, scenario):
            break
    else:
        return None
    place, beside, ends = first, dict[int, Cell](), dict[int, int]()
    values = list(line.values)
    if halves is not None:
        values, ends = list(halves.headings), halves.ends
        place += halves.lines - 1
    elif following is not None and _second(below, scenario):
        values, beside = _together(sheet, line, following)
        place += 1
    titles = [cell for one in lines[:first] for cell in _cells(sheet, one) if cell.text]
    groups: dict[int, Cell] = {}
    if first and sum(bool(cell.text) for cell in _cells(sheet, lines[first - 1])) > 1:
        groups = {n: c for n, c in enumerate(_cells(sheet, lines[first - 1])) if c.text}
    head = Row(lines[place].number, _named(values, lines[place + 1 :], reading))
    rest, legend = _without_legend(sheet, lines[place + 1 :])
    rest = [one for one in rest if not _is_sum(sheet, one, reading)]
    if titles:
        listed = ", ".join(f"'{shorten(cell.text, 40)}'" for cell in titles[:3])
        reading.note(told("titles_above_the_headings", "titles above the headings"), listed)
    return Headed(
        sheet.of_lines([head, *rest]), tuple(titles), groups, beside, ends=ends, legend=legend
    )


def _cells(sheet: Sheet, line: Row) -> list[Cell]:
    return [sheet.cell(line.number, number, value) for number, value in enumerate(line.values, 1)]


class _Halves(NamedTuple):
    """Headings of which days have two columns: one of starts, and one of ends."""

    headings: list[str]
    ends: dict[int, int]
    lines: int
    """One, or two where the day stands over both."""


_SIGNS = re.compile(r"[_():\[\]]+")


def _halves(cells: Sequence[Cell], below: Sequence[Cell], scenario: Scenario) -> _Halves | None:
    """`mon from, mon to`, in one line or in two; None where no days are headed so."""
    upper = [cell.text for cell in cells] + [""] * (len(below) - len(cells))
    lower = [cell.text for cell in below] + [""] * (len(cells) - len(below))
    for lines, headings in ((1, upper), (2, _over_two(upper, lower))):
        found, ends = list(headings), dict[int, int]()
        for number, heading in enumerate(headings[:-1]):
            day, start = _day_and_half(heading, scenario)
            same, end = _day_and_half(headings[number + 1], scenario)
            if (start, end) == ("start", "end") and same in {day, ""}:
                found[number], ends[number] = day, number + 1
        if len(ends) >= _FEW:
            return _Halves(found, ends, lines)
    return None


def _over_two(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Two lines of headings as one; a day stands over its own column and, unsaid, the next."""
    joined, day = list[str](), ""
    for over, under in zip(upper, lower, strict=True):
        half = MEANING.get(heading_word(under), "")
        day = over or (day if half == "end" else "")
        joined.append(f"{day} {under}".strip() if half in {"start", "end"} else over or under)
    return joined


def _day_and_half(heading: str, scenario: Scenario) -> tuple[str, str]:
    """Of `mon from` or `from mon` the day, and whether it is of starts or of ends."""
    words = _SIGNS.sub(" ", heading).split()
    for word, rest in ((words[-1], words[:-1]), (words[0], words[1:])) if words else ():
        day = " ".join(rest).strip(" ,-")
        half = MEANING.get(heading_word(word), "")
        if half in {"start", "end"} and day and _is_day(Cell(day, Place("")), scenario):
            return day, half
    return "", ""


def _second(cells: Sequence[Cell], scenario: Scenario) -> bool:
    """Whether a line is a second line of headings: nothing but days, and words of columns."""
    known, days, written = score(cells, scenario)
    return days >= _FEW and known + days == written and not _hours_in(cells)


def _hours_in(cells: Sequence[Cell]) -> bool:
    return any(":" in cell.text for cell in cells)


def _together(sheet: Sheet, line: Row, other: Row) -> tuple[list[str | float], dict[int, Cell]]:
    """Two lines of headings as one: the date or number of each day, the weekday beside it."""
    width = max(len(line.values), len(other.values))
    upper, lower = (
        [
            *_cells(sheet, one),
            *(sheet.cell(one.number, n + 1, "") for n in range(len(one.values), width)),
        ]
        for one in (line, other)
    )
    values: list[str | float] = []
    beside: dict[int, Cell] = {}
    for number, (one, two) in enumerate(zip(upper, lower, strict=True)):
        first, second = (two, one) if weekday_meanings(one.text) and two.text else (one, two)
        if first.text and second.text:
            beside[number] = second
        kept = first if first.text else second
        values.append(kept.text)
    return values, beside


def _named(
    values: Sequence[str | float], rows: Sequence[Row], reading: Reading
) -> list[str | float]:
    """The headings; a first column without one holds the names of people."""
    found = list(values)
    used = [number for number in range(len(found)) if found[number] != ""]
    if not used:
        return found
    nameless = [
        number
        for number in range(used[0])
        if any(number < len(row.values) and isinstance(row.values[number], str)
               and row.values[number] for row in rows)
    ]  # fmt: skip
    words = {MEANING.get(heading_word(str(value))) for value in found}
    if len(nameless) == 1 and "person" not in words:
        found[nameless[0]] = "person"
        reading.note(
            told(
                "the_first_column_without_a_heading_is",
                "the first column, without a heading, is the person",
            )
        )
    return found


_EXPLAINED = re.compile(r"(?P<code>[^\W\d_][^\s=:]{0,7})(?:\s*[=:]\s*|\s+)(?P<hours>\S.*)")
_BETWEEN = re.compile(r"\s*[,;]\s+")


def _without_legend(sheet: Sheet, lines: Sequence[Row]) -> tuple[list[Row], Sheet | None]:
    """The rows of a grid without those below it that say what its codes stand for.

    These are the last lines, of which each says `D = 07:00-15:00`, in one cell or in several; the
    first may be their title. One of the codes at least must stand in the grid.
    """
    found: list[Row] = []
    first = len(lines)
    while first and (said := _explained(sheet, lines[first - 1])):
        first -= 1
        found[:0] = (Row(lines[first].number, list(one)) for one in said)
    codes = {str(values[0]) for _, values in found}
    titled = first and sum(cell != "" for cell in lines[first - 1].values) == 1
    body = list(lines[: first - 1 if titled and found else first])
    if not found or not any(cell in codes for line in body for cell in line.values[1:]):
        return list(lines), None
    return body, sheet.of_lines([Row(found[0].number, ["code", "time"]), *found])


def _explained(sheet: Sheet, line: Row) -> list[tuple[str, str]]:
    """The codes that a line explains, with their hours; none if it is another line."""
    texts = [cell.text for cell in _cells(sheet, line) if cell.text]
    parts = _BETWEEN.split(texts[0]) if len(texts) == 1 else [f"{texts[0]} {'-'.join(texts[1:])}"]
    found = []
    for part in parts if len(texts) <= _MOST_EXPLAINING else ():
        said = _EXPLAINED.fullmatch(part)
        if said is None or not _are_hours(said["hours"]):
            return []
        found.append((said["code"], said["hours"]))
    return found


def _are_hours(text: str) -> bool:
    try:
        return is_day_off(text) or bool(read_spans(text))
    except ValueError:
        return False


def _is_sum(sheet: Sheet, line: Row, reading: Reading) -> bool:
    """Whether a line adds up others: it is called so, or has numbers and nothing else."""
    cells = [cell for cell in _cells(sheet, line) if cell.text]
    at = next((number for number, cell in enumerate(cells) if is_total(cell.text)), None)
    if at is None or not all(_is_number(cell) for cell in cells[at + 1 :]):
        return False
    label = cells[at]
    reading.note(
        told("rows_of_totals_left_out", "rows of totals, left out"),
        f"'{shorten(label.text, 30)}' (" + label.at + ")",
    )
    return True


def _is_number(cell: Cell) -> bool:
    try:
        cell.number()
    except ValueError:
        return is_total(cell.text) or not cell.text
    return True


def titles_of(found: Headed) -> Iterator[str]:
    """Texts that may name the month: titles, the sheet, the file."""
    yield from (cell.text for cell in found.titles)
    yield found.sheet.name
