"""Columns of a log by what they mean, and words in their cells, in four languages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sim.scenario.errors.problem import Place, Problem, ScenarioError, did_you_mean, show
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY
from sim.scenario.tables.sheet import Cell, Sheet
from sim.scenario.tables.words import heading_word

_SAME = str.maketrans("", "", " .,;:'\u2019\"?!#&+°")
_FEWEST = 4
"""Letters of a word with which a heading may begin."""
NAMED_FIRST = 2
"""Columns of known meaning that make a line one of headings."""


def folded(text: str) -> str:
    """A word as it is compared: without case, spaces, signs, brackets and accents."""
    word = heading_word(text).translate(_SAME)
    return word.replace("ae", "a").replace("aa", "a").replace("ue", "u")


def _folded(words: Mapping[str, str]) -> dict[str, str]:
    """The meaning of each word, as it is compared."""
    return {folded(one): name for name, listed in words.items() for one in listed.split(", ")}


MEANINGS = (
    *("date", "arrived", "checked_in", "entered", "left", "minutes", "out", "kind", "room"),
    *("place", "client", "first_visit", "outcome", "unserved", "overdose", "hour", "time"),
    *("visits", "event", "phase", "visit", "replication", "services", "aftercare"),
)
"""What a column may be; `--columns` names them so."""
_WORDS = _folded(
    {
        "date": "date, day, dato, datum, tag, jour",
        "arrived": "arrived, arrival, time in, check-in, registered, sign in, ankomst, ankommet, "
        "indskrevet, registreret, kl, ankunft, angemeldet, anmeldung, eintritt, arrivee, "
        "heure d'arrivee, inscription, passage",
        "checked_in": "checked in, check in end, registration done, indskrevet slut",
        "entered": "start, entered, booth in, session start, start time, ind i rum, pladsstart, "
        "uhrzeit, beginn, konsumbeginn, debut, entree en salle",
        "left": "end, left, booth out, session end, end time, slut, ud af rum, ende, konsumende, "
        "check-out, fin, sortie de salle",
        "minutes": "duration, minutes, length, varighed, minutter, dauer, duree",
        "out": "out, time out, departed, afgang, gaaet, austritt, abmeldung, depart, sortie",
        "kind": "kind, route, mode, method, way of use, indtagelsesform, indtagsmaade, "
        "konsumform, konsumart, applikationsweg, voie, mode de consommation",
        "room": "room, area, rum, raum, salle, espace",
        "place": "place, booth, seat, plads, platz, poste",
        "client": "client, id, code, handle, uuid, borger, bruger, klient, klientuuid, usager, "
        "identifiant, patient, case, service user, service user id",
        "first_visit": "new client, first visit, foerste besoeg, ny, erstbesuch, neu, "
        "premier passage, nouveau",
        "outcome": "outcome, status, udfald, issue",
        "unserved": "unserved, refused, turned away, left without, afvist, gik igen, abgewiesen, "
        "abweisungen, refus, refoules",
        "overdose": "overdose, emergency, od, overdosis, forgiftning, notfall, drogennotfall, "
        "ueberdosis, surdose, urgence",
        "hour": "hour, hour of day, stunde, heure, klokketime",
        "time": "time, timestamp, tid, tidspunkt, zeit, zeitpunkt",
        "visits": "visits, arrivals, count, number, uses, antal, anzahl, nombre, besoeg, besuche, "
        "visites",
        "event": "event, activity, handling, haendelse, aktivitet, ereignis, aktivitaet, "
        "evenement, activite",
        "phase": "phase, registration type, lifecycle, transition",
        "visit": "visit, visit id",
        "replication": "replication",
        "services": "services, services used, ydelser, tilbud, leistungen, angebote, prestations",
        "aftercare": "aftercare, rest, rested, resting, efterophold, hvile, hvilede, ruhe, "
        "ausruhen, nachruhe, repos",
    }
)


@dataclass(frozen=True)
class Columns:
    """The columns of a table by what they mean."""

    sheet: Sheet
    of: Mapping[str, int]
    """Number of the column, by its meaning."""
    unused: tuple[str, ...]
    """Headings of which nothing was made."""
    services: tuple[tuple[str, int], ...] = ()
    """Services of the site with a column of yes and no, and its number."""

    def has(self, *names: str) -> bool:
        """Whether the table has one of these columns."""
        return any(name in self.of for name in names)

    def heading(self, name: str) -> str:
        """What the column is called in the table."""
        return self.sheet.headings[self.of[name]].text

    def cell(self, name: str, row: int) -> Cell:
        """A cell by the meaning of its column and the number of its row, from 0."""
        line = self.sheet.lines[row + 1]
        column = self.of[name]
        value = line.values[column] if column < len(line.values) else ""
        return self.sheet.cell(line.number, column + 1, value)

    def texts(self, name: str, *, moments: bool = False) -> list[str]:
        """What stands in a column, row by row; numbers as they are written.

        Args:
            name: its meaning.
            moments: whether a number below 1 is a part of a day, as times are in a workbook.
        """
        column, found = self.of[name], []
        for _, values in self.sheet.lines[1:]:
            value = values[column] if column < len(values) else ""
            found.append(value if isinstance(value, str) else _text(value, moments=moments))
        return found


def _text(value: float, *, moments: bool) -> str:
    if moments and 0 <= value < 1:
        seconds = round(value * DAY * 60)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(int(value)) if value.is_integer() else repr(value)


def is_head(texts: Sequence[str], *, least: int = NAMED_FIRST) -> bool:
    """Whether some texts are the headings of a log: so many of them have a meaning."""
    found = {meaning for text in texts if (meaning := _meaning(text)) is not None}
    return len(found) >= least


def _meaning(text: str) -> str | None:
    """What a heading means: a word of the table, or what only one word begins it with."""
    word = folded(text)
    if word in _WORDS:
        return _WORDS[word]
    if word in _OWN:
        return _OWN[word]
    begun = {
        meaning for one, meaning in _WORDS.items() if len(one) >= _FEWEST and word.startswith(one)
    }
    return begun.pop() if len(begun) == 1 else None


_OWN = {folded(name): name for name in MEANINGS}


def columns_of(sheet: Sheet, given: Mapping[str, str]) -> Columns:
    """The columns of a log by what they mean.

    Args:
        sheet: the table.
        given: headings by meaning, as the planner has said.

    Raises:
        ScenarioError: what was said is not so, or two columns mean the same.
    """
    found, problems = _said(sheet, given)
    exact: dict[str, list[Cell]] = {}
    begun: dict[str, list[Cell]] = {}
    for number, heading in enumerate(sheet.headings):
        meaning = _meaning(heading.text)
        if meaning is None or meaning in found or number in found.values():
            continue
        word = folded(heading.text)
        (exact if word in _WORDS or word in _OWN else begun).setdefault(meaning, []).append(heading)
    for meaning in dict.fromkeys((*exact, *begun)):
        listed = exact.get(meaning) or begun[meaning]
        if len(listed) > 1 and meaning in exact:
            problems += [_twice(one, meaning) for one in listed]
        elif len(listed) == 1:
            found[meaning] = sheet.headings.index(listed[0])
    if problems:
        raise ScenarioError(problems)
    used = set(found.values())
    unused = [one.text for number, one in enumerate(sheet.headings) if number not in used]
    return Columns(sheet, found, tuple(filter(None, unused)))


def _said(sheet: Sheet, given: Mapping[str, str]) -> tuple[dict[str, int], list[Problem]]:
    """The columns that the planner has named."""
    found: dict[str, int] = {}
    problems = []
    texts = [one.text for one in sheet.headings]
    names = [folded(one) for one in texts]
    for meaning, heading in given.items():
        if folded(heading) in names:
            found[meaning] = names.index(folded(heading))
            continue
        message = told(
            "the_table_has_no_column_columns",
            "the table has no column {heading} (--columns)",
            heading=show(heading, quotes=True),
        )
        known = told("its_columns", "; its columns: {listed}", listed=", ".join(texts))
        problems.append(
            sheet.headings[0].problem(message + (did_you_mean(heading, texts) or known))
        )
    return found, problems


def _twice(heading: Cell, meaning: str) -> Problem:
    return heading.problem(
        told(
            "is_one_of_several_columns_that_may",
            "'{text}' is one of several columns that may be {meaning}; say which with "
            "--columns {meaning}='{text}'",
            text=heading.text,
            meaning=meaning,
        )
    )


def meanings_given(texts: Iterable[str]) -> dict[str, str]:
    """What `--columns arrived=Kommet,kind=Form` says.

    Raises:
        ScenarioError: it names a meaning that there is not.
    """
    found: dict[str, str] = {}
    for text in (one for listed in texts for one in listed.split(",")):
        meaning, equals, heading = text.partition("=")
        name = meaning.strip().casefold().replace(" ", "_")
        if not equals or name not in MEANINGS:
            near = did_you_mean(name, MEANINGS) or told(
                "known", "; known: {listed}", listed=", ".join(MEANINGS)
            )
            message = told(
                "columns_takes_meaning_heading_such_as_arrived",
                "--columns takes MEANING=HEADING, such as arrived=Kommet, not '{text}'",
                text=text,
            )
            raise ScenarioError([Problem(Place("--columns"), "", message + near)])
        found[name] = heading.strip()
    return found


# --- words in cells -----------------------------------------------------------------------------


class Fate(IntEnum):
    """What became of a visit, as far as a log tells it."""

    SERVED = 0
    LEFT = 1
    """Left after waiting."""
    TURNED = 2
    """Turned round at the door."""
    REFUSED = 3
    """Turned away."""
    SERVICE = 4
    """Came for a service only."""
    CLOSED = 5
    """Came while it was closed."""


UNSERVED = (Fate.LEFT, Fate.TURNED, Fate.REFUSED)

_ALIKE = _folded(
    {
        "inject": "inject, injecting, injection, iv, injektion, fix, fixe, intravenoes, "
        "intravenous, intraven_s",
        "smoke": "smoke, smoking, inhale, inhalation, rygning, ryge, inhalativ, rauchen, folie, "
        "fume, fumer",
        "sniff": "sniff, sniffing, snort, snorting, nasal, intranasal, sniffe",
        "oral": "oral, orally, orale",
        "advice": "advice, counselling, counseling, conversation, talk, raadgivning, samtale, "
        "beratung, gespraech, conseil, entretien",
        "wound_care": "wound care, wounds, dressing, saarpleje, wundversorgung, wundpflege, "
        "soins des plaies, pansement",
        "drug_checking": "drug checking, drug test, stofanalyse, stoftest, drogentest, "
        "drogenanalyse, analyse de drogues, analyse de produits",
        "doctor": "doctor, physician, laege, arzt, aerztin, medecin",
        "nurse": "nurse, sygeplejerske, krankenpflege, infirmier, infirmiere",
        "shower": "shower, bath, bad, dusche, douche",
        "food": "food, meal, mad, maaltid, essen, mahlzeit, repas",
    }
)
_FATES = _folded(
    {
        "SERVED": "served, cut_short, inside_at_end, beendet, aktiv, notfall, bedient, betjent, "
        "servi, ok, completed, done",
        "LEFT": "reneged, left, left the queue, left without, gik, gik igen, "
        "gaaet, gegangen, parti, repartie",
        "TURNED": "balked, turned round",
        "REFUSED": "no_space, dismissed_at_close, refused, turned away, afvist, abgewiesen, "
        "refus, refuse",
        "SERVICE": "service_only",
        "CLOSED": "closed, lukket, geschlossen, ferme",
    }
)
_YES = frozenset(("yes", "y", "ja", "j", "oui", "o", "true", "1", "x", "sand", "wahr", "vrai")) | {
    "place",
    "aftercare",
}
"""Where this program says that there was an overdose, too."""
_NO = frozenset(("", "no", "n", "nej", "nein", "non", "false", "0", "none", "off_site", "-"))
EMERGENCY = folded("notfall")
"""An outcome that is an overdose, too."""


def fate_of(text: str) -> Fate | None:
    """What an outcome means; None if that is not known."""
    name = _FATES.get(folded(text))
    return None if name is None else Fate[name]


def yes_or_no(text: str) -> bool | None:
    """Whether a cell says yes; None where it says neither."""
    word = text.strip().casefold()
    return True if word in _YES else False if word in _NO else None


def kind_of(text: str, names: Sequence[str], given: Mapping[str, str]) -> str | None:
    """The site's name for what a log calls a kind of visit, a room or a service.

    Args:
        text: as the log has it.
        names: those of the site.
        given: names of the site by those of the log, as the planner has said.
    """
    word = folded(text)
    if given.get(word) in names:  # of a kind and a room the log may have one word
        return given[word]
    by_word = {folded(name): name for name in names}
    if word in by_word:
        return by_word[word]
    group = _ALIKE.get(word)
    alike = [name for name in names if group is not None and _ALIKE.get(folded(name)) == group]
    return alike[0] if len(alike) == 1 else None
