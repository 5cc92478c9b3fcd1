"""Checks against published facilities: the rooms of North Rhine-Westphalia, and Cologne's."""

from sim.validation.published.checks import Check, Nature, Range, Run
from sim.validation.published.counts import (
    PerPlace,
    UsesIn,
    UsesPerPlaceYear,
    people_per_open_day,
    uses_per_open_day,
    uses_per_person_and_day,
)
from sim.validation.published.figures import Mean

# --- North Rhine-Westphalia ---------------------------------------------------------------------

_NRW = "North Rhine-Westphalia, 2017 and 2019"
_NRW_FILE = "published/nrw-room-2019.yaml"
NRW = Run(_NRW_FILE, replications=8, shorter=("horizon.weeks=4",))
NRW_FULL = Run(_NRW_FILE, replications=4, sets=("demand.factor=8",), shorter=("horizon.weeks=1",))
_NRW_IN = "5 + 5 places, 57 h a week; visits at the published rate per place and mode"
_NRW_SOURCE = "Drogenkonsumraum-Statistik NRW 2017; Drogenkonsumraumbericht NRW 2019"

NRW_CHECKS = (
    Check(
        id="V6.1",
        facility=_NRW,
        went_in=_NRW_IN,
        published="2,202 and 2,256 uses a year per place to inject (± 15 % of 2,256)",
        source=_NRW_SOURCE,
        agreeing=Range(1918, 2594),
        runs=(NRW,),
        figure=Mean(UsesPerPlaceYear("inject")),
        nature=Nature.ARITHMETIC,
        remark="The uses were put in as visits; the room carries them.",
        unit="uses",
    ),
    Check(
        id="V6.2",
        facility=_NRW,
        went_in=_NRW_IN,
        published="3,245 and 3,219 uses a year per place to smoke (± 15 % of 3,219)",
        source=_NRW_SOURCE,
        agreeing=Range(2736, 3702),
        runs=(NRW,),
        figure=Mean(UsesPerPlaceYear("smoke")),
        nature=Nature.ARITHMETIC,
        remark="As V6.1. Hours are those of 2024 for eight of the ten rooms.",
        unit="uses",
    ),
    Check(
        id="V6.3",
        facility=_NRW,
        went_in=_NRW_IN,
        published="a place to smoke is used 1.47 and 1.43 times as often (1.25-1.65)",
        source=_NRW_SOURCE,
        agreeing=Range(1.25, 1.65),
        runs=(NRW,),
        figure=Mean(PerPlace("smoke", "inject")),
        nature=Nature.ARITHMETIC,
        remark="As V6.1.",
        unit="times",
        decimals=2,
    ),
    Check(
        id="V6.4",
        facility=_NRW,
        went_in="the same room with eight times the visits: every place always wanted; stays of "
        "25 min injecting and 20 smoking",
        published="a place to smoke is used 1.47 and 1.43 times as often (1.25-1.65)",
        source=_NRW_SOURCE,
        agreeing=Range(1.25, 1.65),
        runs=(NRW_FULL,),
        figure=Mean(PerPlace("smoke", "inject")),
        nature=Nature.OUTCOME,
        remark="What the assumed stays alone explain, were both kinds of place used to the same "
        "degree. They were not: rooms say that places to smoke are the ones in demand. The ratio "
        "says little about stays.",
        unit="times",
        decimals=2,
    ),
    Check(
        id="V6.5",
        facility=_NRW,
        went_in="as V6.4",
        published="more than the 2,256 uses a year per place to inject that were counted",
        source=_NRW_SOURCE,
        agreeing=Range(2256),
        runs=(NRW_FULL,),
        figure=Mean(UsesPerPlaceYear("inject")),
        nature=Nature.OUTCOME,
        remark="What a place could carry; the published use must not exceed it. It is so much "
        "lower that throughput by year says nothing about waits.",
        unit="uses",
    ),
)

# --- Cologne ------------------------------------------------------------------------------------

_COLOGNE = "Neumarkt, Cologne, January to June 2024"
_KSTA = "Kölner Stadt-Anzeiger 2024, “Crack hat den Neumarkt erobert”"
COLOGNE = Run("published/cologne-neumarkt-2024.yaml", replications=6, shorter=("horizon.weeks=4",))
_COLOGNE_IN = "6 + 6 places, 64.5 h a week, visits a day calibrated"
COLOGNE_CHECKS = (
    Check(
        id="V7.1",
        facility=_COLOGNE,
        went_in=_COLOGNE_IN,
        published="190 uses on a day of opening (± 5 %)",
        source=_KSTA,
        agreeing=Range(180.5, 199.5),
        runs=(COLOGNE,),
        figure=Mean(uses_per_open_day),
        nature=Nature.CALIBRATED,
        remark="Visits a day were chosen for it. Not fitted: with the default stays the twelve "
        "places carry this load.",
        unit="uses",
        decimals=1,
    ),
    Check(
        id="V7.2",
        facility=_COLOGNE,
        went_in=_COLOGNE_IN,
        published="29,508 uses in the half-year (± 5 %)",
        source=_KSTA,
        agreeing=Range(28033, 30983),
        runs=(COLOGNE,),
        figure=Mean(UsesIn(182)),
        nature=Nature.ARITHMETIC,
        remark="190 on each of the 156 days that the hours give; shows that the published hours, "
        "daily and half-yearly counts fit together.",
        unit="uses",
    ),
    Check(
        id="V7.3",
        facility=_COLOGNE,
        went_in="`demand.clients`: 1,000 people (calibrated), spread sigma 1.8",
        published="110-115 different people on a day (± 5 %)",
        source=_KSTA,
        agreeing=Range(104.5, 120.8),
        runs=(COLOGNE,),
        figure=Mean(people_per_open_day),
        nature=Nature.CALIBRATED,
        remark="How many people came in the half-year is not published, and was chosen. In the "
        "model people come independently of when they came last. Those who smoke crack come "
        "several times on one day; then more people are behind the same number a day.",
        unit="people",
        decimals=1,
    ),
    Check(
        id="V7.4",
        facility=_COLOGNE,
        went_in="as V7.3",
        published="1.65-1.73 uses per person and day (± 5 %)",
        source=_KSTA,
        agreeing=Range(1.57, 1.82),
        runs=(COLOGNE,),
        figure=Mean(uses_per_person_and_day),
        nature=Nature.ARITHMETIC,
        remark="V7.1 ÷ V7.3.",
        unit="uses",
        decimals=2,
    ),
)
