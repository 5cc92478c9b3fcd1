"""Try systems with known results until the standard error is one in a hundred of each, or less:
`python -m tests.cities_exact [a case]`.
"""

import sys

from tests.support.city_cases import CASES, sums, with_error

DAYS = 365
BATCH = 12
"""Years that are played before looking again."""


def main(names: list[str]) -> None:
    """Print each result beside what is known; the exit code tells of one that is too far off."""
    far = 0
    for name in names or CASES:
        case, years = CASES[name], 0
        pairs: dict[str, list[tuple[float, float]]] = {what: [] for what in case.known}
        errors = dict.fromkeys(case.known, 1.0)
        while max(errors.values()) > 0.01:
            for what, more in sums(name, DAYS, range(years, years + BATCH)).items():
                pairs[what] += more
                errors[what] = with_error(pairs[what])[1] / case.known[what][0]
            years += BATCH
        for what, (known, _) in case.known.items():
            ratio, error = with_error(pairs[what])
            off = (ratio - known) / error
            far += abs(off) >= 4
            sys.stdout.write(
                f"{name}: {what} {ratio:.6g}, known {known:.6g}; standard error "
                f"{100 * error / known:.2f} %, {off:+.2f} of them off; {years} years\n"
            )
            sys.stdout.flush()
    sys.exit(int(far > 0))


if __name__ == "__main__":
    main(sys.argv[1:])
