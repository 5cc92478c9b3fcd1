"""Finished replications on disk: only ever time saved, never a figure changed."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import numpy as np
import pytest

from sim.measures import measure
from sim.study.run.cache import Cache, content_sha256
from sim.study.run.replication import Replicated
from tests import ROOT
from tests.support.handmade_logs import fake_replication, make_log, make_scenario, staffed_site

SITE = make_scenario()
SERVICE = make_scenario(
    rooms={},
    visits={"check": {"services": {"checking": 1}}},
    services={"checking": {"duration": 10}},
)


def replicated(number=0, site=SITE):
    log = fake_replication(site, 1, number) if site.rooms else make_log(site)
    tally = measure(site, log)
    return Replicated(tally, np.array([1.5, -0.1 * number]))


def same(one, other):
    tallies = (one.tally, other.tally)
    names = ("numerator", "denominator", "hour_numerator", "hour_denominator")
    histograms = zip(*(tally.histograms for tally in tallies), strict=True)
    return (
        all(np.array_equal(*(getattr(tally, name) for tally in tallies)) for name in names)
        and all(
            np.array_equal(a.ticks, b.ticks)
            and np.array_equal(a.counts, b.counts)
            and (a.ticks.dtype, a.counts.dtype) == (b.ticks.dtype, b.counts.dtype)
            for a, b in histograms
        )
        and np.array_equal(one.controls, other.controls)
    )


def entries(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("site", [SITE, staffed_site(), SERVICE])
def test_what_is_put_comes_out(tmp_path, site):
    study = Cache(tmp_path, "1").study(site, 1)
    assert study.get(3) is None
    assert study.put(3, replicated(3, site))
    assert same(study.get(3), replicated(3, site))
    assert study.get(2) is None


def test_nothing_is_made_before_there_is_something_to_keep(tmp_path):
    study = Cache(tmp_path / "cache", "1").study(SITE, 1)
    assert study.get(0) is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("version", "site", "seed"),
    [
        ("2", SITE, 1),
        ("1", SITE, 2),
        ("1", make_scenario(rooms={"booths": {"places": 3}}), 1),
        ("1", make_scenario(horizon={"weeks": 2}), 1),
    ],
)
def test_another_version_seed_or_site_is_another_study(tmp_path, version, site, seed):
    assert Cache(tmp_path, "1").study(SITE, 1).put(0, replicated())
    assert Cache(tmp_path, version).study(site, seed).get(0) is None


def test_words_do_not_count():
    other = make_scenario(
        name="another", title="A", description="B", targets=["wait.p90 <= 10 min"]
    )
    assert content_sha256(other) == content_sha256(SITE)
    assert content_sha256(make_scenario(demand={"visits_per_day": 11, "profile": "flat"})) != (
        content_sha256(SITE)
    )


def test_the_order_of_rooms_counts():
    """It is the order of the rows in which a tally is kept."""
    rooms = {"a": {"places": 1}, "b": {"places": 2}}
    visits = {"use": {"rooms": ["a", "b"], "stay": 20}}
    one = make_scenario(rooms=rooms, visits=visits)
    other = make_scenario(rooms=dict(reversed(rooms.items())), visits=visits)
    assert content_sha256(one) != content_sha256(other)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[:100],
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
        lambda content: os.urandom(len(content)),
    ],
)
def test_a_damaged_entry_is_as_if_it_were_not_there(tmp_path, damage):
    study = Cache(tmp_path, "1").study(SITE, 1)
    study.put(0, replicated())
    (path,) = entries(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert study.get(0) is None
    assert study.put(0, replicated())
    assert same(study.get(0), replicated())


def test_an_entry_whose_rows_mean_something_else_is_not_used(tmp_path):
    study = Cache(tmp_path, "1").study(SITE, 1)
    study.put(0, replicated())
    (path,) = entries(tmp_path)
    content = path.read_bytes()[32:]
    forged = os.urandom(32) + content[32:]
    is_of = f"{path.parent.name}/0\n".encode()
    path.write_bytes(sha256(is_of + forged).digest() + forged)
    assert study.get(0) is None


def test_an_entry_is_believed_only_where_it_was_put(tmp_path):
    """Copied over another replication, seed or site, it is as if it were not there."""
    study, other = Cache(tmp_path, "1").study(SITE, 1), Cache(tmp_path, "1").study(SITE, 2)
    study.put(0, replicated())
    other.put(0, replicated())
    content = (study.folder / "0.tally").read_bytes()
    (study.folder / "1.tally").write_bytes(content)
    (other.folder / "0.tally").write_bytes(content)
    assert study.get(1) is None
    assert other.get(0) is None
    assert same(study.get(0), replicated())


@pytest.mark.slow
def test_an_edit_of_the_code_that_makes_figures_is_another_version(tmp_path):
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    ask = "from sim.study.run.cache import code_version; print(code_version('1'))"

    def version():
        command = [sys.executable, "-c", ask]
        asked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return asked.stdout.strip()

    before = version()
    assert before.startswith("1-")
    with (tmp_path / "sim" / "report" / "words.py").open("a", encoding="utf-8") as file:
        file.write("# what is only drawn\n")
    assert version() == before
    with (tmp_path / "sim" / "facility" / "door.py").open("a", encoding="utf-8") as file:
        file.write("# a rule\n")
    assert version() != before


def test_no_program_sees_another_ones_half_written_entry(tmp_path):
    study = Cache(tmp_path, "1").study(SITE, 1)
    one = replicated()

    def put_and_get(_):
        study.put(0, one)
        found = study.get(0)
        return found is not None and same(found, one)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(put_and_get, range(80)))
    assert len(entries(tmp_path)) == 1


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    study = Cache(tmp_path / "file", "1").study(SITE, 1)
    assert not study.put(0, replicated())
    assert study.get(0) is None


def test_what_was_used_least_lately_goes_first(tmp_path):
    cache = Cache(tmp_path, "1")
    old, new = cache.study(SITE, 1), cache.study(SITE, 2)
    for number in range(5):
        old.put(number, replicated(number))
        new.put(number, replicated(number))
    for place, path in enumerate(entries(old.folder)):
        os.utime(path, (place, place))  # 1970: long ago
    assert old.get(0) is not None  # used just now
    size = sum(path.stat().st_size for path in entries(tmp_path))
    Cache(tmp_path, "1", limit=size).prune()
    assert len(entries(tmp_path)) == 10  # nothing to do
    Cache(tmp_path, "1", limit=int(size * 0.75)).prune()
    assert [old.get(number) is not None for number in range(5)] == [True] + 4 * [False]
    assert all(new.get(number) is not None for number in range(5))
    Cache(tmp_path, "1", limit=0).prune()
    assert not list(tmp_path.iterdir())


def test_litter_of_a_killed_program_is_removed_by_the_next(tmp_path):
    cache = Cache(tmp_path, "1")
    study = cache.study(SITE, 1)
    study.put(0, replicated())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine, litter = (study.folder / f"1.{number}-ab.part" for number in (os.getpid(), gone.pid))
    for path in (mine, litter):
        path.write_bytes(b"half")
    cache.prune()
    assert mine.exists()
    assert not litter.exists()


def test_litter_of_unknown_programs_is_removed_after_a_day(tmp_path):
    cache = Cache(tmp_path, "1")
    study = cache.study(SITE, 1)
    study.put(0, replicated())
    fresh, litter = study.folder / "1.a.part", study.folder / "1.b.part"
    for path in (fresh, litter):
        path.write_bytes(b"half")
    long_ago = time.time() - 100_000
    os.utime(litter, (long_ago, long_ago))
    cache.prune()
    assert fresh.exists()
    assert not litter.exists()
    assert study.get(0) is not None
