"""What a fit says in words, on the screen and on its page."""

from collections.abc import Iterator

from sim.fit.estimates.unserved import RAISED
from sim.fit.fit import REPLAY, Fitted, Row
from sim.fit.lacking import Lack, asks_rests, asks_services
from sim.fit.playback.play import PlayedBack
from sim.fit.playback.suspects import Suspect
from sim.fit.public import is_few
from sim.fit.reading.columns import Fate
from sim.fit.reading.register import Finding, line_text
from sim.report.page.words import Words, heading
from sim.scenario.model.hours import DAYS, HOUR

_HUNDRED = 100
_SHARES = ("share", "comply", "crowd_at_opening", "still_waiting", "services")
_YEAR = 52
"""Weeks above which it is told in years."""
_NOT_OF_VISITS = (
    *("empty_hours", "no_log", "part_of_a_day", "longer_than_a_year", "rounded"),
    *("few_hours", "held_back"),
)
"""What was seen that counts days, hours or numbers."""
_PARTS = ("half", "share")
"""Numbers of a sentence that are shares."""


# --- what was seen ------------------------------------------------------------------------------


def seen_texts(found: Fitted, words: Words) -> Iterator[str]:
    """What was seen in a log and put right, a sentence each."""
    yield from (finding_text(one, words, public=found.is_public) for one in found.findings)
    if found.demand is not None and found.demand.trend == found.demand.trend:
        yield words.say("fit.trend", change=words.share(found.demand.trend))


def finding_text(one: Finding, words: Words, *, public: bool = False) -> str:
    """What was seen in a log, with the first lines; for others without, and no small number."""
    few = public and is_few(one.count) and one.rule not in _NOT_OF_VISITS
    more = {
        name: words.exact(value) if isinstance(value, int | float) else value
        for name, value in one.more.items()
    }
    if "share" in one.more:
        more["share"] = "–" if few else words.share(float(str(one.more["share"])))
    if isinstance(dates := one.more.get("dates"), list):
        more["dates"] = ", ".join(words.date(day) for day in dates)
    count = words["fit.under_five"] if few else words.number(one.count, 0)
    text = words.say(f"fit.rule_{one.rule}", count=count, **more)
    if not one.lines or public:
        return text
    listed = ", ".join(line_text(line) for line in one.lines) + (
        " …" if one.count > len(one.lines) else ""
    )
    return f"{text} ({words.say('fit.lines', lines=listed)})"


# --- what was found -----------------------------------------------------------------------------


def told_rows(found: Fitted) -> Iterator[Row]:
    """What was found, factors of weekdays only where they differ by more than chance.

    How replayed waits are is told apart: no scenario has them.
    """
    alike = found.demand is not None and found.demand.week.shrink == 0
    for row in found.rows():
        if row.input == "demand.weekday" and (alike or row.by not in DAYS):
            continue
        if not row.input.startswith(REPLAY):
            yield row


def input_text(row: Row, words: Words) -> str:
    """What a number is of."""
    what = words[f"fit.input_{row.input.replace('.', '_')}"]
    if row.input == "demand.weekday":
        return f"{what} {words[f'weekday.{row.by}']}"
    return what if row.by == "all" else f"{what} {words.own(row.by)}"


def value_text(row: Row, words: Words) -> str:
    """A number with its interval."""
    one = row.estimate
    if not one.is_known:
        return words.say("fit.at_least", low=words.figures(one.low)) if one.low == one.low else ""
    is_share = row.input.endswith(_SHARES)
    times = _HUNDRED if is_share else 1
    text = words.figures(one.value * times)
    if one.low == one.low:
        ends = [words.figures(end * times) for end in (one.low, one.high)]
        text += f" ({words.between(*ends)})"
    return words.percent(text) if is_share else text


def how_text(row: Row, words: Words) -> str:
    """How a number was found."""
    how = words[f"fit.how_{row.method}"]
    return f"{how}; {words[f'fit.note_{row.note}']}" if row.note else how


def kept_texts(found: Fitted, words: Words) -> Iterator[str]:
    """From where it is known who was not served, and what the log does not say."""
    low, value, high = (words.exact(one) for one in RAISED)
    tally = "" if found.matched is None else words.exact(found.matched.a_day)
    rounds = "" if found.matched is None else str(found.matched.rounds)
    yield words.say(
        f"fit.unserved_{found.unserved}",
        factor=value,
        low=low,
        high=high,
        tally=tally,
        rounds=rounds,
    )
    parts = {
        "stays": found.stays,
        "shares": found.kinds,
        "check_in": found.check_ins or found.site.check_in is None,
        "overdoses": found.overdoses,
        "patience": found.patience or found.matched,
        "balking": found.matched or found.balking,
        "services": found.services or not asks_services(found.site) or None,
        "rests": found.rests or not asks_rests(found.site) or None,
    }
    listed = [words[f"fit.part_{name}"] for name, part in parts.items() if part is None]
    if listed:
        yield words.say("fit.kept", parts=words.listed(listed))
    if found.services or found.rests:
        yield words["fit.services_take"]
    if not (found.matched or found.balking) and "balking" in found.choice.only:
        yield _why_kept(found, words)


def _why_kept(found: Fitted, words: Words) -> str:
    """Why turning round is as in the site's file."""
    turned = int((found.register.fate == Fate.TURNED).sum())
    if found.not_replayed:
        return words["fit.balking_not_replayed"]
    if not turned or found.unserved not in ("log", "list"):
        return words["fit.balking_not_told"]
    few = found.is_public and is_few(turned)
    count = words["fit.under_five"] if few else words.number(turned, 0)
    return words.say("fit.balking_few", count=count)


# --- the replay ---------------------------------------------------------------------------------


def replay_texts(found: Fitted, words: Words) -> Iterator[str]:
    """Whether the site's file gives the recorded waits, and what to look at if not."""
    if found.not_replayed:
        yield words[f"playback.replay_not_{found.not_replayed}"]
    if (waits := found.waits) is None:
        return
    verdict = {1: "longer", -1: "shorter"}.get(waits.differ, "alike")
    yield words.say(
        f"playback.replay_{verdict}",
        recorded=words.figures(waits.recorded),
        replayed=words.figures(waits.replayed),
        recorded_p90=words.figures(waits.recorded_p90),
        replayed_p90=words.figures(waits.replayed_p90),
        more=words.figures(abs(waits.more.value)),
    )
    off = {hour: one for hour, one in waits.hours.items() if one.differ == waits.differ}
    if waits.differ and off:
        hour = max(off, key=lambda one: abs(off[one].more.value))
        yield words.say(
            "playback.replay_worst",
            start=words.clock(hour * HOUR),
            end=words.clock((hour + 1) * HOUR),
            recorded=words.figures(off[hour].recorded),
            replayed=words.figures(off[hour].replayed),
        )


# --- how it plays back --------------------------------------------------------------------------


def verdict_text(back: PlayedBack | str, words: Words) -> str:
    """Whether a fitted site gives its log back."""
    if isinstance(back, str):
        return words[f"playback.not_{back}"]
    return words.say(
        f"playback.verdict_{back.verdict}",
        inside=words.number(back.inside, 0),
        counted=words.number(back.counted, 0),
        share=words.share(back.share, 0),
    )


def measure_text(measure: str, by: str, words: Words) -> str:
    """What is compared: `places in use, smoking room`."""
    text = words[f"playback.measure_{measure}"]
    return text if by == "all" else f"{text}, {words.name(by)}"


def suspect_text(one: Suspect, words: Words) -> str:
    """Which input may be why, and where it shows most."""
    text = words.say(f"playback.suspect_{one.rule}", by=words.own(one.by))
    if one.hour >= 0:
        text += " " + words.say("playback.worst", when=words.week_hour(one.hour))
    return text


# --- what is missing ----------------------------------------------------------------------------


def why_text(lack: Lack, words: Words, *, public: bool = False) -> str:
    """What a log leaves open, and how much."""
    values = {
        name: words.share(value, 0) if name in _PARTS else words.exact(round(value, 1))
        for name, value in lack.values.items()
    }
    if public and is_few(lack.values.get("count", 0.0)):
        values["count"] = words["fit.under_five"]
    kind = words.say("lack.of_kind", kind=words.own(lack.by)) if lack.by else ""
    return words.say(f"lack.{lack.rule}", of=kind, **values)


def weeks_text(lack: Lack, words: Words) -> str:
    """For how long to write something down."""
    if lack.weeks > _YEAR:
        return words["lack.over_a_year"]
    return words.count("lack.more" if lack.form == "log" else "lack.weeks", lack.weeks)


def form_text(lack: Lack, words: Words) -> str:
    """What to write down."""
    return words[f"lack.form_{lack.form}"]


def asked_text(lack: Lack, words: Words, *, public: bool = False) -> str:
    """All of it, on the screen."""
    wanted = words.say("lack.asked", weeks=weeks_text(lack, words), form=form_text(lack, words))
    return f"{heading(why_text(lack, words, public=public))} {wanted}"
