"""Who may ask the page to try things on, and what it may read and write."""

import http.client
import signal
import socket
import subprocess
import sys
import time

import pytest

from sim.serve.security import LARGEST, WrongRequestError, below, policy_of
from tests import ROOT
from tests.support.command import call
from tests.support.served import TRIED, served


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("safety")
    (folder / "small.yaml").write_text(TRIED, "utf-8")
    with served(folder / "small.yaml", folder / "tried") as found:
        yield found


HOSTS = ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "", None]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/", "/?token={token}", "/play", "/nowhere"])
def test_another_host_is_answered_400_before_anything_else(page, host, path):
    host = host and host.format(port=page.door.port)
    path = path.format(token=page.door.token)
    answer, text = page.ask("GET", path, Host=host)
    assert answer.status == 400
    assert page.door.token not in text
    assert answer.getheader("Set-Cookie") is None


def test_localhost_with_our_port_is_us(page):
    answer, _ = page.ask("GET", "/", Host=f"localhost:{page.door.port}")
    assert answer.status == 200


def test_the_printed_address_gives_a_cookie_that_scripts_and_other_sites_do_not_have(page):
    answer, _ = page.ask("GET", f"/?token={page.door.token}", Cookie=None)
    assert answer.status == 303
    assert answer.getheader("Location") == "/"
    cookie = answer.getheader("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert page.door.token not in cookie


@pytest.mark.parametrize(
    "path", ["/", "/assets/main.js", "/tried", "/?token=wrong-wrong-wrong-wrong"]
)
@pytest.mark.parametrize("cookie", [None, "", "dcr-sim-{port}=guess", "other=1"])
def test_nothing_is_told_without_the_cookie(page, path, cookie):
    answer, text = page.ask("GET", path, Cookie=cookie and cookie.format(port=page.door.port))
    assert answer.status == 403
    assert "small" not in text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Origin": None}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "https://127.0.0.1:{port}"}, 403),
        ({"Content_Type": None}, 415),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Cookie": None}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/play", "/row", "/reread", "/stop"])
def test_changes_come_from_the_page_itself_as_json(page, changed, status, path):
    changed = {name: one and one.format(port=page.door.port) for name, one in changed.items()}
    answer, _ = page.ask("POST", path, {"window": "one"}, **changed)
    assert answer.status == status


def test_nothing_is_changed_by_looking(page):
    for path in ("/play", "/row", "/reread", "/stop"):
        assert page.ask("GET", path)[0].status == 405
    assert page.ask("PUT", "/row", {})[0].status == 405


def test_no_more_than_64_kb_is_taken_whether_or_not_it_is_said_beforehand(page):
    large = b'{"window": "' + b"a" * LARGEST + b'"}'
    assert page.ask("POST", "/stop", large)[0].status == 413
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(large), large)
    said = {"Transfer_Encoding": "chunked", "Content_Length": None}
    assert page.ask("POST", "/stop", chunked, **said)[0].status == 413


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"window": NaN}', b"[" * 30_000])
def test_what_is_no_object_of_json_is_refused(page, body):
    assert page.ask("POST", "/stop", body)[0].status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"window": 1},
        {"window": "a", "now": []},
        {"window": "a", "now": {"rooms.injecting.places": [1]}},
        {"window": "a", "now": {"": 1}},
        {"window": "a", "text": 1},
    ],
)
def test_a_move_of_another_shape_is_refused(page, body):
    answer, text = page.ask("POST", "/play", body)
    assert answer.status == 400 or '"failed"' in text


def test_every_answer_says_what_a_browser_may_do_with_it(page):
    for path in ("/", "/tried", "/assets/main.js", "/nowhere"):
        answer, _ = page.ask("GET", path)
        policy = answer.getheader("Content-Security-Policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert answer.getheader("X-Content-Type-Options") == "nosniff"
        assert answer.getheader("Referrer-Policy") == "no-referrer"
    policy = page.ask("GET", "/")[0].getheader("Content-Security-Policy")
    assert "script-src 'self';" in policy


@pytest.mark.parametrize(
    "name",
    ["..%2fapp.py", "../app.py", "%2e%2e/app.py", "main.py", ".hidden.js", "no.js", "a/b.js"],
)
def test_only_the_files_beside_the_page_are_handed_out(page, name):
    assert page.ask("GET", f"/assets/{name}")[0].status in {403, 404}


def test_a_page_of_its_own_runs_its_own_scripts_only():
    html = '<script>one()</script><script type="application/json">{}</script>'
    policy = policy_of(html)
    assert policy.count("sha256-") == 1
    assert "script-src 'sha256-" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert "script-src 'none'" in policy_of("<p>nothing</p>")


def test_links_and_dots_lead_nowhere(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    assert below(inside, inside / "a.html") == (inside / "a.html").resolve()
    for path in (inside / ".." / "out", inside / "link" / "x", outside, inside / "a\0b"):
        with pytest.raises(WrongRequestError):
            below(inside, path)


# --- the program itself ---------------------------------------------------------------------------


def started(folder, *arguments):
    command = [
        sys.executable,
        str(ROOT / "run.py"),
        "serve",
        "small.yaml",
        "--no-browser",
        *arguments,
    ]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for another program")
def test_ctrl_c_ends_it_cleanly_and_frees_the_port(tmp_path):
    (tmp_path / "small.yaml").write_text(TRIED, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = started(tmp_path, "--port", str(port))
    assert program.stdout is not None
    address = program.stdout.readline().split()[1]
    assert address.startswith(f"http://127.0.0.1:{port}/?token=")
    listening(port)
    taken = started(tmp_path, "--port", str(port))
    _, said = taken.communicate(timeout=60)
    assert taken.returncode == 2
    assert f"port {port} is taken" in said
    assert "Traceback" not in said
    program.send_signal(signal.SIGINT)
    out, errors = program.communicate(timeout=30)
    assert program.returncode == 0
    assert "Ended." in out
    assert errors == ""
    socket.create_server(("127.0.0.1", port)).close()


def listening(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


@pytest.mark.slow
def test_it_listens_on_this_machine_alone_and_writes_no_query(tmp_path):
    (tmp_path / "small.yaml").write_text(TRIED, "utf-8")
    program = started(tmp_path, "--port", "0")
    assert program.stdout is not None
    address = program.stdout.readline().split()[1]
    port = int(address.split(":")[2].partition("/")[0])
    listening(port)
    other = [
        str(one[4][0])
        for one in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)
        if not str(one[4][0]).startswith("127.")
    ]
    for one in other:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((one, port), timeout=1).close()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/?token=secret-secret-secret-secret")
    assert connection.getresponse().status == 403
    connection.close()
    program.terminate()
    out, errors = program.communicate(timeout=30)
    assert "secret" not in out + errors


def test_without_its_packages_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    (tmp_path / "small.yaml").write_text(TRIED, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.cli.commands.serve.find_spec", lambda _: None)
    assert call(monkeypatch, "serve", "small.yaml") == 2
    assert "python -m pip install 'dcr-sim[serve]'" in capsys.readouterr().err
