"""`calibrate`: which of the worlds that are thought possible give what was published."""

from typing import Annotated

import typer

from sim.cli.console import fail, progress_bar, warn
from sim.cli.options import (
    PROCESSORS,
    Csv,
    CsvForm,
    Lang,
    NoCache,
    NoReport,
    Out,
    ScenarioFile,
    Seed,
    Settings,
    Variant,
    Workers,
    Xlsx,
    make_ready,
)
from sim.cli.print.calibration import print_calibration
from sim.cli.session import Wanted, form_of, read_held, session
from sim.engine import Engine
from sim.report import ENGLISH
from sim.report.page.words import catalogue
from sim.results.study import write_calibration
from sim.scenario.city.outlook import warnings_of
from sim.scenario.errors.problem import message_of
from sim.scenario.errors.told import told
from sim.scenario.text.readings import readings
from sim.study.worlds.calibrated import Calibrator, OutcomeError

_MOST_ERROR = 1.0


def calibrate_command(
    scenario: ScenarioFile,
    outcomes: Annotated[
        list[str],
        typer.Option(
            "--to",
            metavar="FIGURE=VALUE (LOW-HIGH)",
            help='An outcome that is known, with its 95 % interval: "uses.per_day=412 (400-425)". '
            "May be repeated.",
        ),
    ],
    free: Annotated[
        str,
        typer.Option(
            metavar="PATH,...",
            help="What may be otherwise, of all that has a range: visits.*.patience,demand. "
            "[default: all of it]",
        ),
    ] = "",
    model_error: Annotated[
        str,
        typer.Option(
            metavar="PERCENT", help="What the model may be off by itself, of each outcome: 5%."
        ),
    ] = "0%",
    settings: Settings = None,
    variant: Variant = None,
    seed: Seed = 1,
    out: Out = None,
    workers: Workers = PROCESSORS,
    no_cache: NoCache = False,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
    csv: Csv = CsvForm.USUAL,
    xlsx: Xlsx = False,
) -> None:
    """Find the values of what is not known that give published outcomes."""
    form, words = form_of(csv, xlsx=xlsx), catalogue(lang)
    wanted = Wanted(None, seed, workers, Engine.FAST, None, cache=not no_cache, form=form)
    plan = wanted.plan()
    loaded, _ = read_held(scenario, settings, variant, plan)
    site = loaded.scenario
    for warning in (*readings(loaded.source), *warnings_of(site)):
        warn(words.told(warning), words["screen.warning"])
    patterns = [one.strip() for one in free.split(",") if one.strip()] or [free][: len(free)]
    try:
        asked = Calibrator.of(loaded, outcomes, patterns, plan, _share(model_error))
    except OutcomeError as error:
        fail(message_of(error))
    make_ready(Engine.FAST, site)
    with session(f"{site.name}-calibrate", out, Engine.FAST, cached=True, form=form) as now:
        with progress_bar(told("count_worlds_of_a_wave", "worlds of a wave")) as show:
            found, handed = asked.run(show)
        played = {"seed": seed, "replications": found.found.played}
        write_calibration(found, handed, site, played, now.record(), now.draft)
        now.draw(None if no_report else lang)
    print_calibration(found, site, words)
    now.say_where(words)


def _share(text: str) -> float:
    """`5%` or `0.05` as a share."""
    number = text.strip().removesuffix("%").strip()
    try:
        found = float(number) / (100 if "%" in text else 1)
    except ValueError:
        found = -1.0
    if not 0 <= found < _MOST_ERROR:
        fail(
            told(
                "model_error_must_be_a_share_such",
                "--model-error {text}: must be a share such as 5%, from 0% to under 100%",
                text=text,
            )
        )
    return found
