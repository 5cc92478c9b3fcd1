"""A city of two houses and a yard, small enough to be played in a second."""

from pathlib import Path

HOUSE = """\
name: house
title: Huset på Vesterbro, Åboulevarden
opening: {hours: 08:00-20:00}
demand: {visits_per_day: 40, profile: flat}
visits:
  inject:
    rooms: [injecting]
    stay: {distribution: exponential, mean: 20} # assumption (15-30)
    patience: {distribution: fixed, value: 15}
    overdose: {per_1000: 20, onset: 4}
rooms: {injecting: {places: 2}}
waiting_area: {seats: 3}
supervision:
  - {rooms: [injecting], roles: [nurse], minimum: 1}
overdose:
  severities:
    any: {share: 1, team: [[nurse]], intensive: 10}
staff:
  roles: {nurse: {cost_per_hour: 255}}
  rota:
    - {role: nurse, from: 08:00, to: "20:00", count: 2}
"""
YARD = """\
name: yard
title: Gården
opening: {hours: 08:00-20:00}
demand: {visits_per_day: 40, profile: flat}
visits:
  inject:
    rooms: [outside]
    stay: {distribution: exponential, mean: 20}
rooms: {outside: {places: 1}}
"""
TOWN = """\
name: town
title: Byens huse
horizon: {weeks: 1, start: 2026-03-02}
demand: {visits_per_day: 120, profile: flat} # assumption (100-140)
visits: {inject: {share: 1.0}}
facilities:
  north: {file: house.yaml}
  south:
    file: house.yaml
    title: The house in the south
    opening: {hours: 12:00-22:00}
    staff: {rota: [{role: nurse, from: 12:00, to: "22:00", count: 2}]}
  yard: {file: yard.yaml, supervised: false}
choice:
  prefer: {north: 0.6, south: 0.4}
  walk: {north: {south: 5}, yard: 3}
  diverts: {reneged: 0.6} # assumption (0.3-0.9)
targets:
  - needs_met.share >= 90 %
  - wait.p90 of facility north, room injecting <= 10 min
"""
CHANGES = (
    *("--alt", "facilities.south=null", "--alt", "facilities.yard=null"),
    *("--alt", "facilities.north.rooms.injecting.places=4"),
)
"""Options of `compare`: one house fewer, no yard, two places more."""


def write_town(folder: Path) -> Path:
    """The city's files.

    Args:
        folder: where they are put.

    Returns:
        The city's own.
    """
    for name, text in (("house", HOUSE), ("yard", YARD), ("town", TOWN)):
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder / "town.yaml"
