"""The part of the validation page about exact results, made from a full run."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sim.validation.exact.unsaid import UNSAID

BEGIN = "<!-- exact: begin. Written by `python run.py validate --page FILE`; do not edit. -->"
END = "<!-- exact: end -->"
HEAD = "# Validation\n"


def update_exact(path: Path, table: pd.DataFrame) -> None:
    """Write the part about exact results into a page, in place of an earlier one.

    Args:
        path: the page; what stands outside the part is kept.
        table: what `validate` found, all cases.
    """
    part = f"{BEGIN}\n\n{render(table)}\n{END}\n"
    text = path.read_text(encoding="utf-8") if path.exists() else f"{HEAD}\n"
    before, found, rest = text.partition(BEGIN)
    if found:
        text = before + part + rest.partition(END)[2].removeprefix("\n")
    else:
        head, title, body = text.partition(HEAD)
        text = f"{head}{title}\n{part}\n{body.lstrip()}"
    path.write_text(text, encoding="utf-8", newline="\n")


def render(table: pd.DataFrame) -> str:
    """The part, as Markdown."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: pd.DataFrame) -> Iterator[str]:
    passed = int(table["passed"].sum())
    yield "## Exact results"
    yield ""
    yield "Queues whose results are known exactly (closed forms, Markov chains, differential"
    yield "equations) and days worked out by hand, each written as an ordinary scenario in"
    yield "[`validation`](../validation) and played through the whole program. A figure passes when"
    yield "it is less than 4 standard errors from the exact value and its standard error is at most"
    yield "1 % of the value (2 % in heavy traffic, 5 % for one hour of the day). Repeat it with"
    yield ""
    yield "    python run.py validate"
    yield ""
    cases, farthest = table["case"].nunique(), table["apart"].abs().max()
    yield f"Of {len(table)} figures of {cases} cases {passed} pass; the farthest is"
    yield f"{farthest:.1f} standard errors from the exact value."
    yield ""
    yield "| case | what it exercises | figure | exact | simulated | std. error | apart | |"
    yield "|---|---|---|---|---|---|---|---|"
    columns = ("case", "exercises", "figure", "exact", "simulated", "standard_error", "apart")
    rows = zip(*(table[name] for name in columns), table["passed"], strict=True)
    for case, exercises, figure, exact, simulated, error, apart, good in rows:
        numbers = " | ".join(f"{value:.6g}" for value in (exact, simulated, error))
        verdict = "pass" if good else "**fail**"
        yield f"| {case} | {exercises} | {figure} | {numbers} | {apart:.1f} | {verdict} |"
    yield ""
    yield "### What the scenario language cannot say"
    yield ""
    for one in UNSAID:
        yield f"* **{one.id}.** {one.what} {one.why}"
