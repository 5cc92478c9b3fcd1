"""What rooms below the pages tell: every kind of it has words in each language, with its values."""

import ast
import pickle
import re
import string

import pytest

from sim.fit.reading.register import Shape
from sim.report import ENGLISH
from sim.report.page.words import LANGUAGES, catalogue
from sim.rota.check.rules import Rule
from sim.scenario.errors.finding import PLAIN
from sim.scenario.errors.problem import SYSTEM
from sim.scenario.errors.told import JOINTS, Listed, Name, told
from sim.scenario.model.hours import clock_of, weekday_of
from tests import ROOT

DA = catalogue("da")


def gaps(form):
    """The gaps of a sentence and how their numbers are written."""
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(form) if name}


def kinds():
    """Every kind that the code tells, with its English sentence where that stands beside it."""
    for path in sorted((ROOT / "sim").rglob("*.py")):
        text = path.read_text("utf-8")
        if not re.search(
            r"from sim\.scenario\.errors\.told import|^def border\(", text, re.MULTILINE
        ):
            continue  # what is called so there is its own
        for scope in ast.walk(ast.parse(text)):
            if isinstance(scope, ast.Call) and getattr(scope.func, "id", "") in {"told", "border"}:
                kind, form, *_ = scope.args
                if isinstance(kind, ast.Constant):
                    yield kind.value, form.value if isinstance(form, ast.Constant) else None


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != ENGLISH])
def test_every_kind_has_words_with_the_same_gaps(lang):
    texts = catalogue(lang).texts
    found = list(kinds())
    assert len(found) > 100
    for kind, form in found:
        assert f"told.{kind}" in texts, kind
        if form is not None:
            named = {name for name, _ in gaps(form)}
            assert {name for name, _ in gaps(texts[f"told.{kind}"])} == named, kind
    for built in (*(f"system_{one}" for one in SYSTEM), *(f"plain_{one}" for one in PLAIN)):
        assert f"told.{built}" in texts, built
    for joint in JOINTS:
        assert f"told.{joint}" in texts, joint
    for shape in Shape:
        assert f"told.shape_{shape.value}" in texts, shape
    for rule in Rule:
        assert f"told.source_{rule.name.lower()}" in texts
        assert f"rota.rule_{rule.name.lower()}" in texts


def test_no_words_are_of_a_kind_that_nothing_tells():
    known = {kind for kind, _ in kinds()}
    built = re.compile(
        r"source_|first_|time_|stress_|system_|plain_|shape_|slip_|named_|order_|start_of|end_of"
    )
    for key in DA.texts:
        kind = key.removeprefix("told.")
        if key.startswith("told."):
            assert kind in known or kind in JOINTS or built.match(kind), kind


def test_a_sentence_is_english_text_and_says_the_same_in_danish():
    one = told(
        "on_duty",
        "{there} on duty, {least} needed ({roles})",
        there=1,
        least=2,
        roles=Listed.of(("nurse", "doctor"), "or"),
    )
    assert one == "1 on duty, 2 needed (nurse or doctor)"
    assert catalogue(ENGLISH).told(one) is one
    assert DA.told(one) == "1 på vagt, 2 kræves (sygeplejerske eller læge)"
    assert DA.told(pickle.loads(pickle.dumps(one))) == DA.told(one)


def test_numbers_times_and_days_within_a_sentence_are_the_reader_s():
    day, time = weekday_of(0), clock_of(450)
    when = told("day_time", "{day} {time}", day=day, time=time)
    assert (str(when), DA.told(when)) == ("mon 07:30", "man 7.30")
    form = "for {hours:.3g} open hours a week (first {first})"
    gap = told("for_hours", form, hours=9.25, first=when)
    assert gap == "for 9.25 open hours a week (first mon 07:30)"
    assert DA.told(gap) == "i 9,25 åbningstimer om ugen (først man 7.30)"
    assert DA.time(1860) == "7.00 næste dag"
    assert DA.told(Name("nurse 07:00-21:30 mon+tue")) == "sygeplejerske 7.00-21.30 man+tirs"
    assert DA.told(Name("quiet_room")) == "quiet room"


@pytest.mark.parametrize(
    ("text", "danish"),
    [
        ("1,234.5", "1.234,5"),
        ("12.7 (12.2-13.2)", "12,7 (12,2-13,2)"),
        ("88%", "88 %"),
        ("3.8 %", "3,8 %"),
        ("-", "-"),
        ("+1,234.0", "+1.234,0"),
    ],
)
def test_a_number_of_the_screen_is_written_as_its_readers_do(text, danish):
    assert DA.local(text) == danish
    assert catalogue(ENGLISH).local(text) == text
