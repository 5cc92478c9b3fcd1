"""The simple facility in Ciw, as near as its networks come: no nurses, and a seat for everybody.

Cleaning is part of the stay, and patience begins after registration. So Ciw has less to do
than the others.
"""

import ciw
import numpy as np

from benchmarks.engines.site import Outcome, Site


def play(site: Site, seed: int) -> Outcome:
    """One replication."""
    exponential, never = ciw.dists.Exponential, None
    share, after = site.injecting_share, site.aftercare_share
    patience = exponential(1 / site.patience)
    network = ciw.create_network(
        arrival_distributions=[exponential(1 / site.gap), never, never, never],
        service_distributions=[
            exponential(1 / site.check_in),
            *(exponential(1 / stay) + ciw.dists.Deterministic(site.cleaning) for stay in site.stay),
            exponential(1 / site.aftercare),
        ],
        number_of_servers=[site.desks, *site.places, float("inf")],
        routing=[
            [0.0, share, 1 - share, 0.0],
            [0.0, 0.0, 0.0, after],
            [0.0, 0.0, 0.0, after],
            [0.0, 0.0, 0.0, 0.0],
        ],
        reneging_time_distributions=[never, patience, patience, never],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(site.minutes)
    records = simulation.get_all_records(only=["service", "renege"])
    rooms = [record for record in records if record.node in {2, 3}]
    left = sum(record.record_type == "renege" for record in rooms)
    arrived = simulation.nodes[0].number_of_individuals
    return Outcome(arrived, left, float(np.mean([record.waiting_time for record in rooms])))
