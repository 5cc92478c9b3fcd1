"""What things are called on the screen: targets, units, settings, figures and parts.

A screen in English names them as a scenario does, so that they can be typed back; in any other
language it says what the pages say.
"""

from sim.measures.figures.staff import shift_labels
from sim.report import ENGLISH
from sim.report.page.phrases import Phrases
from sim.report.page.settings import Changed
from sim.report.page.wording import target_words
from sim.report.page.words import Words, headline_name, part_name
from sim.rota.check.rules import Breach, Rule
from sim.scenario.model.scenario import Scenario
from sim.scenario.model.targets import Target
from sim.scenario.text.read import FACILITIES
from sim.study.compare.comparison import Comparison, Studied
from sim.study.compare.matters import Headline
from sim.study.compare.options import Change, changes


def target_text(words: Words, target: Target, unit: str, currency: str) -> str:
    """A target: `wait.p90 <= 10 min`, or what it asks for in words.

    Args:
        words: the language.
        target: as it was read.
        unit: of its figure.
        currency: of costs.
    """
    if words.lang == ENGLISH:
        return target.text
    return target_words(target.text, unit, words, currency).says


def unit_text(words: Words, unit: str) -> str:
    """A unit, such as `min/week`."""
    if unit == "%":
        return unit
    noun, _, per = unit.partition("/")
    return words["unit.slash"].join(
        words.texts.get(f"unit.{one}", one) for one in (noun, per) if one
    )


def figure_text(words: Words, metric: str, statistic: str, by: str = "all") -> str:
    """A figure and its part: `wait.p90 of room injecting`, or in words."""
    if words.lang == ENGLISH:
        part = "" if by == "all" else f" of {by.replace(':', ' ')}"
        return f"{metric}.{statistic}{part}"
    part = "" if by == "all" else f" ({part_name(words, by)})"
    return f"{headline_name(words, metric, statistic)}{part}"


def row_name(words: Words, headline: Headline) -> str:
    """A headline figure as a row: `mean wait, min`."""
    return words[f"row.{headline.metric}.{headline.statistic}"]


def column_name(words: Words, headline: Headline) -> str:
    """The same as the heading of a narrow column: `wait min`."""
    return words[f"column.{headline.metric}.{headline.statistic}"]


def rule_name(words: Words, rule: Rule) -> str:
    """A rule for rotas."""
    return words[f"rota.rule_{rule.name.lower()}"]


# --- changes ------------------------------------------------------------------------------------


def changed_text(
    change: Change, base: Scenario, option: Scenario, words: Words, *, plain: bool = False
) -> str:
    """`staff.rota.4.count (nurse evening): 2 → 1`: nobody knows the lines of a rota by number.

    Args:
        change: what differs.
        base: the scenario as it is.
        option: what is made of it.
        words: the language.
        plain: whether a line of a rota goes without its name.
    """
    path, scenario = change.path, base if change.new is None else option
    if path[:1] == (FACILITIES,) and not path[2:]:
        key = "city.without" if change.new is None else "city.with"
        return words.say(key, name=words.own(str(path[1])))
    if words.lang != ENGLISH:
        steps = tuple(str(step) for step in path)
        return Phrases(scenario, words).change(Changed(steps, change.old, change.new))
    staff = scenario.staff
    if plain or path[:2] != ("staff", "rota") or not isinstance(path[2], int) or staff is None:
        return str(change)
    where, _, values = str(change).partition(": ")
    return f"{where} ({shift_labels(staff)[path[2]]}): {values}"


def option_name(comparison: Comparison, option: Studied, words: Words) -> str:
    """What an option is called; one without a name of its own by what it changes."""
    return named_by(option.name, comparison.base.scenario, option.scenario, words)


def named_by(name: str, base: Scenario, option: Scenario, words: Words) -> str:
    """The same, of scenarios.

    Args:
        name: the option's own name, or its settings.
        base: the scenario as it is.
        option: what is made of it.
        words: the language.
    """
    if words.lang == ENGLISH or "=" not in name:
        return name
    return (
        "; ".join(changed_text(one, base, option, words) for one in changes(base, option)) or name
    )


# --- settings -----------------------------------------------------------------------------------


def setting_name(words: Words, key: str, scenario: Scenario) -> str:
    """A setting: its key, or what it sets in words."""
    if words.lang == ENGLISH:
        return key
    phrases = Phrases(scenario, words)
    return phrases.name(phrases.path(key))


def design_text(words: Words, key: str, value: object, scenario: Scenario) -> str:
    """A setting with its value: `rooms.smoking.places=8`, or `8 smoking places`."""
    if words.lang == ENGLISH:
        return f"{key}={value}"
    phrases = Phrases(scenario, words)
    return phrases.setting(phrases.path(key), value)


# --- rotas --------------------------------------------------------------------------------------


def breach_text(words: Words, breach: Breach) -> str:
    """`injecting, mon 05:30-06:00: 1 on duty, 2 needed (nurse)`."""
    where, when, what = (words.told(one) for one in (breach.where, breach.when, breach.what))
    return f"{where}, {when}: {what}"


def source_text(words: Words, source: str) -> str:
    """Where a rule comes from: a law by its name, a rule of the scenario as it is there."""
    return words.told(source)
