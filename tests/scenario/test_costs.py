"""What a site costs: staff, places and hours of opening, in every command alike."""

import json

import pandas as pd
import pytest

from sim.cli.print.comparison import short_name
from sim.measures import metric_rows
from sim.measures.figures.cost import site_costs, yearly_cost
from sim.scenario import ScenarioError
from sim.scenario.derived.outlook import outlook
from sim.scenario.load import load_scenario, read_scenario, read_variants, scenario_from_text
from sim.scenario.starter import Site, starter_text
from sim.study import Plan, run_study
from sim.study.compare.best import may_be_best
from sim.study.compare.comparison import COST_PER_WEEK, Studied, compare, equal_cost
from sim.study.compare.matters import Finding
from sim.study.compare.options import changes, same_course
from sim.study.run.cache import Cache, content_sha256
from tests.support.command import command
from tests.support.handmade_logs import make_log, make_scenario, measured, staffed_site
from tests.support.size_sites import SITE as DESIGNED

SITE = """\
name: site
horizon: {weeks: 1}
opening: {hours: 10:00-18:00, dates: {2026-01-07: closed}}
demand: {visits_per_day: 120, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 20}
    patience: {distribution: exponential, mean: 20}
rooms:
  injecting: {places: 4}
"""
COSTS = "costs: {place: {injecting: 1000}, opening_hour: 10, currency: DKK}\n"
STAFF = """\
check_in: {times: {known: 1}, roles: [nurse]}
staff:
  currency: DKK
  roles: {nurse: {cost_per_hour: 100}}
  rota: [{role: nurse, from: 10:00, to: "18:00"}]
"""
WEEKS = 365 / 7
USES: list[dict[str, float]] = [
    {"arrival": 600 + k, "room": 0, "entered": 600 + k, "left": 620 + k, "out": 620 + k}
    for k in range(100)
]


def keys(scenario):
    rows = metric_rows(scenario)
    return {(row.statistic, row.by) for row in rows if row.metric == "cost"}


def problems_of(text, sets=()):
    with pytest.raises(ScenarioError) as raised:
        scenario_from_text(text, sets)
    return [str(problem) for problem in raised.value.problems]


# --- figures -----------------------------------------------------------------------------------


def test_figures_of_cost_by_hand():
    costs = {"place": {"booths": 3650}, "opening_hour": 10}
    site = staffed_site(costs=costs)
    found = measured(site, make_log(site, visits=USES))
    staff, places, opening = 112 * 40 + 56 * 30.0, 2 * 3650 / WEEKS, 56 * 10.0
    for by, week in (
        ("staff", staff),
        ("places", places),
        ("opening", opening),
        ("all", staff + places + opening),
    ):
        assert found["cost", "per_week", by] == pytest.approx(week)
        assert found["cost", "per_year", by] == pytest.approx(week * 365 / 7)
        assert found["cost", "per_use", by] == pytest.approx(week / len(USES))
    assert found["cost", "per_year", "places"] == 7300
    assert found["cost", "per_week", "role:nurse"] == 112 * 40
    assert found["cost", "per_week", "shift:social worker day"] == 56 * 30
    assert yearly_cost(site) == pytest.approx(found["cost", "per_year", "all"])
    assert {row.unit for row in metric_rows(site) if row.metric == "cost"} == {
        *("EUR/week", "EUR/year", "EUR/use")
    }


def test_without_costs_they_are_of_staff_and_no_part_is_made_up():
    site = staffed_site()
    periods = ("per_week", "per_year", "per_use")
    assert {(period, by) for period in periods for by in ("all", "staff")} < keys(site)
    assert not {by for _, by in keys(site)} & {"places", "opening"}
    assert keys(make_scenario()) == set()


def test_only_what_is_said_is_a_part():
    one = make_scenario(costs={"opening_hour": 0})
    assert {by for _, by in keys(one)} == {"all", "opening"}
    assert yearly_cost(one) == 0
    unpaid = staffed_site(
        costs={"place": {"booths": 5}},
        staff={
            "roles": {"nurse": {}, "social worker": {}},
            "rota": [
                {"role": role, "from": "10:00", "to": "18:00"}
                for role in ("nurse", "social worker")
            ],
        },
    )
    assert "staff" not in site_costs(unpaid)
    assert {by for _, by in keys(unpaid)} >= {"all", "places", "role:nurse"}
    assert yearly_cost(unpaid) == 10
    assert keys(make_scenario(costs={})) == set()


def test_a_site_without_rooms_has_no_cost_per_use():
    visits = {"talk": {"services": {"talk": 1}}}
    parts = {"rooms": {}, "visits": visits, "services": {"talk": {"duration": 5, "roles": []}}}
    site = make_scenario(costs={"opening_hour": 1}, **parts)
    assert keys(site) == {
        (one, by) for one in ("per_week", "per_year") for by in ("all", "opening")
    }


@pytest.mark.parametrize(
    ("hours", "a_week"),
    [
        ("10:00-18:00", 56),
        ("24/7", 168),
        (
            {
                "mon-fri": "22:00-06:00 next day",
                "sat": "closed",
                "sun": ["08:00-10:00", "12:00-13:00"],
            },
            43,
        ),
    ],
)
def test_hours_of_opening_are_those_of_an_ordinary_week(hours, a_week):
    opening = {"hours": hours, "dates": {"2026-01-07": "closed"}}
    site = make_scenario(opening=opening, costs={"opening_hour": 7})
    assert site_costs(site)["opening"].per_week == 7 * a_week


def test_the_currency():
    assert make_scenario().currency == "EUR"
    assert make_scenario(costs={"opening_hour": 1}).currency == "EUR"
    assert make_scenario(costs={"currency": "NOK"}).currency == "NOK"
    assert scenario_from_text(SITE + STAFF).currency == "DKK"
    assert scenario_from_text(SITE + STAFF + COSTS).currency == "DKK"


# --- what is wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("{injecting: 1", "{injectin: 1", "12:27: costs.place.injectin: is not a room of this"),
        ("{injecting: 1", "{injectin: 1", "did you mean `injecting`"),
        ("{injecting: 1", "{attic: 1", "; known: injecting"),
        ("opening_hour: 10", "opening_hour: -1", "12:49: costs.opening_hour: must be at least 0"),
        ("opening_hour: 10", "opening_hour: 2e9", "must be at most 1000000000, not 2e9"),
        ("opening_hour: 10", "opening_hour: true", "must be a number, not true"),
        ("opening_hour: 10", "opening_hour: .inf", "must be an ordinary number"),
        ("opening_hour: 10", "opening_hours: 10", "did you mean `opening_hour`"),
        ("injecting: 1000", "injecting: 1e10", "costs.place.injecting: must be at most 1000000000"),
        ("injecting: 1000", "injecting: many", "costs.place.injecting: must be a number, not"),
        ("injecting: 1000", "injecting: -1", "costs.place.injecting: must be at least 0, not -1"),
        ("DKK", "''", "costs.currency: must be text of at least 1 character"),
        ("DKK", "Danish kroner today", "costs.currency: must be text of at most 12 characters"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(right, wrong, words):
    text = (SITE + COSTS).replace(right, wrong)
    assert text != SITE + COSTS
    (problem,) = problems_of(text)
    assert words in problem


def test_a_site_has_one_currency():
    (problem,) = problems_of(SITE + STAFF.replace("currency: DKK", "currency: SEK") + COSTS)
    assert "costs.currency: is DKK, but staff.currency is SEK" in problem
    assert "leave it out here, or write `currency: DKK` under `staff`" in problem
    (problem,) = problems_of(SITE + STAFF.replace("  currency: DKK\n", "") + COSTS)
    assert "staff.currency is EUR" in problem


def test_the_same_cost_in_both_places_is_an_error_that_names_both():
    both = DESIGNED + "costs: {place: {smoking: 1, flexible: 2}, opening_hour: 3}\n"
    found = problems_of(both)
    assert len(found) == 4
    for room in ("smoking", "flexible"):
        here, before = f"costs.place.{room}", f"design.costs.place.{room}"
        assert any(f": {here}: is also given as {before}; keep this one" in one for one in found)
        assert any(f": {before}: is also given as {here}; leave it out" in one for one in found)
    hour = DESIGNED.replace("costs: {place", "costs: {opening_hour: 4, place")
    found = problems_of(hour, ["costs.opening_hour=5"])
    assert any(
        "--set costs.opening_hour=5: costs.opening_hour: is also given" in one for one in found
    )


def test_different_costs_in_both_places_are_added():
    site = scenario_from_text(DESIGNED + "costs: {opening_hour: 3}\n")
    assert {part: cost.per_year for part, cost in site_costs(site).items()} == {
        "places": 3 * 60 + 2 * 80 + 2 * 90,
        "opening": pytest.approx(3 * 56 * WEEKS),
    }


def test_costs_where_they_stood_are_counted_with_a_word():
    site = scenario_from_text(DESIGNED)
    assert yearly_cost(site) == 3 * 60 + 2 * 80 + 2 * 90
    assert any(one.startswith("design.costs has moved") for one in outlook(site).warnings)
    assert not any(
        "design.costs" in one for one in outlook(scenario_from_text(SITE + COSTS)).warnings
    )


def test_rooms_without_a_price_are_warned_of():
    text = DESIGNED.replace("smoking: 80, ", "")
    (warning,) = (one for one in outlook(scenario_from_text(text)).warnings if "free" in one)
    assert warning == "costs.place has no price for smoking: places there count as free"


# --- files, variants, settings -----------------------------------------------------------------


def test_settings_variants_and_extended_files(tmp_path):
    (tmp_path / "base.yaml").write_text(SITE + COSTS, "utf-8")
    over = "extends: base.yaml\nname: more\ncosts: {opening_hour: 20}\nvariants:\n"
    over += "  dear: {costs.place.injecting: 9000}\n  late: {costs: {opening_hour: 30}}\n"
    (tmp_path / "more.yaml").write_text(over, "utf-8")

    def yearly(site):
        return {part: round(cost.per_year, 6) for part, cost in site_costs(site).items()}

    more = load_scenario(tmp_path / "more.yaml")
    assert yearly(more) == {"places": 4000, "opening": 58400}
    assert more.currency == "DKK"
    variants = read_variants(tmp_path / "more.yaml")
    assert yearly(variants["dear"].scenario) == {"places": 36000, "opening": 58400}
    assert yearly(variants["late"].scenario) == {"places": 4000, "opening": 87600}
    settings = ["costs.opening_hour=0.5", "costs.place.injecting=1"]
    found = read_scenario(tmp_path / "more.yaml", settings, "late").scenario
    assert yearly(found) == {"places": 4, "opening": 1460}
    (tmp_path / "plain.yaml").write_text(SITE, "utf-8")
    bare = load_scenario(tmp_path / "plain.yaml", ["costs.opening_hour=2"])
    assert yearly(bare) == {"opening": 5840}


@pytest.mark.slow
def test_a_scenario_reads_back_with_its_costs(tmp_path):
    for text in (SITE + COSTS, SITE + STAFF + COSTS, DESIGNED):
        (tmp_path / "site.yaml").write_text(text, "utf-8")
        out = tmp_path / "out"
        assert command(tmp_path, "run", "site.yaml", "--replications", "1", "--out", str(out)) == 0
        again, site = load_scenario(out / "scenario.yaml"), load_scenario(tmp_path / "site.yaml")
        assert again == site
        assert keys(again) == keys(site)


# --- what is kept ------------------------------------------------------------------------------


def test_kept_replications_are_of_the_same_costs(tmp_path):
    """The tables hold costs; what happened at the site, which sizing keeps, does not."""
    cache = Cache(tmp_path, "1")
    sites = [
        scenario_from_text(text)
        for text in (
            SITE,
            SITE + COSTS,
            SITE + COSTS.replace("10", "11"),
            DESIGNED,
            DESIGNED.replace("60, s", "61, s"),
        )
    ]
    assert len({cache.study(site, 1).folder for site in sites}) == len(sites)
    assert len({content_sha256(site) for site in sites}) == 2
    aimed = [
        scenario_from_text(f"{SITE}costs: {{opening_hour: {hour}}}\ntargets: [cost.per_use <= 5]\n")
        for hour in (1, 2)
    ]
    assert content_sha256(aimed[0]) != content_sha256(aimed[1])


# --- comparisons -------------------------------------------------------------------------------


def studied(name, text, *sets):
    site = scenario_from_text(text, sets)
    return Studied(name, site, run_study(site, Plan(replications=4)))


@pytest.fixture(scope="module")
def unstaffed():
    """A site without staff: more places, longer hours, other prices, fewer places."""
    return (
        studied("site", SITE + COSTS),
        studied("more", SITE + COSTS, "rooms.injecting.places=6"),
        studied("longer", SITE + COSTS, "opening.hours=08:00-20:00"),
        studied("cheap", SITE + COSTS, "costs.opening_hour=5"),
        studied("fewer", SITE + COSTS, "rooms.injecting.places=2"),
    )


@pytest.mark.slow
def test_costs_are_dearer_or_cheaper(unstaffed):
    found = compare(unstaffed[0], unstaffed[1:])
    by_name = {line.option: line for line in found.of(("cost", "per_year", "all"))}
    assert by_name["more"].difference == pytest.approx(2000)
    assert by_name["longer"].difference == pytest.approx(28 * 10 * WEEKS)
    assert by_name["cheap"].difference == pytest.approx(-56 * 5 * WEEKS)
    assert {name: line.verdict.finding for name, line in by_name.items()} == {
        "more": Finding.DEARER,
        "longer": Finding.DEARER,
        "cheap": Finding.CHEAPER,
        "fewer": Finding.CHEAPER,
    }
    (leader,) = may_be_best(unstaffed, [("cost", "per_year", "all")])
    assert leader.names == ("cheap",)
    for line in found.lines:
        money = line.verdict.finding in {Finding.DEARER, Finding.CHEAPER}
        assert not money or line.row.metric == "cost"
        assert line.row.metric != "cost" or line.verdict.finding not in {
            *(Finding.BETTER, Finding.WORSE)
        }


def test_what_money_brings_is_known_without_staff(unstaffed):
    found = compare(unstaffed[0], unstaffed[1:])
    unserved = {
        one.option: one
        for one in equal_cost(found)
        if (one.row.metric, one.row.statistic, one.row.by) == ("unserved", "share", "all")
    }
    assert unserved["fewer"].extra_cost == pytest.approx(-2000 / WEEKS)
    assert unserved["fewer"].per_cost.value < 0
    assert unserved["fewer"].extra_hours != unserved["fewer"].extra_hours


def test_another_price_changes_nothing_that_happens(unstaffed):
    base, _, _, cheap, _ = unstaffed
    assert same_course(changes(base.scenario, cheap.scenario))
    for line in compare(base, [cheap]).lines:
        assert (
            line.row.metric == "cost"
            or line.difference in {0, None}
            or (line.difference != line.difference)
        )
    places = scenario_from_text(SITE.replace("injecting", "costs"))
    more = scenario_from_text(SITE.replace("injecting", "costs"), ["rooms.costs.places=5"])
    assert not same_course(changes(places, more))  # a room may have any name


def test_costs_in_two_currencies_are_not_compared():
    base = studied("site", SITE + COSTS)
    other = studied("euro", SITE + COSTS, "costs.currency=EUR")
    (line,) = compare(base, [other]).of(COST_PER_WEEK)
    assert line.difference != line.difference
    assert line.verdict.finding is Finding.NONE
    assert not may_be_best([base, other], [COST_PER_WEEK])


# --- commands ----------------------------------------------------------------------------------


VARIANTS = """\
variants:
  more: {rooms.injecting.places: 6}
  longer: {opening.hours: 08:00-20:00}
  cheap: {costs.opening_hour: 100, costs.place.injecting: 12}
"""


def screen(tmp_path, capsys, text, *arguments):
    """What a command prints, no line longer than a screen is wide."""
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    capsys.readouterr()
    assert command(tmp_path, *arguments) == 0
    printed = capsys.readouterr().out
    assert max(len(line) for line in printed.splitlines()) <= 80
    return printed


def lines_with(printed, words):
    return [" ".join(line.split()) for line in printed.splitlines() if words in line]


@pytest.mark.slow
def test_run_prints_what_a_week_a_year_and_a_use_cost(tmp_path, capsys):
    few = ("run", "site.yaml", "--replications", "2")
    printed = screen(tmp_path, capsys, SITE + STAFF + COSTS, *few)
    assert lines_with(printed, "Cost, DKK") == ["Cost, DKK a week a year a use"]
    assert lines_with(printed, "hours of opening")[0].startswith("hours of opening 560 29,200 ")
    assert lines_with(printed, "staff, as")[0].startswith("staff, as rostered 5,600 292,000 ")
    assert any(line.startswith("all 6,237 325,200 ") for line in lines_with(printed, "325,200"))
    assert "Cost" not in screen(tmp_path, capsys, SITE, *few)
    targets = "targets: [cost.per_use <= 1, cost.per_year of places <= 5000]\n"
    printed = screen(tmp_path, capsys, SITE + COSTS + targets, *few)
    assert lines_with(printed, "cost.per_use")[0].startswith("no cost.per_use <= 1 ")
    assert lines_with(printed, "of places") == [
        "yes cost.per_year of places <= 5000 4,000 DKK/year"
    ]


def test_check_says_what_a_year_costs(tmp_path, capsys):
    printed = screen(tmp_path, capsys, SITE + STAFF + COSTS, "check", "site.yaml")
    assert lines_with(printed, "Costs") == ["Costs 325,200 DKK a year, 6,237 a week"]
    assert lines_with(printed, "a year:") == [
        "a year: staff 292,000, places 4,000, hours of opening 29,200"
    ]
    assert "Costs" not in screen(tmp_path, capsys, SITE, "check", "site.yaml")
    moved = " ".join(screen(tmp_path, capsys, DESIGNED, "check", "site.yaml").split())
    assert "warning: design.costs has moved: write it as `costs:` at the top" in moved


@pytest.mark.slow
@pytest.mark.parametrize("staff", ["", STAFF])
def test_compare_says_dearer_and_cheaper(tmp_path, capsys, staff):
    text = SITE + staff + COSTS + VARIANTS
    printed = screen(tmp_path, capsys, text, "compare", "site.yaml", "--replications", "4")
    (more, longer, cheap) = lines_with(printed, "cost a year, DKK")
    assert more.endswith("+2,000 " + ("does not matter" if staff else "dearer"))
    assert longer.endswith("+14,600 dearer")
    assert cheap.endswith("dearer")
    assert "nan" not in printed
    assert ("per extra staff hour" in printed) is bool(staff)
    assert "costs.opening_hour: 10 → 100" in printed
    table = pd.read_csv(tmp_path / "results" / "site-compare" / "comparison.csv")
    cost = table[(table["metric"] == "cost") & (table["by"] == "opening")]
    assert set(cost["option"]) == {"more", "longer", "cheap"}
    told = json.loads(
        (tmp_path / "results" / "site-compare" / "comparison.json").read_text("utf-8")
    )
    assert {one["statistic"] for one in told["may_be_best"] if one["metric"] == "cost"} == {
        *("per_week", "per_use")
    }


@pytest.mark.slow
def test_many_options_stand_below_each_other_with_the_ends_of_their_names(tmp_path, capsys):
    settings = [f"rooms.injecting.places={number}" for number in (3, 5, 6, 7, 8)]
    alts = [word for one in settings for word in ("--alt", one)]
    few = ("compare", "site.yaml", "--replications", "3", *alts)
    printed = screen(tmp_path, capsys, SITE + STAFF + COSTS, *few)
    rows = printed[printed.index("wait min") : printed.index("b better")].splitlines()
    assert [row.split()[0][-8:] for row in rows[2:]] == [one[-8:] for one in settings]
    assert short_name("rooms.injecting.places=12", 12) == "…g.places=12"
    assert short_name("rooms.injecting.places=9", 24) == "rooms.injecting.places=9"
    assert short_name("another-one", 8) == "another…"
    assert "c cheaper, d dearer" in printed


@pytest.mark.slow
def test_options_may_have_costs_of_which_the_base_says_nothing(tmp_path, capsys):
    text = (
        SITE + "variants: {priced: {costs: {opening_hour: 5}}, more: {rooms.injecting.places: 6}}\n"
    )
    few = ("compare", "site.yaml", "--replications", "3")
    printed = screen(tmp_path, capsys, text, *few)
    (line,) = lines_with(printed, "cost a year, EUR")
    assert line == "cost a year, EUR - -"
    more = [word for number in (3, 5, 7) for word in ("--alt", f"rooms.injecting.places={number}")]
    some = (*few, "--alt", "priced", "--alt", "more", *more)
    screen(tmp_path, capsys, text, *some)


@pytest.mark.slow
def test_staff_without_pay_have_no_lines_of_cost(tmp_path, capsys):
    text = SITE + STAFF.replace("{cost_per_hour: 100}", "{}")
    few = ("compare", "site.yaml", "--replications", "2", "--alt", "rooms.injecting.places=5")
    printed = screen(tmp_path, capsys, text, *few)
    assert "staff hours a week" in printed
    assert "cost" not in printed.lower()


@pytest.mark.slow
def test_sweep_shows_what_a_year_costs(tmp_path, capsys):
    few = ("sweep", "site.yaml", "--replications", "2", "--vary", "rooms.injecting.places=3:4")
    wide = ("--vary", "opening.hours=10:00-18:00,09:00-19:00")
    printed = screen(tmp_path, capsys, SITE + COSTS, *few, *wide)
    assert "cost/year" in printed
    assert "Costs in DKK." in printed
    assert len(lines_with(printed, "39,500")) == 1  # 3 places, 10 hours
    assert "cost/year" not in screen(tmp_path, capsys, SITE, *few)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            (
                *("Cost in DKK", "hours of opening", "cost a year", "dearer"),
                "an hour of opening costs 100 DKK instead of none set",
            ),
        ),
        (
            "da",
            (
                *("Udgifter i DKK", "åbningstimer", "udgift pr. år", "dyrere"),
                "en åbningstime koster 100 DKK i stedet for ikke sat",
            ),
        ),
    ],
)
def test_the_pages_say_it_in_both_languages(tmp_path, capsys, lang, words):
    text = (
        SITE + COSTS + "targets: [cost.per_year <= 5, cost.per_year of opening <= 5]\n" + VARIANTS
    )
    few = ("--replications", "2", "--lang", lang)
    screen(tmp_path, capsys, text, "run", "site.yaml", *few)
    page = (tmp_path / "results" / "site" / "report.html").read_text("utf-8")
    table, opening, headline, dearer, changed = words
    assert table in page
    assert f"{headline} ({opening})" in page
    text = (SITE + COSTS + VARIANTS).replace("opening_hour: 10, ", "")
    screen(tmp_path, capsys, text, "compare", "site.yaml", *few)
    page = (tmp_path / "results" / "site-compare" / "report.html").read_text("utf-8")
    assert dearer in page
    assert changed in page


# --- sizing ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("old", [False, True])
def test_a_sized_site_costs_what_running_it_says(tmp_path, old):
    """The cost of the chosen design, by `size` and by `run` of its own file."""
    costs = "costs: {place: {injecting: 60, smoking: 80, flexible: 90}"
    text = DESIGNED.replace(f"  {costs}}}\n", "")
    priced = f"{costs}, opening_hour: 0.5}}\n"
    text = f"{text}  {priced}" if old else f"{text}{priced}"
    text += "aftercare: {seats: 3}\ncheck_in: {times: {known: 0.1}, roles: [nurse]}\n"
    text = text.replace("patience: {dist", "aftercare: {share: 0, stay: 1}\n    patience: {dist", 1)
    text += "staff:\n  roles: {nurse: {cost_per_hour: 2}}\n"
    text += '  rota: [{role: nurse, from: 10:00, to: "18:00", count: 3}]\n'
    text = text.replace("    rooms.flexible.places: 1:3\n", "    opening.last_entry: [5, 0]\n")
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    assert command(tmp_path, "size", "site.yaml", "--out", "sized") == 0
    designs = pd.read_csv(tmp_path / "sized" / "designs.csv")
    (cost,) = designs.loc[designs["status"] == "chosen", "cost_per_year"]
    few = ("run", "sized/chosen.yaml", "--replications", "1", "--out", "ran")
    assert command(tmp_path, *few) == 0
    summary = pd.read_csv(tmp_path / "ran" / "summary.csv")
    mine = (summary["metric"] == "cost") & (summary["statistic"] == "per_year")
    (found,) = summary.loc[mine & (summary["by"] == "all"), "value"]
    assert found == pytest.approx(cost, rel=1e-12)
    assert set(summary.loc[mine, "by"]) == {"all", "staff", "places", "opening"}


@pytest.mark.slow
def test_a_target_on_cost_does_not_hide_the_designs_that_meet_it(tmp_path):
    """More places make it harder to meet: the largest site misses it, smaller ones do not."""
    goal = "  - unserved <= 8 %\n"
    text = DESIGNED.replace(goal, f"{goal}  - cost.per_year <= 560\n")
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    assert command(tmp_path, "size", "site.yaml", "--out", "sized") == 0
    designs = pd.read_csv(tmp_path / "sized" / "designs.csv")
    (cost,) = designs.loc[designs["status"] == "chosen", "cost_per_year"]
    assert cost == 490  # as without it


def test_the_example_in_the_starter_is_right(tmp_path, capsys):
    lines = starter_text("site", Site(), "dcr-sim").splitlines()
    start = lines.index(next(line for line in lines if line.startswith("## costs:")))
    lines[start : start + 3] = [line[3:] for line in lines[start : start + 3]]
    printed = screen(tmp_path, capsys, "\n".join(lines), "check", "site.yaml")
    assert "hours of opening" in printed
    assert "places 136,000" in printed
    assert "No warnings." in printed
