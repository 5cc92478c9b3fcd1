"""The simple facility: reception, two rooms, patience, cleaning by nurses, aftercare.

It is open round the clock and all times are exponential but cleaning, so that any simulator can
say it in a page.
"""

from dataclasses import dataclass
from functools import cache

from sim.scenario import Scenario

MINUTES_A_DAY = 1440


@dataclass(frozen=True)
class Site:
    """Its figures; times are means in minutes."""

    visits_per_day: float = 700
    days: int = 91
    injecting_share: float = 0.6
    desks: int = 6
    check_in: float = 2
    places: tuple[int, int] = (9, 5)
    """Injecting and smoking."""
    stay: tuple[float, float] = (25, 20)
    patience: float = 30
    """From arrival; it lets nobody leave who is being served."""
    cleaning: float = 3
    """Fixed; a nurse does it."""
    nurses: int = 3
    aftercare_share: float = 0.6
    aftercare: float = 15
    seats: int = 12

    @property
    def minutes(self) -> int:
        """How long is simulated."""
        return self.days * MINUTES_A_DAY

    @property
    def gap(self) -> float:
        """Mean minutes from one arrival to the next."""
        return MINUTES_A_DAY / self.visits_per_day

    @property
    def scale(self) -> float:
        """How much larger than the site with 700 visits a day; places grow with it."""
        return self.visits_per_day / 700


@dataclass(frozen=True)
class Outcome:
    """What a simulator found, to see that it simulated the same site."""

    visits: int
    left: int
    """Without a place, patience at an end."""
    mean_wait: float
    """Minutes in the queue for a place, of those who got one and those who left."""


@cache
def scenario(site: Site) -> Scenario:
    """The site as this project reads it: once, as in a study."""
    times = {"distribution": "exponential"}
    kinds = {
        name: {
            "share": share,
            "rooms": [name],
            "stay": times | {"mean": stay},
            "patience": times | {"mean": site.patience},
            "aftercare": {
                "share": site.aftercare_share,
                "stay": times | {"mean": site.aftercare},
            },
        }
        for name, share, stay in (
            ("injecting", site.injecting_share, site.stay[0]),
            ("smoking", round(1 - site.injecting_share, 9), site.stay[1]),
        )
    }
    rooms = {
        name: {"places": places, "cleaning": {"duration": site.cleaning, "roles": ["nurse"]}}
        for name, places in zip(kinds, site.places, strict=True)
    }
    nurses = {"role": "nurse", "from": "00:00", "to": "24:00", "count": site.nurses}
    text = {
        "name": "simple",
        "horizon": {"days": site.days},
        "opening": {"hours": "24/7"},
        "demand": {"visits_per_day": site.visits_per_day, "profile": "flat"},
        "visits": kinds,
        "rooms": rooms,
        "check_in": {"times": {"known": times | {"mean": site.check_in}}, "desks": site.desks},
        "aftercare": {"seats": site.seats},
        "staff": {
            "roles": {"nurse": {"cost_per_hour": 0}},
            "rota": [{"name": "nurses", **nurses}],
        },
    }
    return Scenario.model_validate(text)
