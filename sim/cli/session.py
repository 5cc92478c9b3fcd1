"""What commands that simulate have in common: what was asked for, and one run of it.

A session has the run's clock, the draft of its results, the record of how they came about, the
page that is drawn of them, and how the run ends.
"""

import os
import shlex
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NoReturn

from sim import __version__
from sim.cli.console import expecting, fail, progress_bar, say, warn
from sim.cli.options import RESULTS, CsvForm, make_ready
from sim.engine import Engine
from sim.report.page.words import Words
from sim.report.report import keep_pages, languages_in, write_report
from sim.results import ResultsError, Run, new_results
from sim.results.spreadsheets import USUAL, WORKBOOK, Form
from sim.rota.check.comparison import Stress, stresses
from sim.scenario import Scenario
from sim.scenario.city.model import City
from sim.scenario.city.system import is_system, system_of
from sim.scenario.errors.problem import ScenarioError, did_you_mean
from sim.scenario.errors.told import Listed, Written, told
from sim.scenario.load import Loaded, read_scenario
from sim.scenario.text.read import FACILITIES
from sim.study import Plan, StudyError, StudyResult
from sim.study.compare.comparison import Studied
from sim.study.estimate.precision import PrecisionRule
from sim.study.run.cache import Cache, code_version
from sim.study.run.runner import StudyInterrupted, study_each
from sim.study.run.served import HeldDemand
from sim.study.run.visited import as_visited
from sim.study.run.workers import dask_cluster

CACHE = RESULTS / ".cache"
"""Where finished replications are kept; one for all scenarios, wherever their results go."""
QUICK = 40
"""Most replications unless the planner asks for more: a few seconds for the examples."""
PATIENT = 200
"""Most replications of `--precision`."""


def form_of(csv: CsvForm, *, xlsx: bool) -> Form:
    """The form in which tables are wanted beside the usual one."""
    return Form(excel_csv=csv is CsvForm.EXCEL, workbook=xlsx)


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    replications: int | None
    """So many; without it as many as the headline figures need."""
    seed: int
    workers: int
    engine: Engine
    cluster: str | None
    """Address of a Dask scheduler."""
    _: KW_ONLY
    cache: bool
    precise: bool = False
    """Go on beyond QUICK until the headline figures are precise."""
    max_replications: int | None = None
    form: Form = USUAL
    """In what form tables are wanted."""

    @property
    def engine_here(self) -> Engine | None:
        """The engine that this machine needs; a cluster's workers see to their own."""
        return self.engine if self.cluster is None else None

    def plan(self) -> Plan:
        """The study's plan; ends the program where options contradict each other."""
        return Plan(
            seed=self.seed,
            replications=self.replications or 1,
            workers=self.workers,
            engine=self.engine,
            precision=self._rule(),
            cache=Cache(CACHE, code_version(__version__)) if self.cache else None,
            pool=None if self.cluster is None else dask_cluster(self.cluster),
        )

    def _rule(self) -> PrecisionRule | None:
        if self.replications is not None:
            if self.precise or self.max_replications is not None:
                form = "--replications says how many; leave out --precision and --max-replications"
                fail(told("fail_replications_says_how_many_leave_out", form))
            return None
        most = self.max_replications or (PATIENT if self.precise else QUICK)
        if most < PrecisionRule().least:
            fail(
                told(
                    "max_replications_must_be_at_least_fewer",
                    "--max-replications must be at least {least}: fewer cannot be known to be "
                    "precise; for a quick look use --replications",
                    least=PrecisionRule().least,
                )
            )
        return PrecisionRule(most=most)


def read_held(
    path: Path,
    settings: Sequence[str] | None,
    variant: str | None,
    plan: Plan,
) -> tuple[Loaded, tuple[str, ...]]:
    """A scenario, and the settings with which what is tried out on it meets the same demand.

    Where only those served were counted, and it is unknown how many come, that is found first.

    Args:
        path: the scenario's file.
        settings: what was set on the command line.
        variant: the one that was asked for.
        plan: who plays; seed and replications are without meaning.

    Raises:
        ScenarioError: everything that is wrong with it; however many come, fewer are served.
    """
    sets = tuple(settings or ())
    loaded = read_scenario(path, sets, variant)
    if not loaded.scenario.demand.is_unknown:
        return loaded, sets
    sets = hold(plan)(path, sets, variant)
    loaded = read_scenario(path, sets, variant)
    changes = tuple(
        one.replace("(--set)", "(found by play)") if one.startswith("demand.unserved") else one
        for one in loaded.source.changes
    )
    return loaded._replace(source=replace(loaded.source, changes=changes)), sets


def read_one(
    path: Path,
    settings: Sequence[str] | None,
    variant: str | None,
    plan: Plan,
    facility: str | None = None,
) -> tuple[Loaded, tuple[str, ...]]:
    """As `read_held`, for what is asked of one site.

    A facility of a city is given as it is visited within it, and so is a site to which people come
    back.

    Args:
        path: the scenario's file.
        settings: what was set on the command line.
        variant: the one that was asked for.
        plan: who plays.
        facility: of a city, the one that is meant.

    Raises:
        ScenarioError: what is wrong with it; it is a city, and no facility of it was named.
    """
    if not is_system(read_scenario(path, settings or (), variant).scenario):
        one_site(path, facility)  # told before the demand of a site is found by play
    loaded, sets = read_held(path, settings, variant, plan)
    scenario = loaded.scenario
    if not is_system(scenario):
        return loaded, sets
    one = facility_of(scenario, path, facility)
    make_ready(plan.engine)
    return loaded._replace(scenario=as_visited(scenario, one, plan)), sets


def one_site(path: Path, facility: str | None) -> None:
    """End the program where a facility of one site was named."""
    if facility is not None:
        form = "--facility is for a city; {path} is one site"
        fail(told("facility_is_for_a_city_is_one", form, path=path))


def facility_of(system: Scenario, path: Path, facility: str | None) -> str:
    """The facility of which something is asked; ends the program where that is not said rightly.

    Args:
        system: a city, or a site to which people come back.
        path: its file.
        facility: that was named.
    """
    names = list(system_of(system).sites)
    one = facility or (names[0] if len(names) == 1 else None)
    if one not in names:
        known = ", ".join(names)
        fail(
            told(
                "this_is_asked_of_one_site_and",
                "this is asked of one site, and {path} is a city: add --facility, one of {known}",
                path=path,
                known=known,
            )
            if facility is None
            else told(
                "facility_there_is_no_facilities",
                "--facility: there is no {facility}{hint} (facilities: {known})",
                facility=facility,
                hint=did_you_mean(facility, names),
                known=known,
            )
        )
    return one


def read_visits(
    path: Path,
    settings: Sequence[str] | None,
    variant: str | None,
    plan: Plan,
    command: str,
) -> tuple[Loaded, tuple[str, ...]]:
    """As `read_held`, for a command that knows visits only, and no needs; see `only_visits`."""
    found = read_held(path, settings, variant, plan)
    only_visits(found[0], command)
    return found


def only_visits(loaded: Loaded, *asked: str) -> None:
    """End where needs are played, of what knows visits only.

    Args:
        loaded: what was read.
        asked: the command, or the options, that do not know needs; nothing without any.

    Raises:
        ScenarioError: it is a city, or people come back.
    """
    if not asked:
        return
    scenario, what = loaded.scenario, Listed.of(map(Written, asked), "and")
    if isinstance(scenario, City):
        message = told(
            "makes_this_a_city_and_is_for",
            "makes this a city, and {what} is for one site yet: give it the site's own file",
            what=what,
        )
        raise ScenarioError([loaded.source.problem((FACILITIES,), message, at_key=True)])
    for name, kind in scenario.visits.items():
        if kind.returns is not None:
            message = told(
                "has_people_come_back_which_does_not",
                "has people come back, which {what} does not know yet: leave it out for it",
                what=what,
            )
            path = ("visits", name, "returns")
            raise ScenarioError([loaded.source.problem(path, message, at_key=True)])


def hold(plan: Plan) -> Callable[[Path, Sequence[str], str | None], tuple[str, ...]]:
    """What finds demand that is unknown, once for all files that say the same of it."""
    held = HeldDemand(plan, partial(progress_bar, brief=True))

    def sets(path: Path, settings: Sequence[str], variant: str | None = None) -> tuple[str, ...]:
        if plan.pool is None and read_scenario(path, settings, variant).scenario.demand.is_unknown:
            make_ready(plan.engine)
        return held.sets(path, settings, variant)

    return sets


@dataclass(frozen=True)
class Session:
    """One run of a command that writes results."""

    target: Path
    """Where the results go."""
    draft: Path
    """The folder to write them into."""
    engine: Engine
    started: datetime
    clock: float
    """When, in seconds of `time.perf_counter`."""
    form: Form = USUAL
    """In what form tables are wanted."""

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self.clock

    def record(self) -> Run:
        """How the results came about, as of now."""
        return Run(shlex.join(sys.argv), self.started, self.seconds, self.engine, self.form)

    def draw(self, lang: str | None, simulated: Scenario | None = None) -> None:
        """Draw the page of the results, and anew those of other languages that were there.

        Args:
            lang: one of `words.LANGUAGES`; with None nothing is drawn, and the pages that were
                there stay, with a mark if they are of other results.
            simulated: the scenario of a run, which need not be read again.

        Raises:
            ResultsError: it cannot be written.
        """
        if lang is None:
            keep_pages(self.target, self.draft)
        else:
            others = languages_in(self.target)
            with progress_bar(told("count_pages_drawn", "pages drawn"), brief=True) as show:
                write_report(
                    self.draft, *others, lang, simulated=simulated, warn=warn, progress=show
                )

    def say_where(self, words: Words) -> None:
        """Print where the results are, and the page if there is one."""
        page = self.target / "report.html"
        text = "\n" + words.say("screen.results", folder=f"{self.target}{os.sep}")
        if page.is_file():
            text += "   " + words.say("screen.page", page=page)
        if self.form.workbook:
            text += "\n" + words.say("screen.workbook", file=self.target / WORKBOOK)
        say(text, soft_wrap=True)


@contextmanager
def session(
    name: str,
    out: Path | None,
    engine: Engine,
    *errors: type[Exception],
    cached: bool = False,
    form: Form = USUAL,
) -> Iterator[Session]:
    """A run whose results are written whole or not at all; what goes wrong ends the program.

    Args:
        name: of the results, unless a folder is named.
        out: the folder that was named.
        engine: what plays the visitors.
        errors: what else may be thrown whose message says all.
        cached: whether finished replications are kept for the same command.
        form: in what form tables are wanted beside the usual one.
    """
    target = RESULTS / name if out is None else out
    started, clock = datetime.now(UTC), time.perf_counter()
    with expecting(ResultsError, StudyError, *errors):
        try:
            with new_results(target) as draft:
                yield Session(target, draft, engine, started, clock, form)
        except StudyInterrupted:
            interrupted(kept=cached)


def interrupted(*, kept: bool) -> NoReturn:
    """End after Ctrl-C."""
    if kept:
        form = (
            "interrupted; finished replications are kept, and the same command goes on from "
            "there; earlier results are as they were"
        )
        fail(told("interrupted_kept", form), status=130)
    form = "interrupted; earlier results are as they were"
    fail(told("fail_interrupted_earlier_results_are_as_they", form), status=130)


def play_each(scenarios: Sequence[Scenario], plan: Plan) -> Generator[StudyResult]:
    """A study of each scenario in turn, all of the same people, with one progress bar."""
    of = plan.replications * len(scenarios)
    with progress_bar() as show:
        yield from study_each(
            scenarios,
            plan,
            lambda number: lambda done, _: show(number * plan.replications + done, of),
        )


def play_named(scenarios: Mapping[str, Scenario], plan: Plan) -> tuple[Studied, ...]:
    """The same, each with its name."""
    with closing(play_each(list(scenarios.values()), plan)) as results:
        return tuple(
            Studied(name, scenario, result)
            for (name, scenario), result in zip(scenarios.items(), results, strict=True)
        )


def play_stressed(
    scenarios: Mapping[str, Scenario], plan: Plan
) -> dict[Stress, tuple[Studied, ...]]:
    """All of them again, under each stress test of the first."""
    return {
        one: play_named({name: one.change(site) for name, site in scenarios.items()}, plan)
        for one in stresses(next(iter(scenarios.values())))
    }
