"""The page of a need: who is needed when, against the rota of today."""

from collections.abc import Sequence

from sim.report.page.document import Page, Section, Table
from sim.report.page.wording import people_of
from sim.report.page.words import Words, heading
from sim.report.pages.about import COMPARED, about_sections
from sim.report.rota.drawn import MANY, Rota, needed_of
from sim.report.rota.wall import wall_section, who_table
from sim.results.read import Saved


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
    rows = tuple(
        (
            heading(people_of(role, MANY, words).partition(" ")[2]),
            words.number(sum(hours), 0),
            words.brief(float(table[table["role"] == role]["on_duty"].sum())),
            words.number(max(hours), 0),
        )
        for role, hours in needed.items()
    )
    head = tuple(words[f"rota.{one}"] for one in ("role", "need_hours", "rota_hours", "most_once"))
    weeks = tuple(_week_table(role, hours, words) for role, hours in needed.items())
    return Page(
        title=words.say("rota.need_title", hours=words.number(wanted, 0)),
        tab=site.title or site.name,
        facts=(site.title or site.name,),
        lead=(words.say("rota.need_lead", hours=words.brief(on_duty)), words["rota.need_how"]),
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


def _week_table(role: str, hours: Sequence[int], words: Words) -> Table:
    """A row a day, a column an hour."""
    rows = tuple(
        (name, *(words.number(one, 0) for one in hours[24 * day : 24 * day + 24]))
        for day, name in enumerate(words.weekdays())
    )
    head = ("", *(words.number(hour, 0) for hour in range(24)))
    return Table(heading(people_of(role, MANY, words).partition(" ")[2]), head, rows)
