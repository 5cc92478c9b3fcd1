"""What goes wrong is told in Danish too: of the commonest mistakes no word of English is left."""

import re

import pytest

from tests.support.command import SMALL, command

BAD = """\
name: bad
title: 5
horizon: {days: 2.5, start: soon}
opening: {hours: "18:00-10:00", last_entry: half an hour, plcaes: 3}
demand: {visits_per_day: -4, profile: flot}
visits:
  inject:
    rooms: injecting, smoking
    stay: {distribution: exponentiel, mean: 25}
    patience: 25-30
rooms:
  injecting: {places: "3", hours: 7}
  smoking: 4
check_in: {desks: true}
staff:
  stay_until_empty: ja
  roles: {nurse: {cost_per_hour: 1e99}}
  rota: [{role: nurse, from: "25:10", to: 9.30}]
"""
ENGLISH = (
    *("must", "such", "not", "known", "mean", "required", "nothing", "written", "ends", "before"),
    *("number", "least", "most", "more", "write", "file", "there", "interrupted", "kept"),
)


def told(home, capsys, *arguments):
    """What a command says when it ends badly, without what is quoted from the file."""
    assert command(home, *arguments) in {2, 130}
    return capsys.readouterr().err


@pytest.fixture
def home(tmp_path):
    (tmp_path / "bad.yaml").write_text(BAD, "utf-8")
    return tmp_path


def words_of(text):
    """The words of messages: of each line what follows the setting, without code and quotes."""
    messages = [line.split(": ", 2)[-1] for line in text.splitlines()]
    messages = [re.sub(r"'[^']*'|`[^`]*`", " ", one) for one in messages]
    return set(" ".join(messages).replace(",", " ").replace(";", " ").split())


def test_mistakes_in_a_scenario_are_told_in_danish(home, capsys):
    danish = told(home, capsys, "check", "bad.yaml", "--lang", "da")
    english = told(home, capsys, "check", "bad.yaml")
    # The same mistakes at the same places, in other words.
    places = [[line.split(": ", 2)[:2] for line in text.splitlines()] for text in (danish, english)]
    assert places[0] == places[1]
    assert len(places[0]) >= 15
    assert words_of(danish) & set(ENGLISH) == set()
    for line in (
        "opening.plcaes: er ikke en kendt nøgle (kendte: ",
        "demand.visits_per_day: skal være mere end 0, ikke -4",
        "rooms.injecting.places: skal være et helt tal, ikke '3'; skriv det uden anførselstegn: 3",
        "mente du `flat`?",
        "mente du 30 min?",
        "check_in.times: mangler; tilføj det under `check_in`",
    ):
        assert line in danish


def test_a_file_that_is_not_there_and_options_that_contradict(home, capsys):
    for arguments, said in (
        (("check", "bda.yaml"), "bda.yaml: findes ikke; mente du `bad.yaml`?"),
        (("check", "."), ".: er en mappe; nævn scenariefilen i den"),
        (
            ("run", "bad.yaml", "--replications", "3", "--precision"),
            "--replications siger, hvor mange; udelad --precision og --max-replications",
        ),
        (("report", "bad.yaml", "--explore", "--pdf"), "udelad --pdf"),
    ):
        assert said in told(home, capsys, *arguments, "--lang=da")


def test_without_a_known_language_it_is_english(home, capsys):
    for more in ((), ("--lang", "en")):
        assert "there is no such file" in told(home, capsys, "check", "no.yaml", *more)


GOOD = SMALL
WRONG = {
    "tab.yaml": "name: x\nrooms:\n\tinjecting: 3\n",
    "quote.yaml": 'name: "x\n',
    "colon.yaml": "name: x\nrooms\n  a: 1\n",
    "list.yaml": "- a\n- b\n",
    "empty.yaml": "",
    "twice.yaml": "name: x\nname: y\n",
    "alias.yaml": "name: *x\n",
    "apart.yaml": GOOD.replace("rooms: [injecting]", "rooms: [smoking]"),
    "break.yaml": GOOD.replace(
        'to: "18:00"}', 'to: "18:00", breaks: [{from: "20:00", to: "21:00"}]}'
    ),
    "shares.yaml": GOOD.replace("demand: {", "demand: {weekday: {mon: 2}, week: 3, "),
    "target.yaml": GOOD + "targets: [unserved < 2 km, wait.p999 <= 3, nonsense]\n",
    "huge.yaml": GOOD.replace("visits_per_day: 90", "visits_per_day: 90000000"),
    "design.yaml": GOOD
    + "design: {vary: {rooms.injecting.plases: 3:5, rooms.injecting.places: 3}}\n",
    "range.yaml": GOOD + "uncertainty: {ranges: {rooms.injecting.places: 9-4, demand: 1-2}}\n",
    "variant.yaml": GOOD + "variants: {a: {rooms.nowhere.places: 2}, none: {}, b: 3}\n",
    "weekfile.yaml": GOOD.replace(
        "{visits_per_day: 90, profile: flat}", "{week: {file: week.csv}}"
    ),
    "week.csv": "hour_of_week,visits\n0,x\n0,1\n500,2\n",
    "no.csv": "a,b\n1,2\n",
    "rota.csv": "role,day,start,end\nnurse,mon,25:00,08:00\nnobody,tue,8,0\nnurse,soon,8,9,10\n",
    "log.csv": "arrived,kind,end\n2026-01-05 10:00,fly,2026-01-05 10:20\n",
    "text.xlsx": "no workbook",
    "plan.svg": "<svg xmlns='http://www.w3.org/2000/svg'></svg>",
    "city.yaml": "name: c\nfacilities: {a: {file: small.yaml}, b: 3, d: {file: no.yaml}}\n",
    "folder/manifest.json": "{}",
}
"""Files with something wrong in each, of every kind that is read."""
TRIED = (
    *(("check", name) for name in WRONG if name.endswith(".yaml")),
    ("check", "week.csv"),
    ("small.yaml",),
    ("rota.csv",),
    ("check", "small.yaml", "--set", "rooms.smoking.places=3"),
    ("check", "small.yaml", "--set", "rooms"),
    ("check", "small.yaml", "--set", "rooms.injecting.places.x=3"),
    ("check", "small.yaml", "--variant", "nothing"),
    ("run", "small.yaml", "--max-replications", "1"),
    ("run", "small.yaml", "--as-log", "uses", "--log-with", "round"),
    ("compare", "small.yaml"),
    ("compare", "small.yaml", "--alt", "rooms.injecting.places=4", "--margin", "wait=1"),
    ("compare", "small.yaml", "--alt", "=3"),
    ("sweep", "small.yaml", "--vary", "rooms.injecting.places"),
    ("sweep", "small.yaml", "--vary", "rooms.injecting.places=4:2"),
    ("sweep", "small.yaml", "--tornado"),
    ("size", "small.yaml"),
    ("size", "small.yaml", "--confidence", "2"),
    ("calibrate", "small.yaml", "--to", "nothing"),
    ("calibrate", "small.yaml", "--to", "uses.per_day=4 (3-5)"),
    ("rota", "import", "rota.csv", "--scenario", "small.yaml"),
    ("rota", "import", "no.csv", "--scenario", "small.yaml"),
    ("rota", "import", "text.xlsx", "--scenario", "small.yaml"),
    ("rota", "export", "small.yaml", "rota.pdf"),
    ("rota", "need", "small.yaml", "--facility", "a"),
    ("rota", "plan", "small.yaml", "--need", "no.csv"),
    ("fit", "log.csv", "--site", "small.yaml"),
    ("fit", "no.csv", "--site", "small.yaml"),
    ("fit", "log.csv", "--site", "small.yaml", "--weeks", "soon"),
    ("fit", "log.csv", "--site", "small.yaml", "--plays", "5"),
    ("watch", "small.yaml", "--date", "soon"),
    ("watch", "small.yaml", "--day", "soon"),
    ("watch", "small.yaml", "--plan", "plan.svg"),
    ("report", "nowhere"),
    ("report", "."),
    ("report", "folder"),
    ("validate", "--case", "nothing"),
    ("new", "nyt sted"),
    ("new", "x", "--hours", "soon"),
    ("examples", "nothing"),
)
"""Commands that cannot work."""
FUNCTION_WORDS = frozenset(
    {
        *(
            "the",
            "is",
            "are",
            "not",
            "must",
            "such",
            "has",
            "or",
            "with",
            "which",
            "known",
            "none",
        ),
        *(
            "write",
            "give",
            "no",
            "than",
            "it",
            "its",
            "that",
            "this",
            "there",
            "these",
            "what",
        ),
        *(
            "where",
            "who",
            "would",
            "only",
            "as",
            "leave",
            "did",
            "you",
            "mean",
            "cannot",
            "file",
        ),
        *(
            "rows",
            "read",
            "keep",
            "out",
            "both",
            "without",
            "here",
            "and",
        ),
    }
)


@pytest.mark.parametrize("words", TRIED, ids=" ".join)
def test_whatever_goes_wrong_is_told_in_danish(tmp_path, capfd, words):
    for name, text in {**WRONG, "small.yaml": GOOD}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    assert command(tmp_path, *words, "--lang", "da") != 0
    said = capfd.readouterr().err
    assert said
    assert "Traceback" not in said
    plain = re.sub(r"'[^']*'|`[^`]*`|\([^)]*\)|\[[^]]*\]|\{[^}]*\}|--\S+|\S*[._/=]\S*", " ", said)
    assert set(re.findall(r"[a-zæøå]+", plain.lower())) & FUNCTION_WORDS == set(), said
