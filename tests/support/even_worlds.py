"""Random numbers spread evenly over worlds, as the worlds of a study have them."""

import hashlib

import numpy as np
from scipy.stats import qmc


def even(names, worlds, seed=1):
    """A column of u for each name: Sobol's points, shifted by what the input is called."""
    points = qmc.Sobol(len(names), scramble=False, bits=32).random_base2((worlds - 1).bit_length())
    whole = np.rint(points[:worlds] * 2**32).astype(np.uint64)
    hashes = [hashlib.sha256(f"{seed}|{one}".encode()).digest()[:4] for one in names]
    shift = np.array([int.from_bytes(one, "little") for one in hashes], dtype=np.uint64)
    return ((whole ^ shift) + 0.5) / 2**32
