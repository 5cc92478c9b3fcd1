"""A planner's own floor plan under the picture: an SVG whose rooms have names, or a PNG and a list.

An SVG is put together anew from what is known to draw only: no script, no link and nothing from
elsewhere gets through. The page measures where its rooms are; of a PNG a YAML file says it.
"""

import base64
import re
import struct
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from markupsafe import Markup

from sim.scenario.errors.problem import of_system
from sim.scenario.errors.told import Listed, told
from sim.scenario.model.scenario import Scenario
from sim.scenario.text.tree import plain
from sim.scenario.text.yaml import parse_file

Box = tuple[float, float, float, float]
"""Left, top, width and height; per cent of the drawing's."""

MOST_BYTES = 500_000
"""Of a plan: days are to have their share of a page of 2 MB."""
MOST_ELEMENTS = 20_000
MOST_PIXELS = 10_000
"""A side of a PNG."""
ALSO = ("street", "check_in", "waiting", "staff", "aftercare", "elsewhere")
"""What may be named on a plan beside rooms and services."""
_NUMBERS = 4
_FAR = 1e9
_HEAD = 33
"""Bytes of the head of a PNG."""
_DRAWS = frozenset(
    [
        "svg",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "defs",
        "use",
        "symbol",
        "style",
        "title",
        "linearGradient",
        "radialGradient",
        "stop",
        "pattern",
        "clipPath",
        "mask",
        "marker",
        "image",
    ]
)
_SAYS = frozenset(
    [
        "id",
        "class",
        "d",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "fx",
        "fy",
        "dx",
        "dy",
        "width",
        "height",
        "points",
        "transform",
        "viewBox",
        "preserveAspectRatio",
        "offset",
        "gradientUnits",
        "gradientTransform",
        "patternUnits",
        "patternTransform",
        "patternContentUnits",
        "clipPathUnits",
        "maskUnits",
        "markerWidth",
        "markerHeight",
        "refX",
        "refY",
        "orient",
        "href",
        "style",
        "fill",
        "fill-opacity",
        "fill-rule",
        "stroke",
        "stroke-width",
        "stroke-opacity",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-miterlimit",
        "opacity",
        "display",
        "visibility",
        "font-family",
        "font-size",
        "font-weight",
        "font-style",
        "text-anchor",
        "dominant-baseline",
        "letter-spacing",
        "clip-path",
        "clip-rule",
        "mask",
        "color",
        "stop-color",
        "stop-opacity",
        "rotate",
    ]
)
_ELSEWHERE = re.compile(r"@import|\\|javascript:|expression|url\(\s*['\"]?(?!#)", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]+")
_LABELS = ("data-room", "{http://www.inkscape.org/namespaces/inkscape}label", "id")


class FloorPlanError(Exception):
    """A floor plan cannot be used; the message says all that is wrong with it."""


class FloorPlan(NamedTuple):
    """A drawing in which the parts of a site have names."""

    drawing: Markup
    """An `svg` whose named elements have `data-room`, or an `img`."""
    ratio: float
    """Its width for its height."""
    boxes: dict[str, Box]
    """Where the parts of a PNG are; of an SVG the page finds them."""
    names: tuple[str, ...]
    """The parts that are on it."""


def read_plan(path: Path, sites: Iterable[Scenario]) -> FloorPlan:
    """A floor plan that has every room of some sites.

    Args:
        path: an SVG, or a PNG with a YAML file of the same name beside it.
        sites: whose rooms it must have.

    Raises:
        FloorPlanError: everything that is wrong with it.
    """
    scenarios = list(sites)
    rooms = list(dict.fromkeys(room for one in scenarios for room in one.rooms))
    known = [*rooms, *(name for one in scenarios for name in one.services), *ALSO]
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FloorPlanError(
            told(
                "cannot_be_read",
                "{path}: cannot be read: {one}",
                path=path,
                one=of_system(error),
            )
        ) from error
    kind = path.suffix.lower()
    if kind not in {".svg", ".png"}:
        raise FloorPlanError(
            told(
                "is_neither_an_svg_nor_a_png",
                "{path}: is neither an .svg nor a .png; save the plan as one of them",
                path=path,
            )
        )
    if len(data) > MOST_BYTES:
        raise FloorPlanError(
            told(
                "has_kb_and_a_page_has_room",
                "{path}: has {number} kB, and a page has room for {most_bytes}; leave out "
                "furniture and pictures, or save it smaller",
                path=path,
                number=len(data) // 1000,
                most_bytes=MOST_BYTES // 1000,
            )
        )
    found = _svg(path, data, known) if kind == ".svg" else _png(path, data, known)
    missing = [room for room in rooms if room not in found.names]
    if missing:
        told_of = (_missing(path, room, found.names, kind) for room in missing)
        raise FloorPlanError(Listed.of(told_of, "line"))
    return found


def _missing(path: Path, room: str, names: Iterable[str], kind: str) -> str:
    there = ", ".join(names) or told("none_known", "none")
    how = (
        told(
            "give_the_element_of_that_room_the",
            "give the element of that room the id, data-room or inkscape:label `{room}`",
            room=room,
        )
        if kind == ".svg"
        else told(
            "write_the_room_beside_it",
            "write `{room}: [left, top, width, height]` in {file}",
            room=room,
            file=path.with_suffix(".yaml"),
        )
    )
    return told(
        "has_no_room_found_there",
        "{path}: has no room `{room}`; {how} (found there: {there})",
        path=path,
        room=room,
        how=how,
        there=there,
    )


def _plain_name(text: str) -> str:
    return re.sub(r"[\s-]+", "_", text.strip().lower())


# --- SVG ------------------------------------------------------------------------------------------


def _svg(path: Path, data: bytes, known: list[str]) -> FloorPlan:
    if b"<!ENTITY" in data:
        raise FloorPlanError(
            told(
                "declares_entities_save_it_as_plain_svg",
                "{path}: declares entities; save it as plain SVG",
                path=path,
            )
        )
    try:
        root = fromstring(data)
    except ParseError as error:
        line, column = error.position
        raise FloorPlanError(
            told(
                "is_not_well_formed_svg",
                "{path}:{line}:{column}: is not well-formed SVG",
                path=path,
                line=line,
                column=column + 1,
            )
        ) from error
    if _local(root.tag) != "svg":
        raise FloorPlanError(
            told(
                "is_no_svg_its_outermost_element_is",
                "{path}: is no SVG; its outermost element is `{local}`",
                path=path,
                local=_local(root.tag),
            )
        )
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise FloorPlanError(
            told(
                "has_more_than_elements_simplify_it",
                "{path}: has more than {most_elements} elements; simplify it",
                path=path,
                most_elements=MOST_ELEMENTS,
            )
        )
    box = _view_box(root)
    if box is None:
        raise FloorPlanError(
            told(
                "has_no_size_give_it_a_viewbox",
                "{path}: has no size; give it a viewBox, such as viewBox='0 0 800 600'",
                path=path,
            )
        )
    wanted = {_plain_name(name): name for name in known}
    names: dict[str, None] = {}
    drawn = _clean(root, wanted, names)
    drawn.attrib = {"viewBox": " ".join(f"{one:g}" for one in box), "aria-hidden": "true"}
    markup = Markup(tostring(drawn, encoding="unicode"))
    return FloorPlan(markup, box[2] / box[3], {}, tuple(names))


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _view_box(root: Element) -> Box | None:
    texts = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if len(texts) != _NUMBERS:
        texts = [
            "0",
            "0",
            *(re.sub("(px)?$", "", root.get(one, "")) for one in ("width", "height")),
        ]
    try:
        left, top, width, height = (float(one) for one in texts)
    except ValueError:
        return None
    sound = all(abs(one) < _FAR for one in (left, top, width, height)) and min(width, height) > 0
    return (left, top, width, height) if sound else None


def _clean(element: Element, wanted: dict[str, str], names: dict[str, None]) -> Element:
    """The same element, of what is known to draw only; `names` gets the parts of the site in it."""
    clean = Element(_local(element.tag), dict(_attributes(element)))
    text = element.text or ""
    clean.text = "" if clean.tag == "style" and _ELSEWHERE.search(text) else text
    label = next((wanted[key] for key in map(_plain_name, _labels(element)) if key in wanted), None)
    if label is not None and label not in names:
        clean.set("data-room", label)
        names[label] = None
    for child in element:
        if _local(child.tag) in _DRAWS:
            inner = _clean(child, wanted, names)
            inner.tail = child.tail
            clean.append(inner)
    return clean


def _labels(element: Element) -> Iterator[str]:
    return (value for key in _LABELS if (value := element.get(key)))


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        name = _local(key)
        if name not in _SAYS or _ELSEWHERE.search(value):
            continue
        if name == "href" and not (value.startswith("#") or _PICTURE.fullmatch(value)):
            continue
        yield name, value


# --- PNG ------------------------------------------------------------------------------------------


def _png(path: Path, data: bytes, known: list[str]) -> FloorPlan:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < _HEAD:
        raise FloorPlanError(told("is_no_png", "{path}: is no PNG", path=path))
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise FloorPlanError(
            told(
                "is_by_pixels_at_most_a_side",
                "{path}: is {width} by {height} pixels; at most {most_pixels} a side",
                path=path,
                width=width,
                height=height,
                most_pixels=MOST_PIXELS,
            )
        )
    boxes = _boxes(path, known, width, height)
    source = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    image = Markup('<img alt="" src="{}">').format(source)
    return FloorPlan(image, width / height, boxes, tuple(boxes))


def _boxes(path: Path, known: list[str], width: int, height: int) -> dict[str, Box]:
    """Where the rooms of a PNG are, as the YAML file beside it says."""
    beside = path.with_suffix(".yaml")
    try:
        text = beside.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FloorPlanError(
            told(
                "which_room_is_where_must_stand_in",
                "{path}: which room is where must stand in {beside}: a line a room, "
                "`{known}: [left, top, width, height]`, in pixels from the upper left "
                "corner",
                path=path,
                beside=beside,
                known=known[0],
            )
        ) from error
    node, problems = parse_file(text, str(beside))
    if problems:
        told_of = (told("problem", "{problem}", problem=one) for one in problems)
        raise FloorPlanError(Listed.of(told_of, "line"))
    listed = plain(node) if node is not None else {}
    if not isinstance(listed, dict):
        raise FloorPlanError(
            told(
                "must_list_rooms",
                "{beside}: must list rooms, `{known}: [left, top, width, height]`",
                beside=beside,
                known=known[0],
            )
        )
    wrong: list[str] = []
    found: dict[str, Box] = {}
    for name, box in listed.items():
        fault = _fault(str(name), box, known, width, height)
        if fault:
            wrong.append(f"{beside}: {name}: " + fault)
        else:
            left, top, wide, high = (float(one) for one in box)
            found[str(name)] = (
                *(100 * left / width, 100 * top / height),
                *(100 * wide / width, 100 * high / height),
            )
    if wrong:
        raise FloorPlanError(Listed.of(wrong, "line"))
    return found


def _fault(name: str, box: object, known: list[str], width: int, height: int) -> str | None:
    if name not in known:
        near = get_close_matches(name, known, 1)
        instead = told("did_you_mean_key", "; did you mean `{near}`?", near=near[0]) if near else ""
        return told(
            "is_no_room_of_the_site_known",
            "is no room of the site{instead} (known: {listed})",
            instead=instead,
            listed=", ".join(known),
        )
    numbers = box if isinstance(box, list) else []
    if len(numbers) != _NUMBERS or not all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in numbers
    ):
        return told(
            "must_be_four_numbers_left_top_width",
            "must be four numbers, [left, top, width, height], in pixels",
        )
    left, top, wide, high = numbers
    inside = left >= 0 and top >= 0 and wide > 0 and high > 0
    if not inside or left + wide > width or top + high > height:
        return told(
            "must_lie_within_the_picture_which_is",
            "must lie within the picture, which is {width} by {height} pixels",
            width=width,
            height=height,
        )
    return None
