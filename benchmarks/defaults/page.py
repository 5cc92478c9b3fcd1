"""docs/defaults.md, from the table of sites and what was played."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.defaults.left_out import POOLED
from benchmarks.defaults.played import VALUES
from benchmarks.defaults.sites import Reading, Site, sites
from sim.scenario.starter import defaults

RESULTS = Path(__file__).parent / "results"
TABLES = ("sites", "left_out", "common", "bottlenecks", "places")
_NEARLY = {"p90_busiest": 3.0}
_NEARLY_SHARE = 0.1
_EXAMPLE = 200
"""Visits a day."""
TEXTS = {
    "full": "time with every place taken",
    "use": "places in use, all day",
    "use_busiest": "places in use, busiest 3 h",
    "over_5_busiest": "wait over 5 min, busiest 3 h",
    "p90_busiest": "90 % wait at most, busiest 3 h",
    "left": "left with half of the places",
    "unserved": "not served",
}
Tables = Mapping[str, pd.DataFrame]
Line = Mapping[str, float]


def keep(tables: Tables, folder: Path = RESULTS) -> None:
    """Write what was played, to be read again."""
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        table.round(4).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


def kept(folder: Path = RESULTS) -> Tables:
    """What was played and kept."""
    return {name: pd.read_csv(folder / f"{name}.csv") for name in TABLES}


@dataclass(frozen=True)
class Outcome:
    """A site with a set of values, as the page has it."""

    use: str
    use_busiest: str
    over_5: str
    unserved: str
    come: str
    reading: str
    agrees: str


@dataclass(frozen=True)
class Row:
    """A site of the page."""

    site: Site
    open_minutes: float
    outcomes: Mapping[str, Outcome]
    predicted: str
    """Its reading, as the other sites predict it."""
    reached: bool | None
    """Whether these hold the reading."""

    @property
    def reading(self) -> str:
        """The range, and of what."""
        return range_of(self.site.reading) if self.site.reading else "–"


def range_of(reading: Reading) -> str:
    """`at least 70 % …`."""
    low, high = (show(reading.figure, one) for one in (reading.low, reading.high))
    bounds = f"{low} to {high}" if low and high else f"{low} or more" if low else f"{high} or less"
    room = "" if reading.room == "all" else f"{reading.room}: "
    return f"{room}{TEXTS[reading.figure]}: {bounds}"


def show(figure: str, value: float | None) -> str:
    """A figure in its unit; empty where there is none."""
    if value is None or isnan(value):
        return ""
    if figure == "p90_busiest":
        return f"{value:.0f} min"
    return f"{100 * value:.0f} %"


def _points(share: float) -> str:
    return f"{100 * share:.0f} percentage points"


def _wide(figure: str, width: float) -> str:
    """The width of an interval in its unit."""
    return show(figure, width) if figure == "p90_busiest" else _points(width)


def agrees(reading: Reading, value: float) -> str:
    """Whether a value is what was said."""
    if isnan(value):
        return "–"
    off = abs(reading.beyond(value))
    nearly = _NEARLY.get(reading.figure, _NEARLY_SHARE)
    return "yes" if off == 0 else "nearly" if off <= nearly else "**no**"


def rows(tables: Tables) -> list[Row]:
    """The sites, in the order of the table."""
    played = _lines(tables["sites"], "site", "values")
    left = _lines(tables["left_out"], "site", "figure")
    found = []
    for site in sites():
        lines = {which: played[site.file, which] for which in VALUES}
        predicted, reached = "–", None
        if site.reading is not None:
            one = left[site.file, "reading"]
            predicted = _interval(site.reading.figure, one)
            reached = site.reading.reached(one["low"], one["high"])
        found.append(
            Row(
                site,
                lines["new"]["open_minutes_a_use"],
                {which: _outcome(site, line) for which, line in lines.items()},
                predicted,
                reached,
            )
        )
    return found


def _lines(table: pd.DataFrame, *keys: str) -> dict[tuple[str, ...], Line]:
    """The lines of a table by two of their columns."""
    records: list[dict[str, Any]] = [
        {str(name): value for name, value in one.items()} for one in table.to_dict("records")
    ]
    return {tuple(one[key] for key in keys): one for one in records}


def _interval(figure: str, line: Line) -> str:
    low, middle, high = (show(figure, line[name]) for name in ("low", "median", "high"))
    return f"{middle} ({low.removesuffix(' min').removesuffix(' %')}-{high})"


def _outcome(site: Site, line: Line) -> Outcome:
    reading, value = site.reading, line["reading"]
    return Outcome(
        use=show("use", line["use"]),
        use_busiest=show("use", line["use_busiest"]),
        over_5=show("over", line["over_5_busiest"]),
        unserved=show("unserved", line["unserved"]),
        come="" if isnan(line["come"]) else f"{float(line['come']):.2f}",
        reading=show(reading.figure, value) if reading else "–",
        agrees=agrees(reading, value) if reading else "–",
    )


# --- what follows from all of them ---------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """How far a set of values is from what the sites say."""

    yes: int
    nearly: int
    no: int
    off: float
    """Mean distance from the range, of shares."""

    @property
    def asked(self) -> int:
        """How many sites say something."""
        return self.yes + self.nearly + self.no


def score(tables: Tables, which: str) -> Score:
    """Of a set of values."""
    played = _lines(tables["sites"], "site", "values")
    said, off = [], []
    for site in sites():
        if site.reading is None:
            continue
        value = played[site.file, which]["reading"]
        said.append(agrees(site.reading, value))
        if site.reading.figure != "p90_busiest" and not isnan(value):
            off.append(abs(site.reading.beyond(value)))
    return Score(
        yes=said.count("yes"),
        nearly=said.count("nearly"),
        no=said.count("**no**"),
        off=sum(off) / len(off),
    )


@dataclass(frozen=True)
class Spread:
    """How wide what the other sites predict of a site is."""

    figure: str
    width: float
    """Of 80 % intervals, on average."""
    narrowest: float
    widest: float


def spreads(tables: Tables, files: Sequence[str]) -> list[Spread]:
    """By figure, of sites."""
    left = tables["left_out"]
    found = []
    for figure in ("use", "use_busiest", "over_5_busiest", "p90_busiest", "unserved"):
        of = left[(left["figure"] == figure) & left["site"].isin(files)]
        width = of["high"] - of["low"]
        found.append(Spread(figure, width.mean(), width.min(), width.max()))
    return found


def _places(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A line for each site that was sized, with the places for each combination."""
    lines = []
    keys = ["visits", "hours", "kind"]
    for (visits, hours, kind), part in table.groupby(keys, sort=False):
        of = {(one["values"], one["targets"]): one for one in part.to_dict("records")}
        lines.append({"visits": visits, "hours": hours, "kind": kind, "of": of})
    return lines


def render(tables: Tables) -> str:
    """The page, as Markdown."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    found = rows(tables)
    asked = [row for row in found if row.site.reading is not None]
    firm = [row for row in asked if row.site.reading and not row.site.reading.weak]
    common = _lines(tables["common"], "what", "known")
    left = _lines(tables["left_out"], "site", "figure")
    places = _places(tables["places"])
    return environment.get_template("page.md.j2").render(
        rows=found,
        asked=asked,
        held=sum(bool(row.reached) for row in asked),
        old=score(tables, "old"),
        new=score(tables, "new"),
        missed=[row for row in asked if row.outcomes["new"].agrees == "**no**"],
        near=[row for row in asked if row.outcomes["new"].agrees == "nearly"],
        common={name: {k: common[name, k] for k in ("before", "after")} for name in POOLED},
        spreads=spreads(tables, [row.site.file for row in firm]),
        texts=TEXTS,
        show=show,
        points=_points,
        wide=_wide,
        interval=_interval,
        unserved={row.site.file: left[row.site.file, "unserved"] for row in asked},
        bottlenecks=tables["bottlenecks"].to_dict("records"),
        places=places,
        at_200=next(one["of"] for one in places if one["visits"] == _EXAMPLE),
        defaults=defaults(),
        values=VALUES,
        whole=lambda number: f"{number:.0f}",
    )
