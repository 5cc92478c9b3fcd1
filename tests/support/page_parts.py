"""A page that has every part that pages are made of, with figures that never change.

python -m tests.support.page_parts      writes docs/parts.html anew
"""

from pathlib import Path

import numpy as np
import pandas as pd

from sim.report.charts.capacity import RoomWeek, capacity_picture
from sim.report.charts.staffing import staffing_picture
from sim.report.charts.week import Map, week_map
from sim.report.page.document import (
    Beside,
    Card,
    Cell,
    Judgement,
    Line,
    Page,
    Section,
    Table,
    render,
)
from sim.report.page.verdict import Mark
from sim.report.page.words import Words, catalogue

DOCS = Path(__file__).parents[2] / "docs" / "parts.html"
PARTS = ("questions", "options", "alert", "table", "capacity", "grid", "staffing-0", "targets")
"""Identifiers of the parts of which there are pictures."""
_WORDS = {Mark.SAME: "same", Mark.BETTER: "better", Mark.WORSE: "worse"}


def _word(mark: Mark, words: Words) -> str:
    return words.texts.get(f"mark.{mark}") or _WORDS.get(mark, mark.value)


def _questions(words: Words) -> tuple[Card, ...]:
    return tuple(
        Card(
            title=title,
            mark=mark,
            answer="15.6 m DKK" if mark is Mark.MONEY else _word(mark, words),
            unit="a year" if mark is Mark.MONEY else "",
            strong=strong,
            known=known,
            cause="The cause stands here, in a sentence of at most fourteen words.",
        )
        for title, mark, strong, known in (
            ("Are there enough places?", Mark.YES, "9 in 10 get a place in 2.4 min", "2.3–2.5"),
            ("Is everybody safe?", Mark.CANNOT_SAY, "Only 4 overdoses played", ""),
            ("Are there enough staff?", Mark.JUST, "5.0 minutes a week below the rule", "2.0–8.0"),
            ("What does it cost?", Mark.MONEY, "86 DKK a use", "85–88"),
        )
    )


def _table(words: Words) -> Table:
    def cell(mark: Mark, text: str, known: str = "") -> Cell:
        return Cell(mark, _word(mark, words), text, known)

    return Table(
        "What differs, and whether it matters",
        ("Difference", "as built", "Two more places", "One nurse fewer"),
        (
            ("Uses a day", "495", cell(Mark.BETTER, "+2.2", "2.0–2.5"), cell(Mark.WORSE, "−10")),
            ("Cost, m DKK", "15.6", cell(Mark.DEARER, "+0.2"), cell(Mark.CHEAPER, "−0.9")),
            ("Door shut, min", "6", cell(Mark.SAME, "+1"), cell(Mark.NO, "+249", "236–262")),
        ),
        cards=True,
    )


def _rooms() -> list[RoomWeek]:
    hours = np.arange(168) % 24
    is_open = (hours >= 8) & (hours < 20)
    wave = np.where(is_open, 0.35 + 0.45 * np.exp(-((hours - 16.5) ** 2) / 8), np.nan)
    return [
        RoomWeek("injecting room", 6, wave, 0.1 * wave, np.clip(wave * 1.2 - 0.4, 0, 1)),
        RoomWeek("smoking room", 12, 0.8 * wave, 0.08 * wave, 0 * wave),
    ]


def _by_hour() -> pd.DataFrame:
    hours = np.arange(168)
    day = hours % 24
    present = np.where((day >= 8) & (day < 20), 2.0 + (day >= 14), 0.0)
    busy = present * np.where(day == 17, 0.9, 0.5)
    tables = [
        pd.DataFrame(
            {
                "metric": metric,
                "by": "role:nurse",
                "hour_of_week": hours,
                "value": values,
                "ci_low": values,
                "ci_high": values,
            }
        )
        for metric, values in (("staff_busy", busy), ("staff_present", present))
    ]
    return pd.concat(tables, ignore_index=True)


def parts_page(lang: str = "en") -> str:
    """The page's HTML."""
    words = catalogue(lang)
    rooms = _rooms()
    grid = pd.DataFrame(
        {"value": 10 * rooms[0].used, "ci_low": rooms[0].used, "ci_high": 11 * rooms[0].used}
    )
    staffing = staffing_picture(_by_hour(), "nurse", 0, words)
    assert staffing is not None
    options = tuple(
        Card(
            title=title,
            mark=mark,
            answer=answer,
            under="8 flexible places instead of 6",
            lines=(
                Line("You gain", "2.2 more uses a day", "2.0–2.5"),
                Line("", "No difference that matters in waits"),
                Line("You pay", "0.2 m DKK a year"),
            ),
            foot="221 DKK for each use gained",
        )
        for title, mark, answer in (
            ("Two more flexible places", Mark.BETTER, "Better, by a little"),
            ("Open two hours longer", Mark.JUST, "Better, and dearer"),
            ("One evening nurse fewer", Mark.WORSE, "Breaks a rule"),
        )
    )
    page = Page(
        title="Every part that pages are made of. A change of one is seen here.",
        facts=("The parts", "6 injecting, 12 smoking places", "open 84 hours a week"),
        lead=("Figures are made up; words and looks are those of the pages.",),
        alert=Card(
            "It meets your targets, but breaks a safety rule.",
            Mark.NO,
            "",
            strong="The rule “one nurse in the room” is broken for 254 minutes a week",
            known="242–265",
        ),
        cards=_questions(words),
        judgements=tuple(
            Judgement(mark, _word(mark, words), "left unserved (all): at most 5 %", "4.9 %", "")
            for mark in (Mark.YES, Mark.JUST, Mark.NO, Mark.CANNOT_SAY)
        ),
        pictures=(capacity_picture(rooms, "The injecting room fills from 15 to 18.", words),),
        beside=(
            Beside(
                "next",
                words["next.title"],
                Table("", (), (("640 visits a day instead of 560", "4.4 in 100 leave"),), True),
            ),
            Beside("sure", words["sure.title"], sentences=("The ranges say what chance does.",)),
        ),
        sections=(
            Section("options", "Options", charts=(), is_open=True),
            Section("table", "A table of verdicts", tables=(_table(words),), is_open=True),
            Section(
                "pictures",
                "Pictures",
                charts=(
                    week_map(grid, Map("grid", "Mean wait", "By hour.", "min"), words),
                    staffing,
                ),
                is_open=True,
                finding="Small ones stand side by side.",
            ),
        ),
        foot="What was simulated stands here.",
    )
    html = render(page, words)
    cards = render(Page(title="", lead=(), sections=(), cards=options), words)
    start = cards.index('<div class="cards')
    end = cards.index("</div>", cards.rindex("</article>")) + len("</div>")
    place = html.index("<div>", html.index('id="options"')) + len("<div>")
    return f"{html[:place]}\n{cards[start:end]}{html[place:]}"


if __name__ == "__main__":
    DOCS.write_text(parts_page(), encoding="utf-8", newline="\n")
