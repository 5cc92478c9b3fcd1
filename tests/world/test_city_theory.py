"""Systems whose results are known exactly; `python -m tests.cities_exact` tries them for long."""

import pytest

from tests.support.city_cases import CASES, sums, with_error

DAYS = 17
QUICK = [name for name, case in CASES.items() if case.warm_up < DAYS]


@pytest.mark.parametrize("name", QUICK)
def test_a_system_with_a_known_result(name: str):
    for what, pairs in sums(name, DAYS, range(10)).items():
        (ratio, error), (known, _) = with_error(pairs), CASES[name].known[what]
        assert abs(ratio - known) < 4 * error, (what, ratio, error)
