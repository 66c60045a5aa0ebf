"""A provider that is not ours: the LiteLLM proxy, unchanged, answering from its `mock_response`.

It is installed into an environment of its own (some 600 MB), and only where NEARSIDE_REQUIRE names it.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / ".cache" / "litellm"
PROGRAM = HOME / "bin" / "litellm"
PACKAGE = "litellm[proxy]==1.106.2"
TEXT = "The near side of the moon faces us."
KEY = "sk-litellm-canary"
MODELS = {
    "mock": TEXT,
    "mock-429": "litellm.RateLimitError",
    "mock-500": "litellm.InternalServerError",
    "mock-long": "litellm.ContextWindowExceededError",
    "mock-529": "Exception: mock_streaming_error",
    "mock-endless": "round and round " * 20_000,  # takes it seconds
}


@pytest.fixture(scope="module")
def litellm(require, tmp_path_factory):
    """Return the base URL of a LiteLLM proxy, and its process."""
    if not PROGRAM.exists():
        require("litellm", why=f"not installed in {HOME.relative_to(ROOT)}")
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        subprocess.run([HOME / "bin" / "pip", "install", "--quiet", "--no-compile", PACKAGE], check=True)
    folder = tmp_path_factory.mktemp("litellm")
    entries = [
        f"  - model_name: {name}\n"
        f'    litellm_params: {{model: openai/gpt-x, api_key: none, mock_response: "{said}"}}\n'
        for name, said in MODELS.items()
    ]
    (folder / "config.yaml").write_text(
        f"model_list:\n{''.join(entries)}general_settings: {{master_key: {KEY}}}\n"
        "litellm_settings: {num_retries: 0, telemetry: false}\n"
        "router_settings: {num_retries: 0, disable_cooldowns: true}\n",
        "utf-8",
    )
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "HOME": str(folder),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no look at the network for prices
        "DISABLE_ADMIN_UI": "True",
    }
    port = _free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)],
            **{"cwd": folder, "env": environment, "stdout": log, "stderr": log},
        )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/health/liveliness", process, folder / "log")
        yield f"http://127.0.0.1:{port}/v1", process
    finally:
        process.kill()
        process.wait()


def _free_port():
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait_until_up(url, process, log):
    """Return when the proxy answers; it takes half a minute to start."""
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"LiteLLM did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")


@pytest.fixture(scope="module")
def far(litellm, site, serving, tmp_path_factory):
    """Return our proxy in front of it."""
    folder = tmp_path_factory.mktemp("far")
    (folder / "key").write_text(f"{KEY}\n", "utf-8")
    models = [f'[models.{name}]\nprovider = "litellm"\nmodel = "{name}"\n' for name in (*MODELS, "nowhere")]
    text = f'[providers.litellm]\nbase_url = "{litellm[0]}"\nkey = "file:key"\n{"".join(models)}'
    (folder / "nearside.toml").write_text(text, "utf-8")
    with serving("--site", str(site), "--config", str(folder / "nearside.toml")) as running:
        yield running
        running.stop()
    assert running.complaints() == []


@pytest.fixture
def ask(far):
    """Return a function that asks a model and returns status and body."""

    def ask_model(model, *, stream, **more):
        body = {"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": stream, **more}
        request = urllib.request.Request(
            f"{far.url}v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                status, said = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, said = error.code, error.read().decode()
        assert "litellm" not in said.lower()
        if status == 200 and stream:
            return status, [
                each if each == "[DONE]" else json.loads(each)
                for each in (part.removeprefix("data: ") for part in said.split("\n\n") if part)
            ]
        return status, json.loads(said)

    return ask_model


def test_plain(ask):
    status, body = ask("mock", stream=False)
    assert status == 200
    assert body["choices"][0]["message"]["content"] == TEXT
    assert body["model"] == "mock"
    assert body["usage"]["total_tokens"] == sum(
        body["usage"][name] for name in ("prompt_tokens", "completion_tokens")
    )


def test_streamed(ask):
    status, events = ask("mock", stream=True, stream_options={"include_usage": True})
    assert status == 200
    *pieces, usage, mark = events
    assert mark == "[DONE]"
    assert usage["usage"]["completion_tokens"] > 0
    assert "".join(each["choices"][0]["delta"].get("content", "") for each in pieces) == TEXT
    assert len([each for each in pieces if each["choices"][0]["delta"].get("content")]) > 3
    assert pieces[-1]["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("mock-429", 429, "rate_limited"),
        ("mock-500", 502, "cloud_failed"),
        ("mock-529", 502, "cloud_failed"),
        ("mock-long", 400, "cloud_refused"),
        ("nowhere", 400, "cloud_refused"),
    ],
)
def test_failing(ask, model, stream, status, code):
    got, body = ask(model, stream=stream)
    assert (got, body["error"]["code"], body["error"]["fallback"]) == (status, code, "local")


def test_killed_in_the_middle_of_a_stream(far, litellm):
    """The last test: the provider is gone afterwards."""
    connection = far.connect()
    body = {"model": "mock-endless", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200
    assert '"content":"rou' in answer.readline().decode()
    litellm[1].kill()
    said = answer.read().decode()
    connection.close()
    assert "[DONE]" not in said
    last = json.loads(said.strip().split("\n\n")[-1].removeprefix("data: "))
    assert (last["error"]["code"], last["error"]["fallback"]) == ("cloud_failed", "local")
