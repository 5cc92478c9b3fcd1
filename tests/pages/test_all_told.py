"""What reaches a person is told: no text of English goes where another language cannot follow."""

import ast

import pytest

from tests import ROOT

SAYS = {"fail", "warn", "Problem", "problem", "Fault", "note", "BadParameter", "one_of", "_cannot"}
SAYS |= {"_error", "_report", "_damaged", "unknown_name", "adding_to_one", "only_visits"}
"""Functions whose texts a person reads, beside exceptions."""
ROOMS = ("cli", "fit", "report", "results", "rota", "scenario", "size", "study")
OURS = {
    # What only a program can do wrong, or what a browser may send: no planner sees it.
    "AssertionError",
    "AttributeError",
    "KeyError",
    "TypeError",
}
AS_IT_IS = {
    ("report/charts/day.py", "<b>"),  # a note within a chart
    (
        "results/schema/documents.py",
        "this names no file of the folder",
    ),  # of a manifest that was forged
    ("study/compare/comparison.py", "compares options of the same seed and number of replications"),
    ("study/estimate/precision.py", "needs 1 < least <= most, not "),
    ("study/run/runner.py", "needs seed >= 0, replications >= 1 and workers >= 1, not "),
}
"""What is said to whoever calls a function from Python."""


def english(node):
    """The first words of English that stand in an expression and are not told."""
    match node:
        case ast.Constant(value=str(text)):
            return text if " " in text.strip(" ':;(") and any(map(str.isalpha, text)) else None
        case ast.JoinedStr(values=parts):
            texts = [one.value for one in parts if isinstance(one, ast.Constant)]
            return next((one for one in texts if any(map(str.isalpha, str(one)))), None)
        case ast.BinOp(left=left, right=right):
            return english(left) or english(right)
        case ast.IfExp(body=body, orelse=orelse):
            return english(body) or english(orelse)
        case ast.BoolOp(values=values):
            return next(filter(None, map(english, values)), None)
        case _:
            return None


def said():
    """Every text that is handed to what a person reads: file, line, and its first words."""
    for room in ROOMS:
        for path in sorted((ROOT / "sim" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = str(getattr(node.func, "id", "") or getattr(node.func, "attr", ""))
                if name in OURS or not (name in SAYS or name.endswith(("Error", "Fault"))):
                    continue
                for value in (*node.args, *(one.value for one in node.keywords)):
                    if text := english(value):
                        yield path.relative_to(ROOT / "sim").as_posix(), value.lineno, text


def test_what_a_person_reads_is_told():
    assert [one for one in said() if (one[0], one[2]) not in AS_IT_IS] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('fail("no such thing")', "no such thing"),
        ('fail(f"--x: {y} is wrong")', "--x: "),
        ('fail(told("x", "no such thing"))', None),
        ("fail(f\"'{x}' \" + y)", None),
        ('fail("a b" if x else y)', "a b"),
    ],
)
def test_english_is_found_where_it_is_not_told(code, found):
    (value,) = ast.parse(code, mode="eval").body.args
    assert english(value) == found
