"""Where to put more places in a city, as files."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.results.files import write_json, write_tables
from sim.results.folder import writing
from sim.results.manifest import Run, write_manifest
from sim.results.scenario import write_notes, write_scenario
from sim.scenario.text.notes import Note
from sim.size.city.places import Placing, RankedWay, Standing, Tried
from sim.study.compare.matters import Better, matter_named, verdict
from sim.study.estimate.targets import targets_table


def write_placing(found: Placing, run: Run, folder: Path, notes: Sequence[Note] = ()) -> None:
    """Write the table of ways, the best of them as a scenario, and the manifest.

    Args:
        found: where the places are to be put.
        run: how it was run.
        folder: an existing folder, such as a draft of new results.
        notes: what the planner wrote beside the numbers.

    Raises:
        ResultsError: a file cannot be written.
    """
    tables = {"ways": ways_table(found)}
    if found.best.judged:
        tables["targets"] = targets_table(found.best.judged, found.best.count)
    write_tables(tables, folder)
    with writing(folder):
        write_json(placing_contents(found), folder / "places.json")
        write_notes(notes, folder)
        write_scenario(found.city, folder / "scenario.yaml")
        write_scenario(found.best.scenario, folder / "chosen.yaml")
        write_manifest(folder, found.city, {"seed": found.seed}, run)


def ways_table(found: Placing) -> pd.DataFrame:
    """Every way, the best first.

    `way` counts them; then what is known of it, the places that each room gets, the share of needs
    unmet with its 95 % interval, how much more that is than in the best way with an interval that
    holds together with those of all ways, the cost of a year, the targets that are surely missed,
    and in the houses that get places the minutes a week in which free places cannot be used for
    want of staff, more than as it is.
    """
    return pd.DataFrame(
        [
            {
                "way": number,
                "verdict": one.standing.value,
                **dict(zip((spot.name for spot in found.spots), one.tried.way, strict=True)),
                "value": one.tried.unmet.value,
                "ci_low": one.tried.unmet.low,
                "ci_high": one.tried.unmet.high,
                **_apart(one),
                "cost_per_year": one.tried.cost,
                "misses": "; ".join(one.tried.misses),
                "unusable_more": sum(more for _, more, _ in unusable_more(found, one.tried)),
                "replications": one.tried.count,
            }
            for number, one in enumerate(found.ranked, start=1)
        ]
    )


def _apart(one: RankedWay) -> dict[str, float]:
    apart = one.apart
    if one.standing is Standing.BEST:
        return dict.fromkeys(("more", "more_low", "more_high"), 0.0)
    return {"more": apart.value, "more_low": apart.low, "more_high": apart.high}


def unusable_more(found: Placing, one: Tried) -> list[tuple[str, float, float]]:
    """The houses that get places in a way, each with minutes a week.

    The minutes are those in which free places cannot be used for want of staff: more than as it is,
    and in all. A house without rules of supervision has none.
    """
    houses = dict.fromkeys(
        spot.facility for spot, more in zip(found.spots, one.way, strict=True) if more
    )
    minutes = {name: one.unusable[name] for name in houses if one.unusable[name] >= 0}
    return [(name, now - found.base.unusable[name], now) for name, now in minutes.items()]


def placing_contents(found: Placing) -> dict[str, object]:
    """What the page, and the screen, say of the ways."""
    matter, gain = matter_named("needs_unmet", "share"), found.gain
    margin = matter.margin_of(found.base.unmet.value)
    judged = verdict(gain.value, gain.low, gain.high, Better.LESS, margin)
    least = matter_named("place_unusable", "minutes_per_week").margin
    return {
        "scenario": found.city.name,
        "seed": found.seed,
        "confidence": found.confidence,
        "currency": found.city.currency,
        "places": found.number,
        "step": found.step,
        "ways": len(found.ranked),
        "margin": margin,
        "rooms": [
            {"name": one.name, "facility": one.facility, "room": one.room, "places": one.places}
            for one in found.spots
        ],
        "left_out": found.left_out,
        "as_it_is": {**found.base.unmet._asdict(), "cost_per_year": found.base.cost},
        "best": {
            "added": list(found.best.way),
            **found.best.unmet._asdict(),
            "cost_per_year": found.best.cost,
            "replications": found.best.count,
        },
        "change": {"value": gain.value, "low": gain.low, "high": gain.high},
        "helps": judged.finding.value,
        "numbers": {one.value: found.of(one) for one in Standing},
        "targets": len(found.best.judged),
        "targets_seem_met": found.best.seems_to_meet,
        "unusable": [
            {"facility": name, "more": more, "minutes": now}
            for name, more, now in unusable_more(found, found.best)
            if more >= least
        ],
    }
