"""The proxy is closed: who is let in, what a request may be, and that nothing of it is kept anywhere."""

import http.client
import json
import socket
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
MODELS, CHAT = "/v1/models", "/v1/chat/completions"


def forbidden(far, provider, answers):
    """All answers are the same refusal, nobody elsewhere may read them, and the provider heard nothing."""
    for answer in answers:
        error = answer.json["error"]
        assert (answer.status, error["code"], error["fallback"]) == (403, "cloud_refused", "local")
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert provider.bodies == []


def both(far, provider, **headers):
    """Ask for the models and for a chat with the same headers."""
    body = {"model": "cloud-fast", "messages": provider.HELLO}
    return far.server.ask(MODELS, **headers), far.post(body, **headers)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_this_machine_is_let_in(far, provider, name):
    host = f"{name}:{far.server.port}"
    models, chat = both(far, provider, Host=host)
    assert (models.status, chat.status) == (200, 200)
    models, chat = both(
        far, provider, Host=host, Origin=f"http://{host.lower()}", Sec_Fetch_Site="same-origin"
    )
    assert (models.status, chat.status) == (200, 200)
    assert "access-control-allow-origin" not in chat.headers


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:{port}", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.2:{port}"),
        *("127.0.0.1.evil.example:{port}", "localhost.evil.example:{port}", "evil.localhost:{port}"),
        *("localhost.:{port}", "127.1:{port}", "2130706433:{port}", "0.0.0.0:{port}", "127.0.0.1:{port}.x"),
        *("127.0.0.1:0{port}", "user@127.0.0.1:{port}", "127.0.0.1:{port}/x", "127.0.0.1:{port},x", "", " "),
    ],
)
def test_another_host_is_a_name_that_somebody_pointed_here(far, provider, host):
    forbidden(far, provider, both(far, provider, Host=host.format(port=far.server.port)))


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "http://evil.example", "http://evil.example:{port}", "https://127.0.0.1:{port}"),
        *("http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:{port}", "http://127.0.0.1:{port}/"),
        *(
            "http://127.0.0.1:{port}.evil.example",
            "http://evil127.0.0.1:{port}",
            "HTTP://127.0.0.1:{port}",
            "file://",
        ),
        *(
            "http://127.0.0.1.:{port}",
            "http://127.0.0.1:{port} http://evil.example",
            "chrome-extension://abc",
            "*",
        ),
    ],
)
def test_another_origin_is_another_site(far, provider, origin):
    forbidden(far, provider, both(far, provider, Origin=origin.format(port=far.server.port)))


@pytest.mark.parametrize("said", ["cross-site", "same-site", "none", "", "x"])
def test_what_the_browser_says_about_the_site(far, provider, said):
    forbidden(far, provider, both(far, provider, Sec_Fetch_Site=said))


@pytest.mark.parametrize("dest", ["script", "image", "iframe", "document", "worker", "style", "embed"])
def test_a_script_or_an_image_is_no_way_to_ask(far, provider, dest):
    forbidden(far, provider, both(far, provider, Sec_Fetch_Site="same-origin", Sec_Fetch_Dest=dest))


@pytest.mark.parametrize(
    "name", ["X_Forwarded_For", "X_Forwarded_Host", "X_Forwarded_Proto", "Forwarded", "Via", "X_Real_IP"]
)
def test_something_in_between_brings_strangers(far, provider, name):
    forbidden(far, provider, both(far, provider, **{name: "127.0.0.1"}))


def test_a_header_that_is_there_twice(far, provider):
    own = f"127.0.0.1:{far.server.port}"
    for lines in (
        [f"Host: {own}", f"Host: {own}"],
        [f"Host: {own}", "Host: evil.example"],
        ["Host: evil.example", f"Host: {own}"],
        [f"Host: {own}", f"Origin: http://{own}", "Origin: http://evil.example"],
        [f"Host: {own}", "Origin: http://evil.example", f"Origin: http://{own}"],
        [f"Host: {own}", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"],
        [f"Host: {own}", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"],
    ):
        assert raw(far, "GET", MODELS, lines)[0] in (400, 403)
    assert raw(far, "GET", MODELS, [f"Host: {own}"])[0] == 200
    assert raw(far, "GET", MODELS, [])[0] in (400, 403)


def raw(far, method, path, lines, body=b""):
    """Send a request as it is written; return the status and the body."""
    with socket.create_connection(("127.0.0.1", far.server.port), timeout=30) as sock:
        sock.sendall(
            "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "Connection: close", "", ""]).encode() + body
        )
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        return answer.status, answer.read()


def test_it_is_refused_before_the_body_is_read(far, provider):
    lines = [f"Host: 127.0.0.1:{far.server.port}", "Content-Type: application/json"]
    announced = [*lines, "Content-Length: 1000"]
    assert raw(far, "POST", CHAT, [*announced, "Origin: http://evil.example"])[0] == 403
    assert raw(far, "POST", CHAT, [*lines, f"Content-Length: {2 * 1024 * 1024 + 1}"])[0] == 413
    assert raw(far, "POST", CHAT, [lines[0], "Content-Type: text/plain", "Content-Length: 1000"])[0] == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_and_preflights(far, method):
    answer = far.server.ask(CHAT, method, Origin="http://evil.example", Access_Control_Request_Method="POST")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert far.server.ask(MODELS, "POST").headers["allow"] == "GET, HEAD"
    assert far.server.ask(CHAT).status == 404


@pytest.mark.parametrize(
    "kind",
    [
        *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "json"),
        *("application/json-seq", "application/json; charset=utf-16", "application/json, text/plain"),
        *("text/plain; application/json", "application/jsonx", None),
    ],
)
def test_what_a_form_could_send_is_not_read(far, provider, kind):
    answer = far.post({"model": "cloud-fast", "messages": provider.HELLO}, content_type=kind)
    assert (answer.status, answer.error["code"]) == (415, "invalid_input")
    assert provider.bodies == []


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "application/json; charset=UTF-8"])
def test_json_is_read(far, provider, kind):
    assert far.post({"model": "cloud-fast", "messages": provider.HELLO}, content_type=kind).status == 200


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity", ""])
def test_a_packed_body_is_not_unpacked(far, provider, coding):
    answer = far.post({"model": "cloud-fast", "messages": provider.HELLO}, content_encoding=coding)
    assert (answer.status, answer.error["code"]) == (415, "invalid_input")


def sized(provider, size):
    """Return a request of a size."""
    body = json.dumps({"model": "cloud-fast", "messages": [{"role": "user", "content": ""}]}).encode()
    return body.replace(b'"content": ""', b'"content": "' + b"x" * (size - len(body)) + b'"')


def test_the_length_of_a_body(far, provider):
    most = 2 * 1024 * 1024
    assert far.post(sized(provider, most)).status == 200
    assert far.post(sized(provider, most + 1)).status == 413
    chunked = (sized(provider, most + 1),)
    connection = far.server.connect()
    headers = {"content-type": "application/json"}
    try:
        connection.request("POST", CHAT, iter(chunked), headers, encode_chunked=True)
        assert connection.getresponse().status == 413
    except OSError:  # it may be cut off while it still sends
        pass
    connection.close()
    assert len(provider.bodies) == 1


MESSAGE = {"role": "user", "content": "canary-prompt"}
BAD = {
    "a list": [],
    "a text": "x",
    "nothing": None,
    "no model": {"messages": [MESSAGE]},
    "no messages": {"model": "cloud-fast"},
    "empty messages": {"model": "cloud-fast", "messages": []},
    **{
        name: {"model": "cloud-fast", "messages": [MESSAGE], name: value}
        for name, value in {
            "base_url": "http://evil.example",
            "api_base": "http://evil.example",
            "api_key": "canary-prompt",
            "api_version": "1",
            "organization": "x",
            "extra_headers": {"x": "y"},
            "extra_body": {"base_url": "x"},
            "headers": {},
            "metadata": {"base_url": "x"},
            "tools": [{"type": "function"}],
            "functions": [],
            "user": "canary-prompt",
            "logprobs": True,
            "top_logprobs": 5,
            "logit_bias": {"1": 100},
            "fallbacks": ["x"],
            "mock_response": "x",
            "service_tier": "priority",
            "store": True,
            "audio": {},
            "Stream": True,
            "__proto__": {},
            "n": 2,
            "temperature": 3,
            "top_p": -1,
            "presence_penalty": 9,
            "frequency_penalty": "canary-prompt",
            "max_tokens": 0,
            "max_completion_tokens": 1.5,
            "seed": 2**60,
            "stop": ["x"] * 17,
            "stream": "yes",
            "stream_options": {"include_usage": True, "api_key": "x"},
            "response_format": {"type": "json_schema", "json_schema": {}},
        }.items()
    },
    **{
        f"message with {name}": {"model": "cloud-fast", "messages": [{**MESSAGE, name: value}]}
        for name, value in {
            "base_url": "http://evil.example",
            "tool_calls": [],
            "role": "tool",
            "content": None,
            "name": "a\r\nb",
        }.items()
    },
    "an image": {
        "model": "cloud-fast",
        "messages": [
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://10.0.0.1"}}]}
        ],
    },
    "a part with more": {
        "model": "cloud-fast",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {}}]}],
    },
    **{
        f"a sound with {name}": {
            "model": "cloud-fast",
            "messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": sound}]}],
        }
        for name, sound in {
            "an address": {"data": "http://evil.example/a.wav", "format": "wav"},
            "an address beside it": {"data": "AAAA", "format": "wav", "url": "http://evil.example"},
            "another format": {"data": "AAAA", "format": "mp3"},
            "no format": {"data": "AAAA"},
            "no data": {"data": "", "format": "wav"},
            "a line's end": {"data": "AAAA\n", "format": "wav"},
            "more than 40 seconds": {"data": "A" * 1_706_672, "format": "wav"},
        }.items()
    },
    "no parts": {"model": "cloud-fast", "messages": [{"role": "user", "content": []}]},
}


@pytest.mark.parametrize("name", list(BAD))
def test_only_what_is_understood_is_passed_on(far, provider, name):
    answer = far.post(BAD[name])
    assert (answer.status, answer.error["code"]) == (400, "invalid_input")
    assert "canary-prompt" not in answer.body.decode()
    assert "evil" not in answer.body.decode()
    assert provider.bodies == []


def test_a_refusal_names_the_field(far):
    said = far.post(BAD["base_url"]).error["message"]
    assert said == "The field 'base_url' is not passed on."
    assert far.post(BAD["temperature"]).error["message"] == "The value of temperature cannot be used."
    assert far.post(BAD["no model"]).error["message"] == "The field 'model' is missing."
    assert "messages" in far.post(BAD["message with base_url"]).error["message"]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff\xfe{}", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"{} {}", b"'x'"),
        b'{"model":"cloud-fast","messages":[{"role":"user","content":"\\ud800"}]}',
        b'{"model":"cloud-fast","messages":[{"role":"user","content":"\xff"}]}',
        b'{"model":"cloud-fast","messages":[{"role":"user","content":"x"}],"temperature":NaN}',
        b'{"model":"cloud-fast","messages":[{"role":"user","content":"x"}],"temperature":1e999}',
        b'{"model":"cloud-fast","messages":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"model":"cloud-fast","messages":[{"role":"user","content":"x"}],"x":' + b"[" * 50_000 + b"}",
        b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b"}",
    ],
)
def test_json_that_is_none_or_a_trap(far, provider, body):
    answer = far.post(body)
    assert (answer.status, answer.error["code"]) == (400, "invalid_input")
    assert provider.bodies == []


def test_a_name_that_is_there_twice_means_one_thing(far, provider):
    body = b'{"model":"x","model":"cloud-fast","messages":[{"role":"user","role":"system","content":"x"}]}'
    assert far.post(body).status == 200
    assert provider.bodies[0]["messages"] == [{"role": "system", "content": "x"}]


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "cloud",
        "CLOUD-FAST",
        "cloud-fast ",
        "upstream-name",
        "test/upstream-name",
        "../x",
        "a\r\nb",
        "x" * 9999,
    ],
)
def test_unknown_models(far, provider, alias):
    answer = far.post({"model": alias, "messages": provider.HELLO})
    assert (answer.status, answer.error["code"], answer.error["type"]) == (
        *(404, "unknown_model", "invalid_request_error"),
    )
    assert provider.bodies == []


def test_the_list_of_models(connected, provider):
    lines = 'context_window = 128000\nmax_output_tokens = 4096\ninput_price = "0.15"\noutput_price = "0.6"\n'
    lines += '[models."b.2"]\nprovider = "test"\nmodel = "x"\n[models.a]\nprovider = "test"\nmodel = "x"\n'
    far = connected(model_lines=lines)
    answer = far.server.ask(MODELS)
    assert answer.headers["cache-control"] == "no-store"
    nothing = dict.fromkeys(("context_window", "max_output_tokens", "input_price", "output_price"))
    entry = {"object": "model", "created": 0, "owned_by": "nearside"}
    assert answer.json == {
        "object": "list",
        "data": [
            {
                "id": "cloud-fast",
                **entry,
                "nearside": {
                    "context_window": 128000,
                    "max_output_tokens": 4096,
                    "input_price": 150,
                    "output_price": 600,
                },
            },
            {"id": "b.2", **entry, "nearside": nothing},
            {"id": "a", **entry, "nearside": nothing},
        ],
    }
    assert far.server.ask("/config.json").json["provider"] is True
    assert far.server.ask("/healthz").status == 200


def test_without_a_provider(server):
    assert server.ask(MODELS).json == {"object": "list", "data": []}
    answer = server.ask(CHAT, "POST", Content_Length="0")
    assert (answer.status, answer.code, answer.json["error"]["fallback"]) == (503, "no_provider", "local")
    assert answer.json["error"]["retryable"] is False
    assert server.ask("/config.json").json["provider"] is False


def test_over_tls_the_origin_is_the_encrypted_one(connected, provider):
    tls = FIXTURES / "tls"
    far = connected("--host", "localhost", "--tls-cert", tls / "cert.pem", "--tls-key", tls / "key.pem")
    own = f"localhost:{far.server.port}"
    assert [each.status for each in both(far, provider, Host=own, Origin=f"https://{own}")] == [200, 200]
    assert [each.status for each in both(far, provider, Host=own, Origin=f"http://{own}")] == [403, 403]


def test_nothing_is_kept(connected, provider):
    """Not a word of prompt, answer, key or the provider's refusals in anything that the server writes."""
    far = connected()
    for stream in (True, False):
        far.chat(stream)
        for reply in (
            provider.plain({"error": {"message": "canary-answer"}}, 400),
            provider.plain({"error": {"message": "canary-answer"}}, 401),
            provider.plain({"error": {"message": "canary-answer"}}, 500),
            provider.streamed(provider.piece("canary-answer"), None),
            provider.plain(b"canary-answer"),
        ):
            provider.answer = lambda body, reply=reply: reply
            far.chat(stream)
    far.post(b'{"model": "canary-prompt')
    far.post({"model": "canary-prompt", "messages": [], "canary_prompt": 1})
    far.server.ask("/v1/models?key=canary-prompt")
    assert far.server.stop() == 0
    written = "".join(far.server.complaints()) + far.server.process.stdout.read()
    assert "canary" not in written
    assert written.count("\n") == 1, "the provider's 401, and nothing else"
