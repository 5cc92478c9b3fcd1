"""One try: files in a folder, and the commands that must cope with them, each in its own process.

A command is lawful when it ends with status 0, or with 1 where that is documented, and says so
within bounds; or with status 2, a message of the house's form, and every file as it was. Whatever
else happens is of some kind: the type and place of an exception, or the shape of a message.
"""

import os
import re
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sim.cli import main

SECONDS = 20
"""Processor time that any command may take; on the clock it may be WAIT."""
WAIT = 180
MEMORY = 1 << 30
"""Bytes that a command may keep in memory at its peak."""
_ADDRESSES = 3 << 30
"""Bytes of addresses, so that what goes wrong does not take the machine with it."""
_FILE = 1 << 28
_LINE = 2000
"""Characters in a line of output beyond which something was printed whole."""
_OUTPUT = 200_000

Step = Sequence[str] | Callable[[], None]
"""Words of a command line, or something to be done that raises where a law is broken."""


@dataclass(frozen=True)
class Command:
    """One of the commands of a case, and how it may end."""

    step: Step
    refused: bool = False
    """It must end with status 2: what is wrong here has one right answer."""
    accepted: bool = False
    """It must not end with status 2: what came before it said that all is well."""
    broken: bool = False
    """Status 1 is documented for it."""

    def __str__(self) -> str:
        """As it is typed."""
        step = self.step
        return step.__name__ if callable(step) else " ".join(step)


@dataclass(frozen=True)
class Case:
    """What is tried."""

    what: str
    """What was done to the input."""
    commands: tuple[Command, ...]
    """Each is played only when those before it ended well."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    """Its exit status; negative for the signal that ended it."""
    out: str
    err: str
    seconds: float
    """Of the processor."""
    memory: int
    """Bytes at the peak."""
    changed: frozenset[str]
    """Files that are not as they were before."""


@dataclass(frozen=True)
class Fault:
    """What a command did that it may not do."""

    kind: str
    """The same for all that have one cause, as far as that can be told from outside."""
    detail: str


def play(command: Command, folder: Path) -> Ended:
    """Play one command in a child process that starts in the folder."""
    before = _files(folder)
    out, err = folder.with_suffix(".out"), folder.with_suffix(".err")
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        _be_the_child(command.step, folder, out, err)
    _, code, used = os.wait4(child, 0)
    after = _files(folder)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return Ended(
        status=os.waitstatus_to_exitcode(code),
        out=out.read_bytes().decode("utf-8", "surrogateescape"),
        err=err.read_bytes().decode("utf-8", "surrogateescape"),
        seconds=used.ru_utime + used.ru_stime,
        memory=used.ru_maxrss * 1024,
        changed=frozenset(changed),
    )


def _be_the_child(step: Step, folder: Path, out: Path, err: Path) -> None:
    """Be the program for one command; does not return."""
    status = 1
    try:
        signal.alarm(WAIT)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
        os.chdir(folder)
        with out.open("wb") as to, err.open("wb") as errors:
            os.dup2(to.fileno(), 1)
            os.dup2(errors.fileno(), 2)
        # As Python itself opens them.
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        if callable(step):
            step()
            status = 0
        else:
            sys.argv = ["run.py", *step]
            main()
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  whatever it is, it is a finding
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status & 0xFF)


def _files(folder: Path) -> dict[str, str]:
    """Every file below a folder with what is in it, but for what may come and go."""
    return {
        name: _content(path)
        for path in sorted(folder.rglob("*"))
        if not (name := str(path.relative_to(folder))).startswith("results/.cache")
        and (path.is_symlink() or not path.is_dir())
    }


def _content(path: Path) -> str:
    if not path.is_file() or path.is_symlink():
        return "special"
    return sha256(path.read_bytes()).hexdigest()


# --- judging -------------------------------------------------------------------------------------


def faults(command: Command, ended: Ended) -> Iterator[Fault]:
    """Everything that a command did that it may not do."""
    name = command.step[0] if not callable(command.step) else str(command)
    if name == "rota" and not callable(command.step):
        name = " ".join(command.step[:2])
    text = ended.out + ended.err
    if "Traceback (most recent call last)" in ended.err:
        yield Fault(_exception(ended.err), ended.err)
        return
    if ended.status < 0:
        yield Fault(f"{_killed(ended)}: {name}", f"{ended.seconds:.0f} s {text[-500:]}")
        return
    if ended.memory > MEMORY:
        yield Fault(f"more than 1 GB: {name}", f"{ended.memory >> 20} MB {text[-500:]}")
    allowed = {0, 2} | ({1} if command.broken else set())
    if ended.status not in allowed:
        yield Fault(f"status {ended.status}: {name}", text[-1000:])
    yield from _untidy(name, ended)
    if ended.status == 2:
        yield from _bad_message(name, ended.err)
        if ended.changed:
            yield Fault(f"files changed although refused: {name}", ", ".join(sorted(ended.changed)))
        if command.accepted:
            yield Fault(f"refused after all: {name}: {_shape(_said(ended.err))}", ended.err[-1000:])
    elif command.refused:
        yield Fault(f"accepted what is wrong: {name}", text[-1000:])


def _killed(ended: Ended) -> str:
    if ended.status not in {-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM}:
        return f"ended by {signal.Signals(-ended.status).name}"
    idle = ended.status == -signal.SIGALRM and ended.seconds < SECONDS / 4
    return "waits for ever" if idle else f"more than {SECONDS} s"


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LEFT = re.compile(r"(^|/)(\.[^/]*\.(new|old|part|tmp)|[^/]*\.(new|part)|\.[0-9a-f]{32}[^/]*)(/|$)")


def _untidy(name: str, ended: Ended) -> Iterator[Fault]:
    """What is wrong with any output, whatever the status."""
    for where, text in (("stdout", ended.out), ("stderr", ended.err)):
        if found := _CONTROL.search(text):
            line = next(one for one in text.split("\n") if _CONTROL.search(one))
            yield Fault(f"control character on {where}: {name}", f"{found[0]!r} in {line!r}"[:600])
        longest = max(text.split("\n"), key=len)
        if len(longest) > _LINE:
            shape = _shape(longest[:200])
            yield Fault(f"a line of output is endless: {name}: {shape}", longest[:600])
        if len(text) > _OUTPUT:
            yield Fault(f"endless output: {name}", text[:600])
    if found := re.search(r"^.*Warning: .*$", ended.err, re.MULTILINE):
        yield Fault(f"a library warns: {name}: {_shape(found[0])}", ended.err[-1000:])
    if left := [one for one in ended.changed if _LEFT.search(one)]:
        yield Fault(f"something half-written is left: {name}", ", ".join(left))


_FORM = re.compile(r"^(dcr-sim: .+|.+?(:\d+(:\d+)?|![A-Z]+\d+)?: .+)$")
_USAGE = re.compile(r"^Usage: ", re.MULTILINE)


def _bad_message(name: str, err: str) -> Iterator[Fault]:
    said = _said(err)
    if not said:
        yield Fault(f"refused without a word: {name}", err[-500:])
    elif _USAGE.search(err):
        yield Fault(f"usage printed for a lawful command: {name}", err[-1000:])
    elif not _FORM.match(said):
        yield Fault(f"not the form of a message: {name}: {_shape(said)}", err[-1000:])
    elif "Errno" in said or " object at 0x" in said or "<class '" in said:
        yield Fault(f"speaks Python: {name}: {_shape(said)}", err[-1000:])


def _said(err: str) -> str:
    """The last line that is not empty."""
    return next((line for line in reversed(err.split("\n")) if line.strip()), "")


def _shape(message: str) -> str:
    """A message without what differs from case to case."""
    found = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "'…'", message)
    found = re.sub(r"[-+]?\d[\d.,e+-]*", "0", found)
    found = re.sub(r"^[^ :]+\.\w+:[^ ]* (?:[^ :]+: )?", "", found)
    return found[:120]


_PLACE = re.compile(r'File "[^"]*?((?:sim|tests)/[^"]+)", line \d+, in (\S+)')


def _exception(err: str) -> str:
    """The type of an exception, and the last function of ours that it went through."""
    last = _said(err)
    kind = re.match(r"^[\w.]+", last)
    places = [one for one in _PLACE.findall(err) if one[0] != "tests/fuzz/case.py"]
    place = "{}:{}".format(*places[-1]) if places else "elsewhere"
    name = kind[0] if kind else _shape(last)
    more = f" ({_shape(last)})" if place.startswith("tests/") else ""
    return f"{name} at {place}{more}"
