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
from numba import config

from sim import compiled as keeping
from sim import fast
from sim.cli import options
from sim.engine import Engine
from sim.facility import simulate
from sim.scenario import load_scenario
from sim.study.run import workers
from sim.visitors import draw
from tests import ROOT
from tests.support.played import same_log

SITE = ROOT / "scenarios" / "skyen.yaml"


def stem(folder, name="sim.visitors.arrivals:thin", before="", **environment):
    """How entries of a function begin, worked out by a program of its own."""
    code = (
        f"import sys\n{before}\nfrom importlib import import_module\nimport sim.compiled as k\n"
        "module, _, name = sys.argv[1].partition(':')\n"
        "print(k.stem_of(getattr(import_module(module), name)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, name],
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


def edit(folder, file, text="# another version\n"):
    source = folder / "sim" / file
    source.write_text(source.read_text("utf-8") + text, "utf-8")


LOOP, THIN = "sim.fast.engine:play", "sim.visitors.arrivals:thin"
ADD_UP = "sim.measures.facts.visits:add_up"


@pytest.fixture(scope="module")
def usual():
    """How entries begin where nothing is otherwise: the same wherever the sources lie."""
    return {one: stem(ROOT, one) for one in (LOOP, THIN, ADD_UP)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "file"),
    [
        (LOOP, "fast/visit.py"),
        (LOOP, "fast/memory/codes.py"),
        (LOOP, "log.py"),
        (LOOP, "rules/order.py"),
        (LOOP, "compiled.py"),
        (THIN, "visitors/streams.py"),  # a part of a part
        (ADD_UP, "measures/steps.py"),
    ],
)
def test_a_change_of_any_part_is_not_served_with_the_old_code(copy, usual, function, file):
    edit(copy, file)
    assert stem(copy, function) != usual[function]


@pytest.mark.slow
def test_a_change_of_what_is_not_compiled_compiles_nothing_anew(copy, usual):
    for file in (
        "cli/app.py",
        "scenario/derived/outlook.py",
        "fast/simulate.py",
        "measures/tally.py",
    ):
        edit(copy, file)
    assert all(stem(copy, one) == usual[one] for one in (LOOP, ADD_UP))


@pytest.mark.slow
def test_a_constant_from_a_room_without_compiled_code_counts_by_its_value(copy, usual):
    edit(copy, "scenario/model/hours.py", "\nFURTHER = 61\n")
    assert stem(copy, ADD_UP) == usual[ADD_UP]
    edit(copy, "scenario/model/hours.py", "\nDAY = 1441\n")
    assert stem(copy, ADD_UP) != usual[ADD_UP]


def test_nothing_is_compiled_in_the_room_whose_sources_do_not_count():
    room = (ROOT / "sim" / keeping._SETTINGS_ONLY).rglob("*.py")
    assert not [
        one for one in room if "numba" in (text := one.read_text("utf-8")) or "sim.compiled" in text
    ]


@pytest.mark.slow
def test_the_same_sources_elsewhere_have_the_same_key_and_find_what_is_kept(copy, usual, tmp_path):
    assert stem(copy) == usual[THIN]
    kept = tmp_path / "kept"
    compiles = (
        "from sim.visitors import compile_drawing, drawing_must_compile\n"
        "print(drawing_must_compile()); compile_drawing(); print(drawing_must_compile())"
    )

    def run(folder):
        return subprocess.run(
            [sys.executable, "-c", compiles],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(kept)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()

    assert run(copy) == ["True", "False"]
    assert run(ROOT) == ["False", "False"]
    entries = sorted((kept / "dcr-sim").iterdir())
    assert {one.suffix for one in entries} == {".machine"}
    # An entry that was cut off or damaged counts as not there.
    whole = entries[0].read_bytes()
    for damaged in (b"", whole[:100], whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1])):
        entries[0].write_bytes(damaged)
        assert keeping._content(entries[0]) is None
    assert run(copy) == ["True", "False"]
    assert keeping._content(entries[0]) is not None
    keeping._read.clear()
    # As does another function's put in its place.
    entries[0].write_bytes(entries[1].read_bytes())
    assert run(ROOT)[1] == "False"


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["NUMBA_BOUNDSCHECK", "NUMBA_OPT"])
def test_settings_that_numba_leaves_out_of_its_key_are_in_ours(usual, setting):
    assert stem(ROOT, **{setting: "1"}) != usual[THIN]


@pytest.mark.slow
def test_another_processor_or_version_has_another_key(usual):
    for line in (
        "import llvmlite.binding as b; b.get_host_cpu_name = lambda: 'another'",
        "import numba; numba.__version__ = '99'",
        "import platform; platform.machine = lambda: 'another'",
    ):
        assert stem(ROOT, before=line) != usual[THIN]


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No folder can be written: each candidate would lie within a file."""
    file = tmp_path / "file"
    file.write_text("", "utf-8")
    monkeypatch.setattr(keeping, "_candidates", lambda: iter([file / "here", file / "there"]))
    keeping.cache_folder.cache_clear()
    yield
    keeping.cache_folder.cache_clear()


@pytest.mark.slow
@pytest.mark.usefixtures("nowhere")
def test_where_nothing_can_be_written_nothing_is_kept_and_all_works():
    assert keeping.cache_folder() is None

    @keeping.compiled
    def double(number: int) -> int:
        return 2 * number

    assert keeping.must_compile(double)
    assert not keeping.is_cached(double)
    assert double(21) == 42
    assert not keeping.must_compile(double)


def test_the_first_folder_that_can_be_written_is_taken(tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.write_text("", "utf-8")
    monkeypatch.setattr(keeping, "_candidates", lambda: iter([closed / "x", tmp_path / "open"]))
    keeping.cache_folder.cache_clear()
    found = keeping.cache_folder()
    keeping.cache_folder.cache_clear()
    assert found is not None
    assert found == tmp_path / "open"
    assert stat.S_IMODE(found.stat().st_mode) == 0o700


def test_the_users_cache_folder_comes_before_the_place_of_the_code(monkeypatch, tmp_path):
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert next(keeping._candidates()) == tmp_path / "dcr-sim"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, says the standard
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert next(keeping._candidates()).is_relative_to(tmp_path)
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "told"))
    assert next(keeping._candidates()) == tmp_path / "told" / "dcr-sim"


def test_nobody_without_a_home_is_stopped(monkeypatch):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    for variable in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert list(keeping._candidates())[-1].parts[-2:] == ("__pycache__", "dcr-sim")


def test_what_was_used_least_lately_goes_and_what_killed_programs_left(tmp_path):
    for number in range(5):
        entry = tmp_path / f"{number}.machine"
        entry.write_bytes(bytes(100))
        os.utime(entry, (number, number))
    (tmp_path / "begun.part").write_bytes(bytes(100))
    (tmp_path / "left.part").write_bytes(bytes(100))
    os.utime(tmp_path / "left.part", (0, 0))
    (tmp_path / "else.txt").write_bytes(bytes(1000))
    keeping.prune(tmp_path, limit=250)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["3.machine", "4.machine", "begun.part", "else.txt"]


DRAWING = "from sim.visitors import compile_drawing\ncompile_drawing()\n"


@pytest.mark.slow
def test_programs_that_compile_at_once_do_not_harm_each_other(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", DRAWING]
    both = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    kept = sorted((tmp_path / "dcr-sim").iterdir())
    assert len(kept) == 2
    assert all(keeping._content(path) is not None for path in kept)
    keeping._read.clear()


@pytest.mark.slow
def test_a_compilation_that_is_killed_leaves_nothing_that_is_taken_for_whole(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)}
    killed = (
        "import os, pathlib\nwrite = pathlib.Path.write_bytes\n"
        "def half(path, content):\n"
        "    write(path, content[: len(content) // 2]); os.kill(os.getpid(), 9)\n"
        "pathlib.Path.write_bytes = half\n" + DRAWING
    )
    ended = subprocess.run([sys.executable, "-c", killed], cwd=ROOT, env=environment, check=False)
    assert ended.returncode == -9
    assert [path.suffix for path in (tmp_path / "dcr-sim").iterdir()] == [".part"]
    ended = subprocess.run([sys.executable, "-c", DRAWING], cwd=ROOT, env=environment, check=False)
    assert ended.returncode == 0


@pytest.mark.slow
def test_columns_that_cannot_be_written_give_the_same_log():
    scenario = load_scenario(SITE, ["horizon={days: 1}"])
    visitors = draw(scenario, 1, 0)
    columns = {field.name: getattr(visitors, field.name) for field in fields(visitors)}
    locked: dict[str, Any] = {
        name: one.copy() for name, one in columns.items() if isinstance(one, np.ndarray)
    }
    for one in locked.values():
        one.flags.writeable = False
    log = fast.simulate(scenario, replace(visitors, **locked))
    assert same_log(log, simulate(scenario, visitors))


@pytest.mark.parametrize(
    ("kept", "says"), [(True, "it is kept for the next time"), (False, "set NUMBA_CACHE_DIR")]
)
def test_that_it_compiles_is_said_with_the_seconds(monkeypatch, capsys, kept, says):
    for name in ("must_compile", "anything_must_compile"):
        monkeypatch.setattr(options, name, lambda _, **__: True)
    monkeypatch.setattr(options, "compile_all", lambda *_, **__: kept)
    options.make_ready(Engine.FAST)
    said = " ".join(capsys.readouterr().err.split())
    assert "Compiling the engine, which takes about half a minute" in said
    assert f"Compiled in 0 seconds; {'it' if kept else 'no'}" in said
    assert says in said


def test_what_is_compiled_is_not_spoken_of(monkeypatch, capsys):
    monkeypatch.setattr(options, "anything_must_compile", lambda _, **__: False)
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


@pytest.mark.slow
def test_another_process_compiles_what_draws_and_measures(monkeypatch):
    opened, processes = [], workers.processes

    @contextmanager
    def beside(number):
        with processes(number) as pool:
            opened.append(pool)
            yield pool

    monkeypatch.setattr(workers, "processes", beside)
    monkeypatch.setattr(workers, "must_compile", lambda _, **__: True)
    assert workers.compile_all(Engine.FAST)
    assert [(pool.workers, pool.elsewhere) for pool in opened] == [(1, True)]
    assert not workers.compile_all(Engine.SIMPY)  # of which nothing is compiled
    monkeypatch.setattr(workers, "is_cached", lambda _: False)
    assert workers.compile_all(Engine.FAST)
    assert len(opened) == len(Engine)  # and none where it would be lost


SUMS = """
import sys
import numpy as np
from sim.compiled import compiled

@compiled
def sums(values):
    found = np.zeros(2, dtype=values.dtype)
    for value in values:
        found += value
    return found

for kind in sys.argv[1:]:
    print(*sums(np.array([1, 2], dtype=kind)), "numba.np.arraymath" in sys.modules)
"""


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_study_imports_nothing_to_compile_to_draw_or_of_the_other_engine():
    def run():
        command = [sys.executable, "-c", STUDY, str(SITE)]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    run()  # whatever is not kept yet is from now on
    assert run() == "[]\n"
