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
    path for path in (*SERVER.glob("*.py"), *(SERVER / "http").glob("*.py")) if path.name != "__main__.py"
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
            {"numpy", "onnx", "onnxruntime", "brotli", "tokenizers", "nearside.engine"},
        ),
    ],
)
def test_what_is_not_needed_is_not_loaded(code, absent):
    script = f"import sys; {code}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not absent & set(loaded.stdout.split())
