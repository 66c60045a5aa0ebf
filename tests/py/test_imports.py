"""Imports go one way: errors, types <- ports <- the middle <- tasks <- engine, wire <- platform | server."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "py" / "nearside"
SERVER = ROOT / "server" / "nearside_server"

# What each part of the engine may import of the others, beside itself.
BOTTOM = {"errors", "types"}
MIDDLE = BOTTOM | {"ports", "retrieval", "models", "device", "help", "language", "routing"}
UPPER = MIDDLE | {"tasks", "generation", "specialists", "speech"}
ALLOWED = {
    "errors": set(),
    "types": {"errors"},
    "help": set(),
    "ports": BOTTOM,
    "device": BOTTOM | {"ports"},
    "language": BOTTOM | {"retrieval"},
    "routing": BOTTOM | {"ports"},
    "retrieval": BOTTOM | {"ports"},
    "models": BOTTOM | {"ports", "retrieval"},
    "tasks": MIDDLE,
    "generation": UPPER,
    "specialists": UPPER,
    "speech": UPPER,
    "engine": UPPER,
    "wire": UPPER | {"engine"},
    "platform": UPPER | {"engine", "wire"},
    "__init__": BOTTOM | {"engine", "platform"},
}
BROWSER = {"js", "pyodide", "pyodide_js", "polyscript", "pyscript"}
CPYTHON = {"onnxruntime", "tokenizers", "sqlite3", "threading", "concurrent", "pathlib", "os"}


def imports(path):
    """Yield the full names of the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(module):
    """Return the part of the engine that a module belongs to, None for modules of others."""
    names = module.split(".")
    return names[1] if names[0] == "nearside" and len(names) > 1 else None


def wrong_arrows(part, modules):
    """Return what a file in `part` must not import of the engine."""
    parts = {part_of(module) for module in modules} - {None, part}
    return {name for name in parts if name in ALLOWED and name not in ALLOWED[part]}


def engine_files():
    for path in sorted(ENGINE.rglob("*.py")):
        relative = path.relative_to(ENGINE)
        yield pytest.param(path, relative.parts[0].removesuffix(".py"), id=str(relative))


@pytest.mark.parametrize(("path", "part"), list(engine_files()))
def test_the_engine_imports_downwards_only(path, part):
    modules = set(imports(path))
    assert part in ALLOWED
    assert not wrong_arrows(part, modules)
    assert not {module for module in modules if module.split(".")[0] == "nearside_server"}


@pytest.mark.parametrize(("path", "part"), list(engine_files()))
def test_only_the_platforms_know_where_they_run(path, part):
    outside = {module.split(".")[0] for module in imports(path)}
    inside = path.relative_to(ENGINE).parts
    if inside[:2] != ("platform", "browser"):
        assert not outside & BROWSER
    if inside[:2] != ("platform", "cpython"):
        assert not outside & CPYTHON


@pytest.mark.parametrize("path", sorted(SERVER.rglob("*.py")), ids=lambda path: str(path.relative_to(SERVER)))
def test_the_server_does_not_reach_into_the_browser(path):
    if "_site" in path.parts:
        return
    assert not {module for module in imports(path) if module.startswith("nearside.platform.browser")}


@pytest.mark.parametrize(
    ("part", "module", "wrong"),
    [
        ("retrieval", "nearside.tasks.search", {"tasks"}),
        ("ports", "nearside.models.catalog", {"models"}),
        ("errors", "nearside.types", {"types"}),
        ("tasks", "nearside.engine.scheduler", {"engine"}),
        ("engine", "nearside.platform.cpython", {"platform"}),
        ("tasks", "nearside.retrieval.bm25", set()),
        ("engine", "nearside.tasks", set()),
        ("tasks", "nearside.tasks.embed", set()),
        ("tasks", "numpy", set()),
    ],
)
def test_this_test_sees_a_wrong_arrow(part, module, wrong):
    assert wrong_arrows(part, {module}) == wrong
