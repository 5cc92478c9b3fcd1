"""The page of a single run: its answers in plain words, targets, and all that is drawn."""

from collections.abc import Hashable, Iterator, Mapping
from math import isnan
from typing import Any

import pandas as pd

from sim.measures.figures.staff import shift_labels
from sim.report.charts.capacity import capacity_picture, room_weeks
from sim.report.charts.tornado import tornado_pictures
from sim.report.charts.week import hour_name
from sim.report.page.document import Beside, Judgement, Page, Picture, Section, Table
from sim.report.page.phrases import Phrases
from sim.report.page.verdict import Mark
from sim.report.page.wording import people_of
from sim.report.page.words import (
    SHARE,
    Words,
    duration_name,
    estimate,
    known_of,
    part_name,
    plain,
)
from sim.report.pages.about import about_sections
from sim.report.pages.bad_days import DAYS, MONTHS, bad_section, months_of, seats_section
from sim.report.pages.on_duty import (
    cost_section,
    overdose_section,
    shift_times,
    staff_section,
)
from sim.report.pages.questions import (
    LEAVE,
    MET,
    WAIT,
    Asked,
    finding,
    picture_title,
    questions,
    who_leaves,
)
from sim.report.pages.sections import (
    day_section,
    outage_section,
    unserved_section,
    wait_section,
    week_section,
)
from sim.report.pages.worlds import worlds_lead, worlds_picture, worlds_section
from sim.results.folder import ResultsError
from sim.results.read import Kind, Saved, read_results
from sim.results.scenario import NOTES
from sim.scenario.errors.problem import message_of
from sim.scenario.errors.told import told
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import EVERY_HOUR, parse_target
from sim.study.compare.matters import is_near
from sim.study.compare.what_if import Said, Step, said_of
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary

_OPERATORS = {"<=": "at_most", "<": "below", ">=": "at_least", ">": "above"}
_MARKS = {"pass": Mark.YES, "fail": Mark.NO, "not sure": Mark.CANNOT_SAY}


def judgements(targets: pd.DataFrame | None, words: Words) -> Iterator[Judgement]:
    """What the study says of each target; nothing without targets.

    Args:
        targets: as `targets.csv`.
        words: the language.
    """
    for one in () if targets is None else targets.to_dict(orient="records"):
        known = known_of(one)
        unit = str(one["unit"])
        mark = _mark(one, known)
        if one["metric"] == "cost" and known.low == known.high:
            known = Estimate(known.value)  # it follows from the scenario
        yield Judgement(
            mark=mark,
            word=words[f"mark.{mark}"],
            target=_target_text(one, words),
            known=estimate(words, known, unit),
            remark=" ".join(_remarks(one, known, mark, words)),
        )


def _mark(one: Mapping[Hashable, Any], known: Estimate) -> Mark:
    """A verdict; one that is met by less than what matters is only just met."""
    mark = _MARKS[str(one["verdict"])]
    near = is_near(str(one["metric"]), str(one["statistic"]), known.value, float(one["limit"]))
    return Mark.JUST if mark is Mark.YES and near else mark


def _target_text(one: Mapping[Hashable, Any], words: Words) -> str:
    """A target in words; as it was written where there are none for its figure."""
    text, operator = str(one["target"]), _OPERATORS.get(str(one["operator"]))
    try:
        target = parse_target(text)
    except ValueError:  # of a version with other rules
        return text
    metric, statistic = str(one["metric"]), str(one["statistic"])
    hour = ""
    if target.hour is not None:
        metric, statistic = target.figure
        hour = f", {_hour_text(target.hour, words)}"
        known = f"hourly.{one['metric']}"
    else:
        known = f"headline.{metric}.{statistic}"
    name = words.texts.get(known) or duration_name(words, metric, statistic)
    if name is None or operator is None:
        return text
    limit = words.say(
        f"operator.{operator}", limit=plain(words, float(str(one["limit"])), str(one["unit"]))
    )
    return f"{name} ({part_name(words, str(one['by']))}){hour}: {limit}"


def _hour_text(hour: int, words: Words) -> str:
    if hour == EVERY_HOUR:
        return words["target.every_hour"]
    return words.say("target.in_hour", hour=hour_name(words, hour))


def _remarks(
    one: Mapping[Hashable, Any], known: Estimate, mark: Mark, words: Words
) -> Iterator[str]:
    hour, more = str(one["hour_of_week"]), str(one["more_replications"])
    if hour not in {"", "nan", "<NA>"}:
        yield words.say("target.hour", hour=hour_name(words, int(float(hour))))
    if mark is not Mark.CANNOT_SAY:
        return
    if isnan(known.low):
        yield words["target.no_interval"]
    elif more in {"", "nan", "<NA>"}:
        yield words["target.too_close"]
    else:
        yield words.say("target.more", number=words.number(float(more), 0))


TORNADO = "-tornado"
"""Ends the name of the folder beside a run's, in which its sensitivity is."""


def run_page(saved: Saved, words: Words) -> Page:
    """All that a run says.

    Args:
        saved: its folder. A tornado of the same scenario in the folder beside it, of the same
            name with `-tornado` after it, is shown too.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    scenario = saved.scenario()
    figures = Summary(saved.need("summary.csv"))
    by_hour = saved.need("by_hour.csv")
    targets = saved.table("targets.csv")
    judged = tuple(judgements(targets, words))
    rooms = room_weeks(by_hour, scenario, words)
    count = int(saved.manifest["replications"])
    asked = Asked(figures, scenario, rooms, count, targets, judged, words)
    cards = questions(asked)
    beside, warnings = _tornado(saved, scenario, words)
    title = picture_title(asked)
    across = worlds_section(saved, scenario, words)
    return Page(
        title=finding(asked, cards),
        tab=scenario.title or scenario.name,
        facts=tuple(facts(figures, scenario, words)),
        lead=tuple(text for text in (who_leaves(asked), *worlds_lead(saved, words)) if text),
        cards=cards,
        judgements=judged,
        pictures=(
            *((capacity_picture(rooms, title, words),) if rooms else ()),
            *worlds_picture(saved, words),
        ),
        beside=tuple(_beside(saved, asked, words)),
        foot=simulated(scenario, saved, words),
        sections=(
            *_sections(saved, by_hour, asked),
            *((across,) if across is not None else ()),
            *beside,
            *about_sections(saved, words),
        ),
        warnings=warnings,
    )


def facts(figures: Summary, scenario: Scenario, words: Words) -> Iterator[str]:
    """What the site is: its name, its places, its hours and its visits."""
    yield scenario.title or scenario.name
    if scenario.rooms:
        rooms = ", ".join(
            f"{words.number(room.places, 0)} {words.texts.get(f'place.{name}', words.name(name))}"
            for name, room in scenario.rooms.items()
        )
        yield words.say("facts.places", rooms=rooms)
    hours = scenario.opening.hours.minutes_per_week() / 60
    yield words.say("facts.hours", hours=words.brief(hours))
    yield words.say("facts.visits", number=words.brief(figures.of("visits", "per_day").value))


def simulated(scenario: Scenario, saved: Saved, words: Words) -> str:
    """What was played."""
    horizon = scenario.horizon
    days = horizon.total_days - 7 * horizon.warmup_weeks
    return words.say(
        "lead.run",
        name=scenario.name,
        replications=words.count("unit.replications", int(saved.manifest["replications"])),
        days=words.count("unit.days", days),
        start=words.date(horizon.date_of(7 * horizon.warmup_weeks)),
        seed=saved.manifest["seed"],
        version=saved.manifest.get("version", ""),
    )


def _next(saved: Saved, asked: Asked, words: Words) -> Beside | None:
    """What would change the answer, where it was played."""
    table = saved.table("next.csv")
    if table is None:
        return None
    rows = tuple(
        (_changed(one, asked, words), _effect(one, words)) for one in said_of(table, asked.figures)
    )
    if not rows:
        return None
    return Beside("next", words["next.title"], Table("", (), rows, is_text=True))


def _changed(one: Said, asked: Asked, words: Words) -> str:
    """What is changed, and what that costs or saves."""
    old, new = (words.number(value, 0) for value in (one.old, one.new))
    if one.step is Step.MORE_PLACES:
        room = words.name(one.about)
        text = words.count("next.places", round(one.new - one.old)).format(room=room)
    elif one.step is Step.FEWER_STAFF:
        staff = asked.scenario.staff
        lines = {} if staff is None else dict(zip(shift_labels(staff), staff.rota, strict=True))
        who, times = new, words.name(one.about)
        if shift := lines.get(one.about):
            who, times = people_of(shift.role, round(one.new), words), shift_times(shift, words)
        text = words.say("next.staff", who=who, old=old, shift=times)
    else:
        text = words.say("next.visits", old=old, new=new)
    if isnan(one.cost) or round(one.cost) == 0:
        return text
    money = words.money(abs(one.cost), asked.scenario.currency)
    return f"{text} ({words.say('next.dearer' if one.cost > 0 else 'next.saves', money=money)})"


def _effect(one: Said, words: Words) -> str:
    if not one.matters:
        return words["next.nothing"]
    times = 100.0 if one.unit == SHARE else 1.0
    after, before = (words.brief(times * value) for value in (one.after.value, one.before))
    return words.say(f"next.effect_{one.key[0]}", after=after, before=before)


def _beside(saved: Saved, asked: Asked, words: Words) -> Iterator[Beside]:
    """What would change the answers, and how sure they are."""
    following = _next(saved, asked, words)
    if following is not None:
        yield following
    notes = saved.table(NOTES)
    assumed = 0 if notes is None else int(notes["assumption"].sum())
    months = words.brief(12 * asked.years)
    sentences = [words.say("sure.chance", months=months)]
    if asked.replications == 1:
        sentences = [words["sure.single"]]
    if assumed:
        sentences.append(words.say("sure.assumed", number=words.number(assumed, 0)))
    if not asked.judgements:
        sentences.append(
            words.say(
                "sure.usual",
                minutes=words.exact(WAIT),
                leave=words.exact(100 * LEAVE),
                met=words.exact(100 * MET),
            )
        )
    yield Beside("sure", words["sure.title"], sentences=tuple(sentences))


def _sections(saved: Saved, by_hour: pd.DataFrame, asked: Asked) -> Iterator[Section]:
    figures, scenario, words = asked.figures, asked.scenario, asked.words
    within = saved.table("within.csv")
    yield week_section(by_hour, scenario, words)
    yield day_section(saved.table("by_time_of_day.csv"), scenario, words)
    yield wait_section(figures, within, scenario, words)
    yield unserved_section(figures, who_leaves(asked), words)
    months = months_of(saved.table(MONTHS), scenario, words)
    kinds = saved.table(DAYS)
    for section in (bad_section(kinds, months, words), seats_section(kinds, scenario, words)):
        if section is not None:
            yield section
    if (outages := outage_section(figures, scenario, words)) is not None:
        yield outages
    if scenario.overdose is not None:
        tables = (within, saved.table("at_once.csv"))
        yield overdose_section(figures, tables, asked.overdoses, words)
    if scenario.staff is not None:
        yield staff_section(figures, scenario.staff, by_hour, words)
    cost = cost_section(figures, scenario, words)
    if cost is not None:
        yield cost


def _tornado(
    saved: Saved, scenario: Scenario, words: Words
) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The tornado of the same scenario, seen from the folder that the run is or will be in.

    A damaged one costs nobody the page of the run: it is left out, with a warning.
    """
    name = str(saved.manifest["scenario"])
    folder = saved.folder.parent / f"{name}{TORNADO}"
    if not (folder / Kind.TORNADO).is_file():
        return (), ()
    try:
        beside = read_results(folder)
        if beside.manifest.get("scenario_sha256") != saved.manifest.get("scenario_sha256"):
            return (), ()
        table = beside.need(Kind.TORNADO)
    except ResultsError as error:
        form = "{error}; the page is drawn without it"
        return (), (told("drawn_without_it", form, error=message_of(error)),)
    return (_tornado_section(table, scenario, words),), ()


def _tornado_section(table: pd.DataFrame, scenario: Scenario, words: Words) -> Section:
    """Which assumptions move the answer."""
    phrases = Phrases(scenario, words)
    charts = tuple(tornado_pictures(table, phrases, words))
    drawn = [one for one in charts if isinstance(one, Picture)]
    finding = drawn[0].title if drawn else words["tornado.weak"]
    intro = (words["tornado.intro"],)
    return Section("sensitivity", words["tornado.title"], intro, charts=charts, finding=finding)
