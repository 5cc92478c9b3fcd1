"""Tasks that would end after the shift, where none is begun (`begin_late: false`).

The site is open from minute 0 to 180; one worker until 60, another from 90.
"""

import pytest

from tests.support.played import Played, play

SITE = """
opening: {hours: 00:00-03:00}
visits:
  long: {share: 0.5, services: {talk: 1}}
  short: {share: 0.5, services: {word: 1}}
services:
  talk: {duration: 30, roles: [worker]}
  word: {duration: 5, roles: [worker]}
staff:
  roles: {worker: {}}
  begin_late: false
  rota:
    - {role: worker, from: 00:00, to: 01:00}
    - {role: worker, from: 01:30, to: 03:00}
"""
BEGUN = "staff.begin_late=true"
NEVER = float("inf")


def starts(played: Played, service: str) -> list[float]:
    """When a service was begun, of those who got it."""
    return [start for _, start, _ in played.service(service) if start is not None]


def test_a_task_that_would_end_after_the_shift_is_not_begun():
    played = play(SITE, arrivals=[(50, "long"), (52, "short")])
    # Half an hour at 50 would end at 80; five minutes at 52 end at 57.
    assert starts(played, "word") == [52]
    assert starts(played, "talk") == [90]
    assert played.people("left") == [60, 180]


def test_otherwise_it_is():
    played = play(SITE, BEGUN, arrivals=[(50, "long"), (52, "short")])
    assert starts(played, "talk") == [50]
    assert starts(played, "word") == [90]
    assert played.people("left") == [80, 180]


def test_tie_a_task_that_ends_with_the_shift_is_begun():
    played = play(SITE, arrivals=[(30, "long")])
    assert starts(played, "talk") == [30]
    assert starts(play(SITE, arrivals=[(30.5, "long")]), "talk") == [90]


def test_at_the_end_of_the_day_those_who_came_for_it_are_sent_away():
    played = play(
        SITE,
        "staff.rota=[{role: worker, from: 00:00, to: 03:00}]",
        arrivals=[(170, "long"), (172, "short")],
    )
    assert played.outcomes() == ["dismissed_at_close", "service_only"]
    assert played.visits("out") == [180, 177]
    assert played.people("left") == [180]


def test_someone_else_of_whom_there_is_time_begins_it():
    played = play(SITE, "staff.rota.1.from=00:40", arrivals=[(45, "long")])
    # The first has been idle for longer, but goes at 60.
    assert starts(played, "talk") == [45]
    assert played.people("service") == [0, 30]


def test_the_next_row_of_the_same_person_counts():
    sets = (
        "staff.rota=[{role: worker, from: 00:00, to: 01:00, people: [Bo]},"
        " {role: worker, from: 01:00, to: 03:00, people: [Bo]}]"
    )
    assert starts(play(SITE, sets, arrivals=[(50, "long")]), "talk") == [50]


def test_what_is_left_of_an_interrupted_task_is_not_gone_on_with():
    sets = (
        "rooms={booths: {places: 1}}",
        "visits.inject={share: 0, rooms: [booths], stay: 90, overdose: {per_1000: 0, onset: 5}}",
        "overdose={severities: {usual: {share: 1, team: [[worker]], intensive: 20}}}",
    )
    played = play(SITE, *sets, arrivals=[(0, "inject"), (20, "long")], onset=[35, NEVER])
    # The talk 20-35, the response 35-55; the other 15 minutes would end at 70.
    assert played.service("talk")[1] == (20, 20, 105)
    assert played.people("left") == [60, 180]
    # A response is begun whenever it is needed.
    played = play(SITE, *sets, arrivals=[(0, "inject")], onset=[55])
    assert played.responses("first") == [55]
    assert played.people("left") == [75, 180]


@pytest.mark.parametrize(("stays", "talk"), [("true", (125, 125, 155)), ("false", (None,) * 3)])
def test_after_closing_what_is_still_needed_is_begun(stays: str, talk: tuple[float | None, ...]):
    sets = (
        "opening.hours=00:00-02:00",
        "rooms={booths: {places: 1}}",
        "visits.long={rooms: [booths], stay: 20, services: {talk: 1}}",
        "staff.rota.1.to=02:10",
        f"staff.stay_until_empty={stays}",
    )
    played = play(SITE, *sets, arrivals=[(105, "long")])
    # The stay ends at 125, and the shift at 130: whoever is there stays for the talk anyhow.
    assert played.service("talk") == [talk]
    assert played.people("left") == [60, talk[2] or 130]


def test_the_waiting_area_counts_those_who_could_not_be_served_now():
    area = "waiting_area={seats: 0}"
    played = play(SITE, area, arrivals=[(50, "long"), (52, "short")])
    assert played.outcomes() == ["no_space", "service_only"]
    assert play(SITE, area, BEGUN, arrivals=[(50, "long")]).outcomes() == ["service_only"]


def test_cleaning_is_left_to_the_next_shift():
    sets = (
        "rooms={booths: {places: 1, cleaning: {duration: 9, roles: [worker]}}}",
        "visits.inject={share: 0, rooms: [booths], stay: 20}",
    )
    played = play(SITE, *sets, arrivals=[(35, "inject"), (36, "inject")])
    # 35-55, cleaned 90-99.
    assert played.stays() == [(35, 55), (99, 119)]


# --- who is held for a service that takes several ------------------------------------------------

JOINT = """
opening: {hours: 00:00-03:00}
visits:
  use: {services: {treatment: 1}}
  talker: {services: {talk: 1}, share: 0}
  short: {services: {word: 1}, share: 0}
services:
  treatment: {duration: 10, team: [[nurse], [nurse]], gather: hold}
  talk: {duration: 12, roles: [nurse]}
  word: {duration: 5, roles: [nurse]}
staff:
  roles: {nurse: {}}
  begin_late: false
  rota:
    - {role: nurse, from: 00:00, to: 03:00}
    - {role: nurse, from: 00:00, to: 00:30}
    - {role: nurse, from: 01:00, to: 03:00}
"""
LONGER = "services.talk.duration=40"


def treated(played: Played) -> tuple[float | None, ...]:
    """When the one treatment was asked for, begun and done."""
    return next(one for one in played.service("treatment") if one[0] is not None)


def test_nobody_is_held_for_what_would_end_after_their_shift():
    arrivals: list[float | tuple[float, str]] = [(5, "talker"), 8, (15, "short"), (16, "short")]
    played = play(JOINT, LONGER, arrivals=arrivals)
    # The first nurse talks 5-45. The second is held from 8 to 20: begun later, a treatment of 10
    # minutes would end after her shift. She is free then, for words of 5 minutes until it ends.
    assert played.service("word")[2:] == [(15, 20, 25), (16, 25, 30)]
    assert treated(played) == (8, 60, 70)
    assert played.series("role:nurse:service") == [(5, 1), (8, 2), (30, 1), (60, 2), (70, 0)]
    assert played.people("service") == [40 + 25, 12 + 10, 10]
    assert played.people("left") == [180, 30, 180]
    # Where tasks are begun late she is held until her shift ends, and has talked to nobody.
    played = play(JOINT, LONGER, BEGUN, arrivals=arrivals)
    assert starts(played, "word") == [70, 70]
    assert treated(played) == (8, 60, 70)
    assert played.people("service") == [40 + 25 + 5, 22, 10 + 5]


def test_tie_what_ends_with_the_shift_is_begun_by_who_is_held():
    played = play(JOINT, "services.talk.duration=15", arrivals=[(5, "talker"), 8])
    # The first is free at 20, and the treatment ends with the shift of the second.
    assert treated(played) == (8, 20, 30)
    assert played.people("left") == [180, 30, 180]
    # Three seconds later it is too late.
    played = play(JOINT, "services.talk.duration=15.05", arrivals=[(5, "talker"), 8])
    assert treated(played) == (8, 60, 70)
    assert played.people("service") == pytest.approx([15.05 + 60 - 20.05 + 10, 12, 10])


def test_tie_nobody_is_held_who_could_begin_now_or_not_at_all():
    # Asked for at 20, and the second nurse could begin now; but the first talks, and she is free
    # for the word, which ends with her shift.
    played = play(JOINT, LONGER, arrivals=[(5, "talker"), 20, (25, "short")])
    assert played.service("word")[2] == (25, 25, 30)
    assert treated(played) == (20, 60, 70)
    assert played.people("service") == [40 + 15 + 10, 5, 10]


def test_somebody_else_is_held_in_their_place():
    played = play(
        JOINT,
        LONGER,
        "staff.rota.2.from=00:22",
        arrivals=[(5, "talker"), 8, (25, "short"), (31, "short")],
    )
    # The second is held from 8 to 20, and has the first word; the third is held from 22 until the
    # first has talked, and the other word is after the treatment.
    assert starts(played, "word") == [25, 55]
    assert treated(played) == (8, 45, 55)
    assert played.people("service") == [40 + 10 + 5, 12 + 5, 33]


def test_who_has_more_shifts_is_held_until_the_last_of_them():
    sets = (
        "staff.rota.1={role: nurse, from: 00:00, to: 00:30, people: [Bo]}",
        "staff.rota.2={role: nurse, from: 00:30, to: 01:00, people: [Bo]}",
    )
    played = play(JOINT, LONGER, *sets, arrivals=[(5, "talker"), 8])
    assert treated(played) == (8, 45, 55)
    # Of 49 minutes he is held for the first 39, and the other nurse from 45 until 170.
    sets = (sets[0], sets[1].replace("01:00", "00:49"))
    played = play(JOINT, LONGER, *sets, arrivals=[(5, "talker"), 8])
    assert treated(played) == (8, None, None)
    assert played.people("service") == [40 + 125, 22, 9]


def test_after_closing_they_are_held_for_as_long_as_it_takes():
    sets = (
        "opening.hours=00:00-00:15",
        "opening.queue_at_close=serve",
        "staff.stay_until_empty=true",
        "staff.end_of_shift=finish",
    )
    played = play(JOINT, LONGER, *sets, arrivals=[(5, "talker"), 8])
    # At 20 the site is closed, and the second nurse stays for the treatment anyhow.
    assert treated(played) == (8, 45, 55)
    assert played.people("left")[:2] == [180, 55]


def test_after_closing_who_is_held_does_nothing_else_however_late_it_gets():
    sets = ("opening={hours: 00:00-00:15, queue_at_close: serve}", "services.word.priority=-1")
    played = play(JOINT, LONGER, *sets, arrivals=[(5, "talker"), 8, (12, "short")])
    # The word goes first, but at 20 the second nurse is not let go for it: the first has it at 45.
    assert played.service("word")[2] == (12, 45, 50)
    assert treated(played) == (8, 50, 60)
    # Open at 20 she has it then, and goes home at 30; the treatment waits for the third.
    played = play(JOINT, LONGER, sets[1], arrivals=[(5, "talker"), 8, (12, "short")])
    assert played.service("word")[2] == (12, 20, 25)
    assert treated(played) == (8, 60, 70)


def test_at_the_next_opening_it_is_work_like_any_other():
    sets = (
        "opening={hours: [00:00-00:15, 00:40-03:00], queue_at_close: serve}",
        "services.talk.duration=60",
        "staff.rota.1.to=00:45",
        "staff.rota.2.from=02:00",
    )
    played = play(JOINT, *sets, arrivals=[(5, "talker"), 8, (40, "short"), (41, "short")])
    # The second is held from 8, and after closing past 35, when she would have to begin. At 40 it
    # opens: she is free, for a word that ends with her shift. From 65 the first, who has talked, is
    # held, until the third comes; the other word is after the treatment.
    assert played.service("word")[2:] == [(40, 40, 45), (41, 130, 135)]
    assert treated(played) == (8, 120, 130)
    assert played.people("service") == [60 + 65 + 5, 32 + 5, 10]


def test_who_has_another_shift_by_then_is_held_as_long_as_that_lets_them():
    sets = (
        "opening={hours: [00:00-00:05, 00:40-03:00], queue_at_close: serve}",
        "services.talk.duration=60",
        "staff.rota.1={role: nurse, from: 00:00, to: 00:10, people: [Bo]}",
        "staff.rota.2={role: nurse, from: 00:30, to: 01:00, people: [Bo]}",
    )
    played = play(JOINT, *sets, arrivals=[(2, "talker"), 3, (41, "short")])
    # Open, Bo could not begin at 3 what ends at 13. It closes at 5: he is held, and stays from 10.
    # It opens within his next shift, in which he could begin until 50; then he has the word.
    assert played.service("word")[2] == (41, 50, 55)
    assert treated(played) == (3, None, None)
    assert played.series("role:nurse:service", 100) == [(2, 1), (5, 2), (55, 1)]
