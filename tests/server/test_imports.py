"""What the server may import, and what it must not pay for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = Path(__file__).resolve().parents[2] / "server" / "nearside_server"
ENGINE = SERVER.parents[1] / "py" / "nearside"


def imported(path):
    """Return the modules that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


SERVING = [
    path
    for folder in (SERVER, SERVER / "http", SERVER / "cloud")
    for path in folder.glob("*.py")
    if path.name != "__main__.py"
]


@pytest.mark.parametrize("path", SERVING, ids=lambda path: path.name)
def test_serving_knows_nothing_of_command_line_and_build(path):
    assert not [n for n in imported(path) if n.startswith(("nearside_server.cli", "nearside_server.build"))]


@pytest.mark.parametrize("path", sorted(ENGINE.rglob("*.py")), ids=lambda path: str(path.relative_to(ENGINE)))
def test_the_engine_never_imports_the_server(path):
    assert not [name for name in imported(path) if name.split(".")[0] == "nearside_server"]


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import nearside_server.site", {"starlette", "uvicorn", "numpy", "anyio"}),
        ("import nearside_server.cli", {"starlette", "uvicorn", "numpy", "onnx"}),
        (
            "import nearside_server.cli.serve",
            {"numpy", "onnx", "onnxruntime", "brotli", "tokenizers", "nearside.engine", "aiohttp", "msgspec"},
        ),
        # Without a provider a server neither pays for one nor can it leak anything to one.
        (
            "from nearside_server.app import create_app; from nearside_server.config import Config; "
            "create_app(Config())",
            {"aiohttp", "msgspec", "nearside_server.cloud.upstream", "nearside_server.cloud.chat"},
        ),
    ],
)
def test_what_is_not_needed_is_not_loaded(code, absent):
    script = f"import sys; {code}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not absent & set(loaded.stdout.split())


def test_one_module_speaks_to_providers():
    """Whatever is checked before a request leaves is checked there."""
    clients = {"aiohttp", "httpx", "httpx2", "requests", "urllib.request", "http.client", "urllib3"}
    found = [path for path in SERVING if imported(path) & clients]
    assert [path.name for path in found] == ["upstream.py"]
