"""The page of a sizing: the cheapest site that meets its targets, how sure that is, what it costs.

It says what `size` says on the screen and no more. Where there is no answer the page says why, and
shows what comes nearest.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import isinf, isnan
from typing import Any

import pandas as pd

from sim.report.page.document import Beside, Card, Cell, Page, Table
from sim.report.page.verdict import Mark
from sim.report.page.words import Words, heading
from sim.report.pages.about import COMPARED, about_sections
from sim.report.pages.designs import size_pictures
from sim.report.pages.fates import size_sections
from sim.report.pages.sized import HUNDRED, Judged, Sized, comparable, how_sure, is_empty
from sim.results.read import Saved
from sim.study.estimate.intervals import Estimate

_BOTH = 2
_OPEN = ("not looked at", "meets", "not sure")
"""What is said of designs that are not decided."""


def size_page(saved: Saved, words: Words) -> Page:
    """All that a sizing says.

    Args:
        saved: its folder.
        words: the language.

    Raises:
        ResultsError: the folder is damaged.
    """
    sized = Sized(saved, words)
    if sized.facility is not None:
        sized = Sized(saved, words.of_needs())
        words = sized.words
    site = sized.scenario
    name = (site.title or site.name).split(":")[0].split(",")[0].strip()
    return Page(
        title=stopped_title(sized) if sized.is_searching else title(sized),
        tab=site.title or site.name,
        facts=tuple(_facts(sized, name)),
        lead=tuple(stopped_lead(sized) if sized.is_searching else lead(sized)),
        alert=stopped_alert(sized) if sized.is_unfinished else alert(sized),
        beside=tuple(_beside(sized)),
        side_by_side=tuple(size_pictures(sized)),
        foot=words.say(
            "size.foot",
            name=site.name,
            designs=words.number(float(sized.contents["designs"]), 0),
            played=words.number(float(sized.contents["designs_played"]), 0),
            seed=sized.contents["seed"],
            version=saved.manifest.get("packages", {}).get("dcr-sim", ""),
        ),
        sections=(*size_sections(sized), *about_sections(saved, words, COMPARED)),
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
    if sized.facility is not None:
        yield words["size.needs_within"]
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
    """A rule that the answer breaks, or that a cheaper design would."""
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
        if comparable(sized.shown[name]) != comparable(other[name])
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
    targets = next(_of_targets(sized), None)
    if sized.is_searching:
        yield from what_is_known(sized, targets)
        return
    if targets is not None:
        yield targets
    if sized.is_found:
        yield _growth(sized)


def _of_targets(sized: Sized) -> Iterator[Beside]:
    if sized.shown is not None and (judged := sized.judged.get(sized.key(sized.shown))):
        marks = [mark_of(sized, number, one) for number, one in enumerate(judged)]
        table = _targets_table(sized, judged, marks)
        yield Beside("targets", targets_title(marks, sized.words), table)


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
    if row is not None and sized.facility is None and one.target.text.startswith("wait.p90 <"):
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
    growth = words.number(HUNDRED * (known.value - 1), 0)
    if not fails:
        return words.say("size.room_most", growth=growth)
    low = words.number(0.0 if isnan(known.low) else HUNDRED * (known.low - 1), 0)
    if isnan(known.high):
        return words.say("size.room_beyond", growth=growth, low=low)
    high = words.number(HUNDRED * (known.high - 1), 0)
    return words.say("size.room", growth=growth, range=words.between(low, high))


def _plan_table(sized: Sized, plan: pd.DataFrame) -> Table | None:
    """What to add at each growth of demand, one below the other; equal ones are one line."""
    words = sized.words
    before = sized.shown
    rows: list[tuple[str, str, str]] = []
    for row in plan.to_dict(orient="records"):
        growth = words.percent(f"+{words.exact(round(HUNDRED * (float(row['factor']) - 1), 6))}")
        known = not any(is_empty(row[name]) for name in sized.names)
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
    return f"{text.split(until.split('{')[0], maxsplit=1)[0]}{until.format(growth=growth)}"


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
        without=words.brief(HUNDRED * float(without["unserved"])),
    )


# --- a command that was interrupted ---------------------------------------------------------------


def stopped_title(sized: Sized) -> str:
    """Between which costs the answer lies."""
    words, how_far = sized.words, how_far_of(sized)
    floor, most = float(how_far["no_design_left_below"]), how_far["does_at_cost_per_year"]
    low, high = sized.money(floor), "" if most is None else sized.money(float(most))
    if floor <= 0 and not high:
        return words["size.stopped_nothing"]
    if not high:
        return words.say("size.stopped_least", low=low)
    if floor <= 0:
        return words.say("size.stopped_most", high=high)
    return words.say("size.stopped_about" if low == high else "size.stopped", low=low, high=high)


def how_far_of(sized: Sized) -> Mapping[str, Any]:
    """How far it had come."""
    found: Mapping[str, Any] = sized.contents["unfinished"]
    return found


def stopped_lead(sized: Sized) -> Iterator[str]:
    """How many designs are decided."""
    words, of = sized.words, int(sized.contents["designs"])
    if len(sized.designs) == of:
        left = int(sized.designs["status"].isin(_OPEN).sum())
        yield words.say(
            "size.stopped_decided",
            of=words.number(of, 0),
            decided=words.number(of - left, 0),
            left=words.number(left, 0),
        )


def stopped_alert(sized: Sized) -> Card:
    """That it is no answer, or not all of one; and how it goes on."""
    words, searching = sized.words, bool(how_far_of(sized)["searching"])
    anew = "--no-cache" in str(sized.saved.manifest.get("command", ""))
    return Card(
        words["size.stopped_no_answer" if searching else "size.stopped_beside"],
        Mark.CANNOT_SAY,
        "",
        strong=words["size.stopped_anew" if anew else "size.stopped_goes_on"],
    )


def what_is_known(sized: Sized, best: Beside | None) -> Iterator[Beside]:
    """What the answer costs at most and at least, and what is open.

    Args:
        sized: what was found.
        best: the targets of the cheapest design that is known to do, if there is one.
    """
    words, how_far = sized.words, how_far_of(sized)
    if sized.shown is None:
        yield Beside("best", words["size.stopped_no_best"])
    else:
        amount = sized.money(float(how_far["does_at_cost_per_year"]))
        design = words.listed([sized.settings.said(n, sized.shown[n]) for n in sized.names])
        key = "sure" if how_far["does_surely"] else "seems"
        row = sized.row
        times = 0 if row is None else int(row["replications"])
        yield Beside(
            "best",
            words.say("size.stopped_best", high=amount),
            None if best is None else best.table,
            (
                words.say("size.stopped_it_has", design=design),
                words.count(f"size.stopped_best_{key}", times),
            ),
        )
    floor = float(how_far["no_design_left_below"])
    if floor > 0:
        how = "assumed" if how_far["by_what_more_is_taken_to_do"] else "all"
        title = words.say("size.stopped_floor", low=sized.money(floor))
        yield Beside("known", title, None, (words[f"size.stopped_floor_{how}"], *_open(sized)))
    else:
        yield Beside("known", words["size.stopped_open"], None, tuple(_open(sized)))


def _open(sized: Sized) -> Iterator[str]:
    """What is not known yet."""
    words, rows = sized.words, sized.designs
    between = rows["status"].isin(_OPEN)
    most = how_far_of(sized)["does_at_cost_per_year"]
    if most is not None:
        between &= rows["cost_per_year"] < float(most)
    if number := int(between.sum()):
        yield words.count(
            "size.stopped_cheaper" if most is not None else "size.stopped_any", number
        )
    yield words["size.stopped_beside_open"]
