"""Tables as people keep them: demand by hour, listed arrivals and needs, in every dress and damage.

What is only dressed otherwise (another separator, a decimal comma, another encoding, a workbook)
must be read as the same numbers or be refused; what has one right answer, such as a cell that
stands in no column, must be refused. For the rest a lawful run or a clear message is enough.
"""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.styles import Font

from sim.rota.need.tables import read_need
from sim.scenario.load import read_scenario
from tests.fuzz.case import Case, Command
from tests.fuzz.scenarios import FEW, NUMBERS, TEXTS

Rows = list[list[Any]]

SITE = """\
name: small
horizon: {start: 2026-03-02, days: 3}
opening: {hours: 08:00-20:00}
DEMAND
visits:
  inject: {share: 0.6, rooms: [booths], stay: 20, patience: 15}
  smoke: {share: 0.4, rooms: [booths], stay: 12}
rooms: {booths: {places: 4}}
supervision: [{rooms: [booths], roles: [nurse, helper], minimum: 1}]
staff:
  roles: {nurse: {cost_per_hour: 40}, helper: {cost_per_hour: 30}}
  rota:
    - {role: nurse, from: 07:30, to: "20:30"}
    - {role: helper, from: 07:30, to: "20:30", count: 2}
"""


def case(rng: random.Random, folder: Path) -> Case:
    """A site that needs a table, the table, and a command that reads it."""
    use, rows, reading = rng.choice((_week, _arrivals, _need))(rng)
    dress = Dress.random(rng)
    done, refused = "as it is", False
    lines = [list(row) for row in rows]
    if rng.random() < 0.65:
        change = rng.choice(_CHANGES)
        done, refused = change(rng, lines)
    path = folder / f"table{dress.ending}"
    path.write_bytes(dress.file(lines))
    if rng.random() < 0.2:
        done, refused = f"{done}; {damaged(rng, path)}", False
    text = SITE.replace("DEMAND", use.replace("FILE", path.name))
    (folder / "site.yaml").write_text(text, "utf-8")

    def same() -> None:
        """The table is read as what it says."""
        reading(folder, path, rows)

    same.__name__ = f"the {use.split(':')[0]} table is read as what it says"
    commands = [Command(("check", "site.yaml"), refused=refused and reading is not _needed)]
    if reading is _needed:
        few = ("--need-replications", "0", "--replications", "1", "--workers", "1")
        words = ("rota", "plan", "site.yaml", "--need", path.name, *few, "--out", "out")
        commands += [Command(words, refused=refused)]
    else:
        commands += [Command(("run", "site.yaml", *FEW, "--out", "out"), accepted=True)]
    if done == "as it is":
        commands.append(Command(same))
    return Case(f"{use.split(' ')[1]} in {dress}: {done}", tuple(commands))


# --- what a table says ---------------------------------------------------------------------------

Reading = Callable[[Path, Path, Rows], None]


def _week(rng: random.Random) -> tuple[str, Rows, Reading]:
    rows: Rows = [["hour_of_week", "visits_per_hour"]]
    rows += [[hour, round(rng.uniform(0, 9), rng.choice((0, 1, 2)))] for hour in range(168)]
    if rng.random() < 0.3:
        body = rows[1:]
        rng.shuffle(body)
        rows[1:] = body
    return "demand: {week: {file: FILE}}", rows, _is_week


def _is_week(folder: Path, _: Path, rows: Rows) -> None:
    found = read_scenario(folder / "site.yaml", ()).scenario.demand.week
    wanted = tuple(float(rate) for _, rate in sorted(rows[1:]))
    assert found == wanted, f"read as {found}, and it says {wanted}"


def _arrivals(rng: random.Random) -> tuple[str, Rows, Reading]:
    rows: Rows = [["at", "kind", "stay", "patience"]]
    for at in sorted(rng.uniform(480, 4000) for _ in range(rng.choice((1, 5, 40)))):
        stay = round(rng.uniform(1, 60), 1) if rng.random() < 0.5 else None
        rows.append([round(at, 2), rng.choice(("inject", "smoke")), stay, None])
    return "demand: {arrivals: {file: FILE}}", rows, _are_arrivals


def _are_arrivals(folder: Path, _: Path, rows: Rows) -> None:
    found = read_scenario(folder / "site.yaml", ()).scenario.demand.arrivals
    assert found is not None
    said = [[one.at, one.kind, one.stay, one.patience] for one in found]
    assert said == rows[1:], f"read as {said}, and it says {rows[1:]}"


def _need(rng: random.Random) -> tuple[str, Rows, Reading]:
    rows: Rows = [["from", "to", "needed", "role"]]
    edges = sorted(rng.sample(range(8, 21), rng.choice((2, 3, 4))))
    for start, end in pairwise(edges):
        rows += [
            [f"{start:02}:00", f"{end:02}:00", rng.randrange(4), role]
            for role in ("nurse", "helper")
        ]
    return "demand: {visits_per_day: 40, profile: daytime} # need", rows, _needed


def _needed(folder: Path, path: Path, rows: Rows) -> None:
    scenario = read_scenario(folder / "site.yaml", ()).scenario
    found = read_need(path, scenario)
    for start, end, number, role in rows[1:]:
        minutes = found[frozenset((role,))][60 * int(start[:2]) : 60 * int(end[:2])]
        assert set(minutes.tolist()) == {number}, f"{role} {start}-{end}: {set(minutes.tolist())}"


# --- how it is dressed ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Dress:
    """A format that a table may come in."""

    ending: str = ".csv"
    separator: str = ","
    comma: bool = False
    """Decimal commas."""
    encoding: str = "utf-8"
    newline: str = "\n"
    says: bool = False
    """A first line `sep=;`, as Excel writes it."""
    quoted: bool = False
    texts: bool = False
    """Numbers as text, in a workbook."""
    more: tuple[str, ...] = field(default=())
    """What else a workbook has."""

    @classmethod
    def random(cls, rng: random.Random) -> "Dress":
        """Any of them."""
        if rng.random() < 0.35:
            more = rng.choice(
                ((), (), ("sheet",), ("styled",), ("far",), ("merged",), ("formula",))
            )
            ending = rng.choice((".xlsx", ".xlsx", ".xlsm", ".ods"))
            return cls(ending=ending, texts=rng.random() < 0.2, comma=rng.random() < 0.3, more=more)
        separator = rng.choice((",", ",", ";", ";", "\t"))
        return cls(
            ending=rng.choice((".csv", ".csv", ".csv", ".txt", ".tsv", ".CSV")),
            separator=separator,
            comma=rng.random() < 0.4,
            encoding=rng.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1")),
            newline=rng.choice(("\n", "\n", "\r\n", "\r")),
            says=rng.random() < 0.15,
            quoted=rng.random() < 0.2,
        )

    def __str__(self) -> str:
        """For the note of a case."""
        parts = [self.ending, repr(self.separator), self.encoding, repr(self.newline), *self.more]
        parts += [name for name in ("comma", "says", "quoted", "texts") if getattr(self, name)]
        return " ".join(parts)

    def file(self, rows: Rows) -> bytes:
        """The table."""
        if self.ending == ".ods":
            return opendocument(rows)
        if self.ending in {".xlsx", ".xlsm"}:
            return self._workbook(rows)
        lines = [f"sep={self.separator}"] if self.says else []
        lines += [self.separator.join(self._cell(cell) for cell in row) for row in rows]
        return (self.newline.join(lines) + self.newline).encode(self.encoding, "replace")

    def _cell(self, value: Any) -> str:
        text = self._text(value)
        if self.quoted or any(mark in text for mark in (self.separator, '"', "\n", "\r")):
            return '"' + text.replace('"', '""') + '"'
        return text

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, float) and self.comma:
            return str(value).replace(".", ",")
        try:
            return str(value)
        except ValueError:
            return "9" * 5000

    def _workbook(self, rows: Rows) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in rows:
            sheet.append([self._excel(cell) for cell in row])
        if "sheet" in self.more:
            book.create_sheet("Notes").append(["made", "by", "hand"])
        if "styled" in self.more:
            sheet.cell(row=20_000, column=30).font = Font(bold=True)
        if "far" in self.more:
            sheet.cell(row=1_048_576, column=1).number_format = "0.00"
        if "merged" in self.more:
            sheet.merge_cells("A2:A3")
        if "formula" in self.more:
            sheet["A2"] = "=1+1"
        found = io.BytesIO()
        book.save(found)
        return found.getvalue()

    def _excel(self, value: Any) -> Any:
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, float) and not isfinite(value):
            return str(value)
        if self.texts or not isinstance(value, int | float) or abs(value) > 1e300:
            text = self._text(value)[:30_000]
            return "".join(mark for mark in text if mark >= " " or mark in "\n\t")
        return value


def opendocument(rows: Rows) -> bytes:
    """A workbook of LibreOffice."""
    lines = []
    for row in rows:
        cells = []
        for value in row:
            text = "" if value is None else str(value)[:30_000]
            text = "".join(mark for mark in text if mark >= " " and not "\ud800" <= mark < "\ue000")
            kind = f'office:value-type="string"><text:p>{escape(text)}</text:p>'
            if isinstance(value, int | float) and not isinstance(value, bool):
                kind = f'office:value-type="float" office:value="{value}"><text:p>{value}</text:p>'
            cells.append(f"<table:table-cell {kind}</table:table-cell>")
        lines.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    spaces = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f'xmlns:office="{spaces}office:1.0" xmlns:table="{spaces}table:1.0" '
        f'xmlns:text="{spaces}text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Sheet1">{"".join(lines)}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="1024"/></table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED
        )
        file.writestr("content.xml", content)
        file.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
            f'xmlns:manifest="{spaces}manifest:1.0"><manifest:file-entry manifest:full-path="/" '
            'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
            '<manifest:file-entry manifest:full-path="content.xml" '
            'manifest:media-type="text/xml"/></manifest:manifest>',
        )
    return found.getvalue()


# --- what is wrong with it -----------------------------------------------------------------------

Change = Callable[[random.Random, Rows], tuple[str, bool]]
"""Does something to the rows; gives what, and whether it has to be refused."""


def _row(rng: random.Random, rows: Rows) -> int:
    return rng.randrange(1, len(rows))


def _surplus(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    rows[_row(rng, rows)].append(rng.choice((2, "x", 0)))
    return "a cell that stands in no column", True


def _twice(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    column = rng.randrange(len(rows[0]))
    for row in rows:
        row.append(row[column])
    return f"column {rows[0][column]} twice", True


def _again(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    rows.append(list(rows[_row(rng, rows)]))
    return "a row twice", rows[0][0] != "at"


def _gone(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    del rows[_row(rng, rows)]
    return "a row gone", rows[0][0] == "hour_of_week"


def _short(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    row = rows[_row(rng, rows)]
    del row[1:]
    return "a row with one cell", True


def _headless(_: random.Random, rows: Rows) -> tuple[str, bool]:
    del rows[0]
    return "no headings", True


def _heading(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    column = rng.randrange(3 if rows[0][0] == "from" else 2)
    rows[0][column] = rng.choice(("hours", "x", "", "Visits pr. time", "=1+1"))
    return f"heading {column} is {rows[0][column]!r}", True


def _column_gone(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    column = rng.randrange(3 if rows[0][0] == "from" else 2)
    for row in rows:
        if column < len(row):
            del row[column]
    return f"column {column} gone", True


def _swapped(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    one, other = rng.sample(range(len(rows[0])), 2)
    for row in rows:
        row[one], row[other] = row[other], row[one]
    return "columns in another order", False


def _text(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    row = rows[_row(rng, rows)]
    number = 2 if rows[0][0] == "from" else 0
    row[number] = rng.choice(("abc", "12 pm", "1.2.3", "--", "#N/A", "n/a", "1 2 3 4", "twelve"))
    return f"{row[number]!r} for a number", True


def _odd(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    row = rows[rng.randrange(len(rows))]
    column = rng.randrange(len(row))
    row[column] = rng.choice(rng.choice((NUMBERS, TEXTS)))
    return f"a cell is {_brief(row[column])}", False


def _brief(value: Any) -> str:
    try:
        return repr(value)[:60]
    except ValueError:
        return "a very long number"


def _title(_: random.Random, rows: Rows) -> tuple[str, bool]:
    rows.insert(0, ["Visits of 2025", *[None] * (len(rows[0]) - 1)])
    return "a title above", False


def _sum(_: random.Random, rows: Rows) -> tuple[str, bool]:
    rows.append(["Total", *[123] * (len(rows[0]) - 1)])
    return "a sum below", True


def _blank(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    rows.insert(_row(rng, rows), [None] * len(rows[0]))
    return "an empty row", False


def _many(rng: random.Random, rows: Rows) -> tuple[str, bool]:
    row = rows[_row(rng, rows)]
    rows.extend(list(row) for _ in range(50_000))
    return "50,000 rows alike", rows[0][0] != "at"


def _wide(_: random.Random, rows: Rows) -> tuple[str, bool]:
    for row in rows[:3]:
        row.extend(range(2000))
    return "2,000 columns more", True


_CHANGES: tuple[Change, ...] = (
    *(_surplus, _twice, _again, _gone, _short, _headless, _heading, _column_gone, _swapped, _text),
    *(_odd, _odd, _odd, _title, _sum, _blank, _many, _wide),
)


def damaged(rng: random.Random, path: Path) -> str:
    """Damage the bytes of a file, or what is packed in it; gives how."""
    raw = path.read_bytes()
    at = rng.randrange(len(raw) + 1)
    if raw[:2] == b"PK" and rng.random() < 0.5:
        return _damage_packed(rng, path, raw)
    what, found = rng.choice(
        (
            ("cut", raw[:at]),
            ("bytes changed", raw[:at] + rng.randbytes(3) + raw[at + 3 :]),
            ("bytes more", raw[:at] + rng.randbytes(20) + raw[at:]),
            ("nothing in it", b""),
            ("zeros", raw[:at] + b"\0" * 1000 + raw[at:]),
            ("twice", raw + raw),
            ("a quote opened", raw[:at] + b'"' + raw[at:]),
            ("not what its name says", b"<html><body>not found</body></html>"),
            ("a line without end", raw[:at] + b"x" * 300_000 + raw[at:]),
            ("a picture", b"\x89PNG\r\n\x1a\n" + raw),
        )
    )
    path.write_bytes(found)
    return what


_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">'
    for before, name in zip("bcdefgh", "cdefghi", strict=True)
)


def _damage_packed(rng: random.Random, path: Path, raw: bytes) -> str:
    """Damage one of the files in a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as file:
            parts = {name: file.read(name) for name in file.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError):
        path.write_bytes(raw[:100])
        return "cut"
    name = rng.choice(sorted(parts))
    sheet = next((one for one in parts if one.endswith(("sheet1.xml", "content.xml"))), name)
    how = rng.choice(("gone", "cut", "bytes", "entities", "zeros", "huge", "rows"))
    if how == "gone":
        del parts[name]
    elif how == "cut":
        parts[name] = parts[name][: rng.randrange(len(parts[name]) + 1)]
    elif how == "bytes":
        at = rng.randrange(len(parts[name]) + 1)
        parts[name] = parts[name][:at] + rng.randbytes(2) + parts[name][at:]
    elif how == "zeros":
        name = sheet
        parts[name] += b" " * 60_000_000
    elif how == "entities":
        name = sheet
        head, _, rest = parts[name].partition(b"?>")
        parts[name] = head + b"?>" + _LAUGHS.encode() + b"]>" + rest.replace(b"</", b"&i;</", 1)
    elif how == "huge":
        name = sheet
        parts[name] = (
            parts[name]
            .replace(b"<row ", b'<row spans="1:16384" ')
            .replace(
                b"</sheetData>",
                b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
            )
        )
    else:
        name = sheet
        parts[name] = parts[name].replace(
            b"<table:table-row>", b'<table:table-row table:number-rows-repeated="900000">', 2
        )
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as file:
        for one, content in parts.items():
            file.writestr(one, content)
    path.write_bytes(found.getvalue())
    return f"{how} of {name}"
