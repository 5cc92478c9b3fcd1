"""An independent witness: networks that no formula solves, here and in Ciw."""

import numpy as np
import pandas as pd
import pytest

from tests.witness import networks
from tests.witness.agreement import Figure, Row, check, compare
from tests.witness.ciw_run import DAY, SAME, WEEK

pytestmark = pytest.mark.slow


# --- sums over one replication by Ciw -------------------------------------------------------------


def total(values):
    """Sum and number of what is not NaN."""
    return float(values.sum()), float(values.count())


def share(chosen, of=None):
    """How many of how many."""
    return float(chosen.sum()), float(len(chosen) if of is None else of.sum())


def begun(node, kind=None):
    """Waits of those who were served at a node without preemption."""

    def waits(run):
        found = run.at(node, kind)
        return found.loc[found["service_start_date"].notna(), "waiting_time"]

    return waits


def test_stages_that_block():
    def waits(run):
        entered = run.at(2).loc[run.at(2)["service_start_date"].notna(), "id_number"]
        return run.visits()["waited"].loc[entered]

    figures = [
        Figure("mean wait", Row("wait"), lambda run: total(waits(run))),
        Figure("P(wait)", Row("wait", "share_waiting"), lambda run: share(waits(run) > SAME)),
        Figure("within 20", Row("wait", "within_20"), lambda run: share(waits(run) <= 20)),
        Figure("wait for check-in", Row("wait_check_in"), lambda run: total(begun(1)(run))),
        Figure("wait for a place", Row("wait_place"), lambda run: total(begun(2)(run))),
        Figure(
            "minutes in a place",
            Row("time_in_place"),
            lambda run: total(run.at(2)["exit_date"] - run.at(2)["service_start_date"]),
        ),
        Figure("occupied", Row("places", "occupied"), lambda run: (run.busy(2), 6 * run.until)),
        Figure("blocked", Row("places", "blocked"), lambda run: (run.blocked(2), 6 * run.until)),
        Figure("in aftercare", Row("aftercare"), lambda run: (run.busy(3), run.until)),
    ]
    check(compare("stages.yaml", figures, networks.stages, replications=16))


def test_priority_classes_that_renege():
    def visits(run, kind=None):
        found = run.visits()
        return found if kind is None else found[found["kind"] == kind]

    def joined(run):
        found = visits(run)
        begun = run.at(1).loc[run.at(1)["service_start_date"].notna(), "id_number"]
        done = (found["last"] == "renege") | found.index.isin(begun)
        return found.loc[done, "waited"]

    figures = [
        Figure("P(wait)", Row("wait_joined", "share_waiting"), lambda r: share(joined(r) > SAME)),
        Figure("mean wait, all", Row("wait_joined"), lambda r: total(joined(r))),
        Figure(
            "reneged",
            Row("visits", "share", "outcome:reneged"),
            lambda r: share(visits(r)["last"] == "renege"),
        ),
        *(
            figure
            for kind in ("urgent", "other")
            for figure in (
                Figure(
                    f"reneged, {kind}",
                    Row("unserved", "share", f"kind:{kind}"),
                    lambda r, k=kind: share(visits(r, k)["last"] == "renege"),
                ),
                Figure(
                    f"mean wait of served, {kind}",
                    Row("wait", by=f"kind:{kind}"),
                    lambda r, k=kind: total(begun(1, k)(r)),
                ),
            )
        ),
        Figure(
            "occupied or cleaning",
            Row("places", "full"),
            lambda r: (r.busy(1), 5 * r.until),
        ),
    ]
    check(compare("classes.yaml", figures, networks.classes, replications=16))
