"""The command line as a planner meets it."""

import json
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sim import __version__
from sim.cli.borders import fault
from sim.cli.console import console, progress_bar, started_as, styled, visible
from sim.scenario import load_scenario
from tests import ROOT
from tests.support.command import SMALL, call


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    return tmp_path


@pytest.mark.slow
def test_run_writes_results_and_prints_a_screen(folder, monkeypatch, capsys):
    status = call(
        monkeypatch, "run", "small.yaml", "--replications", "3", "--workers", "1", "--visits"
    )
    printed = capsys.readouterr().out
    assert status == 0
    assert max(len(line) for line in printed.splitlines()) <= 80
    for words in ("Wait for a place", "unserved", "Overdose response", "Staff", "results/small/"):
        assert words in printed.replace(os.sep, "/")
    results = folder / "results" / "small"
    assert {path.name for path in results.iterdir()} == {
        "summary.csv",
        "summary.json",
        "by_hour.csv",
        "replications.csv",
        "scenario.yaml",
        "manifest.json",
        "visits.parquet",
        "responses.parquet",
        "by_kind_of_day.csv",
        "by_time_of_day.csv",
        "within.csv",
        "at_once.csv",
        "next.csv",
        "report.html",
        "report.en.html",
    }
    summary = pd.read_csv(results / "summary.csv")
    assert list(summary.columns) == [
        *("metric", "statistic", "by", "value", "ci_low", "ci_high", "unit", "replications")
    ]
    visits = pd.read_parquet(results / "visits.parquet")
    arrivals = summary.query("metric == 'visits' and statistic == 'per_day' and by == 'all'")
    assert arrivals["value"].item() == pytest.approx(len(visits) / 21, rel=1e-12)
    assert load_scenario(results / "scenario.yaml") == load_scenario("small.yaml")


@pytest.mark.slow
def test_workers_and_engines_change_nothing_in_the_tables(folder, monkeypatch):
    found = []
    usual = ("run", "small.yaml", "--replications", "4", "--no-cache", "--visits", "--no-report")
    for workers, engine in (("1", "fast"), ("4", "fast"), ("1", "simpy"), ("2", "simpy")):
        out = f"{engine}-{workers}"
        status = call(monkeypatch, *usual, "--workers", workers, "--engine", engine, "--out", out)
        assert status == 0
        manifest = json.loads((folder / out / "manifest.json").read_text("utf-8"))
        assert manifest["engine"] == engine
        files = {p.name: p.read_bytes() for p in (folder / out).iterdir() if p.suffix != ".json"}
        assert len(files) == 11
        found.append(files)
    assert all(files == found[0] for files in found)


@pytest.mark.slow
def test_set_overrides_and_is_recorded(folder, monkeypatch, capsys):
    setting = "rooms.injecting.places=9"
    assert call(monkeypatch, "run", "small.yaml", "--set", setting, "--replications", "1") == 0
    assert "rooms.injecting.places: 3 → 9" in capsys.readouterr().err
    resolved = load_scenario(folder / "results" / "small" / "scenario.yaml")
    assert resolved.rooms["injecting"].places == 9
    manifest = json.loads((folder / "results" / "small" / "manifest.json").read_text("utf-8"))
    assert setting in manifest["command"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["run", "."], "is a folder"),
        (["run", "empty.yaml"], "is empty"),
        (["run", "latin.yaml"], "not UTF-8"),
        (["run", "small.yaml", "--set", "rooms.injektion.places=3"], "did you mean `injecting`?"),
        (["run", "small.yaml", "--set", "rooms.injecting.place=3"], "did you mean `places`?"),
        (["run", "small.yaml", "--set", "nonsense"], "--set nonsense"),
        (["run", "small.yaml", "--set", "demand.visits_per_day=-3"], "must be more than 0, not -3"),
        (["run", "small.yaml", "--out", "small.yaml"], "is a file; name a folder"),
        (["check", "small.yaml", "--set", "opening.hours=25:00"], "opening.hours"),
        (["new", "two words"], "'two words' cannot be a name"),
        (["new", "small", "--folder", "."], "exists; choose another name"),
    ],
)  # fmt: skip
def test_wrong_input_ends_with_status_2_and_writes_nothing(
    folder, monkeypatch, capsys, arguments, words
):
    (folder / "empty.yaml").write_text("", "utf-8")
    (folder / "latin.yaml").write_bytes("name: r\xf8m\n".encode("latin-1"))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert call(monkeypatch, *arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.usefixtures("folder")
def test_check_says_what_was_understood(monkeypatch, capsys):
    assert call(monkeypatch, "check", "small.yaml") == 0
    printed = capsys.readouterr().out
    # 90 visits a day, a third of them in the 8 open hours of 24.
    assert "30.0 a day while the door lets people in" in printed
    assert "60.0 a day when it does not" in printed
    assert "56 hours a week" in printed
    warned = " ".join(printed.split())
    assert "warning: 60.0 of 90.0 visits a day come while the site is shut" in warned
    assert "No warnings." not in printed
    sets = ("demand.profile=daytime", "demand.visits_per_day=30", "staff.rota.0.to=20:00")
    with_sets = [word for one in sets for word in ("--set", one)]
    assert call(monkeypatch, "check", "small.yaml", *with_sets) == 0
    printed = capsys.readouterr().out
    assert "30.0 a day while the door lets people in" in printed
    assert "when it does not" not in printed
    assert "No warnings." in printed


def test_check_says_what_comes_next(folder, monkeypatch, capsys):
    assert call(monkeypatch, "check", "small.yaml", "--set", "demand.factor=0.5") == 0
    printed = capsys.readouterr().out
    this = "small.yaml --set demand.factor=0.5"
    places = load_scenario(folder / "small.yaml").rooms["injecting"].places
    for line in (
        f"  python run.py watch {this}",
        f"  python run.py run {this}",
        f"  python run.py compare {this} --alt rooms.injecting.places={places + 1}",
        f"  python run.py size {this}",
    ):
        assert f"{line}\n" in printed
    assert "once the file has targets: and design:" in printed
    monkeypatch.setattr("sys.argv", ["/some/where/dcr-sim"])
    assert started_as() == "dcr-sim"


@pytest.mark.slow
def test_check_offers_size_where_there_is_something_to_size(monkeypatch, capsys):
    assert call(monkeypatch, "check", str(ROOT / "scenarios/h17-size.yaml")) == 0
    printed = capsys.readouterr().out
    assert "the cheapest design that meets the targets" in printed
    assert "once the file has" not in printed


@pytest.mark.usefixtures("folder")
def test_check_warns_where_the_load_cannot_be_carried(monkeypatch, capsys):
    assert call(monkeypatch, "check", "small.yaml", "--set", "rooms.injecting.places=1") == 0
    printed = " ".join(capsys.readouterr().out.split())
    # 3.75 visits an hour of 25 minutes: 1.56 places.
    assert "1.6 places are needed on average" in printed
    assert "there are 1: the queue grows" in printed


@pytest.mark.slow
def test_new_gives_a_scenario_that_runs(folder, monkeypatch, capsys):
    assert call(monkeypatch, "new", "my-site") == 0
    assert load_scenario(folder / "scenarios" / "my-site.yaml").name == "my-site"
    assert call(monkeypatch, "check", "scenarios/my-site.yaml") == 0
    assert "my-site" in capsys.readouterr().out


@pytest.mark.slow
def test_schema_is_the_one_in_the_docs(monkeypatch, capsys):
    assert call(monkeypatch, "schema") == 0
    printed = capsys.readouterr().out
    assert printed == (ROOT / "docs" / "scenario.schema.json").read_text("utf-8")
    schema = json.loads(printed)
    parts = [schema, *schema["$defs"].values()]
    keys = [key for part in parts for key in part.get("properties", {}).items()]
    assert not [name for name, key in keys if "description" not in key and "const" not in key]
    # Pydantic's own words for bounds mean nothing to an editor.
    assert not re.search(r'"(ge|gt|le|lt)":', printed)


@pytest.mark.slow
def test_the_program_as_a_program(folder):
    ran = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    assert ran.stdout == f"dcr-sim {__version__}\n"


def test_a_site_without_rooms_says_nothing_of_places(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lab.yaml").write_text(
        "name: lab\nhorizon: {days: 7}\nopening: {hours: 10:00-16:00}\n"
        "demand: {visits_per_day: 30, profile: daytime}\n"
        "visits: {test: {services: {checking: 1}}}\n"
        "services: {checking: {duration: 15, when: before}}\n",
        "utf-8",
    )
    assert call(monkeypatch, "run", "lab.yaml", "--replications", "2", "--no-report") == 0
    printed = capsys.readouterr().out
    assert "served, service only" in printed
    assert "place" not in printed


# --- what is printed is text, whatever is in it ---------------------------------------------------

HOSTILE = "[/x] [bold]b[/bold] :warning: {x} \x1b[31mred \x9b2J \u202eback \x07 \\\\"
SHOWN = r"[/x] [bold]b[/bold] :warning: {x} \x1b[31mred \x9b2J \u202eback \x07"


@pytest.fixture
def hostile(folder):
    """A site whose texts and names are markup, codes of colours and controls of a terminal."""
    text = SMALL.replace("injecting", '"[/injecting]"').replace("nurse", '"[nurse]"')
    text += "  currency: '[EUR]'\nvariants: {more: {rooms: {'[/injecting]': {places: 4}}}}\n"
    text += "targets: ['wait.p90 <= 10 min']\n"
    title = json.dumps(HOSTILE)
    (folder / "small.yaml").write_text(
        text.replace("name: small", f"name: small\ntitle: {title}"), "utf-8"
    )
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    ("command", "shows"),
    [
        (["check", "small.yaml"], [SHOWN, "[/injecting]", "[nurse]"]),
        (["run", "small.yaml", "--replications", "2"], [SHOWN, "[/injecting]", "[nurse]"]),
        (["watch", "small.yaml"], [SHOWN]),
        (["compare", "small.yaml", "--replications", "2"], ["rooms.[/injecting].places"]),
        (["rota", "check", "small.yaml"], ["[nurse]", "[EUR]/week"]),
        (["rota", "need", "small.yaml", "--replications", "0"], ["[nurse]  "]),
        (
            ["sweep", "small.yaml", "--vary", "rooms.[/injecting].places=2:3"],
            ["places", "The same people"],
        ),
    ],
)
def test_no_text_of_a_scenario_is_markup_or_reaches_the_terminal_raw(
    monkeypatch, capsys, command, shows
):
    call(monkeypatch, *command)
    printed = capsys.readouterr()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", printed.out + printed.err)
    for words in shows:
        assert words in printed.out, printed


def test_values_are_never_markup_and_stand_in_the_styles_around_them(capsys):
    text = styled(
        "[bold]{}[/bold] and [dim]{:>5.1f}[/dim] {}", "[/bold]\n\x1b", 2.25, styled("[red]x[/red]")
    )
    assert text.plain == r"[/bold]\n\x1b and   2.2 x"
    assert [(span.start, span.end, str(span.style)) for span in text.spans] == [
        (0, 13, "bold"),
        (18, 23, "dim"),
        (24, 25, "red"),
    ]
    assert visible("Skýen – é\n\t") == "Skýen – é\n\\t"
    console().print("[bold]as it is[/bold] :x: 12")
    assert capsys.readouterr().out == "[bold]as it is[/bold] :x: 12\n"


def test_no_command_uses_markup_but_by_the_one_function():
    for path in (ROOT / "sim" / "cli").glob("*.py"):
        text = path.read_text("utf-8")
        assert "rich.markup" not in text, path
        if path.name != "console.py":
            assert not re.search(r"markup=|Console\(|from_markup", text), path


# --- what the system throws ends as a message -----------------------------------------------------


def program(folder, *arguments, shell="", **environment):
    """The program as a process, through a shell that may treat its streams badly."""
    words = " ".join([sys.executable, str(ROOT / "run.py"), *arguments])
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {words} {shell}"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("command", ["check small.yaml", "schema", "--help", "--version"])
@pytest.mark.parametrize(
    ("shell", "says"),
    [
        (">/dev/full", "cannot write to standard output: no space left on device"),
        (">&-", "standard output is closed"),
        ("| true", "standard output was closed before all was printed"),
    ],
)
def test_output_that_cannot_be_written_ends_with_one_line(folder, command, shell, says):
    ended = program(folder, command, shell=shell)
    if shell != "| true":  # a pipe may take all before it is closed
        assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    if ended.returncode:
        assert (
            ended.stderr
            == f"dcr-sim: {says}{'; there is nowhere to print to' * (shell == '>&-')}\n"
        )


@pytest.mark.slow
def test_messages_that_nobody_reads_stop_nothing(folder):
    for shell in ("2>&-", "2>/dev/full"):
        ended = program(
            folder,
            "run small.yaml --replications 2 --out",
            shell.strip("2>&/-") or "x",
            shell=shell,
        )
        assert ended.returncode == 0
        assert "Wait for a place" in ended.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
)
def test_a_terminal_that_lacks_letters_gets_the_nearest(folder, environment):
    text = SMALL.replace("name: small", "name: small\ntitle: Skýen – Č ≤ ± 日")
    (folder / "small.yaml").write_text(text, "utf-8")
    for command in ("check small.yaml", "run small.yaml --replications 2"):
        ended = program(folder, command, **environment)
        assert ended.returncode == 0, ended.stderr
        assert "small  Sk" in ended.stdout
        assert r"\u010c" in ended.stdout


@pytest.mark.slow
def test_a_folder_that_is_gone_is_told_of(folder):
    ended = program(folder, "run /nowhere.yaml", shell="", PWD=str(folder))
    assert ended.returncode == 2
    for command in ("check small.yaml", f"run {folder / 'small.yaml'} --replications 1"):
        ended = subprocess.run(
            [
                "bash",
                "-c",
                f"mkdir gone; cd gone; rmdir ../gone; {sys.executable} {ROOT / 'run.py'} {command}",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 2
        assert "Traceback" not in ended.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on memory")
@pytest.mark.parametrize("command", ["check small.yaml", "run small.yaml --replications 2"])
def test_a_machine_without_memory_is_told_of(folder, command):
    words = f"ulimit -v 450000; {sys.executable} {ROOT / 'run.py'} {command}"
    ended = subprocess.run(
        ["bash", "-c", words],
        cwd=folder,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "64"},
        capture_output=True,
        text=True,
        check=False,
    )
    # Python itself may say that it has no room to tell of what it ignores.
    assert "run.py" not in ended.stderr
    assert ended.returncode == 2
    assert "dcr-sim: there is not enough memory" in ended.stderr
    assert not (folder / "results" / "small").exists()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (MemoryError(), "there is not enough memory"),
        (SystemError("error return without exception set"), "there is not enough memory"),
        (SystemError("initialization of _x raised unreported exception"), "not enough memory"),
        (SystemError("<f> returned NULL without setting an exception"), "not enough memory"),
        (OSError("Could not find/load shared object file 'libx.so'"), "not enough memory"),
        (ImportError("numba._devicearray failed to import"), "not enough memory"),
        (SystemError("bad argument to internal function"), None),
        (np.exceptions.DTypePromotionError("x"), None),
        (OSError(28, "No space left on device", "a.csv"), "a.csv: no space left on device"),
        (FileNotFoundError(2, "No such file or directory"), "the folder in which this was started"),
        (ValueError("embedded null byte"), "a NUL character"),
        (UnicodeEncodeError("ascii", "Skýen", 2, 3, "ordinal not in range"), "the letters 'ý'"),
        (RecursionError("maximum recursion depth exceeded"), "nested too deeply"),
        (ImportError("libx.so: failed to map segment from shared object"), "not enough memory"),
        (ModuleNotFoundError("No module named 'scipy'"), "install the program anew"),
        (RuntimeError("can't start new thread"), "fewer --workers"),
        (zipfile.BadZipFile("File is not a zip file"), "a file failed: File is not a zip file"),
        (ET.ParseError("mismatched tag"), "a file failed: mismatched tag"),
        (pa.ArrowInvalid("not a Parquet file"), "a Parquet file failed"),
        (KeyError("x"), None),
        (ValueError("x"), None),
        (ZeroDivisionError("x"), None),
    ],
)
def test_what_is_thrown_beyond_the_program_has_words_and_its_own_faults_have_none(error, says):
    said = fault(error)
    assert (said is None) if says is None else (says in str(said))


def test_a_name_with_a_nul_is_told_of(folder, monkeypatch, capsys):
    for command in (
        ["run", "a\0b.yaml"],
        ["run", "small.yaml", "--replications", "1", "--out", "a\0b"],
    ):
        assert call(monkeypatch, *command) == 2
        assert "Traceback" not in capsys.readouterr().err
    assert not list(folder.glob("a*"))


@pytest.mark.slow
def test_nobody_waits_without_a_word(monkeypatch, capsys):
    monkeypatch.setattr("sim.cli.console.SILENCE", 0.1)
    with progress_bar("designs") as show:
        time.sleep(0.25)
        show(3, 100)
        time.sleep(0.25)
    said = capsys.readouterr().err
    assert re.search(r"^designs, \d+ s so far$", said, re.MULTILINE)
    assert re.search(r"^3 of 100 designs, about \d+ s left$", said, re.MULTILINE)


@pytest.mark.slow
def test_what_is_mostly_brief_is_told_of_when_it_is_not(monkeypatch, capsys):
    monkeypatch.setattr("sim.cli.console.SILENCE", 0.2)
    with progress_bar("pages drawn", brief=True) as show:
        show(1, 2)
        show(2, 2)
    assert not capsys.readouterr().err
    with progress_bar("growths tried", brief=True) as show:
        show(1, 0)  # nobody knows how many there will be
        time.sleep(0.5)
        show(2, 0)
        time.sleep(0.3)
    said = capsys.readouterr().err
    assert re.search(r"^1 growths tried, \d+ s so far$", said, re.MULTILINE)
    assert re.search(r"^2 growths tried, \d+ s so far$", said, re.MULTILINE)


SIZED = (
    *("--set", "design.vary={rooms.injecting.places: 2:4}", "--grow", "1.0:1.1"),
    *("--set", "targets=[unserved.share <= 60 %, wait.p90 <= 40 min]"),
)


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("sweep", "--vary", "rooms.injecting.places=2:3"), ("designs read", "pages drawn")),
        (("rota", "plan", "--need-replications", "0"), ("plans searched for", "pages drawn")),
        (
            ("compare", "--alt", "rooms.injecting.places=4"),
            ("options compared", "pairs of options compared", "pages drawn"),
        ),
        (
            ("size", *SIZED),
            (
                *("designs decided", "designs decided with a target less"),
                *("playing designs at other costs", "growths of demand tried"),
                *("playing what rules of thumb had built", "designs decided as demand grows"),
            ),
        ),
    ],
)
def test_every_stretch_of_a_command_says_how_far_it_is(monkeypatch, capsys, command, says):
    """Were nothing too short to be told of."""
    monkeypatch.setattr("sim.cli.console.SILENCE", -1.0)
    words = 2 if command[0] == "rota" else 1
    few = () if command[0] == "size" else ("--replications", "1")
    options = (*few, "--workers", "1")
    assert call(monkeypatch, *command[:words], "small.yaml", *command[words:], *options) == 0
    told = capsys.readouterr().err
    missing = [one for one in says if not re.search(rf"{one}(, .*)?$", told, re.MULTILINE)]
    assert not missing, told


# --- what comes with the program ------------------------------------------------------------------


@pytest.mark.slow
def test_examples_are_listed_and_copied_with_what_they_extend(folder, monkeypatch, capsys):
    assert call(monkeypatch, "examples") == 0
    printed = capsys.readouterr().out
    for words in ("h17-size", "published/porto-2022", "Skyen, Copenhagen", "run.py examples h17"):
        assert words in printed
    assert call(monkeypatch, "examples", "h17-size", "published/calgary-2020") == 0
    copied = {path.relative_to(folder).as_posix() for path in folder.glob("scenarios/**/*.yaml")}
    assert copied == {
        "scenarios/h17-size.yaml",
        "scenarios/h17.yaml",
        "scenarios/published/calgary-2018.yaml",
        "scenarios/published/calgary-2020.yaml",
    }
    for name in copied:
        assert (folder / name).read_text("utf-8") == (ROOT / name).read_text("utf-8")
    (folder / "scenarios" / "h17.yaml").write_text("mine", "utf-8")
    assert call(monkeypatch, "examples", "--all") == 2
    assert "h17.yaml exists and is another" in capsys.readouterr().err
    assert not (folder / "scenarios" / "skyen.yaml").exists()
    assert call(monkeypatch, "examples", "nowhere") == 2
    assert "there is no example 'nowhere'; known: copenhagen-2013" in capsys.readouterr().err


WHEEL_DOES = (
    "examples",
    "examples h17-size published/porto-2022",
    "check scenarios/h17-size.yaml",
    "validate --quick --case D8",
    "schema",
    "new mine --folder .",
    "run scenarios/published/porto-2022.yaml --replications 1",
)
ONE_AFTER_ANOTHER = """
import sys
from sim.cli import main
for line in sys.stdin.read().splitlines():
    sys.argv = ["dcr-sim", *line.split()]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, line
    print(end="\\0", flush=True)
"""


@pytest.mark.slow
def test_the_wheel_works_without_the_repository(tmp_path):
    """Built as it is published, unpacked elsewhere and used from there."""
    pytest.importorskip("hatchling", reason="needs the builder of wheels")
    built = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(tmp_path / "dist"),
    ]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path / "installed")
    away = tmp_path / "away"
    away.mkdir()
    ended = subprocess.run(
        [sys.executable, "-P", "-c", ONE_AFTER_ANOTHER],
        input="\n".join(WHEEL_DOES),
        cwd=away,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    listed, _, checked, valid, schema, new, _ = ended.stdout.removesuffix("\0").split("\0")
    assert str(tmp_path / "installed") in listed.replace("\n", "")
    assert "dcr-sim run" in checked
    assert "pass, 0 fail" in valid
    assert json.loads(schema)["title"]
    assert "dcr-sim check" in new
    assert "dcr-sim run FILE" in (away / "mine.yaml").read_text("utf-8")
    (page,) = away.glob("results/*/report.html")
    assert "</html>" in page.read_text("utf-8")
