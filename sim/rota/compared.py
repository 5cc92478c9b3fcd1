"""What a comparison says of rotas beside its figures: rules broken, and the hours of the week."""

from collections.abc import Mapping, Sequence

import pandas as pd

from sim.rota.check import breaches_table, check_rota
from sim.rota.rules import Breach
from sim.study.compare.comparison import Studied

BY_HOUR = (
    *("staff_busy_share", "staff_present", "below_cover", "role_missing", "nobody_free"),
    *("intake_paused", "place_unusable"),
)
"""Of the by-hour table, what is about staff."""


def breaches_of(options: Sequence[Studied]) -> dict[str, tuple[Breach, ...]]:
    """By option, the rules that its rota breaks; none for a site without staff."""
    return {
        one.name: check_rota(one.scenario).breaches
        for one in options
        if one.scenario.staff is not None
    }


def all_breaches(breaches: dict[str, tuple[Breach, ...]]) -> pd.DataFrame:
    """`option, rule, where, when, what, hours_per_week, source`."""
    tables = {name: breaches_table(found) for name, found in breaches.items()}
    return _together(tables)


def hours_table(options: Sequence[Studied]) -> pd.DataFrame:
    """The by-hour rows about staff of every option, with their intervals."""
    return _together({one.name: _of_staff(one.result.by_hour) for one in options})


def _of_staff(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["metric"].isin(BY_HOUR)]


def _together(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables of the options below each other, the option's name in the first column."""
    parts = [table.copy() for table in tables.values()]
    for name, part in zip(tables, parts, strict=True):
        part.insert(0, "option", name)
    return pd.concat(parts, ignore_index=True)


def busiest_hour(option: Studied) -> tuple[str, int, float] | None:
    """The role, hour of the week and share of the hour in which staff are busiest."""
    table = option.result.by_hour
    mine = table[(table["metric"] == "staff_busy_share") & table["value"].notna()]
    if mine.empty:
        return None
    row = mine.iloc[int(mine["value"].to_numpy().argmax())]
    return str(row["by"]).removeprefix("role:"), int(row["hour_of_week"]), float(row["value"])
