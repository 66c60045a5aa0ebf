"""A provider of OpenAI's shape that does what a test tells it, and a server that is connected to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

KEY = "sk-canary-key-4711"
SECRET = "org-canary-0815"  # in everything that a provider says beside the answer
HELLO = [{"role": "user", "content": "canary-prompt hello"}]


@dataclass
class Reply:
    """What the provider answers; a part that is a number is a pause in seconds, None cuts the connection."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    parts: Iterable[bytes | float | None] = ()


def piece(text: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    """Return a piece of a streamed answer."""
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    head = {
        "id": SECRET,
        "created": 1,
        "model": SECRET,
        "object": "chat.completion.chunk",
        "choices": [choice],
    }
    return b"data: " + json.dumps({**head, "system_fingerprint": SECRET, **more}).encode() + b"\n\n"


USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7, "cost": SECRET}
DONE = b"data: [DONE]\n\n"
STREAM = [piece("Hel"), piece("lo"), piece(finish="stop"), piece(choices=[], usage=USAGE), DONE]


def streamed(*parts: bytes | float | None, **headers: str) -> Reply:
    """Return a streamed answer."""
    return Reply(200, {"content-type": "text/event-stream", "set-cookie": SECRET, **headers}, parts)


def plain(body: Any, status: int = 200, **headers: str) -> Reply:
    """Return a whole answer, or a refusal."""
    said = {
        "content-type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Reply(status, said, [body if isinstance(body, bytes) else json.dumps(body).encode()])


def whole(text: str = "Hello", **more: Any) -> dict[str, Any]:
    """Return the body of a whole answer."""
    message = {"role": "assistant", "content": text, "annotations": [SECRET]}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        "id": SECRET,
        "model": SECRET,
        "choices": [choice],
        "usage": USAGE,
        "system_fingerprint": SECRET,
        **more,
    }


class _Quiet(ThreadingHTTPServer):
    """A server that prints nothing about connections which the other side broke."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class Provider:
    """The provider. `answer` makes a Reply of a request's body; what it was asked is kept.

    What tests make answers of is here too, as tests cannot import from this file.
    """

    KEY, SECRET, HELLO, USAGE, DONE, STREAM = KEY, SECRET, HELLO, USAGE, DONE, STREAM
    piece, streamed, plain, whole = map(staticmethod, (piece, streamed, plain, whole))

    def __init__(self) -> None:
        self.reset()
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def reset(self) -> None:
        """Forget what a test before this one said and asked."""
        self.answer: Callable[[dict[str, Any]], Reply] = lambda body: (
            streamed(*STREAM) if body["stream"] else plain(whole())
        )
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.connections: set[int] = set()
        self.left = threading.Event()

    def close(self) -> None:
        """Stop to listen."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        """Return the class that answers requests."""

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                provider.bodies.append(body)
                provider.headers.append({name.lower(): value for name, value in self.headers.items()})
                provider.connections.add(self.client_address[1])
                try:
                    self.send(provider.answer(body))
                except OSError:
                    provider.left.set()
                    self.close_connection = True

            def send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.status == 204:  # has no body: what followed would be read as the next answer
                    self.end_headers()
                    return
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                for part in reply.parts:
                    if part is None:
                        self.close_connection = True
                        return
                    if isinstance(part, float):
                        time.sleep(part)
                    elif part:
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                self.wfile.write(b"0\r\n\r\n")

        return Handler


@pytest.fixture(scope="session")
def one_provider() -> Iterator[Provider]:
    """Return the provider that all tests share."""
    running = Provider()
    yield running
    running.close()


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    """Return the provider as it is at first."""
    one_provider.reset()
    return one_provider


def config_text(url: str, provider: str = "", model: str = "") -> str:
    """Return a configuration with one provider and the alias `cloud-fast`."""
    return (
        f'[providers.test]\nbase_url = "{url}"\nkey = "env:TEST_KEY"\n{provider}\n'
        f'[models.cloud-fast]\nprovider = "test"\nmodel = "upstream-name"\n{model}\n'
    )


@dataclass
class Far:
    """A server with a provider, and a client that posts JSON to it."""

    server: Any

    def post(self, body: Any = None, **headers: str) -> Any:
        """Send a chat completion request; bytes go out as they are."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = self.server.connect()
        try:
            given = {"content_type": "application/json", **headers}
            named = {name.replace("_", "-"): value for name, value in given.items() if value is not None}
            connection.request("POST", "/v1/chat/completions", sent, named)
            answer = connection.getresponse()
            return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def answer(self, body: bytes) -> Any:
        """Return a body that was read piece by piece as an answer."""
        return Answer(200, {}, body)

    def chat(self, stream: bool = False, **more: Any) -> Any:
        """Ask for the answer to a greeting."""
        return self.post({"model": "cloud-fast", "messages": HELLO, "stream": stream, **more})


@dataclass
class Answer:
    """An answer: status, headers by lower-case name, body as sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The error in the body."""
        error: dict[str, Any] = self.json["error"]
        return error

    @property
    def events(self) -> list[Any]:
        """The data of the stream's events."""
        parts = self.body.decode().split("\n\n")
        assert parts.pop() == ""
        data = [part.removeprefix("data: ") for part in parts]
        return [each if each == "[DONE]" else json.loads(each) for each in data]

    @property
    def text(self) -> str:
        """The text of a stream."""
        pieces = [each for each in self.events if each != "[DONE]" and "choices" in each]
        return "".join(each["choices"][0]["delta"].get("content", "") for each in pieces if each["choices"])


@pytest.fixture
def connected(serve: Any, site: Path, tmp_path: Path, provider: Provider) -> Callable[..., Far]:
    """Return a function that starts a server of the test's own which is connected to the provider."""

    def start(
        *arguments: str, provider_lines: str = "", model_lines: str = "", url: str | None = None
    ) -> Far:
        file = tmp_path / "nearside.toml"
        file.write_text(config_text(url or provider.url, provider_lines, model_lines), "utf-8")
        given = ("--site", site, "--hub", "off", "--config", file)
        return Far(serve(*given, *arguments, environment={"TEST_KEY": KEY}))

    return start


@pytest.fixture(scope="session")
def one_far(
    site: Path, one_provider: Provider, serving: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Far]:
    """Return a connected server that all tests share; it must have had nothing to say."""
    file = tmp_path_factory.mktemp("far") / "nearside.toml"
    file.write_text(config_text(one_provider.url), "utf-8")
    arguments = ("--site", str(site), "--hub", "off", "--config", str(file))
    with serving(*arguments, environment={"TEST_KEY": KEY}) as running:
        yield Far(running)
        assert running.stop() == 0
    assert running.complaints() == []


@pytest.fixture
def far(one_far: Far, provider: Provider) -> Far:
    """Return the shared server, connected to the provider as it is at first."""
    return one_far
