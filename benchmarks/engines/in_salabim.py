"""The simple facility in salabim, without yield: a component for each visitor."""

import numpy as np
import salabim as sb

from benchmarks.engines.site import Outcome, Site


def play(site: Site, seed: int) -> Outcome:
    """One replication."""
    sb.yieldless(value=True)
    env = sb.Environment(trace=False, random_seed=seed)
    random = np.random.default_rng(seed)
    desk = sb.Resource("desk", capacity=site.desks)
    rooms = [sb.Resource("room", capacity=places, anonymous=True) for places in site.places]
    nurses = sb.Resource("nurses", capacity=site.nurses)
    seats = sb.Resource("seats", capacity=site.seats)
    waits: list[float] = []
    count = {"visits": 0, "left": 0}

    class Cleaning(sb.Component):
        def setup(self, room: sb.Resource) -> None:
            self.room = room

        def process(self) -> None:
            self.request(nurses)
            self.hold(site.cleaning)
            self.release(nurses)
            self.room.release(1)

    class Visit(sb.Component):
        def process(self) -> None:
            kind = int(random.random() >= site.injecting_share)
            until = env.now() + random.exponential(site.patience)
            self.request(desk, fail_at=until)
            if self.failed():
                count["left"] += 1
                return
            self.hold(random.exponential(site.check_in))
            self.release(desk)
            asked = env.now()
            self.request(rooms[kind], fail_at=max(asked, until))
            waits.append(env.now() - asked)
            if self.failed():
                count["left"] += 1
                return
            self.hold(random.exponential(site.stay[kind]))
            Cleaning(room=rooms[kind])
            if random.random() < site.aftercare_share:
                self.request(seats, fail_delay=0)
                if not self.failed():
                    self.hold(random.exponential(site.aftercare))

    class Arrivals(sb.Component):
        def process(self) -> None:
            while True:
                self.hold(random.exponential(site.gap))
                count["visits"] += 1
                Visit()

    Arrivals()
    env.run(till=site.minutes)
    return Outcome(count["visits"], count["left"], float(np.mean(waits)))
