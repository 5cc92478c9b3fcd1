"""Systems whose results are known exactly; `python -m tests.cities_exact` tries them for long."""

import pytest

from tests.support.city_cases import CASES, sums, with_error


@pytest.mark.parametrize("name", CASES)
def test_a_system_with_a_known_result(name: str):
    case = CASES[name]
    for what, pairs in sums(case, 17, range(10)).items():
        (ratio, error), (known, _) = with_error(pairs), case.known[what]
        assert abs(ratio - known) < 4 * error, (what, ratio, error)
