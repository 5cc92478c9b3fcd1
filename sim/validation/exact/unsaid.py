"""Known results that the scenario language cannot express, and why."""

from typing import NamedTuple


class Unsaid(NamedTuple):
    """A case that is left out."""

    id: str
    what: str
    why: str


UNSAID = (
    Unsaid(
        "P8",
        "Three nurses, routine tasks and overdoses that need two of them, strictly first come "
        "first served (mean wait 5.657382 and 11.120749).",
        "An overdose is always met before routine tasks that came earlier; there is no way to "
        "make it wait its turn.",
    ),
    Unsaid(
        "P11, time of routine tasks",
        "Overdoses interrupt routine tasks, and while two overdoses wait for each other the third "
        "nurse goes on with routine tasks (mean time in system 20.135851).",
        "A second overdose takes whoever can come, the third nurse, and holds her until the team "
        "is complete. Case P11 is played by this rule, and its routine tasks are compared with the "
        "Markov chain of this rule (22.531091).",
    ),
    Unsaid(
        "N3",
        "A nurse at the start of the stay, some time alone, and a nurse again (10 places; s = 2: "
        "refused .249401, nurse's wait 8.305399; s = 3: .099107, 1.984521).",
        "Staff are asked for before the queue for a place or after the stay, not during it.",
    ),
    Unsaid(
        "T6, queue under `finish` and `hand_over`",
        "Staff by the hour under other rules for the end of a shift: under `hand_over` the mean "
        "time in the queue is .566819 min and .0188940 leave it; of `finish` nothing is known "
        "exactly.",
        "Under `finish` the next hour's staff are complete beside those who finish a task, so that "
        "more are at work than the level says. The figures of `hand_over` are those of a queue in "
        "which everyone may lose patience; here a client whose task has begun does not lose it "
        "any more. Case T6 is played with `finish_pooled`, and these two figures (.557046 min, "
        ".0185682) are compared with Kolmogorov's equations of that rule.",
    ),
)
"""What is left out."""
