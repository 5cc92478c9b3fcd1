"""What is taken away from the page: a variant in the scenario's file, and pages of results."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path
from shutil import copymode

from sim.engine import Engine
from sim.report.page.words import Words
from sim.report.report import write_report
from sim.report.watch.day import TYPICAL
from sim.report.watch.playing import OtherPeopleError, played_days
from sim.report.watch.watch_page import Design, that_fit, watch_page
from sim.results import Run, new_results
from sim.results.comparison import write_comparison
from sim.results.files import write_text
from sim.results.folder import new_file
from sim.results.scenario import variants_yaml
from sim.scenario.city.system import is_system, system_of
from sim.scenario.errors.problem import Problem, ScenarioError
from sim.scenario.errors.told import told
from sim.scenario.load import read_scenario
from sim.scenario.text.names import option_fault
from sim.scenario.text.notes import notes
from sim.serve.moves import Settings, Site
from sim.serve.security import WrongRequestError, below
from sim.study.compare.best import may_be_best
from sim.study.compare.comparison import Studied, compare, equal_cost
from sim.study.compare.matters import headlines
from sim.study.compare.options import changes
from sim.study.run.runner import Plan
from sim.study.run.visited import as_visited

# --- a variant ------------------------------------------------------------------------------------

_HEAD = re.compile(r"^variants:[ \t]*(?:#[^\n]*)?\n", re.MULTILINE)
_ENTRY = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*([ \t]+)\S")


@dataclass(frozen=True)
class Draft:
    """A scenario's file with one more variant, before it is written."""

    text: str
    """All of the file as it would be."""
    difference: str
    """Line by line, to be looked at before."""
    sure: str
    """Stands for this text in place of what is in the file now."""


def draft_variant(site: Site, now: Settings, name: str) -> Draft:
    """What the scenario's file would be with a move as one of its variants.

    Args:
        site: the scenario, as its file has it.
        now: the move.
        name: of the variant.

    Raises:
        ScenarioError: it cannot be called so, or the file cannot take it.
        WrongRequestError: the file is a link that leads out of its folder.
    """
    if fault := option_fault(name):
        raise _cannot(fault)
    if site.text is not None:
        raise _cannot(
            told(
                "the_text_was_changed_and_is_not",
                "the text was changed and is not in the file yet; save it there first",
            )
        )
    if name in site.loaded.source.variants:
        raise _cannot(
            told(
                "there_is_a_variant_already_take_another",
                "there is a variant '{name}' already; take another name",
                name=name,
            )
        )
    before = _in_file(site)
    after = _with_variant(before, now, name)
    read = read_scenario(site.path, site.sets, name, text=after).scenario
    if changes(read, site.scenario(now)):
        raise _cannot(
            told(
                "this_cannot_be_written_as_a_variant",
                "this cannot be written as a variant of the file; use it as a command",
            )
        )
    return _draft(site, before, after)


def draft_text(site: Site, text: str) -> Draft:
    """What the scenario's file would be with the text of the editor.

    Raises:
        ScenarioError: the file is another one than was read.
        WrongRequestError: the file is a link that leads out of its folder.
    """
    return _draft(site, _in_file(site), text)


def write_draft(site: Site, draft: Draft, sure: str) -> None:
    """Put a draft in place of the file, as it was shown.

    Raises:
        ResultsError: it cannot be written.
        ScenarioError: something has changed since it was shown.
    """
    if draft.sure != sure:
        raise _cannot(
            told(
                "the_file_has_changed_since_the_difference",
                "the file has changed since the difference was shown; look at it again",
            )
        )
    with new_file(site.path) as file:
        copymode(site.path, file)
        write_text(draft.text, file)


def _in_file(site: Site) -> str:
    if site.changed_on_disk:
        raise _cannot(
            told(
                "the_file_on_disk_is_another_one",
                "the file on disk is another one than is on this page; read it again first",
            )
        )
    below(site.path.parent, site.path)
    return site.path.read_text(encoding="utf-8-sig")


def _draft(site: Site, before: str, after: str) -> Draft:
    file = site.path.name
    lines = unified_diff(before.splitlines(), after.splitlines(), file, file, lineterm="", n=2)
    sure = sha256(f"{before}\0{after}".encode()).hexdigest()
    return Draft(after, "\n".join(lines), sure)


def _cannot(message: str) -> ScenarioError:
    return ScenarioError([Problem(None, "", message)])


def _with_variant(text: str, now: Settings, name: str) -> str:
    """The text with one more variant below the others, or at its end."""
    written = variants_yaml({name: dict(now)})
    head = _HEAD.search(text)
    if head is None:
        return f"{text.rstrip()}\n\n{written.rstrip()}\n"
    entry = _ENTRY.match(text, head.end())
    indent = "  " if entry is None else entry[1]
    lines = written.rstrip().splitlines()[1:]
    own = len(lines[0]) - len(lines[0].lstrip())
    added = "".join(f"{indent}{line[own:]}\n" for line in lines)
    return f"{text[: head.end()]}{added}{text[head.end() :]}"


# --- pages of results -----------------------------------------------------------------------------


def write_compared(
    found: Sequence[Studied], site: Site, folder: Path, engine: Engine, words: Words
) -> Path:
    """The page of `compare` of some moves, with all its tables.

    Args:
        found: what they are compared with, and then each of them.
        site: the scenario.
        folder: where the results go; earlier ones are replaced.
        engine: what played them.
        words: the language.

    Returns:
        The page's file.

    Raises:
        ResultsError: it cannot be written.
    """
    started = datetime.now(UTC)
    comparison = compare(found[0], found[1:])
    shown = headlines(rotas=comparison.rotas_differ)
    keys = [(one.metric, one.statistic, "all") for one in shown if not one.echo]
    best = may_be_best(found, keys)
    with new_results(folder) as draft:
        seconds = (datetime.now(UTC) - started).total_seconds()
        run = Run("dcr-sim serve", started, seconds, engine)
        beside = notes(site.loaded.source)
        write_comparison(comparison, best, equal_cost(comparison), run, draft, beside)
        write_report(draft, words.lang)
    return folder / "report.html"


def write_watched(
    designs: Sequence[Design], folder: Path, seed: int, engine: Engine, words: Words
) -> Path:
    """The page that plays an ordinary day of a move, beside what it is compared with.

    Args:
        designs: what it is compared with, and the move; only the move where other people come.
        folder: where the page goes.
        seed: of the day.
        engine: what plays it.
        words: the language.

    Returns:
        The page's file.

    Raises:
        DayError: the horizon has no such day.
        ResultsError: it cannot be written.
    """
    designs = [_as_visited(one, seed, engine) for one in designs]
    try:
        shown = list(played_days(designs, [0], [TYPICAL], seed, engine))
    except OtherPeopleError:
        designs = designs[1:]
        shown = list(played_days(designs, [0], [TYPICAL], seed, engine))
    page = watch_page(designs, that_fit(shown, None), seed, words)
    file = folder / PAGES["watch"]
    with new_file(file) as draft:
        write_text(page, draft)
    return file


def _as_visited(design: Design, seed: int, engine: Engine) -> Design:
    """A site to which people come back with the visits that it then has; others as they are."""
    if not is_system(design.scenario):
        return design
    (name,) = system_of(design.scenario).sites
    site = as_visited(design.scenario, name, Plan(seed=seed, engine=engine))
    return design._replace(scenario=site)


def unique_names(names: Sequence[str]) -> list[str]:
    """Names of options, no two alike and none that cannot be one."""
    found: list[str] = []
    for name in names:
        whole = re.sub(r"[=;\r\n]", ",", name).strip()[:70] or "option"
        if option_fault(whole):
            whole = f"option {len(found) + 1}"
        number, free = 1, whole
        while free in found:
            number += 1
            free = f"{whole} ({number})"
        found.append(free)
    return found


PAGES: Mapping[str, str] = {"compare": "compare/report.html", "watch": "watch.html"}
"""Pages that are handed out, by the last part of their address, below the folder of results."""


def page_file(folder: Path, name: str) -> Path:
    """The file of such a page.

    Raises:
        WrongRequestError: there is none, or a link leads out of the folder.
    """
    if name not in PAGES:
        raise WrongRequestError(404, "there is no such page")
    file = below(folder, folder / PAGES[name])
    if not file.is_file():
        raise WrongRequestError(404, "there is no such page yet")
    return file
