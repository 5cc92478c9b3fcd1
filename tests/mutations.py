"""Do the tests notice a rule that is wrong? `python -m tests.mutations [part of a description …]`.

Each mutation changes one rule in one engine, in a copy of the project, and plays the traces and
the equality of the engines; one that passes them all has survived, and the tests are too weak.
Takes a minute or two each; not part of the test suite, but a test of it.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
PARTS = ("sim", "tests", "scenarios", "validation", "benchmarks", "pyproject.toml", "run.py")
TESTS = ("tests/traces", "tests/test_engines.py")


@dataclass(frozen=True)
class Mutation:
    """A change of one line."""

    what: str
    file: str
    old: str
    new: str


MUTATIONS = (
    # The SimPy model.
    Mutation(
        "facility: an overdose no longer comes after completions of its instant",
        "sim/facility/agenda.py",
        "COMPLETION = 1\n    ONSET = 2",
        "ONSET = 1\n    COMPLETION = 2",
    ),
    Mutation(
        "facility: a task that ends with the shift is handed over",
        "sim/facility/tasks.py",
        "task.since + task.remaining <= self._agenda.now",
        "task.since + task.remaining < self._agenda.now",
    ),
    Mutation(
        "facility: one more may wait in a full waiting area",
        "sim/facility/door.py",
        "site.waiting() >= area.seats",
        "site.waiting() > area.seats",
    ),
    Mutation(
        "facility: last entry lets in a moment too long",
        "sim/facility/door.py",
        "site.agenda.now >= self._closes - self._opening.last_entry",
        "site.agenda.now > self._closes - self._opening.last_entry",
    ),
    Mutation(
        "facility: those who queue for check-in are not ahead",
        "sim/facility/door.py",
        ' + site.state[site.state.site["waiting_check_in"]]',
        "",
    ),
    Mutation(
        "facility: an interrupted task begins anew",
        "sim/facility/tasks.py",
        "task.remaining -= self._agenda.now - task.since",
        "task.remaining -= 0",
    ),
    Mutation(
        "facility: overtime is forgotten: who is busy leaves when the shift ends",
        "sim/facility/staff.py",
        "if self._hands_over and isinstance(work, Task) and not self.tasks.is_done(work):",
        "if isinstance(work, Task) and not self.tasks.is_done(work):",
    ),
    Mutation(
        "facility: breaks come before routine work",
        "sim/facility/staff.py",
        "        given |= self.breaks.assign(forced=True)\n        given |= self.tasks.assign()\n"
        "        given |= self.breaks.assign(forced=False)\n",
        "        given |= self.breaks.assign(forced=True)\n"
        "        given |= self.breaks.assign(forced=False)\n        given |= self.tasks.assign()\n",
    ),
    # The compiled engine.
    Mutation(
        "fast: of events at one time the order does not count",
        "sim/fast/agenda.py",
        "sooner.time > time or sooner.order >= order",
        "sooner.time > time or sooner.order <= order",
    ),
    Mutation(
        "fast: patience before onset",
        "sim/fast/agenda.py",
        "CALENDAR, COMPLETION, ONSET, PATIENCE, ARRIVAL = range(5)",
        "CALENDAR, COMPLETION, PATIENCE, ONSET, ARRIVAL = range(5)",
    ),
    Mutation(
        "fast: the shortest idle is chosen",
        "sim/fast/floor.py",
        "return idle_row(site, role).first",
        "return idle_row(site, role).last",
    ),
    Mutation(
        "fast: of those free since one instant not the lowest number is chosen",
        "sim/fast/floor.py",
        "ahead > number and",
        "ahead > number + 1000 and",
    ),
    Mutation(
        "fast: pooled overtime holds nobody back",
        "sim/fast/floor.py",
        "site.end_of_shift != FINISH_POOLED or _has_level(site, role)",
        "True",
    ),
    Mutation(
        "fast: a break taken up again is as long as at first",
        "sim/fast/floor.py",
        "rest.remaining -= site.now - rest.since",
        "rest.remaining -= 0.0",
    ),
    Mutation(
        "fast: priority within the queue is turned round",
        "sim/fast/places.py",
        "_priority(site, number) < _priority(site, ahead)",
        "_priority(site, number) > _priority(site, ahead)",
    ),
    Mutation(
        "fast: no need of staff who can watch a place",
        "sim/fast/places.py",
        "free = min(free, room_to_watch(site, listed(site, position)))",
        "free = min(free, room.free)",
    ),
    Mutation(
        "fast: the lowest free place is not looked for",
        "sim/fast/places.py",
        "room.lowest = min(room.lowest, place)",
        "room.lowest = min(room.lowest, place + 1)",
    ),
    Mutation(
        "fast: a room that closes still takes people in",
        "sim/fast/places.py",
        "takes_people = not site.is_open and site.serves_queue",
        "takes_people = site.serves_queue",
    ),
    Mutation(
        "fast: patience does not last to its very end",
        "sim/fast/waiting.py",
        "return in_line(site, number) and visit.tires == site.now",
        "return in_line(site, number) and visit.tires <= site.now + 1.0",
    ),
    Mutation(
        "fast: a task of the same priority goes to the last who asked",
        "sim/fast/tasks.py",
        "return task.ticket < other.ticket",
        "return task.ticket > other.ticket",
    ),
    Mutation(
        "fast: the queue is not looked at when somebody less is to be watched",
        "sim/fast/places.py",
        "site.stirred_queue |= change < 0",
        "site.stirred_queue |= False",
    ),
    Mutation(
        "fast: the queue is not looked at when staff come or are back",
        "sim/fast/floor.py",
        "site.stirred_queue = site.stirred_cover = True",
        "site.stirred_cover = True",
    ),
    Mutation(
        "fast: how many can be watched stays the same when staff come or go",
        "sim/fast/floor.py",
        "site.stirred_queue = site.stirred_cover = True",
        "site.stirred_queue = True",
    ),
    Mutation(
        "fast: nobody asks for work who has none",
        "sim/fast/floor.py",
        "        site.stirred_tasks = True",
        "        pass",
    ),
    Mutation(
        "fast: who accepts another room later is not counted among those who want it",
        "sim/fast/places.py",
        "room_row(site, room).wanted += 1",
        "room_row(site, room).wanted += 0",
    ),
    Mutation(
        "fast: one at a time is let in",
        "sim/fast/engine.py",
        "behind = behind if anyone_can_enter(site) else NONE",
        "behind = NONE",
    ),
)


def survives(mutation: Mutation) -> bool:
    """Whether the tests pass although a rule is wrong."""
    with TemporaryDirectory() as folder:
        for part in PARTS:
            source, target = ROOT / part, Path(folder) / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        path = Path(folder) / mutation.file
        text = path.read_text("utf-8")
        if text.count(mutation.old) != 1:
            raise ValueError(f"{mutation.what}: no longer to be found once in {mutation.file}")
        path.write_text(text.replace(mutation.old, mutation.new), "utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *TESTS]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        last = (ran.stdout.strip().splitlines() or [ran.stderr.strip()])[-1]
        found = next((one for one in ran.stdout.splitlines() if one.startswith("FAILED")), last)
        sys.stdout.write(f"{'SURVIVED' if not ran.returncode else 'caught'}: {mutation.what}\n")
        sys.stdout.write(f"  {found[:150]}\n")
        sys.stdout.flush()
        return not ran.returncode


def main(words: Sequence[str]) -> int:
    """Try those whose description has one of the words, or all."""
    chosen = [one for one in MUTATIONS if not words or any(word in one.what for word in words)]
    survived = [one.what for one in chosen if survives(one)]
    sys.stdout.write(f"{len(chosen)} mutations, {len(survived)} survived\n")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
