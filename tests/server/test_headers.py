"""Security policies by path, on good answers and on errors."""

import pytest

PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
ENGINE = (
    "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval' 'unsafe-eval'; worker-src 'self' blob:; "
    "connect-src 'self'{hub}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
HUB = " https://huggingface.co https://*.huggingface.co https://*.hf.co"
EVERY_PATH = [
    *("/", "/index.html", "/docs/", "/engine.html", "/sw.js", "/nearside.js", "/assets/app-0123456789.js"),
    *("/assets/run-0123456789/core.wasm", "/models/nearside/tiny/config.json", "/models/index.json"),
    *("/healthz", "/config.json", "/missing", "/missing.html"),
]


@pytest.mark.parametrize("path", EVERY_PATH)
def test_everywhere(server, path):
    headers = server.ask(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == (
        "cross-origin" if path == "/nearside.js" else "same-origin"
    )
    assert headers.get("access-control-allow-origin") == ("*" if path == "/nearside.js" else None)


@pytest.mark.parametrize("path", ["/", "/index.html", "/docs/"])
def test_the_page_may_evaluate_nothing(server, path):
    headers = server.ask(path).headers
    assert headers["content-security-policy"] == PAGE
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"


@pytest.mark.parametrize(
    "path", ["/engine.html", "/sw.js", "/assets/app-0123456789.js", "/assets/run-0123456789/core.mjs"]
)
def test_the_engine_and_scripts(server, path):
    headers = server.ask(path).headers
    assert headers["content-security-policy"] == ENGINE.format(hub=HUB)
    assert headers["cross-origin-embedder-policy"] == "require-corp"


@pytest.mark.parametrize(
    "path", ["/models/nearside/tiny/config.json", "/icons/icon.svg", "/config.json", "/missing"]
)
def test_data_opened_as_a_document_can_do_nothing(server, path):
    assert server.ask(path).headers["content-security-policy"].endswith("sandbox")


@pytest.mark.parametrize(
    ("option", "hub", "sources"),
    [
        ("off", None, ""),
        ("https://huggingface.co/", "https://huggingface.co", HUB),
        (
            "https://mirror.example:8443/models/",
            "https://mirror.example:8443/models",
            " https://mirror.example:8443",
        ),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000", " http://127.0.0.1:9000"),
    ],
)
def test_hub(serve, site, option, hub, sources):
    server = serve("--site", site, "--hub", option)
    assert server.ask("/config.json").json["hub"] == hub
    for path in ("/engine.html", "/assets/app-0123456789.js"):
        assert server.ask(path).headers["content-security-policy"] == ENGINE.format(hub=sources)
    assert server.ask("/").headers["content-security-policy"] == PAGE
