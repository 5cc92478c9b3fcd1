"""Services and aftercare in a log: a column with their names, or one of yes and no for each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sim.fit.reading.columns import Columns, folded, kind_of, yes_or_no
from sim.fit.reading.register import MOST_LINES, Bools, Floats, Ints
from sim.scenario.errors.problem import Problem
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario

NO_SERVICE = "-"
"""In place of a service of the site: what a log calls so is none of them, and is left out."""
_BETWEEN = re.compile(r"[,;+/|]")
_NONE = frozenset(map(folded, ("nothing", "nil", "ingen", "intet", "keine", "aucun", "aucune")))
_OWN_COLUMN = "service: "
_BEGUN = "service_start:"
"""What the columns of simulated visits begin with that say when a service did."""


def with_services(
    columns: Columns, site: Scenario, names: Mapping[str, str], *, read: bool
) -> Columns:
    """The columns of a log, with those of yes and no that are called like a service of the site.

    A column of services or of aftercare counts as unused where nothing can be made of it: it is
    empty, so that nobody kept it; the log is of another shape; or the site has none.

    Args:
        columns: as they were found.
        site: whose services they are.
        names: of the site by what the log calls them.
        read: whether a row of the log is a visit or a use.
    """
    wanted = {"services": bool(site.services), "aftercare": site.aftercare is not None}
    out = [
        name
        for name, is_there in wanted.items()
        if name in columns.of and not (read and is_there and any(columns.texts(name)))
    ]
    unused = [*columns.unused, *(columns.heading(name) for name in out)]
    of = {name: number for name, number in columns.of.items() if name not in out}
    apart: list[tuple[str, int]] = []
    for number, heading in enumerate(columns.sheet.headings if read else ()):
        service = kind_of(heading.text, list(site.services), names)
        if service is None or heading.text not in columns.unused:
            continue
        texts = replace(columns, of={service: number}).texts(service)
        if any(texts) and all(yes_or_no(one) is not None for one in texts):
            apart.append((service, number))
            unused.remove(heading.text)
    return Columns(columns.sheet, of, tuple(unused), tuple(apart))


def services_used(
    columns: Columns, site: Scenario, names: Mapping[str, str]
) -> tuple[Ints, list[Problem]]:
    """Which services each row says were used, as bits; -1 where some column does not say it.

    Args:
        columns: with those of the services.
        site: whose services they are.
        names: of the site by what the log calls them.

    Returns:
        The bits, and names that are of no service, each with its lines.
    """
    size = len(columns.sheet.lines) - 1
    known, found = list(site.services), list[Ints]()
    for service, number in columns.services:
        said = yes_and_no(replace(columns, of={service: number}).texts(service))
        found.append(np.where(said < 0, -1, said << known.index(service)))
    strange: list[Problem] = []
    if "services" in columns.of:
        texts = columns.texts("services")
        by_text = {one: _in_cell(one, known, names) for one in dict.fromkeys(texts)}
        found.append(np.array([by_text[one][0] for one in texts], dtype=np.int64))
        strange += _unknown(columns, texts, by_text, site)
    if not found:
        return np.full(size, -1, dtype=np.int64), strange
    every = np.array(found)
    return np.where((every < 0).any(axis=0), -1, np.bitwise_or.reduce(every, axis=0)), strange


def services_told(has: frozenset[str], site: Scenario) -> list[str]:
    """The services of which a log says who used them: all, or those with a column of their own."""
    return [name for name in site.services if {"services", _OWN_COLUMN + name} & has]


def columns_read(columns: Columns) -> frozenset[str]:
    """What a log has columns for."""
    return frozenset((*columns.of, *(_OWN_COLUMN + name for name, _ in columns.services)))


def _in_cell(
    text: str, known: Sequence[str], names: Mapping[str, str]
) -> tuple[int, tuple[str, ...]]:
    """The services that a cell names, as bits, and words that are none."""
    whole = kind_of(text, known, names)  # a name may have a sign in it that stands between names
    parts = [text] if whole else [one.strip() for one in _BETWEEN.split(text)]
    bits, strange = 0, []
    for part in parts:
        service = kind_of(part, known, names)
        if service is not None:
            bits |= 1 << known.index(service)
        elif not (
            yes_or_no(part) is False
            or folded(part) in _NONE
            or names.get(folded(part)) == NO_SERVICE
        ):
            strange.append(part)
    return bits, tuple(strange)


def _unknown(
    columns: Columns,
    texts: Sequence[str],
    by_text: Mapping[str, tuple[int, tuple[str, ...]]],
    site: Scenario,
) -> Iterator[Problem]:
    """What is no service of the site, each once, with the rows in which it stands."""
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        for word in by_text[text][1]:
            rows.setdefault(word, []).append(row)
    for word, where in rows.items():
        lines = [str(columns.sheet.lines[row + 1].number) for row in where[:MOST_LINES]]
        yield columns.cell("services", where[0]).problem(
            told(
                "is_no_service_of_which_has_say",
                "'{text}' (lines {lines}) is no service of {name}, which has {listed}; say which "
                "it is, as in --services '{text}={first}', or that it is none: '{text}={none}'",
                text=word,
                lines=", ".join(lines) + " …" * (len(where) > len(lines)),
                name=site.name,
                listed=", ".join(site.services),
                first=next(iter(site.services)),
                none=NO_SERVICE,
            )
        )


def rested(columns: Columns) -> tuple[Ints, list[Problem]]:
    """Who rested in aftercare: 1, 0, or -1 where it is not said; and what is neither yes nor no."""
    if "aftercare" not in columns.of:
        return np.full(len(columns.sheet.lines) - 1, -1, dtype=np.int64), []
    texts = columns.texts("aftercare")
    strange = [one for one in dict.fromkeys(texts) if yes_or_no(one) is None]
    problems = [
        columns.cell("aftercare", texts.index(one)).problem(
            told("must_be_yes_or_no_not", "must be yes or no, not '{text}'", text=one)
        )
        for one in strange
    ]
    return yes_and_no(texts), problems


def for_a_service(entered: Floats, visits: Mapping[str, Ints], site: Scenario) -> Bools:
    """Who used a service and is of a kind that takes no place: they came for that."""
    roomless = np.array([not kind.rooms for kind in site.visits.values()] + [False])
    found: Bools = np.isnan(entered) & roomless[visits["kind"]] & (visits["services"] > 0)
    return found


def yes_and_no(texts: Sequence[str]) -> Ints:
    """1 for yes, 0 for no, -1 where it is not said.

    An empty cell is a no where nobody writes one, and not said where somebody does; a column
    without any yes or no says nothing.
    """
    said = {one: yes_or_no(one) for one in dict.fromkeys(texts) if one}
    empty = 0 if any(said.values()) and False not in said.values() else -1
    values = {one: -1 if yes is None else int(yes) for one, yes in said.items()}
    return np.array([values.get(one, empty) for one in texts], dtype=np.int64)


def together(one: Ints, other: Ints) -> Ints:
    """What two rows of a visit say of services, or of a rest: all that either does."""
    return np.where(one < 0, other, np.where(other < 0, one, one | other))


def services_written(visits: pd.DataFrame) -> dict[str, list[str]]:
    """The columns `services` and `aftercare` of simulated visits, as far as the site has them."""
    found: dict[str, list[str]] = {}
    names = [name for name in visits.columns if str(name).startswith(_BEGUN)]
    if names:
        begun = visits[names].notna().to_numpy()
        known = [name.removeprefix(_BEGUN) for name in names]
        found["services"] = [
            " + ".join(name for name, used in zip(known, row, strict=True) if used)
            for row in begun.tolist()
        ]
    if "aftercare_start" in visits and visits["aftercare_start"].notna().any():
        began = visits["aftercare_start"].notna().tolist()
        found["aftercare"] = ["yes" if one else "no" for one in began]
    return found
