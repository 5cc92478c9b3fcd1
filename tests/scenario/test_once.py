"""What follows from a scenario alone is worked out once."""

from sim.scenario.derived import _KEPT, once
from sim.scenario.model.scenario import Scenario
from tests.support.handmade_logs import make_scenario


def test_a_scenario_is_asked_once_and_another_for_itself():
    asked = []

    @once
    def places(scenario: Scenario) -> int:
        asked.append(scenario)
        return scenario.rooms["booths"].places

    small, large = make_scenario(), make_scenario(rooms={"booths": {"places": 7}})
    assert [places(small), places(large), places(small), places(large)] == [2, 7, 2, 7]
    assert len(asked) == 2
    changed = small.model_copy(update={"rooms": large.rooms})
    assert places(changed) == 7


def test_few_are_remembered():
    asked = []
    ask = once(lambda scenario: asked.append(scenario.name))
    sites = [make_scenario(name=f"site-{number}") for number in range(_KEPT + 5)]
    for site in [*sites, sites[-1], sites[0]]:
        ask(site)
    assert asked == [*(site.name for site in sites), "site-0"]
