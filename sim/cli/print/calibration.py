"""A calibration on a screen: whether outcomes are met, and what they say of what was not known."""

import pandas as pd

from sim.cli.console import console, new_table, say, styled
from sim.report.page.phrases import Phrases
from sim.report.page.words import SHARE, Words, heading
from sim.report.pages.calibration import (
    effort,
    findings,
    input_called,
    learnt_text,
    outcome_name,
    ranged_text,
    tied_texts,
    value_text,
)
from sim.results.study import CALIBRATED, calibration_contents, learnt_table, outcomes_table
from sim.scenario import Scenario
from sim.study.worlds.calibrated import ROWS, Calibrated


def print_calibration(found: Calibrated, scenario: Scenario, words: Words) -> None:
    """Print what was found.

    Args:
        found: the calibration.
        scenario: that was calibrated.
        words: the language.
    """
    contents, outcomes = calibration_contents(found, scenario), outcomes_table(found)
    phrases = Phrases(scenario, words)
    first, *others = findings(outcomes, contents, words)
    say(styled("\n[bold]{}[/bold] {}", first, " ".join(others)))
    say(effort(contents, words))
    _print_outcomes(outcomes, words)
    _print_inputs(learnt_table(found), phrases)
    for text in tied_texts(contents, phrases):
        say(text)
    say("\n" + words.say("calibration.written", file=CALIBRATED, rows=words.number(ROWS, 0)))


def _print_outcomes(outcomes: pd.DataFrame, words: Words) -> None:
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", words["calibration.figure"]), ratio=1)
    for name in ("published", "again_short", "apart_short"):
        head = styled("[dim]{}[/dim]", words[f"calibration.{name}"])
        table.add_column(head, justify="right", no_wrap=True)
    for one in outcomes.to_dict(orient="records"):
        unit = str(one["unit"])
        ends = [
            ranged_text([float(one[name]) for name in names], unit if unit == SHARE else "", words)
            for names in (("ci_low", "value", "ci_high"), ("again_p5", "again_p50", "again_p95"))
        ]
        name = heading(outcome_name(str(one["outcome"]), words))
        name = f"{name}, {words['unit.min']}" if unit == "min" else name
        table.add_row(f" {name}", *ends, words.number(float(one["implausibility"]), 1))
    console().print()
    console().print(table)


def _print_inputs(learnt: pd.DataFrame, phrases: Phrases) -> None:
    words = phrases.words
    table = new_table()
    table.add_column(styled("[bold]{}[/bold]", words["calibration.input"]), ratio=1)
    for name in ("before_short", "after_short"):
        head = styled("[dim]{}[/dim]", words[f"calibration.{name}"])
        table.add_column(head, justify="right", no_wrap=True)
    for one in learnt.to_dict(orient="records"):
        points = [
            " - ".join(
                value_text(float(one[f"{when}_{name}"]), "", words) for name in ("p5", "p50", "p95")
            )
            for when in ("before", "after")
        ]
        name = heading(input_called(phrases, str(one["input"])))
        table.add_row(f" {name}: {learnt_text(one, words)}", *points)
    console().print()
    console().print(table)
