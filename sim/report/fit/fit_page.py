"""The page of a fit: does it give the log back, what was made of the log, what to write down."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.fit.fit import Fitted, Row
from sim.fit.lacking import Lack
from sim.fit.playback.play import NEARLY, Figure, Hours, PlayedBack
from sim.fit.playback.suspects import suspects
from sim.fit.playback.view import GONE, MEASURES, VISITS, WAIT, View
from sim.report.fit.laws import qq_pictures, survival_pictures
from sim.report.fit.pictures import (
    band_picture,
    busy_picture,
    days_picture,
    stays_pictures,
    waits_picture,
)
from sim.report.fit.told import (
    form_text,
    how_text,
    input_text,
    kept_texts,
    measure_text,
    replay_texts,
    seen_texts,
    suspect_text,
    told_rows,
    value_text,
    weeks_text,
    why_text,
)
from sim.report.page.document import Beside, Card, Cell, Page, Picture, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import SHARE, Words, heading, in_unit
from sim.report.pages.about import glossary_section
from sim.scenario.model.hours import HOUR
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate

_WHOLE = {VISITS: "visits_a_day", WAIT: "wait_mean", GONE: "unserved_a_day"}
"""The figure of the whole log that says most of a measure."""
_UNITS = {"share": SHARE, "stay": "min", "wait_mean": "min", "wait_p90": "min"}
_KEPT = ("file", "assumption")
_MORE = ("demand.weekday", "visits.patience.still_waiting")
"""What is told in a table that opens."""


@dataclass(frozen=True, eq=False)
class FitAnswer:
    """A fit, and how it gives its log back."""

    found: Fitted
    scenario: Scenario
    """That was fitted."""
    back: PlayedBack | str | None
    """Why it cannot be played, where it is a word; None where nobody asked."""
    lacks: Sequence[Lack]
    """What to start writing down."""


def fit_page(answer: FitAnswer, words: Words) -> Page:
    """What a log says of its site.

    Args:
        answer: the fit.
        words: the language.
    """
    found, back = answer.found, answer.back
    view = View.of(found, latest=True)
    site = found.site.title or found.site.name
    pictures = (busy_picture(view, found, words), days_picture(found, words))
    return Page(
        title=_title(back, words),
        tab=words.say("fit_page.tab", site=site, file=Path(found.register.file).name),
        facts=(site, *_facts(found, words)),
        lead=tuple(_lead(back, words)),
        cards=tuple(_cards(back, words)) if isinstance(back, PlayedBack) else (),
        side_by_side=tuple(one for one in pictures if isinstance(one, Picture)),
        beside=(_start(answer, words), _open(found, words)),
        sections=tuple(_sections(answer, view, words)),
        foot=words["fit_page.footer_codes"],
    )


def _facts(found: Fitted, words: Words) -> Iterator[str]:
    register = found.register
    start, last = (words.date(register.date_of(day)) for day in (0, register.days - 1))
    visits = words.number(len(register), 0)
    yield words.say("fit_page.log_of", visits=visits, start=start, end=last)
    yield words.say("fit_page.days", days=words.count("unit.days", int(found.logged.sum())))


def _title(back: PlayedBack | str | None, words: Words) -> str:
    if not isinstance(back, PlayedBack):
        return words[f"fit_page.title_{back or 'none'}"]
    inside, counted = (words.number(one, 0) for one in (back.inside, back.counted))
    return words.say(f"fit_page.title_{back.verdict}", inside=inside, counted=counted)


def _lead(back: PlayedBack | str | None, words: Words) -> Iterator[str]:
    if isinstance(back, PlayedBack):
        days = words.count("unit.days", back.days)
        yield words.say("fit_page.lead", days=days, plays=words.number(back.plays, 0))
        usual, share = (words.share(one, 0) for one in (back.usual, back.share))
        yield words.say("fit_page.lead_usual", usual=usual, share=share)
    elif back == "unknown":
        yield words["fit_page.lead_unknown"]
    elif back is None:
        yield words["fit_page.lead_none"]


# --- the first screen ---------------------------------------------------------------------------


def _cards(back: PlayedBack, words: Words) -> Iterator[Card]:
    """Of each measure, whether the log is as it was played."""
    whole = {one.name: one for one in back.figures if one.by == "all"}
    for measure in MEASURES:
        hours = [one for one in back.hours if one.measure == measure]
        if not hours:
            continue
        figure = whole.get(_WHOLE.get(measure, ""))
        mark = _mark(hours, figure)
        inside, counted = (
            words.number(sum(int(part.sum()) for part in parts), 0)
            for parts in ([one.inside for one in hours], [one.counted for one in hours])
        )
        yield Card(
            heading(words[f"playback.measure_{measure}"]),
            mark,
            words[f"fit_page.{_ANSWERS[mark]}"],
            strong=words.say("fit_page.card_known", inside=inside, counted=counted),
            cause="" if figure is None else _whole_text(measure, figure, words),
        )


_ANSWERS = {Mark.YES: "as_played", Mark.JUST: "nearly", Mark.NO: "not_as_played"}


def _mark(hours: Sequence[Hours], figure: Figure | None) -> Mark:
    """Nearly is off by more than chance, though not by much."""
    if not any(one.differs for one in hours):
        return Mark.YES if all(one.share >= one.usual for one in hours) else Mark.JUST
    inside = sum(int(one.inside.sum()) for one in hours)
    many = inside >= NEARLY * sum(int(one.counted.sum()) for one in hours)
    return Mark.JUST if many and (figure is None or figure.near) else Mark.NO


def _whole_text(measure: str, figure: Figure, words: Words) -> str:
    log = _number(figure.name, figure.log, words)
    low, high = (words.figures(one) for one in (figure.low, figure.high))
    return words.say(f"fit_page.whole_{measure}", log=log, low=low, high=high)


def _number(name: str, value: float, words: Words) -> str:
    unit = _UNITS.get(name, "")
    return in_unit(words, words.figures(100 * value if unit == SHARE else value), unit)


def _start(answer: FitAnswer, words: Words) -> Beside:
    title, lacks = words["fit_page.start"], answer.lacks
    if not lacks:
        return Beside("start", title, sentences=(words["lack.nothing"],))
    rows = tuple(
        (
            heading(form_text(one, words)),
            weeks_text(one, words),
            heading(why_text(one, words, public=answer.found.is_public)),
        )
        for one in lacks
    )
    head = tuple(words[f"fit_page.head_{name}"] for name in ("form", "for", "why"))
    return Beside("start", title, Table("", head, rows, is_text=True, cards=True))


def _open(found: Fitted, words: Words) -> Beside:
    return Beside("open", words["fit_page.open_title"], sentences=tuple(kept_texts(found, words)))


# --- below --------------------------------------------------------------------------------------


def _sections(answer: FitAnswer, view: View, words: Words) -> Iterator[Section]:
    found, back = answer.found, answer.back
    if isinstance(back, PlayedBack):
        yield _back(back, words)
    yield from _replay(found, words)
    yield _made(found, words)
    waits = waits_picture(view, found, words)
    pictures = (
        *stays_pictures(found, answer.scenario, words),
        *(() if waits is None else (waits,)),
    )
    if pictures:
        yield Section("log", words["fit_page.log"], charts=pictures, is_open=True)
    seen = tuple(heading(one) for one in seen_texts(found, words))
    yield Section(
        "seen",
        words["fit_page.seen"],
        seen or (heading(words["fit.nothing_seen"]),),
        finding=words["fit_page.seen_finding"],
    )
    laws = (*qq_pictures(found, answer.scenario, words), *survival_pictures(found, words))
    if laws and not found.is_public:  # each of their points is a visit
        yield Section(
            "analyst",
            words["fit_page.analyst"],
            charts=laws,
            finding=words["fit_page.analyst_finding"],
        )
    yield _method(back, words)
    yield glossary_section(words)


def _back(back: PlayedBack, words: Words) -> Section:
    """Bands, figures of the whole log, and what to look at where it fails."""
    why = tuple(suspect_text(one, words) for one in suspects(back))
    notes = tuple(words[f"playback.note_{one}"] for one in back.notes)
    rows = tuple(
        (
            heading(measure_text(one.name, one.by, words)),
            _number(one.name, one.log, words),
            words.between(*(_number(one.name, end, words) for end in (one.low, one.high))),
            _judged(one, words),
        )
        for one in back.figures
    )
    head = tuple(words[f"fit_page.head_{name}"] for name in ("figure", "log", "plays", "verdict"))
    total = (words.number(one, 0) for one in (back.inside, back.counted))
    inside, counted = total
    return Section(
        "back",
        words["fit_page.back"],
        (
            *((words["fit_page.suspects"] + ":", *why) if why else ()),
            words["fit_page.band"],
            *notes,
        ),
        charts=tuple(band_picture(one, words) for one in back.hours),
        folded=(Table(words["fit_page.whole"], head, rows),),
        finding=words.say("fit_page.band_hours", inside=inside, counted=counted),
        is_open=True,
    )


def _replay(found: Fitted, words: Words) -> Iterator[Section]:
    """Recorded waits beside those of the log's own visits, replayed through the site's file."""
    first, *more = list(replay_texts(found, words)) or [""]
    if not first:
        return
    title, waits = words["fit_page.replay"], found.waits
    if waits is None:
        yield Section("replay", title, finding=first)
        return
    head = tuple(words[f"fit_page.head_{one}"] for one in ("when", "recorded", "replayed", "more"))
    whole = (
        ("mean", waits.recorded, waits.replayed, waits.more),
        ("p90", waits.recorded_p90, waits.replayed_p90, waits.more_p90),
    )
    rows = tuple(
        (heading(words[f"fit_page.replay_{name}"]), *_minutes(was, is_now, more_by, words))
        for name, was, is_now, more_by in whole
    )
    by_hour = tuple(
        (
            words.say(
                "fit_page.replay_from",
                start=words.clock(hour * HOUR),
                end=words.clock((hour + 1) * HOUR),
            ),
            *_minutes(one.recorded, one.replayed, one.more, words),
        )
        for hour, one in waits.hours.items()
    )
    yield Section(
        "replay",
        title,
        (*more, words["fit_page.replay_says"]),
        tables=(Table("", head, rows),),
        folded=(Table(words["fit_page.replay_hours"], head, by_hour),) if by_hour else (),
        finding=first,
        is_open=True,
    )


def _minutes(recorded: float, replayed: float, more: Estimate, words: Words) -> tuple[str, ...]:
    low, value, high = (words.figures(one) for one in (more.low, more.value, more.high))
    interval = f"{value} ({words.between(low, high)}) min"
    return (*(in_unit(words, words.figures(one), "min") for one in (recorded, replayed)), interval)


def _judged(one: Figure, words: Words) -> Cell:
    mark = Mark.YES if one.agrees else Mark.NO if one.far else Mark.JUST
    return Cell(mark, words["fit_page.inside" if one.agrees else "fit_page.outside"])


def _made(found: Fitted, words: Words) -> Section:
    """Each number: measured, with its interval and of how many; or kept."""
    rows = list(told_rows(found))
    fitted = sum(one.method not in _KEPT for one in rows)
    finding = words.say("fit_page.made_finding", fitted=words.number(fitted, 0))
    few, more = (
        [one for one in rows if (one.input in _MORE) is wanted] for wanted in (False, True)
    )
    folded = (_rows_table(words["fit_page.made_more"], more, words),) if more else ()
    title, table = words["fit_page.made"], _rows_table("", few, words)
    return Section("made", title, tables=(table,), folded=folded, finding=finding, is_open=True)


def _rows_table(caption: str, rows: Sequence[Row], words: Words) -> Table:
    head = tuple(words[f"fit_page.head_{name}"] for name in ("input", "estimate", "n", "how"))
    cells = (
        (
            heading(input_text(row, words)),
            value_text(row, words),
            words.number(row.n, 0) if row.n else "",
            how_text(row, words),
        )
        for row in rows
    )
    return Table(caption, head, tuple(cells), is_text=True, cards=True)


def _method(back: PlayedBack | str | None, words: Words) -> Section:
    texts = [words["fit_page.method_fit"]]
    if isinstance(back, PlayedBack):
        texts.append(words.say("fit_page.method_band", plays=words.number(back.plays, 0)))
        texts += [words["fit_page.method_share"], words["fit_page.method_same"]]
    return Section("method", words["fit_page.method"], tuple(texts), is_appendix=True)
