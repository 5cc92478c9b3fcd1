"""What the page asks for, and what it is answered."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from threading import Lock
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from sim.report.page.words import Words
from sim.report.several.gains import months
from sim.report.watch.day import DayError
from sim.report.watch.watch_page import Design
from sim.results import ResultsError
from sim.scenario import ScenarioError
from sim.scenario.city.model import schema_text
from sim.scenario.derived.budget import heavy
from sim.scenario.errors.problem import message_of
from sim.serve.answers import name_of
from sim.serve.history import History, Row
from sim.serve.moves import (
    Settings,
    Site,
    command,
    mistakes,
    read_site,
    settings_of,
    site_of_text,
    written,
)
from sim.serve.page import answers_html, asset, beside_html, page
from sim.serve.questions import Question, questions, ranges
from sim.serve.security import OWN_PAGE, WrongRequestError, policy_of, sent
from sim.serve.studies import STAGES, Asked, Progress, Stage, StoppedError, Studies, Study
from sim.serve.taken import (
    draft_text,
    draft_variant,
    page_file,
    unique_names,
    write_compared,
    write_draft,
    write_watched,
)
from sim.study import StudyError
from sim.study.compare.options import changes

Event = Mapping[str, Any]
"""One line of what a move is answered."""
_WINDOWS = 8
"""Studies that may be under way at the same time, one a window."""
_LONGEST_ID = 64
_ASKED = ("base", "base_text", "now", "text")
"""What a page sends of a move that says what is played."""
_KEPT_TEXTS = 8
_COMPARED, _MOST_COMPARED = 20, 8
"""Replications of each row that is compared on a page, and the most of them."""


@dataclass
class Desk:
    """One scenario on one page, whatever windows it is open in."""

    site: Site
    """As its file was read last."""
    words: Words
    studies: Studies
    history: History
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_WINDOWS))
    _texts: dict[str, Site] = field(default_factory=dict)
    """What was in editors lately, as it was read."""
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Take the ranges that the file says, as it is now."""
        self._ranges = ranges(self.site)

    # --- moves ------------------------------------------------------------------------------------

    def asked(self, body: Mapping[str, Any]) -> Asked:
        """What a page asks for.

        Raises:
            ScenarioError: of the text in the editor.
            WrongRequestError: it is something else.
        """
        return Asked(
            self.site_of(body, "base_text"),
            settings_of(body.get("base", {})),
            self.site_of(body),
            settings_of(body.get("now", {})),
            quick=body.get("quick") is True,
        )

    def site_of(self, body: Mapping[str, Any], name: str = "text") -> Site:
        """The scenario as the page has it: its file, or what is in the editor."""
        text = body.get(name)
        if text is None:
            return self.site
        if not isinstance(text, str):
            raise WrongRequestError(400, f"{name} is a text")
        with self._lock:
            found = self._texts.get(text)
        if found is None or found.stamps[1:] != self.site.stamps[1:]:
            found = site_of_text(self.site, text)
        dropped = []
        with self._lock:
            self._texts[text] = found
            while len(self._texts) > _KEPT_TEXTS:
                dropped.append(self._texts.pop(next(iter(self._texts))))
        for one in dropped:
            one.forget()
        return found

    def play(self, study: Study, body: Mapping[str, Any], send: Callable[[Event], None]) -> None:
        """Answer a move: a row, how far it is, and the answers again and again."""
        asked = self.asked(body)
        row = self._row(asked, body)
        if row is not None:
            send({"kind": "row", "row": row.as_json()})
        if body.get("kept") is True:  # the page is closed: to be kept is all there is to do
            return
        if self.site.changed_on_disk:
            send({"kind": "disk"})
        if much := heavy(asked.site.scenario(asked.now)):
            send({"kind": "long", "text": self.words.told(much)})
        tell = partial(self._tell, asked, send)
        for stage in self.studies.stages(study, asked, self.words, tell):
            send(self._answered(stage))
            if row is not None:
                said = stage.answers
                self.history.judged(row.id, said.mark.value, said.word, said.name, stage.count)
                send({"kind": "row", "row": self.history.row(row.id).as_json()})
            study.check()
            beside = beside_html(stage.answers.beside(), self.words)
            send({"kind": "beside", "html": beside, "last": stage.is_last})

    def begin(self) -> None:
        """Play what moves are compared with, while the browser opens."""
        asked = Asked(self.site, {}, self.site, {}, quick=True)
        with self.studies.of("") as study, suppress(StoppedError, StudyError):
            for stage in self.studies.stages(study, asked, self.words, lambda _: None):
                self._answered(stage)

    def _row(self, asked: Asked, body: Mapping[str, Any]) -> Row | None:
        """The row of a move, kept before anything is played; None of a look only."""
        if asked.quick:
            return None
        again = body.get("row")
        if isinstance(again, str):
            return self.history.row(again)
        base, now = asked.before.scenario(asked.base), asked.site.scenario(asked.now)
        title = name_of(base, now, self.words)
        texts = (asked.site.text, asked.before.text)
        return self.history.add(Row("", "", asked.base, asked.now, *texts, title))

    def _tell(self, asked: Asked, send: Callable[[Event], None], found: Progress) -> None:
        horizon = asked.site.loaded.scenario.horizon
        days = horizon.total_days - 7 * horizon.warmup_weeks
        done, of = (months(one, days, self.words) for one in (found.done, found.of))
        left = self.words.number(found.left, 0 if found.left >= 1 else 1)
        key = "serve.far_long" if found.is_long else "serve.far"
        send({"kind": "progress", "text": self.words.say(key, done=done, of=of, seconds=left)})

    def _answered(self, stage: Stage) -> Event:
        said = stage.answers
        key = "serve.precise" if stage.is_precise else "serve.most"
        if not stage.is_last:
            key = "serve.goes_on"
        if stage.count == STAGES[0]:
            key = "serve.quick"
        return {
            "kind": "answers",
            "html": answers_html(said, self.words),
            "count": stage.count,
            "last": stage.is_last,
            "played": said.played,
            "how": self.words[key],
            "figures": said.figures,
        }

    def reread(self) -> None:
        """Read the file again.

        Raises:
            ScenarioError: it has mistakes; the page stays as it was.
        """
        site = read_site(self.site.path, self.site.sets)
        self.site, self._ranges = site, ranges(site)

    def compare(self, study: Study, body: Mapping[str, Any], send: Callable[[Event], None]) -> None:
        """Draw `compare`'s page of some rows."""
        ids = body.get("rows")
        if not isinstance(ids, list) or not 0 < len(ids) <= _MOST_COMPARED:
            raise WrongRequestError(400, f"rows are one to {_MOST_COMPARED} of what was tried")
        rows = [self.history.row(str(one)) for one in ids]
        base = settings_of(body.get("base", {}))
        site = self.site_of(body, "base_text")
        names = unique_names([self.words["serve.base"], *(one.name or one.title for one in rows)])
        sites: list[tuple[str, Site, Settings]] = [(names[0], site, base)]
        sites += [
            (name, self.site_of({"text": one.text}), one.now)
            for name, one in zip(names[1:], rows, strict=True)
        ]
        tell = partial(self._tell, Asked(site, base, site, base), send)
        found = self.studies.studied(study, sites, _COMPARED, tell)
        write_compared(
            found, site, self.history.folder / "compare", self.studies.engine, self.words
        )
        send({"kind": "page", "address": "/pages/compare"})

    def watch(self, study: Study, body: Mapping[str, Any], send: Callable[[Event], None]) -> None:
        """Draw the page of a day of the move, beside what it is compared with."""
        asked = self.asked(body)
        base, now = asked.before.scenario(asked.base), asked.site.scenario(asked.now)
        names = (self.words["watch.as_it_is"], name_of(base, now, self.words))
        designs = [Design(names[0], base), Design(names[1], now)]
        if not changes(base, now):
            del designs[1]
        study.check()
        folder, studies = self.history.folder, self.studies
        write_watched(designs, folder, studies.seed, studies.engine, self.words)
        send({"kind": "page", "address": "/pages/watch"})

    def variant(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Show a move as a variant of the file, or write it when it was seen.

        Raises:
            ResultsError: it cannot be written.
            ScenarioError: it cannot be one.
        """
        now, name = settings_of(body.get("now", {})), body.get("name")
        site, sure = self.site_of(body), body.get("sure")
        if not isinstance(name, str):
            raise WrongRequestError(400, "name is a text")
        if isinstance(sure, str):
            write_draft(site, draft_variant(site, now, name.strip()), sure)
            self.reread()
            return {"written": site.path.name}
        draft = draft_variant(site, now, name.strip())
        return {"difference": draft.difference, "sure": draft.sure}

    def save(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Show what the text in the editor would change in the file, or write it when it was seen.

        Raises:
            ResultsError: it cannot be written.
            ScenarioError: it has mistakes, or the file has changed meanwhile.
        """
        text, sure = body.get("text"), body.get("sure")
        if not isinstance(text, str):
            raise WrongRequestError(400, "text is a text")
        self.site_of(body)
        if isinstance(sure, str):
            write_draft(self.site, draft_text(self.site, text), sure)
            self.reread()
            return {"written": self.site.path.name}
        draft = draft_text(self.site, text)
        return {"difference": draft.difference, "sure": draft.sure}

    def written(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The text with what was moved written into it, and what has no place there."""
        text, left = written(self.site_of(body), settings_of(body.get("now", {})))
        return {"text": text, "left": left}

    def questions(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What can be moved of the text in the editor."""
        site = self.site_of(body)
        return [asdict(one) for one in self.asked_of(site)]

    def asked_of(self, site: Site) -> tuple[Question, ...]:
        """All that can be moved."""
        return questions(site, self._ranges, self.words)


# --- routes ---------------------------------------------------------------------------------------

Handler = Callable[[Desk, Request], Awaitable[Response]]
Work = Callable[[Study, Mapping[str, Any], Callable[[Event], None]], None]
"""What is done in a thread of its own for a window."""


def application(desk: Desk) -> Starlette:
    """The page and all that it asks for; whoever may ask is seen to before."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            desk.studies.stop_all()
            desk.threads.shutdown(cancel_futures=True)

    get = {
        "/": _page,
        "/pages/{name}": _taken,
        "/schema": _schema,
        "/assets/{name}": _asset,
        "/tried": _tried,
    }
    post = {
        "/play": _play,
        "/stop": _stop,
        "/row": _row,
        "/command": _command,
        "/questions": _questions,
        "/reread": _reread,
        "/compare": _compare,
        "/variant": _variant,
        "/watch": _watch,
        "/text": _written,
        "/save": _save,
    }
    routes = [Route(path, _handled(desk, one), methods=["GET"]) for path, one in get.items()]
    routes += [Route(path, _handled(desk, one), methods=["POST"]) for path, one in post.items()]
    return Starlette(routes=routes, lifespan=lifespan)


def _handled(desk: Desk, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler whose complaints are answers too."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(desk, request)
        except WrongRequestError as error:
            return PlainTextResponse(f"{error}\n", status_code=error.status)
        except ResultsError as error:
            return PlainTextResponse(f"{desk.words.told(message_of(error))}\n", status_code=500)
        except ScenarioError as error:
            return JSONResponse(
                {"kind": "wrong", "problems": mistakes(error, desk.words)}, status_code=422
            )

    return handle


async def _page(desk: Desk, _: Request) -> Response:
    html = page(desk.site, desk.asked_of(desk.site), desk.history.rows, desk.words)
    return HTMLResponse(html, headers={"Content-Security-Policy": OWN_PAGE})


async def _asset(_: Desk, request: Request) -> Response:
    found = asset(request.path_params["name"])
    if found is None:
        raise WrongRequestError(404, "there is no such file")
    return Response(found[0], media_type=found[1])


async def _tried(desk: Desk, _: Request) -> Response:
    return JSONResponse([one.as_json() for one in desk.history.rows])


async def _play(desk: Desk, request: Request) -> Response:
    return await _streamed(desk, request, desk.play)


async def _compare(desk: Desk, request: Request) -> Response:
    return await _streamed(desk, request, desk.compare)


async def _watch(desk: Desk, request: Request) -> Response:
    return await _streamed(desk, request, desk.watch)


async def _streamed(desk: Desk, request: Request, work: Work) -> Response:
    body = await sent(request)
    window = _text(body, "window")
    return StreamingResponse(_lines(desk, window, body, work), media_type="application/x-ndjson")


async def _lines(
    desk: Desk, window: str, body: Mapping[str, Any], work: Work
) -> AsyncIterator[str]:
    """A line of JSON for everything that is said of a move; whoever goes away stops it."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Event | None] = asyncio.Queue()

    def send(event: Event | None) -> None:
        loop.call_soon_threadsafe(waiting.put_nowait, event)

    about = json.dumps([body.get(name) for name in _ASKED])
    with desk.studies.of(window, about) as study:
        under_way = loop.run_in_executor(desk.threads, _work, desk, work, study, body, send)
        try:
            while (event := await waiting.get()) is not None:
                yield json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n"
            await under_way
        finally:
            study.stopped.set()


def _work(
    desk: Desk,
    work: Work,
    study: Study,
    body: Mapping[str, Any],
    send: Callable[[Event | None], None],
) -> None:
    """Play in a thread of its own; what goes wrong is said."""
    try:
        work(study, body, send)
    except StoppedError:
        send({"kind": "stopped"})
    except ScenarioError as error:
        send({"kind": "wrong", "problems": mistakes(error, desk.words)})
    except (DayError, ResultsError, StudyError, WrongRequestError) as error:
        send({"kind": "failed", "message": desk.words.told(message_of(error))})
    finally:
        send(None)


async def _stop(desk: Desk, request: Request) -> Response:
    desk.studies.stop(_text(await sent(request), "window"))
    return JSONResponse({})


async def _row(desk: Desk, request: Request) -> Response:
    """Star a row, or name it."""
    body = await sent(request)
    key = _text(body, "id")
    if isinstance(body.get("star"), bool):
        desk.history.star(key, on=body["star"])
    if isinstance(body.get("name"), str):
        desk.history.name(key, body["name"].strip())
    return JSONResponse(desk.history.row(key).as_json())


async def _command(desk: Desk, request: Request) -> Response:
    body = await sent(request)
    asked = desk.asked(body)
    count = body.get("count")
    if not isinstance(count, int) or count not in STAGES:
        raise WrongRequestError(400, "count is one of the numbers of replications")
    counted = (count, desk.studies.seed)
    before, after = (asked.before, asked.base), (asked.site, asked.now)
    line = command(before, after, counted, desk.history.folder)
    return JSONResponse({"command": line})


async def _variant(desk: Desk, request: Request) -> Response:
    return JSONResponse(desk.variant(await sent(request)))


async def _written(desk: Desk, request: Request) -> Response:
    return JSONResponse(desk.written(await sent(request)))


async def _save(desk: Desk, request: Request) -> Response:
    return JSONResponse(desk.save(await sent(request)))


async def _schema(_: Desk, __: Request) -> Response:
    """What a scenario may say, for the editor to complete."""
    return Response(schema_text(), media_type="application/json")


async def _taken(desk: Desk, request: Request) -> Response:
    """A page of results, which runs its own scripts and no others."""
    file = page_file(desk.history.folder, request.path_params["name"])
    html = file.read_text(encoding="utf-8")
    return HTMLResponse(html, headers={"Content-Security-Policy": policy_of(html)})


async def _questions(desk: Desk, request: Request) -> Response:
    body = await sent(request)
    try:
        return JSONResponse(desk.questions(body))
    except ScenarioError as error:  # as nearly always while somebody types: no failure
        return JSONResponse({"kind": "wrong", "problems": mistakes(error, desk.words)})


async def _reread(desk: Desk, request: Request) -> Response:
    await sent(request)
    desk.reread()
    return JSONResponse({})


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_ID:
        raise WrongRequestError(400, f"{name} is a short text")
    return found
