"""Callers that are not ours: the `openai` packages of Python and of JavaScript, unchanged."""

import json
import shutil
import subprocess
import threading
import urllib.request
from pathlib import Path

import openai
import pytest

PLAYWRIGHT = Path(__file__).resolve().parents[3] / "playwright"
SAY = [{"role": "user", "content": "one two three"}]
USAGE = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}


@pytest.fixture(scope="module")
def upstream(require):
    """Return the address of the scripted provider that the browser tests use."""
    node = shutil.which("node")
    require("node", present=node is not None)
    process = subprocess.Popen(
        [node, PLAYWRIGHT / "support" / "upstream.js"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    port = json.loads(process.stdout.readline())["port"]
    yield f"http://127.0.0.1:{port}"
    process.stdin.close()
    process.wait(30)
    process.stdout.close()


@pytest.fixture(scope="module")
def base_url(upstream, site, serving, tmp_path_factory):
    """Return the proxy's address, as a client of OpenAI wants it."""
    file = tmp_path_factory.mktemp("openai") / "nearside.toml"
    names = ("echo", "slow", "cut", "refuse-429", "refuse-400", "error-500", "garbage")
    models = [f'[models.{name}]\nprovider = "test"\nmodel = "{name}"\n' for name in names]
    file.write_text(f'[providers.test]\nbase_url = "{upstream}/v1"\n{"".join(models)}', "utf-8")
    with serving("--site", str(site), "--config", str(file)) as running:
        yield f"{running.url}v1"
        running.stop()
    assert running.complaints() == []


@pytest.fixture
def client(base_url):
    """Return an unchanged client of Python."""
    with openai.OpenAI(base_url=base_url, api_key="unused", max_retries=0) as client:
        yield client


def aborts(upstream):
    """Return how many answers the provider saw broken off."""
    with urllib.request.urlopen(f"{upstream}/requests", timeout=30) as answer:
        return json.load(answer)["aborts"]


def wait_for_abort(upstream, before):
    """Return once the provider has seen one more answer broken off."""
    done = threading.Event()
    for _ in range(600):
        if aborts(upstream) > before:
            return
        done.wait(0.05)
    pytest.fail("the provider went on")


def test_models(client):
    assert [model.id for model in client.models.list()][:2] == ["echo", "slow"]


def test_whole(client):
    answer = client.chat.completions.create(model="echo", messages=SAY, temperature=0, max_tokens=10)
    assert answer.choices[0].message.content == "one two three"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "echo"
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (10, 13)


def test_streamed(client):
    stream = client.chat.completions.create(
        model="echo", messages=SAY, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert [piece for piece in pieces if piece] == ["one ", "two ", "three"]
    assert chunks[-1].usage.completion_tokens == 3
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


def test_the_message_of_an_answer_can_be_sent_back(client):
    message = client.chat.completions.create(model="echo", messages=SAY).choices[0].message
    again = client.chat.completions.create(model="echo", messages=[*SAY, message, *SAY])
    assert again.choices[0].message.content == "one two three"


def test_leaving_a_stream(client, upstream):
    before = aborts(upstream)
    with client.chat.completions.create(model="slow", messages=SAY, stream=True) as stream:
        assert next(iter(stream)).choices[0].delta.content == "Wait"
    wait_for_abort(upstream, before)


def test_giving_up_on_an_answer(client, upstream):
    before = aborts(upstream)
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=2).chat.completions.create(model="slow", messages=SAY)
    wait_for_abort(upstream, before)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("model", "error", "status", "code"),
    [
        ("refuse-429", openai.RateLimitError, 429, "rate_limited"),
        ("refuse-400", openai.BadRequestError, 400, "cloud_refused"),
        ("error-500", openai.InternalServerError, 502, "cloud_failed"),
        ("garbage", openai.InternalServerError, 502, "cloud_failed"),
        ("no-such-model", openai.NotFoundError, 404, "unknown_model"),
    ],
)
def test_refusals_are_the_clients_own_errors(client, stream, model, error, status, code):
    with pytest.raises(error) as caught:
        client.chat.completions.create(model=model, messages=SAY, stream=stream)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert caught.value.body["fallback"] == "local"
    assert caught.value.body["hint"]
    if status == 429:
        assert caught.value.response.headers["retry-after"] == "7"


def test_a_stream_that_breaks_is_an_error(client):
    text = ""
    with pytest.raises(openai.APIError) as caught:
        for chunk in client.chat.completions.create(model="cut", messages=SAY, stream=True):
            text += chunk.choices[0].delta.content or ""
    assert text == "One two three "
    assert caught.value.code == "cloud_failed"


def test_fields_of_the_client_that_are_not_passed_on(client):
    for more in ({"extra_body": {"base_url": "http://evil.example"}}, {"user": "me"}, {"n": 2}):
        with pytest.raises(openai.BadRequestError) as caught:
            client.chat.completions.create(model="echo", messages=SAY, **more)
        assert caught.value.code == "invalid_input"
    fine = client.chat.completions.create(model="echo", messages=SAY, extra_headers={"x-api-key": "x"})
    assert fine.choices[0].message.content


def test_the_javascript_client(base_url, upstream, require):
    require("openai", (PLAYWRIGHT / "node_modules" / "openai").is_dir(), "run `npm ci` in playwright/")
    before = aborts(upstream)
    done = subprocess.run(
        [shutil.which("node"), PLAYWRIGHT / "support" / "openai-client.js", base_url],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)

    def error(name, status, code):
        found = got[name]["error"]
        assert (found["name"], found.get("status"), found["code"]) == (
            *(CLASSES.get(status, "APIError"), status, code),
        )
        return found

    assert got["models"][:2] == ["echo", "slow"]
    assert got["whole"] == {"text": "one two three", "finish": "stop", "usage": USAGE}
    assert got["streamed"] == {"text": "one two three", "finish": "stop", "usage": USAGE}
    assert got["left"]["text"] == "Wait"
    wait_for_abort(upstream, before)
    assert got["cut"]["text"] == "One two three "
    error("cut", None, "cloud_failed")
    limited = error("limited", 429, "rate_limited")
    assert (limited["retryAfter"], limited["fallback"], limited["type"]) == ("7", "local", "rate_limit_error")
    error("refused", 400, "cloud_refused")
    error("failed", 502, "cloud_failed")
    error("garbage", 502, "cloud_failed")
    error("unknown", 404, "unknown_model")
    error("notPassed", 400, "invalid_input")


CLASSES = {
    400: "BadRequestError",
    404: "NotFoundError",
    429: "RateLimitError",
    502: "InternalServerError",
}
