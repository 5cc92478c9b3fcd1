"""The scenario that a fit writes: it extends the site's file, each value with what it rests on."""

import csv
import io
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.fit.draws import DRIFT_CV, Drawn, by_weeks
from sim.fit.estimates.balking import Turning, law_of
from sim.fit.estimates.check_in import MINUTES, CheckIns, factor_of, laws_of, scaled
from sim.fit.estimates.demand import Demand
from sim.fit.estimates.limits import Limit
from sim.fit.estimates.patience import Patience
from sim.fit.estimates.shares import Kinds, Use
from sim.fit.estimates.stays import Stays
from sim.fit.estimates.unserved import RAISED, Matched
from sim.fit.fit import Fitted
from sim.scenario.errors.problem import show
from sim.scenario.errors.told import Written as AsWritten
from sim.scenario.errors.told import told
from sim.scenario.load import Loaded, read_scenario
from sim.scenario.model.base import SHORTEST
from sim.scenario.model.durations import DurationShape
from sim.scenario.model.hours import HOURS_OF_WEEK
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.site import CheckInTimes
from sim.scenario.model.visits import Balking, VisitKind
from sim.scenario.uncertainty.draws import read_draws
from sim.study.estimate.intervals import Estimate

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_MORE = {"cv", "sd", "at_most", "plus", "median", "mean"}
"""Settings of a law that the site's file may have, and that another of the same kind must undo."""
_HUNDRED, _MOST_CV = 100, 5.0
_UNDONE = ("visits_per_day", "served_per_day", "unserved", "profile", "arrivals", "weekday")


@dataclass(frozen=True)
class Written:
    """The texts of the files, and the name of the scenario."""

    name: str
    scenario: str
    week: str
    """Empty where demand is not fitted."""
    draws: str = ""
    """Empty where there are none."""


def written(
    found: Fitted,
    loaded: Loaded,
    site: Path,
    out: Path,
    draws: Drawn,
    tell: Callable[[str], str] = str,
) -> Written:
    """The files that a fit writes, known to make a scenario that can be run.

    Args:
        found: what was fitted.
        loaded: the site's file as it was read.
        site: that file.
        out: the file to write; the tables of the week and of the draws lie beside it.
        draws: of what was fitted; none, or a site whose file has its own ranges, has no such table.
        tell: puts what is told in comments into the planner's language.

    Raises:
        ScenarioError: the site's file does not go with what was found.
    """
    name = out.name.removesuffix(out.suffix)
    week = "" if found.demand is None else _week(found)
    lines = _scenario_lines(found, loaded, name)
    table = ""
    if draws and "uncertainty" not in loaded.source.data:
        table = _draws(draws)
        lines += ("", *_uncertainty(found, draws, f"{name}.draws.csv"))
    text = _text_of(lines, tell)
    _check(text, name, week, site, table)
    base = os.path.relpath(site.resolve(), out.resolve().parent)
    return Written(name, text.replace(_EXTENDS, _text(Path(base).as_posix())), week, table)


_EXTENDS = "@@site@@"


def _uncertainty(found: Fitted, draws: Drawn, table: str) -> Iterator[str]:
    number = len(next(iter(draws.values()))) - 1
    how = (
        told("written_by_weeks", "of whole weeks drawn anew")
        if by_weeks(found)
        else told("written_by_intervals", "by their intervals")
    )
    yield "uncertainty:"
    yield f"  draws: {_text(table)} # " + told(
        "written_draws",
        "{number} draws of {inputs} inputs, {how}",
        number=number,
        inputs=len(draws),
        how=how,
    )
    if found.demand is not None:
        yield f"  drift_cv: {DRIFT_CV:g} # " + told(
            "written_drift", "of demand, until the month that is simulated"
        )


def _draws(draws: Drawn) -> str:
    """The table: a column an input, row 0 the best estimate."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", *draws])
    for number, values in enumerate(zip(*draws.values(), strict=True)):
        writer.writerow([number, *(f"{value:.10g}" for value in values)])
    return text.getvalue()


def _check(text: str, name: str, week: str, site: Path, draws: str = "") -> Scenario:
    """Read the scenario as it will be read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.yaml"
        path.write_text(text.replace(_EXTENDS, _text(str(site.resolve()))), encoding="utf-8")
        if week:
            (Path(folder) / f"{name}.week.csv").write_text(week, encoding="utf-8")
        loaded = read_scenario(path)
        if draws:
            (Path(folder) / f"{name}.draws.csv").write_text(draws, encoding="utf-8")
            read_draws(f"{name}.draws.csv", loaded.scenario, loaded.source)
        return loaded.scenario


def trial_scenario(found: Fitted, loaded: Loaded, site: Path) -> Scenario:
    """The scenario that would be written, without writing it."""
    text = _text_of(_scenario_lines(found, loaded, _TRIAL), str)
    week = "" if found.demand is None else _week(found)
    return _check(text, _TRIAL, week, site)


_TRIAL = "trial"


def _scenario_lines(found: Fitted, loaded: Loaded, name: str) -> list[str]:
    """The lines, each of which remembers what is told in its comment."""
    lines = [*_head(found), "", f"extends: {_EXTENDS}", f"name: {_key(name)}", ""]
    lines += (*_demand(found, loaded, f"{name}.week.csv"), *_visits(found), *_rest(found))
    while not lines[-1]:
        lines.pop()
    return lines


def _text_of(lines: Sequence[str], tell: Callable[[str], str]) -> str:
    return "\n".join(map(tell, lines)) + "\n"


def _week(found: Fitted) -> str:
    assert found.demand is not None  # the caller has looked
    more = 1 / (1 - found.kinds.not_shown) if found.kinds else 1.0
    rates = (found.demand.week.rate.ravel() * more).tolist()
    rows = (
        f"{hour},{_number(rate)}" for hour, rate in zip(range(HOURS_OF_WEEK), rates, strict=True)
    )
    return "\n".join(["hour_of_week,visits_per_hour", *rows]) + "\n"


def _head(found: Fitted) -> Iterator[str]:
    register = found.register
    last = register.date_of(register.days - 1)
    yield "# " + told(
        "written_head",
        "Fitted from {file}, {first} to {last}: {days} days, {visits:,} visits.",
        file=AsWritten(Path(register.file).name),
        first=register.start,
        last=last,
        days=int(found.logged.sum()),
        visits=len(register),
    )
    yield "# " + told(
        "written_intervals",
        "Each value has its 95 % interval; what is not here is as in the site's file.",
    )
    if found.unserved == "unknown":
        yield "# " + told(
            "written_no_forecast",
            "Nobody wrote down who was not served: waits of this scenario are no forecast.",
        )


# --- demand -------------------------------------------------------------------------------------


def _demand(found: Fitted, loaded: Loaded, table: str) -> Iterator[str]:
    if (demand := found.demand) is None:
        return
    said: Mapping[str, Any] = loaded.source.data.get("demand") or {}
    yield "demand:"
    yield "  # " + told(
        "written_a_day",
        "fitted: {known} a day, {visits:,} visits, {days} days",
        known=_known(demand.a_day),
        visits=demand.visits,
        days=demand.days,
    )
    yield f"  week: {{file: {_text(table)}}}"
    undone = told("written_in_the_week", "the week says it")
    yield from (f"  {key}: null # " + undone for key in _UNDONE if said.get(key) is not None)
    if found.unserved == "unknown":
        low, value, high = RAISED
        yield f"  factor: {value:g} # assumption ({low:g}-{high:g}): " + told(
            "written_not_counted", "those not served, whom nobody counted"
        )
    elif said.get("factor", 1) != 1:
        yield "  factor: 1"
    if demand.cv.is_known:
        value = demand.cv.value if demand.cv.value >= SHORTEST else 0.0
        yield f"  day_to_day_cv: {_number(min(value, _MOST_CV))} # " + told(
            "written_days",
            "fitted: {known}, {days} days",
            known=_known(demand.cv),
            days=demand.days,
        )
    if demand.crowd.is_known:
        yield f"  crowd_at_opening: {_number(demand.crowd.value)} # " + _fitted(demand.crowd)
    if found.clients is not None and found.site.demand.clients is not None:
        people = found.clients
        number, sigma = round(people.number.value), _number(people.sigma.value)
        yield f"  clients: {{number: {number}, sigma: {sigma}}} # " + told(
            "written_clients",
            "fitted: {number}, {sigma}, {seen:,} seen",
            number=_known(people.number),
            sigma=_known(people.sigma),
            seen=people.seen,
        )
    yield from _special_days(demand, said.get("special_days") or [])
    yield ""


def _special_days(demand: Demand, said: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The list of the site's file, with the factors that were found."""
    if demand.special and said:
        yield "  special_days:"
    for number, one in enumerate(said if demand.special else ()):
        fitted = demand.special.get(str(one.get("name") or number))
        if fitted is None:
            yield f"    - {show(dict(one))}"
        else:
            changed = {**one, "visits": float(_number(fitted.value))}
            yield f"    - {show(changed)} # " + _fitted(fitted)


# --- visits -------------------------------------------------------------------------------------


def _visits(found: Fitted) -> Iterator[str]:
    shares = (
        _whole({name: one.value for name, one in found.kinds.shares.items()}) if found.kinds else {}
    )
    lines: list[str] = []
    for name, kind in found.site.visits.items():
        mine = []
        if found.kinds:
            known = found.kinds.shares[name]
            about = _about_share(known, found.kinds, public=found.is_public)
            mine.append(f"    share: {shares[name]} # " + about)
        stay = (found.stays or {}).get(name)
        if stay is not None:
            mine += _stay(stay, kind)
        if found.matched is not None:
            mine += _matched(found.matched, name, kind)
        elif found.patience and name in found.patience:
            mine += _patience(found.patience[name], kind)
        turning = (found.balking or {}).get(name)
        if turning is not None:
            mine += _balking(turning, law_of(found.site, name))
        rate = found.overdoses.by_kind.get(name) if found.overdoses else None
        if rate is not None and found.overdoses is not None:
            one = found.overdoses
            about = told(
                "written_overdoses",
                "fitted: {known}, {count} in {uses:,} uses of all kinds",
                known=_known(rate),
                count=one.count,
                uses=one.uses,
            )
            mine.append(f"    overdose: {{per_1000: {_number(rate.value)}}} # " + about)
        mine += _uses(found, name)
        if mine:
            lines += [f"  {_key(name)}:", *mine]
    if lines:
        yield from ("visits:", *lines, "")


def _about_share(known: Estimate, kinds: Kinds, *, public: bool) -> str:
    if math.isfinite(known.low):
        return _of_visits(known, kinds.number)
    if public:
        return told(
            "written_few",
            "of few or none: as in the site's file, or with others of few by its proportions",
        )
    return told("written_none", "as in the site's file: the log shows none")


def _of_visits(known: Estimate, number: int) -> str:
    return told(
        "written_visits", "fitted: {known}, {number:,} visits", known=_known(known), number=number
    )


def _fitted(known: Estimate) -> str:
    return told("written_fitted", "fitted: {known}", known=_known(known))


def _uses(found: Fitted, name: str) -> Iterator[str]:
    """Services and aftercare of a kind; of what the log tells too little stays as it is."""
    used = (found.services or {}).get(name, {})
    known = {service: one for service, one in used.items() if one.is_set}
    if known:
        yield "    services:"
    yield from (f"      {_key(service)}: " + _use(one) for service, one in known.items())
    rest = (found.rests or {}).get(name)
    if rest is not None and rest.is_set:
        yield from ("    aftercare:", "      share: " + _use(rest))


def _use(one: Use) -> str:
    about: str = told(
        "written_took_a_place",
        "fitted: {known}, {number:,} who took a place",
        known=_known(one.share),
        number=one.number,
    )
    if one.note == "received":
        about += told("written_received", "; without those who wanted it and did not get it")
    return f"{_number(one.share.value)} # " + about


def _stay(stay: Stays, kind: VisitKind) -> Iterator[str]:
    if kind.stay is None or not stay.mean.is_known:
        return
    about: str = told(
        "written_stays",
        "fitted: mean {known}, {number:,} stays",
        known=_known(stay.mean),
        number=stay.number,
    )
    if stay.censored:
        about += told(
            "written_censored", ", {number:,} more ended by a limit", number=stay.censored
        )
    if stay.law is None:
        law = _scaled(kind.stay, stay.mean.value / kind.stay.mean())
        about += told("written_few_scaled", "; few: the law of the site's file, scaled")
    elif stay.law.family == "empirical":
        law = {"distribution": "empirical", "values": [float(_number(x)) for x in stay.law.values]}
        about += told("written_no_law", "; no law of the scenario fits")
    else:
        law = {"distribution": stay.law.family, "mean": float(_number(stay.law.mean.value))}
        if stay.law.family != "exponential":
            law["cv"] = float(_number(max(stay.law.cv, SHORTEST)))
        if stay.note == "open_choice":
            about += told("written_open_choice", "; the data do not choose between laws")
    if math.isfinite(stay.cap) and stay.law is not None and stay.law.family != "empirical":
        law["at_most"] = stay.cap
    yield f"    stay: {show(law | _undone(law, kind.stay))} # " + about


def _undone(law: Mapping[str, Any], before: DurationShape | None) -> dict[str, Any]:
    """What the site's file says of a law and must not stay: maps of one kind are merged."""
    old = {} if before is None else before.model_dump(by_alias=True, exclude_none=True)
    if old.get("distribution") != law["distribution"]:
        return {}
    return {key: 0 if key == "plus" else None for key in old if key in _MORE and key not in law}


def _matched(found: Matched, name: str, kind: VisitKind) -> Iterator[str]:
    """One mean patience, with which so many are not served; turning round is in it."""
    if name not in found.patience:
        return
    law = {"distribution": "exponential", "mean": float(_number(found.patience[name].value))}
    yield f"    patience: {show(law | _undone(law, kind.patience))} # " + told(
        "written_matched", "matched by play: {number:g} a day not served", number=found.a_day
    )
    if kind.balking is not None:
        yield "    balking: null # " + told(
            "written_in_patience", "in the patience that was matched"
        )


def _patience(found: Patience, kind: VisitKind) -> Iterator[str]:
    if not found.leavers or not kind.rooms:
        return
    left: str = told("written_left", "{number:,} who left", number=found.leavers)
    if found.pooled:
        left += told("written_pooled", ", all kinds together")
    law: dict[str, Any]
    if found.law is None:
        law = {"distribution": "exponential", "mean": float(_number(found.mean.value))}
        about = told(
            "written_mean", "fitted: mean {known}, {left}", known=_known(found.mean), left=left
        )
    else:
        median, shape = found.law.median, found.law.shape
        law = {
            "distribution": "weibull",
            "median": float(_number(median.value)),
            "shape": float(_number(shape.value)),
        }
        about = told(
            "written_median",
            "fitted: median {median}, shape {shape}, {left}",
            median=_known(median),
            shape=_known(shape),
            left=left,
        )
    yield f"    patience: {show(law | _undone(law, kind.patience))} # " + about


def _balking(found: Turning, before: Balking) -> Iterator[str]:
    law = before.model_dump(exclude_defaults=True)
    law["per_person_ahead"] = float(_number(found.per_person.value))
    about: str = told(
        "written_turned",
        "fitted: {known}, {turned:,} of {came:,} turned round",
        known=_known(found.per_person),
        turned=found.turned,
        came=found.came,
    )
    if found.pooled:
        about += told("written_pooled", ", all kinds together")
    about += told("written_replay", "; by a replay of the log")
    yield f"    balking: {show(law)} # " + about


def _scaled(law: DurationShape, factor: float) -> dict[str, Any]:
    """A law with all its minutes so many times as long, as it is written."""
    found = scaled(law, factor)
    for key in MINUTES & found.keys():
        found[key] = float(_number(found[key]))
    if "values" in found:
        found["values"] = [float(_number(one)) for one in found["values"]]
    return found


# --- the rest -----------------------------------------------------------------------------------


def _rest(found: Fitted) -> Iterator[str]:
    limits = {room: one for room, one in (found.limits or {}).items() if one.reached}
    if limits:
        yield "rooms:"
        for room, one in limits.items():
            yield f"  {_key(room)}:"
            yield f"    time_limit: {show(_limit(one))} # " + told(
                "written_comply",
                "fitted: comply {known}, {reached:,} reached it",
                known=_known(one.comply),
                reached=one.reached,
            )
        yield ""
    share, number, falls = found.firsts or (Estimate(), 0, False)
    times = found.site.check_in.times if found.site.check_in else None
    lines = list(_check_ins(found.check_ins, times)) if found.check_ins and times else []
    if number and not falls and times is not None and times.first_visit is not None:
        lines.append(
            f"    first_visit_share: {_number(share.value)} # " + _of_visits(share, number)
        )
    if lines:
        yield from ("check_in:", "  times:", *lines)


def _check_ins(found: CheckIns, times: CheckInTimes) -> Iterator[str]:
    """The laws of the site's file, scaled to the means that the log has."""
    for name, law, of in laws_of(found, times):
        mean, number = found.means[of]
        about: str = told(
            "written_registrations",
            "fitted: mean {known}, {number:,} registrations",
            known=_known(mean),
            number=number,
        )
        if found.alone:
            about += told("written_alone", " that found nobody registering")
        if found.alone and found.free:
            about += told("written_free", ", and staff free")
        about += told("written_scaled", "; the law of the site's file, scaled")
        known = show(_scaled(law, factor_of(found, times, law, of)))
        yield f"    {name}: {known} # " + about


def _limit(one: Limit) -> dict[str, Any]:
    found: dict[str, Any] = {"limit": one.minutes, "comply": float(_number(one.comply.value))}
    if one.overrun.is_known:
        found["overrun"] = {
            "distribution": "exponential",
            "mean": float(_number(max(one.overrun.value, 0.001))),
        }
    return found


# --- words and numbers --------------------------------------------------------------------------


def _whole(shares: Mapping[str, float]) -> dict[str, str]:
    """Shares with six decimals that add to 1."""
    parts = {name: round(one, 6) for name, one in shares.items()}
    largest = max(parts, key=lambda name: parts[name])
    parts[largest] += 1 - sum(parts.values())
    return {name: f"{one:.6f}".rstrip("0").rstrip(".") for name, one in parts.items()}


def _number(value: float) -> str:
    """Five digits that count."""
    text = f"{value:.5g}"
    return f"{float(text):.10f}".rstrip("0").rstrip(".") if "e" in text else text


def _known(one: Estimate) -> str:
    """`371 (95 %: 352-391)`."""
    if not math.isfinite(one.low):
        return f"{one.value:.3g}"
    return f"{_short(one.value)} (95 %: {_short(one.low)}-{_short(one.high)})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _HUNDRED else f"{value:.3g}"


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name.casefold() not in _WORDS else _text(name)


def _text(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
