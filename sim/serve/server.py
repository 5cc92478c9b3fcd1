"""The server: one address of this machine, until Ctrl-C."""

import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import uvicorn

from sim.report.page.words import Words
from sim.serve.app import Desk, application
from sim.serve.history import History
from sim.serve.moves import Site
from sim.serve.security import Door, Guard
from sim.serve.studies import Studies

_LARGEST_HEAD = 32 * 1024
"""Bytes of the head of a request."""
_GRACE = 2
"""Seconds that answers under way have when the server ends."""


def server_of(desk: Desk, door: Door) -> uvicorn.Server:
    """What answers, for those whom the door lets in."""
    config = uvicorn.Config(
        Guard(application(desk), door),
        access_log=False,  # nothing is written of what is asked for
        log_level="error",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=_GRACE,
        ws="none",
        h11_max_incomplete_event_size=_LARGEST_HEAD,
    )
    return uvicorn.Server(config)


def serve(
    site: Site,
    studies: Studies,
    folder: Path,
    words: Words,
    at: socket.socket,
    opened: Callable[[str], None],
) -> None:
    """Answer until Ctrl-C, then free the port.

    Args:
        site: the scenario.
        studies: who plays the moves.
        folder: where what was tried is kept.
        words: the language.
        at: the port that was taken.
        opened: is told the address that lets a browser in.
    """
    door = Door(at.getsockname()[1])
    desk = Desk(site, words, studies, History(folder))
    server = server_of(desk, door)
    opened(door.address)
    desk.threads.submit(desk.begin)
    with at:
        server.run(sockets=[at])


def browse(address: str) -> None:
    """Open an address in the planner's browser, which may take its time."""
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()
