"""A log put through all estimators: what is found of a site, and what is kept of its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

import numpy as np

from sim.fit.estimates.balking import Turning, gone_at_once, with_turned
from sim.fit.estimates.beside import Beside
from sim.fit.estimates.chance import Apart, apart, within_the_hour
from sim.fit.estimates.check_in import CheckIns, check_ins_of
from sim.fit.estimates.clients import Clientele, clients_of
from sim.fit.estimates.counts import counted, with_clock_changes
from sim.fit.estimates.demand import (
    Demand,
    Way,
    fit_demand,
    open_week,
)
from sim.fit.estimates.limits import Limit
from sim.fit.estimates.patience import Patience, fit_patience
from sim.fit.estimates.shares import (
    Kinds,
    Overdoses,
    Use,
    first_visits,
    kinds_of,
    overdoses_of,
    rests_of,
    services_of,
    walking_in,
)
from sim.fit.estimates.stays import Stays, fit_stays
from sim.fit.estimates.unserved import RAISED, Matched, Queues, queues_of
from sim.fit.reading.calendar import Calendar, calendar_of
from sim.fit.reading.mess import cleaned, kept_days, step_of
from sim.fit.reading.read import Read
from sim.fit.reading.register import Bools, Finding, Register, Shape, finding
from sim.scenario.errors.problem import Place, Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.model.hours import DAY, DAYS, HOUR
from sim.scenario.model.scenario import Scenario
from sim.study.estimate.intervals import Estimate

PARTS = (
    *("demand", "shares", "stays", "patience", "balking", "first_visits", "check_in", "overdoses"),
    "services",
)
"""What may be fitted."""
REPLAY = "replay."
"""What rows of waits begin with, recorded less replayed."""
_YEAR, _WEEKS = 366, 26
"""Days above which only the last weeks of a log are taken, and how many."""
_MOSTLY = 0.5


@dataclass(frozen=True)
class Choice:
    """How a log is to be fitted."""

    only: frozenset[str] = frozenset(PARTS)
    weeks: tuple[date, date] | None = None
    """First and last day that count."""
    latest: bool = True
    """Whether the level of a log with a trend is that of its last four weeks."""
    closed: frozenset[date] = frozenset()
    unserved_unknown: bool = False
    """Whether it is said that nobody knows how many went without."""
    unserved_a_day: float | None = None
    """How many went without, a day, where there is a tally."""
    tallied_days: int = 0
    """On how many days they were counted; 0: on all of the log."""


class Row(NamedTuple):
    """A line of the table of what was found."""

    input: str
    """Path of the setting, such as `visits.stay.mean`."""
    by: str
    estimate: Estimate
    n: int
    method: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a log says of a site."""

    site: Scenario
    read: Read
    register: Register
    """The visits of the days that count."""
    findings: tuple[Finding, ...]
    logged: Bools
    queues: Queues
    calendar: Calendar
    step: float
    """Minutes to which stays are rounded."""
    choice: Choice
    unserved: str
    """`log`, `list`, `tally`, `unknown` or `nobody`: from where it is known who went without."""
    demand: Demand | None = None
    kinds: Kinds | None = None
    stays: dict[str, Stays] | None = None
    limits: dict[str, Limit] | None = None
    patience: dict[str, Patience] | None = None
    matched: Matched | None = None
    firsts: tuple[Estimate, int, bool] | None = None
    check_ins: CheckIns | None = None
    overdoses: Overdoses | None = None
    services: Mapping[str, Mapping[str, Use]] | None = None
    """By kind, of each service."""
    rests: Mapping[str, Use] | None = None
    """In aftercare, by kind."""
    listed: Register | None = None
    """Overdoses, where they are in a list of their own."""
    chance: Apart = field(default_factory=Apart)
    """How visits fall within their hour."""
    clients: Clientele | None = None
    balking: Mapping[str, Turning] | None = None
    """By kind, of a replay of the log; None where the log cannot tell it."""
    waits: Beside | None = None
    """Waits that were recorded beside those of a replay."""
    not_replayed: str = ""
    """Why the log could not be replayed, a word of the catalogue."""
    is_public: bool = False
    """Whether nothing that rests on few visits is told."""

    def rows(self) -> list[Row]:
        """What was found, a line each."""
        parts = (
            *(self._demand(), self._shares(), self._stays(), self._patience(), self._balking()),
            self._rest(),
        )
        return [row for part in parts for row in part]

    def _demand(self) -> Iterator[Row]:
        found = self.demand
        if found is None:
            return
        yield Row("demand.visits_a_day", "all", found.a_day, found.visits, found.week.method)
        factors = [] if found.week.method in ("cells", "scaled") else found.week.weekday.tolist()
        for day, factor in zip(DAYS, factors, strict=False):
            yield Row("demand.weekday", day, Estimate(factor), found.days, "shrunk")
        yield Row("demand.day_to_day_cv", "all", found.cv, found.days, "moments")
        for name, one in found.special.items():
            yield Row("demand.special_days.visits", name, one, found.days, "ratio")
        if found.crowd.is_known:
            yield Row("demand.crowd_at_opening", "all", found.crowd, found.visits, "excess")
        if self.chance.ratio.is_known:
            ratio, visits, note = self.chance
            yield Row("demand.within_the_hour", "all", ratio, visits, "quarters", note)
        if (people := self.clients) is not None:
            yield Row("demand.clients.sigma", "all", people.sigma, people.seen, "counts")
            yield Row("demand.clients.number", "all", people.number, people.seen, "counts", "never")
        if self.unserved == "unknown":
            low, value, high = RAISED
            yield Row("demand.factor", "all", Estimate(value, low, high), 0, "assumption")

    def _shares(self) -> Iterator[Row]:
        for name, one in self.kinds.shares.items() if self.kinds else ():
            kept = not np.isfinite(one.low)
            how = "file" if kept else "exact"
            yield Row("visits.share", name, one, self.kinds.number if self.kinds else 0, how)

    def _stays(self) -> Iterator[Row]:
        for name, one in (self.stays or {}).items():
            how = one.law.family if one.law else "file"
            yield Row("visits.stay.mean", name, one.mean, one.number, how, one.note)
            if one.law is not None and one.law.family in ("lognormal", "gamma"):
                yield Row("visits.stay.cv", name, Estimate(one.law.cv), one.number, how)
        for room, limit in (self.limits or {}).items():
            at = Estimate(limit.minutes)
            yield Row(
                "rooms.time_limit.limit", room, at, limit.reached, "file" if limit.given else "pile"
            )
            if limit.reached:
                yield Row("rooms.time_limit.comply", room, limit.comply, limit.reached, "exact")
            if limit.overrun.is_known:
                yield Row(
                    "rooms.time_limit.overrun.mean", room, limit.overrun, limit.reached, "exact"
                )

    def _patience(self) -> Iterator[Row]:
        if self.matched is not None:
            mean = next(iter(self.matched.patience.values()))
            note = "" if self.matched.near else "not_near"
            count = round(self.matched.a_day * int(self.logged.sum()))
            yield Row("visits.patience.mean", "all", mean, count, "matched", note)
            return
        found = self.patience or {}
        if any(one.pooled for one in found.values()):
            found = {"all": next(iter(found.values()))}
        for name, one in found.items():
            if one.law is not None:
                for part, value in (("median", one.law.median), ("shape", one.law.shape)):
                    yield Row(f"visits.patience.{part}", name, value, one.leavers, "weibull")
            else:
                note = "" if one.leavers else "nobody_left"
                how = "few_leavers" if one.leavers else "file"
                yield Row("visits.patience.mean", name, one.mean, one.leavers, how, note)
            for minutes, still in one.still.items():
                if still.is_known:
                    by = f"{minutes} min" if name == "all" else f"{name} {minutes} min"
                    yield Row("visits.patience.still_waiting", by, still, one.leavers, "km")

    def _balking(self) -> Iterator[Row]:
        found = self.balking or {}
        if any(one.pooled for one in found.values()):
            found = {"all": next(iter(found.values()))}
        for name, one in found.items():
            yield Row("visits.balking.per_person_ahead", name, *one[:2], "replayed")
        if (waits := self.waits) is not None:
            note = {1: "longer", -1: "shorter"}.get(waits.differ, "")
            for part, value in (("mean", waits.more), ("p90", waits.more_p90)):
                yield Row(f"{REPLAY}wait.{part}", "all", value, waits.visits, "replay", note)

    def _rest(self) -> Iterator[Row]:
        if self.firsts is not None and self.firsts[1]:
            share, number, falls = self.firsts
            note = "register_began" if falls else ""
            how = "file" if falls else "exact"
            yield Row("check_in.times.first_visit_share", "all", share, number, how, note)
        for name, (mean, number) in (self.check_ins.means if self.check_ins else {}).items():
            note = "" if self.check_ins is None else self.check_ins.note
            path = "check_in.times.mean" if name == "all" else f"check_in.times.{name}.mean"
            yield Row(path, "all", mean, number, "scaled_law", note)
        if self.overdoses is not None:
            one = self.overdoses
            yield Row("visits.overdose.per_1000", "all", one.all, one.uses, "exact")
            for name, rate in one.by_kind.items():
                yield Row("visits.overdose.per_1000", name, rate, one.uses, "exact")
        for kind, used in (self.services or {}).items():
            for service, use in used.items():
                yield _use_row("visits.services", f"{kind}, {service}", use)
        for kind, use in (self.rests or {}).items():
            yield _use_row("visits.aftercare.share", kind, use)


def _use_row(name: str, by: str, use: Use) -> Row:
    return Row(name, by, use.share, use.number, "exact" if use.is_fitted else "file", use.note)


def fit_log(
    read: Read,
    unserved: Read | None,
    site: Scenario,
    choice: Choice,
    overdoses: Register | None = None,
) -> Fitted:
    """Put a log through the estimators.

    Args:
        read: the log.
        unserved: the list of those who were not served, if there is one.
        site: the site, by its file.
        choice: how it is to be fitted.
        overdoses: where they are in a list of their own, by the log's calendar.

    Raises:
        ScenarioError: too much of it is of no use; or it shows queues, and nothing is said of
            those who went without.
    """
    register, findings = _period(read, choice)
    findings = [*read.findings, *findings]
    if unserved is not None:
        register, more = _with_list(register, unserved)
        findings += more
    register, more = walking_in(register, site)
    findings += more
    calendar = calendar_of(site, register.start, register.days)
    clean = cleaned(register, calendar, read.findings)
    closed = frozenset((one - register.start).days for one in choice.closed)
    days = kept_days(clean.register, calendar, closed)
    if not days.logged.any():
        raise _error(
            read,
            told(
                "no_day_of_the_log_is_one",
                "no day of the log is one on which the site is open, by its file",
            ),
        )
    kept = clean.register.where(days.logged[np.minimum(clean.register.day, register.days - 1)])
    at_once = gone_at_once(kept, site)
    findings += [*clean.findings, *days.findings, *finding("turned_round", kept, at_once)]
    kept = with_turned(kept, at_once)
    demand = _demand(kept, calendar, days.logged, site, latest=choice.latest)
    queues = queues_of(kept, site, demand.week.rate)
    heard = _told(kept, unserved, queues, choice, read)
    seen = tuple(findings)
    how = (calendar, clean.step, choice)
    found = Fitted(site, read, kept, seen, days.logged, queues, *how, heard)
    if overdoses is not None:
        found = replace(found, listed=_on_days(overdoses, read.register, kept, days.logged))
    found = _estimated(found, demand)
    if found.demand is None:
        return found
    # A code that was taken as nobody's may have been of who comes most: the rest is too alike.
    all_coded = all(one.rule != "one_code" for one in findings)
    return replace(found, chance=_chance(found), clients=clients_of(kept) if all_coded else None)


def _chance(found: Fitted) -> Apart:
    """How visits fall within their hour; unknown where the log has not all times at the door."""
    register = found.register
    of_all = found.unserved in ("log", "list", "nobody")
    at_door = "arrived" in register.has or register.shape is Shape.EVENTS
    if not of_all or not at_door or register.shape in (Shape.USES, Shape.COUNTS):
        return Apart()
    arrived = register.arrived[register.timed]
    data = counted(arrived, found.calendar, found.logged)
    return apart(within_the_hour(arrived, data, _step(register)), found.site)


def _on_days(overdoses: Register, log: Register, kept: Register, logged: Bools) -> Register:
    """Those of the days that count; the log may have been cut to its last weeks."""
    day = overdoses.day - (kept.start - log.start).days
    inside = (day >= 0) & (day < kept.days)
    inside[inside] = logged[day[inside]]
    return overdoses.where(inside)


def fit_weeks(found: Fitted, weeks: Sequence[int]) -> Fitted:
    """The same estimates of some whole weeks of a log, from 0, some of them more than once.

    The way in which each is made is that of the whole log: the hours of the week, and the laws.
    """
    register, calendar = found.register.of_weeks(weeks), found.calendar.of_weeks(weeks)
    logged = np.concatenate([found.logged[7 * one : 7 * one + 7] for one in weeks])
    method = found.demand.week.method if found.demand else ""
    demand = _demand(register, calendar, logged, found.site, latest=False, method=method)
    again = replace(found, register=register, calendar=calendar, logged=logged)
    families = {name: one.law.family for name, one in (found.stays or {}).items() if one.law}
    return _estimated(again, demand, families)


def _error(read: Read, message: str) -> ScenarioError:
    return ScenarioError([Problem(Place(read.register.file), "", message)])


def _period(read: Read, choice: Choice) -> tuple[Register, list[Finding]]:
    """The days of the log that are meant: of more than a year the last half, unless it is said."""
    register = read.register
    if choice.weeks is None:
        if register.days <= _YEAR:
            return register, []
        days = _WEEKS * 7
        return register.within(register.days - days, register.days - 1), [
            Finding("longer_than_a_year", register.days, more={"weeks": _WEEKS})
        ]
    first, last = ((one - register.start).days for one in choice.weeks)
    if last < 0 or first >= register.days:
        end = register.date_of(register.days - 1)
        raise _error(
            read,
            told(
                "weeks_the_log_runs_from_to",
                "--weeks: the log runs from {start} to {end}",
                start=register.start,
                end=end,
            ),
        )
    cut = register.within(max(first, 0), min(last, register.days - 1))
    if not len(cut):
        raise _error(
            read,
            told(
                "weeks_the_log_has_no_row_within", "--weeks: the log has no row within these days"
            ),
        )
    return cut, []


def _with_list(register: Register, unserved: Read) -> tuple[Register, list[Finding]]:
    """The log with those of another list who went without; those of other days are left out."""
    other = unserved.register
    if np.mean(other.timed) < _MOSTLY:
        raise _error(
            unserved,
            told(
                "a_list_of_the_unserved_needs_the",
                "a list of the unserved needs the time at which each of them came",
            ),
        )
    joined = register.beside(other)
    inside = (joined.day >= 0) & (joined.day < register.days)
    if inside.sum() == len(register):
        raise _error(
            unserved,
            told(
                "lists_nobody_on_the_days_of_the_log",
                "lists nobody on the days of the log, {start} to {end}: its rows are of {first} to "
                "{last}; give the list of the same days, or leave --unserved out",
                start=register.start,
                end=register.date_of(register.days - 1),
                first=other.date_of(int(other.day.min())),
                last=other.date_of(int(other.day.max())),
            ),
        )
    shown = replace(joined, file=other.file)
    findings = [*unserved.findings, *finding("list_outside", shown, ~inside)]
    return joined.where(inside), findings


def _demand(
    register: Register,
    calendar: Calendar,
    logged: Bools,
    site: Scenario,
    *,
    latest: bool,
    method: str = "",
) -> Demand:
    timed = register.timed
    by_date = np.mean(timed) < _MOSTLY
    covered = logged
    if register.logged is not None:
        covered = register.logged & logged[:, np.newaxis]
    arrived = register.arrived if by_date else register.arrived[timed]
    if by_date:
        step = float(DAY)
        # Of a date the whole day is one count: it stands in the first hour that is open.
        first = np.argmax(calendar.open > 0, axis=1)
        arrived = register.day * float(DAY) + first[register.day] * 60.0
    else:
        step = _step(register)
    data = counted(arrived, calendar, covered)
    if not by_date and step <= HOUR:
        data = with_clock_changes(data, calendar)
    if not by_date:
        data = replace(data, visits=data.visits * len(register) / max(len(arrived), 1))
    return fit_demand(arrived, data, calendar, site, Way(step, latest, method))


def _step(register: Register) -> float:
    return max(register.step, step_of(register.arrived[register.timed]))


def _told(
    register: Register, unserved: Read | None, queues: Queues, choice: Choice, read: Read
) -> str:
    """From where it is known who went without.

    Raises:
        ScenarioError: people queue, and nothing is said of it.
    """
    if choice.unserved_a_day is not None:
        if unserved is not None or register.unserved.any():
            raise _error(
                read,
                told(
                    "unserved_per_day_but_somebody_wrote_down",
                    "--unserved-per-day, but somebody wrote down who was not served",
                ),
            )
        return "tally"
    if choice.unserved_unknown:
        if unserved is not None or register.unserved.any():
            raise _error(
                read,
                told(
                    "unserved_unknown_but_somebody_wrote_down_who",
                    "--unserved-unknown, but somebody wrote down who was not served",
                ),
            )
        return "unknown"
    if unserved is not None:
        return "list"
    if register.unserved.any():
        return "log"
    if not queues.are_shown:
        return "nobody"
    waited = (
        told(
            "and_people_wait_min_on_average",
            ", and people wait {wait:.1f} min on average",
            wait=queues.wait,
        )
        if queues.wait > 0
        else ""
    )
    raise _error(
        read,
        told(
            "the_log_shows_that_people_queue_of",
            "the log shows that people queue: {in_use:.0%} of the places are in use on "
            "{when}{waited}. Nothing is said of those who were not served, without "
            "whom waits come out far too long. Have you a list of them: --unserved "
            "FILE; a tally: --unserved-per-day N; if nobody knows: --unserved-unknown, "
            "which takes {raised:g} times as many to come (an assumption, "
            "{raised_2:g}-{raised_3:g}), and then no wait can be forecast",
            in_use=queues.in_use,
            when=queues.when,
            waited=waited,
            raised=RAISED[1],
            raised_2=RAISED[0],
            raised_3=RAISED[2],
        ),
    )


def _estimated(found: Fitted, demand: Demand, families: Mapping[str, str] | None = None) -> Fitted:
    """The estimates that are wanted; the law of each kind's stays may be chosen already."""
    register, site, only = found.register, found.site, found.choice.only
    kinds = kinds_of(register, site) if "shares" in only else None
    if "demand" in only:
        found = replace(found, demand=demand)
        if empty := demand.empty_hours(open_week(site)):
            seen = (*found.findings, Finding("empty_hours", empty))
            found = replace(found, findings=seen)
    if "stays" in only and not np.isnan(register.left - register.entered).all():
        stays, limits = fit_stays(register, site, found.step, families)
        found = replace(found, stays=stays, limits=limits)
    if "patience" in only:
        # Of weeks that are drawn nobody looks at the curve; their laws are chosen already.
        curve = families is None
        patience = fit_patience(register, found.calendar, site, curve=curve)
        found = replace(found, patience=patience)
    if "first_visits" in only:
        found = replace(found, firsts=first_visits(register))
    if "check_in" in only:
        found = replace(found, check_ins=check_ins_of(register, site))
    if "overdoses" in only:
        found = replace(found, overdoses=overdoses_of(register, site, found.listed))
    if "services" in only:
        services, rests = services_of(register, site), rests_of(register, site)
        found = replace(found, services=services, rests=rests)
    return replace(found, kinds=kinds)
