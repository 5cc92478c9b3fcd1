"""The page to try things on, asked over HTTP: what it answers, and what it keeps."""

import csv
import gc
import json
import random
import shlex
import threading
import time

import pytest

import sim.serve.studies
from sim.report.page.words import catalogue
from sim.report.several.options import Figure
from sim.scenario.load import load_scenario
from sim.serve.answers import _apart
from sim.study.compare.matters import HEADLINES, Finding
from sim.study.estimate.intervals import Estimate
from sim.study.run.runner import run_study
from tests.support.command import command
from tests.support.served import TRIED, last, served, words_of


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serve")
    (folder / "small.yaml").write_text(TRIED, "utf-8")
    return folder


@pytest.fixture
def page(site, tmp_path):
    with served(site / "small.yaml", tmp_path / "tried") as found:
        yield found


def questions(page):
    _, html = page.ask("GET", "/")
    text = html.partition('id="start">')[2].partition("</script>")[0]
    return json.loads(text)["questions"]


def test_first_stand_places_hours_demand_people_on_shift_and_stays(page):
    found = [(one["path"], one["kind"]) for one in questions(page) if one["group"] != "more"]
    assert found == [
        ("staff.rota.0.count", "number"),
        ("rooms.injecting.places", "number"),
        ("opening.hours", "opens"),
        ("opening.hours", "closes"),
        ("demand.visits_per_day", "number"),
        ("visits.inject.stay.mean", "number"),
    ]


def test_ranges_are_those_beside_the_assumption_or_half_to_double(page):
    found = {one["path"]: one for one in questions(page)}
    stay, visits = found["visits.inject.stay.mean"], found["demand.visits_per_day"]
    assert (stay["low"], stay["value"], stay["high"]) == (15, 25, 40)
    assert (visits["low"], visits["value"], visits["high"]) == (45, 90, 180)
    assert stay["unit"] == "min"
    assert found["rooms.injecting.places"]["step"] == 1


def test_what_design_varies_is_the_range(tmp_path):
    text = TRIED + 'design: {vary: {rooms.injecting.places: "2:9"}}\n'
    (tmp_path / "small.yaml").write_text(text, "utf-8")
    with served(tmp_path / "small.yaml", tmp_path / "tried") as page:
        found = {one["path"]: one for one in questions(page)}["rooms.injecting.places"]
        assert (found["low"], found["high"], found["step"]) == (2, 9, 1)


def test_all_else_that_is_a_number_or_a_choice_is_there_in_words(page):
    found = {one["path"]: one for one in questions(page)}
    assert found["visits.inject.overdose.per_1000"]["name"] == (
        "Overdoses in 1,000 uses by people who inject"
    )
    choice = found["opening.queue_at_close"]
    assert choice["value"] == "dismiss"
    assert [one[0] for one in choice["choices"]] == ["dismiss", "serve"]
    names = [one["name"] for one in found.values()]
    assert len(set(names)) == len(names)


def test_a_quick_look_then_more_and_more(page):
    events = page.play({"rooms.injecting.places": 5})
    assert [one["count"] for one in events if one["kind"] == "answers"] == [2, 10]
    assert last(events)["last"]
    assert "precise enough" in last(events)["how"] or "as many" in last(events)["how"]
    quick = page.play({"rooms.injecting.places": 5}, quick=True)
    assert [one["count"] for one in quick if one["kind"] == "answers"] == [2]
    assert not [one for one in quick if one["kind"] == "row"]


def test_before_and_now_with_the_difference_its_interval_and_a_verdict(page):
    found = last(page.play({"rooms.injecting.places": 5}))
    cards = words_of(found["html"]["cards"])
    assert "Waiting: 9 in 10 wait at most" in cards
    assert "Leave without a place" in cards
    assert "Better" in cards
    assert "fewer (" in cards
    assert "5 injecting places instead of 3" in words_of(found["html"]["said"])
    assert "before" in cards
    pictures = found["html"]["pictures"]
    assert pictures.count("<svg") == 2
    assert "The door is never shut" in pictures
    assert "Grey line: before." in pictures


def test_nothing_moved_is_the_site_as_it_is(page):
    found = last(page.play())
    assert "A small site as it is" in words_of(found["html"]["said"])
    assert "95 times in 100" in words_of(found["html"]["cards"])


def five_changes():
    chance = random.Random(20261129)
    for _ in range(5):
        some = {
            "rooms.injecting.places": chance.randint(2, 6),
            "demand.visits_per_day": chance.choice([60, 82.5, 110]),
            "visits.inject.stay.mean": chance.choice([15, 22.5, 35]),
            "staff.rota.0.count": chance.randint(1, 4),
            "opening.hours": chance.choice(["09:00-18:00", "10:00-20:30"]),
            "opening.queue_at_close": "serve",
        }
        yield {path: some[path] for path in chance.sample(sorted(some), chance.randint(1, 3))}


@pytest.mark.slow
def test_it_is_what_compare_finds_to_the_last_digit(site, page):
    """For five random changes: every figure behind the page, with the command that it names."""
    for number, now in enumerate(five_changes()):
        found = [one for one in page.play(now) if one["kind"] == "answers"][number % 2]
        body = {"base": {}, "now": now, "count": found["count"]}
        line = json.loads(page.ask("POST", "/command", body)[1])["command"]
        compared(site, line, found["figures"])


def compared(folder, line, figures):
    words = shlex.split(line)[1:]
    assert command(folder, *words, "--no-cache", "--no-report", "--out", "out") == 0
    with (folder / "out" / "comparison.csv").open(newline="", encoding="utf-8") as file:
        known = {(one["metric"], one["statistic"], one["by"]): one for one in csv.DictReader(file)}
    assert len(figures) >= 10
    for one in figures:
        other = known[one["metric"], one["statistic"], one["by"]]
        for name in ("base_value", "value", "difference", "ci_low", "ci_high"):
            assert one[name] == (float(other[name]) if other[name] else None), (one, other)
        assert one["verdict"] == other["verdict"]


@pytest.mark.slow
def test_against_another_base_too(site, page):
    base, now = (
        {"rooms.injecting.places": 4, "demand.visits_per_day": 100},
        {"rooms.injecting.places": 5},
    )
    found = next(one for one in page.play(now, base=base) if one["kind"] == "answers")
    body = {"base": base, "now": now, "count": found["count"]}
    line = json.loads(page.ask("POST", "/command", body)[1])["command"]
    compared(site, line, found["figures"])


def test_every_move_is_a_row_that_is_there_after_a_new_start(site, page, tmp_path):
    page.play({"rooms.injecting.places": 2})
    page.play({"rooms.injecting.places": 5})
    first, second = page.rows()
    assert first["title"] == "5 injecting places instead of 3"
    assert first["word"] == "Better"
    assert second["word"] == "Worse"
    page.ask("POST", "/row", {"id": second["id"], "star": True, "name": "Fewer"})
    with served(site / "small.yaml", tmp_path / "tried") as again:
        assert again.rows()[1] == {**second, "star": True, "name": "Fewer"}


@pytest.mark.slow
def test_half_a_line_of_a_killed_program_loses_no_row(site, page, tmp_path):
    page.play({"rooms.injecting.places": 2}, quick=False)
    file = tmp_path / "tried" / "tried.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"kind": "move", "id": "ab')
    with served(site / "small.yaml", tmp_path / "tried") as again:
        assert [one["title"] for one in again.rows()] == ["2 injecting places instead of 3"]
        again.play({"rooms.injecting.places": 4})
    with served(site / "small.yaml", tmp_path / "tried") as again:
        assert len(again.rows()) == 2


def test_a_new_move_of_a_window_ends_the_old_one_and_leaves_other_windows_alone(page):
    slow = {"horizon.days": 600}
    events: dict[str, list[dict[str, object]]] = {}

    def play(name, window):
        events[name] = page.play(slow, window=window)

    threads = [threading.Thread(target=play, args=one) for one in (("old", "a"), ("other", "b"))]
    for one in threads:
        one.start()
    while page.desk.studies.under_way < 2:
        time.sleep(0.01)
    page.play({"rooms.injecting.places": 4}, window="a", quick=True)
    page.ask("POST", "/stop", {"window": "b"})
    for one in threads:
        one.join()
    assert events["old"][-1]["kind"] == "stopped"
    assert page.desk.studies.under_way == 0
    # What was moved is a row, played or not.
    assert [one["now"] for one in page.rows()] == [slow, slow]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"rooms.injecting.places": -1}, "rooms.injecting.places"),
        ({"rooms.injecting.places": "many"}, "rooms.injecting.places"),
        ({"rooms.nowhere.places": 3}, "rooms.nowhere"),
        ({"staff.rota.7.count": 3}, "leads nowhere"),
        ({"visits.inject.share": 0.5}, "share"),
        ({"opening.hours": "noon"}, "opening.hours"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(page, now, said):
    page.play({"rooms.injecting.places": 4}, quick=False)
    (event,) = page.play(now)
    assert event["kind"] == "wrong"
    assert any(said in one["message"] + one["path"] for one in event["problems"])
    assert len(page.rows()) == 1


def test_an_impossible_value_in_the_text_is_told_by_its_line(page):
    text = TRIED.replace("places: 3", "places: three")
    (event,) = page.play(text=text)
    (problem,) = event["problems"]
    assert problem["line"] == text[: text.index("places: three")].count("\n") + 1
    assert problem["path"] == "rooms.injecting.places"
    found = page.play(text=TRIED.replace("places: 3", "places: 4"), quick=True)
    assert last(found)["count"] == 2


def test_a_text_reads_no_file_outside_the_scenarios_folder(site, page):
    secret = site.parent / "secret.yaml"
    secret.write_text(TRIED, "utf-8")
    (event,) = page.play(text="extends: ../secret.yaml\nname: mine\n")
    assert event["kind"] == "wrong"
    assert "folder" in event["problems"][0]["message"]


def test_a_file_that_was_changed_meanwhile_is_told_of_and_read_when_asked(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(TRIED, "utf-8")
    with served(file, tmp_path / "tried") as page:
        assert not [one for one in page.play(quick=True) if one["kind"] == "disk"]
        file.write_text(TRIED.replace("places: 3", "places: 30"), "utf-8")
        events = page.play({"demand.visits_per_day": 60})
        assert "disk" in [one["kind"] for one in events]
        assert page.desk.site.loaded.scenario.rooms["injecting"].places == 3
        file.write_text("name: [", "utf-8")
        answer, _ = page.ask("POST", "/reread", {})
        assert answer.status == 422
        assert len(page.rows()) == 1
        file.write_text(TRIED.replace("places: 3", "places: 30"), "utf-8")
        assert page.ask("POST", "/reread", {})[0].status == 200
        assert page.desk.site.loaded.scenario.rooms["injecting"].places == 30


def test_what_would_take_days_is_refused_and_what_takes_long_can_be_stopped(page):
    events = page.play({"horizon.days": 14_000, "demand.visits_per_day": 90_000})
    assert events[-1]["kind"] in {"failed", "wrong"}


def test_a_move_is_kept_as_a_variant_after_its_difference_was_seen(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(f"{TRIED}# the end\n", "utf-8")
    with served(file, tmp_path / "tried") as page:
        body = {"now": {"rooms.injecting.places": 5, "staff.rota.0.count": 1}, "name": "fewer"}
        shown = json.loads(page.ask("POST", "/variant", body)[1])
        assert "+  fewer: {rooms.injecting.places: 5" in shown["difference"]
        assert file.read_text("utf-8") == f"{TRIED}# the end\n"
        wrong = page.ask("POST", "/variant", {**body, "sure": "0" * 64})
        assert wrong[0].status == 422
        assert file.read_text("utf-8") == f"{TRIED}# the end\n"
        written = page.ask("POST", "/variant", {**body, "sure": shown["sure"]})
        assert json.loads(written[1]) == {"written": "small.yaml"}
        assert load_scenario(file, (), "fewer").rooms["injecting"].places == 5
        assert file.read_text("utf-8").startswith(f"{TRIED}# the end\n")
        again = {**body, "now": {"rooms.injecting.places": 6}, "name": "six places"}
        shown = json.loads(page.ask("POST", "/variant", again)[1])
        page.ask("POST", "/variant", {**again, "sure": shown["sure"]})
        assert load_scenario(file, (), "six places").rooms["injecting"].places == 6
        assert load_scenario(file, (), "fewer").rooms["injecting"].places == 5
        assert page.ask("POST", "/variant", again)[0].status == 422  # there is one of that name


def test_a_variant_is_not_put_into_a_file_that_was_changed_meanwhile(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(TRIED, "utf-8")
    with served(file, tmp_path / "tried") as page:
        body = {"now": {"rooms.injecting.places": 5}, "name": "fewer"}
        shown = json.loads(page.ask("POST", "/variant", body)[1])
        file.write_text(f"{TRIED}# mine\n", "utf-8")
        answer, text = page.ask("POST", "/variant", {**body, "sure": shown["sure"]})
        assert answer.status == 422
        assert "read it again" in text
        assert file.read_text("utf-8") == f"{TRIED}# mine\n"


@pytest.mark.slow
def test_the_page_of_what_is_starred_is_that_of_compare(site, page, tmp_path):
    page.play({"rooms.injecting.places": 2})
    page.play({"rooms.injecting.places": 5})
    ids = [one["id"] for one in page.rows()]
    assert page.ask("GET", "/pages/compare")[0].status == 404
    answer, text = page.ask("POST", "/compare", {"window": "page", "base": {}, "rows": ids})
    assert json.loads(text.splitlines()[-1]) == {"kind": "page", "address": "/pages/compare"}
    answer, html = page.ask("GET", "/pages/compare")
    assert answer.status == 200
    assert "5 injecting places instead of 3" in html
    policy = answer.getheader("Content-Security-Policy")
    assert "script-src 'sha256-" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert (tmp_path / "tried" / "compare" / "comparison.csv").is_file()
    (tmp_path / "tried" / "compare" / "report.html").unlink()
    (tmp_path / "tried" / "compare" / "report.html").symlink_to(site / "small.yaml")
    assert page.ask("GET", "/pages/compare")[0].status == 403
    assert page.ask("GET", "/pages/..%2f..%2fsmall.yaml")[0].status == 404


@pytest.mark.slow
def test_a_day_of_a_move_is_watched_beside_the_base(page):
    body = {"window": "page", "now": {"rooms.injecting.places": 2}}
    _, text = page.ask("POST", "/watch", body)
    assert json.loads(text.splitlines()[-1]) == {"kind": "page", "address": "/pages/watch"}
    _, html = page.ask("GET", "/pages/watch")
    handed = json.loads(html.partition('id="handed">')[2].partition("</script>")[0])
    assert [one["name"] for one in handed["designs"]] == [
        "As it is",
        "2 injecting places instead of 3",
    ]
    body["now"] = {"demand.visits_per_day": 60}  # other people: only the move is shown
    page.ask("POST", "/watch", body)
    html = page.ask("GET", "/pages/watch")[1]
    handed = json.loads(html.partition('id="handed">')[2].partition("</script>")[0])
    assert [one["name"] for one in handed["designs"]] == ["60 visits a day instead of 90"]


@pytest.mark.slow
def test_everything_is_said_in_danish_too(site, tmp_path):
    with served(site / "small.yaml", tmp_path / "tried", "da") as page:
        answer, html = page.ask("GET", "/")
        assert answer.status == 200
        assert '<html lang="da">' in html
        assert "Flyt noget" in html
        found = last(page.play({"rooms.injecting.places": 5}))
        assert "Går uden at få en plads" in words_of(found["html"]["cards"])


@pytest.mark.slow
def test_moves_leave_no_thread_and_no_study(page):
    page.play({"rooms.injecting.places": 4}, quick=True)
    before = threading.active_count()
    for number in range(8):
        page.play({"demand.visits_per_day": 60 + number}, quick=True)
    assert page.desk.studies.under_way == 0
    assert threading.active_count() <= before + 1


def test_moves_are_written_into_the_text_where_their_values_stand(page):
    now = {
        "rooms.injecting.places": 5,
        "opening.hours": "09:00-18:30",
        "staff.rota.0.count": 1,
        "opening.queue_at_close": "serve",
        "visits.inject.stay.mean": 22.5,
    }
    found = json.loads(page.ask("POST", "/text", {"now": now})[1])
    assert found["left"] == {}
    assert "injecting: {places: 5}" in found["text"]
    assert "opening: {queue_at_close: serve, hours: 09:00-18:30}" in found["text"]
    assert "mean: 22.5} # assumption (mean 15-40)" in found["text"]
    as_text, as_moves = (
        last(one)["figures"]
        for one in (page.play(text=found["text"], quick=True), page.play(now, quick=True))
    )
    assert [one["value"] for one in as_text] == [one["value"] for one in as_moves]


def test_a_text_is_saved_after_its_difference_was_seen(tmp_path):
    file = tmp_path / "small.yaml"
    file.write_text(TRIED, "utf-8")
    text = TRIED.replace("places: 3", "places: 7")
    with served(file, tmp_path / "tried") as page:
        shown = json.loads(page.ask("POST", "/save", {"text": text})[1])
        assert "+  injecting: {places: 7}" in shown["difference"]
        assert file.read_text("utf-8") == TRIED
        assert page.ask("POST", "/save", {"text": text + "x: [", "sure": "a"})[0].status == 422
        assert page.ask("POST", "/save", {"text": text, "sure": "a"})[0].status == 422
        assert file.read_text("utf-8") == TRIED
        assert page.ask("POST", "/save", {"text": text, "sure": shown["sure"]})[0].status == 200
        assert file.read_text("utf-8") == text


@pytest.mark.slow
def test_a_changed_text_is_compared_with_the_file_as_the_command_does(site, page):
    text = TRIED.replace("places: 3", "places: 4").replace("mean: 25}", "mean: 20}")
    found = page.play(text=text, quick=True)
    body = {"base": {}, "now": {}, "text": text, "count": 2}
    line = json.loads(page.ask("POST", "/command", body)[1])["command"]
    compared(site, line, last(found)["figures"])


def test_a_difference_that_may_be_either_is_told_with_its_ends_in_the_same_word():
    wait = next(one for one in HEADLINES if (one.metric, one.statistic) == ("wait", "p90"))
    for apart, said in (
        ((-0.5, -1.2, 0.2), ("0.50 shorter", "−0.20 to 1.20")),
        ((-0.5, -0.75, -0.25), ("0.50 shorter", "0.25–\u20600.75")),
        ((0.5, 0.25, 0.75), ("0.50 longer", "0.25–\u20600.75")),
    ):
        known = Estimate(*apart)
        figure = Figure(wait, 5, 5 + apart[0], known, Finding.UNSURE, "min", 1, alike=False)
        assert _apart(figure, "DKK", catalogue("en")) == said


def test_a_move_that_is_let_go_of_goes_on_with_the_look_at_it(page, monkeypatch):
    """What a look plays is played once: for the look, and for the move after it."""
    played: list[str] = []
    plain = run_study

    def counted(scenario, plan, progress):
        played.append(f"{scenario.rooms['injecting'].places} places, {plan.replications}")
        return plain(scenario, plan, progress=progress)

    monkeypatch.setattr(sim.serve.studies, "run_study", counted)
    move = {"rooms.injecting.places": 5}
    look = last(page.play(move, quick=True))
    events = page.play(move)
    assert played == ["3 places, 2", "5 places, 2", "3 places, 10", "5 places, 10"]
    first = next(one for one in events if one["kind"] == "answers")
    assert first["figures"] == look["figures"]


def test_what_is_being_played_is_handed_on_to_the_next_who_asks_for_the_same(page, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    plain = run_study
    played: list[int] = []

    def held(scenario, plan, progress):
        played.append(scenario.rooms["injecting"].places)
        if played[-1] == 5 and plan.replications == 2:
            begun.set()
            assert go_on.wait(30)
        return plain(scenario, plan, progress=progress)

    monkeypatch.setattr(sim.serve.studies, "run_study", held)
    move = {"rooms.injecting.places": 5}
    events: dict[str, list[dict[str, object]]] = {}
    look = threading.Thread(
        target=lambda: events.update(look=page.play(move, window="a", quick=True))
    )
    look.start()
    assert begun.wait(30)
    after = threading.Thread(target=lambda: events.update(move=page.play(move, window="a")))
    after.start()
    while not page.rows():
        time.sleep(0.01)
    go_on.set()
    look.join()
    after.join()
    assert events["look"][-1]["kind"] == "stopped"
    assert last(events["move"])["count"] == 10
    assert played.count(5) == 2  # the look, and on to ten


@pytest.mark.slow
def test_scenarios_that_were_looked_at_are_let_go_of(page):
    """A page that is open for days takes no more memory for every move."""

    def objects(numbers):
        for number in numbers:
            page.play({"demand.visits_per_day": number}, quick=True)
        gc.collect()
        return len(gc.get_objects())

    page.play({"rooms.injecting.places": 5})
    before = objects(range(40, 50))
    assert objects(range(50, 60)) - before < 500 * 10  # each is some 5,000 objects


def test_what_many_visits_take_is_told_before_they_are_played_and_stop_stops(site, tmp_path):
    with served(site / "small.yaml", tmp_path / "tried", stages=(2, 10)) as page:
        move = {"horizon.days": 600, "demand.visits_per_day": 7000, "opening.hours": "24/7"}
        events: list[dict[str, object]] = []
        thread = threading.Thread(target=lambda: events.extend(page.play(move)))
        thread.start()
        while not page.rows():
            time.sleep(0.01)
        page.ask("POST", "/stop", {"window": "one"})
        thread.join()
        kinds = [one["kind"] for one in events]
        assert kinds[:2] == ["row", "long"]
        assert "4,200,000 visits" in str(events[1]["text"])
        assert kinds[-1] == "stopped"
        assert page.desk.studies.under_way == 0
        # Nothing is lost: the move is a row, and the next one is played.
        assert [one["now"] for one in page.rows()] == [move]
        assert last(page.play({"rooms.injecting.places": 4}))["count"] == 10


def test_a_text_may_name_the_files_that_its_scenario_is_of_and_no_others(tmp_path):
    (tmp_path / "base.yaml").write_text(TRIED, "utf-8")
    (tmp_path / "other.yaml").write_text(TRIED, "utf-8")
    (tmp_path / "rotas").mkdir()
    file = tmp_path / "rotas" / "mine.yaml"
    text = "extends: ../base.yaml\nname: mine\nrooms: {injecting: {places: 4}}\n"
    file.write_text(text, "utf-8")
    with served(file, tmp_path / "tried") as page:
        found = page.play(text=text.replace("places: 4", "places: 6"), quick=True)
        assert "6 injecting places instead of 4" in words_of(last(found)["html"]["said"])
        (event,) = page.play(text=text.replace("base", "other"), quick=True)
        assert "this page keeps" in event["problems"][0]["message"]
        # A link that leads elsewhere now is another file than the one that was read.
        (tmp_path / "base.yaml").unlink()
        (tmp_path / "base.yaml").symlink_to(tmp_path / "other.yaml")
        (event,) = page.play(text=f"{text}# again\n", quick=True)
        assert event["kind"] == "wrong"


@pytest.mark.slow
def test_two_programs_on_the_same_tries_see_the_rows_of_each_other(site, page, tmp_path):
    with served(site / "small.yaml", tmp_path / "tried") as other:
        page.play({"rooms.injecting.places": 2})
        other.play({"rooms.injecting.places": 4})
        page.play({"rooms.injecting.places": 5})
        assert [one["now"]["rooms.injecting.places"] for one in other.rows()] == [5, 4, 2]
        assert page.rows() == other.rows()
        page.ask("POST", "/row", {"id": other.rows()[1]["id"], "star": True, "name": "a\u2028b"})
        assert other.rows()[1]["star"]
    with served(site / "small.yaml", tmp_path / "tried") as again:
        assert again.rows() == page.rows()


def test_tries_that_cannot_be_written_are_told_of(site, tmp_path):
    (tmp_path / "tried").write_text("a file", "utf-8")
    with served(site / "small.yaml", tmp_path / "tried") as page:
        (event,) = page.play({"rooms.injecting.places": 2})
        assert event["kind"] == "failed"
        assert "cannot write" in event["message"]


def test_what_cannot_be_is_told_in_danish_with_its_limit(site, tmp_path):
    with served(site / "small.yaml", tmp_path / "tried", "da") as page:
        (event,) = page.play({"rooms.injecting.places": -1})
        (problem,) = event["problems"]
        assert problem["message"] == "skal være mindst 0, ikke -1"
        assert problem["lang"] == "da"
        (event,) = page.play({"opening.hours": "noon"})
        assert event["problems"][0]["message"].startswith("skal være tider som '07:30-23:30'")
        assert event["problems"][0]["lang"] == "da"


def test_a_site_to_which_people_come_back_is_tried_and_watched(tmp_path):
    file = tmp_path / "back.yaml"
    text = TRIED.replace("  inject:\n", "  inject:\n    returns: {share: 0.5}\n", 1)
    assert text != TRIED
    file.write_text(text, "utf-8")
    with served(file, tmp_path / "tried") as page:
        figures = last(page.play({"rooms.injecting.places": 2}))["figures"]
        needs = {(one["metric"], one["statistic"]): one for one in figures}
        assert needs["needs_met", "share"]["difference"] < 0
        body = {"window": "page", "now": {"rooms.injecting.places": 2}}
        _, told = page.ask("POST", "/watch", body)
        assert json.loads(told.splitlines()[-1])["kind"] == "page"


def test_a_text_that_becomes_a_city_is_refused_where_it_does(page):
    text = """name: town
demand: {visits_per_day: 50, profile: flat}
visits: {inject: {}}
facilities: {one: {file: small.yaml}}
"""
    (event,) = page.play(text=text)
    assert "serve is for one site yet" in event["problems"][0]["message"]
