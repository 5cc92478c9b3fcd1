"""A little of `python -m tests.fuzz`, and of `python -m tests.fingerprint`, so that they work."""

import subprocess
import sys

import pytest

from tests import ROOT
from tests.fingerprint import cases, differences, digests, take


@pytest.mark.slow
@pytest.mark.parametrize(("what", "number"), [("scenarios", 8), ("tables,rotas,results", 9)])
def test_nothing_that_is_tried_breaks_the_program(what, number):
    words = ("--cases", str(number), "--seed", "5000", "--only", what)
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *words],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert f"{number} cases in" in ended.stdout


@pytest.mark.slow
def test_a_command_prints_and_writes_the_same_bytes_twice(tmp_path):
    wanted = [one for one in cases() if one.name in {"run-week", "rota-export-csv", "mistake-1"}]
    assert len(wanted) == 3
    for folder in ("one", "other"):
        take(tmp_path / folder, wanted)
    one, other = digests(tmp_path / "one"), digests(tmp_path / "other")
    assert differences(one, other) == []
    assert len(one) > 8
