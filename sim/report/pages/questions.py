"""What a run decides: are there enough places, is everybody safe, enough staff, at what cost?

Each question has one verdict, one number with its range and one sentence that names the cause.
Where the scenario has targets these decide, else the usual ones below; a broken rule of safety
counts in either case. All sentences follow from figures of the tables by rule.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, isnan

import numpy as np
import pandas as pd

from sim.measures.figures.cost import PARTS
from sim.report.charts.capacity import RoomWeek, average_day
from sim.report.page.document import Card, Judgement
from sim.report.page.verdict import Mark, held, worst
from sim.report.page.words import Words, heading, with_range
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import UNKNOWN, Estimate
from sim.study.estimate.summary import Summary

WAIT, LEAVE, MET = 10.0, 0.05, 0.9
"""Without targets: nine in ten wait at most so many minutes for a place, at most this share of
those who come leave without one, and somebody is there within a minute at this share of overdoses.
Those of the sizing example; judgements, said on the page."""
_WAIT_MARGIN, _LEAVE_MARGIN, _MET_MARGIN, _RULE_MARGIN, _BREAKS = 1.0, 0.005, 0.01, 10.0, 0.5
"""The smallest differences that matter, as `compare` has them: minutes, shares, minutes and breaks
a week."""
_AT_ONCE = 0.05
"""Minutes of waiting below which people get a place at once."""
_NONE = 0.5
"""Minutes a week below a rule that are as good as none."""
FEWEST = 10
"""Overdoses below which nothing is said of how soon they are met."""
_BUSY = 0.85
"""Share of its time at work from which on a role has hardly a moment left."""
_HUNDRED, _YEAR, _LONG_NAME = 100, 365.25, 24
_HARDLY, _NEARLY = 0.05, 0.95
_PEAK = 2 / 3
"""Hours full at least this share of the fullest one are its peak."""
_MANY = 1 / 3
"""Share of those who leave from which on one reason is told apart."""

_ABOUT = {
    "places": (
        *("wait", "wait_joined", "unserved", "visits", "uses", "places", "waiting", "inside"),
        *("door_wait", "wait_over_10", "wait_mean", "unserved_share", "clients"),
    ),
    "safe": ("response_first", "response_team", "nobody_free", "simultaneous", "overdoses"),
    "cost": ("cost",),
}
"""Which metrics of targets answer which question; all others are about staff."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A run's figures, and what its targets say, as the questions need them."""

    figures: Summary
    scenario: Scenario
    rooms: Sequence[RoomWeek]
    replications: int
    targets: pd.DataFrame | None
    judgements: Sequence[Judgement]
    words: Words

    @cached_property
    def site(self) -> str:
        """What the site is called in a sentence: its title up to the first comma."""
        title = (self.scenario.title or self.scenario.name).split(",")[0].strip()
        return title if len(title) <= _LONG_NAME else self.words["decide.this_site"]

    @cached_property
    def years(self) -> float:
        """Years that were played, warm-up apart."""
        horizon = self.scenario.horizon
        days = horizon.total_days - 7 * horizon.warmup_weeks
        return self.replications * days / _YEAR

    @cached_property
    def overdoses(self) -> int:
        """How many overdoses were played."""
        a_year = self.of("overdoses", "per_year")
        return round(a_year.value * self.years) if a_year.is_known else 0

    def of(self, metric: str, statistic: str, by: str = "all") -> Estimate:
        """A figure of the summary."""
        return self.figures.of(metric, statistic, by)

    def targets_of(self, question: str) -> list[Judgement]:
        """The targets that answer a question."""
        if self.targets is None:
            return []
        metrics = [str(one) for one in self.targets["metric"]]
        known = {metric: name for name, about in _ABOUT.items() for metric in about}
        return [
            judged
            for metric, judged in zip(metrics, self.judgements, strict=True)
            if known.get(metric, "staff") == question
        ]

    @cached_property
    def narrow(self) -> RoomWeek | None:
        """The room that is full for the largest share of its time; None if none ever is."""
        shares = [(float(np.nanmean(room.full)), room) for room in self.rooms if room.is_open.any()]
        most, room = max(shares, key=lambda one: one[0], default=(0.0, None))
        return room if most > 0 else None

    @cached_property
    def peak(self) -> tuple[int, int] | None:
        """Hours from and to which the narrow room is fullest, apart from the opening's."""
        return None if self.narrow is None else peak_hours(self.narrow.full)


def peak_hours(full: np.ndarray) -> tuple[int, int] | None:
    """Of an average day the run of hours in which a room is fullest.

    Args:
        full: (168,), the share of each hour of the week in which it is full; NaN where closed.

    Returns:
        The first hour and the one after the last, or None if it is never full or all day alike.
        The hour in which it opens counts only if it is all that there is: a crowd at the door is
        not a peak.
    """
    day = average_day(full)
    hours = np.flatnonzero(~np.isnan(day))
    if not len(hours) or np.nanmax(day) <= 0:
        return None
    later = hours[1:] if len(hours) < len(day) and len(hours) > 1 else hours
    if day[later].max() <= 0:
        return int(hours[0]), int(hours[0]) + 1
    top = int(later[np.argmax(day[later])])
    first = last = top
    least = _PEAK * day[top]
    while first - 1 in later and day[first - 1] >= least:
        first -= 1
    while last + 1 in later and day[last + 1] >= least:
        last += 1
    return None if last + 1 - first >= 2 * len(hours) / 3 else (first, last + 1)


# --- the questions --------------------------------------------------------------------------------


def questions(asked: Asked) -> tuple[Card, ...]:
    """The four questions, in the order in which a council asks them."""
    return (places_card(asked), safety_card(asked), staff_card(asked), cost_card(asked))


def places_card(asked: Asked) -> Card:
    """Are there enough places?"""
    words = asked.words
    metric = "wait" if asked.scenario.rooms else "wait_joined"
    wait, leave = asked.of(metric, "p90"), asked.of("unserved", "share")
    targets = asked.targets_of("places")
    waits = held(wait, WAIT, at_most=True, margin=_WAIT_MARGIN)
    leaves = held(leave, LEAVE, at_most=True, margin=_LEAVE_MARGIN)
    mark = worst([one.mark for one in targets] or [waits, leaves])
    wait_text = (
        words.say("decide.wait", minutes=words.brief(wait.value))
        if wait.value >= _AT_ONCE
        else words["decide.wait_none"]
    )
    leave_text = words.say("decide.leave", number=in_100(leave.value, words))
    of_leave = worst([waits, leaves]) is leaves and leaves is not Mark.YES
    if of_leave:
        strong, known, other = leave_text, words.brief_range(leave, _HUNDRED), wait_text
    else:
        strong, known, other = wait_text, words.brief_range(wait), leave_text
    decisive = next((one for one in targets if one.mark is mark), None)
    if decisive is not None and mark in {Mark.NO, Mark.CANNOT_SAY}:
        strong, known, other = decisive.target, decisive.known, leave_text
    return _card("places", mark, (strong, known), [f"{other}.", *_narrow(asked)], asked)


def _narrow(asked: Asked) -> Iterator[str]:
    if asked.narrow is not None:
        share = float(np.nanmean(asked.narrow.full))
        yield asked.words.say(
            "decide.is_full", room=asked.narrow.name, often=how_often(share, asked.words)
        )


def safety_card(asked: Asked) -> Card:
    """Is everybody safe?"""
    words = asked.words
    if asked.scenario.overdose is None or not asked.figures.has("overdoses", "per_year"):
        return _card("safe", Mark.CANNOT_SAY, (words["decide.no_overdoses"], ""), [], asked)
    a_year, met = asked.of("overdoses", "per_year"), asked.of("response_first", "within_1")
    number = asked.overdoses
    rare = words.say("decide.a_year", number=with_range(words, a_year))
    nobody = asked.of("nobody_free", "minutes_per_week")
    alone = Mark.YES if not nobody.value > _NONE else _rule(nobody)
    causes = [rare]
    if alone is not Mark.YES:
        causes.insert(0, words.say("decide.nobody_free", minutes=words.brief(nobody.value)))
    reach = [name for name, room in asked.scenario.rooms.items() if room.reach > 0]
    if reach and alone is Mark.YES:
        most = max(reach, key=lambda name: asked.scenario.rooms[name].reach)
        minutes = words.exact(asked.scenario.rooms[most].reach)
        causes.append(words.say("decide.reach", room=words.name(most), minutes=minutes))
    targets = asked.targets_of("safe")
    if number < FEWEST:
        months = _more_months(number, asked)
        text = words.count("decide.too_few", number).format(months=months)
        marks = [Mark.CANNOT_SAY, alone, *(one.mark for one in targets)]
        return _card("safe", worst(marks), (text, ""), causes, asked)
    if targets:
        mark = worst([alone, *(one.mark for one in targets)])
    else:
        mark = worst([alone, held(met, MET, at_most=False, margin=_MET_MARGIN)])
    strong, known = met_text(met, number, words)
    if alone is mark and mark is not Mark.YES and not targets:
        strong = words.say("decide.nobody_free_strong", minutes=words.brief(nobody.value))
        known, causes = words.brief_range(nobody), [f"{met_text(met, number, words)[0]}.", rare]
    return _card("safe", mark, (strong, known), causes, asked)


def met_text(met: Estimate, number: int, words: Words) -> tuple[str, str]:
    """How many of the overdoses played were met within a minute, and its range.

    Args:
        met: the share, with its interval.
        number: of overdoses played.
        words: the language.
    """
    many = words.number(number, 0)
    if met.value == 1:
        low = "" if isnan(met.low) else words.number(floor(_HUNDRED * met.low), 0)
        known = words.say("decide.at_least", number=low) if low else ""
        return words.say("decide.all_met", number=many), known
    share = words.brief(_HUNDRED * met.value)
    return words.say("decide.met", number=share, many=many), words.brief_range(met, _HUNDRED)


def _more_months(number: int, asked: Asked) -> str:
    """Months to play beyond those there are until there is something to say."""
    months = 12 * asked.years
    more = months * (FEWEST / max(number, 1) - 1) if number else 9 * months
    return asked.words.number(max(round(more, -1 if more > _HUNDRED else 0), 1), 0)


def staff_card(asked: Asked) -> Card:
    """Are there enough staff?"""
    words, scenario = asked.words, asked.scenario
    if scenario.staff is None:
        return _card("staff", Mark.CANNOT_SAY, (words["decide.no_staff"], ""), [], asked)
    targets = [one.mark for one in asked.targets_of("staff")]
    below = max(
        (asked.of(one, "minutes_per_week") for one in ("below_cover", "role_missing")),
        key=lambda known: -1.0 if isnan(known.value) else known.value,
    )
    missed = asked.of("breaks", "missed_per_week")
    role, busy = _busiest(asked)
    rule = Mark.YES if not below.value > _NONE else _rule(below)
    breaks = Mark.JUST if missed.value > _BREAKS else Mark.YES
    load = Mark.JUST if busy.value > _BUSY else Mark.YES
    mark = worst([rule, breaks, load, *targets])
    busy_text = words.say("decide.busy", role=role, share=words.brief(_HUNDRED * busy.value))
    if rule is not Mark.YES:
        strong = words.say("decide.below", minutes=words.brief(below.value))
        return _card("staff", mark, (strong, words.brief_range(below)), _rules(asked), asked)
    if breaks is not Mark.YES:
        strong = words.say("decide.missed", number=words.brief(missed.value))
        return _card("staff", mark, (strong, words.brief_range(missed)), [f"{busy_text}."], asked)
    known = words.brief_range(busy, _HUNDRED)
    ruled = words["decide.rules_kept"] if scenario.supervision else words["decide.no_rule"]
    return _card("staff", mark, (busy_text, known), [ruled], asked)


def _busiest(asked: Asked) -> tuple[str, Estimate]:
    staff = asked.scenario.staff
    roles = () if staff is None else tuple(staff.roles)
    busy = {role: asked.of("staff_busy", "share", f"role:{role}") for role in roles}
    known = {role: one for role, one in busy.items() if one.is_known}
    role, most = max(known.items(), key=lambda item: item[1].value, default=("", UNKNOWN))
    return asked.words.name(role) if role else "", most


def _rules(asked: Asked) -> list[str]:
    """The rule that is broken, in words."""
    words = asked.words
    rules = asked.scenario.supervision
    if not rules:
        return []
    rule = max(rules, key=lambda one: (bool(one.at_least), one.minimum))
    needed = ", ".join(
        f"{words.number(number, 0)} {words.name(role)}" for role, number in rule.at_least.items()
    )
    if needed:
        number = words.number(rule.minimum, 0)
        return [words.say("decide.rule_of", number=number, roles=needed)]
    return [words.say("decide.rule", number=words.number(rule.minimum, 0))]


def _rule(minutes: Estimate) -> Mark:
    """Of minutes a week in which a rule is broken: more than what matters is not enough."""
    return held(minutes, 0.0, at_most=True, margin=_RULE_MARGIN)


def cost_card(asked: Asked) -> Card:
    """What does it cost?"""
    words = asked.words
    currency = asked.scenario.currency
    year, use = asked.of("cost", "per_year"), asked.of("cost", "per_use")
    title = words["decide.cost"]
    if not year.is_known:
        return Card(title, Mark.MONEY, words["decide.no_cost"], cause=words["decide.set_costs"])
    strong = known = ""
    if use.is_known:
        strong = words.say("decide.a_use", amount=f"{words.number(use.value, 0)} {currency}")
        known = words.brief_range(use)
    parts = [
        f"{heading(words[f'part.{part}'])} {words.money(one.value, currency)}"
        for part in PARTS
        if (one := asked.of("cost", "per_year", part)).value > 0
    ]
    cause = f"{', '.join(parts)}." if len(parts) > 1 else words["decide.staff_only"]
    return Card(
        title,
        Mark.MONEY,
        words.money(year.value, currency),
        unit=words["decide.per_year"],
        strong=strong,
        known=known,
        cause=cause,
    )


def _card(
    key: str, mark: Mark, number: tuple[str, str], causes: Iterable[str], asked: Asked
) -> Card:
    words = asked.words
    return Card(
        words[f"decide.{key}"],
        mark,
        words[f"mark.{mark}"],
        strong=number[0],
        known=number[1],
        cause=" ".join(causes),
    )


# --- sentences about all of it --------------------------------------------------------------------


def finding(asked: Asked, cards: Sequence[Card]) -> str:
    """The page's title: what was found, with the narrow room; a rule that is broken comes first."""
    words = asked.words
    places, safe, staff = (card.mark for card in cards[:3])
    first = words.say(f"decide.title_{places}", site=asked.site)
    sentences = [first]
    if safe is Mark.NO:
        sentences.insert(0, words["decide.unsafe"])
    if staff is Mark.NO:
        below = cards[2].strong
        sentences.append(words.say("decide.short_staff", below=below))
    elif asked.narrow is not None and len(sentences) == 1:
        sentences.append(_fills_first(asked))
    return " ".join(sentences)


def _fills_first(asked: Asked) -> str:
    words, room, peak = asked.words, asked.narrow, asked.peak
    if room is None:
        return ""
    if peak is None:
        return words.say("decide.fills", room=room.name)
    start, end = (words.hour(one) for one in peak)
    return words.say("decide.fills_from", room=room.name, start=start, end=end)


def who_leaves(asked: Asked) -> str:
    """Who leaves without a place, in a sentence; empty if hardly anybody does."""
    words = asked.words
    a_day = asked.of("unserved", "per_day")
    crowd = asked.of("unserved", "per_day", "crowd")
    if not a_day.value >= 1:
        return ""
    many = words.brief(a_day.value)
    if crowd.value / a_day.value > _MANY:
        return words.say("decide.crowd_leaves", number=many, of=words.brief(crowd.value))
    reasons = {
        name: asked.of("visits", "per_day", f"outcome:{name}").value
        for name in ("reneged", "balked", "no_space", "dismissed_at_close")
    }
    told = [
        words.say(f"decide.leaves_{name}", number=words.brief(value))
        for name, value in sorted(reasons.items(), key=lambda one: -np.nan_to_num(one[1]))
        if value / a_day.value > _MANY / 3
    ]
    return words.say("decide.leave_day", number=many, why=words.listed(told))


def picture_title(asked: Asked) -> str:
    """What the week against capacity shows: the narrow room, and who has room to spare."""
    words, narrow = asked.words, asked.narrow
    if narrow is None:
        return words["decide.never_full"]
    peak = asked.peak
    hours = range(24) if peak is None else range(*peak)
    share = float(np.nanmean(average_day(narrow.full)[list(hours)]))
    often = how_often(share, words)
    if peak is None:
        text = words.say("decide.full_all_day", room=narrow.name, often=often)
    else:
        start, end = (words.hour(one) for one in peak)
        text = words.say("decide.full_from", room=narrow.name, often=often, start=start, end=end)
    spare = [
        room.name
        for room in asked.rooms
        if room is not narrow and room.is_open.any() and float(np.nanmean(room.full)) < _HARDLY
    ]
    if len(spare) == 1:
        text += f" {words.say('decide.spare', room=spare[0])}"
    return text


def how_often(share: float, words: Words) -> str:
    """A share of time in words: `four minutes in ten`."""
    if share < _HARDLY:
        return words["often.hardly"]
    if share > _NEARLY:
        return words["often.nearly"]
    tenths = min(max(round(10 * share), 1), 9)
    return words[f"often.{tenths}"]


def in_100(share: float, words: Words) -> str:
    """A share as so many in 100."""
    return words.say("decide.in_100", number=words.brief(_HUNDRED * share))
