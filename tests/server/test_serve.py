"""`nearside serve` as a process: where it listens, what it refuses, how it starts, changes and stops."""

import http.client
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

TLS = Path(__file__).resolve().parents[1] / "fixtures" / "tls"
CERT, KEY = TLS / "cert.pem", TLS / "key.pem"
BIG = "/models/nearside/tiny/onnx/model_quantized.onnx"


def nearside(*arguments):
    """Run `nearside serve` with arguments that it refuses; return status and messages."""
    done = subprocess.run(
        [sys.executable, "-m", "nearside_server", "serve", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_a_network_needs_tls(site, host):
    status, said = nearside("--site", site, "--host", host, "--port", 0)
    assert status == 2
    assert re.match(r"nearside: .*other machines.*\n  .*--tls-cert.*--insecure", said)


def test_insecure_is_possible_when_said(serve, site):
    server = serve("--site", site, "--host", "0.0.0.0", "--insecure")
    assert server.url.startswith("http://localhost:")
    assert server.ask("/healthz").status == 200


def test_a_name_for_this_machine_is_safe(serve, site):
    server = serve("--site", site, "--host", "localhost")
    assert server.ask("/healthz").status == 200


def test_tls(serve, site):
    server = serve("--site", site, "--host", "0.0.0.0", "--tls-cert", CERT, "--tls-key", KEY)
    assert server.url.startswith("https://localhost:")
    assert server.ask("/", Accept_Encoding="br").status == 200
    assert len(server.ask(BIG).body) == 256 * 100_000
    plain = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    plain.request("GET", "/")
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.getresponse()
    plain.close()
    assert server.stop() == 0


def test_old_tls_is_refused(serve, site):
    server = serve("--site", site, "--tls-cert", CERT, "--tls-key", KEY)
    context = ssl.create_default_context(cafile=CERT)
    with pytest.warns(DeprecationWarning, match="TLSVersion"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", server.port)) as sock,
        pytest.raises(OSError, match=r"(?i)tls|ssl"),
    ):
        context.wrap_socket(sock, server_hostname="localhost")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tls-cert", CERT), "belong together"),
        (("--tls-key", KEY), "belong together"),
        (("--tls-cert", KEY, "--tls-key", CERT), "cannot be used"),
        (("--tls-cert", "missing.pem", "--tls-key", KEY), "cannot be used"),
        (("--hub", "example.org"), "not the address of a hub"),
        (("--hub", "http://example.org"), "not encrypted"),
        (("--hub", "https://a.example,off"), "not a hub and the origins"),
        (("--hub", "https://a.example,https://b.example/path"), "not a hub and the origins"),
        (("--hub", "off,https://b.example"), "not a hub and the origins"),
        (("--hub", "https://a.example,http://b.example"), "not encrypted"),
        (("--hub", "https://a.example; script-src *"), "not the address of a hub"),
        (("--hub", "https://a.example\r\nx: y"), "not the address of a hub"),
        (("--hub", "https://user@a.example"), "not the address of a hub"),
        (("--models", "no/such/folder"), "is not there"),
        (("--host", "no-such-host.invalid"), "not an address"),
        (("--port", "65536"), "not a port"),
        (("--port", "-1"), "port"),
        (("--port", "x"), "not a port"),
    ],
)
def test_refused_options(site, arguments, message):
    status, said = nearside("--site", site, *arguments)
    assert status == 2
    assert message in said


def test_a_taken_port(server, site):
    status, said = nearside("--site", site, "--port", server.port)
    assert status == 2
    assert f"Port {server.port}" in said
    assert "--port" in said


def test_the_port_is_free_again_at_once(serve, site):
    first = serve("--site", site)
    first.ask("/")
    assert first.stop() == 0
    second = serve("--site", site, "--port", first.port)
    assert second.port == first.port
    assert second.ask("/").status == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_with_open_connections(serve, site, number):
    """An idle connection, a half request and a download that nobody reads neither hold it up nor show."""
    server = serve("--site", site)
    idle = server.connect()
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    half = socket.create_connection(("127.0.0.1", server.port))
    half.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
    stalled = server.connect()
    stalled.request("GET", BIG)
    answer = stalled.getresponse()
    assert answer.status == 200
    assert server.stop(number) == 0
    assert server.complaints() == []
    with pytest.raises((http.client.IncompleteRead, OSError)):
        answer.read()
    for connection in (idle, half, stalled):
        connection.close()


def test_it_stops_while_it_hashes_a_large_model(serve, site, tmp_path):
    model = tmp_path / "org" / "huge"
    (model / "onnx").mkdir(parents=True)
    (model / "config.json").write_bytes(b"{}")
    with (model / "onnx" / "model.onnx").open("wb") as file:
        file.truncate(64 * 1024**3)  # a hole: no room on disk, but a minute to hash
    server = serve("--site", site, "--models", tmp_path)
    waiting = server.connect()
    waiting.request("GET", "/models/org/huge/model.json")
    assert server.ask("/healthz").status == 200
    assert server.stop() == 0
    assert server.complaints() == []
    waiting.close()


def test_nothing_is_logged(serve, site):
    server = serve("--site", site)
    server.ask("/?q=private")
    server.ask("/missing?q=private")
    server.ask("/", "POST")
    assert server.stop() == 0
    assert server.process.stdout.read() == ""
    assert server.complaints() == []


def test_others_are_served_while_a_client_does_not_read(server):
    stalled = server.connect()
    stalled.request("GET", BIG)
    stalled.getresponse()
    assert server.ask("/healthz").status == 200
    assert len(server.ask(BIG).body) == 256 * 100_000
    stalled.close()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory figures from /proc")
def test_downloads_are_streamed(serve, site):
    """Eight downloads of 26 MB at once must not be held in memory."""
    server = serve("--site", site)
    server.ask("/")

    def figure(name):
        text = Path(f"/proc/{server.process.pid}/status").read_text("utf-8")
        return int(re.search(rf"{name}:\s+(\d+) kB", text)[1])

    before = figure("VmHWM")
    threads = [threading.Thread(target=server.ask, args=(BIG,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert figure("VmHWM") - before < 30_000
    assert figure("VmHWM") <= 80_000


def test_no_site_yet(serve, tmp_path, make_site):
    folder = tmp_path / "site"
    server = serve("--site", folder)
    page = server.ask("/")
    assert page.status == 503
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert b"make run" in page.body
    assert b"nearside build" in page.body
    policy = page.headers["content-security-policy"]
    assert "style-src 'sha256-" in policy
    assert "script" not in policy
    other = server.ask("/sw.js")
    assert (other.status, other.code) == (503, "site_not_built")
    assert server.ask("/sw.js", Accept="text/html,*/*").headers["content-type"].startswith("text/html")
    assert server.ask("/healthz").status == 503
    assert server.ask("/config.json").status == 200
    # Built while the server runs: a build appears as a whole, by a rename.
    make_site(tmp_path / "new").rename(folder)
    assert server.ask("/").status == 200
    assert server.ask("/healthz").status == 200
    assert server.stop() == 0
    assert "nearside build" in "".join(server.complaints())


def test_the_style_of_the_503_page_is_allowed(serve, tmp_path):
    import base64
    import hashlib

    page = serve("--site", tmp_path).ask("/")
    style = re.search(rb"<style>(.*?)</style>", page.body, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["content-security-policy"]


def test_a_new_build_is_served_at_once(serve, tmp_path, make_site):
    folder = make_site(tmp_path / "site")
    server = serve("--site", folder)
    old = server.ask("/").headers["etag"]
    files = {"index.html": b"new page", "assets/new-1.js": b"new"}
    fresh = make_site(tmp_path / "new", files, "0.1.1")
    folder.rename(tmp_path / "old")
    fresh.rename(folder)
    answer = server.ask("/", If_None_Match=old)
    assert (answer.status, answer.body) == (200, b"new page")
    assert server.ask("/assets/new-1.js").body == b"new"
    assert server.ask("/sw.js").status == 404


def test_a_damaged_site_is_not_served(serve, tmp_path, make_site):
    folder = make_site(tmp_path / "site")
    (folder / "sw.js").unlink()
    server = serve("--site", folder)
    answer = server.ask("/nearside.js")
    assert (answer.status, answer.code) == (503, "site_damaged")
    assert server.ask("/").status == 503


def test_a_file_that_changes_under_the_server(serve, tmp_path, make_site):
    folder = make_site(tmp_path / "site")
    server = serve("--site", folder)
    (folder / "sw.js").write_bytes(b"something else, and longer")
    answer = server.ask("/sw.js")
    assert (answer.status, answer.code) == (503, "file_changed")
    (folder / "nearside.js").unlink()
    assert server.ask("/nearside.js").code == "file_changed"
