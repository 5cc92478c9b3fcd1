"""The figure that a target means or a planner names; where there is none, what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from sim.measures import HourRow, Interval, Row
from sim.scenario.errors.problem import did_you_mean
from sim.scenario.errors.told import told
from sim.scenario.model.targets import (
    PERIODS,
    RENAMED,
    Limit,
    Target,
    minutes_within,
    probability_of,
    usual_name,
    usual_statistic,
    why_no_statistic,
)

_WHERE_THERE_IS = {
    "crowd": told(
        "there_is_a_crowd_where_demand_crowd",
        "; there is a crowd where demand.crowd_at_opening is above 0",
    ),
    "staff": told(
        "staff_have_a_cost_where_a_role", "; staff have a cost where a role has cost_per_hour"
    ),
    "places": told(
        "places_have_a_cost_where_has", "; places have a cost where `costs` has `place`"
    ),
    "opening": told(
        "hours_of_opening_have_a_cost_where",
        "; hours of opening have a cost where `costs` has `opening_hour`",
    ),
}
"""When there are figures of a part that has no name of its own."""
_NO_RULE = told(
    "there_is_one_where_a_rule_of", "there is one where a rule of `supervision` asks for staff"
)
_NO_OVERDOSES = told(
    "there_is_one_where_a_kind_of", "there is one where a kind of visit has `overdose`"
)
_WHEN_THERE_IS = {
    **dict.fromkeys(
        ("out_of_order", "outages"),
        told("there_is_one_where_a_room_has", "there is one where a room has `failures`"),
    ),
    "closed_on_dates": told(
        "there_is_one_where_a_room_has_targets", "there is one where a room has `dates`"
    ),
    "door_wait": told(
        "nobody_waits_at_the_door_where_opening",
        "nobody waits at the door where opening.wait_at_door is 0",
    ),
    "cost": told(
        "there_is_one_where_a_role_has",
        "there is one where a role has cost_per_hour, or where there are `costs`",
    ),
    **dict.fromkeys(("intake_paused", "place_unusable", "below_cover", "role_missing"), _NO_RULE),
    **dict.fromkeys(("response_first", "response_team", "nobody_free"), _NO_OVERDOSES),
}
"""When there are figures of a metric that not every site has."""


class TargetError(ValueError):
    """There is no figure for a target; the message says what would be right."""


@dataclass(frozen=True)
class Candidate:
    """A row of a table that a target may be about."""

    number: int
    """Position of the row."""
    metric: str
    statistic: str
    """Empty in the by-hour table."""
    by: str
    unit: str
    interval: Interval
    probability: float = nan
    """Of a quantile."""

    @property
    def name(self) -> str:
        """As a target calls it."""
        return f"{self.metric}.{self.statistic}" if self.statistic else self.metric


@dataclass(frozen=True)
class TargetFigure:
    """The figure that a target means."""

    figure: Candidate
    limit: float
    """In the figure's unit."""


def find(target: Target, rows: Sequence[Row], hours: Sequence[HourRow]) -> TargetFigure:
    """The figure that a target means.

    Args:
        target: from the scenario.
        rows: the summary's rows.
        hours: the by-hour table's rows.

    Raises:
        TargetError: there is no such figure, or none in that unit.
    """
    if target.hour is None:
        all_figures = [
            Candidate(
                number, row.metric, row.statistic, row.by, row.unit, row.interval, row.probability
            )
            for number, row in enumerate(rows)
        ]
        named = _named_in_summary(target, all_figures)
    else:
        all_figures = [
            Candidate(number, row.metric, "", row.by, row.unit, row.interval, row.probability)
            for number, row in enumerate(hours)
        ]
        named = _named_by_hour(target, all_figures)
    about = [figure for figure in named if figure.by == target.by]
    if not about:
        parts = list(dict.fromkeys(figure.by for figure in named))
        known = did_you_mean(target.by, parts) or told(
            "it_is_known_of", "; it is known of {listed}", listed=_listed(parts)
        )
        known += _WHERE_THERE_IS.get(target.by, "")
        raise TargetError(
            told(
                "is_not_known_of",
                "'{text}': {written} is not known of {by}{known}",
                text=target.text,
                written=_written(target),
                by=target.by,
                known=known,
            )
        )
    return _with_limit(target, about)


def _named_in_summary(target: Target, figures: list[Candidate]) -> list[Candidate]:
    metric, statistic = target.figure
    of_metric = [figure for figure in figures if figure.metric == metric]
    if not of_metric:
        metrics = list(dict.fromkeys(figure.metric for figure in figures))
        known = _other_name(metric, metrics) or told(
            "known", "; known: {listed}", listed=_listed(metrics)
        )
        raise TargetError(
            told(
                "is_not_a_metric_of_this_scenario",
                "'{text}': '{metric}' is not a metric of this scenario{known}",
                text=target.text,
                metric=target.metric,
                known=known,
            )
        )
    named = [figure for figure in of_metric if statistic in ("", figure.statistic)]
    if not named and _is_free(statistic) and target.by not in {one.by for one in of_metric}:
        return of_metric  # the statistic may be any; it is the part that there is none of
    if not named:
        statistics = list(dict.fromkeys(figure.statistic for figure in of_metric))
        known = _other_statistic(metric, statistic, statistics)
        raise TargetError(
            told(
                "has_no_statistic",
                "'{text}': {metric} has no statistic '{statistic}'{known}",
                text=target.text,
                metric=metric,
                statistic=statistic,
                known=known,
            )
        )
    return named


def _named_by_hour(target: Target, figures: list[Candidate]) -> list[Candidate]:
    """`wait.mean` is `wait_mean` in the by-hour table; `wait` alone may be any `wait_…`."""
    metric, statistic = target.figure
    wanted = f"{metric}_{statistic}" if statistic else metric
    longer = () if target.statistic else (f"{wanted}_",)
    named = [
        figure for figure in figures if figure.metric == wanted or figure.metric.startswith(longer)
    ]
    if not named:
        metrics = list(dict.fromkeys(figure.metric for figure in figures))
        known = _renamed(metric, statistic) or _hint(statistic) or _nearest(wanted, metrics)
        raise TargetError(
            told(
                "is_not_known_by_the_hour",
                "'{text}': '{wanted}' is not known by the hour{known}",
                text=target.text,
                wanted=wanted,
                known=known,
            )
        )
    return named


def _written(target: Target) -> str:
    """Metric and statistic, their usual names in place of short ones."""
    metric, statistic = target.figure
    return f"{metric}.{statistic}" if statistic else metric


def figure_named(text: str, rows: Sequence[Row]) -> tuple[str, str]:
    """Metric and statistic of a figure that somebody names, such as `response.within_1`.

    Args:
        text: the name.
        rows: of the figures there are.

    Raises:
        TargetError: there is none such; the message says what would be right.
    """
    metric, statistic = usual_name(text)
    statistics = [row.statistic for row in rows if row.metric == metric]
    if statistic in statistics:
        return metric, statistic
    known = sorted({f"{row.metric}.{row.statistic}" for row in rows})
    why: str
    if statistics and _is_free(statistic):
        why = told(
            "a_target_on_in_the_scenario_adds",
            "; a target on {metric}.{statistic} in the scenario adds it to the figures",
            metric=metric,
            statistic=statistic,
        )
    else:
        why = _renamed(metric, statistic) or _hint(statistic) or did_you_mean(text, known)
    raise TargetError(
        told("there_is_no_figure", "there is no figure {text}{why}", text=text, why=why)
    )


def _renamed(metric: str, statistic: str) -> str:
    """What a name of an earlier version is now; nothing for others."""
    name = f"{metric}.{statistic}" if statistic else metric
    for old in (name, metric):
        if old in RENAMED:
            return told(
                "was_renamed_to", "; {old} was renamed to {renamed}", old=old, renamed=RENAMED[old]
            )
    return ""


def _other_name(metric: str, metrics: list[str]) -> str:
    if why := _WHEN_THERE_IS.get(metric):
        return f"; {why}"
    return _renamed(metric, "") or did_you_mean(metric, metrics)


def _other_statistic(metric: str, statistic: str, known: list[str]) -> str:
    """What a statistic that there is not may be: renamed, misspelt, or of other parts only."""
    return _renamed(metric, statistic) or _hint(statistic) or _nearest(statistic, known)


def _hint(statistic: str) -> str:
    """What is wrong with a percentile, or with a share of longer ones; nothing else."""
    why = why_no_statistic(statistic)
    if why is None and statistic.startswith("over_"):
        within = usual_statistic(f"within_{statistic.removeprefix('over_')}")
        if minutes_within(within) is not None:
            why = told(
                "use_the_share_of_the_others",
                "use {within}, the share of the others",
                within=within,
            )
    return "" if why is None else f"; {why}"


def _is_free(statistic: str) -> bool:
    """Whether it is a percentile or a share within a time, of which a target may want any."""
    return minutes_within(statistic) is not None or probability_of(statistic) is not None


def _nearest(wrong: str, known: list[str]) -> str:
    near = "" if _is_free(wrong) else did_you_mean(wrong, known)
    return near or told("known", "; known: {listed}", listed=_listed(known))


def _with_limit(target: Target, about: list[Candidate]) -> TargetFigure:
    """Of several statistics of a metric, the one that is measured in the limit's unit."""
    limits = [(figure, limit_in(target.limit, figure.unit)) for figure in about]
    fitting = [TargetFigure(figure, limit) for figure, limit in limits if limit is not None]
    if not fitting:
        units = _listed(
            list(
                dict.fromkeys(
                    told(
                        "in",
                        "{name} in {plain_unit}",
                        name=one.name,
                        plain_unit=_plain_unit(one.unit),
                    )
                    for one in about
                )
            )
        )
        raise TargetError(
            told(
                "the_limit_is_in_another_unit_there",
                "'{text}': the limit is in another unit; there is {units}",
                text=target.text,
                units=units,
            )
        )
    if target.limit.per and len({one.figure.unit for one in fitting}) == len(fitting):
        # One rate by the week and by the year: the one that was written, else either will do.
        same = [one for one in fitting if one.figure.unit.endswith(f"/{target.limit.per}")]
        fitting = (same or fitting)[:1]
    if len(fitting) > 1:
        names = _listed([found.figure.name for found in fitting])
        raise TargetError(
            told(
                "may_mean_several_figures_say_which_of",
                "'{text}' may mean several figures; say which of {names}",
                text=target.text,
                names=names,
            )
        )
    if fitting[0].figure.interval is Interval.HIGHEST:
        raise TargetError(
            told(
                "the_highest_of_all_replications_grows_with",
                "'{text}': the highest of all replications grows with their number and has "
                "no interval; use {metric}.peak where there is one",
                text=target.text,
                metric=fitting[0].figure.metric,
            )
        )
    return fitting[0]


def limit_in(limit: Limit, unit: str) -> float | None:
    """A limit in the unit of a figure; None if that makes no sense.

    Args:
        limit: as it was written; without a unit it is in the figure's.
        unit: such as `min`, `share`, `visits/day`, `hours/week`.
    """
    noun, _, period = unit.partition("/")
    number = _in_noun(limit, noun)
    if number is None or limit.per in ("", period):
        return number
    if limit.per in PERIODS and period in PERIODS:
        return number * PERIODS[period] / PERIODS[limit.per]
    return None


def _in_noun(limit: Limit, noun: str) -> float | None:
    number = limit.number
    if noun == "share":
        if limit.unit == "%":
            return round(number / 100, 12)  # 1.3 % is 0.013, and not a digit more
        return number if not limit.unit and number <= 1 else None
    if noun == "hours" and limit.unit == "min":
        return number / 60
    same = limit.unit.removesuffix("s") in ("", noun.removesuffix("s"))
    return number if same else None


def _plain_unit(unit: str) -> str:
    return "%" if unit == "share" else unit.replace("/", " per ")


def _listed(names: list[str], most: int = 12) -> str:
    more = ", …" if len(names) > most else ""
    return ", ".join(names[:most]) + more
