"""Who uses a service, and who rests: from a log's own words to shares with their intervals."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.fit.coverage import Kept, coverage
from benchmarks.fit.sites import SERVED, SERVED_TRUTH, fit_of, played, served
from sim.fit.as_log import LogForm, as_log
from sim.fit.draws import draws_of
from sim.fit.fit import Choice
from sim.fit.lacking import lacking
from sim.fit.public import public
from sim.fit.reading.columns import kind_of
from sim.fit.reading.read import read_log
from sim.fit.reading.rows import Said
from sim.fit.reading.services import together, yes_and_no
from sim.scenario.errors.problem import ScenarioError
from sim.scenario.load import load_scenario, scenario_from_text
from tests.support.command import command
from tests.support.site_logs import fitted, moment, rules, write_log


def site(old="", new=""):
    return scenario_from_text(SERVED.replace(old, new) if old else SERVED)


def lines(cells, heading="services", *, kind="inject", places=6):
    """Visits of 20 minutes, some at once, each with a cell of its own."""
    yield f"arrived;entered;left;kind;{heading}"
    for number, cell in enumerate(cells):
        at = 700 + 1440 * (number % 14) + 31 * (number // 14 // places) + number // 14 % places
        yield f"{moment(at, 1, 26)};{moment(at, 1, 26)};{moment(at + 20, 1, 26)};{kind};{cell}"


def of(folder, cells, heading="services", said=None, at=None, **kw):
    return fitted(write_log(folder, list(lines(cells, heading, **kw))), at or site(), said)


def used(found):
    return {
        (row.input, row.by): row
        for row in found.rows()
        if row.input in {"visits.services", "visits.aftercare.share"}
    }


def problems(folder, cells, heading="services", at=None):
    with pytest.raises(ScenarioError) as caught:
        of(folder, cells, heading, at=at)
    return str(caught.value)


def test_eight_of_two_hundred_by_hand(tmp_path):
    """8 of 200 are 0.04, exactly 0.0174 to 0.0773; nobody has a dressing: 0 to 0.0183."""
    found = of(tmp_path, ["advice"] * 8 + [""] * 192)
    advice, care = (
        used(found)["visits.services", f"inject, {one}"] for one in ("advice", "wound_care")
    )
    assert advice.estimate == pytest.approx((0.04, 0.0174, 0.0773), abs=5e-5)
    assert care.estimate == pytest.approx((0, 0, 1 - 0.025 ** (1 / 200)), abs=1e-9)
    assert (advice.n, care.n) == (200, 200)
    drawn = np.array(draws_of(found, 4000)["visits.inject.services.advice"])
    # A beta of 8.5 and 192.5.
    assert drawn[0] == pytest.approx(0.04)
    assert drawn[1:].mean() == pytest.approx(8.5 / 201, rel=0.03)
    assert drawn[1:].std() == pytest.approx(np.sqrt(8.5 * 192.5 / 202) / 201, rel=0.05)


@pytest.mark.parametrize(
    ("cell", "bits"),
    [
        ("Advice", 1),
        ("rådgivning", 1),
        ("Beratung", 1),
        ("entretien", 1),
        ("Sårpleje", 2),
        ("Wundversorgung", 2),
        ("wound care", 2),
        ("samtale, sårpleje", 3),
        ("advice+wound_care", 3),
        ("Advice / wounds", 3),
        ("wound_care|advice|advice", 3),
        ("ingen", 0),
        ("-", 0),
        ("none", 0),
    ],
)
def test_words_for_services(tmp_path, cell, bits):
    path = write_log(tmp_path, list(lines([cell, "advice", ""])))
    found = read_log(path, site(), Said()).register
    assert sorted(found.services.tolist()) == sorted([bits, 1, 0])


def test_a_semicolon_stands_between_services_where_the_file_allows_it(tmp_path):
    rows = [one.replace(";", ",").replace("|", "; ") for one in lines(["advice|wounds", ""])]
    found = read_log(write_log(tmp_path, rows), site(), Said()).register
    assert found.services.tolist() == [3, 0]


@pytest.mark.parametrize(
    "heading", ["services", "Ydelser", "Tilbud", "Leistungen", "Angebote", "Prestations"]
)
def test_headings_of_four_languages(tmp_path, heading):
    assert used(of(tmp_path, ["advice"] * 40, heading))["visits.services", "inject, advice"].n == 40


@pytest.mark.parametrize("heading", ["aftercare", "rest", "Hvile", "Efterophold", "Ruhe", "Repos"])
def test_who_rests(tmp_path, heading):
    row = used(of(tmp_path, ["ja", "nej"] * 50, heading))["visits.aftercare.share", "inject"]
    assert (row.estimate.value, row.n) == (0.5, 100)


def test_a_column_of_yes_and_no_called_like_a_service(tmp_path):
    found = of(tmp_path, ["x"] * 10 + [""] * 90, "Samtale")
    rows = used(found)
    assert rows["visits.services", "inject, advice"].estimate.value == pytest.approx(0.1)
    # Of the other service nothing is known: no column says that nobody used it.
    assert ("visits.services", "inject, wound_care") not in rows
    assert found.read.columns.services == (("advice", 4),)
    assert found.read.columns.unused == ()


def test_a_column_of_names_called_like_a_service_is_none(tmp_path):
    found = of(tmp_path, ["Anna"] * 40, "Advice")
    assert not used(found)
    assert found.read.columns.unused == ("Advice",)


def test_an_empty_cell_is_a_no_where_nobody_writes_one():
    assert yes_and_no(["x", "", "ja"]).tolist() == [1, 0, 1]
    assert yes_and_no(["x", "", "nej"]).tolist() == [1, -1, 0]
    assert yes_and_no(["", ""]).tolist() == [-1, -1]


def test_what_two_rows_of_a_visit_say():
    one, other = np.array([-1, -1, 1, 1]), np.array([-1, 2, -1, 2])
    assert together(one, other).tolist() == [-1, 2, 1, 3]


def test_a_row_a_service_is_one_visit(tmp_path):
    rows = list(lines([""] * 40))
    head = rows[0].replace("kind", "kind;client")
    rows = [head, *(one.replace("inject", f"inject;C{n}") for n, one in enumerate(rows[1:]))]
    rows[1] += "advice"
    rows.insert(2, rows[1].replace("advice", "wound_care"))
    found = fitted(write_log(tmp_path, rows), site())
    assert rules(found)["doubled"] == 1
    assert [row.estimate.value for row in used(found).values()] == [1 / 40, 1 / 40]


def test_unknown_names_are_listed_with_their_lines(tmp_path):
    told = problems(tmp_path, ["Kaffe", "advice", "Kaffe + Yoga"])
    assert "log.csv:2:5: 'Kaffe' (lines 2, 4) is no service of served" in told
    assert "which has advice, wound_care" in told
    assert "log.csv:4:5: 'Yoga' (lines 4)" in told
    assert "--services 'Kaffe=advice'" in told
    names = {"kaffe": "-", "yoga": "wound_care"}
    found = of(tmp_path, ["Kaffe", "advice", "Kaffe + Yoga"] * 20, said=Said(names=names))
    shares = [row.estimate.value for row in used(found).values()]
    assert shares == pytest.approx([1 / 3, 1 / 3])


def test_a_rest_is_yes_or_no(tmp_path):
    told = problems(tmp_path, ["yes", "no", "maybe"], "aftercare")
    assert "log.csv:4:5: must be yes or no, not 'maybe'" in told


def test_a_word_may_be_of_a_kind_and_of_a_service():
    given = {"fix": "inject"}
    assert kind_of("fix", ["advice"], given) is None
    assert kind_of("fix", ["inject", "smoke"], given) == "inject"


def test_a_site_without_services_does_not_read_them(tmp_path):
    bare = SERVED[: SERVED.index("services:\n  advice")] + SERVED[SERVED.index("staff:") :]
    bare = "\n".join(
        one for one in bare.splitlines() if not one.strip().startswith(("services:", "aftercare:"))
    )
    bare = bare.replace("  dressing:\n    share: 0.05\n", "").replace("0.35", "0.4")
    found = of(tmp_path, ["Kaffe"] * 40, at=scenario_from_text(bare))
    assert found.services is None
    assert found.read.columns.unused == ("services",)
    assert not {"no_services", "no_rests"} & {one.rule for one in lacking(found)}


def test_without_the_column_the_shares_are_kept_and_asked_for(tmp_path):
    found = of(tmp_path, ["x"] * 40, "remarks")
    assert found.services is None
    assert found.rests is None
    asked = {one.rule: one for one in lacking(found)}
    assert (asked["no_services"].form, asked["no_rests"].form) == ("services", "rests")
    # An empty column was not kept: nobody who used none is no share of 0.
    assert of(tmp_path, [""] * 40).services is None


def test_few_visits_keep_the_share_of_the_file(tmp_path):
    found = of(tmp_path, ["advice"] + [""] * 28)
    row = used(found)["visits.services", "inject, advice"]
    assert (row.estimate.value, row.method, row.note) == (0.04, "file", "few_used")
    assert "visits.inject.services.advice" not in draws_of(found, 5)


def test_of_who_got_it_is_said_so(tmp_path):
    at = site("advice: {", "advice: {when: before, ")
    notes = {by: row.note for (_, by), row in used(of(tmp_path, ["advice"] * 40, at=at)).items()}
    assert notes == {"inject, advice": "received", "inject, wound_care": ""}
    seats = site("aftercare: {}", "aftercare: {seats: 2}")
    found = of(tmp_path, ["yes", "no"] * 20, "rest", at=seats)
    assert used(found)["visits.aftercare.share", "inject"].note == "received"


def test_a_rest_of_unknown_length_is_told_and_not_written(tmp_path):
    found = of(tmp_path, ["yes", "no"] * 20, "rest", kind="smoke")
    row = used(found)["visits.aftercare.share", "smoke"]
    assert (row.estimate.value, row.note) == (0.5, "no_rest")
    assert "visits.smoke.aftercare.share" not in draws_of(found, 5)


def test_for_others_no_share_of_few(tmp_path):
    found = public(of(tmp_path, ["advice"] * 4 + ["wound_care"] * 6 + [""] * 90))
    assert [by for _, by in used(found)] == ["inject, wound_care"]


def test_who_came_for_a_service_alone(tmp_path):
    rows = list(lines(["advice", "", "advice"]))
    at = moment(700, 1, 26)
    found = read_log(
        write_log(tmp_path, [*rows, f"{at};;;dressing;wound_care"]), site(), Said()
    ).register
    assert sorted(found.fate.tolist()) == [0, 0, 0, 4]


@pytest.fixture(scope="module")
def visits():
    return played(served(), 1)


@pytest.mark.parametrize(
    "form",
    [
        {"shape": "visits"},
        {"shape": "visits", "language": "da", "delimiter": "semicolon"},
        {"shape": "visits", "language": "de", "two_rows": True, "delimiter": "tab"},
        {"shape": "uses", "unserved": 0, "language": "fr"},
    ],
    ids=lambda one: f"{one['shape']} {one.get('language', 'en')}",
)
def test_a_played_log_gives_its_services_back(tmp_path, visits, form):
    found = fit_of(served(), visits, 1, LogForm(**form), tmp_path, Choice())
    took = visits[visits["entered"].notna()]
    for (path, by), row in used(found).items():
        kind, _, service = by.partition(", ")
        mine = took[took["kind"] == kind]
        column = f"service_start:{service}" if path == "visits.services" else "aftercare_start"
        assert row.n == len(mine)
        assert row.estimate.value == pytest.approx(mine[column].notna().mean())
    assert set(used(found)) == set(SERVED_TRUTH)


def test_a_site_without_services_logs_none(visits):
    plain = visits[[one for one in visits if not one.startswith(("service_", "aftercare_"))]]
    files = as_log(plain, served().horizon.start, LogForm(shape="visits"), 1)
    assert files["log.csv"].splitlines()[0].endswith(b",outcome,overdose")


@pytest.mark.slow
def test_intervals_hold_the_truth():
    """100 logs, 4 shares: each held in at least 90."""
    rows = list(coverage(served(), SERVED_TRUTH, Kept("clean", {}), 100, 1))
    assert len(rows) == len(SERVED_TRUTH)
    for row in rows:
        assert float(str(row["held"])) >= 0.9, row


def test_written_into_the_scenario(tmp_path, capsys):
    (tmp_path / "site.yaml").write_text(SERVED, encoding="utf-8")
    write_log(tmp_path, list(lines(["advice"] * 8 + [""] * 192)))
    arguments = ("fit", "log.csv", "--site", "site.yaml", "--plays", "0", "--no-report")
    assert command(tmp_path, *arguments, "--only", "services", "--lang", "da") == 0
    out = capsys.readouterr().out
    assert "brugte ydelser" in out
    assert "bruger en ydelse" in out
    assert "rådgivning" in out
    text = (tmp_path / "site-fitted.yaml").read_text(encoding="utf-8")
    assert "advice: 0.04 # tilpasset: 0.04 (95 %: 0.0174-0.0773), 200 der fik en plads" in text
    found = load_scenario(tmp_path / "site-fitted.yaml").visits
    assert found["inject"].services == {"advice": 0.04, "wound_care": 0.0}
    assert found["smoke"] == served().visits["smoke"]
    table = (tmp_path / "site-fitted.fit.csv").read_text(encoding="utf-8")
    assert 'visits.services,"inject, advice",0.04,' in table
    assert "visits.inject.services.advice" in (tmp_path / "site-fitted.draws.csv").read_text()
    assert command(tmp_path, "check", "site-fitted.yaml") == 0


def test_unknown_names_stop_in_danish_too(tmp_path, capsys):
    (tmp_path / "site.yaml").write_text(SERVED, encoding="utf-8")
    write_log(tmp_path, list(lines(["Kaffe"] * 40)))
    before = sorted(path.name for path in tmp_path.iterdir())
    assert command(tmp_path, "fit", "log.csv", "--site", "site.yaml", "--lang", "da") == 2
    assert "er ingen ydelse i served" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    named = ("--services", "Kaffe=tea")
    assert command(tmp_path, "fit", "log.csv", "--site", "site.yaml", *named) == 2
    assert "one of advice, wound_care, -" in capsys.readouterr().err


def test_visits_of_a_run_have_their_services_and_no_client_where_there_are_none(tmp_path, visits):
    (tmp_path / "scenario.yaml").write_text(SERVED, encoding="utf-8")
    visits.to_parquet(tmp_path / "visits.parquet")
    found = fitted(tmp_path / "visits.parquet", served())
    took = visits[(visits["kind"] == "smoke") & visits["entered"].notna()]
    row = used(found)["visits.services", "smoke, advice"]
    assert row.estimate.value == took["service_start:advice"].notna().mean()
    assert "one_code" not in rules(found)
    assert (found.register.client == -1).all()


BOOKED = (
    SERVED.replace("share: 0.05", "share: 0")
    .replace("share: 0.35", "share: 0.4")
    .replace(
        "wound_care: {duration: 15, roles: [nurse]}",
        "wound_care: {duration: 15, roles: [nurse], appointments: "
        "{kind: dressing, hours: '11:00-13:00', every: 30, no_show: 0.2}}",
    )
)


def test_who_is_booked_is_no_part_of_those_who_walk_in(tmp_path):
    """90 of 300 visits come by appointment: the others are all of `inject`, 210 in 14 days."""
    site = scenario_from_text(BOOKED)
    walk_in, booked = list(lines([""] * 210)), list(lines([""] * 90, kind="dressing"))
    log = write_log(tmp_path, [*walk_in, *booked[1:]])
    found = fitted(log, site)
    assert rules(found)["booked"] == 90
    assert found.kinds is not None
    assert found.kinds.shares["dressing"].value == 0
    assert found.kinds.shares["inject"].value == 1
    assert found.kinds.number == len(found.register) == 210
    assert not [one for one in draws_of(found, 20) if "dressing" in one]


@pytest.mark.slow
def test_a_site_with_appointments_gives_its_own_log_back(tmp_path):
    (tmp_path / "site.yaml").write_text(BOOKED.replace("weeks: 2", "weeks: 4"))
    out = ("--replications", "1", "--no-next", "--no-report", "--out", "run")
    assert command(tmp_path, "run", "site.yaml", "--as-log", "visits", *out) == 0
    fit = ("fit", "run/log.csv", "--site", "site.yaml", "--draws", "0", "--no-report")
    assert command(tmp_path, *fit) == 0
    again = load_scenario(tmp_path / "site-fitted.yaml")
    assert again.visits["dressing"].share == 0
    check = pd.read_csv(tmp_path / "site-fitted.fit_check.csv")
    hours = check[check["hour_of_week"].notna() & (check["measure"] == "visits")]
    assert hours["inside"].mean() > 0.85
