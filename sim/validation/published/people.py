"""Checks against published facilities: how many come, and who how often."""

from sim.validation.published.checks import Check, Nature, Range, Run
from sim.validation.published.counts import (
    MadeByBusiest,
    UsedAtLeast,
    uses_on_busiest_day,
    visits_per_person,
)
from sim.validation.published.figures import Mean, Row

# --- who comes how often ------------------------------------------------------------------------

_PORTO = "Porto, first six months, 2022-23"
_LUSA = "Lusa in Jornal Renovação, May 2023"
PORTO = Run("published/porto-2022.yaml", replications=10, quick=2, drawn_only=True)
_PORTO_IN = (
    "`demand.clients`: 1,612 people and a spread sigma of 1.8 (both calibrated); 22,439 uses"
)
_SHAPE = (
    "Sigma was chosen near the value that fits this very tail (1.7 to 1.8): what is left to test "
    "is the lognormal shape. Drawn, not simulated."
)
PORTO_CHECKS = (
    Check(
        id="V17.1",
        facility=_PORTO,
        went_in=_PORTO_IN,
        published="18.2 uses per person: 22,439 by 1,234 (± 5 %)",
        source=_LUSA,
        agreeing=Range(17.3, 19.1),
        runs=(PORTO,),
        figure=Mean(visits_per_person),
        nature=Nature.CALIBRATED,
        remark="The number of people in the scenario, some of whom never come, was chosen for it.",
        unit="uses",
        decimals=1,
    ),
    Check(
        id="V17.2",
        facility=_PORTO,
        went_in=_PORTO_IN,
        published="29 % came ten times or more (± 5 points)",
        source=_LUSA,
        agreeing=Range(0.24, 0.34),
        runs=(PORTO,),
        figure=Mean(UsedAtLeast(10)),
        nature=Nature.CALIBRATED,
        remark=_SHAPE,
        decimals=1,
        percent=True,
    ),
    Check(
        id="V17.3",
        facility=_PORTO,
        went_in=_PORTO_IN,
        published="8 % came fifty times or more (4-12 %)",
        source=_LUSA,
        agreeing=Range(0.04, 0.12),
        runs=(PORTO,),
        figure=Mean(UsedAtLeast(50)),
        nature=Nature.CALIBRATED,
        remark=_SHAPE,
        decimals=1,
        percent=True,
    ),
    Check(
        id="V17.4",
        facility=_PORTO,
        went_in=_PORTO_IN,
        published="1.2 % came two hundred times or more (0.6-2.4 %)",
        source=_LUSA,
        agreeing=Range(0.006, 0.024),
        runs=(PORTO,),
        figure=Mean(UsedAtLeast(200)),
        nature=Nature.CALIBRATED,
        remark=_SHAPE,
        decimals=2,
        percent=True,
    ),
    Check(
        id="V17.5",
        facility="Insite, Vancouver, 2008",
        went_in=_PORTO_IN,
        published="the busiest 18 % of clients make 86 % of the visits (73-91 %)",
        source="Expert Advisory Committee on Supervised Injection Site Research 2008",
        agreeing=Range(0.73, 0.91),
        runs=(PORTO,),
        figure=Mean(MadeByBusiest(0.18)),
        nature=Nature.CALIBRATED,
        remark="Another site and an unknown span than Porto's: the longer people are followed, the "
        "more unequal they look. With sigma 1.8 the share is lower than at Insite; 2.0 would fit "
        "better there. Drawn, not simulated.",
        decimals=1,
        percent=True,
    ),
)

# --- Copenhagen ---------------------------------------------------------------------------------

_COPENHAGEN = "Copenhagen's rooms, first year, 2012-13"
COPENHAGEN = Run(
    "copenhagen-2013.yaml", replications=5, sets=("horizon.weeks=52",), shorter=("horizon.weeks=4",)
)
_COPENHAGEN_IN = (
    "22 places of three rooms, 465 visits a day (calibrated), 1.3 and 0.13 overdoses "
    "per 1,000 uses injecting and smoking"
)
COPENHAGEN_CHECKS = (
    Check(
        id="V18.1",
        facility=_COPENHAGEN,
        went_in=_COPENHAGEN_IN,
        published="406 uses a day on average, 435 from 135 overdoses at 0.85 per 1,000 (330-560)",
        source="Danish Health Ministry, 27 May 2015; The Fix, 23 December 2013",
        agreeing=Range(330, 560),
        runs=(COPENHAGEN,),
        figure=Row("uses", "per_day"),
        nature=Nature.CALIBRATED,
        remark="Visits a day were chosen for 435 uses.",
        unit="uses",
    ),
    Check(
        id="V18.2",
        facility=_COPENHAGEN,
        went_in=_COPENHAGEN_IN,
        published="0.85 overdoses per 1,000 uses (± 15 %)",
        source="Danish Health Ministry, 27 May 2015: 301 in about 355,000 uses",
        agreeing=Range(0.72, 0.98),
        runs=(COPENHAGEN,),
        figure=Row("overdoses", "per_1000_uses"),
        nature=Nature.ARITHMETIC,
        remark="The risks by mode were split so that this comes out; the split is an assumption.",
        unit="per 1,000",
        decimals=2,
    ),
    Check(
        id="V18.3",
        facility=_COPENHAGEN,
        went_in=_COPENHAGEN_IN,
        published="135 overdoses in the first year (102-174: 0.85 per 1,000 of 330 to 560 a day)",
        source="The Fix, 23 December 2013",
        agreeing=Range(102, 174),
        runs=(COPENHAGEN,),
        figure=Row("overdoses", "per_year"),
        nature=Nature.ARITHMETIC,
        remark="V18.1 × V18.2 × 365. Two accounts that do not know of each other fit together.",
        unit="a year",
    ),
    Check(
        id="V18.4",
        facility=_COPENHAGEN,
        went_in=_COPENHAGEN_IN,
        published="“up to 800 injections per day” (406-800)",
        source="The Fix, 23 December 2013",
        agreeing=Range(406, 800),
        runs=(COPENHAGEN,),
        figure=Mean(uses_on_busiest_day),
        nature=Nature.OUTCOME,
        remark="Uses on the busiest day of a year. Below the newspaper's 800, which no input "
        "was stretched to reach: days differ here by a CV of 0.14 and 1.2 times on benefit days.",
        unit="uses",
    ),
)
