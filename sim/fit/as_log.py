"""Simulated visits as a site would have kept them: a log whose truth is known, mess included."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError

from sim.engine import Engine
from sim.fit.reading.register import Bools, Floats, Ints, Shape
from sim.fit.reading.services import services_written
from sim.measures import visits_table
from sim.scenario.errors.finding import plain_fault
from sim.scenario.errors.problem import Place, Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.model.base import Frozen
from sim.scenario.model.hours import DAY, HOUR
from sim.scenario.model.scenario import Scenario
from sim.scenario.tables.sheet import harmless
from sim.study.run.replication import simulate_replication

_Share = Annotated[float, Field(ge=0, le=1)]
_SERVED = ("served", "cut_short", "inside_at_end")
_BACK, _LOOKED_AT = 5.0, 1000
"""Minutes after a visit within which nobody comes back: one visit, by the rules of reading; and
visits later that may change clients with one."""
_NOT_SERVED = ("reneged", "balked", "no_space", "dismissed_at_close")
_HEADINGS: Mapping[str, Mapping[str, str]] = {
    "en": {},
    "da": {
        "date": "Dato",
        "arrived": "Ankomst",
        "checked_in": "checked_in",
        "time": "Tid",
        "entered": "Start",
        "left": "Slut",
        "minutes": "Varighed (min)",
        "out": "Afgang",
        "kind": "Indtagelsesform",
        "room": "Rum",
        "client": "Bruger",
        "outcome": "Udfald",
        "first_visit": "Første besøg",
        "overdose": "Overdosis",
        "visits": "Antal",
        "unserved": "Afvist",
        "event": "Hændelse",
        "hour": "hour",
        "visit": "visit",
        "services": "Ydelser",
        "aftercare": "Hvile",
    },
    "de": {
        "date": "Datum",
        "arrived": "Ankunft",
        "checked_in": "checked_in",
        "time": "Zeit",
        "entered": "Uhrzeit",
        "left": "Ende",
        "minutes": "Dauer (min)",
        "out": "Austritt",
        "kind": "Konsumform",
        "room": "Raum",
        "client": "Klient",
        "outcome": "Status",
        "first_visit": "Erstbesuch",
        "overdose": "Notfall",
        "visits": "Anzahl",
        "unserved": "Abweisungen",
        "event": "Ereignis",
        "hour": "Stunde",
        "visit": "visit",
        "services": "Leistungen",
        "aftercare": "Nachruhe",
    },
    "fr": {
        "date": "Date",
        "arrived": "Arrivée",
        "checked_in": "checked_in",
        "time": "time",
        "entered": "Début",
        "left": "Fin",
        "minutes": "Durée (min)",
        "out": "Sortie",
        "kind": "Mode de consommation",
        "room": "Salle",
        "client": "Usager",
        "outcome": "Issue",
        "first_visit": "Premier passage",
        "overdose": "Surdose",
        "visits": "Nombre",
        "unserved": "Refus",
        "event": "Événement",
        "hour": "Heure",
        "visit": "visit",
        "services": "Prestations",
        "aftercare": "Repos",
    },
}


class LogForm(Frozen):
    """How a site keeps its log, and what goes wrong with it."""

    shape: Shape
    round: Annotated[int, Field(ge=1, le=60)] = 1
    """Minutes to which times are rounded."""
    missing_end: _Share = 0.0
    """Share of stays without an end; of long ones more."""
    auto_end: Annotated[int, Field(ge=61, le=720)] = 120
    """Minutes after which a program ends a stay that nobody ended."""
    auto_end_share: _Share = 0.0
    """Share of stays that nobody ended."""
    duplicate: _Share = 0.0
    """Share of rows that are written twice."""
    unserved: _Share = 1.0
    """Share of those not served who are written down; of uses in a list of their own."""
    two_rows: bool = False
    """Whether the registration and the place have a row each."""
    gap: Annotated[int, Field(ge=0, le=366)] = 0
    """Days on which no log was kept."""
    skip: Annotated[int, Field(ge=0, le=366)] = 0
    """Days before the log was begun."""
    clients: Literal["code", "one", "none"] = "code"
    """Whether each client has a code, all have one, or none has."""
    language: Literal["en", "da", "de", "fr"] = "en"
    delimiter: Literal["comma", "semicolon", "tab"] = "comma"
    encoding: Literal["utf-8", "utf-8-sig", "utf-16", "cp1252"] = "utf-8"
    dates: Literal["iso", "dots", "dashes"] = "iso"
    """2026-01-05, 05.01.2026 or 05-01-2026."""


_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_DATES = {"iso": "%Y-%m-%d", "dots": "%d.%m.%Y", "dashes": "%d-%m-%Y"}


class _Visit(NamedTuple):
    """A visit as it is written down."""

    arrival: float
    check_in_end: float
    entered: float
    left: float
    out: float
    kind: str
    room: object
    client: str
    outcome: str
    overdose: object
    no_end: bool
    automatic: bool
    used: tuple[str, ...]
    """Services and whether they rested, where the site has them."""


@cache
def _date(start: date, day: int, form: str) -> str:
    on = start + timedelta(days=day)
    return f"{on:{_DATES[form]}}"


def _visits(frame: pd.DataFrame) -> list[_Visit]:
    columns = (frame[name].tolist() for name in _Visit._fields)
    return [_Visit(*one) for one in zip(*columns, strict=True)]


@dataclass(frozen=True)
class _Kept:
    """The visits that are written down, and how."""

    visits: pd.DataFrame
    start: date
    form: LogForm
    rng: np.random.Generator
    beside: tuple[str, ...]
    """What else than the place is written down: `services`, `aftercare`."""

    def date(self, minutes: float) -> str:
        """The date of an instant."""
        return _date(self.start, int(minutes // DAY), self.form.dates)

    def clock(self, minutes: float) -> str:
        """Its time of day."""
        rest = int(minutes % DAY)
        return f"{rest // HOUR:02d}:{rest % HOUR:02d}"

    def moment(self, minutes: float) -> str:
        """Both, or nothing."""
        return "" if np.isnan(minutes) else f"{self.date(minutes)} {self.clock(minutes)}"


def log_form(shape: str, texts: Sequence[str]) -> LogForm:
    """What `--log-with round=5,missing_end=0.1` says.

    Raises:
        ScenarioError: it says what cannot be.
    """
    said: dict[str, str] = {}
    for text in (one for listed in texts for one in listed.split(",")):
        name, equals, value = text.partition("=")
        if not equals or name.strip() not in LogForm.model_fields or name.strip() == "shape":
            known = [one for one in LogForm.model_fields if one != "shape"]
            message = told(
                "takes_key_value",
                "takes KEY=VALUE of {listed}, not '{text}'",
                listed=", ".join(known),
                text=text,
            )
            raise ScenarioError([Problem(Place("--log-with"), "", message)])
        said[name.strip()] = value.strip()
    try:
        return LogForm.model_validate({"shape": shape, **said})
    except ValidationError as error:
        raise ScenarioError(
            Problem(Place("--log-with"), ".".join(map(str, one["loc"])), plain_fault(one, own=True))
            for one in error.errors(include_url=False)
        ) from None


def log_of(site: Scenario, seed: int, engine: Engine, form: LogForm) -> dict[str, bytes]:
    """The files that a site would have of its first replication."""
    log = simulate_replication(site, seed, 0, engine)
    return as_log(visits_table(site, log, 0).to_pandas(), site.horizon.start, form, seed)


def as_log(visits: pd.DataFrame, start: date, form: LogForm, seed: int) -> dict[str, bytes]:
    """The files that a site would have: `log.csv`, and `unserved.csv` of those not served.

    Args:
        visits: of one replication, as `visits.parquet` has them.
        start: the first day.
        form: how the log is kept.
        seed: of what goes wrong.
    """
    rng = np.random.default_rng(seed)
    down = _written_down(visits, form, rng)
    used = services_written(down)
    down["used"] = list(zip(*used.values(), strict=True)) if used else [()] * len(down)
    kept = _Kept(down, start, form, rng, tuple(used))
    rows = {
        Shape.VISITS: _visit_rows,
        Shape.USES: _use_rows,
        Shape.EVENTS: _event_rows,
        Shape.COUNTS: _count_rows,
    }[form.shape](kept)
    head, *lines = rows
    again = [one for one in lines for _ in range(1 + int(rng.random() < form.duplicate))]
    files = {"log.csv": _file([head, *again], form)}
    if form.shape is Shape.USES and form.unserved:
        files["unserved.csv"] = _file(list(_unserved_rows(kept)), form)
    return files


def _written_down(visits: pd.DataFrame, form: LogForm, rng: np.random.Generator) -> pd.DataFrame:
    """The visits that somebody writes down, with their times as they are written."""
    found = visits[visits["outcome"].isin((*_SERVED, *_NOT_SERVED, "service_only"))].copy()
    missed = found["outcome"].isin(_NOT_SERVED) & (rng.random(len(found)) >= form.unserved)
    day = found["arrival"] // DAY
    gone = rng.choice(np.arange(form.skip, max(day.max(), form.skip + 1)), form.gap)
    found = found[~missed & ~day.isin(gone) & (day >= form.skip)]
    found["client"] = _codes(found, form)
    stay = (found["left"] - found["entered"]).to_numpy()
    found["no_end"] = _without_end(stay, form.missing_end, rng)
    found["automatic"] = ~np.isnan(stay) & (rng.random(len(found)) < form.auto_end_share)
    for name in ("arrival", "check_in_end", "entered", "left", "out"):
        times = found[name].to_numpy(dtype=np.float64)
        whole = np.floor(times) if form.round == 1 else np.round(times / form.round) * form.round
        found[name] = whole
    return found


def _without_end(stay: Floats, share: float, rng: np.random.Generator) -> Bools:
    chance = share * np.nan_to_num(stay) / max(float(np.nanmean(stay)), 1e-9)
    found: Bools = rng.random(len(stay)) < chance
    return found


def _codes(visits: pd.DataFrame, form: LogForm) -> Sequence[str]:
    """A code for each client, who is never there twice at once."""
    if form.clients == "one":
        return ["0000"] * len(visits)
    if form.clients == "none" or visits["client"].isna().all():
        return [""] * len(visits)
    clients = visits["client"].to_numpy().astype(np.int64)
    begin, out = (visits[name].to_numpy(dtype=np.float64) for name in ("arrival", "out"))
    apart = once_at_a_time(clients, begin, np.where(np.isnan(out), begin, out))
    names = {
        one: hashlib.sha256(str(one).encode()).hexdigest()[:6].upper() for one in set(apart) - {-1}
    }
    return [names.get(one, "") for one in apart]


def once_at_a_time(clients: Ints, begin: Floats, end: Floats) -> list[int]:
    """Clients of visits, of whom none comes before the last visit is over and some minutes gone.

    Who comes is drawn without regard to who is there. A visit of somebody who still is changes
    clients with a later one, so that each has as many visits as before; the last of a log, where
    there is none later, have nobody (-1).

    Args:
        clients: of each visit, -1 of nobody.
        begin: when each came, in order.
        end: when each left.
    """
    whose: list[int] = clients.tolist()
    until: dict[int, float] = {}
    for visit, comes in enumerate(begin.tolist()):
        if whose[visit] >= 0 and comes <= until.get(whose[visit], -1.0):
            other = next(
                (
                    later
                    for later in range(visit + 1, min(visit + _LOOKED_AT, len(whose)))
                    if whose[later] >= 0 and comes > until.get(whose[later], -1.0)
                ),
                None,
            )
            if other is None:
                whose[visit] = -1
            else:
                whose[visit], whose[other] = whose[other], whose[visit]
        if whose[visit] >= 0:
            until[whose[visit]] = float(end[visit]) + _BACK
    return whose


# --- shapes -------------------------------------------------------------------------------------


def _visit_rows(kept: _Kept) -> Iterator[list[str]]:
    yield ["arrived", "checked_in", "entered", "left", "out", "kind", "room", "client"] + (
        [*kept.beside] if kept.form.two_rows else ["outcome", "overdose", *kept.beside]
    )
    for one in _visits(kept.visits):
        left = np.nan if one.no_end else one.left
        if one.automatic:
            left = one.entered + kept.form.auto_end
        stamps = [one.arrival, one.check_in_end, one.entered, left, one.out]
        texts = [kept.moment(at) for at in stamps]
        rest = [str(one.kind), _text(one.room), str(one.client)]
        if not kept.form.two_rows:
            overdose = "yes" if _text(one.overdose) in {"place", "aftercare"} else ""
            yield [*texts, *rest, str(one.outcome), overdose, *one.used]
        elif texts[2]:
            nothing = [""] * len(one.used)
            yield [texts[0], texts[1], "", "", "", str(one.kind), "", str(one.client), *nothing]
            yield ["", "", *texts[2:], *rest, *one.used]
        else:
            yield [*texts, *rest, *one.used]


def _use_rows(kept: _Kept) -> Iterator[list[str]]:
    yield ["date", "entered", "minutes", "room", "kind", "client", "outcome", *kept.beside]
    comma = "," if kept.form.delimiter == "semicolon" else "."
    used = kept.visits[kept.visits["entered"].notna()]
    for one in _visits(used.sort_values("entered", kind="stable")):
        minutes = kept.form.auto_end if one.automatic else one.left - one.entered
        text = "" if one.no_end or np.isnan(minutes) else f"{minutes:.1f}".replace(".", comma)
        status = "served" if text else ""
        when = [kept.date(one.entered), kept.clock(one.entered)]
        rest = [_text(one.room), str(one.kind), str(one.client), status]
        yield [*when, text, *rest, *one.used]


def _event_rows(kept: _Kept) -> Iterator[list[str]]:
    yield ["visit", "event", "time", "kind", "room"]
    rows = []
    for number, one in enumerate(_visits(kept.visits)):
        end = np.nan if one.no_end else one.left
        events = [("in", one.arrival), ("start", one.entered), ("end", end)]
        events.append(("out" if one.outcome in _SERVED else _NAMES[str(one.outcome)], one.out))
        rows += [
            (at, order, [str(number), name, kept.moment(at), str(one.kind), _text(one.room)])
            for order, (name, at) in enumerate(events)
            if not np.isnan(at)
        ]
    yield from (row for _, _, row in sorted(rows, key=lambda row: row[:2]))


_NAMES = {
    "reneged": "left without",
    "balked": "turned round",
    "no_space": "turned away",
    "dismissed_at_close": "turned away",
    "service_only": "out",
}


def _count_rows(kept: _Kept) -> Iterator[list[str]]:
    yield ["date", "hour", "visits", "unserved"]
    hour = (kept.visits["arrival"] // HOUR).astype(int)
    gone = kept.visits["outcome"].isin(_NOT_SERVED)
    come, unserved = hour.value_counts(), hour[gone].value_counts()
    days = sorted(set((hour // 24).tolist()))
    for at in (day * 24 + one for day in days for one in range(24)):
        counts = [str(int(one.get(at, 0))) for one in (come, unserved)]
        yield [kept.date(at * HOUR), str(at % 24), *counts]


def _unserved_rows(kept: _Kept) -> Iterator[list[str]]:
    yield ["date", "arrived", "unserved", "kind", "out"]
    gone = kept.visits[kept.visits["outcome"].isin(_NOT_SERVED)]
    for one in _visits(gone):
        when = [kept.date(one.arrival), kept.clock(one.arrival)]
        yield [*when, _NAMES[str(one.outcome)], str(one.kind), kept.moment(one.out)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _file(rows: Sequence[Sequence[str]], form: LogForm) -> bytes:
    head, *lines = rows
    names = _HEADINGS[form.language]
    mark = _DELIMITERS[form.delimiter]
    written = [[names.get(one, one) for one in head], *lines]
    text = "\n".join(mark.join(harmless(cell) for cell in row) for row in written) + "\n"
    return text.encode(form.encoding)
