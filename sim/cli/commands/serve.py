"""`serve`: a page of this machine to try things on."""

import socket
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from sim import __version__
from sim.cli.console import fail, say
from sim.cli.options import (
    PROCESSORS,
    RESULTS,
    EngineOption,
    Lang,
    Out,
    ScenarioFile,
    Seed,
    Settings,
    Workers,
    how_many,
    make_ready,
)
from sim.cli.session import CACHE, read_held
from sim.engine import Engine
from sim.report import ENGLISH
from sim.report.page.words import Words, catalogue
from sim.study import Plan
from sim.study.estimate.targets import check_targets
from sim.study.run.cache import Cache, code_version

_PACKAGES = ("starlette", "uvicorn")
_HOST, _USUAL_PORT, _MOST_PORT = "127.0.0.1", 8017, 65535


def serve_command(
    scenario: ScenarioFile,
    port: Annotated[
        int, how_many("The port of this machine; 0 takes any that is free.", 0, _MOST_PORT)
    ] = _USUAL_PORT,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open no browser.")
    ] = False,
    settings: Settings = None,
    seed: Seed = 1,
    workers: Workers = PROCESSORS,
    engine: EngineOption = Engine.FAST,
    lang: Lang = ENGLISH,
    out: Out = None,
) -> None:
    """Open a page on which the scenario's numbers are moved, and what that changes is seen."""
    words = catalogue(lang)
    if missing := [name for name in _PACKAGES if find_spec(name) is None]:
        fail(words.say("serve.needs", packages=", ".join(missing)))
    loaded, sets = read_held(scenario, settings, None, Plan(engine=engine))
    # By name, since the packages need not be there.
    server, moves, studies = (
        import_module(f"sim.serve.{name}") for name in ("server", "moves", "studies")
    )
    site = moves.read_site(scenario, sets, loaded)
    check_targets(loaded.scenario, loaded.source)
    at = _port(port, words)
    make_ready(engine, loaded.scenario)
    folder = RESULTS / f"{loaded.scenario.name}-serve" if out is None else out
    cache = Cache(CACHE, code_version(__version__))

    def opened(address: str) -> None:
        say(words.say("serve.open", address=address), soft_wrap=True)
        if not no_browser:
            server.browse(address)

    plays = studies.Studies(engine, seed, workers, cache)
    with suppress(KeyboardInterrupt):
        server.serve(site, plays, folder, words, at, opened)
    say(words["serve.ended"])


def _port(number: int, words: Words) -> socket.socket:
    """The port, reached from this machine alone; ends the program if another has it."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((_HOST, number))
        found.listen()
    except OSError:
        found.close()
        fail(words.say("serve.port_taken", port=number))
    return found
