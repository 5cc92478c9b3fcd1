"""The page of a need: who is needed when, against the rota of today."""

from collections.abc import Mapping, Sequence

from sim.report.page.document import Page, Section, Table
from sim.report.page.wording import people_of
from sim.report.page.words import Words, heading
from sim.report.pages.about import COMPARED, about_sections
from sim.report.rota.drawn import MANY, Rota, needed_of
from sim.report.rota.wall import wall_section, who_table
from sim.results.read import Saved

_LEAST = 0.5
"""Hours a week below which nobody is said to be missing."""


def need_page(saved: Saved, words: Words) -> Page:
    """Who is needed when, against the rota of today.

    Args:
        saved: the folder of `rota need`.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    site, table = saved.scenario(), saved.need("need.csv")
    needed = needed_of(table)
    rota = Rota(site.name, site, needed, words)
    wanted = sum(sum(hours) for hours in needed.values())
    on_duty = float(table["on_duty"].sum())
    missing = rota.missing()
    rows = tuple(
        (
            _people(role, words),
            words.number(sum(hours), 0),
            words.brief(float(table[table["role"] == role]["on_duty"].sum())),
            words.brief(missing[role]),
            words.number(max(hours), 0),
        )
        for role, hours in needed.items()
    )
    names = ("role", "need_hours", "rota_hours", "missing", "most_once")
    head = tuple(words[f"rota.{one}"] for one in names)
    weeks = tuple(_week_table(role, hours, words) for role, hours in needed.items())
    lead = " ".join(
        (
            words.say("rota.need_title", hours=words.number(wanted, 0)),
            words.say("rota.need_lead", hours=words.brief(on_duty)),
        )
    )
    return Page(
        title=need_title(missing, words),
        tab=site.title or site.name,
        facts=(site.title or site.name,),
        lead=(lead, words["rota.need_how"]),
        pictures=(rota.picture("rota"),),
        sections=(
            Section(
                "by-role", words["rota.by_role"], tables=(Table("", head, rows),), is_open=True
            ),
            Section("hours", words["rota.by_hour"], tables=weeks),
            Section("who", words["rota.who_title"], tables=(who_table(rota),)),
            wall_section(rota),
            *about_sections(saved, words, COMPARED),
        ),
    )


def need_title(missing: Mapping[str, float], words: Words) -> str:
    """Of whom most hours are missing, or that nobody is.

    Args:
        missing: hours a week in which somebody of a role is missing, people counted each.
        words: the language.
    """
    short = [role for role, hours in missing.items() if hours >= _LEAST]
    if not short:
        return words["rota.need_kept"]
    most = max(short, key=missing.__getitem__)
    key = "rota.need_short" if len(short) == 1 else "rota.need_short_most"
    return words.say(key, role=_people(most, words), hours=words.brief(missing[most]))


def _people(role: str, words: Words) -> str:
    return heading(people_of(role, MANY, words).partition(" ")[2])


def _week_table(role: str, hours: Sequence[int], words: Words) -> Table:
    """A row a day, a column an hour."""
    rows = tuple(
        (name, *(words.number(one, 0) for one in hours[24 * day : 24 * day + 24]))
        for day, name in enumerate(words.weekdays())
    )
    head = ("", *(words.number(hour, 0) for hour in range(24)))
    return Table(_people(role, words), head, rows)
