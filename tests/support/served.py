"""The page to try things on, served within the tests, and asked as a browser asks."""

import http.client
import json
import re
import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from sim.engine import Engine
from sim.report.page.words import catalogue
from sim.serve.app import Desk
from sim.serve.history import History
from sim.serve.moves import read_site
from sim.serve.security import Door
from sim.serve.server import server_of
from sim.serve.studies import Studies
from tests.support.command import SMALL

TRIED = (
    SMALL.replace("name: small\n", "name: small\ntitle: A small site\n")
    .replace("role: nurse, from", "role: nurse, count: 2, from")
    .replace("roles: {nurse: {}}", "roles: {nurse: {cost_per_hour: 30}}")
    .replace("mean: 25}", "mean: 25} # assumption (mean 15-40)")
)
"""A small site with something of everything that is asked."""


class Served:
    """A page that is served, and somebody who asks."""

    def __init__(self, desk, door):
        self.desk, self.door = desk, door
        self.cookie = f"dcr-sim-{door.port}={door.cookie}"

    def ask(self, method, path, body=None, **changed):
        """One request as the page makes it, with headers changed; None leaves one out."""
        host = f"127.0.0.1:{self.door.port}"
        headers = {"Host": host, "Cookie": self.cookie}
        if method == "POST":
            headers |= {"Origin": f"http://{host}", "Content-Type": "application/json"}
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.door.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                if value is not None:
                    connection.putheader(name, value)
            if sent is not None and "Content-Length" not in headers:
                connection.putheader("Content-Length", str(len(sent)))
            connection.endheaders(sent)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def play(self, now=None, *, window="one", **more):
        """All that is said of a move."""
        body = {"window": window, "base": {}, "now": now or {}, **more}
        answer, text = self.ask("POST", "/play", body)
        assert answer.status == 200, text
        return [json.loads(line) for line in text.splitlines()]

    def rows(self):
        return json.loads(self.ask("GET", "/tried")[1])


def last(events):
    """The last answers, with what stands beside them."""
    found = [one for one in events if one["kind"] == "answers"][-1]
    beside = [one for one in events if one["kind"] == "beside"][-1]
    return {**found, "html": {**found["html"], **beside["html"]}}


def words_of(html):
    """What is read of a part of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@contextmanager
def served(path: Path, folder: Path, lang="en", port=0, stages=(2, 10)):
    """A scenario's page, for the block."""
    at = socket.create_server(("127.0.0.1", port))
    door = Door(at.getsockname()[1])
    studies = Studies(Engine.FAST, 1, 2, None, stages)
    desk = Desk(read_site(path, ()), catalogue(lang), studies, History(folder))
    server = server_of(desk, door)
    thread = threading.Thread(target=server.run, args=([at],))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Served(desk, door)
    finally:
        server.should_exit = True
        thread.join()
        at.close()
