"""Scenarios with something wrong in them: values, types, keys, structure, and the text itself."""

import io
import random
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sim.scenario.derived.outlook import outlook
from sim.scenario.load import read_scenario
from sim.scenario.model.scenario import Horizon, Scenario
from sim.visitors import draw
from tests import ROOT
from tests.fuzz.case import Case, Command
from tests.support.engines import assert_engines_agree

SITES = (
    *sorted((ROOT / "scenarios").glob("*.yaml")),
    *sorted((ROOT / "scenarios").glob("rotas/*.yaml")),
    *sorted((ROOT / "scenarios").glob("published/*.yaml")),
    ROOT / "tests" / "support" / "medium.yaml",
)
CASES = tuple(sorted((ROOT / "sim/validation/exact/scenarios").glob("*.yaml")))
"""Cases of validation: one rule each, few keys."""
SMALL = ("--max-replications", "20")
FEW = ("--replications", "2", "--workers", "1", "--no-cache")
_LONG = 200_000
"""Visits of a replication beyond which a study was asked to be long and is not played here."""

Path_ = tuple[str | int, ...]


def copied(base: Path, folder: Path) -> Path:
    """A scenario and all that it builds on, in a folder of its own."""
    target = folder / base.name
    if target.exists():  # it builds on one of the same name
        target = folder / f"{base.parent.name}-{base.name}"
    target.touch()
    text = base.read_text("utf-8")
    target.write_text(text, "utf-8")
    for line in text.splitlines():
        if line.startswith("extends:"):
            named = line.removeprefix("extends:").split("#")[0].strip()
            below = copied(base.parent / named, folder)
            target.write_text(text.replace(named, below.name), "utf-8")
    return target


def tree(path: Path) -> Any:
    """What YAML says."""
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def written(data: Any) -> str:
    """The same as YAML again."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 10_000
    text = io.StringIO()
    yaml.dump(data, text)
    return text.getvalue()


def case(rng: random.Random, folder: Path) -> Case:
    """A scenario to which one to three things were done, and a command that reads it."""
    base = rng.choice(SITES if rng.random() < 0.65 else CASES)
    path = copied(base, folder)
    if path.name in {"h17.yaml", "skyen.yaml", "medium.yaml"} or rng.random() < 0.2:
        path = path.rename(folder / "site.yaml")
    done: list[str] = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        # What was damaged as text may be no YAML, or a bomb, that is for the program to face.
        done.append(_mutate(rng, path, text=any(" in line " in one for one in done)))
    what = f"{base.name}: {'; '.join(done)}"
    words, accepted = _command(rng, path.name)
    commands = [Command(("check", path.name))]
    # What has far too many visits is a long study, not a fault; `check` says how many.
    commands += [Command(lambda: _stop_if_long(path.name))]
    broken = words[:2] == ("rota", "check")
    commands += [Command(words, accepted=accepted, broken=broken)]
    if words[0] == "run":
        saved = "out/scenario.yaml"
        sets = [words[at + 1] for at, word in enumerate(words) if word == "--set"]
        commands += [
            Command(("check", saved), accepted=True),
            Command(lambda: _same(path.name, saved, sets)),
        ]
        commands += [Command(("report", "out", "--lang", "da"), accepted=True)]
    if rng.random() < 0.15:
        commands.insert(2, Command(lambda: _agree(path.name)))
    return Case(what, tuple(commands))


def _command(rng: random.Random, name: str) -> tuple[tuple[str, ...], bool]:
    """A command, and whether it must take what `check` takes."""
    out = ("--out", "out")
    commands: tuple[tuple[int, tuple[str, ...], bool], ...] = (
        (30, ("run", name, *FEW, *out), True),
        (4, ("run", name, *FEW, *out, "--visits", "--lang", "da"), True),
        (4, ("run", name, *FEW, *out, "--no-report", "--engine", "simpy"), True),
        (4, ("run", name, *FEW, *out, "--set", "demand.factor=1.5"), False),
        (6, ("compare", name, "--alt", "demand.factor=1.1", *FEW, *out), False),
        (3, ("compare", name, "h17.yaml", *FEW, *out), False),
        (3, ("compare", name, "--alt", "demand.factor=0.9", "--stress", *FEW, *out), False),
        (4, ("sweep", name, "--vary", "demand.factor=1,1.2", *FEW, *out), False),
        (5, ("sweep", name, "--tornado", *FEW, *out), False),
        (7, ("rota", "check", name), False),
        (6, ("rota", "need", name, "--replications", "0", "--workers", "1", *out), False),
        (3, ("rota", "need", name, "--replications", "1", "--workers", "1", *out), False),
        (4, ("rota", "export", name, "rota.csv"), False),
        (3, ("rota", "export", name, "grid.csv", "--layout", "grid"), False),
        (4, ("rota", "export", name, "rota.xlsx"), False),
        (4, ("rota", "export", name, "rota.ics"), False),
        (5, ("watch", name, "--out", "watch.html"), False),
        (3, ("size", name, *SMALL, "--workers", "1", "--no-cache", *out), False),
    )
    weights = [weight for weight, *_ in commands]
    _, words, accepted = rng.choices(commands, weights)[0]
    return words, accepted


def _stop_if_long(name: str) -> None:
    """End the case where there is more to play than a try may take."""
    scenario = read_scenario(Path(name), ()).scenario
    expected = outlook(scenario)
    a_day = expected.visits_per_day + expected.visits_refused_per_day
    staff = scenario.staff
    shifts = sum(line.count for line in staff.rota) if staff is not None else 0
    if (a_day + shifts) * scenario.horizon.total_days > _LONG:
        raise SystemExit(LONG)


LONG = 77
"""The status by which a step says that the rest would take too long."""


def _same(name: str, saved: str, sets: list[str]) -> None:
    """What was saved is the scenario that was read."""
    one = read_scenario(Path(name), sets).scenario
    other = read_scenario(Path(saved), ()).scenario
    if one.demand.is_unknown:  # it is found by play, and saved as it was found
        found = one.demand.model_copy(update={"unserved": other.demand.unserved})
        one = one.model_copy(update={"demand": found})
    if one != other:
        fields = [key for key in Scenario.model_fields if getattr(one, key) != getattr(other, key)]
        raise AssertionError(f"saved and read again, {', '.join(fields)} are other than they were")


def _agree(name: str) -> None:
    """The engines play the first days of it alike."""
    scenario = read_scenario(Path(name), ()).scenario
    if scenario.horizon.total_days > 3:
        horizon = Horizon(start=scenario.horizon.start, days=3)
        scenario = scenario.model_copy(update={"horizon": horizon})
    assert_engines_agree(scenario, draw(scenario, seed=1, replication=0))


# --- what is done to it --------------------------------------------------------------------------


def _mutate(rng: random.Random, path: Path, *, text: bool) -> str:
    """Do one thing to the file, or only to its text; gives what."""
    if text or rng.random() < 0.2:
        return _damage_text(rng, path)
    data = tree(path)
    change = rng.choices(
        (_value, _number, _mild, _key, _structure, _texts, _beside),
        (22, 22, 26, 10, 12, 10, 4),
    )[0]
    what = change(rng, data)
    try:
        path.write_text(written(data), "utf-8", errors="surrogatepass")
    except (YAMLError, ValueError, RecursionError, TypeError, AttributeError):
        return _damage_text(rng, path)  # nothing that YAML can say
    return what


def places(data: Any, at: Path_ = ()) -> list[Path_]:
    """Every place in a tree."""
    found = [at] if at else []
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if isinstance(value, dict | list):
            found += places(value, (*at, key))
        else:
            found.append((*at, key))
    return found


def _parent(data: Any, at: Path_) -> Any:
    for key in at[:-1]:
        data = data[key]
    return data


def _get(data: Any, at: Path_) -> Any:
    return _parent(data, at)[at[-1]]


def _said(at: Path_) -> str:
    return ".".join(map(str, at))


NUMBERS: tuple[Any, ...] = (
    *(0, -0.0, -1, 1, 2, 3, 7, 0.5, 1e-3, 1e-9, 1e-12, 1e-200, 5e-324, 0.1 + 0.2, 1 / 3),
    *(13, 99, 100, 1000, 99_999, 10**5, 10**6, 10**6 + 1, 10**9, 10**12, 1e17, 1e200, 1.7e308),
    *(float("inf"), float("-inf"), float("nan"), 2**31, 2**53, 2**63, 2**64, 10**30, -(2**63)),
    *(10**400, 59.999999, 1439.999999999, 1440, 1441, 10080, 0.9999999, 1.0000001, -1e-12),
)
TEXTS: tuple[str, ...] = (
    *("", " ", "x", "Skýen", "Ærø Ødegård", "日本語", "🙂" * 3, "e\u0301", "\u202egnp", "\u200b"),
    *(
        "a\x00b",
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\x85",
        "\u2028line",
        "\ufeffbom",
        "\x7f",
    ),
    *("[/x]", "[bold]", "[red]no[/red]", "[link=file:///etc]x[/link]", "\\[x]", "[/]", "a]b["),
    *("=1+1", "+1", "-1+2", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "'=1"),
    *(
        "<script>alert(1)</script>",
        "</title>",
        "&amp;",
        "{{7*7}}",
        "{% x %}",
        "${x}",
        "%s%n",
        "{0}",
    ),
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\x",
        "con",
        "nul.txt",
        "a/b",
        ".",
        "..",
        "-x",
        "--help",
    ),
    *("x" * 300, "y" * 5000, "z" * 100_000, "a\nb", "a\tb", "'", '"', "`", "''", "\\", "#", "- x"),
    *("null", "true", "no", "24/7", "closed", "daily", "mon-sun", "1,5", "1.5e", "0x10", "1_000"),
    *("10:00-18:00", "18:00-10:00", "00:00-24:00", "24:00-24:00", "10:00-10:00", "25:00", "10.30"),
    *("22:00-06:00 next day", "00:00-24:00 next day", "10:00–18:00", "10:00 - 18:00", "9-17"),
    *("2026-01-06", "2026-02-30", "9999-12-31", "10000-01-01", "0001-01-01", "1970-01-01"),
    *("30 min", "8 h", "1e5 h", "1e300 d", "-5 min", "5 parsecs", "1e400 s", "NaN", "inf", "∞"),
    *("wait.p90 <= 10 min", "unserved.share >= 1", "wait.p90 of room x <= 1", "a.b.c < d"),
    *("5" * 5000, "1" + "0" * 320, "٣", "१२", "½", "1e"),
)
OTHERS: tuple[Any, ...] = (
    *(None, True, False, [], {}, [None], [[]], {"": ""}, {"x": {"y": 1}}, [1, 2, 3], ["x"], [{}]),
    *({"file": "x.csv"}, {"file": "/dev/zero"}, {"file": "."}, {"file": ""}, {"file": 1}),
    *({"shape": "daytime"}, {"distribution": "exponential"}, {"low": 1, "high": 2}),
    *(
        {"distribution": "lognormal", "mean": mean, "cv": cv}
        for mean, cv in ((20, 1e-200), (20, 1e200), (1e-300, 1), (1e17, 0.5), (20, 50), (0, 0))
    ),
    *(
        {"distribution": name, "mean": mean, "cv": cv}
        for name, mean, cv in (("gamma", 20, 1e-9), ("gamma", 20, 1e9), ("gamma", 1e300, 3))
    ),
    *({"distribution": "empirical", "values": values} for values in ([], [0], [1e300], [-1])),
    {"distribution": "uniform", "low": 5, "high": 5},
    {"distribution": "uniform", "low": 0, "high": 1e308},
)


def _value(rng: random.Random, data: Any) -> str:
    """Another value, of whatever type."""
    at = rng.choice(places(data))
    pool = rng.choice((NUMBERS, TEXTS, OTHERS))
    value = rng.choice(pool)
    _parent(data, at)[at[-1]] = value
    return f"{_said(at)} = {_short(value)}"


def _short(value: Any) -> str:
    try:
        return repr(value)[:60]
    except ValueError:  # a number too long to be written
        return "a very long number"


def _number(rng: random.Random, data: Any) -> str:
    """Another number where there was one."""
    numbers = [
        at
        for at in places(data)
        if isinstance(_get(data, at), int | float) and not isinstance(_get(data, at), bool)
    ]
    if not numbers:
        return _value(rng, data)
    at = rng.choice(numbers)
    before = _get(data, at)
    value = rng.choice(NUMBERS)
    if rng.random() < 0.5:
        value = before * rng.choice((-1, 0.001, 0.5, 1.01, 2, 3, 10, 100, 1000, 1e6, 1e12))
    if isinstance(before, int) and isinstance(value, float) and isfinite(value):
        value = round(value) if rng.random() < 0.7 else value
    if rng.random() < 0.1:
        value = _plainly(value) if rng.random() < 0.5 else [value]
    _parent(data, at)[at[-1]] = value
    return f"{_said(at)} = {_short(value)}"


def _mild(rng: random.Random, data: Any) -> str:
    """A change that a planner might make: a number somewhat larger, a switch the other way."""
    found = [at for at in places(data) if isinstance(_get(data, at), int | float | str)]
    at = rng.choice(found)
    before = value = _get(data, at)
    parent = _parent(data, at)
    if isinstance(before, bool):
        value = not before
    elif isinstance(before, int):
        value = max(0, before + rng.choice((-2, -1, 1, 2, 5)))
    elif isinstance(before, float):
        value = round(before * rng.choice((0.5, 0.9, 1.1, 2)), 6)
    elif words := [pair for pair in _WORDS if before in pair]:
        value = rng.choice(words[0])
    elif isinstance(parent, dict) and rng.random() < 0.5:
        del parent[at[-1]]
        return f"{_said(at)} left out"
    else:
        value = rng.choice(
            ("10:00-18:00", "24/7", "22:00-06:00 next day", "closed", "30 min", before)
        )
    parent[at[-1]] = value
    return f"{_said(at)} = {_short(value)}"


_WORDS = (
    ("dismiss", "serve"),
    ("finish", "stop", "finish_pooled", "hand_over"),
    ("skip", "wait_in_place"),
    ("before", "after"),
    ("first_responder", "full_team"),
    ("week", "month"),
    ("indoor", "open_air"),
    ("exponential", "lognormal", "gamma", "fixed"),
    ("flat", "daytime", "city-day", "long-hours", "small-town"),
)


def _keys(data: Any) -> list[Path_]:
    return [at for at in places(data) if isinstance(at[-1], str)]


def _key(rng: random.Random, data: Any) -> str:
    """A key with another name, gone, or more of them."""
    at = rng.choice(_keys(data))
    parent = _parent(data, at)
    how = rng.choice(("rename", "rename", "delete", "delete", "text", "many"))
    if how == "delete":
        del parent[at[-1]]
    elif how == "many":
        number = rng.choice((3, 50, 3000))
        parent.update({f"key_{one}": one for one in range(number)})
    else:
        name: Any = rng.choice(TEXTS) if how == "text" else _slip(rng, str(at[-1]))
        if rng.random() < 0.1:
            name = rng.choice((1, None, True, 1.5))
        items = [(name if key == at[-1] else key, value) for key, value in parent.items()]
        parent.clear()
        parent.update(items)
        return f"{_said(at)} renamed {_short(name)}"
    return f"{_said(at)} {how}"


def _slip(rng: random.Random, word: str) -> str:
    if len(word) < 2:
        return word + "x"
    place = rng.randrange(len(word) - 1)
    return rng.choice(
        (
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            word[:place] + word[place + 1 :],
            word + "s",
            word.upper(),
            word.replace("_", "-"),
        )
    )


def _structure(rng: random.Random, data: Any) -> str:
    """A part copied over another, doubled, nested, emptied, or very many of it."""
    every = places(data)
    at, source = rng.choice(every), rng.choice(every)
    parent = _parent(data, at)
    how = rng.choice(("copy", "copy", "double", "nest", "empty", "many", "deep", "whole"))
    if how == "copy":
        if source == at[: len(source)]:
            return _value(rng, data)
        parent[at[-1]] = _get(data, source)
        return f"{_said(at)} = that of {_said(source)}"
    if how == "whole":
        top = rng.choice(list(data))
        data[top] = rng.choice((*OTHERS, *TEXTS[:4], 5))
        return f"{top} as a whole = {_short(data[top])}"
    lists = [one for one in every if isinstance(_get(data, one), list) and _get(data, one)]
    if how in {"double", "many"} and lists:
        at = rng.choice(lists)
        items = _get(data, at)
        number = 2 if how == "double" else rng.choice((50, 1000, 20_000))
        items.extend([rng.choice(items)] * (number - 1))
        return f"{_said(at)} with {number - 1} more"
    if how == "deep":
        value: Any = 1
        for _ in range(rng.choice((5, 200))):
            value = [value] if rng.random() < 0.5 else {"x": value}
        parent[at[-1]] = value
        return f"{_said(at)} very deep"
    value = parent[at[-1]]
    empty = type(value)() if isinstance(value, dict | list | str) else 0
    parent[at[-1]] = [value] if how == "nest" else empty
    return f"{_said(at)} {how}"


def _texts(rng: random.Random, data: Any) -> str:
    """A text where there was one: names, roles, hours, titles."""
    found = [at for at in places(data) if isinstance(_get(data, at), str)]
    if not found:
        return _value(rng, data)
    at = rng.choice(found)
    before = _get(data, at)
    value: Any = rng.choice(TEXTS)
    if rng.random() < 0.3:
        value = _slip(rng, before)
    elif rng.random() < 0.3:
        value = before + value
    _parent(data, at)[at[-1]] = value
    if at == ("name",) or rng.random() < 0.7:
        return f"{_said(at)} = {_short(value)}"
    # Everywhere, so that what is named so is still found.
    _replace(data, before, value)
    return f"every '{before}' = {_short(value)}"


def _replace(data: Any, before: str, value: str) -> None:
    items = list(data.items()) if isinstance(data, dict) else list(enumerate(data))
    for key, one in items:
        if isinstance(one, dict | list):
            _replace(one, before, value)
        elif one == before:
            data[key] = value
    if isinstance(data, dict) and before in data:
        pairs = [(value if key == before else key, one) for key, one in data.items()]
        data.clear()
        data.update(pairs)


_BESIDE: tuple[tuple[str, Any], ...] = (
    ("horizon", {"start": 0}),
    ("horizon", {"start": "9999-12-20", "weeks": 4}),
    ("horizon", {"weeks": 1, "warmup_weeks": 1}),
    ("horizon", {"days": 1}),
    ("title", "[/x] \x1b[2J"),
    ("title", "=1+1"),
    ("description", "<img src=x onerror=alert(1)>"),
    ("waiting_area", {"seats": 0}),
    ("targets", ["wait.p90 <= 1e-300 min", "nothing.at_all <= 1"]),
    ("targets", ["wait.p90 by hour <= 5 min", "unserved.share <= 200 %"]),
    ("costs", {"opening_hour": 1e308}),
    ("costs", {"place": {"nowhere": 5}}),
    ("extends", "site.yaml"),
    ("extends", "/dev/zero"),
    ("extends", "nowhere.yaml"),
    ("extends", "."),
    ("variants", {"a": {"demand.factor": 2}, "[/b]": {"x": 1}}),
    ("rota_rules", {"cycle_weeks": 1000}),
    ("rota_rules", {"limits": {"daily_rest": 1e9}}),
    ("design", {"vary": {}}),
)


def _beside(rng: random.Random, data: Any) -> str:
    """A whole block as another planner might have written it."""
    key, value = rng.choice(_BESIDE)
    data[key] = value
    return f"{key} = {_short(value)}"


def _damage_text(rng: random.Random, path: Path) -> str:
    """Something done to the text: a slip of the keyboard, a bad copy, another encoding."""
    raw = path.read_bytes()
    text = raw.decode("utf-8", "replace")
    lines = text.split("\n")
    number = rng.randrange(len(lines))

    def put(line: str) -> None:
        lines[number] = line
        path.write_text("\n".join(lines), "utf-8", errors="surrogatepass")

    line = lines[number]
    at = rng.randrange(len(line) + 1)
    changes: dict[str, Callable[[], object]] = {
        "a tab": lambda: put("\t" + line),
        "other spaces": lambda: put(" " * rng.randrange(9) + line.lstrip()),
        "a line twice": lambda: put(f"{line}\n{line}"),
        "a line gone": lambda: put(""),
        "a colon gone": lambda: put(line.replace(": ", ":", 1)),
        "a mark": lambda: put(
            line[:at] + rng.choice("{}[]:,#&*!|>'\"%@`?-\\\0\x1b\u2028") + line[at:]
        ),
        "a text": lambda: put(line[:at] + rng.choice(TEXTS) + line[at:]),
        "a value": lambda: put(f"{line.split(':')[0]}: {_plain(rng)}"),
        "an anchor": lambda: put(f"{line.split(':')[0]}: &a [*a, *a]"),
        "a tag": lambda: put(f"{line.split(':')[0]}: !!python/object/apply:os.system [ls]"),
        "cut": lambda: path.write_bytes(raw[: rng.randrange(len(raw) + 1)]),
        "bytes": lambda: path.write_bytes(
            raw[: (where := rng.randrange(len(raw) + 1))]
            + rng.randbytes(rng.choice((1, 4, 200)))
            + raw[where:]
        ),
        "UTF-16": lambda: path.write_bytes(text.encode("utf-16", "surrogatepass")),
        "Windows-1252": lambda: path.write_bytes(text.encode("cp1252", "replace")),
        "a BOM": lambda: path.write_bytes(b"\xef\xbb\xbf" + raw),
        "lines of Windows": lambda: path.write_bytes(
            text.replace("\n", "\r\n").encode("utf-8", "replace")
        ),
        "lines of an old Mac": lambda: path.write_bytes(
            text.replace("\n", "\r").encode("utf-8", "replace")
        ),
        "nothing": lambda: path.write_bytes(b""),
        "two documents": lambda: path.write_bytes(raw + b"\n---\n" + raw),
        "a bomb": lambda: path.write_text(text + _BOMB, "utf-8", errors="surrogatepass"),
        "brackets": lambda: path.write_text(
            text + "\nx: " + "[" * rng.choice((50, 100_000)), "utf-8"
        ),
        "a long line": lambda: put(line + " " * 100_000 + "x"),
        "a part elsewhere": lambda: put("\n".join(lines[: rng.randrange(len(lines))])),
        "comments gone": lambda: path.write_text(
            "\n".join(one.split(" #")[0] for one in lines), "utf-8", errors="surrogatepass"
        ),
    }
    what = rng.choice(list(changes))
    changes[what]()
    return f"{what} in line {number + 1}"


def _plain(rng: random.Random) -> str:
    return _plainly(rng.choice(rng.choice((NUMBERS, TEXTS))))


def _plainly(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # a number too long to be written
        return "9" * 5000


_BOMB = "\nx0: &x0 [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"x{one}: &x{one} [{','.join([f'*x{one - 1}'] * 9)}]\n" for one in range(1, 12)
)
