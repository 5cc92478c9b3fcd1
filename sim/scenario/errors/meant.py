"""What somebody is likely to have meant: numbers, durations, dates, switches and keys.

Nothing is read this way: it is what a message offers to whoever wrote it.
"""

import re
from collections.abc import Sequence
from datetime import date
from types import MappingProxyType

from sim.scenario.errors.told import Listed, Written, told

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
    }
)
"""Dashes, spaces and quotes that a word processor makes, and what a keyboard has."""


def straight(text: str) -> str:
    """The text with the dashes, spaces and quotes of a keyboard, and without quotes around it."""
    text = text.translate(_PLAIN).strip()
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text


def in_plain_signs(text: str) -> str:
    """The same in small letters, with single spaces."""
    return " ".join(straight(text).casefold().split())


def did_you_mean_any(meant: Sequence[str]) -> str:
    """`; did you mean 1200 or 1.2?`, or nothing."""
    if not meant:
        return ""
    these = Listed.of(map(Written, meant), "or")
    return told("did_you_mean", "; did you mean {these}?", these=these)


# --- numbers ------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,15})?")
_IN_GROUPS = re.compile(r"([-+]?\d{1,3})((?:([,. '])\d{3})(?:\3\d{3})*)(?:([.,])(\d+))?")
"""A number whose thousands are set apart, and perhaps its decimals."""
_DECIMAL_COMMA = re.compile(r"([-+]?\d*),(\d+)")
_PERCENT = re.compile(r"(.+?)\s*(?:%|percent|per cent|pct\.?|procent|prozent)")
_FRACTION = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})")
_RANGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:-|\bto\b|\btil\b|\bbis\b)\s*(\d+(?:[.,]\d+)?)(\s*%)?")
_AROUND = re.compile(
    r"(?:ca\.?|about|approx\.?|around|omkring|etwa|circa|~|>=?|<=?|[€$£]|[a-z]{3}(?=\s*\d))?\s*"
    r"(?P<number>[-+]?\d[\d.,' ]*?)\s*(?:[-/]?\s*[^\d\s.,'%][^\d%]*|\.-|,-)?"
)
"""A number with words around it, such as `DKK 255` or `200 a day`."""
_WORDS = (
    ("zero", "nul", "null"),
    ("one", "en", "et", "eins", "ein"),
    ("two", "to", "zwei"),
    ("three", "tre", "drei"),
    ("four", "fire", "vier"),
    ("five", "fem", "fünf"),
    ("six", "seks", "sechs"),
    ("seven", "syv", "sieben"),
    ("eight", "otte", "acht"),
    ("nine", "ni", "neun"),
    ("ten", "ti", "zehn"),
    ("eleven", "elleve", "elf"),
    ("twelve", "tolv", "zwölf"),
)
_CALLED = MappingProxyType({word: str(n) for n, words in enumerate(_WORDS) for word in words})


def numbers_meant(text: str) -> tuple[str, ...]:
    """The numbers that a text is likely to be, the likelier first; none if it is no number.

    Args:
        text: as it was typed, such as `0,53`, `53 %`, `1.200.000` or `200 a day`.
    """
    plain = in_plain_signs(text).rstrip(",;")
    if _NUMBER.fullmatch(plain):
        return (plain,)
    if word := _CALLED.get(plain):
        return (word,)
    if percent := _PERCENT.fullmatch(plain):
        return tuple(f"{float(one) / 100:g}" for one in _digits(percent[1]))
    if (fraction := _FRACTION.fullmatch(plain)) and int(fraction[2]):
        return (f"{int(fraction[1]) / int(fraction[2]):.4g}",)
    if found := _digits(plain):
        return found
    around = _AROUND.fullmatch(plain)
    return () if around is None or range_meant(plain) else _digits(around["number"].strip())


def _digits(plain: str) -> tuple[str, ...]:
    """A number written with commas, or with its thousands set apart."""
    if _NUMBER.fullmatch(plain):
        return (plain,)
    found = []
    groups = _IN_GROUPS.fullmatch(plain)
    if groups and groups[4] != groups[3] and not groups[1].startswith("0"):
        whole = groups[1] + re.sub(r"\D", "", groups[2])
        found.append(f"{whole}.{groups[5]}" if groups[5] else whole)
    if comma := _DECIMAL_COMMA.fullmatch(plain):
        decimal = f"{comma[1] or '0'}.{comma[2]}"
        found.append(f"{float(decimal):.15g}" if found else decimal)
    return tuple(found)


def range_meant(text: str) -> tuple[str, str] | None:
    """Both ends of `4-6`, where one number is wanted."""
    found = _RANGE.match(in_plain_signs(text))
    if found is None:
        return None
    low, high = (one.replace(",", ".") for one in found.groups()[:2])
    if found[3]:
        low, high = (f"{float(one) / 100:g}" for one in (low, high))
    return (low, high) if float(low) < float(high) else None


# --- durations ------------------------------------------------------------------------------------

_UNITS = (
    ("s", "s sec secs second seconds sek sekund sekunder sekunde sekunden ''"),
    ("min", "m mi min mins minute minutes minut minutter minuten mn '"),
    ("h", "h hr hrs hour hours t time timer std stunde stunden heure heures"),
    ("d", "d day days dag dage døgn tag tage jour jours"),
)
_UNIT_CALLED = {word: unit for unit, words in _UNITS for word in words.split()}
_WEEKS = frozenset({"w", "week", "weeks", "uge", "uger", "woche", "wochen"})
_AMOUNT = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[^\d\s.,]+)\.?")
_TWO = re.compile(
    r"(?P<hours>\d{1,3})\s*(?:[:]|h|t|hours?|timer?|hrs?|std)\.?\s*(?P<minutes>\d{1,2})"
)
_WORDED = MappingProxyType(
    {
        **dict.fromkeys(("half an hour", "half hour", "en halv time", "halv time"), "30 min"),
        **dict.fromkeys(("eine halbe stunde", "½ hour", "1/2 hour", "½ h"), "30 min"),
        **dict.fromkeys(("an hour", "one hour", "en time", "eine stunde"), "1 h"),
        **dict.fromkeys(("a quarter of an hour", "quarter of an hour", "et kvarter"), "15 min"),
        **dict.fromkeys(("none", "no", "ingen", "keine", "nothing"), "0"),
    }
)


def minutes_meant(text: str) -> str:
    """The duration that a text is likely to be: `30 min`, `90 min`, `1.5 h`; empty if none."""
    plain = in_plain_signs(text)
    if plain in _WORDED:
        return _WORDED[plain]
    amount = _AMOUNT.fullmatch(plain)
    if amount is not None:
        number, unit = amount["number"].replace(",", "."), amount["unit"]
        if unit in _WEEKS:
            return f"{7 * float(number):g} d"
        if unit in _UNIT_CALLED:
            return f"{number} {_UNIT_CALLED[unit]}"
    worded = _AMOUNT.match(plain)
    if worded is not None and plain[worded.end() :].replace(" ", "").isalpha():
        return minutes_meant(worded[0])
    two = _TWO.match(plain)
    if two is not None and (plain[two.end() :].strip(" .") in {"", *_UNIT_CALLED}):
        return f"{60 * int(two['hours']) + int(two['minutes'])} min"
    found = numbers_meant(plain) if re.fullmatch(r"[\d.,]+", plain) else ()
    return found[-1] if found else ""


def minutes_range_meant(text: str) -> tuple[str, str] | None:
    """Both ends of `20-30 min`, where one duration is wanted, with their unit."""
    ends, unit = range_meant(text), re.search(r"\d\s*([^\d\s.,%]+)\.?$", in_plain_signs(text))
    if ends is None:
        return None
    named = "" if unit is None else _UNIT_CALLED.get(unit[1], "")
    low, high = (f"{one} {named}".strip() for one in ends)
    return low, high


# --- dates ----------------------------------------------------------------------------------------

_MONTHS = (
    "jan january januar janvier",
    "feb february februar février",
    "mar march marts märz maerz mars",
    "apr april avril",
    "may maj mai",
    "jun june juni juin",
    "jul july juli juillet",
    "aug august août",
    "sep sept september septembre",
    "oct october okt oktober octobre",
    "nov november novembre",
    "dec december dez dezember décembre",
)
_MONTH_CALLED = {word: n for n, words in enumerate(_MONTHS, start=1) for word in words.split()}
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})")
_CENTURY = 2000
_IN_WORDS = (
    re.compile(
        r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?\s*(?:of )?(?P<month>[^\W\d]+)\.?,?\s*(?P<year>\d{4})"
    ),
    re.compile(r"(?P<month>[^\W\d]+)\.?\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s*(?P<year>\d{4})"),
)
_UNTIL = re.compile(
    r"\s+(?:to|til|bis|until|-)\s+|\s*\.\.+\s*|\s*/\s*(?=\d{4}-)|(?<=\d{4}-\d\d-\d\d)-"
)


def dates_meant(text: str) -> tuple[str, ...]:
    """The dates that a text is likely to be, the likelier first; none if it is no date."""
    plain = in_plain_signs(text)
    found: list[tuple[int, int, int]] = []
    if first := _YEAR_FIRST.fullmatch(plain):
        found.append((int(first[1]), int(first[2]), int(first[3])))
    if last := _YEAR_LAST.fullmatch(plain):
        one, other, year = (int(part) for part in last.groups())
        year += _CENTURY if year < _CENTURY else 0
        found += [(year, other, one), (year, one, other)]
    for form in _IN_WORDS:
        worded = form.fullmatch(plain)
        if worded and (month := _MONTH_CALLED.get(worded["month"])):
            found.append((int(worded["year"]), month, int(worded["day"])))
    return tuple(dict.fromkeys(text for parts in found if (text := _date(*parts))))


def stretch_meant(text: str) -> str:
    """The stretch of dates that a text is likely to be; empty if none."""
    ends = [dates_meant(one) for one in _UNTIL.split(in_plain_signs(text))]
    if len(ends) < len(("from", "to")) or not all(ends):
        return ""
    return f"{ends[0][0]} to {ends[-1][0]}"


def _date(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


# --- switches and words ---------------------------------------------------------------------------

_TRUE = frozenset({"yes", "y", "on", "ja", "sand", "wahr", "oui", "1", "true", "x"})
_FALSE = frozenset(
    {"no", "n", "off", "nej", "nein", "falsk", "falsch", "non", "0", "false", "never", "aldrig"}
)


def switch_meant(value: object) -> str:
    """`true` or `false`; empty if a value is neither in any language."""
    plain = in_plain_signs(str(value)) if isinstance(value, str | int) else ""
    return "true" if plain in _TRUE else "false" if plain in _FALSE else ""


# --- keys -----------------------------------------------------------------------------------------

_KEYS: tuple[tuple[str, str], ...] = (
    ("name", "navn bezeichnung nom"),
    ("title", "titel titre"),
    ("description", "beskrivelse beschreibung"),
    ("opening", "åbning åbningstid åbningstider öffnung öffnungszeiten opening_hours open"),
    (
        "hours",
        "timer tider stunden zeiten åbningstid åbningstider öffnungszeiten opening_hours open",
    ),
    ("dates", "dato datoer datum daten helligdage holidays feiertage exceptions"),
    ("last_entry", "sidste_adgang sidste_indgang letzter_einlass last_call last_admission"),
    ("demand", "efterspørgsel nachfrage arrivals"),
    (
        "visits_per_day",
        "besøg_pr_dag besøg_om_dagen besuche_pro_tag visits_a_day daily_visits visitors_per_day",
    ),
    ("served_per_day", "served registered_per_day betjente_pr_dag"),
    ("visits", "besøg besuche visit_kinds kinds visitors"),
    ("share", "andel anteil proportion percentage percent fraction part"),
    ("stay", "ophold opholdstid aufenthalt aufenthaltsdauer length_of_stay duration dwell"),
    ("patience", "tålmodighed geduld max_wait"),
    ("rooms", "rum lokaler lokale räume room raum"),
    (
        "places",
        "pladser plads plätze platz seats booths capacity size spaces slots stalls places_count",
    ),
    ("waiting_area", "venteværelse venterum venteområde warteraum wartebereich waiting_room"),
    ("seats", "siddepladser stole sitze sitzplätze chairs"),
    ("check_in", "indskrivning registrering anmeldung reception registration"),
    ("cleaning", "rengøring reinigung"),
    ("services", "ydelser tjenester leistungen"),
    ("aftercare", "efterbehandling hvilerum nachsorge ruheraum observation"),
    ("overdose", "overdosis overdoser überdosis overdoses"),
    ("staff", "personale bemanding personal mitarbeiter staffing"),
    ("roles", "roller rollen"),
    ("role", "rolle stilling"),
    ("rota", "vagtplan vagter dienstplan schichten roster shifts schedule"),
    ("from", "fra von start begin starts begins"),
    ("to", "til bis end until ends slut ende"),
    ("days", "dage ugedage tage wochentage weekdays"),
    ("weekday", "ugedag wochentag weekdays"),
    ("count", "antal anzahl number people persons staff heads"),
    ("breaks", "pause pauser pausen break"),
    ("length", "længde länge duration"),
    ("duration", "varighed dauer length time"),
    ("weeks", "uge uger woche wochen"),
    ("distribution", "fordeling verteilung dist type"),
    ("profile", "profil"),
    ("factor", "faktor"),
    ("priority", "prioritet priorität"),
    ("targets", "mål ziele goals"),
    ("costs", "omkostninger udgifter kosten cost prices"),
    ("cost_per_hour", "timeløn stundenlohn wage hourly_wage salary pay"),
    ("currency", "valuta währung"),
    ("supervision", "opsyn tilsyn aufsicht"),
    ("minimum", "mindst mindestens min least"),
)


def keys_meant(key: str) -> tuple[str, ...]:
    """What a scenario calls the key that somebody wrote in Danish or German, or by another word."""
    plain = re.sub(r"[\s.-]+", "_", in_plain_signs(key)).strip("_")
    return tuple(known for known, words in _KEYS if plain in words.split())
