"""Rotas as files: what is exported, changed by hand or damaged, and read again."""

import csv
import io
import random
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import openpyxl

from sim.scenario.derived.roster import people_on_shift
from sim.scenario.load import read_scenario
from tests import ROOT
from tests.fuzz.case import Case, Command, play
from tests.fuzz.scenarios import NUMBERS, TEXTS, copied
from tests.fuzz.tables import Dress, damaged

BASES = ("skyen.yaml", "h17.yaml", "rotas/skyen.yaml", "published/sydney-msic-2015.yaml")

NAMED = """\
name: named
horizon: {start: 2026-03-02, weeks: 2}
opening: {hours: 08:00-20:00}
demand: {visits_per_day: 40, profile: daytime}
visits: {use: {rooms: [booths], stay: 20}}
rooms: {booths: {places: 4}}
supervision: [{rooms: [booths], roles: [nurse], minimum: 1}]
staff:
  cycle_weeks: 2
  roles: {nurse: {cost_per_hour: 40}, helper: {cost_per_hour: 30}}
  rota:
    - {role: nurse, from: 07:30, to: "14:00", days: mon-fri, people: [Ane]}
    - {role: nurse, from: 14:00, to: "20:30", days: mon-fri, people: [Bo]}
    - {role: nurse, from: 07:30, to: "20:30", days: [sat, sun], weeks: [1], people: [Skýen]}
    - {role: nurse, from: 07:30, to: "20:30", days: [sat, sun], weeks: [2], people: ["=Dan"]}
    - {role: helper, from: 20:00, to: "04:00 next day", name: late, count: 2,
       breaks: [{length: 30, from: 23:00, to: "01:00 next day", minimum_left: 1}]}
"""


def case(rng: random.Random, folder: Path) -> Case:
    """A scenario, a rota in a file, and its way in."""
    base, layout = rng.choice(("named", "named", *BASES)), rng.choice(("long", "long", "grid"))
    site = _site(base, folder)
    ending = rng.choice((".csv", ".csv", ".xlsx"))
    path = folder / f"rota{ending}"
    if rng.random() < 0.12:
        return _written_by_hand(rng, folder, site.name)
    for name, content in _exported(base, layout, ending).items():
        (folder / name).write_bytes(content)
    done = "as it was exported"
    if rng.random() < 0.85:
        files = sorted(folder.glob("rota*"))
        done = _changed(rng, rng.choice((path, path, *files)))
    broken = Command(("rota", "check", "new.yaml"), broken=True)
    words = ("rota", "import", path.name, "--scenario", site.name, "--out", "new.yaml")
    as_it_was = done == "as it was exported"

    def same() -> None:
        """The rota is read back as what it was."""
        one, other = (_people(Path(name)) for name in (site.name, "new.yaml"))
        assert one == other, f"read back, {sorted(set(one) ^ set(other))[:4]} differ"

    same.__name__ = "the rota is read back as what it was"
    commands = [Command(words, accepted=as_it_was), Command(("check", "new.yaml"), accepted=True)]
    if as_it_was:
        commands.append(Command(same))
    return Case(f"{base} {layout} {ending}: {done}", (*commands, broken))


def _site(base: str, folder: Path) -> Path:
    if base != "named":
        return copied(ROOT / "scenarios" / base, folder)
    path = folder / "named.yaml"
    path.write_text(NAMED, "utf-8")
    return path


@cache
def _exported(base: str, layout: str, ending: str) -> dict[str, bytes]:
    """The files that `rota export` writes, by name; exported once and kept."""
    folder = Path(mkdtemp(prefix="fuzz-rota-")) / "case"
    folder.mkdir()
    site = _site(base, folder)
    command = Command(("rota", "export", site.name, f"rota{ending}", "--layout", layout))
    ended = play(command, folder)
    assert ended.status == 0, ended.err
    return {path.name: path.read_bytes() for path in sorted(folder.glob("rota*"))}


def _people(path: Path) -> list[tuple[Any, ...]]:
    """Who is on shift when, in the horizon, whatever the lines."""
    scenario = read_scenario(path, ()).scenario
    assert scenario.staff is not None
    rota = scenario.staff.rota
    return sorted(
        (one.start, one.end, rota[one.line].role, str(rota[one.line].people))
        for one in people_on_shift(scenario)
    )


def _changed(rng: random.Random, path: Path) -> str:
    """Change a cell, a row or the bytes of a file."""
    if rng.random() < 0.25:
        return f"{path.name}: {damaged(rng, path)}"
    if path.suffix == ".csv":
        rows: list[list[Any]] = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
        done = "; ".join(_rows(rng, rows) for _ in range(rng.choice((1, 1, 2))))
        dress = Dress.random(rng) if rng.random() < 0.3 else Dress()
        if dress.ending in {".xlsx", ".xlsm", ".ods"}:
            dress = Dress()
        path.write_bytes(dress.file(rows))
        return f"{path.name}: {done}, {dress}"
    book = openpyxl.load_workbook(path)
    sheet = rng.choice(book.worksheets)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    done = "; ".join(_rows(rng, rows) for _ in range(rng.choice((1, 1, 2))))
    sheet.delete_rows(1, sheet.max_row)
    dress = Dress(ending=".xlsx")
    for row in rows:
        sheet.append([dress._excel(cell) for cell in row])
    extra = rng.choice(("", "", "merged", "far", "renamed", "another"))
    if extra == "merged":
        sheet.merge_cells("A2:B3")
    elif extra == "far":
        sheet.cell(row=1_048_576, column=1).number_format = "0.00"
    elif extra == "renamed":
        sheet.title = "Vagtplan uge 10"
    elif extra == "another":
        book.create_sheet("Codes").append(["code", "start", "end"])
    book.save(path)
    return f"{path.name}: {done} {extra}"


_CELLS: tuple[Any, ...] = (
    *(
        "07:00",
        "7",
        "7.30",
        "0700",
        "24:00",
        "25:00",
        "23:59",
        "00:00",
        "07:00-15:00",
        "15:00 next day",
    ),
    *(
        "mon",
        "mon-fri",
        "man",
        "daily",
        "8",
        "2026-03-02",
        "02.03.2026",
        "2026-13-01",
        "9999-12-31",
    ),
    *(
        "nurse",
        "Nurse ",
        "sygeplejerske",
        "helper, nurse",
        "Ane",
        "Ane; Bo",
        "D",
        "N",
        "D+N",
        "-",
        "F",
    ),
    *("30", "30 min", "30 min 11:00-13:00", "30 min 11:00-13:00 left 1 fixed", "1e9 min", "5; 5"),
    *(1, 0, -1, 2.5, 10**6, 1e308, True, None),
)


def _rows(rng: random.Random, rows: list[list[Any]]) -> str:
    """Do one thing to rows of cells."""
    if not rows or not rows[0]:
        rows.append(["role", "day"])
    how = rng.choice(
        ("cell", "cell", "cell", "cell", "twice", "gone", "column", "more", "swap", "many")
    )
    row = rng.randrange(len(rows))
    if how == "cell" and rows[row]:
        column = rng.randrange(len(rows[row]))
        pool = rng.choice((_CELLS, _CELLS, NUMBERS, TEXTS))
        value = rng.choice(pool)
        rows[row][column] = value
        try:
            return f"cell {row + 1}.{column + 1} = {value!r:.60}"
        except ValueError:
            return f"cell {row + 1}.{column + 1} = a very long number"
    _rows_changed(rng, rows, row, how)
    return f"{how} at row {row + 1}"


def _rows_changed(rng: random.Random, rows: list[list[Any]], row: int, how: str) -> None:
    if how == "twice":
        rows.insert(row, list(rows[row]))
    elif how == "gone":
        del rows[row]
    elif how == "column":
        column = rng.randrange(len(rows[0]))
        for one in rows:
            if column < len(one):
                del one[column]
    elif how == "more":
        rows[row].append(rng.choice(_CELLS))
    elif how == "swap":
        rng.shuffle(rows)
    elif how == "many":
        rows.extend(list(rows[row]) for _ in range(rng.choice((20, 3000))))


_HAND = (
    "role,date,start,end,person\nnurse,{date},{start},{end},{who}\nnurse,{date},{end},20:00,{who}\n",
    "role,day,start,end,count,break\nnurse,{days},{start},{end},2,{pause}\n",
    "role,person,mon,tue,wed,thu,fri,sat,sun\nnurse,{who},D,D,,N,-,D+N,{code}\n",
    "role,person,2026-03-02,2026-03-03,2026-03-15,2026-03-16\nnurse,{who},D,D,,{code}\n",
    (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260302T{clock}00\r\n"
        "DTEND:20260302T153000\r\nSUMMARY:nurse {who}\r\nRRULE:FREQ=DAILY;COUNT={count}\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ),
)


def _written_by_hand(rng: random.Random, folder: Path, site: str) -> Case:
    """A file that nobody exported."""
    which = rng.randrange(len(_HAND))
    text = _HAND[which].format(
        date=rng.choice(
            ("2026-03-02", "2026-03-15", "2026-03-16", "02-03-2026", "2026-02-30", "46083")
        ),
        start=rng.choice(("07:00", "7:00", "7", "19:00", "24:00", "07.00", "")),
        end=rng.choice(("15:00", "07:00", "00:00", "24:00", "15")),
        who=rng.choice(("Ane", "=Ane", "Skýen", "[/x]", "", "A" * 500)),
        days=rng.choice(("mon-fri", "daily", "sat sun", "fri-mon", "mandag", "")),
        pause=rng.choice(("30", "30 min 11:00-13:00", "", "99999", "x")),
        code=rng.choice(("D", "N", "X", "", "D+D", "=D")),
        clock=rng.choice(("0700", "2500", "07")),
        count=rng.choice(("5", "1000000000", "-1")),
    )
    name = "rota.ics" if text.startswith("BEGIN") else "rota.csv"
    (folder / name).write_text(text, "utf-8")
    codes = "code,start,end\nD,07:00,15:00\nN,22:00,06:00\n"
    (folder / "rota-codes.csv").write_text(codes, "utf-8")
    words = ("rota", "import", name, "--scenario", site, "--out", "new.yaml")
    checked = Command(("rota", "check", "new.yaml"), broken=True)
    commands = (Command(words), Command(("check", "new.yaml"), accepted=True), checked)
    return Case(f"by hand: {text[:100]!r}", commands)
