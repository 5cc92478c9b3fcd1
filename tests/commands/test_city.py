"""A city on the command line, as a planner would have it: whole, changed, asked of one house."""

import json
import re

import pandas as pd
import pytest

from tests import ROOT
from tests.support.command import dcr_sim

SITE = """
name: house
opening: {hours: 08:00-20:00}
demand: {visits_per_day: 40, profile: flat}
visits:
  use:
    rooms: [room]
    stay: {distribution: exponential, mean: 20}
    patience: {distribution: fixed, value: 15}
rooms: {room: {places: 2}}
waiting_area: {seats: 3}
staff:
  currency: DKK
  roles: {nurse: {cost_per_hour: 255}}
  rota:
    - {role: nurse, from: 08:00, to: 14:00}
    - {role: nurse, from: 14:00, to: 20:00}
"""
CITY = """
name: town
title: Two houses
horizon: {weeks: 1}
demand: {visits_per_day: 120, profile: flat}
visits: {use: {share: 1.0}}
facilities:
  north: {file: house.yaml}
  south: {file: house.yaml, opening: {hours: 12:00-24:00}}
choice:
  prefer: {north: 0.5, south: 0.5}
  walk: {north: {south: 5}}
  returns: {share: 0.2, after: {distribution: exponential, mean: 60}}
targets:
  - needs_met.share >= 90 %
  - wait.p80 of facility north, room room <= 10 min
variants:
  late: {facilities: {north: {opening: {hours: 08:00-24:00}}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    there = tmp_path_factory.mktemp("town")
    (there / "house.yaml").write_text(SITE, encoding="utf-8")
    (there / "town.yaml").write_text(CITY, encoding="utf-8")
    return there
