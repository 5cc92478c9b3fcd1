"""The page of a sizing: the cheapest site that meets its targets, how sure that is, what it costs.

It says what `size` says on the screen and no more. Where there is no answer the page says why, and
shows what comes nearest. On the map stands only what was played.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isinf, isnan
from typing import Any

import pandas as pd

from sim.report.charts.designs import (
    Axis,
    DesignMap,
    Frontier,
    MapCell,
    Place,
    Point,
    frontier_picture,
    map_picture,
)
from sim.report.page.document import Beside, Card, Cell, Page, Picture, Section, Table
from sim.report.page.verdict import Mark
from sim.report.page.wording import Settings, TargetWords, target_words
from sim.report.page.words import SHARE, Words, heading
from sim.report.pages.about import COMPARED, about_sections
from sim.results.read import Saved
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate

_HUNDRED, _MILLION, _LARGE = 100, 1e6, 1e5
_MOST_LEVELS = 12
"""As many values of a setting as `size` plays for the map."""
_FEWEST_POINTS, _BOTH = 3, 2
_MOST_LABELS = 3
_TEACHES = 0.12
"""Of the whole gain: a step of staff that brings so much is named."""
_MARKS = {"met": Mark.YES, "missed": Mark.NO, "not sure": Mark.CANNOT_SAY}
_FATES = ("misses", "ruled out", "ruled out by load", "breaks a rule", "not sure")
Key = tuple[float | str, ...]
"""What a design has of each setting, in their order."""


@dataclass(frozen=True)
class Judged:
    """A target in a design that was played."""

    target: TargetWords
    known: Estimate
    verdict: Mark
    margin: float
    """How far on the right side of its limit, in tolerances; negative on the wrong one."""


@dataclass(frozen=True, eq=False)
class Sized:
    """What `size` found, as it stands in its folder."""

    saved: Saved
    words: Words

    @cached_property
    def contents(self) -> Mapping[str, Any]:
        """Answer, parameters and how sure."""
        return self.saved.contents("size.json")

    @cached_property
    def designs(self) -> pd.DataFrame:
        """Every design, by cost."""
        return self.saved.need("designs.csv")

    @cached_property
    def scenario(self) -> Scenario:
        """The site whose size is asked for."""
        return self.saved.scenario()

    @cached_property
    def chosen(self) -> Scenario | None:
        """The site as chosen."""
        return self.saved.other_scenario("chosen.yaml") if self.is_found else None

    @property
    def is_found(self) -> bool:
        """Whether there is an answer."""
        return bool(self.contents["answer"] == "found")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of what is varied."""
        return tuple(str(one["name"]) for one in self.contents["parameters"])

    @cached_property
    def settings(self) -> Settings:
        """What is varied, in words."""
        paths = {str(one["name"]): tuple(one["set"]) for one in self.contents["parameters"]}
        return Settings(self.scenario, self.words, paths)

    @property
    def currency(self) -> str:
        """Of the costs."""
        return str(self.contents["currency"])

    def levels(self, name: str) -> list[Any]:
        """The values of one setting."""
        return next(
            list(one["levels"]) for one in self.contents["parameters"] if one["name"] == name
        )

    @cached_property
    def shown(self) -> Mapping[str, Any] | None:
        """The answer, or what comes nearest."""
        found = self.contents["shown"]
        return None if found is None else dict(found)

    def key(self, row: Mapping[Any, Any]) -> Key:
        """What a row of a table, or a list of settings, has of each."""
        return tuple(_comparable(row[name]) for name in self.names)

    @cached_property
    def targets(self) -> tuple[TargetWords, ...]:
        """All targets, in the scenario's order."""
        return tuple(
            target_words(str(one["target"]), str(one["unit"]), self.words, self.currency)
            for one in self.contents["targets"]
        )

    @cached_property
    def judged(self) -> Mapping[Key, tuple[Judged, ...]]:
        """The targets of every design that was played."""
        found: dict[Key, list[Judged]] = {}
        table = self.saved.table("judged.csv")
        by_text = {one.text: one for one in self.targets}
        for row in () if table is None else table.to_dict(orient="records"):
            target = by_text[str(row["target"])]
            known = Estimate(*(float(row[name]) for name in ("value", "ci_low", "ci_high")))
            sign = 1 if row["side"] == "at least" else -1
            margin = sign * (known.value - float(row["limit"])) / float(row["tolerance"])
            verdict = _MARKS[str(row["verdict"])]
            found.setdefault(self.key(row), []).append(Judged(target, known, verdict, margin))
        return {key: tuple(targets) for key, targets in found.items()}

    @cached_property
    def rows(self) -> Mapping[Key, Mapping[Hashable, Any]]:
        """Of each design that is listed its line."""
        records = self.designs.to_dict(orient="records")
        return {self.key(row): row for row in records}

    @cached_property
    def row(self) -> Mapping[Hashable, Any] | None:
        """The line of the design that is shown."""
        return None if self.shown is None else self.rows.get(self.key(self.shown))

    def decided(self, number: int) -> bool:
        """Whether it is known of a target on which side of its limit the answer is."""
        return bool(self.contents["targets"][number]["decided"])

    def money(self, value: float) -> str:
        """An amount; below a million to the last one."""
        if abs(value) < _MILLION:
            return f"{self.words.number(value, 0)} {self.currency}"
        return self.words.money(value, self.currency)

    def changes(self, old: Mapping[str, Any], new: Mapping[Hashable, Any]) -> str:
        """How one design differs from another."""
        found = [
            self.settings.changed(name, old[name], new[name])
            for name in self.names
            if _comparable(old[name]) != _comparable(new[name])
        ]
        return ", ".join(found)


def _comparable(value: object) -> float | str:
    if isinstance(value, bool):
        return str(value)
    try:
        return float(str(value))
    except ValueError:
        return str(value)


def size_page(saved: Saved, words: Words) -> Page:
    """All that a sizing says.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    sized = Sized(saved, words)
    site = sized.scenario
    name = (site.title or site.name).split(":")[0].split(",")[0].strip()
    decisive = _decisive(sized)
    return Page(
        title=title(sized),
        tab=site.title or site.name,
        facts=tuple(_facts(sized, name)),
        lead=tuple(lead(sized)),
        alert=alert(sized),
        beside=tuple(_beside(sized)),
        side_by_side=tuple(_pictures(sized, decisive)),
        foot=words.say(
            "size.foot",
            name=site.name,
            designs=words.number(float(sized.contents["designs"]), 0),
            played=words.number(float(sized.contents["designs_played"]), 0),
            seed=sized.contents["seed"],
            version=saved.manifest.get("packages", {}).get("dcr-sim", ""),
        ),
        sections=(*_sections(sized), *about_sections(saved, words, COMPARED)),
    )


def _facts(sized: Sized, name: str) -> Iterator[str]:
    words = sized.words
    yield words.say("size.question", site=name)
    yield words.count("size.designs", int(sized.contents["designs"]))
    hours = sized.scenario.opening.hours.minutes_per_week() / 60
    yield words.say("facts.hours", hours=words.brief(hours))


# --- the answer -----------------------------------------------------------------------------------


def title(sized: Sized) -> str:
    """The answer; or why there is none."""
    words, site = sized.words, sized.chosen
    if site is None or sized.row is None:
        return words[f"size.no_answer_{str(sized.contents['answer']).replace(' ', '_')}"]
    cost = float(sized.row["cost_per_year"])
    amount = words.say("size.for", amount=sized.money(cost)) if cost > 0 else ""
    decided = [sized.decided(number) for number in range(len(sized.targets))]
    which = "met" if all(decided) else "some_met" if any(decided) else "none_known"
    places = {name: room.places for name, room in site.rooms.items() if room.places}
    if not places:
        settings = words.listed([sized.settings.said(n, sized.row[n]) for n in sized.names])
        return words.say(f"size.title_{which}.bare", amount=amount, settings=settings)
    return words.count(f"size.title_{which}", sum(places.values())).format(
        amount=amount, rooms=_rooms(places, words)
    )


def _rooms(places: Mapping[str, int], words: Words) -> str:
    """`9 injecting, 10 smoking and 5 flexible`."""
    short = [
        words.say("size.of_room", number=words.number(number, 0), room=_room(room, words))
        for room, number in places.items()
    ]
    return words.listed(short)


def _room(room: str, words: Words) -> str:
    return words.texts.get(f"size.places_{room}", words.name(room))


def lead(sized: Sized) -> Iterator[str]:
    """The other settings, and how sure the answer is."""
    words = sized.words
    if not sized.is_found or sized.row is None:
        yield from _nearest(sized)
        return
    others = [
        sized.settings.said(name, sized.row[name])
        for name in sized.names
        if not (name.startswith("rooms.") and name.endswith(".places"))
    ]
    sentences = []
    if others and sized.chosen is not None and sized.chosen.rooms:
        sentences.append(words.say("size.with", settings=words.listed(others)))
    sentences.append(how_sure(sized))
    yield " ".join(sentences)
    first = sized.contents["meets"][0]
    if "places_to_build" in first:
        yield words.say(
            "size.build",
            needed=words.number(float(first["places_needed"]), 0),
            build=words.number(float(first["places_to_build"]), 0),
        )
    if unsure := int((sized.designs["status"] == "not sure").sum()):
        yield words.count("size.unsure", unsure)


def how_sure(sized: Sized) -> str:
    """What is claimed: the very claim that the command prints."""
    words, contents = sized.words, sized.contents
    decided = [sized.decided(number) for number in range(len(sized.targets))]
    rules = "rules" if sized.scenario.staff is not None else "plain"
    if not any(decided):
        return words[f"size.none_decided_{rules}"]
    looked = "looked" if contents["cheaper_designs_left_out_unplayed"] else "all"
    sure = words.percent(words.exact(_HUNDRED * float(contents["confidence"])))
    which = words["size.the_targets" if all(decided) else "size.the_others"]
    return words.say(f"size.sure_{rules}_{looked}", sure=sure, targets=which)


def _nearest(sized: Sized) -> Iterator[str]:
    """What comes nearest to an answer, where there is none."""
    words, answer = sized.words, str(sized.contents["answer"])
    if sized.row is not None:
        design = words.listed([sized.settings.said(n, sized.row[n]) for n in sized.names])
        amount = sized.money(float(sized.row["cost_per_year"]))
        key = "size.nearest_unsafe" if answer == "meeting ones are unsafe" else "size.nearest"
        yield words.say(key, design=design, amount=amount)
    if answer == "not sure":
        unsure = int((sized.designs["status"] == "not sure").sum())
        yield words.count("size.unsure_none", unsure)
    yield words["size.wider" if answer == "none meets" else f"size.wider_{_is_unsafe(answer)}"]


def _is_unsafe(answer: str) -> str:
    return "unsafe" if "unsafe" in answer else "unsure"


def alert(sized: Sized) -> Card | None:
    """A rule that the answer breaks, or that a cheaper design would; nothing else stands so high."""
    words, contents = sized.words, sized.contents
    first = next(iter(contents["safety"]), None)
    if first is not None and (broken := first["breaks_as_allowed"]):
        minutes = float(first["minutes_a_week_below_the_rules"])
        return Card(
            words["size.breaks"],
            Mark.NO,
            "",
            strong=_rule_text([str(one["rule"]) for one in broken], minutes, words),
            cause=words["size.allowed"],
        )
    unsafe = contents["cheaper_but_unsafe"] or contents["nearest_is_unsafe"]
    if unsafe is None:
        return None
    minutes = float(unsafe["minutes_a_week_below_the_rules"])
    rule = _rule_text([str(one["rule"]) for one in unsafe["breaks"]], minutes, words)
    if contents["cheaper_but_unsafe"] is None or sized.shown is None or sized.row is None:
        return Card(words["size.nearest_breaks"], Mark.NO, "", strong=rule)
    saving = float(sized.row["cost_per_year"]) - float(unsafe["cost_per_year"])
    return Card(
        words.say("size.cheaper_unsafe", amount=sized.money(saving)),
        Mark.NO,
        "",
        strong=words.say("size.cheaper_how", settings=words.listed(_differing(sized, unsafe))),
        cause=f"{rule} {words['size.by_estimates']}",
    )


def _differing(sized: Sized, other: Mapping[str, Any]) -> list[str]:
    """What another design has where it differs from the one that is shown."""
    assert sized.shown is not None  # the caller has looked
    return [
        sized.settings.said(name, other[name])
        for name in sized.names
        if _comparable(sized.shown[name]) != _comparable(other[name])
    ]


def _rule_text(kinds: Sequence[str], minutes: float, words: Words) -> str:
    """What is broken, in a sentence for each kind of rule."""
    found = []
    if minutes > 0:
        found.append(words.say("size.rule_minutes", minutes=words.brief(minutes)))
    elif {"supervision_unmet", "response_unstaffed"} & set(kinds):
        found.append(words["size.rule_after_closing"])
    if "rota_rules_broken" in kinds:
        found.append(words["size.rule_rota"])
    return " ".join(found)


# --- targets and growth ---------------------------------------------------------------------------


def _beside(sized: Sized) -> Iterator[Beside]:
    if sized.shown is not None and (judged := sized.judged.get(sized.key(sized.shown))):
        marks = [mark_of(sized, number, one) for number, one in enumerate(judged)]
        table = _targets_table(sized, judged, marks)
        yield Beside("targets", targets_title(marks, sized.words), table)
    if sized.is_found:
        yield _growth(sized)


def mark_of(sized: Sized, number: int, one: Judged) -> Mark:
    """Whether a design meets a target.

    Of the answer what `size` claims: it misses none by its tolerance, so that a figure nearer to
    its limit than that, on either side, is just met. Of what is no answer what its interval says.
    """
    if sized.is_found:
        if not sized.decided(number):
            return Mark.CANNOT_SAY
        return Mark.JUST if abs(one.margin) < 1 else Mark.YES
    return Mark.JUST if one.verdict is Mark.YES and one.margin < 1 else one.verdict


def targets_title(marks: Sequence[Mark], words: Words) -> str:
    """How many targets are met."""
    number, of = Counter(marks), len(marks)
    for mark, key in ((Mark.NO, "missed"), (Mark.CANNOT_SAY, "open")):
        if number[mark]:
            count = words.number(number[mark], 0)
            return words.say(f"size.targets_{key}", number=count, of=words.number(of, 0))
    text = words["size.targets_both"] if of == _BOTH else words.count("size.targets_met", of)
    if not number[Mark.JUST]:
        return text
    if number[Mark.JUST] == of:
        return words.count("size.targets_just", of)
    return words.say("size.targets_some_just", met=text, number=words.number(number[Mark.JUST], 0))


def _targets_table(sized: Sized, judged: Sequence[Judged], marks: Sequence[Mark]) -> Table:
    words = sized.words
    prices = sized.saved.table("prices.csv")
    costs = {
        str(row["target"]): float(row["saving_per_year"])
        for row in (() if prices is None else prices.to_dict(orient="records"))
    }
    rows = []
    for one, mark in zip(judged, marks, strict=True):
        figure, known = _figure(sized, one)
        cells: list[str | Cell] = [
            Cell(mark, words[f"mark.{mark}"]),
            heading(one.target.says),
            f"{figure} ({known})" if known else figure,
        ]
        if costs:
            cells.append(_price(sized, costs.get(one.target.text)))
        rows.append(tuple(cells))
    head = [words["page.verdict"], words["page.target"], words["size.this_design"]]
    if costs:
        head.append(words["size.costs"])
    return Table("", tuple(head), tuple(rows), is_text=True, cards=True)


def _figure(sized: Sized, one: Judged) -> tuple[str, str]:
    """A target's figure; of a wait that nine in ten do not exceed the minutes."""
    row = sized.row
    if row is not None and one.target.text.startswith("wait.p90 <"):
        known = Estimate(*(float(row[f"wait_p90{end}"]) for end in ("", "_low", "_high")))
        if known.is_known and not any(map(isinf, known)):
            words = sized.words
            return f"{words.brief(known.value)} {words['unit.min']}", words.brief_range(known)
    return one.target.figure(one.known, sized.words)


def _price(sized: Sized, saving: float | None) -> str:
    words = sized.words
    if saving is None or isnan(saving):
        return words["size.not_known"]
    if saving <= 0:
        return words["size.nothing_more"]
    return words.say("size.a_year", amount=sized.money(saving))


def _growth(sized: Sized) -> Beside:
    """How far demand may grow, what fails first, and what to add when."""
    words = sized.words
    room, plan = sized.saved.table("headroom.csv"), sized.saved.table("plan.csv")
    row = None if room is None or not len(room) else room.iloc[0]
    sentences = []
    found = words["size.no_growth"]
    if row is not None:
        factor, low, high = (float(row[name]) for name in ("factor", "ci_low", "ci_high"))
        found = growth_text(Estimate(factor, low, high), str(row["fails_first"] or ""), words)
        fails = [one for one in sized.targets if one.text == row["fails_first"]]
        sentences += [words.say("size.fails_first", target=one.says) for one in fails]
    table = None if plan is None else _plan_table(sized, plan)
    if table is not None and row is not None:
        found = words.say("size.then_add", growth=found)
    sentences += list(_bottleneck(sized))
    if plan is None:
        sentences.append(words["size.no_plan"])
    return Beside("growth", found, table, tuple(sentences))


def growth_text(known: Estimate, fails: str, words: Words) -> str:
    """By how much demand may grow; factors on demand.

    Args:
        known: NaN if a target is just met as it is; `high` NaN if nothing ends it.
        fails: the target that fails first; empty if none does.
        words: the language.
    """
    if isnan(known.value):
        return words["size.no_room"]
    growth = words.number(_HUNDRED * (known.value - 1), 0)
    if not fails:
        return words.say("size.room_most", growth=growth)
    low = words.number(0.0 if isnan(known.low) else _HUNDRED * (known.low - 1), 0)
    if isnan(known.high):
        return words.say("size.room_beyond", growth=growth, low=low)
    high = words.number(_HUNDRED * (known.high - 1), 0)
    return words.say("size.room", growth=growth, range=words.between(low, high))


def _plan_table(sized: Sized, plan: pd.DataFrame) -> Table | None:
    """What to add at each growth of demand, one below the other; equal ones are one line."""
    words = sized.words
    before = sized.shown
    rows: list[tuple[str, str, str]] = []
    for row in plan.to_dict(orient="records"):
        growth = words.percent(f"+{words.exact(round(_HUNDRED * (float(row['factor']) - 1), 6))}")
        known = not any(_is_empty(row[name]) for name in sized.names)
        if not known:
            rows.append((growth, words["size.plan_nothing_meets"], words["size.not_known"]))
            break
        same = before is not None and sized.key(before) == sized.key(row)
        what = words["size.plan_nothing"] if same or before is None else sized.changes(before, row)
        amount = sized.money(float(row["cost_per_year"]))
        if float(row["factor"]) > 1 or not same:
            if same and rows:
                rows[-1] = (rows[-1][0], _also_until(rows[-1][1], growth, words), rows[-1][2])
            else:
                rows.append((growth, what, amount))
        before = {str(name): value for name, value in row.items()}
    if not rows:
        return None
    head = (words["size.demand"], words["size.add"], words["size.cost_a_year"])
    return Table("", head, tuple(rows), is_text=True, cards=True)


def _also_until(text: str, growth: str, words: Words) -> str:
    until = words["size.plan_until"]
    return f"{text.split(until.split('{')[0])[0]}{until.format(growth=growth)}"


def _is_empty(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and isnan(value))


def _bottleneck(sized: Sized) -> Iterator[str]:
    """What holds people up, and what would be without it."""
    words, found = sized.words, sized.contents["bottleneck"]
    if found is None:
        return
    if not found["what"]:
        yield words["size.no_bottleneck"]
        return
    without = next(one for one in found["without"] if one["what"] == found["what"])
    yield words.say(
        "size.bottleneck",
        what=words[f"size.limit_{found['what']}"],
        without=words.brief(_HUNDRED * float(without["unserved"])),
    )


# --- pictures -------------------------------------------------------------------------------------


def _decisive(sized: Sized) -> TargetWords | None:
    """The target that most designs of the map miss first, or else that is nearest its limit."""
    missed: Counter[str] = Counter()
    for key in _map_keys(sized).values():
        if fails := _fails(sized.judged.get(key, ())):
            missed[fails.text] += 1
    if missed:
        text = missed.most_common(1)[0][0]
        return next(one for one in sized.targets if one.text == text)
    judged = () if sized.shown is None else sized.judged.get(sized.key(sized.shown), ())
    known = [one for one in judged if not isnan(one.margin)]
    return min(known, key=lambda one: one.margin).target if known else None


def _fails(judged: Sequence[Judged]) -> TargetWords | None:
    """Of the targets that a design surely misses the one furthest from its limit."""
    missed = [one for one in judged if one.verdict is Mark.NO]
    return min(missed, key=lambda one: one.margin).target if missed else None


def _map_keys(sized: Sized) -> Mapping[Place, Key]:
    """The designs of the map: all else as in the one that is shown."""
    if sized.shown is None:
        return {}
    axes = _axes(sized)
    found = {}
    for column, x in enumerate(axes[0][1]):
        for row, y in enumerate(axes[1][1]):
            beside = {axes[0][0]: x} | ({axes[1][0]: y} if axes[1][0] else {})
            found[column, row] = sized.key({**sized.shown, **beside})
    return found


def _axes(sized: Sized) -> list[tuple[str, list[Any]]]:
    """Names and values of the settings that span the map, the values nearest to what is shown."""
    found: list[tuple[str, list[Any]]] = []
    for name in sized.contents["map"]:
        levels = sized.levels(name)
        assert sized.shown is not None  # the caller has looked
        here = [_comparable(one) for one in levels].index(_comparable(sized.shown[name]))
        first = min(max(here - _MOST_LEVELS // 2, 0), max(len(levels) - _MOST_LEVELS, 0))
        levels = levels[first : first + _MOST_LEVELS]
        found.append((name, sorted(levels, key=_comparable_first)))
    return [*found, *([("", [""])] * (2 - len(found)))]


def _comparable_first(value: object) -> tuple[int, float, str]:
    one = _comparable(value)
    return (0, one, "") if isinstance(one, float) else (1, 0.0, one)


def _pictures(sized: Sized, decisive: TargetWords | None) -> Iterator[Picture]:
    if sized.contents["map"] and sized.shown is not None and decisive is not None:
        about = design_map(sized, decisive)
        says = _map_says(sized, about, decisive)
        yield map_picture(about, map_title(sized, about), says, sized.words)
    found = frontier(sized, decisive)
    if found is not None:
        about_it, headline, says = found
        yield frontier_picture(about_it, headline, says, sized.words)


def design_map(sized: Sized, decisive: TargetWords) -> DesignMap:
    """The map around the design that is shown."""
    assert sized.shown is not None  # the caller has looked
    axes, words = _axes(sized), sized.words
    keys = _map_keys(sized)
    here = sized.key(sized.shown)
    shown = next(place for place, key in keys.items() if key == here)
    names = [sized.settings.axis(name) if name else "" for name, _ in axes]
    values = [tuple(_value_text(one, words) for one in levels) for _, levels in axes]
    return DesignMap(
        across=Axis(names[0], values[0]),
        up=Axis(names[1], values[1]),
        cells={place: _map_cell(sized, key, decisive) for place, key in keys.items()},
        chosen=shown,
        chosen_is="chosen" if sized.is_found else "nearest",
        thumbs=tuple(_thumbs(sized, axes)),
    )


def _value_text(value: object, words: Words) -> str:
    one = _comparable(value)
    return words.exact(one) if isinstance(one, float) else one


def _map_cell(sized: Sized, key: Key, decisive: TargetWords) -> MapCell:
    status = str(sized.rows.get(key, {}).get("status", ""))
    judged = sized.judged.get(key, ())
    if status == "breaks a rule":
        return MapCell(None, "", why_empty="unsafe")
    if not judged:
        proven = status == "ruled out by load"
        return MapCell(None, "", why_empty="ruled_out" if proven else "not_played")
    marks = [one.verdict for one in judged]
    mark = next((one for one in (Mark.NO, Mark.CANNOT_SAY) if one in marks), Mark.YES)
    one = next(one for one in judged if one.target is decisive)
    times = _HUNDRED if one.target.unit == SHARE else 1
    fails = _fails(judged)
    return MapCell(
        mark,
        sized.words.brief(times * one.known.value),
        sized.words.brief_range(one.known, times),
        "" if fails is None else short_name(sized, fails),
    )


def short_name(sized: Sized, target: TargetWords) -> str:
    """A target in a word or two, for its part of the map."""
    words = sized.words
    for start in ("unserved", "wait", "response", "cost"):
        if target.text.startswith(start):
            return words[f"size.short_{start}"]
    number = sized.targets.index(target) + 1
    return words.say("size.short_number", number=words.number(number, 0))


def _thumbs(sized: Sized, axes: Sequence[tuple[str, list[Any]]]) -> Iterator[Place]:
    """Where on the map the rule of thumb is, if it is there."""
    table = sized.saved.table("thumbs.csv")
    for row in () if table is None else table.to_dict(orient="records"):
        place = []
        for name, levels in axes:
            room = name.removeprefix("rooms.").removesuffix(".places")
            number = row.get(f"places_{room}")
            if name and number in levels:
                place.append(levels.index(number))
        if len(place) == len(axes):
            yield place[0], place[1]


def map_title(sized: Sized, about: DesignMap) -> str:
    """What the map finds: which targets decide on it."""
    words = sized.words
    if about.fails[1:]:
        return words.say("size.map_several", number=words.number(len(about.fails), 0))
    if about.fails:
        fails = next(one for one in sized.targets if short_name(sized, one) == about.fails[0])
        return words.say("size.map_one", target=fails.says)
    marks = {cell.mark for cell in about.cells.values()}
    return words["size.map_open" if Mark.CANNOT_SAY in marks else "size.map_all"]


def _map_says(sized: Sized, about: DesignMap, decisive: TargetWords) -> str:
    words = sized.words
    assert sized.shown is not None  # the caller has looked
    others = [
        sized.settings.said(name, sized.shown[name])
        for name in sized.names
        if name not in sized.contents["map"]
    ]
    says = f"{heading(decisive.measure)}."
    if others:
        says += f" {words.say('size.map_with', settings=words.listed(others))}"
    if about.thumbs and any(name.endswith(".places") for name in sized.names[2:]):
        says += f" {words['size.map_thumb']}"
    return says


# --- cost against service -------------------------------------------------------------------------


def frontier(sized: Sized, decisive: TargetWords | None) -> tuple[Frontier, str, str] | None:
    """The best designs at each cost, with a title and what is drawn; nothing of a few points."""
    words, table = sized.words, sized.saved.table("frontier.csv")
    if table is None:
        return None
    by_wait = decisive is not None and decisive.text.startswith("wait.p90")
    figure = "wait.p90" if by_wait else "unserved.share"
    rows = [
        row
        for row in table[table["figure"] == figure].to_dict(orient="records")
        if not isinf(float(row["value"]))
    ]
    if len(rows) < _FEWEST_POINTS:
        return None
    large = max(float(row["cost_per_year"]) for row in rows) >= _LARGE
    limit, times = _limit(sized, figure), 1.0 if by_wait else float(_HUNDRED)
    points = tuple(_points(sized, rows, (_MILLION if large else 1.0, times, limit)))
    about = Frontier(
        points=points,
        cost_name=words.say("size.cost_axis" + ("_m" if large else ""), currency=sized.currency),
        value_name=words["size.wait_axis" if by_wait else "size.leave"],
        limit=limit,
        limit_name="" if limit is None else words.say("size.limit", limit=words.exact(limit)),
        cost_shown=tuple(sized.money(float(row["cost_per_year"])) for row in rows),
        value_shown=tuple(_with_range(row, times, words) for row in rows),
    )
    says = words["size.frontier_says"]
    places = _place_names(sized)
    if places[1:] and any(point.label and not point.of_staff for point in points):
        named = " + ".join(sized.settings.axis(name) for name in places)
        says += f" {words.say('size.frontier_numbers', rooms=named)}"
    by = "wait" if by_wait else "leave"
    return about, _frontier_title(sized, rows, points, by), says


def _with_range(row: Mapping[Hashable, Any], times: float, words: Words) -> str:
    known = Estimate(*(float(row[name]) for name in ("value", "ci_low", "ci_high")))
    ends = "" if any(map(isinf, known)) else words.brief_range(known, times)
    number = words.brief(times * known.value)
    return f"{number} ({ends})" if ends else number


def _limit(sized: Sized, figure: str) -> float | None:
    """The limit of the target on a figure of all visits, as it is drawn."""
    for one, target in zip(sized.contents["targets"], sized.targets, strict=True):
        text = target.text.replace(" ", "")
        if figure == "unserved.share" and text.startswith(("unserved<", "unserved.share<")):
            return _HUNDRED * float(one["limit"])
        if figure == "wait.p90" and text.startswith("wait.p90<"):
            number = text.partition("<")[2].lstrip("=").removesuffix("min")
            return float(number) if number.replace(".", "", 1).isdigit() else None
    return None


def _place_names(sized: Sized) -> list[str]:
    return [one for one in sized.names if one.startswith("rooms.") and one.endswith(".places")]


def _points(
    sized: Sized, rows: Sequence[Mapping[Hashable, Any]], scale: tuple[float, float, float | None]
) -> Iterator[Point]:
    """Each design; a label where it teaches something: the ends, the answer, a step of staff."""
    by, times, limit = scale
    labels = _labels(sized, rows)
    for number, row in enumerate(rows):
        value = times * float(row["value"])
        label, of_staff = labels.get(number, ("", False))
        design = ", ".join(sized.settings.said(name, row[name]) for name in sized.names)
        yield Point(
            cost=float(row["cost_per_year"]) / by,
            value=value,
            meets=limit is None or value <= limit,
            says=design,
            label=label,
            of_staff=of_staff,
            is_chosen=bool(row["chosen"]),
        )


def _labels(
    sized: Sized, rows: Sequence[Mapping[Hashable, Any]]
) -> Mapping[int, tuple[str, bool]]:
    words, places = sized.words, _place_names(sized)
    found: dict[int, tuple[str, bool]] = {}
    whole = float(rows[0]["value"]) - float(rows[-1]["value"])
    steps = sorted(
        (
            (float(rows[number - 1]["value"]) - float(rows[number]["value"]), number)
            for number in range(1, len(rows))
            if _more_staff(sized, rows[number - 1], rows[number])
        ),
        reverse=True,
    )
    for gain, number in steps[:_MOST_LABELS]:
        if gain >= _TEACHES * whole:
            found[number] = ", ".join(_more_staff(sized, rows[number - 1], rows[number])), True
    for number in (0, len(rows) - 1):
        if number not in found and places[1:]:
            found[number] = " + ".join(str(rows[number][name]) for name in places), False
    for number, row in enumerate(rows):
        if row["chosen"]:
            found[number] = words["size.key_chosen"], False
    return found


def _more_staff(
    sized: Sized, before: Mapping[Hashable, Any], after: Mapping[Hashable, Any]
) -> list[str]:
    """The people that one design has more than another."""
    return [
        sized.settings.changed(name, before[name], after[name])
        for name in sized.names
        if sized.settings.is_staff(name) and float(after[name]) > float(before[name])
    ]


def _frontier_title(
    sized: Sized, rows: Sequence[Mapping[Hashable, Any]], points: Sequence[Point], by: str
) -> str:
    """Whether people or places make the large steps; else from where to where it goes."""
    words = sized.words
    drops = [
        (float(a["value"]) - float(b["value"]), bool(_more_staff(sized, a, b)))
        for a, b in zip(rows, rows[1:], strict=False)
    ]
    whole, of_staff = sum(one for one, _ in drops), sum(one for one, staff in drops if staff)
    if whole > 0 and of_staff >= whole / 2:
        return words["size.frontier_staff"]
    first, last = (words.brief(points[number].value) for number in (0, -1))
    return words.say(f"size.frontier_{by}", first=first, last=last)


# --- below ----------------------------------------------------------------------------------------


def _sections(sized: Sized) -> Iterator[Section]:
    words = sized.words
    if sized.is_found:
        yield _sure_section(sized)
        yield _next_section(sized)
    thumbs = sized.saved.table("thumbs.csv")
    if thumbs is not None:
        yield _thumb_section(sized, thumbs)
    again = sized.saved.table("assumptions.csv")
    if again is not None:
        yield _again_section(sized, again)
    if not sized.is_found:
        fates = _fates(sized, sized.designs)
        yield Section("fates", words["size.fates_title"], tables=(fates,))


def _sure_section(sized: Sized) -> Section:
    words, contents = sized.words, sized.contents
    near = [
        words.say(
            "size.near",
            target=target.says,
            tolerance=_tolerance(float(one["tolerance"]), str(one["unit"]), words),
        )
        for one, target in zip(contents["targets"], sized.targets, strict=True)
        if one["decided"]
    ]
    intro = [how_sure(sized)]
    if near:
        intro.append(words.say("size.but_for", near="; ".join(near)))
    if left := int(contents["cheaper_designs_left_out_unplayed"]):
        again = words.number(float(contents["of_those_left_out_looked_at_again"]), 0)
        intro.append(words.say("size.assumed", left=words.number(left, 0), again=again))
    broken = int(contents["safety"][0]["rules_of_rota_check_broken"])
    if broken and sized.scenario.rota_rules is None:
        intro.append(words.count("size.no_rota_rules", broken))
    cost = float(sized.row["cost_per_year"]) if sized.row is not None else 0.0
    cheaper = sized.designs[sized.designs["cost_per_year"] < cost]
    tables = (_fates(sized, cheaper),) if len(cheaper) else ()
    finding = words.count("size.cheaper", len(cheaper)) if len(cheaper) else words["size.cheapest"]
    return Section("sure", words["sure.title"], tuple(intro), tables=tables, finding=finding)


def _tolerance(value: float, unit: str, words: Words) -> str:
    if unit == SHARE:
        return words.say("decide.in_100", number=words.exact(_HUNDRED * value))
    return f"{words.exact(value)} {words.texts.get(f'unit.{unit}', unit)}".strip()


def _fates(sized: Sized, designs: pd.DataFrame) -> Table:
    """What became of designs, and of how many."""
    words, number = sized.words, Counter(str(one) for one in designs["status"])
    rows = tuple(
        (words[f"size.fate_{fate.replace(' ', '_')}"], words.number(number[fate], 0))
        for fate in _FATES
        if number[fate]
    )
    return Table(words["size.fates"], (words["size.fate"], words["size.designs_head"]), rows)


def _next_section(sized: Sized) -> Section:
    """The answer beside the next best."""
    words = sized.words
    met = [sized.rows[sized.key(one)] for one in sized.contents["meets"]]
    rows: list[tuple[str, ...]] = [
        (heading(sized.settings.axis(name)), *(_value_text(row[name], words) for row in met))
        for name in sized.names
    ]
    rows.append((words["size.cost_a_year"], *(sized.money(float(r["cost_per_year"])) for r in met)))
    figures = [("size.leave", "unserved_share", float(_HUNDRED)), ("size.p90", "wait_p90", 1.0)]
    if sized.scenario.staff is not None:
        figures.append(("size.paused", "intake_paused", 1.0))
    for key, column, times in figures:
        cells = [_known_cell(row, column, times, words) for row in met]
        rows.append((heading(words[key]), *cells))
    head = (words["size.setting"], words["size.cheapest_head"], words["size.next_head"])
    finding = words["size.only_one"]
    if len(met) > 1:
        more = float(met[1]["cost_per_year"]) - float(met[0]["cost_per_year"])
        changes = sized.changes({str(k): v for k, v in met[0].items()}, met[1])
        finding = words.say("size.next_is", amount=sized.money(more), changes=changes)
    table = Table("", head[: 1 + len(met)], tuple(rows))
    return Section("next", words["size.next_title"], tables=(table,), finding=finding)


def _known_cell(
    row: Mapping[Hashable, Any], column: str, times: float, words: Words
) -> str:
    known = Estimate(*(float(row[f"{column}{end}"]) for end in ("", "_low", "_high")))
    if isinf(known.value):
        return words["size.very_long"]
    if any(map(isinf, known)):
        known = Estimate(known.value)
    ends = words.brief_range(known, times)
    number = words.brief(times * known.value)
    return f"{number} ({ends})" if ends else number


def _thumb_section(sized: Sized, thumbs: pd.DataFrame) -> Section:
    """What the rule of thumb would have built, and what that would have meant."""
    words = sized.words
    rooms = [name.removeprefix("places_") for name in thumbs if str(name).startswith("places_")]
    by_text = {one.text: one for one in sized.targets}
    rows = []
    misses = 0
    for row in thumbs.to_dict(orient="records"):
        missed = [by_text[one].says for one in str(row["misses"] or "").split("; ") if one]
        misses += bool(missed)
        minutes = words.exact(float(row["minutes_per_use"]))
        name = words.say("size.thumb_corrected" if row["corrected"] else "size.thumb", min=minutes)
        mark = Mark.NO if missed else Mark.YES
        word = words.say("size.thumb_misses", targets="; ".join(missed)) if missed else ""
        total = sum(int(row[f"places_{room}"]) for room in rooms)
        rows.append(
            (
                name,
                *(words.number(int(row[f"places_{room}"]), 0) for room in rooms),
                words.number(total, 0),
                Cell(mark, words[f"mark.{mark}"], word),
            )
        )
    head = (
        words["size.rule"],
        *(heading(words.name(room)) for room in rooms),
        words["size.all_places"],
        words["size.thumb_meets"],
    )
    table = Table("", head, tuple(rows), cards=True)
    finding = words.say(
        "size.thumb_finding", number=words.number(misses, 0), of=words.number(len(rows), 0)
    )
    intro = (words["size.thumb_intro"],)
    return Section("thumb", words["size.thumb_title"], intro, tables=(table,), finding=finding)


def _again_section(sized: Sized, again: pd.DataFrame) -> Section:
    """Where the answer would be another with an assumption at an end of its range."""
    words = sized.words
    assert sized.shown is not None  # there is an answer
    stays = int(again["stays"].sum())
    rows = []
    for row in again[~again["stays"]].to_dict(orient="records"):
        known = not any(_is_empty(row[name]) for name in sized.names)
        what = sized.changes(sized.shown, row) if known else words["size.plan_nothing_meets"]
        assumed = ", ".join(words.name(one) for one in str(row["field"]).split("."))
        rows.append((assumed, str(row["value"]), what))
    head = (words["size.assumption"], words["axis.value"], words["size.then"])
    tables = (Table("", head, tuple(rows), is_text=True, cards=True),) if rows else ()
    finding = words.say(
        "size.stays", number=words.number(stays, 0), of=words.number(len(again), 0)
    )
    intro = (words["size.again_intro"],)
    return Section("again", words["size.again_title"], intro, tables=tables, finding=finding)
