"""The page that plays days of one design, of two side by side, or of a city's houses, in one file.

It needs no network: its font, style, script, data and words are within it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import reduce
from itertools import accumulate, zip_longest
from math import ceil, inf
from typing import Any, NamedTuple

from babel.dates import format_date, format_skeleton
from markupsafe import Markup

from sim.log import Outcome
from sim.report.page.document import as_json, file, style, template
from sim.report.page.words import Words, heading, within_sentence
from sim.report.watch.beside import apart
from sim.report.watch.between import NOWHERE
from sim.report.watch.courses import Area
from sim.report.watch.data import Data
from sim.report.watch.day import Day, Visits
from sim.report.watch.finding import city_titles, titles
from sim.report.watch.floorplan import FloorPlan
from sim.scenario.city.model import City
from sim.scenario.city.system import system_of
from sim.scenario.model.hours import DAY
from sim.scenario.model.scenario import Scenario

_PREFIX = "watch."
_NOT_SHOWN = ("watch.title_", "watch.screen_")
"""Words that are not put in the page as they are."""
_SCRIPTS = tuple(
    f"{part}.js"
    for part in ("state", "events", "plan", "people", "between", "beside", "curve", "play")
)
SHAPES = 6
"""Shapes of people that the page has; the kinds of visit share them in turn."""
_DECIMALS = 4
"""Of a minute: six thousandths of a second."""
MOST_BYTES = 1_900_000
"""Of a page; a day of 700 visits takes some 150,000 a design."""
_FIXED = 200_000
"""Of them for all that is not a day's data."""
_IN_A_ROW, _WIDEST = 3, 10
"""So few places stand in one row, and no row has more than that."""
MOST_AWAY = 12
"""Slots that those who come back later get."""
MOST_FLOOR = 8
"""Slots that staff in the rooms get in the picture."""


class Design(NamedTuple):
    """A design that is shown, under the name it has there."""

    name: str
    scenario: Scenario


class Shown(NamedTuple):
    """A day that the page can play."""

    replication: int
    day: Day
    visits: Visits
    while_open: int
    """How many come while the doors are open."""
    overdoses: list[float]
    """When those on site began; minutes."""
    data: tuple[Data, ...]
    """What `watch_data` found, design by design; of a city, house by house."""
    between: Data | None = None
    """Of a city, what `between_data` found."""


def watch_page(
    designs: Sequence[Design],
    days: Sequence[Shown],
    seed: int,
    words: Words,
    floor: FloorPlan | None = None,
    city: City | None = None,
) -> str:
    """The page as HTML.

    Args:
        designs: one, or two that meet the same people; of a city its houses.
        days: what can be chosen on it; it begins with the first.
        seed: of the replications.
        words: of the page's language.
        floor: the planner's own plan of the site, under the picture.
        city: that the designs are the houses of.
    """
    texts = {
        key.removeprefix(_PREFIX): text
        for key, text in words.texts.items()
        if key.startswith(_PREFIX) and not key.startswith(_NOT_SHOWN)
    }
    names = _names(designs, words)
    letters = staff_letters(
        list(dict.fromkeys(role for one in designs for role in _roles(one.scenario))), names
    )
    shapes = _shapes(designs)
    return template("watch").render(
        words=words,
        say=texts,
        designs=designs,
        scenario=city or designs[0].scenario,
        city=city,
        told_apart=designs[:1] if city else designs,  # what happens in the houses is one list
        days=days,
        first=days[0],
        letters=letters,
        names=names,
        shapes=shapes,
        floor=floor,
        most_floor=MOST_FLOOR,
        columns=columns,
        title=_title(city or designs[0].scenario, words),
        style=style() + file("watch", "style.css"),
        script=Markup("\n").join(file("watch", name) for name in _SCRIPTS),
        facts=[_facts(one, seed, words) for one in days],
        choices=[_choice(one, words) for one in days],
        handed=as_json(
            {
                "areas": {area.name.lower(): area.value for area in Area},
                "outcomes": [outcome.name.lower() for outcome in Outcome],
                "designs": [
                    {"name": one.name, "within": within_sentence(one.name)} for one in designs
                ],
                "city": city is not None,
                "days": [_handed(one, designs, seed, words) for one in days],
                "shapes": shapes,
                "letters": letters,
                "say": texts,
                "names": names,
                "floor": None if floor is None else [floor.ratio, floor.boxes],
                "clock": words["unit.clock"],
            },
            (",", ":"),
        ),
        begins=words.clock(int(days[0].day.start - days[0].day.midnight)),
        midnight=all(
            one.day.start == one.day.midnight and one.day.end == one.day.midnight + DAY
            for one in days
        ),
        **_of_sites([one.scenario for one in designs], days, city),
    )


def _of_sites(
    sites: Sequence[Scenario], days: Sequence[Shown], city: City | None
) -> dict[str, object]:
    """What the sites have, and how much room the picture of each needs."""
    supervised = () if city is None else system_of(city).supervised
    mosts = [
        reduce(_larger, (one.data[number]["slots"] for one in days)) for number in range(len(sites))
    ]
    if city is None:  # side by side both need the same room for the same thing
        mosts = [reduce(_larger, mosts)] * len(sites)
    between = [one.between for one in days if one.between is not None]
    return {
        "sites": sites,
        "supervised": supervised,
        "any_overdose": any(one.overdose for one in sites),
        "rooms": [room for one in sites for room in one.rooms.values()],
        "widest": [max(columns(room.places) for room in one.rooms.values()) for one in sites],
        "waits_in_place": any(
            one.aftercare and one.aftercare.when_full == "wait_in_place" for one in sites
        ),
        "counters": _counters(sites, supervised),
        "mosts": mosts,
        "most_away": min(MOST_AWAY, max([1, *map(_most_away, between)])),
    }


def that_fit(days: Sequence[Shown], floor: FloorPlan | None = None) -> list[Shown]:
    """The first of the days, as many as a page should hold: it is to stay under 2 MB."""
    kept: list[Shown] = []
    size = _FIXED + (0 if floor is None else len(floor.drawing.encode()))
    for one in days:
        parts = one.data if one.between is None else (*one.data, one.between)
        size += sum(len(as_json(rounded(data), (",", ":"))) for data in parts)
        if kept and size > MOST_BYTES:
            break
        kept.append(one)
    return kept


def _handed(shown: Shown, designs: Sequence[Design], seed: int, words: Words) -> dict[str, Any]:
    names = [one.name for one in designs]
    if shown.between is None:
        people = apart(*shown.data) if len(designs) > 1 else []
        told = titles(shown.data, people, names, words)
    else:
        people, told = [], city_titles(shown.data, _walks(shown.between, shown.day), names, words)
    texts = list(dict.fromkeys(text for _, text in told))
    return {
        "replication": shown.replication,
        "date": shown.day.date.isoformat(),
        "facts": _facts(shown, seed, words),
        "choice": _choice(shown, words),
        "designs": rounded(list(shown.data)),
        "between": rounded(shown.between),
        "apart": rounded([list(one) for one in people]),
        "titles": [[time for time, _ in told], [texts.index(text) for _, text in told], texts],
    }


def _walks(between: Data, day: Day) -> list[tuple[float, float]]:
    """From when until when people are on the way from one house to another."""
    return [
        (start, day.end if end is None else end)
        for _, _, start, end, leaves, _, to in between["trips"]
        if NOWHERE not in {leaves, to}
    ]


def _most_away(between: Data) -> int:
    """The most people at once who come back later."""
    changes = sorted(
        change
        for _, _, start, end, _, _, to in between["trips"]
        if to == NOWHERE
        for change in ((start, 1), (inf if end is None else end, -1))
    )
    return max(accumulate((by for _, by in changes), initial=0))


def rounded(value: object) -> object:
    """The same with times as the page needs them, which makes it half as large."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, _DECIMALS)
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return value


def _larger(one: Data, other: Data) -> Data:
    """Of what two pictures need the larger, so that nothing moves when another day is chosen."""
    found: Data = {}
    for key, value in one.items():
        beside = other[key]
        if isinstance(value, list):
            found[key] = [max(pair) for pair in zip_longest(value, beside, fillvalue=0)]
        else:
            found[key] = max(value or 0, beside or 0)
    return found


def columns(places: int) -> int:
    """In how many columns the places of a room stand: two rows of them, or more of a large one."""
    rows = max(1 if places <= _IN_A_ROW else 2, ceil(places / _WIDEST))
    return ceil(places / rows)


# --- words ----------------------------------------------------------------------------------------


def _title(scenario: Scenario, words: Words) -> str:
    return words.say("watch.title", title=scenario.title or scenario.name)


def _counters(sites: Sequence[Scenario], supervised: Sequence[bool]) -> list[str]:
    """What is counted below the picture, by the names of its words."""
    now = ["used_now", "waiting", *(["way_now"] if supervised else []), "longest", "inside"]
    if supervised:
        ends = ["met", *(["managed"] if not all(supervised) else []), "unmet", "nothing_open"]
        came = ["arose"]
    else:
        ends, came = ["unserved", "served"], ["came", "closed"]
    stops = any(one.opening.at_close == "stop" for one in sites)
    return [*now, *ends, *came, *(["cut_short"] if stops else []), "overdoses"]


def _facts(shown: Shown, seed: int, words: Words) -> dict[str, str]:
    """What is said of a day above its title."""
    on = shown.day.date
    return {
        "date": f"{_weekday(on, words, 'EEEE')} {words.date(on)}",
        "day": words.say(
            "watch.about_day" if shown.between is None else "watch.about_day_city",
            crowd=words[f"watch.day_{shown.visits.crowd}"],
            number=words.number(shown.visits.number, 0),
            mean=words.number(shown.visits.mean, 0),
        ),
        "about": words.say("watch.about", replication=shown.replication, seed=seed),
        "partial": "" if shown.day.whole else words["watch.partial"],
    }


def _choice(shown: Shown, words: Words) -> str:
    on = shown.day.date
    return words.say(
        "watch.day_choice",
        weekday=_weekday(on, words, "EEE").rstrip("."),
        date=format_skeleton("MMMMd", on, locale=words.locale),
        crowd=words[f"watch.crowd_{shown.visits.crowd}"],
    )


def _weekday(on: date, words: Words, how: str) -> str:
    return heading(str(format_date(on, how, locale=words.locale)))


def _roles(scenario: Scenario) -> tuple[str, ...]:
    return tuple(scenario.staff.roles) if scenario.staff is not None else ()


def _names(designs: Iterable[Design], words: Words) -> dict[str, str]:
    """The planner's own names in the page's language."""
    own: list[str] = []
    for _, scenario in designs:
        staff, overdose = scenario.staff, scenario.overdose
        own += (*scenario.visits, *scenario.rooms, *scenario.services, *_roles(scenario))
        own += [shift.name for shift in (staff.rota if staff is not None else ()) if shift.name]
        own += overdose.severities if overdose is not None else ()
    return {name: words.name(name) for name in own}


def staff_letters(roles: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """A letter for each role: the first of its last word, else of another, else any that is free.

    Args:
        roles: in the order in which they may choose.
        names: of the roles, as the page's readers know them.
    """
    found: dict[str, str] = {}
    for role in roles:
        name = names[role].upper()
        firsts = [word[0] for word in reversed(name.replace("-", " ").split())]
        others = [letter for letter in name if letter.isalpha()]
        free = (one for one in (*firsts, *others) if one not in found.values())
        found[role] = next(free, firsts[0] if firsts else "?")
    return found


def _shapes(designs: Iterable[Design]) -> dict[str, int]:
    """A shape for each kind of visit, those who want a place first."""
    kinds = {name: kind for one in designs for name, kind in one.scenario.visits.items()}
    order = sorted(kinds, key=lambda name: not kinds[name].rooms)
    return {name: number % SHAPES for number, name in enumerate(order)}
