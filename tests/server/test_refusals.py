"""What is not served, and how the server says so."""

import asyncio
import json

import pytest
from starlette.routing import Route

from nearside_server.app import create_app
from nearside_server.config import Config

OUTSIDE = [
    "/secret.txt",  # in the folder, but not in the manifest
    "/build.json",
    "/index.html.br",
    "/../secret.txt",
    "/assets/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/%2e%2e%2fsecret.txt",
    "/..%5csecret.txt",
    "/assets/..%252f..%252fsecret.txt",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/etc/passwd",
    "/index.html%00.js",
    "/%00",
    "/index.html/",
    "/assets",
    "/assets/",
    "/INDEX.HTML",
    "/%ff%fe",
    "/models/nearside/tiny/../../../secret.txt",
    "/models/nearside/tiny/..%2f..%2f..%2fsecret.txt",
    "/models/../secret.txt",
    "/models/nearside/tiny",
    "/models/nearside/tiny/",
    "/models/",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_but_the_manifest(server, path):
    answer = server.ask(path)
    assert (answer.status, answer.code) == (404, "not_found")
    assert b"not in the manifest" not in answer.body


def test_a_refusal_has_four_fields(server):
    answer = server.ask("/missing")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    error = answer.json["error"]
    assert set(error) == {"code", "message", "hint", "retryable"}
    assert error["retryable"] is False


@pytest.mark.parametrize("path", ["/", "/healthz", "/config.json", "/models/index.json", "/missing"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods(server, method, path):
    answer = server.ask(path, method)
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method_not_allowed", "GET, HEAD")


def test_an_unexpected_error_tells_nothing(site):
    """The route that fails is added to the real application; the answer is what would go out."""

    async def fail(request):
        raise ZeroDivisionError("inside knowledge")

    app = create_app(Config(site=site))
    app.router.routes.insert(0, Route("/boom", fail))
    sent = []

    async def call():
        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/boom",
            "raw_path": b"/boom",
            "query_string": b"",
            "root_path": "",
            "headers": [],
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 1),
        }
        await app(scope, receive, send)

    with pytest.raises(ZeroDivisionError):  # goes on to the log
        asyncio.run(call())
    start, body = sent
    headers = dict(start["headers"])
    error = json.loads(body["body"])["error"]
    assert start["status"] == 500
    assert error["code"] == "server_failed"
    assert b"inside knowledge" not in body["body"]
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"sandbox" in headers[b"content-security-policy"]
