"""`compare`: what alternatives change, and whether the change is real."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.console import fail, progress_bar, warn
from sim.cli.options import (
    PROCESSORS,
    USUAL_WORLDS,
    Cluster,
    Csv,
    CsvForm,
    EngineOption,
    Lang,
    NoCache,
    NoReport,
    NumberOfWorlds,
    Out,
    Seed,
    Stressing,
    Uncertainty,
    Workers,
    Xlsx,
    how_many,
    how_much,
    make_ready,
)
from sim.cli.print.choice import print_choice
from sim.cli.print.comparison import print_comparison, print_rules, print_stress
from sim.cli.print.named import changed_text, named_by
from sim.cli.session import Wanted, form_of, hold, play_named, play_stressed, session
from sim.engine import Engine
from sim.measures import metric_rows
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.results.comparison import write_comparison, write_in_worlds
from sim.results.files import write_tables
from sim.rota.check.comparison import (
    all_breaches,
    breaches_of,
    hours_table,
    stress_table,
    survivals,
)
from sim.scenario.city.outlook import warnings_of
from sim.scenario.derived.outlook import longer_without_staff
from sim.scenario.errors.told import told
from sim.scenario.text.notes import notes
from sim.scenario.text.readings import readings
from sim.study.compare.best import Best, may_be_best
from sim.study.compare.comparison import Comparison, Studied, compare, equal_cost
from sim.study.compare.matters import headlines
from sim.study.compare.options import Option, changes, demand_changes, read_options
from sim.study.estimate.named_figure import TargetError, figure_named
from sim.study.run.runner import Plan
from sim.study.worlds.compared import compared_in_worlds, has_loss, hourly_pay
from sim.study.worlds.options import WEEKS, Decide, OptionsInWorlds, Question

ForAll = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Override a value in every option. May be repeated."
    ),
]
Replications = Annotated[
    int,
    how_many("How many times each option is played, with the same people."),
]
_MOST_CHANGES = 3
Margins = dict[tuple[str, str], float]
Alternatives = Annotated[
    list[str] | None,
    typer.Option(
        "--alt",
        metavar="CHANGES",
        help='An alternative: settings of the base, "rooms.smoking.places=8; '
        'rooms.injecting.places=4", with a name before them if wanted, "eight: ..."; or the '
        "name of one of its variants. May be repeated.  [default: all variants of the base]",
    ),
]
SmallestDifferences = Annotated[
    list[str] | None,
    typer.Option(
        "--margin",
        metavar="METRIC.STATISTIC=AMOUNT",
        help="Smallest difference that matters, such as wait.mean=1. May be repeated.",
    ),
]


Decided = Annotated[
    Decide | None,
    typer.Option(
        help="What the choice is about: visits unserved a day, mean wait, cost a week, or money: "
        "cost and a price on every visit unserved. Says what is worth measuring first."
    ),
]
Price = Annotated[
    float | None,
    how_much("Money that one visit unserved is held to cost; of --decide money.", 0, 1e9),
]
MeasuringCosts = Annotated[
    float | None,
    how_much(
        "What a measurement costs, in money.  [default: 80 hours of the rota's mean pay]", 0, 1e9
    ),
]
Lasts = Annotated[float, how_much("Weeks that the choice lasts.", 1, 5200)]


def compare_command(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="The scenario to compare with.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[ALTERNATIVE]...", help="Other scenario files."),
    ] = None,
    alternatives: Alternatives = None,
    settings: ForAll = None,
    margins: SmallestDifferences = None,
    replications: Replications = 20,
    seed: Seed = 1,
    out: Out = None,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    cluster: Cluster = None,
    no_cache: NoCache = False,
    no_report: NoReport = False,
    lang: Lang = ENGLISH,
    stress: Stressing = False,
    uncertainty: Uncertainty = None,
    worlds: NumberOfWorlds = USUAL_WORLDS,
    decide: Decided = None,
    price: Price = None,
    measuring_costs: MeasuringCosts = None,
    lasts: Lasts = WEEKS,
    csv: Csv = CsvForm.USUAL,
    xlsx: Xlsx = False,
) -> None:
    """Compare a scenario with alternatives: the same people meet each of them."""
    form, words = form_of(csv, xlsx=xlsx), catalogue(lang)
    wanted = Wanted(replications, seed, workers, engine, cluster, cache=not no_cache, form=form)
    held = hold(wanted.plan())
    options = read_options(base, files or (), alternatives or (), settings or (), held)
    matters = _margins(margins or (), options)
    across = _is_across(options, uncertainty)
    question = _question(decide, price, measuring_costs, lasts, options, across=across)
    _warn(options, words)
    make_ready(wanted.engine_here, options[0].loaded.scenario)
    beside = notes(options[0].loaded.source)
    name = f"{options[0].loaded.scenario.name}-compare"
    with session(name, out, engine, cached=wanted.cache, form=wanted.form) as now:
        scenarios = {one.name: one.loaded.scenario for one in options}
        studied = play_named(scenarios, wanted.plan())
        comparison, best = _compared(studied, matters)
        costs = equal_cost(comparison)
        stressed = play_stressed(scenarios, wanted.plan()) if stress else {}
        ranks = survivals(best, stressed, matters)
        breaches = breaches_of(studied) if comparison.rotas_differ else {}
        tables = {"stress": stress_table(ranks, stressed)} if stressed else {}
        if breaches:
            tables |= {"breaches": all_breaches(breaches), "staff_by_hour": hours_table(studied)}
        over = None
        if across:
            over = _over_worlds(options, wanted.plan(), worlds, question, matters, words)
        if over is not None:
            write_in_worlds(over, now.draft)
        write_tables(tables, now.draft)
        write_comparison(comparison, best, costs, now.record(), now.draft, beside)
        now.draw(None if no_report else lang)
    print_comparison(comparison, best, costs, words)
    if over is not None:
        print_choice(over, options[0].loaded.scenario, words)
    if breaches:
        print_rules(studied, breaches, words)
    if ranks:
        print_stress(ranks, words)
    now.say_where(words)


def _compared(studied: Sequence[Studied], margins: Margins) -> tuple[Comparison, tuple[Best, ...]]:
    """What the options differ in, and which may be the best."""
    with progress_bar(told("count_options_compared", "options compared"), brief=True) as show:
        comparison = compare(studied[0], studied[1:], margins, show)
    shown = headlines(rotas=comparison.rotas_differ)
    keys = [(one.metric, one.statistic, "all") for one in shown if not one.echo]
    with progress_bar(
        told("count_pairs_of_options_compared", "pairs of options compared"), brief=True
    ) as show:
        return comparison, tuple(may_be_best(studied, keys, margins, show))


def _is_across(options: Sequence[Option], uncertainty: bool | None) -> bool:
    """Whether worlds are played: if it is asked, or where the base has the block."""
    has_block = options[0].loaded.scenario.uncertainty is not None
    return has_block if uncertainty is None else uncertainty


def _question(
    decide: Decide | None,
    price: float | None,
    measuring: float | None,
    lasts: float,
    options: Sequence[Option],
    *,
    across: bool,
) -> Question | None:
    """What is to be decided; ends the program where that is not all said."""
    if decide is None:
        if price is not None or measuring is not None:
            fail(
                told(
                    "fail_price_and_measuring_costs_belong_to",
                    "--price and --measuring-costs belong to --decide, which is missing",
                )
            )
        return None
    if not across:
        fail(
            told(
                "decide_asks_across_what_is_not_known",
                "--decide asks across what is not known: with --uncertainty, or a block "
                "`uncertainty:`",
            )
        )
    if (decide is Decide.MONEY) != (price is not None):
        fail(
            told(
                "fail_decide_money_needs_price_the_money",
                "--decide money needs --price, the money that one visit unserved is held to cost",
            )
        )
    base = options[0].loaded.scenario
    pays = Question(decide, price, measuring, lasts, hourly_pay(base))
    names = [one.name for one in options if not has_loss(one.loaded.scenario, pays)]
    if names:
        fail(
            told(
                "decide_has_no_such_figure",
                "--decide {value}: {listed} has no such figure",
                value=decide.value,
                listed=", ".join(names),
            )
        )
    return pays


def _over_worlds(
    options: Sequence[Option],
    plan: Plan,
    number: int,
    question: Question | None,
    margins: Margins,
    words: Words,
) -> OptionsInWorlds | None:
    """What the options do over all that is not known; None where nothing may be otherwise."""
    with progress_bar(told("count_worlds", "worlds")) as show:
        found = compared_in_worlds(
            [(one.name, one.loaded) for one in options], plan, number, question, margins, show
        )
    if found is None:
        warn(words["knowing.no_range"], words["screen.warning"])
    return found


def _warn(options: Sequence[Option], words: Words) -> None:
    """Say where targets leave a way out, and alternatives differ in who comes."""
    base = options[0].loaded.scenario
    _warn_of_each(options, words)
    for one in options[1:]:
        apart = demand_changes(changes(base, one.loaded.scenario))
        if apart:
            listed = [
                changed_text(change, base, one.loaded.scenario, words, plain=True)
                for change in apart[:_MOST_CHANGES]
            ]
            text = "; ".join(listed)
            if len(apart) > _MOST_CHANGES:
                text += words.tell("screen_compare.and_more", number=len(apart) - _MOST_CHANGES)
            tied = all(change.tied for change in apart)
            why = words["screen_compare.tied" if tied else "screen_compare.differs"]
            name = named_by(one.name, base, one.loaded.scenario, words)
            told = {"option": name, "why": why, "changes": text}
            warn(words.say("screen_compare.other_people", **told), words["screen.warning"])


def _warn_of_each(options: Sequence[Option], words: Words) -> None:
    """Print what `check` warns of, what all options have in common once."""
    base = options[0]
    said: dict[str, list[str]] = {}
    for one in options:
        alone = longer_without_staff(base.loaded.scenario, one.loaded.scenario, base.name)
        told = (*readings(one.loaded.source), *warnings_of(one.loaded.scenario), *alone)
        for text in dict.fromkeys(told):
            name = named_by(one.name, base.loaded.scenario, one.loaded.scenario, words)
            said.setdefault(text, []).append(name)
    for text, names in said.items():
        of = "" if len(names) == len(options) else f"{', '.join(names)}: "
        warn(of + words.told(text), words["screen.warning"])


def _margins(texts: Sequence[str], options: Sequence[Option]) -> Margins:
    """Margins as typed, each for a figure that there is."""
    rows = [row for one in options for row in metric_rows(one.loaded.scenario)] if texts else []
    found: Margins = {}
    for text in texts:
        name, _, amount = (part.strip() for part in text.partition("="))
        try:
            key = figure_named(name, rows)
        except TargetError as error:
            fail(told("margin_fault", "--margin {text}: {error}", text=text, error=error))
        try:
            margin = float(amount)
        except ValueError:
            margin = -1.0
        if not 0 <= margin < float("inf"):
            fail(
                told(
                    "margin_must_be_a_number_0_or",
                    "--margin {text}: must be a number, 0 or more, in the unit of the figure",
                    text=text,
                )
            )
        found[key] = margin
    return found
