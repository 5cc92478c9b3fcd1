"""An independent witness: the same networks, for which there is no formula, here and in Ciw.

Both sides start empty and count everything up to the same end, so that there is no steady state to
agree on. Both count at that end in the same way: a wait when it is over, a service when it has
begun, minutes on site when a visitor has left. Standard errors come from replications.

All times are continuous but the changes of shift, so no two events fall on one instant except those
that are consequences of one another. How either simulator orders ties is left to the traces.
"""

from functools import partial

import pytest

from tests.world.witness import networks
from tests.world.witness.agreement import Figure, Row, compare
from tests.world.witness.ciw_run import DAY

pytestmark = pytest.mark.slow

SAME = 1e-6
"""Minutes: a shorter wait is a rounding error."""


# --- sums over one replication --------------------------------------------------------------------


def total(minutes):
    """Sum and number, for a mean."""
    return float(minutes.sum()), float(minutes.count())


def share(chosen):
    """How many of how many."""
    return float(chosen.sum()), float(len(chosen))


def queued(run, node):
    """The visits that were let in and have done with queueing for the places at a node."""
    visits = run.visits()
    return visits[visits["last"].eq("renege") | visits.index.isin(run.served(node).index)]


def got_place(run, node):
    """Minutes waited in all lines by those who entered a place."""
    visits = run.visits()
    return visits.loc[visits.index.isin(run.served(node).index), "waited"]


def on_site(visits):
    """From arrival to leaving, of those who have left."""
    return visits["out"] - visits["arrival"]


# --- the networks ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_check_in_places_and_blocking_aftercare():
    """Ciw's node capacity without a queue is `wait_in_place`: a server that is blocked after
    service keeps its customer, who is the next to be let on in order of blocking. Neither lets
    anybody overtake: who finishes later finds those blocked before ahead.

    Ciw draws a patience for each node. Here its clock runs on from check-in to the queue for a
    place, so in Ciw a distribution of its own keeps the moment at which it runs out. Those whose
    patience ran out while being registered leave at once in both, unless a place is free.

    Ciw has no shifts here. With `hand_over` they make no difference: at midnight the two who come
    take on what the two who go have in hand, with what is left of it.
    """
    figures = [
        Figure(
            "mean wait of served", Row("wait"), lambda run: total(got_place(run, networks.PLACES))
        ),
        Figure(
            "mean wait",
            Row("wait_joined"),
            lambda run: total(queued(run, networks.PLACES)["waited"]),
        ),
        Figure(
            "P(wait)",
            Row("wait_joined", "share_waiting"),
            lambda run: share(queued(run, networks.PLACES)["waited"] > SAME),
        ),
        Figure(
            "P(wait <= 10)",
            Row("wait_joined", "within_10"),
            lambda run: share(queued(run, networks.PLACES)["waited"] <= 10),
        ),
        Figure(
            "wait for check-in",
            Row("wait_check_in"),
            lambda run: total(run.waits(networks.CHECK_IN)),
        ),
        Figure(
            "wait for a place", Row("wait_place"), lambda run: total(run.waits(networks.PLACES))
        ),
        Figure(
            "reneged",
            Row("visits", "share", "outcome:reneged"),
            lambda run: share(run.lasts() == "renege"),
        ),
        Figure(
            "places occupied",
            Row("places", "occupied"),
            lambda run: (run.busy(networks.PLACES), 5 * run.until),
        ),
        Figure(
            "places blocked",
            Row("places", "blocked"),
            lambda run: (run.blocked(networks.PLACES), 5 * run.until),
        ),
        Figure(
            "in aftercare",
            Row("aftercare"),
            lambda run: (run.busy(networks.AFTERCARE), run.until),
        ),
        Figure("minutes on site", Row("time_on_site"), lambda run: total(on_site(run.visits()))),
    ]
    compare("stages.yaml", [], networks.stages, figures, 24).check()


@pytest.mark.slow
def test_priority_classes_with_patience():
    """In both a free place goes to the first of the most urgent class; nobody is taken out of a
    place. Cleaning is part of the service in Ciw, so of the places only the time is compared in
    which all are taken, and not how many are occupied and how many being cleaned.
    """
    figures = [
        Figure(
            "P(wait)",
            Row("wait_joined", "share_waiting"),
            lambda run: share(queued(run, 1)["waited"] > SAME),
        ),
        Figure("mean wait", Row("wait_joined"), lambda run: total(queued(run, 1)["waited"])),
        Figure(
            "reneged",
            Row("visits", "share", "outcome:reneged"),
            lambda run: share(run.lasts() == "renege"),
        ),
        Figure(
            "reneged, urgent",
            Row("unserved", "share", "kind:urgent"),
            lambda run: share(run.lasts("urgent") == "renege"),
        ),
        Figure(
            "reneged, other",
            Row("unserved", "share", "kind:other"),
            lambda run: share(run.lasts("other") == "renege"),
        ),
        Figure(
            "mean wait of served, urgent",
            Row("wait", by="kind:urgent"),
            lambda run: total(run.waits(1, "urgent")),
        ),
        Figure(
            "mean wait of served, other",
            Row("wait", by="kind:other"),
            lambda run: total(run.waits(1, "other")),
        ),
        Figure(
            "all places taken",
            Row("places", "full"),
            lambda run: (run.full(1, 5), run.until),
        ),
    ]
    compare("classes.yaml", [], networks.classes, figures, 20).check()


def asked_between(first, last):
    """Waits for the service of those who asked for it in these hours of the day: both sides."""

    def ours(visits):
        asked = visits["service_asked:checking"]
        mine = (asked % DAY).between(60 * first, 60 * last, inclusive="left")
        return total((visits["service_start:checking"] - asked)[mine])

    def ciws(run):
        served = run.served(1)
        mine = (served["asked"] % DAY).between(60 * first, 60 * last, inclusive="left")
        return total((served["start"] - served["asked"])[mine])

    return Figure(f"mean wait, asked {first}-{last} h", ours, ciws)


@pytest.mark.slow
@pytest.mark.parametrize("end_of_shift", ["finish", "hand_over"])
def test_demand_and_shifts_by_the_hour(end_of_shift):
    """In both simulators everybody changes when the schedule does. Without preemption Ciw keeps
    the old servers until they are done, beside all the new ones: `finish`. With `resume` all
    services are interrupted, come before anybody else, and go on with what is left: `hand_over`.
    Those who are interrupted no longer lose patience, in either.

    Ciw's records tell how long a resumed service still took, so waits are taken to the first
    begin of a service.
    """
    by = "service:checking"
    figures = [
        Figure("mean wait", Row("wait_service", by=by), lambda run: total(run.waits(1))),
        Figure(
            "P(wait)",
            Row("wait_service", "share_waiting", by),
            lambda run: share(run.waits(1) > SAME),
        ),
        asked_between(8, 12),
        asked_between(12, 20),
        Figure(
            "reneged",
            Row("visits", "share", "outcome:reneged"),
            lambda run: share(run.lasts() == "renege"),
        ),
        Figure(
            "minutes of service",
            Row("services", by=by),
            lambda run: total(run.lengths(1)),
        ),
        Figure("minutes on site", Row("time_on_site"), lambda run: total(on_site(run.visits()))),
        Figure(
            "staff busy",
            Row("staff_busy", by="role:chemist", statistic="share"),
            lambda run: (run.busy(1), 56 * 60 * run.until / DAY),
        ),
    ]
    late = Row("overtime", "share_of_shifts", "role:chemist")
    if end_of_shift == "finish":
        # What is left to do at the end of the week, neither sees.
        figures.append(Figure("shifts that end late", late, lambda run: (run.late, 14 * 7)))
    sets = [f"staff.end_of_shift={end_of_shift}"]
    found = compare("shifts.yaml", sets, networks.shifts(end_of_shift), figures, 24)
    found.check()
    if end_of_shift == "hand_over":
        assert found.value(late) == 0


@pytest.mark.slow
def test_a_team_of_two_duties_seats_and_balking():
    """The two duties of the team are two visits to one node of Ciw, whose service discipline takes
    those who are to be registered first. Who has been registered and goes on to drug checking is
    the last in that line in both.

    Who comes in depends on lines of several nodes. Ciw leaves this to a balking function, in
    which the rule is written out: no seat for those who would have to wait when three already do,
    in whatever line; then a chance of 1.2 for each person ahead and place (ahead are those who
    wait to be registered or for a place, but not for drug checking), at most 0.9.

    Ciw has no shifts here. With `finish_pooled` they make no difference: who comes at midnight
    starts when one of those who go is done. (`hand_over` would: an interrupted check would go on
    only after those who wait to be registered.)
    """
    by = "service:checking"

    def letting_in(run, kept_out):
        visits = run.visits()
        no_space = visits["kind"] == networks.NO_SPACE
        return share(visits["last"].eq("baulk") & (no_space if kept_out else ~no_space))

    figures = [
        Figure(
            "balked",
            Row("visits", "share", "outcome:balked"),
            partial(letting_in, kept_out=False),
        ),
        Figure(
            "no space",
            Row("visits", "share", "outcome:no_space"),
            partial(letting_in, kept_out=True),
        ),
        Figure("mean wait", Row("wait"), lambda run: total(got_place(run, networks.PLACES))),
        Figure(
            "P(wait)",
            Row("wait", "share_waiting"),
            lambda run: share(got_place(run, networks.PLACES) > SAME),
        ),
        Figure(
            "wait for check-in", Row("wait_check_in"), lambda run: total(run.waits(networks.DESK))
        ),
        Figure(
            "wait for drug checking",
            Row("wait_service", by=by),
            lambda run: total(second(run)["waiting_time"]),
        ),
        Figure(
            "P(wait for drug checking)",
            Row("wait_service", "share_waiting", by),
            lambda run: share(second(run)["waiting_time"] > SAME),
        ),
        Figure(
            "wait for a place", Row("wait_place"), lambda run: total(run.waits(networks.PLACES))
        ),
        Figure(
            "places occupied",
            Row("places", "occupied"),
            lambda run: (run.busy(networks.PLACES), 4 * run.until),
        ),
        Figure(
            "staff busy",
            Row("staff_busy", "share", "role:peer"),
            lambda run: (run.busy(networks.DESK), 2 * run.until),
        ),
    ]
    compare("desk.yaml", [], networks.desk, figures, 17).check()


def second(run):
    """Records of second visits to the desk, where drugs are checked, of those that have begun."""
    found = run.at(networks.DESK)
    found = found[found.duplicated("id_number")]
    return found[found["service_start_date"].notna()]


@pytest.mark.slow
def test_groups_seats_and_balking():
    """Ciw's batches, its queue capacity and its balking functions: a full node refuses before
    anybody balks, in both. The members of a group come one after the other at one instant, so the
    second sees the first in the line.
    """
    figures = [
        Figure(
            "no space",
            Row("visits", "share", "outcome:no_space"),
            lambda run: share(run.lasts() == "rejection"),
        ),
        Figure(
            "balked",
            Row("visits", "share", "outcome:balked"),
            lambda run: share(run.lasts() == "baulk"),
        ),
        Figure("mean wait", Row("wait"), lambda run: total(run.waits(1))),
        Figure("P(wait)", Row("wait", "share_waiting"), lambda run: share(run.waits(1) > SAME)),
        Figure("P(wait <= 10)", Row("wait", "within_10"), lambda run: share(run.waits(1) <= 10)),
        Figure(
            "places occupied",
            Row("places", "occupied"),
            lambda run: (run.busy(1), 5 * run.until),
        ),
        Figure("visits a day", Row("visits", "per_day"), lambda run: (len(run.visits()), 7)),
    ]
    compare("groups.yaml", [], networks.groups, figures, 16).check()


@pytest.mark.slow
def test_overdoses_that_preempt():
    """Two priority classes in Ciw, where the urgent one preempts with `resume`: the service that
    was started (or resumed) last is interrupted, and goes on before those that have not begun.
    That is what happens here to staff who are called to an overdose.

    In Ciw a place is not held while its user is at another node. So those who use one wait for
    the onset at a node without limit, and a balking function lets in as many as there are places
    for, counting those with the nurses. Another one does the same for the seats.

    Ciw lets interrupted customers lose patience, and may have them do so in the past. So nobody
    has patience here: those who use places leave at once or not at all.
    """
    by = "service:checking"
    nurses = networks.NURSES

    def interrupted(run):
        return float((run.records["record_type"] == "interrupted service").sum())

    def in_place(run):
        return run.busy(networks.BEFORE_ONSET)

    def response(run):
        records = run.at(nurses, "use")
        return float((records["exit_date"].fillna(run.until) - records["arrival_date"]).sum())

    figures = [
        Figure(
            "minutes to first responder",
            Row("response_first"),
            lambda run: total(run.waits(nurses, "use")),
        ),
        Figure(
            "P(first responder within 1)",
            Row("response_first", "within_1"),
            lambda run: share(run.waits(nurses, "use") <= 1),
        ),
        Figure(
            "P(first responder within 5)",
            Row("response_first", "within_5"),
            lambda run: share(run.waits(nurses, "use") <= 5),
        ),
        Figure(
            "services interrupted a week",
            Row("tasks_interrupted", "per_week"),
            lambda run: (interrupted(run), 1),
        ),
        Figure(
            "mean wait for service",
            Row("wait_service", by=by),
            lambda run: total(run.waits(nurses, "checking")),
        ),
        Figure(
            "P(wait for service)",
            Row("wait_service", "share_waiting", by),
            lambda run: share(run.waits(nurses, "checking") > SAME),
        ),
        Figure(
            "minutes of service, interruptions included",
            Row("services", by=by),
            lambda run: total(run.lengths(nurses, "checking")),
        ),
        Figure(
            "no place",
            Row("unserved", "share", "kind:use"),
            lambda run: share(run.lasts("use") == "baulk"),
        ),
        Figure(
            "no seat",
            Row("unserved", "share", "kind:checking"),
            lambda run: share(run.lasts("checking") == "baulk"),
        ),
        Figure(
            "places occupied",
            Row("places", "occupied"),
            lambda run: (in_place(run), 3 * run.until * 20 / 24),
        ),
        Figure(
            "nurses at overdoses",
            Row("staff_busy", "share", "role:nurse/duty:respond"),
            lambda run: (run.busy(nurses, "use"), 2 * run.until),
        ),
        Figure(
            "nurses at services",
            Row("staff_busy", "share", "role:nurse/duty:service"),
            lambda run: (run.busy(nurses, "checking"), 2 * run.until),
        ),
    ]
    found = compare("overdoses.yaml", [], networks.overdoses, figures, 26)
    found.check()
    # Shifts end at midnight, when nothing is left to do; Ciw has none.
    assert found.value(Row("overtime", "minutes_per_week", "role:nurse")) == 0
