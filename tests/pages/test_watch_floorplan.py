"""A planner's own floor plan: rooms by name, nothing that is not drawing, mistakes told."""

import struct
import zlib
from pathlib import Path

import pytest

from sim.engine import simulate
from sim.report.page.words import catalogue
from sim.report.watch.day import choose_day
from sim.report.watch.floorplan import MOST_BYTES, FloorPlan, FloorPlanError, read_plan
from sim.report.watch.watch_page import Design, watch_page
from sim.scenario import load_scenario
from sim.visitors import draw
from tests import ROOT
from tests.support.command import SMALL, call
from tests.support.watch_day_seen import shown_day

H17 = load_scenario(ROOT / "scenarios" / "h17.yaml", ["horizon.weeks=1"])
EXAMPLE = ROOT / "docs" / "floor-plan.svg"


def read(folder: Path, text: str, name: str = "plan.svg") -> FloorPlan:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_plan(path, [H17])


def svg(inside: str = "", rooms: str = "injecting smoking flexible", size: str = "") -> str:
    named = "".join(f'<rect id="{one}" width="9" height="9"/>' for one in rooms.split())
    size = size or 'viewBox="0 0 80 40"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{named}{inside}</svg>'


def png(width: int = 400, height: int = 200) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = zlib.compress(b"".join(b"\0" + b"\xff" * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_rooms_are_known_by_id_data_room_or_inkscape_s_label(tmp_path):
    plan = read(
        tmp_path,
        '<svg xmlns="http://www.w3.org/2000/svg" width="800px" height="400" '
        'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape">'
        '<rect id="injecting" width="9" height="9"/>'
        '<g transform="scale(2)"><path data-room="Smoking" d="M0 0h9v9z"/></g>'
        '<rect id="rect12" inkscape:label="flexible" width="9" height="9"/>'
        '<rect id="check-in" width="9" height="9"/></svg>',
    )
    assert plan.names == ("injecting", "smoking", "flexible", "check_in")
    assert plan.ratio == 2
    assert plan.drawing.count("data-room=") == 4


def test_the_example_of_the_guide_has_every_room():
    assert set(H17.rooms) < set(read_plan(EXAMPLE, [H17]).names)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<rect onclick="alert(1)" width="9" height="9"/>',
        '<a href="https://example.org"><rect width="9" height="9"/></a>',
        '<image href="https://example.org/a.png"/>',
        '<image href="data:image/svg+xml;base64,AAAA"/>',
        '<use href="https://example.org/a.svg#b"/>',
        '<rect style="fill: url(https://example.org/a)" width="9" height="9"/>',
        "<style>@import 'https://example.org/a.css';</style>",
        "<style>rect { fill: u\\72l(https://example.org/a) }</style>",
        '<rect fill="url( &quot;https://example.org/a&quot;)" width="9" height="9"/>',
        '<foreignObject><iframe src="https://example.org"/></foreignObject>',
        '<animate attributeName="href" to="javascript:alert(1)"/>',
        '<set attributeName="onload" to="alert(1)"/>',
    ],
)
def test_nothing_but_drawing_gets_through(tmp_path, inside):
    drawing = read(tmp_path, svg(inside)).drawing
    for word in ("script", "example.org", "onclick", "alert", "iframe", "import", "svg+xml"):
        assert word not in drawing, drawing


def test_what_draws_stays(tmp_path):
    inside = (
        "<defs><linearGradient id='a'><stop offset='0' stop-color='red'/></linearGradient></defs>"
        "<style>.b { fill: url(#a) }</style><text x='3' y='4'>Entré &amp; &lt;hall&gt;</text>"
        "<image href='data:image/png;base64,AAAA' width='4' height='4'/>"
    )
    drawing = read(tmp_path, svg(inside)).drawing
    for part in ("linearGradient", "url(#a)", "Entré &amp; &lt;hall&gt;", "data:image/png"):
        assert part in drawing


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (svg(rooms="injecting smoking"), "has no room `flexible`; give the element of that room"),
        (svg(rooms="injecting smoking"), "(found there: injecting, smoking)"),
        ("<svg>", "plan.svg:1:6: is not well-formed SVG"),
        ("<html/>", "is no SVG; its outermost element is `html`"),
        (svg(size="width='50%'"), "has no size; give it a viewBox"),
        (svg(size="viewBox='0 0 0 9'"), "has no size"),
        ("<!DOCTYPE svg [<!ENTITY a 'b'>]>" + svg(), "declares entities; save it as plain SVG"),
        (svg("<g/>" * 20_001), "has more than 20000 elements"),
        (svg(" " * MOST_BYTES), "and a page has room for 500; leave out furniture"),
    ],
)
def test_what_is_wrong_with_an_svg_is_told(tmp_path, text, words):
    with pytest.raises(FloorPlanError) as error:
        read(tmp_path, text)
    assert words in str(error.value)


BOXES = "injecting: [0, 0, 100, 100]\nsmoking: [100, 0, 200, 50.5]\n"


def test_of_a_png_a_file_beside_it_says_where_the_rooms_are(tmp_path):
    (tmp_path / "plan.png").write_bytes(png())
    (tmp_path / "plan.yaml").write_text(BOXES + "flexible: [300, 100, 100, 100]\n")
    plan = read_plan(tmp_path / "plan.png", [H17])
    assert list(plan.boxes["smoking"]) == [25, 0, 50, 25.25]
    assert plan.ratio == 2
    assert 'src="data:image/png;base64,' in plan.drawing


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        (None, "`injecting: [left, top, width, height]`, in pixels from the upper left corner"),
        (BOXES, "has no room `flexible`; write `flexible: [left, top, width, height]` in"),
        (BOXES + "flexibel: [0, 0, 1, 1]", "flexibel: is no room of the site; did you mean `flex"),
        (BOXES + "flexible: [0, 0, 1]", "flexible: must be four numbers"),
        (BOXES + "flexible: [0, 0, 1, yes]", "flexible: must be four numbers"),
        (BOXES + "flexible: [0, 0, 401, 1]", "flexible: must lie within the picture, which is 400"),
        (BOXES + "flexible: [0, 0, 0, 1]", "flexible: must lie within the picture"),
        ("- 1", "must be `key: value` lines"),
        (BOXES + "smoking: [1, 1, 1, 1]", "smoking"),
    ],
)
def test_what_is_wrong_with_the_list_of_a_png_is_told(tmp_path, boxes, words):
    (tmp_path / "plan.png").write_bytes(png())
    if boxes is not None:
        (tmp_path / "plan.yaml").write_text(boxes)
    with pytest.raises(FloorPlanError) as error:
        read_plan(tmp_path / "plan.png", [H17])
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("plan.png", b"GIF89a" + bytes(40), "is no PNG"),
        ("plan.png", png(10_001, 1), "is 10001 by 1 pixels; at most 10000 a side"),
        ("plan.pdf", b"", "is neither an .svg nor a .png"),
        ("nowhere/plan.svg", None, "cannot be read: No such file"),
    ],
)
def test_other_files_are_refused(tmp_path, name, data, words):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(FloorPlanError) as error:
        read_plan(tmp_path / name, [H17])
    assert words in str(error.value)


def test_a_mistake_ends_with_status_2_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "plan.svg").write_text(svg(rooms="hall"), "utf-8")
    assert call(monkeypatch, "watch", "small.yaml", "--plan", "plan.svg") == 2
    assert "plan.svg: has no room `injecting`" in " ".join(capsys.readouterr().err.split())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["plan.svg", "small.yaml"]


# --- in a browser ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_rooms_of_a_png_are_where_its_list_says(browser, tmp_path):
    visitors = draw(H17, seed=1, replication=0)
    log = simulate(H17, visitors)
    shown = shown_day(choose_day(H17, log), (H17, visitors, log))
    (tmp_path / "plan.png").write_bytes(png())
    (tmp_path / "plan.yaml").write_text(BOXES + "flexible: [300, 100, 100, 100]\n")
    plan = read_plan(tmp_path / "plan.png", [H17])
    page = watch_page([Design("As it is", H17)], [shown], 1, catalogue("en"), plan)
    (tmp_path / "page.html").write_text(page, "utf-8")
    browser.open(tmp_path / "page.html", at="#17:00", width=1280, still=True)
    boxes = browser.run(
        """const all = document.querySelector('.drawing').getBoundingClientRect();
        return [...document.querySelectorAll('.floor .room')].map((one) => {
          const box = one.getBoundingClientRect();
          return [one.dataset.area, 400 * (box.left - all.left) / all.width,
            400 * box.width / all.width, 200 * (box.top - all.top) / all.height].map((value) =>
              typeof value === 'number' ? Math.round(value) : value);
        })"""
    )
    assert sorted(boxes) == [
        ["flexible", 300, 100, 100],
        ["injecting", 0, 100, 0],
        ["smoking", 100, 200, 0],
    ]
    assert browser.complaints() == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_people_are_in_the_rooms_of_the_plan(browser, tmp_path, width):
    visitors = draw(H17, seed=1, replication=0)
    log = simulate(H17, visitors)
    shown = shown_day(choose_day(H17, log), (H17, visitors, log))
    path = tmp_path / "page.html"
    plan = read_plan(EXAMPLE, [H17])
    page = watch_page([Design("As it is", H17)], [shown], 1, catalogue("en"), plan)
    path.write_text(page, "utf-8")
    browser.open(path, at="#17:00", width=width, still=True)
    found = browser.run(
        """const shadow = document.querySelector('.drawing').shadowRoot, off = [];
        let inside = 0;
        for (const [row, one] of plans[0].crowdAt.people) {
          const number = /^place-(\\d+)/.exec(one.slot)?.[1];
          if (number === undefined) continue;
          const room = plans[0].record.day.rooms[number].name;
          const at = shadow.querySelector(`[data-room=${room}]`).getBoundingClientRect();
          const box = one.element.getBoundingClientRect();
          const x = box.left + box.width / 2, y = box.top + box.height / 2;
          if (x > at.left && x < at.right && y > at.top && y < at.bottom) inside++;
          else off.push([room, one.slot]);
        }
        return [inside, off, document.documentElement.scrollWidth > innerWidth];"""
    )
    now = shown.day.midnight + 17 * 60
    here = (log.visits["entered"] <= now) & ~(log.visits["left"] <= now)
    assert found == [here.sum(), [], False]
    assert browser.trouble() == []
