"""Who may ask what: a page of this machine, opened with the address that the program printed.

Any page of any site that a planner has open beside this one can send requests to it. So a request
must name this machine as its host (a name of somebody else's that leads here does not count), have
the cookie that only the printed address gives, and, to change anything, come from this page itself.
"""

import json
import re
import secrets
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 64 * 1024
"""Bytes of what a page may send."""
_TOKEN = re.compile(r"token=([A-Za-z0-9_-]{20,100})")
_SCRIPT = re.compile(r"<script([^>]*)>(.*?)</script>", re.DOTALL)
_ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_NONE = "'none'"
OWN_PAGE = (
    f"{_NOTHING}; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "font-src data:; img-src 'self' data:; connect-src 'self'"
)
"""Of the page itself: scripts and styles from here only; drawings carry sizes as attributes."""


class WrongRequestError(Exception):
    """A request that is not answered; the message says why."""

    def __init__(self, status: int, message: str) -> None:
        """Take the status of HTTP and what is wrong."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Door:
    """What lets a page in."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """In the address that is printed."""
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """What the browser has afterwards."""

    @property
    def address(self) -> str:
        """Where the page is opened first."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    @property
    def _hosts(self) -> tuple[str, ...]:
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    @property
    def _name(self) -> str:
        """Of the cookie: browsers do not keep ports apart."""
        return f"dcr-sim-{self.port}"

    def wrong(self, scope: Scope) -> Response | None:
        """What a request is answered if it may not come in, or comes in by the token."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return _refused(400, f"this page is at 127.0.0.1:{self.port} only")
        if scope["method"] == "GET" and scope["path"] == "/" and scope["query_string"]:
            found = _TOKEN.fullmatch(scope["query_string"].decode("ascii", "replace"))
            if found is not None and secrets.compare_digest(found[1], self.token):
                return self._let_in()
        if not secrets.compare_digest(self._cookie_of(headers), self.cookie):
            return _refused(403, "open the address that dcr-sim printed when it was started")
        if scope["method"] == "POST":
            return self._wrong_change(headers, hosts[0].lower())
        if scope["method"] not in {"GET", "HEAD"}:
            return _refused(405, "GET or POST")
        return None

    def _let_in(self) -> Response:
        found = RedirectResponse("/", status_code=303)
        found.set_cookie(self._name, self.cookie, httponly=True, samesite="strict", path="/")
        return found

    def _cookie_of(self, headers: Headers) -> str:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return ""
        found = cookies.get(self._name)
        return "" if found is None or not found.value.isascii() else found.value

    def _wrong_change(self, headers: Headers, host: str) -> Response | None:
        if headers.getlist("origin") != [f"http://{host}"]:
            return _refused(403, "changes are made on the page itself")
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return _refused(415, "changes are sent as application/json")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LARGEST:
            return _refused(413, f"at most {LARGEST} bytes")
        return None


def _refused(status: int, message: str) -> Response:
    return PlainTextResponse(f"{message}\n", status_code=status)


class Guard:
    """Stands before the application: nothing else is done before a request is let in."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        """Take the application behind it."""
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        wrong = self._door.wrong(scope)
        await (self._app if wrong is None else wrong)(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    """Every answer says what a browser may do with it; nothing, unless it says otherwise."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in (*_ALWAYS.items(), ("Content-Security-Policy", _NOTHING)):
                headers.setdefault(name, value)
        await send(message)

    return sending


async def sent(request: Request) -> dict[str, Any]:
    """What a page sent, an object of JSON.

    Raises:
        WrongRequestError: it is too much, or something else.
    """
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST:
                raise WrongRequestError(413, f"at most {LARGEST} bytes")
    except ClientDisconnect:
        raise WrongRequestError(400, "broken off") from None
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise WrongRequestError(400, "is no JSON") from None
    if not isinstance(found, dict):
        raise WrongRequestError(400, "is no object of JSON")
    return found


def _no_number(text: str) -> None:
    raise ValueError(text)


def policy_of(html: str) -> str:
    """The policy of a page that carries all of itself: its own scripts run, and no others."""
    hashes = " ".join(f"'sha256-{_hash(one)}'" for one in dict.fromkeys(_scripts(html)))
    return (
        f"{_NOTHING}; script-src {hashes or _NONE}; style-src 'unsafe-inline'; "
        "font-src data:; img-src data: blob:"
    )


def _scripts(html: str) -> Iterable[str]:
    """Those that a browser runs: data in a script element is none."""
    return (
        text for attributes, text in _SCRIPT.findall(html) if "application/json" not in attributes
    )


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def below(folder: Path, path: Path) -> Path:
    """A path that is in a folder, with all links followed.

    Raises:
        WrongRequestError: it is not, or a link leads out.
    """
    try:
        found = path.resolve()
        inside = found.is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # links that go in circles, a NUL in the name
        inside, found = False, path
    if not inside:
        raise WrongRequestError(403, "is not in the folder of the scenario or of its results")
    return found
