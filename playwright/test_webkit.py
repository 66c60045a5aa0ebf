"""WebKitGTK, by its WebDriver: boot, the vectors of CPython, a search in the page, a reload without a server.

Automation sessions of WebKitGTK keep nothing beyond the browser's end, so a restart is not tested here.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options

from nearside_server.site import site_folder

PATIENCE = 150  # seconds; a guard against hanging, never a measurement
SITE = Path(os.environ.get("NEARSIDE_SITE") or site_folder())
BROWSERS = (
    "/usr/lib/*/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/*/webkitgtk-6.0/MiniBrowser",
    "/usr/lib/*/webkit2gtk-4.0/MiniBrowser",
    "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
)
NOTES = (
    "The harbour master wrote the tides into a ledger every morning.",
    "Cats like to nap on warm windowsills while it rains outside.",
    "Sourdough bread needs a lively starter, strong flour, salt and a long rest.",
)
QUESTION = "Where do kittens sleep?"
EVERY_TASK = Path(__file__).parent / "support/every-task.js"  # one call of each task, as in Firefox
ARCHITECTURES = Path(__file__).parents[1] / "tests/fixtures/architectures"
AGREEMENT = Path(__file__).parents[1] / "tests/fixtures/agreement"  # what CPython makes of fifty texts


def programs() -> tuple[str, str]:
    """Return the paths of WebKitWebDriver and MiniBrowser; skip where they are missing and not required."""
    driver = shutil.which(os.environ.get("NEARSIDE_WEBKIT") or "WebKitWebDriver")
    browser = next((str(path) for pattern in BROWSERS for path in Path("/").glob(pattern[1:])), None)
    missing = [
        name
        for name, path in (
            ("WebKitWebDriver", driver),
            ("MiniBrowser", browser),
            ("xvfb-run", shutil.which("xvfb-run")),
            ("dbus-run-session", shutil.which("dbus-run-session")),
        )
        if path is None
    ]
    if driver is not None and browser is not None and not missing:
        return driver, browser
    message = f"WebKitGTK is incomplete: {', '.join(missing)}"
    if "webkit" in os.environ.get("NEARSIDE_REQUIRE", "").split(","):
        pytest.fail(message)
    pytest.skip(message)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str) -> None:
    """Wait until something answers at `url`."""
    for _ in range(600):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    pytest.fail(f"Nothing answers at {url}.")


@contextlib.contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command; at the end, kill it and all that it started."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True)
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def page() -> Iterator[webdriver.Remote]:
    """A page of an empty browser."""
    driver, browser = programs()
    port = free_port()
    with running(
        *("xvfb-run", "-a", "dbus-run-session", "--", driver, f"--port={port}"),
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1",
        LIBGL_ALWAYS_SOFTWARE="1",
    ):
        wait_for(f"http://127.0.0.1:{port}/status")
        options = Options()
        options.binary_location = browser
        options.add_argument("--automation")
        options.set_capability("browserName", "MiniBrowser")
        connection = RemoteConnection(
            client_config=ClientConfig(f"http://127.0.0.1:{port}", timeout=2 * PATIENCE)
        )
        session = webdriver.Remote(connection, options=options)
        try:
            session.set_script_timeout(PATIENCE)
            yield session
        finally:
            session.quit()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The real server, with the small models in `arch/`: its address and its process."""
    port = free_port()
    shutil.copytree(ARCHITECTURES, tmp_path / "arch")
    command = (sys.executable, "-m", "nearside_server", "serve", "--port", str(port), "--hub", "off")
    with running(*command, "--site", str(SITE), "--models", str(tmp_path)) as process:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}/", process


def embed(page: webdriver.Remote, texts: list[str]) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
    """Embed in the page: the vectors and the model that made them."""
    answer = page.execute_async_script(
        """
        const [texts, done] = arguments;
        const told = (error) => done({ error: `${error.code}: ${error.message}` });
        const look = () => {
          if (!window.nearside) return void setTimeout(look, 50); // the page's module has not run yet
          nearside.ready.then(() => nearside.embed(texts)).then(
            ({ embeddings, model }) => done({ vectors: embeddings.map((one) => [...one]), model }),
            told,
          );
        };
        look();
        """,
        texts,
    )
    assert "error" not in answer, answer["error"]
    return np.array(answer["vectors"]), answer["model"]


def every_task(page: webdriver.Remote) -> tuple[dict[str, Any], dict[str, Any]]:
    """One call of each task: what came out, and what every browser must answer."""
    source = EVERY_TASK.read_text("utf-8").replace("export ", "")
    answer: dict[str, Any] = page.execute_async_script(
        source
        + """
        const done = arguments[0];
        nearside.ready.then(() => everyTask(nearside)).then(
          (made) => done({ made, expected: EVERY_TASK }),
          (error) => done({ error: `${error.code}: ${error.message}` }),
        );
        """
    )
    assert "error" not in answer, answer["error"]
    return answer["made"], answer["expected"]


def search(page: webdriver.Remote) -> str:
    """Ask in the page; the text of the first result."""
    box = page.find_element(By.ID, "query")
    box.clear()
    box.send_keys(QUESTION, Keys.ENTER)
    found = WebDriverWait(page, PATIENCE).until(
        lambda session: session.find_elements(By.CSS_SELECTOR, "ns-results .result-text")
    )
    text: str = found[0].text
    return text


def test_webkit(page: webdriver.Remote, server: tuple[str, subprocess.Popen[bytes]]) -> None:
    """First visit, then a reload without a server."""
    url, process = server

    texts = json.loads((AGREEMENT / "texts.json").read_text("utf-8"))["texts"]
    expected = json.loads((AGREEMENT / "expected.json").read_text("utf-8"))

    page.get(f"{url}#/search")
    vectors, model = embed(page, texts)
    assert model["backend"] == "wasm"
    assert (model["dtype"], model["sha256"]) == (expected["dtype"], expected["sha256"])
    page.find_element(By.ID, "draft").send_keys("\n".join(NOTES))
    assert NOTES[1] in search(page)
    made, wanted = every_task(page)
    assert made == wanted

    WebDriverWait(page, PATIENCE).until(lambda session: session.find_elements(By.CSS_SELECTOR, ".foot-ready"))
    stop(process)
    page.refresh()
    again, _ = embed(page, texts)
    assert np.array_equal(again, vectors)
    made, wanted = every_task(page)
    assert made == {**wanted, "route": "connectivity"}
    assert NOTES[1] in search(page)
    report = page.execute_async_script("nearside.device().then(arguments[0])")
    assert report["isolated"] is True
    assert report["storage"]["indexeddb"] is True
    assert report["wasm"]["simd"] is True

    cosines = (vectors * np.load(AGREEMENT / "expected.npy")).sum(axis=1)
    # The bounds of support/agreement.js, and the reason for them.
    assert cosines.min() >= 0.997, cosines
    assert cosines.mean() >= 0.9995, cosines
