"""The page of a single run: its answers in plain words, targets, and all that is drawn."""

from collections.abc import Hashable, Iterator, Mapping
from math import isnan
from typing import Any

import pandas as pd

from sim.report.charts.bars import tornado_charts
from sim.report.charts.week import hour_name
from sim.report.page.document import Answer, Judgement, Page, Section, about_sections
from sim.report.page.words import (
    SHARE,
    Words,
    duration_name,
    estimate,
    interval,
    known_of,
    part_name,
    plain,
)
from sim.report.pages.sections import (
    cost_section,
    day_section,
    overdose_section,
    staff_section,
    unserved_section,
    wait_section,
    week_section,
)
from sim.results.folder import ResultsError
from sim.results.read import Kind, Saved, read_results
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import EVERY_HOUR, parse_target
from sim.study.estimate.intervals import Estimate
from sim.study.estimate.summary import Summary

_WHOLE = 1.0
_OPERATORS = {"<=": "at_most", "<": "below", ">=": "at_least", ">": "above"}


def answers(figures: Summary, scenario: Scenario, words: Words) -> tuple[Answer, ...]:
    """The planner's four questions, as far as the site has what they are about."""
    found = [_waiting(figures, scenario, words), _unserved(figures, words)]
    if scenario.overdose is not None:
        found.append(_overdoses(figures, words))
    if scenario.staff is not None:
        found.append(_staff(figures, tuple(scenario.staff.roles), words))
    return tuple(found)


def _waiting(figures: Summary, scenario: Scenario, words: Words) -> Answer:
    metric = "wait" if scenario.rooms else "wait_joined"
    mean = "answer.wait_mean" if scenario.rooms else "answer.wait_no_rooms"
    ninety = figures.of(metric, "p90")
    over = figures.of(metric, "within_10").rest()
    sentences = [
        words.say(mean, known=estimate(words, figures.of(metric, "mean"), "min")),
        words.say("answer.wait_over_10", known=estimate(words, over, SHARE)),
    ]
    longest = [
        (room, figures.of("wait", "p90", f"room:{room}"))
        for room in scenario.rooms
        if figures.of("wait", "p90", f"room:{room}").is_known
    ]
    if len(longest) > 1:
        room, known = max(longest, key=lambda one: one[1].value)
        sentences.append(
            words.say(
                "answer.wait_longest", room=words.name(room), known=estimate(words, known, "min")
            )
        )
    if figures.of("door_wait", "mean").is_known:
        sentences.append(
            words.say(
                "answer.door_wait",
                share=estimate(words, figures.of("door_wait", "share"), SHARE),
                known=estimate(words, figures.of("door_wait", "mean"), "min"),
            )
        )
    if (crowd := figures.of(metric, "mean", "crowd")).is_known:
        sentences.append(words.say("answer.wait_crowd", known=estimate(words, crowd, "min")))
    return Answer(
        words["answer.wait"],
        plain(words, ninety.value, "min"),
        words.say("answer.wait_caption", interval=interval(words, ninety)),
        tuple(sentences),
    )


def _unserved(figures: Summary, words: Words) -> Answer:
    share, per_day = figures.of("unserved", "share"), figures.of("unserved", "per_day")
    sentences = [words.say("answer.unserved_per_day", known=estimate(words, per_day))]
    reasons = [
        (outcome, figures.of("visits", "per_day", f"outcome:{outcome}"))
        for outcome in ("reneged", "balked", "no_space", "dismissed_at_close")
    ]
    outcome, most = max(reasons, key=lambda one: 0 if isnan(one[1].value) else one[1].value)
    if most.value > 0:
        sentences.append(
            words.say(
                "answer.unserved_most",
                why=words[f"outcome.{outcome}"],
                known=estimate(words, most),
            )
        )
    closed = figures.of("visits", "per_day", "outcome:closed")
    if closed.value > 0:
        sentences.append(words.say("answer.closed", known=estimate(words, closed)))
    out = figures.of("out_of_order", "minutes_per_week")
    if out.value > 0:
        sentences.append(_minutes("answer.out_of_order", out, words))
    return Answer(
        words["answer.unserved"],
        plain(words, share.value, SHARE),
        words.say("answer.unserved_caption", interval=interval(words, share, SHARE)),
        tuple(sentences),
    )


def _overdoses(figures: Summary, words: Words) -> Answer:
    met = figures.of("response_first", "within_1")
    sentences = [
        words.say("answer.overdoses", known=estimate(words, figures.of("overdoses", "per_year"))),
        words.say(
            "answer.response_mean",
            first=estimate(words, figures.of("response_first", "mean"), "min"),
            team=estimate(words, figures.of("response_team", "mean"), "min"),
        ),
        _minutes("answer.nobody_free", figures.of("nobody_free", "minutes_per_week"), words),
    ]
    if not met.is_known:
        sentences = [words["answer.no_overdose"]]
    return Answer(
        words["answer.response"],
        plain(words, met.value, SHARE),
        words.say("answer.response_caption", interval=interval(words, met, SHARE)),
        tuple(sentences),
    )


def _staff(figures: Summary, roles: tuple[str, ...], words: Words) -> Answer:
    busy = {role: figures.of("staff_busy", "share", f"role:{role}") for role in roles}
    known = {role: one for role, one in busy.items() if one.is_known}
    role, most = max(known.items(), key=lambda item: item[1].value, default=("", Estimate()))
    overtime = [figures.of("overtime", "minutes_per_week", f"role:{one}").value for one in roles]
    sentences = [
        words.say(
            "answer.staff_hours",
            hours=plain(words, figures.of("rostered", "hours_per_week").value),
            overtime=plain(words, sum(one for one in overtime if not isnan(one)), "min"),
        )
    ]
    if figures.has("below_cover", "minutes_per_week"):
        below = figures.of("below_cover", "minutes_per_week")
        sentences.append(_minutes("answer.below_cover", below, words))
    for metric in ("role_missing", "intake_paused"):
        known_minutes = figures.of(metric, "minutes_per_week")
        if known_minutes.value > 0:
            sentences.append(_minutes(f"answer.{metric}", known_minutes, words))
    return Answer(
        words["answer.staff"],
        plain(words, most.value, SHARE),
        words.say(
            "answer.staff_caption",
            role=words.name(role) if role else "",
            interval=interval(words, most, SHARE),
        ),
        tuple(sentences),
    )


def _minutes(key: str, known: Estimate, words: Words) -> str:
    """A sentence about minutes a week, or that there were none."""
    if known.value == 0:
        return words[f"{key}_never"]
    return words.say(key, known=estimate(words, known, "min"))


def judgements(targets: pd.DataFrame | None, words: Words) -> Iterator[Judgement]:
    """What the study says of each target; nothing without targets.

    Args:
        targets: as `targets.csv`.
        words: the language.
    """
    for one in () if targets is None else targets.to_dict(orient="records"):
        verdict = str(one["verdict"]).replace(" ", "-")
        known = known_of(one)
        unit = str(one["unit"])
        if one["metric"] == "cost" and known.low == known.high:
            known = Estimate(known.value)  # it follows from the scenario
        yield Judgement(
            verdict=verdict,
            word=words[f"verdict.{verdict}"],
            target=_target_text(one, words),
            known=estimate(words, known, unit),
            remark=" ".join(_remarks(one, known, verdict, words)),
        )


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
    one: Mapping[Hashable, Any], known: Estimate, verdict: str, words: Words
) -> Iterator[str]:
    hour, more = str(one["hour_of_week"]), str(one["more_replications"])
    if hour not in {"", "nan", "<NA>"}:
        yield words.say("target.hour", hour=hour_name(words, int(float(hour))))
    if verdict != "not-sure":
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
    summary = saved.need("summary.csv")
    figures = Summary(summary)
    beside, warnings = _tornado(saved, words)
    return Page(
        title=scenario.title or scenario.name,
        lead=tuple(lead(figures, scenario, saved, words)),
        answers=answers(figures, scenario, words),
        judgements=tuple(judgements(saved.table("targets.csv"), words)),
        sections=(
            *_sections(saved, figures, scenario, words),
            *beside,
            *about_sections(saved, words),
        ),
        warnings=warnings,
    )


def lead(figures: Summary, scenario: Scenario, saved: Saved, words: Words) -> Iterator[str]:
    """What was simulated, in plain words."""
    if scenario.description:
        yield scenario.description.strip()
    horizon = scenario.horizon
    days = horizon.total_days - 7 * horizon.warmup_weeks
    yield words.say(
        "lead.run",
        name=scenario.name,
        replications=words.count("unit.replications", int(saved.manifest["replications"])),
        days=words.count("unit.days", days),
        start=words.date(horizon.date_of(7 * horizon.warmup_weeks)),
        seed=saved.manifest["seed"],
    )
    visits = figures.of("visits", "per_day")
    hours = words.figures(scenario.opening.hours.minutes_per_week() / 60)
    if scenario.rooms:
        rooms = ", ".join(
            f"{words.name(name)} {room.places}" for name, room in scenario.rooms.items()
        )
        places = words.number(sum(room.places for room in scenario.rooms.values()), 0)
        yield words.say(
            "lead.site",
            visits=estimate(words, visits),
            places=places,
            rooms=rooms,
            hours=hours,
            uses=plain(words, figures.of("uses", "per_day").value),
        )
    else:
        yield words.say("lead.services", visits=estimate(words, visits), hours=hours)


def _sections(
    saved: Saved, figures: Summary, scenario: Scenario, words: Words
) -> Iterator[Section]:
    by_hour = saved.need("by_hour.csv")
    within = saved.table("within.csv")
    yield week_section(by_hour, scenario, words)
    yield day_section(saved.table("by_time_of_day.csv"), scenario, words)
    yield wait_section(figures, within, scenario, words)
    yield unserved_section(figures, words)
    if scenario.overdose is not None:
        yield overdose_section(figures, within, saved.table("at_once.csv"), words)
    if scenario.staff is not None:
        yield staff_section(figures, scenario.staff, words)
    cost = cost_section(figures, scenario, words)
    if cost is not None:
        yield cost


def _tornado(saved: Saved, words: Words) -> tuple[tuple[Section, ...], tuple[str, ...]]:
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
        return (), (f"{error}; the page is drawn without it",)
    charts = tuple(tornado_charts(table, words))
    title, intro = words["tornado.title"], (words["tornado.intro"],)
    return (Section("sensitivity", title, intro, charts=charts),), ()
