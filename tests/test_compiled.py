"""What is compiled is kept under everything that goes into it, wherever there is room for it."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import fast
from sim import kept as keeping
from sim.cli import options
from sim.engine import Engine
from sim.facility import simulate
from sim.scenario import load_scenario
from sim.study import cluster, ready
from sim.visitors import draw
from tests.helpers import same_log

HERE = Path(__file__).parent
ROOT = HERE.parent
SITE = ROOT / "scenarios" / "skyen.yaml"


def fingerprint(folder, **environment):
    """Of the engine as it is in a folder, worked out by a program of its own."""
    code = "import sys, pathlib, sim.kept as k; print(k._fingerprint(pathlib.Path(sys.argv[1])))"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(Path(folder) / "sim" / "fast")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return ran.stdout.strip()


@pytest.fixture
def copy(tmp_path):
    """The package in a folder of its own."""
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_a_change_of_any_part_is_not_served_with_the_old_code(copy):
    before = fingerprint(copy)
    assert before == fingerprint(copy)
    part = copy / "sim" / "fast" / "waiting.py"
    part.write_text(part.read_text("utf-8") + "# another version\n", "utf-8")
    assert fingerprint(copy) != before


@pytest.mark.parametrize("setting", ["NUMBA_BOUNDSCHECK", "NUMBA_OPT"])
def test_settings_that_numba_leaves_out_of_its_key_are_in_ours(setting):
    assert fingerprint(ROOT, **{setting: "1"}) != fingerprint(ROOT, **{setting: "0"})


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No folder can be written: each candidate would lie within a file."""
    file = tmp_path / "file"
    file.write_text("", "utf-8")
    monkeypatch.setattr(keeping, "_candidates", lambda _: iter([file / "here", file / "there"]))
    keeping.cache_folder.cache_clear()
    yield
    keeping.cache_folder.cache_clear()


@pytest.mark.usefixtures("nowhere")
def test_where_nothing_can_be_written_nothing_is_kept_and_all_works():
    assert keeping.cache_folder(HERE) is None

    @keeping.kept
    def double(number: int) -> int:
        return 2 * number

    assert keeping.must_compile(double)
    assert double(21) == 42
    assert not keeping.must_compile(double)


def test_the_first_folder_that_can_be_written_is_taken(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.write_text("", "utf-8")
    monkeypatch.setattr(keeping, "_candidates", lambda _: iter([closed / "x", tmp_path / "open"]))
    keeping.cache_folder.cache_clear()
    found = keeping.cache_folder(HERE)
    keeping.cache_folder.cache_clear()
    assert found is not None
    assert found.parent == tmp_path / "open"
    assert stat.S_ISDIR(found.stat().st_mode)


def test_nobody_without_a_home_is_stopped(monkeypatch):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    for variable in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert [path.name for path in keeping._candidates(HERE)][-1] == "__pycache__"


def test_columns_that_cannot_be_written_give_the_same_log():
    scenario = load_scenario(SITE, ["horizon={days: 1}"])
    visitors = draw(scenario, 1, 0)
    columns = {field.name: getattr(visitors, field.name) for field in fields(visitors)}
    locked = {name: one.copy() for name, one in columns.items() if isinstance(one, np.ndarray)}
    for one in locked.values():
        one.flags.writeable = False
    log = fast.simulate(scenario, replace(visitors, **locked))
    assert same_log(log, simulate(scenario, visitors))


@pytest.mark.parametrize(
    ("kept", "says"), [(True, "it is kept for the next time"), (False, "set NUMBA_CACHE_DIR")]
)
def test_that_it_compiles_is_said_with_the_seconds(monkeypatch, capsys, kept, says):
    for name in ("must_compile", "anything_must_compile"):
        monkeypatch.setattr(options, name, lambda _: True)
    monkeypatch.setattr(options, "compile_all", lambda _: kept)
    options.make_ready(Engine.FAST)
    said = " ".join(capsys.readouterr().err.split())
    assert "Compiling the engine, which takes about half a minute" in said
    assert f"Compiled in 0 seconds; {'it' if kept else 'no'}" in said
    assert says in said


def test_what_is_compiled_is_not_spoken_of(monkeypatch, capsys):
    monkeypatch.setattr(options, "anything_must_compile", lambda _: False)
    options.make_ready(Engine.FAST)
    options.make_ready(None)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_ctrl_c_that_llvm_drops_is_raised_after_the_part(monkeypatch, stop):
    def drop(error: BaseException) -> None:
        ctypes.CFUNCTYPE(None)(lambda: (_ for _ in ()).throw(error))()

    others: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", others.append)
    with pytest.raises(stop), keeping.interruptible():
        drop(stop())
    with keeping.interruptible():
        drop(ValueError())
    assert [event.exc_type for event in others] == [ValueError]
    assert sys.unraisablehook == others.append


def test_another_process_compiles_what_draws_and_measures(monkeypatch):
    opened = []

    @contextmanager
    def beside(workers):
        with cluster.processes(workers) as pool:
            opened.append(pool)
            yield pool

    monkeypatch.setattr(ready, "processes", beside)
    monkeypatch.setattr(ready, "must_compile", lambda _: True)
    assert ready.compile_all(Engine.FAST)
    assert [(pool.workers, pool.elsewhere) for pool in opened] == [(1, True)]
    assert not ready.compile_all(Engine.SIMPY)  # of which nothing is compiled
    monkeypatch.setattr(ready, "is_kept", lambda _: False)
    assert ready.compile_all(Engine.FAST)
    assert len(opened) == len(Engine)  # and none where it would be lost


SUMS = """
import sys
import numpy as np
from sim.kept import kept

@kept
def sums(values):
    found = np.zeros(2, dtype=values.dtype)
    for value in values:
        found += value
    return found

for kind in sys.argv[1:]:
    print(*sums(np.array([1, 2], dtype=kind)), "numba.np.arraymath" in sys.modules)
"""


def test_what_is_kept_is_read_without_preparing_to_compile(tmp_path):
    (tmp_path / "sums.py").write_text(SUMS, "utf-8")

    def run(*kinds):
        return subprocess.run(
            [sys.executable, "sums.py", *kinds],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()

    assert run("float64") == ["3.0 3.0 True"]
    # After reading it compiles for another type as ever, and reads both the next time.
    assert run("float64", "int64") == ["3.0 3.0 False", "3 3 True"]
    assert run("float64", "int64") == ["3.0 3.0 False", "3 3 False"]


STUDY = """
import sys
from sim import Plan, load_scenario, run_study
run_study(load_scenario(sys.argv[1], ["horizon={days: 2}"]), Plan(replications=2))
print(sorted({"numba.np.arraymath", "scipy.linalg", "simpy", "plotly"} & set(sys.modules)))
"""


def test_a_study_imports_nothing_to_compile_to_draw_or_of_the_other_engine():
    def run():
        command = [sys.executable, "-c", STUDY, str(SITE)]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    run()  # whatever is not kept yet is from now on
    assert run() == "[]\n"
