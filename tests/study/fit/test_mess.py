"""What logs have in them that did not happen so: each rule seen, counted, and its harm undone."""

from datetime import date

import numpy as np
import pytest

from sim.fit.reading.mess import piles, step_of
from sim.scenario.errors.problem import ScenarioError
from tests.support.site_logs import (
    clock,
    fitted,
    moment,
    rules,
    small_site,
    uses,
    visits_lines,
    write_log,
)


@pytest.fixture
def known():
    return uses(np.random.default_rng(3))


def lines_of(known):
    return list(visits_lines(*known))


def use_lines(known, clients=None):
    times, stays, kinds = known
    yield "date,start,end,kind,client"
    for number, (time, stay, kind) in enumerate(zip(times, stays, kinds, strict=True)):
        ends = clock((time + stay) % 1440) if np.isfinite(stay) else ""
        code = "" if clients is None else clients[number]
        yield f"{moment(time)[:10]},{clock(time % 1440)},{ends},{kind},{code}"


def test_a_clean_log_has_nothing_to_be_put_right(tmp_path, known):
    found = fitted(write_log(tmp_path, lines_of(known)))
    assert found.findings == ()
    assert found.unserved == "log"


def test_rows_twice_are_left_out_once(tmp_path, known):
    lines = list(use_lines(known, clients=np.arange(len(known[0]))))
    found = fitted(write_log(tmp_path, [*lines, *lines[5:25]]))
    assert rules(found) == {"doubled": 20}
    assert len(found.register) == len(known[0])
    (seen,) = found.findings
    assert seen.lines[0] == len(lines) + 1


def test_ends_that_a_program_made_are_no_ends(tmp_path, known):
    times, stays, kinds = known
    forgotten = np.random.default_rng(1).random(len(times)) < 0.05
    path = write_log(tmp_path, list(use_lines((times, np.where(forgotten, 120, stays), kinds))))
    found = fitted(path)
    assert rules(found)["automatic"] == forgotten.sum()
    assert found.stays is not None
    for one in found.stays.values():
        assert one.mean.low < 20 < one.mean.high
    naive = np.where(forgotten, 120, stays).mean()
    assert naive > 24


def test_ends_that_are_missing_are_counted_and_never_filled_in(tmp_path, known):
    times, stays, kinds = known
    for share, rule in ((0.1, "ends_missing"), (0.3, "many_ends_missing")):
        gone = np.random.default_rng(1).random(len(times)) < share
        path = write_log(tmp_path, list(use_lines((times, np.where(gone, np.nan, stays), kinds))))
        found = fitted(path)
        assert rules(found) == {rule: gone.sum()}
        assert found.stays is not None
        assert sum(one.number + one.censored for one in found.stays.values()) == (~gone).sum()
        assert len(found.register) == len(times)


def test_times_rounded_to_five_minutes(tmp_path):
    times, stays, kinds = uses(np.random.default_rng(2), days=56)
    start = np.round(times / 5) * 5
    end = np.round((times + stays) / 5) * 5
    found = fitted(write_log(tmp_path, list(use_lines((start, end - start, kinds)))))
    assert {one.rule: one.more.get("step") for one in found.findings}["rounded"] == 5
    assert found.stays is not None
    one = found.stays["inject"]
    assert one.mean.low < 20 < one.mean.high
    assert one.law is not None
    assert one.law.cv == pytest.approx(0.5, abs=0.05)


def test_a_time_that_stands_for_no_time(tmp_path, known):
    times, _, kinds = known
    lines = ["date,arrived,kind,outcome", f"{moment(times[0])[:10]},10:00,inject,refused"]
    missing = np.random.default_rng(4).random(len(times)) < 0.04
    for time, kind, gone in zip(times, kinds, missing, strict=True):
        lines.append(f"{moment(time)[:10]},{'00:00' if gone else clock(time % 1440)},{kind},served")
    found = fitted(write_log(tmp_path, lines))
    assert rules(found) == {"placeholder": missing.sum()}
    assert found.demand is not None
    assert found.demand.a_day.value == pytest.approx(len(lines[1:]) / 28, rel=0.02)


def test_people_at_the_door_are_counted_at_the_opening(tmp_path, known):
    lines = lines_of(known)
    early = [f"2026-01-{day:02d} 09:{day:02d},,,inject,refused" for day in range(31, 32)]
    early += ["2026-01-07 09:40,2026-01-07 10:00,2026-01-07 10:20,inject,served"]
    found = fitted(write_log(tmp_path, [*lines, *early]))
    assert rules(found) == {"door": 2}
    assert (found.register.arrived % 1440).min() == 600


def test_a_few_rows_outside_the_hours_are_left_out_and_many_stop_the_fit(tmp_path, known):
    lines = lines_of(known)
    wrong = [f"2026-01-08 03:{n:02d},,,inject,refused" for n in range(60)]
    found = fitted(write_log(tmp_path, [*lines, *wrong[:20]]))
    assert rules(found) == {"outside": 20}
    with pytest.raises(ScenarioError, match=r"60 of .* are of no use: outside opening hours 60"):
        fitted(write_log(tmp_path, [*lines, *wrong]))


def test_ends_before_starts_are_left_out(tmp_path, known):
    row = "2026-01-08 12:00,2026-01-08 12:30,2026-01-08 12:10,inject,served"
    night = "2026-01-08 12:00,2026-01-08 12:30,2026-01-09 02:00,inject,served"
    found = fitted(write_log(tmp_path, [*lines_of(known), row, night]))
    assert rules(found) == {"backwards": 2}


def test_rows_of_one_client_that_touch_are_one_visit(tmp_path):
    lines = ["date,start,end,kind,client"]
    for day in range(5, 33):
        on = moment((day - 5) * 1440)[:10]
        lines += [f"{on},10:00,10:10,inject,A{day}", f"{on},10:12,10:30,inject,A{day}"]
        lines += [f"{on},11:00,11:10,inject,B{day}", f"{on},11:30,11:40,inject,B{day}"]
    found = fitted(write_log(tmp_path, lines))
    assert rules(found)["joined"] == 28
    stays = found.register.left - found.register.entered
    assert sorted(set(stays.tolist())) == [10, 30]


def test_a_registration_and_a_place_in_two_rows_are_one_visit(tmp_path):
    lines = ["arrived,entered,left,kind,client"]
    for day in range(28):
        at = day * 1440 + 720
        lines += [f"{moment(at)},,,inject,A{day}"]
        lines += [f",{moment(at + 9)},{moment(at + 30)},inject,A{day}"]
    found = fitted(write_log(tmp_path, lines), unserved_unknown=True)
    assert rules(found)["joined"] == 28
    assert len(found.register) == 28
    assert set((found.register.entered - found.register.arrived).tolist()) == {9.0}


def test_one_code_for_all_is_no_client(tmp_path, known):
    clients = np.where(
        np.arange(len(known[0])) % 3 == 0, "0000", np.arange(len(known[0])).astype(str)
    )
    found = fitted(write_log(tmp_path, list(use_lines(known, clients=clients))))
    assert "one_code" in rules(found)
    assert (found.register.client[found.register.client >= 0] > 0).all()


def test_fifteen_regulars_are_clients(tmp_path, known):
    """Each comes to one in fifteen visits, one after the other."""
    times, stays, kinds = known
    rng, until = np.random.default_rng(4), np.zeros(15)
    clients = []
    for time, stay in zip(times, stays, strict=True):
        free = np.flatnonzero(until < time)
        one = int(rng.choice(free)) if len(free) else -1
        until[one] = time + stay + 10
        clients.append(f"R{one}")
    found = fitted(write_log(tmp_path, list(use_lines((times, stays, kinds), clients=clients))))
    assert "one_code" not in rules(found)
    assert len(np.unique(found.register.client)) >= 15


def test_a_code_of_all_makes_no_visit_of_several(tmp_path, known):
    """Those of one code who are there at once stay visits of their own."""
    each = fitted(write_log(tmp_path, list(use_lines(known))))
    found = fitted(write_log(tmp_path, list(use_lines(known, clients=["0000"] * len(known[0])))))
    assert rules(found)["one_code"] == len(known[0])
    assert "joined" not in rules(found)
    assert len(found.register) == len(each.register)


def test_without_ends_a_code_of_all_comes_far_more_often(tmp_path, known):
    times = known[0]
    rng = np.random.default_rng(5)
    for share, of_nobody in ((0.3, True), (0.0, False)):
        clients = np.where(rng.random(len(times)) < share, 0, rng.integers(1, 16, len(times)))
        rows = [f"{moment(at)},{one}" for at, one in zip(times, clients, strict=True)]
        found = fitted(write_log(tmp_path, ["arrived,client", *rows]))
        assert ("one_code" in rules(found)) is of_nobody


def test_days_of_which_no_log_was_kept(tmp_path, known):
    times, stays, kinds = known
    kept = ~np.isin(times // 1440, [9, 10])
    found = fitted(write_log(tmp_path, list(visits_lines(times[kept], stays[kept], kinds[kept]))))
    assert rules(found) == {"no_log": 2}
    assert found.demand is not None
    assert found.demand.days == 26
    assert found.demand.a_day.low < 40 < found.demand.a_day.high
    naive = kept.sum() / 28
    assert naive < 38.5


def test_a_day_that_is_said_to_be_closed_does_not_count(tmp_path, known):
    found = fitted(write_log(tmp_path, lines_of(known)), closed=frozenset([date(2026, 1, 7)]))
    assert found.demand is not None
    assert found.demand.days == 27


def test_a_log_of_more_than_a_year(tmp_path):
    times, stays, kinds = uses(np.random.default_rng(5), days=380, a_day=5)
    found = fitted(write_log(tmp_path, list(visits_lines(times, stays, kinds))))
    assert "longer_than_a_year" in rules(found)
    assert found.register.days == 182


def test_a_trend_is_told_and_the_latest_weeks_count(tmp_path):
    rng = np.random.default_rng(6)
    drawn: list[float] = []
    for day in range(112):
        count = rng.poisson(30 + 30 * day / 111)
        drawn += (day * 1440 + 600 + np.sort(rng.uniform(0, 719, count))).tolist()
    times = np.floor(drawn)
    path = write_log(
        tmp_path, list(visits_lines(times, np.full(len(times), 9), ["inject"] * len(times)))
    )
    latest, whole = fitted(path).demand, fitted(path, latest=False).demand
    assert latest is not None
    assert whole is not None
    assert latest.trend == pytest.approx(1.0, abs=0.25)
    assert latest.a_day.value == pytest.approx(56, rel=0.05)
    assert whole.a_day.value == pytest.approx(45, rel=0.05)
    assert latest.cv.value < 0.1


def test_a_week_is_too_short_for_weekdays(tmp_path):
    times, stays, kinds = uses(np.random.default_rng(7), days=5)
    found = fitted(write_log(tmp_path, list(visits_lines(times, stays, kinds))))
    assert found.demand is not None
    assert found.demand.week.method == "scaled"
    by_day = found.demand.week.rate.sum(axis=1)
    assert by_day[6] == pytest.approx(by_day[0] / 2)


def test_first_sight_in_a_new_register_is_no_first_visit(tmp_path):
    rng, lines = np.random.default_rng(8), ["arrived,kind,first_visit,outcome"]
    seen: set[int] = set()
    for time in np.sort(rng.uniform(0, 28, 2000)):
        client = int(rng.integers(200))
        minutes = int(time) * 1440 + 600 + (time % 1) * 719
        lines.append(f"{moment(minutes)},inject,{'no' if client in seen else 'yes'},served")
        seen.add(client)
    found = fitted(write_log(tmp_path, lines))
    assert found.firsts is not None
    assert found.firsts[2]


def test_the_kinds_that_a_log_cannot_show_keep_their_share(tmp_path, known):
    site = small_site()
    data = site.model_dump(by_alias=True, exclude_none=True)
    data["services"] = {"talk": {"duration": {"distribution": "fixed", "value": 10}}}
    data["visits"]["inject"]["share"] = 0.4
    data["visits"]["talk"] = {"share": 0.2, "services": {"talk": 1.0}}
    site = site.model_validate(data)
    found = fitted(write_log(tmp_path, lines_of(known)), site)
    assert found.kinds is not None
    assert found.kinds.not_shown == pytest.approx(0.2)
    assert sum(one.value for one in found.kinds.shares.values()) == pytest.approx(1)


def test_few_stays_of_a_kind_scale_the_law_of_the_file(tmp_path):
    times, stays, _ = uses(np.random.default_rng(9))
    kinds = np.array(["inject"] * len(times))
    kinds[:12] = "smoke"
    found = fitted(write_log(tmp_path, list(visits_lines(times, stays, kinds))))
    assert found.stays is not None
    assert (found.stays["smoke"].law, found.stays["smoke"].note) == (None, "few")


def test_digits_and_piles():
    assert step_of(np.arange(0, 600.0, 5)) == 5
    assert step_of(np.arange(0, 6000.0, 15)) == 15
    assert step_of(np.arange(0, 600.0)) == 1
    rng = np.random.default_rng(1)
    stays = np.round(rng.gamma(4, 5, 1000))
    assert piles(stays) == []
    assert piles(np.concatenate([stays, np.full(60, 90.0)])) == [90]
