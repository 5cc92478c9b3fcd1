"""Dates, single ones and stretches, and what differs by date; public holidays.

Which days are holidays is looked up when a scenario is read, with the package `holidays`, and is
then part of it: what goes by them is turned into dates, so that neither engine knows of holidays.
In results the days stand with the scenario, and reading it again looks nothing up.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import CoreSchema, core_schema

from sim.scenario.errors.meant import dates_meant, did_you_mean_any, stretch_meant
from sim.scenario.errors.problem import closest, did_you_mean, show
from sim.scenario.errors.told import told
from sim.scenario.model.base import FIRST_DAY, LAST_DAY, LONGEST_NAME, Factor, Frozen, Label
from sim.scenario.model.hours import DAYS, DayName, Interval, parse_intervals

_DATES = re.compile(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\s+to\s+([0-9]{4}-[0-9]{2}-[0-9]{2}))?\s*")
_MOST_DATES = 3660
"""Ten years of days; more is a slip of the keyboard."""


def parse_dates(value: object) -> tuple[date, ...]:
    """Dates in order, from `2026-06-08`, `2026-06-08 to 2026-06-14` or a list of these.

    Raises:
        ValueError: not a date, a stretch that ends before it begins, or a date named twice.
    """
    found: list[date] = []
    for item in list(value) if isinstance(value, list | tuple) else [value]:
        found += _dates_of(item)
        if len(found) > _MOST_DATES:
            raise ValueError(
                told(
                    "names_more_than_dates_of_ten_years",
                    "names more than {most_dates} dates, of ten years",
                    most_dates=_MOST_DATES,
                )
            )
    known: set[date] = set()
    for day in found:
        if day in known:
            raise ValueError(told("names_twice", "names {day} twice", day=day))
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(
                told(
                    "must_be_dates_from_to_not",
                    "must be dates from {first_day} to {last_day}, not {day}",
                    first_day=FIRST_DAY,
                    last_day=LAST_DAY,
                    day=day,
                )
            )
        known.add(day)
    return tuple(sorted(found))


def _dates_of(item: object) -> list[date]:
    if isinstance(item, date) and not isinstance(item, datetime):
        return [item]
    said = _DATES.fullmatch(item) if isinstance(item, str) else None
    try:
        first = date.fromisoformat(said[1]) if said else None
        last = date.fromisoformat(said[2]) if said and said[2] else first
    except ValueError:
        first = last = None
    if first is None or last is None:
        meant = (stretch_meant(str(item)),) if stretch_meant(str(item)) else dates_meant(str(item))
        raise ValueError(
            told(
                "must_be_dates_such_as_2026_06",
                "must be dates such as 2026-06-08, or 2026-06-08 to 2026-06-14; not {item}{hint}",
                item=show(item),
                hint=did_you_mean_any(meant),
            )
        )
    days = (last - first).days
    if not 0 <= days < _MOST_DATES:
        wrong = (
            told("ends_before_it_begins", "ends before it begins")
            if days < 0
            else told("is_longer_than_ten_years", "is longer than ten years")
        )
        raise ValueError(
            told("to_dates", "{first} to {last} {wrong}", first=first, last=last, wrong=wrong)
        )
    return [first + timedelta(days=number) for number in range(days + 1)]


def date_runs(dates: Iterable[date]) -> list[tuple[date, date]]:
    """Dates in order as stretches of days that follow each other: first and last."""
    runs: list[tuple[date, date]] = []
    for day in dates:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def dates_text(dates: Iterable[date]) -> list[str]:
    """Dates as they are written in a scenario."""
    return [f"{one}" if one == last else f"{one} to {last}" for one, last in date_runs(dates)]


Dates = Annotated[
    tuple[date, ...],
    BeforeValidator(parse_dates),
    PlainSerializer(dates_text),
    WithJsonSchema(
        {
            "type": ["string", "array"],
            "examples": ["2026-06-08 to 2026-06-14", ["2026-06-08", "2026-06-20 to 2026-06-22"]],
        }
    ),
]
"""A set of dates, in order."""

MOST_DATED = 10_000
"""Dates that differ from their weekdays."""

_Value = TypeVar("_Value")


class _ByDate:
    """Reads a map by dates and stretches of dates into one by single dates."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Keys are read here, values as their type says."""
        written = core_schema.dict_schema(
            core_schema.no_info_before_validator_function(
                parse_dates,
                core_schema.any_schema(),
                serialization=core_schema.plain_serializer_function_ser_schema(str),
            ),
            handler.generate_schema(get_args(source)[1]),
        )
        return core_schema.no_info_after_validator_function(_by_single_dates, written)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """What a key looks like, for editors."""
        return {**handler(schema), "propertyNames": {"pattern": f"^{_DATES.pattern}$"}}


def _by_single_dates(written: Mapping[tuple[date, ...], _Value]) -> dict[date, _Value]:
    """A date named alone beats a stretch that holds it."""
    found: dict[date, _Value] = {}
    in_stretch: set[date] = set()
    for days, value in written.items():
        if len(days) > 1:
            if again := sorted(in_stretch.intersection(days)):
                raise ValueError(
                    told(
                        "has_in_two_stretches_of_dates",
                        "has {again} in two stretches of dates",
                        again=again[0],
                    )
                )
            in_stretch.update(days)
            found |= dict.fromkeys(days, value)
    if len(found) + len(written) > MOST_DATED:
        raise ValueError(
            told(
                "names_more_than_dates", "names more than {most_dated} dates", most_dated=MOST_DATED
            )
        )
    alone = [(days[0], value) for days, value in written.items() if len(days) == 1]
    return dict(sorted((found | dict(alone)).items()))


ByDate = Annotated[dict[date, _Value], _ByDate()]
"""A map whose keys are dates, and stretches such as `2026-06-08 to 2026-06-14`."""


# --- public holidays ----------------------------------------------------------------------------

PACKAGE = "holidays"
_NEEDS = told(
    "needs_the_package_holidays_which_is_not",
    "needs the package 'holidays', which is not installed; install it with: "
    "python -m pip install 'dcr-sim[holidays]', or name the days under "
    "holidays.also",
)
_LANGUAGES = ("en", "da", "de", "fr")
_LETTERS = 2
"""Of the code of a country."""
_NAMES_IN = "en_US"
"""Language of the days' names, whatever that of the machine is."""
OnHolidays = Literal["also", "never", "only"]
"""Whether something holds on public holidays as on other days, never then, or only then."""


def _package() -> ModuleType:
    """A package that may not be there."""
    try:
        return import_module(PACKAGE)
    except ImportError:
        raise ValueError(_NEEDS) from None


@cache
def _supported() -> Mapping[str, tuple[str, ...]]:
    """Codes of countries of which holidays are known, with their regions."""
    found = _package().list_supported_countries(include_aliases=False)
    return {code: tuple(regions) for code, regions in found.items()}


@cache
def _countries() -> Mapping[str, str]:
    """The code of each country by its code and by its names, in small letters."""
    named = {code.casefold(): code for code in _supported()}
    locale = import_module("babel").Locale  # it takes its time, and few scenarios need it
    for language in reversed(_LANGUAGES):
        for code, name in locale(language).territories.items():
            if code in _supported():
                named[name.casefold()] = code
    return named


def country_code(country: str) -> str:
    """The two letters of a country.

    Raises:
        ValueError: no holidays are known of it; the message names the nearest.
    """
    known = _countries()
    if (code := known.get(country.strip().casefold())) is not None:
        return code
    near = closest(country.strip().casefold(), tuple(known))
    advice = told(
        "write_two_letters_such_as_dk_or",
        "; write two letters such as DK, or the name, such as Denmark",
    )
    if near is not None:
        advice = told(
            "did_you_mean_dates",
            "; did you mean `{one}`?",
            one=near.title() if len(near) > _LETTERS else near.upper(),
        )
    raise ValueError(
        told(
            "is_no_country_of_which_holidays_are",
            "'{country}' is no country of which holidays are known{advice}",
            country=country,
            advice=advice,
        )
    )


def _region_code(code: str, region: str) -> str:
    """A region as the package calls it.

    Raises:
        ValueError: the country has no such region.
    """
    regions = _supported()[code]
    aliases = getattr(_of_country(code), "subdivisions_aliases", {})
    known = {one.casefold(): one for one in regions}
    known |= {name.casefold(): one for name, one in aliases.items()}
    if (found := known.get(region.strip().casefold())) is not None:
        return found
    if not regions:
        raise ValueError(
            told(
                "of_no_regions_are_known_leave_it",
                "'{region}': of {code} no regions are known; leave it out",
                region=region,
                code=code,
            )
        )
    names = [*regions, *aliases]
    listed = told("known", "; known: {listed}", listed=", ".join(regions))
    hint = did_you_mean(region, names) or listed
    raise ValueError(
        told(
            "is_no_region_of_of_which_holidays",
            "'{region}' is no region of {code} of which holidays are known{hint}",
            region=region,
            code=code,
            hint=hint,
        )
    )


def _of_country(code: str) -> type[Any]:
    """A class of that package, which has no types."""
    found: type[Any] = getattr(_package(), code)
    return found


class Holidays(Frozen):
    """Public holidays, for opening hours, rota, unsocial hours and demand."""

    days: ByDate[Label] | None = None
    """The days by date, as they were found. Results have it; where it stands nothing is looked
    up."""
    source: Label = ""
    """What the days were looked up with. Results have it."""
    country: Label = ""
    """Two letters, such as `DK`, or the name, such as `Denmark`; needs the package `holidays`.
    Without it only the days of `also` are holidays."""
    region: Label = ""
    """Region of the country, such as `BY` or `Bayern`; without it the holidays of all of it."""
    categories: tuple[Label, ...] = Field(default=("public",), min_length=1, max_length=20)
    """Which sorts of days, as the package sorts them: `public`; of some countries also `optional`,
    `bank`, `half_day` and others."""
    also: ByDate[Label] = Field(default_factory=dict)
    """Other days that are as holidays here, with their names: `{2026-12-24: Christmas Eve}`."""
    without: Dates = ()
    """Holidays that are ordinary days here."""

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str, info: ValidationInfo) -> str:
        if country and info.data.get("days") is None:
            country_code(country)
        return country

    @field_validator("region")
    @classmethod
    def _known_region(cls, region: str, info: ValidationInfo) -> str:
        country = info.data.get("country")
        if not region or country is None or info.data.get("days") is not None:
            return region
        if not country:
            raise ValueError(
                told(
                    "is_a_region_without_a_country_name",
                    "is a region without a country; name the country",
                )
            )
        _region_code(country_code(country), region)
        return region

    @field_validator("categories")
    @classmethod
    def _known_categories(
        cls, categories: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        country = info.data.get("country")
        if not country or info.data.get("days") is not None:
            return categories
        known = tuple(_of_country(country_code(country)).supported_categories)
        for one in categories:
            if one not in known:
                hint = did_you_mean(one, known) or told(
                    "known", "; known: {listed}", listed=", ".join(known)
                )
                raise ValueError(
                    told(
                        "is_no_sort_of_holiday_of",
                        "'{one}' is no sort of holiday of {country}{hint}",
                        one=one,
                        country=country,
                        hint=hint,
                    )
                )
        return categories

    def found(self, start: date, last: date) -> "Holidays":
        """The same with the days from one date to another, looked up if they are not there."""
        if self.days is not None:
            return self
        days, source = dict[date, str](), ""
        if self.country:
            package, code = _package(), country_code(self.country)
            language = _NAMES_IN in (getattr(_of_country(code), "supported_languages", ()) or ())
            named = package.country_holidays(
                code,
                subdiv=_region_code(code, self.region) if self.region else None,
                years=range(start.year, last.year + 1),
                categories=self.categories,
                language=_NAMES_IN if language else None,
            )
            days = {on: str(name) for on, name in named.items()}
            source = f"{PACKAGE} {package.__version__}"
        days |= self.also
        kept = {
            on: name[:LONGEST_NAME]
            for on, name in sorted(days.items())
            if start <= on <= last and on not in self.without
        }
        return self.model_copy(update={"days": kept, "source": source})


# --- what differs on them -----------------------------------------------------------------------


def _hours(value: object) -> object:
    return value if value in DAYS else parse_intervals(value)


HolidayHours = Annotated[
    tuple[Interval, ...] | DayName,
    BeforeValidator(_hours),
    PlainSerializer(
        lambda found: found if isinstance(found, str) else [str(one) for one in found] or "closed"
    ),
    WithJsonSchema({"type": ["string", "array"], "examples": ["closed", "sun", "10:00-14:00"]}),
]
"""Hours on public holidays: `closed`, hours, or a weekday whose hours they have, such as `sun`."""


class HolidayDemand(Frozen):
    """How demand differs on public holidays."""

    visits: Factor = 1.0
    """Visits on a public holiday, as a multiple of an ordinary day."""
    overdoses: Factor = 1.0
    """Overdose risk per use on a public holiday, as a multiple of an ordinary day."""


def around(start: date, days: int) -> tuple[date, date]:
    """The first and the last date of which something may play in a horizon of so many days."""
    return start - timedelta(days=1), start + timedelta(days=days)
