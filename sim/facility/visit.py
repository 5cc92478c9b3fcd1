"""One visit, from the door to the street: read `Visit.path` and `Visit._stages` first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator
from enum import Enum, auto
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING

from sim.facility.agenda import Path, Signal
from sim.facility.places import Place, Waiting
from sim.facility.record import Attendance
from sim.facility.tasks import Seats, Standing, StayClock, Task, Turn, alone, nothing
from sim.log import Duty, Outcome
from sim.rules.order import Rank, Step

if TYPE_CHECKING:
    from sim.facility.site import Site

Wait = Generator[Signal, object, object]
"""Part of a path; gives what the signal carried."""


class End(Enum):
    """Why a wait, a stay or a service ended before its time."""

    PATIENCE = auto()
    CLOSING = auto()
    STAY = auto()
    """The end of the stay, of a task during it."""
    OVERDOSE = auto()
    NOBODY = auto()
    """After closing: nobody is on duty who could do what it waits for."""


class OverdoseBegins(BaseException):
    """An overdose ends whatever the visitor was doing. No error, and so no Exception."""


def never() -> bool:
    """Served, or in a place: not in line."""
    return False


def always() -> bool:
    """In line as long as the wait lasts."""
    return True


class _Leaves(BaseException):
    """The visit ends here. No error, and so no Exception, as GeneratorExit is none."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


_CHECK_IN = -1
"""Registration, among the numbers of services."""


def _wanted(site: Site, number: int) -> list[int]:
    """The tasks that a visit needs, in the order in which they are done."""
    desk = site.scenario.check_in is not None and site.visitors.check_in[number] > 0
    return ([_CHECK_IN] if desk else []) + [
        index
        for when in ("before", "after")
        for index, service in enumerate(site.services)
        if service.when == when and not isnan(site.visitors.service[index, number])
    ]


class Visit:
    """A visit under way. It asks; the site grants, after the event that is going on."""

    def __init__(self, site: Site, number: int) -> None:
        """Take the number of the visit: its row among the visitors."""
        self.site, self.number = site, number
        kind = int(site.visitors.kind[number])
        self.kind = site.kinds[kind]
        self.rooms = site.numbered.kinds[kind]
        """Those that will do, in order of preference."""
        self.switch = site.numbered.switches[kind]
        """The room accepted after a while in the queue."""
        self.books = site.numbered.booked[kind]
        """The service for which they come by appointment."""
        self.appointments = None if self.books is None else site.services[self.books].appointments
        self.place: Place | None = None
        self.blocks = False
        """Holds the place although the stay is over."""
        self.has_seat = False
        """Holds a seat in aftercare."""
        self.inside = False
        self.overdosed = False
        self._to_come = _wanted(site, number)
        """The tasks that are still to be done for them, in order, by the number of the service;
        _CHECK_IN for registration."""
        self._task: Task | None = None
        self._clock: StayClock | None = None
        """Of the stay, while it lasts."""
        self._attended: int | None = None
        """The task during the stay that they wait for, or have."""
        self._queueing: Waiting | None = None
        """What they wait for, if it is a task or a place."""
        self._gives_up: float | None = None
        """When patience runs out; known from joining the first queue."""
        self._signal: Signal | None = None
        self._undo: Callable[[], None] = nothing
        self._in_line: Callable[[], bool] = never
        """Of the wait that is going on: what ends it, what takes it back, and whether it is in
        line, and not while being served."""

    def path(self) -> Path:
        """The whole visit."""
        try:
            outcome = yield from self._stages()
        except _Leaves as leaves:
            outcome = leaves.outcome
        except OverdoseBegins:
            yield from self.site.respond(self)
            outcome = Outcome.SERVED
        self.site.go_out(self, outcome)

    def _stages(self) -> Generator[Signal, object, Outcome]:
        """Door, check-in, services before, a place, services after, aftercare, out."""
        yield from self._door()
        self._patience()  # its clock starts here, whichever queue is the first
        yield from self._check_in()
        received = yield from self._services("before")
        if not self.rooms:
            received += yield from self._services("after")
            return Outcome.SERVICE_ONLY if received else Outcome.RENEGED
        yield from self._place()
        yield from self._stay()
        yield from self._services("after")
        yield from self._aftercare()
        return Outcome.SERVED

    # --- stages -----------------------------------------------------------------------------

    def _door(self) -> Wait:
        """Be let in, or turned away. Some wait outside for the opening."""
        site = self.site
        if (opens := site.door.opens_soon(self)) is not None:
            signal = site.agenda.signal()
            # As a completion: going in is what the opening brings about, ahead of patience.
            site.agenda.at(opens, Rank.COMPLETION, self.number, Step.DOOR, signal.fire)
            ended = yield from self.until(signal, in_line=always, gives_up=self._patience())
            if ended is End.PATIENCE:
                raise _Leaves(Outcome.RENEGED)
        refusal = site.door.refusal(self)
        if refusal is not None:
            raise _Leaves(refusal)
        site.come_in(self)
        return None

    def _check_in(self) -> Wait:
        """Be registered at the desk."""
        site, desk = self.site, self.site.scenario.check_in
        minutes = float(site.visitors.check_in[self.number])
        if desk is None or minutes == 0:
            return None
        task = Task(
            duty=Duty.CHECK_IN,
            seats=alone(site.numbered.duties[Duty.CHECK_IN]),
            visit=self.number,
            remaining=minutes,
            done=site.agenda.signal(),
            begins=lambda: self._stamp("check_in_start"),
        )
        ended = yield from self.have_done(task, self._patience())
        self._add_wait(task.waited)
        if ended is End.PATIENCE:
            raise _Leaves(Outcome.RENEGED)
        if ended is not None:
            raise _Leaves(Outcome.DISMISSED_AT_CLOSE)
        self._to_come.remove(_CHECK_IN)
        self._stamp("check_in_end")
        return None

    def _services(self, when: str) -> Generator[Signal, object, int]:
        """Use the services of a stage, one after the other; gives how many were received."""
        site, received = self.site, 0
        for index, service in enumerate(site.services):
            if service.when != when or isnan(site.visitors.service[index, self.number]):
                continue
            self.leave_place()
            if site.door.sends_away and not self._is_seen_through:
                raise _Leaves(self._end_of_services())
            received += yield from self._service(index)
            self._to_come.remove(index)
        return received

    def _service(self, index: int) -> Generator[Signal, object, bool]:
        """Use one service; gives whether it was received, or patience ran out before."""
        site, number = self.site, self.number
        record = site.record
        if self.is_early_for(index):
            yield from self._sit_until_appointment()
        turn = self._turn(index)
        task = Task(
            duty=Duty.SERVICE,
            seats=site.numbered.services[index],
            own=site.own_places[index],
            holds=site.services[index].gather == "hold",
            visit=number,
            remaining=float(site.visitors.service[index, number]),
            done=site.agenda.signal(),
            priority=site.services[index].priority,
            standing=turn.standing,
            due=turn.due,
            resumed=Standing.BEGUN if site.services[index].appointments else Standing.WALKED_IN,
            begins=lambda: record.stamp_service("start", index, number, site.agenda.now),
        )
        gives_up = site.agenda.now + float(site.visitors.service_patience[index, number])
        record.stamp_service("asked", index, number, site.agenda.now)
        ended = yield from self.have_done(task, gives_up)
        if not self._has_entered:
            self._add_wait(task.waited)
        if ended is End.NOBODY and self._has_entered:
            if not task.begun:
                record.stamp_service("end", index, number, site.agenda.now)
            return False
        if ended in (End.CLOSING, End.NOBODY):
            raise _Leaves(self._end_of_services(begun=task.begun))
        if ended is End.PATIENCE:
            return False
        record.stamp_service("end", index, number, site.agenda.now)
        return True

    # --- appointments ---------------------------------------------------------------------------

    def is_early_for(self, service: int) -> bool:
        """Whether they are booked for a service, and join its line at their time and not before."""
        booked = self.appointments
        if booked is None or self.books != service or booked.seen_early:
            return False
        return bool(self.site.visitors.appointment[self.number] > self.site.agenda.now)

    def _sit_until_appointment(self) -> Wait:
        """Sit in the waiting area until their time. Patience does not run."""
        site = self.site
        self._sit(1)
        due = float(site.visitors.appointment[self.number])
        signal = site.agenda.timer(due, self.number, Step.APPOINTMENT)
        ended = yield from self.until(signal, undo=lambda: self._sit(-1), in_line=always)
        if ended is End.CLOSING:
            raise _Leaves(self._end_of_services())
        self._sit(-1)
        return None

    def _sit(self, change: int) -> None:
        state = self.site.state
        state.add(state.site["waiting_service"], change)

    def _turn(self, service: int) -> Turn:
        """Where they stand in the line for a service: a time is kept for so long only."""
        booked = self.appointments
        if booked is None or self.books != service or booked.first == "by_coming":
            return Turn(Standing.WALKED_IN)
        due = float(self.site.visitors.appointment[self.number])
        if booked.late_after is not None and self.site.agenda.now > due + booked.late_after:
            return Turn(Standing.WALKED_IN)
        return Turn(Standing.BOOKED if booked.first == "booked" else Standing.BEHIND, due)

    # --- the place, and after it ------------------------------------------------------------------

    def _place(self) -> Wait:
        """Queue for a place and enter it."""
        site, number = self.site, self.number
        rooms = site.door.rooms_for(self)
        if site.door.sends_away or not rooms:
            raise _Leaves(Outcome.DISMISSED_AT_CLOSE)
        joined = site.agenda.now
        self._stamp("joined")
        waiting = site.places.join(number, self.kind.priority, rooms)
        self._queueing = waiting
        self._watch_switch(waiting)
        given = yield from self.until(
            waiting.given,
            undo=lambda: site.places.leave_queue(waiting),
            in_line=always,
            gives_up=self._patience(),
        )
        self._queueing = None
        self._add_wait(site.agenda.now - joined)
        if given is End.PATIENCE:
            raise _Leaves(Outcome.RENEGED)
        if given in (End.CLOSING, End.NOBODY):
            raise _Leaves(Outcome.DISMISSED_AT_CLOSE)
        assert isinstance(given, Place)  # whatever else ends the wait has been dealt with
        self.place = given
        self._stamp("entered")
        self._set("room", given.room)
        self._set("place", given.number)
        return None

    def _stay(self) -> Wait:
        """Use the place. The onset of an overdose is set in motion here."""
        site, number, place = self.site, self.number, self.place
        assert place is not None  # the stage before ends with a place
        now, onset = site.agenda.now, float(site.visitors.onset[number])
        if isfinite(onset):
            site.agenda.at(now + onset, Rank.ONSET, number, Step.ONSET, self._onset)
        clock = self._clock = StayClock(site.stay_tasks, site.visitors, number)
        clock.start(now, float(site.visitors.stay[place.room, number]))
        alone = True
        while (coming := clock.next(site.agenda.now)) is not None:
            (task, due), alone = coming, False
            if due > site.agenda.now:
                yield from self._use_place(due, Step.TASK_DUE)
            yield from self._stay_task(clock, task)
        if alone or clock.ends > site.agenda.now:
            yield from self._use_place(clock.ends, Step.STAY)
        self._clock = None
        return None

    def _use_place(self, until: float, step: Step) -> Wait:
        """Use the place by oneself until the end of the stay, or until a task is due."""
        timer = self.site.agenda.timer(until, self.number, step)
        if (yield from self.until(timer)) is End.CLOSING:
            raise _Leaves(Outcome.CUT_SHORT)
        return None

    def _stay_task(self, clock: StayClock, number: int) -> Wait:
        """Wait in the place for staff to do something, and until it is done."""
        site, asked = self.site, self.site.agenda.now
        noted = Attendance(self.number, number, clock.time(number), asked)
        site.record.attendances.append(noted)
        task = Task(
            duty=Duty.STAY_TASK,
            seats=alone(site.numbered.stay_tasks[number]),
            visit=self.number,
            remaining=clock.minutes(number),
            done=site.agenda.signal(),
            priority=site.stay_tasks[number].priority,
            begins=lambda: setattr(noted, "start", site.agenda.now),
        )
        if not clock.waits_for(number):
            self._watch_end(clock.ends, task)
        self._attended = number
        ended = yield from self.have_done(task, in_line=never)
        self._attended = None
        if ended is End.CLOSING:
            raise _Leaves(Outcome.CUT_SHORT)
        if ended is End.STAY:
            clock.given_up(number)
            return None
        if ended is End.NOBODY:
            if not task.begun:
                noted.end = site.agenda.now
            clock.skipped(number, asked, site.agenda.now)
            return None
        noted.end = site.agenda.now
        clock.done(number, asked, site.agenda.now)
        return None

    def _watch_end(self, ends: float, task: Task) -> None:
        """When the stay ends, a task that is not in hand then is given up."""

        def end() -> None:
            if self._signal is task.done and not task.running:
                self.interrupt(End.STAY)

        self.site.agenda.at(ends, Rank.COMPLETION, self.number, Step.STAY, end)

    def _aftercare(self) -> Wait:
        """Rest in aftercare, if wanted and if a seat is or becomes free."""
        site, aftercare = self.site, self.site.aftercare
        minutes = float(site.visitors.aftercare[self.number])
        if isnan(minutes) or site.door.stopped:
            return None
        if aftercare.has_seat:
            aftercare.take()
        elif not aftercare.waits_in_place:
            return None
        else:
            self.block_place()
            signal = aftercare.wait()
            ended = yield from self.until(signal, undo=lambda: aftercare.stop_waiting(signal))
            if ended is End.CLOSING:
                raise _Leaves(Outcome.SERVED)
        self.has_seat = True
        self.leave_place()
        self._stamp("aftercare_start")
        ends = site.agenda.now + minutes
        yield from self.until(site.agenda.timer(ends, self.number, Step.AFTERCARE))
        return None

    # --- waiting ------------------------------------------------------------------------------

    def until(
        self,
        signal: Signal,
        *,
        undo: Callable[[], None] = nothing,
        in_line: Callable[[], bool] = never,
        gives_up: float = inf,
    ) -> Wait:
        """Wait for a signal; gives what it carries.

        Args:
            signal: what to wait for.
            undo: what to take back when the wait is ended by something else.
            in_line: whether the visitor is still in line, and not being served.
            gives_up: when they leave if still in line.
        """
        self._signal, self._undo, self._in_line = signal, undo, in_line
        if isfinite(gives_up):
            # Patience is ignored while being served: then it has run out on joining the line.
            at = max(gives_up, self.site.agenda.now)
            self.site.agenda.at(
                at, Rank.PATIENCE, self.number, Step.PATIENCE, lambda: self._tire(signal)
            )
        ended = yield signal
        self._signal = None
        if ended is End.OVERDOSE:
            raise OverdoseBegins
        return ended

    def have_done(
        self, task: Task, gives_up: float = inf, in_line: Callable[[], bool] | None = None
    ) -> Wait:
        """Wait for a task and until it is done; in line until it begins, if not said otherwise."""
        self.site.staff.tasks.ask(task)
        self._task = task
        try:
            return (
                yield from self.until(
                    task.done,
                    undo=lambda: self.site.staff.tasks.withdraw(task),
                    in_line=in_line or (lambda: not task.begun),
                    gives_up=gives_up,
                )
            )
        finally:  # an overdose ends the wait too
            self._task = None

    def _tire(self, signal: Signal) -> None:
        if self._signal is signal and self._in_line():
            self.interrupt(End.PATIENCE)

    def closing(self, *, stop: bool) -> None:
        """The site closes: leave if still in line, or in any case when all must stop."""
        in_line = self._in_line() and not self._is_seen_through
        if self._signal is not None and (stop or in_line):
            self.interrupt(End.CLOSING)

    def interrupt(self, why: End) -> None:
        """End the wait that is going on, if one is, before what it waits for comes."""
        signal = self._signal
        if signal is not None and not signal.processed:
            self._undo()
            signal.fire(why)

    # --- patience, and what may happen meanwhile --------------------------------------------

    def _patience(self) -> float:
        """When patience runs out; its clock starts with the first line joined."""
        if self._gives_up is None:
            patience = float(self.site.visitors.patience[self.number])
            self._gives_up = self.site.agenda.now + patience
        return self._gives_up

    def _onset(self) -> None:
        """The overdose begins. If the visitor has left, it was recorded on leaving."""
        if self.inside:
            self.overdosed = True
            self.interrupt(End.OVERDOSE)

    def _watch_switch(self, waiting: Waiting) -> None:
        """After a while in line some accept another room as well."""
        after, room = float(self.site.visitors.switch_after[self.number]), self.switch
        if room is None or not isfinite(after):
            return

        def accept() -> None:
            if self._signal is waiting.given:
                waiting.rooms.append(room)
                self._stamp("switched")

        at = self.site.agenda.now + after
        self.site.agenda.at(at, Rank.PATIENCE, self.number, Step.SWITCH, accept)

    # --- after closing, where staff stay until nobody is inside -------------------------------

    @property
    def _has_entered(self) -> bool:
        """Whether they have got a place, and may have left it."""
        return not isnan(self.site.record.visits["entered"][self.number])

    @property
    def _is_seen_through(self) -> bool:
        """Whether they get what they came for although the site closes.

        Where staff stay until nobody is inside, who has had a place does.
        """
        return self.site.staff.stay and self._has_entered

    @property
    def _is_all_but_over(self) -> bool:
        """Whether nothing more will be done than what is in hand: who has no place gets none."""
        return self.site.door.sends_away and not self._has_entered

    def still_needs(self) -> Iterator[Seats]:
        """Who must be there for each task that is still to be done for them."""
        if self.overdosed or not self.inside:
            return
        numbered = self.site.numbered
        if not self._is_all_but_over:
            yield from (alone(numbered.stay_tasks[task]) for task in self._stay_tasks_to_come())
        for one in self._to_come[:1] if self._is_all_but_over else self._to_come:
            desk = alone(numbered.duties[Duty.CHECK_IN])
            yield desk if one == _CHECK_IN else numbered.services[one]

    def _stay_tasks_to_come(self) -> Collection[int]:
        """Tasks that are still to be done during the stay, or during the one to come."""
        if self._clock is not None:
            in_hand = [self._attended] if self._attended is not None else []
            return {*in_hand, *self._clock.to_come(self.site.agenda.now)}
        if self._has_entered or not self.rooms:
            return ()
        times = self.site.visitors.stay_task_times
        return [task for task in range(len(self.site.stay_tasks)) if times[task, self.number]]

    def may_enter(self) -> Collection[int]:
        """Rooms of which they may still get a place."""
        if not self.inside or self._has_entered or self._is_all_but_over:
            return ()
        return self.rooms if self._queueing is None else self._queueing.rooms

    def waits_in_vain(self) -> bool:
        """Whether they wait for what nobody on duty could do."""
        site = self.site
        if self._queueing is not None:
            return not any(map(site.could_take, self._queueing.rooms))
        task = self._task
        return task is not None and not task.running and not site.staff.could_do(task.seats)

    # --- the place ----------------------------------------------------------------------------

    def block_place(self) -> None:
        """Stay in the place although the stay is over."""
        if self.place is not None and not self.blocks:
            self.blocks = True
            self.site.places.block(self.place)

    def leave_place(self) -> None:
        """Leave the place, if in one; it is cleaned."""
        if (place := self.place) is None:
            return
        self._stamp("left")
        self.site.places.vacate(place, blocked=self.blocks)
        self.place, self.blocks = None, False
        self.site.clean(self.number, place)

    # --- stamps -------------------------------------------------------------------------------

    def _stamp(self, what: str) -> None:
        self._set(what, self.site.agenda.now)

    def _set(self, what: str, value: float) -> None:
        self.site.record.visits[what][self.number] = value

    def _add_wait(self, minutes: float) -> None:
        self.site.record.visits["waited"][self.number] += minutes

    def _end_of_services(self, *, begun: bool = False) -> Outcome:
        """How closing ends a visit at, or on the way to, a service."""
        if self._has_entered:
            return Outcome.SERVED
        return Outcome.CUT_SHORT if begun else Outcome.DISMISSED_AT_CLOSE
