"""`fit`: a scenario from a site's own log."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

from sim.cli.console import expecting, fail, progress_bar
from sim.cli.options import PROCESSORS, Lang, NoReport, Workers, how_many, how_much, make_ready
from sim.cli.print.fit import print_fit, print_playback, print_replay, print_written
from sim.engine import Engine
from sim.fit.draws import draws_of
from sim.fit.fit import PARTS, Choice, Fitted, fit_log
from sim.fit.lacking import Lack, lacking, public_lacks
from sim.fit.matching import matched
from sim.fit.playback.play import FEWEST, USUAL, PlayedBack, Playing, play_back
from sim.fit.playback.replay import replayed
from sim.fit.public import public as for_others
from sim.fit.reading.columns import folded, meanings_given
from sim.fit.reading.emergencies import emergencies_of
from sim.fit.reading.read import Read, read_log, read_logs
from sim.fit.reading.rows import Said
from sim.fit.reading.services import NO_SERVICE
from sim.fit.reading.tally import tally_of
from sim.fit.write import Written, trial_scenario, written
from sim.report import ENGLISH
from sim.report.fit.fit_page import FitAnswer
from sim.report.page.words import catalogue
from sim.report.report import fitted_page
from sim.results import ResultsError
from sim.results.files import write_csv, write_text
from sim.results.folder import check_file, new_files
from sim.scenario.errors.told import told
from sim.scenario.load import read_scenario
from sim.scenario.model.scenario import Scenario

_YAML = (".yaml", ".yml")


def _names(what: str, meant: str) -> object:
    return typer.Option(metavar="LOG=SITE", help=f"{what} that the log calls otherwise: {meant}.")


def fit_command(
    log: Annotated[
        list[Path],
        typer.Argument(metavar="LOG…", help="CSV, Excel or Parquet; several files are one log."),
    ],
    site: Annotated[
        Path, typer.Option(metavar="SITE.yaml", help="The site: places, hours, staff, limits.")
    ],
    unserved: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Those who were not served: a list, or how many a day or week."
        ),
    ] = None,
    unserved_per_day: Annotated[
        float | None,
        how_much(
            "A tally of them, on average; demand and patience are matched to it by play.",
            *(0.01, 10_000, "N"),
        ),
    ] = None,
    unserved_unknown: Annotated[
        bool,
        typer.Option("--unserved-unknown", help="Nobody knows how many were not served."),
    ] = False,
    emergencies: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A list of emergencies, of which overdoses count."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(metavar="MEANING=HEADING", help="What columns are: arrived=Kommet,kind=Form."),
    ] = None,
    kinds: Annotated[list[str] | None, _names("Kinds of visit", "sniff=inject")] = None,
    rooms: Annotated[list[str] | None, _names("Rooms", "Raum 1=injecting")] = None,
    services: Annotated[list[str] | None, _names("Services", "Samtale=advice")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="COLUMN=VALUE", help="Only these rows: site=H17.")
    ] = None,
    dates: Annotated[
        Literal["day", "month"] | None,
        typer.Option(help="Which is first in 05/01/2026, if no date of the log tells."),
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="PARTS", help=f"Some of {', '.join(PARTS)}.")
    ] = None,
    weeks: Annotated[
        str | None,
        typer.Option(metavar="FROM:TO", help="Only these days: 2026-02-02:2026-03-29."),
    ] = None,
    level: Annotated[
        Literal["latest", "all"],
        typer.Option(
            help="Of a log with a trend: how many come in its last four weeks, or in all."
        ),
    ] = "latest",
    closed: Annotated[
        list[str] | None,
        typer.Option(metavar="DATE", help="A day that does not count. May be repeated."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The scenario to write. Without it <SITE>-fitted.yaml beside the site's."
        ),
    ] = None,
    draws: Annotated[
        int,
        how_many("Draws of what the log leaves open, beside the scenario; 0: none.", 0, 1000),
    ] = 50,
    plays: Annotated[
        int | None,
        how_many(
            f"How often the log's days are played, to see whether the fitted site gives them back; "
            f"0: not at all, else at least {FEWEST}. Without it {USUAL}, {FEWEST} of long logs.",
            0,
            1000,
        ),
    ] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public", help="For others to read: nothing is told that under 5 visits say."
        ),
    ] = False,
    workers: Workers = PROCESSORS,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
) -> None:
    """Make a site's own log into its scenario: every number with where it comes from."""
    said_of_them = (unserved is not None, unserved_per_day is not None, unserved_unknown)
    if sum(said_of_them) > 1:
        fail(
            told(
                "unserved_unserved_per_day_and_unserved_unknown",
                "--unserved, --unserved-per-day and --unserved-unknown contradict each "
                "other; give one",
            )
        )
    _check_plays(plays)
    target = _target(site, out)
    choice = Choice(
        _parts(only),
        _weeks(weeks),
        level == "latest",
        frozenset(_date(one, "--closed") for one in closed or ()),
        unserved_unknown,
        unserved_per_day,
    )
    loaded = read_scenario(site)
    scenario = loaded.scenario
    said = Said(
        meanings_given(columns or ()),
        {
            **_pairs(kinds, "--kinds", list(scenario.visits)),
            **_pairs(rooms, "--rooms", list(scenario.rooms)),
            **_pairs(services, "--services", [*scenario.services, NO_SERVICE]),
        },
        _where(where),
        dates,
    )
    read = read_logs(log, scenario, said)
    gone, choice = _gone(unserved, read, scenario, said, choice)
    if choice.unserved_a_day is not None and "demand" not in choice.only:
        form = "a tally of those not served is matched to demand; --only leaves it out"
        fail(told("fail_a_tally_of_those_not_served", form))
    listed = None
    if emergencies is not None:
        listed, seen = emergencies_of(emergencies, scenario, said, read.register)
        read = read._replace(findings=(*read.findings, *seen))
    found = fit_log(read, gone, scenario, choice, listed)
    if choice.unserved_a_day is not None:
        make_ready(Engine.FAST)
        rounds = told("count_rounds_of_matching", "rounds of matching")
        with progress_bar(rounds, brief=True) as show:
            found = matched(found, loaded, site, choice.unserved_a_day, show, spread=draws > 0)
    found, lacks = _told(_replayed(found, workers), public=public)
    words = catalogue(lang)
    texts = written(found, loaded, site, target, draws_of(found, draws), words.told)
    scenario = trial_scenario(found, loaded, site)
    how = Playing(choice.latest, plays, workers)
    back = None if plays == 0 else _played_back(found, scenario, how)
    answer = FitAnswer(found, scenario, back, lacks)
    page = "" if no_report else fitted_page(answer, lang)
    files = _write(answer, texts, page, target)
    print_fit(found, Path(found.register.file), words)
    print_replay(found, words)
    print_playback(back, answer.lacks, words, public=public)
    print_written(files, words)


def _check_plays(plays: int | None) -> None:
    if plays is not None and 0 < plays < FEWEST:
        form = (
            "--plays {plays}: only from {fewest} plays on can a band be said to hold 95 of 100 "
            "logs; give {fewest} or more, 0 for none, or leave it out"
        )
        fail(told("fail_too_few_plays", form, plays=plays, fewest=FEWEST))


def _replayed(found: Fitted, workers: int) -> Fitted:
    make_ready(Engine.FAST)
    with progress_bar(told("count_replays_of_the_log", "replays of the log"), brief=True) as show:
        return replayed(found, workers, show)


def _played_back(found: Fitted, fitted: Scenario, how: Playing) -> PlayedBack | str:
    make_ready(Engine.FAST)
    with progress_bar(told("count_plays_of_the_log", "plays of the log"), brief=True) as show:
        return play_back(found, fitted, how, show)


def _told(found: Fitted, *, public: bool) -> tuple[Fitted, list[Lack]]:
    """What is told of a fit and of what it lacks: for others only what enough visits say."""
    lacks = lacking(found)
    if not public:
        return found, lacks
    return for_others(found), public_lacks(lacks, int(found.logged.sum()))


def _gone(
    unserved: Path | None, read: Read, site: Scenario, said: Said, choice: Choice
) -> tuple[Read | None, Choice]:
    """The list of those who were not served; a tally of them is part of the choice."""
    if unserved is None:
        return None, choice
    tally = tally_of(unserved, said, read.register)
    if tally is None:
        return read_log(unserved, site, said, unserved=True), choice
    return None, replace(choice, unserved_a_day=tally.a_day, tallied_days=tally.days)


def _target(site: Path, out: Path | None) -> Path:
    """The file to write, which is not the site's own."""
    target = site.with_name(f"{site.stem}-fitted.yaml") if out is None else out
    if target.suffix not in _YAML:
        fail(
            told(
                "out_must_be_a_scenario_s_file",
                "--out must be a scenario's file, such as {name}.yaml, not {target}",
                name=target.name,
                target=target,
            )
        )
    with expecting(ResultsError):
        if check_file(target) == site.resolve():
            fail(
                told(
                    "out_is_the_site_s_own_file",
                    "--out is the site's own file ({site}), which the new one extends; name "
                    "another",
                    site=site,
                )
            )
    return target


def _parts(text: str | None) -> frozenset[str]:
    parts = PARTS if text is None else tuple(one.strip() for one in text.split(","))
    unknown = [one for one in parts if one not in PARTS]
    if unknown:
        fail(
            told(
                "only_is_none_of",
                "--only: {unknown!r} is none of {listed}",
                unknown=unknown[0],
                listed=", ".join(PARTS),
            )
        )
    return frozenset(parts)


def _weeks(text: str | None) -> tuple[date, date] | None:
    if text is None:
        return None
    first, colon, last = text.partition(":")
    if not colon:
        fail(
            told(
                "weeks_takes_two_dates_as_in_2026",
                "--weeks takes two dates, as in 2026-02-02:2026-03-29, not '{text}'",
                text=text,
            )
        )
    days = _date(first, "--weeks"), _date(last, "--weeks")
    if days[1] < days[0]:
        fail(
            told("weeks_ends_before_it_begins", "--weeks ends before it begins: {text}", text=text)
        )
    return days


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        fail(
            told(
                "takes_dates_such_as_2026_03_04",
                "{option} takes dates such as 2026-03-04, not '{text}'",
                option=option,
                text=text,
            )
        )


def _pairs(texts: Sequence[str] | None, option: str, names: Sequence[str]) -> dict[str, str]:
    """What `--kinds sniff=inject` says."""
    found = {}
    for text in (one for listed in texts or () for one in listed.split(",")):
        theirs, equals, ours = text.rpartition("=")
        if not equals or ours.strip() not in names:
            fail(
                told(
                    "takes_log_site_with_one_of_not",
                    "{option} takes LOG=SITE with one of {listed}, not '{text}'",
                    option=option,
                    listed=", ".join(names),
                    text=text,
                )
            )
        found[folded(theirs)] = ours.strip()
    return found


def _where(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    column, equals, value = text.partition("=")
    if not equals:
        fail(
            told(
                "where_takes_column_value_as_in_site",
                "--where takes COLUMN=VALUE, as in site=H17, not '{text}'",
                text=text,
            )
        )
    return column.strip(), value.strip()


def _write(answer: FitAnswer, texts: Written, page: str, target: Path) -> list[Path]:
    """The files that were written, all of them or none."""
    beside = {".week.csv": texts.week, ".draws.csv": texts.draws, ".fit.html": page}
    given = {ending: text for ending, text in beside.items() if text}
    tables = {".fit.csv": pd.DataFrame(_table_rows(answer.found))}
    if isinstance(answer.back, PlayedBack):
        tables[".fit_check.csv"] = pd.DataFrame(answer.back.rows())
    names = [target, *(target.with_name(texts.name + ending) for ending in (*given, *tables))]
    with expecting(ResultsError), new_files(names) as drafts:
        for draft, text in zip(drafts, (texts.scenario, *given.values()), strict=False):
            write_text(text, draft)
        for draft, table in zip(drafts[-len(tables) :], tables.values(), strict=True):
            write_csv(table, draft)
    return names


def _table_rows(found: Fitted) -> Sequence[Mapping[str, object]]:
    """The table of what was found, as it is written."""
    return [
        {
            "input": one.input,
            "by": one.by,
            "estimate": one.estimate.value,
            "low": one.estimate.low,
            "high": one.estimate.high,
            "n": one.n,
            "method": one.method,
            "note": one.note,
        }
        for one in found.rows()
    ]
