"""Do the tests notice a rule that is wrong? `python -m tests.mutations [part of a description …]`.

Each mutation changes one rule in one engine, in a copy of the project, and plays the traces and
the equality of the engines; one that passes them all has survived, and the tests are too weak.
Some change what is written and nothing that happens: they say why, and have to survive.
Takes half a minute or so each; not part of the test suite, but a test of it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import ROOT

PARTS = ("sim", "tests", "scenarios", "benchmarks", "pyproject.toml", "run.py")
TESTS = ("tests/world/traces", "tests/world/test_engines.py")


@dataclass(frozen=True)
class Mutation:
    """A change of one line."""

    what: str
    file: str
    old: str
    new: str
    equivalent: str = ""
    """Why nothing that happens can differ; empty where the tests must notice."""


MUTATIONS = (
    # What both engines share, and the SimPy model.
    Mutation(
        "facility: a second service may hold people while another does",
        "sim/facility/tasks.py",
        "elif task.holds and self._gathers in (None, task):",
        "elif task.holds:",
    ),
    Mutation(
        "facility: people are held for a service without a place of its own",
        "sim/facility/tasks.py",
        "return at_desk and (has_place or own.free > 0)",
        "return at_desk",
    ),
    Mutation(
        "facility: who is held is held however late it gets",
        "sim/facility/tasks.py",
        "if not self._begin_late and latest > now:",
        "if self._begin_late and latest > now:",
    ),
    Mutation(
        "fast: who is held is held however late it gets",
        "sim/fast/joint.py",
        "return not site.closing_down and site.gathers != NONE and _let_go_late(site)",
        "return False",
    ),
    Mutation(
        "fast: somebody is held who would have to begin at once",
        "sim/fast/work.py",
        "in_time = latest_start(site, person, minutes) > site.now",
        "in_time = latest_start(site, person, minutes) >= site.now",
    ),
    Mutation(
        "fast: who is held is let go late though somebody inside needs them after closing",
        "sim/fast/joint.py",
        "return not site.closing_down and site.gathers",
        "return site.gathers",
    ),
    Mutation(
        "fast: who was held after closing is held on as the site opens",
        "sim/fast/joint.py",
        "        _let_go_late(site)\n        watch_held(site)",
        "        watch_held(site)",
    ),
    Mutation(
        "fast: nobody looks how long who is held has as the site opens",
        "sim/fast/joint.py",
        "        _let_go_late(site)\n        watch_held(site)",
        "        _let_go_late(site)",
    ),
    Mutation(
        "facility: those who did a task with somebody who is taken from it are kept",
        "sim/facility/tasks.py",
        "- task.since\n            self._dismiss(task)\n",
        "- task.since\n",
    ),
    Mutation(
        "facility: who is held stays after the shift",
        "sim/facility/staff.py",
        "if self._hands_over or not work.running:",
        "if self._hands_over:",
    ),
    Mutation(
        "facility: a team may be larger than the level",
        "sim/facility/tasks.py",
        "able = self._crew.may_start(roles, chosen)",
        "able = self._crew.may_start(roles)",
    ),
    Mutation(
        "fast: a service that ends keeps its place",
        "sim/fast/joint.py",
        "service_row(site, task.joint).taken -= 1",
        "service_row(site, task.joint).taken -= 0",
    ),
    Mutation(
        "fast: who is held counts as interrupted by an overdose",
        "sim/fast/teams.py",
        "response.interrupted += 1 if task_row(site, person.task).running else 0",
        "response.interrupted += 1",
    ),
    Mutation(
        "rules: a task during the stay is asked for before the stay ends at the same instant",
        "sim/facility/tasks.py",
        "(max(due, now) < self.ends or",
        "(max(due, now) <= self.ends or",
    ),
    Mutation(
        "facility: a stay that waits runs on",
        "sim/facility/tasks.py",
        "self.ends = now + (self.ends - asked)",
        "self.ends = max(self.ends, now)",
    ),
    Mutation(
        "facility: other tasks fall due while the stay stands still",
        "sim/facility/tasks.py",
        "self._due[other] = now + (due - asked)",
        "self._due[other] = due",
    ),
    Mutation(
        "facility: at the end of the stay a task in hand is given up too",
        "sim/facility/visit.py",
        "if self._signal is task.done and not task.running:",
        "if self._signal is task.done:",
    ),
    Mutation(
        "facility: a task that has begun is waited for when the stay ends",
        "sim/facility/visit.py",
        "if self._signal is task.done and not task.running:",
        "if self._signal is task.done and not task.begun:",
    ),
    Mutation(
        "fast: a task comes once more than was drawn",
        "sim/fast/tasks.py",
        "if due.time < stay_task_times(site, number, task):",
        "if due.time <= stay_task_times(site, number, task):",
    ),
    Mutation(
        "fast: an outdated end of the stay ends it",
        "sim/fast/visit.py",
        "    if visit.turn != turn:\n        return False\n    if visit.stage != ON_STAY:",
        "    if visit.stage != ON_STAY:",
    ),
    Mutation(
        "fast: of two tasks due at one instant the last goes first",
        "sim/fast/tasks.py",
        "if at < soonest and (",
        "if at <= soonest and at < NEVER and (",
    ),
    Mutation(
        "rules: an overdose no longer comes after completions of its instant",
        "sim/rules/order.py",
        "COMPLETION = 2\n    ONSET = 3",
        "ONSET = 2\n    COMPLETION = 3",
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
        "site.agenda.now >= self._closes - last_entry",
        "site.agenda.now > self._closes - last_entry",
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
        "if self._hands_over or not work.running:",
        "if work is not None:",
    ),
    Mutation(
        "facility: closed rooms count for balking",
        "sim/facility/door.py",
        "        rooms = self.rooms_for(visit)\n        ahead",
        "        rooms = list(visit.rooms)\n        ahead",
    ),
    Mutation(
        "facility: observers who have not come yet stay on",
        "sim/facility/teams.py",
        "if response.arrived[seat] and kept < keep:",
        "if kept < keep:",
    ),
    Mutation(
        "facility: with nobody ahead one may turn round where no place is usable",
        "sim/facility/door.py",
        "if ahead > 0 and balking.per_person_ahead > 0:",
        "if balking.per_person_ahead > 0:",
    ),
    Mutation(
        "facility: a chance of balking that is just met is met",
        "sim/facility/door.py",
        "site.visitors.balk[visit.number] < min(",
        "site.visitors.balk[visit.number] <= min(",
    ),
    Mutation(
        "facility: one full room is enough to turn round",
        "sim/facility/door.py",
        "full = all(site.places.available(room) == 0 for room in rooms)",
        "full = any(site.places.available(room) == 0 for room in rooms)",
    ),
    Mutation(
        "facility: a place that nobody watches is free",
        "sim/facility/door.py",
        "full = all(site.places.available(room) == 0 for room in rooms)",
        "full = all(not site.places._rooms[room].free for room in rooms)",
    ),
    Mutation(
        "facility: who finds no place free turns round with nobody ahead only",
        "sim/facility/door.py",
        "balking.when_full if full else 0.0",
        "balking.when_full if full and not ahead else 0.0",
    ),
    Mutation(
        "facility: with none usable one turns round, whatever people ahead add",
        "sim/facility/door.py",
        "if ahead > 0 and balking.per_person_ahead > 0:",
        "if ahead > 0:",
    ),
    Mutation(
        "facility: who is booked is refused in last call",
        "sim/facility/door.py",
        "self._opening.last_entry if visit.appointments is None else 0.0",
        "self._opening.last_entry",
    ),
    Mutation(
        "facility: who is booked waits at the door no longer than others",
        "sim/facility/door.py",
        "waits = max(waits, visit.appointments.early)",
        "waits = max(waits, 0.0)",
    ),
    Mutation(
        "facility: who is early needs no seat",
        "sim/facility/door.py",
        "if visit.is_early_for(index):",
        "if False and visit.is_early_for(index):",
    ),
    Mutation(
        "facility: who is early joins the line at once",
        "sim/facility/visit.py",
        "if booked is None or self.books != service or booked.seen_early:",
        "if booked is None or self.books != service or not booked.seen_early:",
    ),
    Mutation(
        "facility: who is just so late has lost their turn",
        "sim/facility/visit.py",
        "self.site.agenda.now > due + booked.late_after",
        "self.site.agenda.now >= due + booked.late_after",
    ),
    Mutation(
        "facility: who was interrupted goes on behind those who are booked",
        "sim/facility/tasks.py",
        "task.standing, task.due = task.resumed, 0.0",
        "task.due = 0.0",
    ),
    Mutation(
        "facility: those booked go in order of coming among each other",
        "sim/facility/tasks.py",
        "self.duty, self.priority, self.standing, self.due, self.ticket",
        "self.duty, self.priority, self.standing, self.ticket, self.due",
    ),
    Mutation(
        "facility: who sits until their time is still counted after it",
        "sim/facility/visit.py",
        "        self._sit(-1)\n        return None",
        "        return None",
    ),
    Mutation(
        "facility: one waits at the door for a moment less",
        "sim/facility/door.py",
        "self._opens[coming] > now + waits",
        "self._opens[coming] >= now + waits",
    ),
    Mutation(
        "facility: a room that opens as the site closes will take people",
        "sim/facility/door.py",
        "opens[coming] < self._closes",
        "opens[coming] <= self._closes",
        "a room's hours are cut to the site's, so none opens at the very end of an opening of the "
        "site that is not the beginning of the next; and these are one where they touch",
    ),
    Mutation(
        "facility: one seat more in aftercare",
        "sim/facility/places.py",
        '["aftercare"]] < self._seats',
        '["aftercare"]] <= self._seats',
    ),
    Mutation(
        "facility: the last who waits for a seat gets it",
        "sim/facility/places.py",
        "self._queue.pop(0)",
        "self._queue.pop()",
    ),
    Mutation(
        "facility: at one instant the step counts before the number of the visit",
        "sim/facility/agenda.py",
        "(number << 8) + step",
        "number + (step << 40)",
    ),
    Mutation(
        "facility: a break is not yet due at the end of its window",
        "sim/facility/work.py",
        "self._agenda.now >= pause.latest",
        "self._agenda.now > pause.latest",
    ),
    Mutation(
        "facility: a break of which nothing is left is due again",
        "sim/facility/work.py",
        "pause.remaining > 0",
        "pause.remaining >= 0",
        "breaks end with the calendar, ahead of every onset of the same instant, and who is on a "
        "break that may be ended is called at the onset or not at all",
    ),
    Mutation(
        "facility: people at work stand in the order in which they came",
        "sim/facility/work.py",
        'insort(self.here, person, key=attrgetter("number"))',
        "self.here.append(person)",
        "whoever is chosen among them is chosen by an order that ends with the number",
    ),
    Mutation(
        "facility: who has been at work is idle since before it",
        "sim/facility/work.py",
        "            person.idle_since = now\n        else:",
        "            pass\n        else:",
    ),
    Mutation(
        "facility: a break that begins at the end of its window is late",
        "sim/facility/work.py",
        "pause.begun_late = now > pause.latest",
        "pause.begun_late = now >= pause.latest",
    ),
    Mutation(
        "facility: who has been on a break is idle since before it",
        "sim/facility/work.py",
        "person.idle_since = person.rested = now\n        self._show(person)\n\n    def best",
        "person.rested = now\n        self._show(person)\n\n    def best",
    ),
    Mutation(
        "facility: pooled overtime holds one fewer back",
        "sim/facility/work.py",
        "return busy < sum(",
        "return busy <= sum(",
    ),
    Mutation(
        "facility: pooled, those on a break count as on duty",
        "sim/facility/work.py",
        "sum(person.on_shift and person.on_break is None for",
        "sum(person.on_shift for",
    ),
    Mutation(
        "facility: of those on a break the highest number is called back",
        "sim/facility/work.py",
        "lambda p: (0.0, p.number)",
        "lambda p: (0.0, -p.number)",
    ),
    Mutation(
        "facility: nobody passes the first in the queue",
        "sim/facility/places.py",
        "                    break\n        return seated",
        "                    break\n            else:\n                break\n"
        "        return seated",
    ),
    Mutation(
        "facility: all in the queue are ahead, whatever room they wait for",
        "sim/facility/places.py",
        "sum(any(room in waiting.rooms for room in rooms) for waiting in self.queue)",
        "len(self.queue)",
    ),
    Mutation(
        "facility: not the lowest free place is taken",
        "sim/facility/places.py",
        "heappop(here.free)",
        "here.free.pop()",
    ),
    Mutation(
        "facility: half a person may be watched",
        "sim/facility/places.py",
        "int(rule.places_per_staff * present)",
        "-int(-rule.places_per_staff * present // 1)",
    ),
    Mutation(
        "facility: the minimum of staff is too few",
        "sim/facility/places.py",
        "present < rule.minimum",
        "present <= rule.minimum",
    ),
    Mutation(
        "facility: one of a role is enough, however many there must be",
        "sim/facility/places.py",
        "self._crew.present(role) < number for role, number in rule.at_least",
        "self._crew.present(role) < 1 for role, number in rule.at_least",
    ),
    Mutation(
        "facility: as many as may be watched are too many",
        "sim/facility/places.py",
        "self._occupied(rule) > cover.watchable",
        "self._occupied(rule) >= cover.watchable",
    ),
    Mutation(
        "facility: a full room is one of which no place is usable",
        "sim/facility/places.py",
        "int(unusable > 0 and available == 0)",
        "int(available == 0)",
    ),
    Mutation(
        "facility: the ambulance sets out after the intensive phase",
        "sim/facility/teams.py",
        "max(stable, began + ambulance)",
        "stable + ambulance",
    ),
    Mutation(
        "facility: nobody of the team stays to observe",
        "sim/facility/teams.py",
        "keep=site.severities[incident.severity].observers",
        "keep=0",
    ),
    Mutation(
        "facility: an observation of no minutes still takes a seat",
        "sim/facility/teams.py",
        "if ends > incident.stable:",
        "if ends >= incident.stable:",
    ),
    Mutation(
        "facility: what happens at the very end of the horizon is left out",
        "sim/facility/simulate.py",
        "due > horizon and",
        "due >= horizon and",
    ),
    Mutation(
        "rules: shifts begin before others end",
        "sim/rules/order.py",
        "SHIFT_ENDS = 2\n    SITE_OPENS = 3\n    ROOM_OPENS = 4\n    SHIFT_BEGINS = 5",
        "SHIFT_BEGINS = 2\n    SITE_OPENS = 3\n    ROOM_OPENS = 4\n    SHIFT_ENDS = 5",
        "all calendar changes of an instant are one event, and work is given out after it",
    ),
    Mutation(
        "rules: the site opens before others close",
        "sim/rules/order.py",
        "SITE_CLOSES = 0\n    ROOM_CLOSES = 1\n    SHIFT_ENDS = 2\n"
        "    SITE_OPENS = 3\n    ROOM_OPENS = 4",
        "SITE_OPENS = 0\n    ROOM_OPENS = 1\n    SHIFT_ENDS = 2\n"
        "    SITE_CLOSES = 3\n    ROOM_CLOSES = 4",
    ),
    Mutation(
        "facility: who waits for a room that closes leaves though another will do",
        "sim/facility/site.py",
        "if not any(self.door.will_take(other)",
        "if not all(self.door.will_take(other)",
    ),
    Mutation(
        "facility: the queue of yesterday is served on in rooms that are closed",
        "sim/facility/site.py",
        "        self.places.stop_serving()\n",
        "",
    ),
    Mutation(
        "facility: those who wait for a service take no seats of the waiting area",
        "sim/facility/site.py",
        '("waiting_check_in", "waiting_place", "waiting_service")',
        '("waiting_check_in", "waiting_place")',
    ),
    Mutation(
        "facility: cleaning of no minutes needs staff",
        "sim/facility/site.py",
        "        if minutes == 0:\n            self.places",
        "        if minutes < 0:\n            self.places",
    ),
    Mutation(
        "facility: an overdose that was met on site is off site too",
        "sim/facility/site.py",
        "if visit.overdosed or not",
        "if not",
    ),
    Mutation(
        "facility: the first seat of a team is filled first, however picky another is",
        "sim/facility/teams.py",
        "sorted(enumerate(response.seats), key=lambda one: len(one[1]))",
        "enumerate(response.seats)",
    ),
    Mutation(
        "facility: people are taken from tasks before others from breaks",
        "sim/facility/teams.py",
        "(self._crew.best, self._crew.on_recallable_break, self._from_task)",
        "(self._crew.best, self._from_task, self._crew.on_recallable_break)",
    ),
    Mutation(
        "facility: of tasks the earliest begun is broken off",
        "sim/facility/teams.py",
        "(-person.work.duty, -person.since, person.number, person)",
        "(-person.work.duty, person.since, person.number, person)",
    ),
    Mutation(
        "facility: nobody could go who is at a task",
        "sim/facility/teams.py",
        "or (self._preempts and isinstance(person.work, Task))",
        "",
    ),
    Mutation(
        "facility: who was let go on the way arrives all the same",
        "sim/facility/teams.py",
        "            if response.team[seat] is person:\n                self._arrive",
        "            if person is not None:\n                self._arrive",
    ),
    Mutation(
        "facility: patience begins with the queue for a place",
        "sim/facility/visit.py",
        "        self._patience()  # its clock starts here, whichever queue is the first\n",
        "",
    ),
    Mutation(
        "facility: who has left overdoses on site",
        "sim/facility/visit.py",
        "        if self.inside:\n            self.overdosed = True",
        "        if True:\n            self.overdosed = True",
    ),
    Mutation(
        "facility: who accepts another room later prefers it",
        "sim/facility/visit.py",
        "waiting.rooms.append(room)",
        "waiting.rooms.insert(0, room)",
    ),
    Mutation(
        "facility: at closing those who are served leave too",
        "sim/facility/visit.py",
        "if self._signal is not None and (stop or in_line):",
        "if self._signal is not None:",
    ),
    Mutation(
        "rules: a place is in order again after what is complete at that instant",
        "sim/rules/order.py",
        'REPAIR = 1\n    """A place is in order again: it is there for whoever comes to it at that '
        'instant."""\n    COMPLETION = 2',
        "COMPLETION = 1\n    REPAIR = 2",
    ),
    Mutation(
        "rules: a failure that takes no time to repair is one",
        "sim/rules/timetable.py",
        "[repair > 0]",
        "[repair >= 0]",
    ),
    Mutation(
        "rules: a date's places are of the day from midnight on",
        "sim/scenario/derived/calendar.py",
        "yield max(0.0, float(day * DAY + intervals[0].start)), places",
        "yield max(0.0, float(day * DAY)), places",
    ),
    Mutation(
        "rules: a stretch of dates beats a date named alone",
        "sim/scenario/model/dates.py",
        "sorted((found | dict(alone)).items())",
        "sorted((dict(alone) | found).items())",
    ),
    Mutation(
        "rules: hours of a room's dates are not within those of the site",
        "sim/scenario/derived/calendar.py",
        "site = [span for span in _common(site, own) if",
        "site = [span for span in own if",
    ),
    Mutation(
        "facility: of places that fail those in use go first",
        "sim/facility/places.py",
        "key=lambda one: (one not in here.free, one)",
        "key=lambda one: (one in here.free, one)",
    ),
    Mutation(
        "facility: of places that fail the highest number goes first",
        "sim/facility/places.py",
        "key=lambda one: (one not in here.free, one)",
        "key=lambda one: (one not in here.free, -one)",
    ),
    Mutation(
        "facility: a place that waits to go out of order fails again",
        "sim/facility/places.py",
        "if one not in here.failed]",
        "if one not in here.out]",
    ),
    Mutation(
        "facility: one place fails, however many there should be",
        "sim/facility/places.py",
        "[:number]:",
        "[:1]:",
    ),
    Mutation(
        "facility: a repair runs from when the place fails, though it is in use",
        "sim/facility/places.py",
        "back = now + outage.repair",
        "back = max(now, outage.failed + outage.repair)",
    ),
    Mutation(
        "facility: a place that fails during its cleaning is free after it",
        "sim/facility/places.py",
        "here.failed.get(place.number)",
        "here.failed.get(-1)",
    ),
    Mutation(
        "facility: the lowest numbers are closed for the day",
        "sim/facility/places.py",
        "sum(number < self.limit for number in self.free)",
        "sum(number >= self.places - self.limit for number in self.free)",
    ),
    Mutation(
        "facility: places out of order are open",
        "sim/facility/places.py",
        "return self.places - len(self.out) - len(self.free)",
        "return self.places - len(self.free)",
    ),
    Mutation(
        "facility: places closed for the day are out of order too",
        "sim/facility/places.py",
        "out = sum(number < here.limit for number in here.out)",
        "out = len(here.out)",
    ),
    Mutation(
        "facility: places out of order want staff to watch them",
        "sim/facility/places.py",
        "unusable = room.may_be_given - available if rules else 0",
        "unusable = len(room.free) + len(room.out) - available if rules else 0",
    ),
    # The compiled engine.
    Mutation(
        "fast: of events at one time the order does not count",
        "sim/fast/memory/agenda.py",
        "sooner.time > time or sooner.order >= order",
        "sooner.time > time or sooner.order <= order",
    ),
    Mutation(
        "fast: patience before onset",
        "sim/fast/memory/agenda.py",
        "ONSET, PATIENCE = int(Rank.ONSET), int(Rank.PATIENCE)",
        "PATIENCE, ONSET = int(Rank.ONSET), int(Rank.PATIENCE)",
    ),
    Mutation(
        "fast: the shortest idle is chosen",
        "sim/fast/work.py",
        "person = idle_row(site, listed(site, position)).first",
        "person = idle_row(site, listed(site, position)).last",
    ),
    Mutation(
        "fast: of those free since one instant not the lowest number is chosen",
        "sim/fast/work.py",
        "return person.order < other.order",
        "return person.order > other.order",
    ),
    Mutation(
        "fast: pooled overtime holds nobody back",
        "sim/fast/work.py",
        "site.end_of_shift != FINISH_POOLED or _has_level(site, role, chosen)",
        "True",
    ),
    Mutation(
        "fast: a break taken up again is as long as at first",
        "sim/fast/work.py",
        "pause.remaining -= site.now - pause.since",
        "pause.remaining -= 0.0",
    ),
    Mutation(
        "fast: the chance without a free place replaces that of people ahead",
        "sim/fast/door.py",
        "if ahead > 0 and kind.per_person_ahead > 0:",
        "if chance == 0 and ahead > 0 and kind.per_person_ahead > 0:",
    ),
    Mutation(
        "fast: closing does not send away who waits for their time",
        "sim/fast/waiting.py",
        "AT_DESK, AWAITS_TIME, AT_SERVICE, IN_QUEUE = range(6)\nON_STAY, AT_STAY_TASK",
        "AT_DESK, ON_STAY, AT_SERVICE, IN_QUEUE = range(6)\nAWAITS_TIME, AT_STAY_TASK",
    ),
    Mutation(
        "fast: a patience that ran before ends the wait for one's time",
        "sim/fast/visit.py",
        "begin_wait(site, number, NEVER)",
        "begin_wait(site, number, patience_ends(site, number))",
    ),
    Mutation(
        "fast: where all go by order of coming, those booked go by their times",
        "sim/fast/memory/blueprint.py",
        'booked.first != "by_coming"',
        'booked.first != "nobody"',
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
        "sim/fast/work.py",
        "site.stirred_queue = site.stirred_cover = True",
        "site.stirred_cover = True",
    ),
    Mutation(
        "fast: how many can be watched stays the same when staff come or go",
        "sim/fast/work.py",
        "site.stirred_queue = site.stirred_cover = True",
        "site.stirred_queue = True",
    ),
    Mutation(
        "fast: nobody asks for work who has none",
        "sim/fast/work.py",
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
        "sim/fast/site.py",
        "behind = behind if anyone_can_enter(site) else NONE",
        "behind = NONE",
    ),
    # Who stays after closing, breaks and tasks at the end of a shift.
    Mutation(
        "facility: of those who can be spared the lowest number goes first",
        "sim/facility/staff.py",
        "key=lambda one: (one.shift.end, -one.number)",
        "key=lambda one: (one.shift.end, one.number)",
    ),
    Mutation(
        "facility: of those who can be spared the latest end goes first",
        "sim/facility/staff.py",
        "key=lambda one: (one.shift.end, -one.number)",
        "key=lambda one: (-one.shift.end, -one.number)",
    ),
    Mutation(
        "facility: who is on a break counts as there after closing",
        "sim/facility/staff.py",
        "if person.on_shift and not person.on_break]",
        "if person.on_shift]",
    ),
    Mutation(
        "facility: who stays begins whatever waits",
        "sim/facility/tasks.py",
        "return needed or (in_time and not person.stays)",
        "return needed or in_time",
    ),
    Mutation(
        "facility: nobody is missed for a place that nobody will clean",
        "sim/facility/site.py",
        "if self.places.has_free(room) or not cleaners or crew.on_duty(cleaners):",
        "if True:",
    ),
    Mutation(
        "facility: nobody stays for the services of those inside",
        "sim/facility/site.py",
        "return [*teams, *rules, *mixes, *tasks, *cleaning]",
        "return [*teams, *rules, *mixes, *cleaning]",
    ),
    Mutation(
        "facility: who waits for a service at closing is sent away although somebody stays",
        "sim/facility/visit.py",
        "in_line = self._in_line() and not self._is_seen_through",
        "in_line = self._in_line()",
    ),
    Mutation(
        "facility: a task that ends with the shift is begun late",
        "sim/facility/tasks.py",
        "in_time = self._begin_late or ends <= person.shift.until",
        "in_time = self._begin_late or ends < person.shift.until",
    ),
    Mutation(
        "facility: the person who goes on a break is one of those left",
        "sim/facility/work.py",
        "others = sum(map(self._crew.present, roles)) - (role in roles)",
        "others = sum(map(self._crew.present, roles))",
    ),
    Mutation(
        "facility: breaks come before routine work whatever the scenario says",
        "sim/facility/staff.py",
        'staff is not None and staff.break_when == "as_soon_as_covered"',
        "staff is not None",
    ),
    Mutation(
        "fast: a team counts as one member for each of its roles",
        "sim/fast/staff.py",
        "lacks = max(lacks, part_of.number - people)",
        "lacks = max(lacks, 1 - people)",
    ),
    Mutation(
        "fast: people in places need not be watched after closing",
        "sim/fast/staff.py",
        "return people <= rule.minimum or unwatched(rule, people - 1) > unwatched(rule, people)",
        "return people <= rule.minimum",
    ),
    Mutation(
        "fast: those who stay go home only when nobody is inside",
        "sim/fast/staff.py",
        "if everybody or _can_be_spared(site, role):",
        "if everybody:",
    ),
    Mutation(
        "fast: at the next opening nobody goes home",
        "sim/fast/staff.py",
        "everybody = site.is_open or value(site, INSIDE) == 0",
        "everybody = value(site, INSIDE) == 0",
    ),
    Mutation(
        "fast: cleaners stay for a room of which nobody wants a place",
        "sim/fast/site.py",
        "room.awaited |= may_enter(site, visitor) and is_awaited_by(site, visitor, number)",
        "room.awaited |= may_enter(site, visitor)",
    ),
    Mutation(
        "fast: whoever is free first begins a task, though another has time for it",
        "sim/fast/work.py",
        "        first = person.behind\n    return first",
        "        return NONE\n    return first",
    ),
    Mutation(
        "fast: breaks come before routine work whatever the scenario says",
        "sim/fast/staff.py",
        "site.due_count > 0 and site.breaks_first and assign",
        "site.due_count > 0 and assign",
    ),
    Mutation(
        "fast: who wants a break counts among the others of some roles",
        "sim/fast/work.py",
        "return found - 1 if may_do(site, role, roles) else found",
        "return found",
    ),
    Mutation(
        "fast: a task is begun that ends after the shift",
        "sim/fast/work.py",
        "in_time = site.now + minutes <= person_row(site, person.shift).until",
        "in_time = True",
    ),
    Mutation(
        "fast: a task that would end with the shift is not begun",
        "sim/fast/work.py",
        "in_time = site.now + minutes <= person",
        "in_time = site.now + minutes < person",
    ),
    Mutation(
        "fast: a task counts as late by the shift, though the next goes on from it",
        "sim/fast/work.py",
        "in_time = site.now + minutes <= person_row(site, person.shift).until",
        "in_time = site.now + minutes <= person_row(site, person.shift).end",
    ),
    Mutation(
        "fast: after closing nothing is begun that ends after the shift",
        "sim/fast/work.py",
        "while first != NONE and not needed:",
        "while first != NONE:",
    ),
    Mutation(
        "fast: who stays after closing begins whatever there is",
        "sim/fast/work.py",
        "if not person.stays and (site.begin_late or in_time):",
        "if site.begin_late or in_time:",
    ),
    Mutation(
        "fast: who is found for a seat of a team may be found for the next",
        "sim/fast/joint.py",
        "while person != NONE and _is_chosen(site, person, seats):",
        "while False:",
    ),
    Mutation(
        "fast: nobody is held for a service",
        "sim/fast/tasks.py",
        "if service.holds and site.gathers in (NONE, number):",
        "if False:",
    ),
    Mutation(
        "fast: a second service may hold people while another does",
        "sim/fast/tasks.py",
        "if service.holds and site.gathers in (NONE, number):",
        "if service.holds:",
    ),
    Mutation(
        "fast: the easiest seat is filled first",
        "sim/fast/memory/blueprint.py",
        "key=lambda seat: len(able[seat]))",
        "key=lambda seat: -len(able[seat]))",
    ),
    Mutation(
        "fast: a service takes one more place than it has",
        "sim/fast/joint.py",
        "service.taken < service.places",
        "service.taken <= service.places",
    ),
    Mutation(
        "fast: the stay runs on while it should wait for a task",
        "sim/fast/tasks.py",
        "    if stay_task_row(site, visit.stay_task).waits:\n        if visit.ends",
        "    if False:\n        if visit.ends",
    ),
    Mutation(
        "fast: a task not begun is waited for when the stay is over",
        "sim/fast/visit.py",
        "if not stay_task_row(site, visit.stay_task).waits:\n        complete_at",
        "if False:\n        complete_at",
    ),
    Mutation(
        "fast: a task in hand is given up when the stay is over",
        "sim/fast/visit.py",
        "    if task_row(site, task_of(number, STAY_TASK)).running:\n        return False",
        "    if False:\n        return False",
    ),
    Mutation(
        "fast: nobody is noted to have accepted another room",
        "sim/fast/waiting.py",
        "    stamp(site, SWITCHED, number).value = site.now\n",
        "",
    ),
    Mutation(
        "fast: who is early for their time is seen before it",
        "sim/fast/door.py",
        "return drawn(site, site.appointment, number) > site.now",
        "return False",
    ),
    Mutation(
        "fast: who comes late keeps their time however late",
        "sim/fast/visit.py",
        "if site.now <= time + service.late_after:",
        "if True:",
    ),
    Mutation(
        "fast: last entry counts for those who are booked",
        "sim/fast/door.py",
        "site.last_entry if kind.books == NONE else 0.0",
        "site.last_entry",
    ),
    Mutation(
        "fast: who is interrupted loses their turn",
        "sim/fast/tasks.py",
        "    task.turn, task.due = task.resumed_turn, 0.0\n",
        "",
    ),
    Mutation(
        "fast: who ends their shift after closing goes home though somebody is inside",
        "sim/fast/staff.py",
        "if site.stay_until_empty and not site.is_open and value(site, INSIDE) > 0:",
        "if False:",
    ),
    Mutation(
        "fast: who waits in vain after closing waits on",
        "sim/fast/site.py",
        "if value(site, INSIDE) > 0 and _give_up(site):",
        "if False:",
    ),
    Mutation(
        "fast: who has had a place is sent away at closing",
        "sim/fast/waiting.py",
        "return site.stay_until_empty and has_entered(site, number)",
        "return False",
    ),
    Mutation(
        "fast: one place too many is closed for the day",
        "sim/fast/places.py",
        "room.limit = size.places",
        "room.limit = size.places - 1",
    ),
    Mutation(
        "fast: a failure takes one place less",
        "sim/fast/places.py",
        "for _ in range(room.fails):",
        "for _ in range(room.fails - 1):",
    ),
    Mutation(
        "fast: the chance without a free place is not looked at",
        "sim/fast/door.py",
        "if kind.when_full > 0 and _is_full(site, number):",
        "if False:",
    ),
    Mutation(
        "fast: of places in use the highest number fails",
        "sim/fast/places.py",
        "if in_use == NONE and outage_of(",
        "if outage_of(",
    ),
    Mutation(
        "fast: a repair runs from when the place fails, though it is in use",
        "sim/fast/places.py",
        "at(site, site.now + outage.repair, REPAIR",
        "at(site, max(site.now, outage.failed + outage.repair), REPAIR",
    ),
    Mutation(
        "fast: a place that is closed for the day is free when it is clean",
        "sim/fast/places.py",
        "    if place < room.limit:\n        room.free += 1",
        "    if place >= 0:\n        room.free += 1",
    ),
    Mutation(
        "fast: minutes out of order are counted by day and night",
        "sim/fast/places.py",
        "room.out_open if room.in_hours else 0",
        "room.out_open",
    ),
    Mutation(
        "fast: places out of order are open",
        "sim/fast/places.py",
        "room.places - room.out - room.closed if",
        "room.places - room.closed if",
    ),
    # Who goes where.
    Mutation(
        "mirror: whose need arises goes before those on the way at that instant",
        "sim/city/loop.py",
        "(soonest.time == time and soonest.need < begun)",
        "soonest.time < time",
    ),
    Mutation(
        "mirror: somebody acts before what happens at a facility at that instant",
        "sim/city/loop.py",
        "if soonest.time >= before:",
        "if soonest.time > before:",
    ),
    Mutation(
        "mirror: a walk is as long as the way back",
        "sim/city/loop.py",
        "come_from * count + facility).value\n    origin",
        "facility * count + come_from).value\n    origin",
    ),
    Mutation(
        "mirror: who comes back does not try again what failed before",
        "sim/city/loop.py",
        "need.way, need.come_from, need.tried = RETURNED, NONE, 0",
        "need.way, need.come_from = RETURNED, NONE",
    ),
    Mutation(
        "mirror: who found nothing open is said to find every later door closed",
        "sim/city/loop.py",
        "outcome == CLOSED and need.attempts == 1:",
        "outcome == CLOSED:",
        "only who knows the hours finds nothing open, and goes to no closed door later",
    ),
    Mutation(
        "mirror: who waits for an opening waits as long again for the next",
        "sim/city/loop.py",
        "opens <= need.back +",
        "opens <= now +",
    ),
    Mutation(
        "mirror: places being cleaned are no crowd",
        "sim/city/loop.py",
        "ahead += room_row(site, room).occupied + cleaning",
        "ahead += room_row(site, room).occupied",
    ),
    Mutation(
        "mirror: of two with as much of a crowd the one wished later is chosen",
        "sim/city/loop.py",
        "ahead < least:",
        "ahead <= least:",
    ),
    Mutation(
        "mirror: who has tried everything is still on the way after the end",
        "sim/city/loop.py",
        "        if facility != NONE and not need_row(system, number).tried >> facility & 1:",
        "        if facility != NONE:",
    ),
    Mutation(
        "mirror: only the last wait counts against patience",
        "sim/city/loop.py",
        "need.spent += now - stamp(site, ARRIVAL, visit).value",
        "need.spent = now - stamp(site, ARRIVAL, visit).value",
    ),
    Mutation(
        "mirror: who has balked once balks again",
        "sim/city/loop.py",
        "visit.balk = need.attempts * system.needs_count + person",
        "visit.balk = person",
    ),
    Mutation(
        "mirror: who would arrive as the horizon ends arrives",
        "sim/city/loop.py",
        "    if time >= system.horizon:\n        _end",
        "    if time > system.horizon:\n        _end",
    ),
    Mutation(
        "mirror: who knows the hours does not think of the walk",
        "sim/city/loop.py",
        "there = now + _walk(system, number, facility)",
        "there = now",
    ),
    Mutation(
        "mirror: one attempt more than there may be",
        "sim/city/loop.py",
        "elif need.attempts == kind_row",
        "elif need.attempts - 1 == kind_row",
    ),
)


def survives(mutation: Mutation, folder: Path) -> bool:
    """Whether the tests pass although a rule is wrong, in a copy of the project."""
    path = folder / mutation.file
    text, stamps = path.read_text("utf-8"), path.stat()
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.what}: no longer to be found once in {mutation.file}")
    path.write_text(text.replace(mutation.old, mutation.new), "utf-8")
    try:
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        ran = subprocess.run(
            [*command, *TESTS], cwd=folder, capture_output=True, text=True, check=False
        )
    finally:
        path.write_text(text, "utf-8")
        # With its time, so that what was compiled of the rules as they are serves the next.
        os.utime(path, ns=(stamps.st_atime_ns, stamps.st_mtime_ns))
    last = (ran.stdout.strip().splitlines() or [ran.stderr.strip()])[-1]
    found = next((one for one in ran.stdout.splitlines() if one.startswith("FAILED")), last)
    lived = not ran.returncode
    word = ("equivalent" if mutation.equivalent else "SURVIVED") if lived else "caught"
    sys.stdout.write(f"{word}: {mutation.what}\n  {mutation.equivalent or found[:150]}\n")
    sys.stdout.flush()
    return lived


def main(words: Sequence[str]) -> int:
    """Try those whose description has one of the words, or all."""
    chosen = [one for one in MUTATIONS if not words or any(word in one.what for word in words)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                left_out = shutil.ignore_patterns("*.pyc")
                shutil.copytree(source, folder / part, ignore=left_out)
            else:
                shutil.copy2(source, folder / part)
        lived = [one for one in chosen if survives(one, folder)]
    wrong = [one for one in lived if not one.equivalent]
    denied = [one for one in chosen if one.equivalent and one not in lived]
    sys.stdout.write(
        f"{len(chosen)} mutations: {len(chosen) - len(lived)} caught, "
        f"{len(lived) - len(wrong)} equivalent, {len(wrong)} survived\n"
    )
    for one in denied:
        sys.stdout.write(f"said to be equivalent, and caught: {one.what}\n")
    return 1 if wrong or denied else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
