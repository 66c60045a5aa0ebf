"""Security policies by path, on good answers and on errors."""

from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
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
LOCAL_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src {files}; frame-src {frame}; worker-src {workers}; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
LOCAL_ENGINE = (
    "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval' 'unsafe-eval'; "
    "worker-src {workers} blob:; connect-src {files}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
FILES = (
    "{0}/assets/ {0}/local/ {0}/models/ {0}/samples/ {0}/icons/ {0}/docs/ {0}/config.json {0}/healthz "
    "{0}/engine.py {0}/manifest.webmanifest {0}/nearside.js {0}/sw.js {0}/theme.js"
)
EVERY_PATH = [
    *("/", "/index.html", "/docs/", "/engine.html", "/sw.js", "/nearside.js", "/assets/app-0123456789.js"),
    *("/assets/run-0123456789/core.wasm", "/models/nearside/tiny/config.json", "/models/index.json"),
    *("/healthz", "/config.json", "/missing", "/missing.html"),
    *("/local/", "/local/engine.html", "/local/assets/worker-0123456789.js", "/local/missing", "/v1/models"),
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
        (
            "https://mirror.example, https://files.example/,http://localhost:1",
            "https://mirror.example",
            " https://mirror.example https://files.example http://localhost:1",
        ),
    ],
)
def test_hub(serve, site, option, hub, sources):
    server = serve("--site", site, "--hub", option)
    assert server.ask("/config.json").json["hub"] == hub
    for path in ("/engine.html", "/assets/app-0123456789.js"):
        assert server.ask(path).headers["content-security-policy"] == ENGINE.format(hub=sources)
    assert server.ask("/").headers["content-security-policy"] == PAGE


@pytest.mark.parametrize("path", ["/local/", "/local/index.html", "/local/missing.html", "/local/missing/"])
@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "Nearside.Example", "near-1.example:1"]
)
def test_the_local_only_page_reaches_this_sites_files_alone(server, path, host):
    host = host.format(port=server.port)
    headers = server.ask(path, Host=host).headers
    origin = f"http://{host.lower()}"
    assert headers["content-security-policy"] == LOCAL_PAGE.format(
        files=FILES.format(origin),
        frame=f"{origin}/local/engine.html",
        workers=f"{origin}/local/assets/ {origin}/sw.js",
    )
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"


@pytest.mark.parametrize(
    "path", ["/local/engine.html", "/local/assets/worker-0123456789.js", "/local/missing.mjs"]
)
def test_the_local_only_engine_and_its_workers(server, path):
    headers = server.ask(path).headers
    origin = f"http://127.0.0.1:{server.port}"
    assert headers["content-security-policy"] == LOCAL_ENGINE.format(
        files=FILES.format(origin), workers=f"{origin}/local/assets/"
    )
    assert headers["cross-origin-embedder-policy"] == "require-corp"


@pytest.mark.parametrize(
    "host",
    [
        "[::1]:8000",
        "",
        "a b",
        "x; script-src *",
        "x,y",
        "*",
        "*.example",
        "a.example:",
        "é",
        "x/y",
        "a@b",
        ".",
        "-a",
    ],
)
def test_a_host_that_no_policy_can_name_allows_nothing(server, host):
    """The browser asks for one host; whatever else stands there must neither get in nor widen anything."""
    host = host.encode("utf-8").decode("latin-1")
    page = server.ask("/local/", Host=host).headers["content-security-policy"]
    engine = server.ask("/local/engine.html", Host=host).headers["content-security-policy"]
    assert page == LOCAL_PAGE.format(files="'none'", frame="'none'", workers="'none'")
    assert engine == LOCAL_ENGINE.format(files="'none'", workers="'none'")


@pytest.mark.parametrize("hub", ["off", "https://mirror.example"])
def test_no_policy_below_local_knows_the_hub_or_the_cloud(serve, site, hub):
    server = serve("--site", site, "--hub", hub)
    for path in ("/local/", "/local/engine.html", "/local/assets/worker-0123456789.js"):
        policy = server.ask(path).headers["content-security-policy"]
        connect = next(part for part in policy.split("; ") if part.startswith("connect-src "))
        assert connect.removeprefix("connect-src ") == FILES.format(f"http://127.0.0.1:{server.port}")
        assert "mirror" not in policy
        assert "/v1" not in policy
        assert "connect-src 'self'" not in policy


def test_over_tls_the_sources_are_encrypted(serve, site):
    tls = FIXTURES / "tls"
    server = serve("--site", site, "--tls-cert", tls / "cert.pem", "--tls-key", tls / "key.pem")
    policy = server.ask("/local/").headers["content-security-policy"]
    assert f"connect-src {FILES.format(f'https://localhost:{server.port}')};" in policy


@pytest.mark.parametrize(
    "path", ["/local", "/assets", "/models", "/v1", "/v1/", "/v1/models/", "/docs", "//v1/models"]
)
def test_nothing_is_redirected(server, path):
    """After a redirect a browser compares no path with a policy: one would open what the policy closes."""
    assert server.ask(path).status in (404, 405)


@pytest.mark.parametrize(
    "path",
    [
        *("/assets/../v1/models", "/assets/%2e%2e/v1/models", "/assets/..%2fv1/models", "/local//v1/models"),
        *(
            "/assets/..%2f..%2fv1%2fmodels",
            "/models/../v1/models",
            "/local/..;/v1/models",
            "/assets/..%5cv1/models",
        ),
    ],
)
def test_no_other_path_leads_to_the_cloud(server, path):
    """A policy compares paths as they are written; the server must not read them as something else."""
    assert server.ask(path).status == 404


def test_what_is_hashed_below_local_is_kept(server):
    assert "immutable" in server.ask("/local/assets/worker-0123456789.js").headers["cache-control"]
    assert "immutable" not in server.ask("/local/index.html").headers["cache-control"]


@pytest.mark.parametrize("path", ["/", "/index.html", "/local/", "/local/index.html"])
def test_only_the_page_may_ask_for_the_microphone(server, path):
    assert "microphone=(self)" in server.ask(path).headers["permissions-policy"].split(", ")
    for other in ("/engine.html", "/local/engine.html", "/nearside.js", "/healthz"):
        assert "microphone=()" in server.ask(other).headers["permissions-policy"].split(", ")
