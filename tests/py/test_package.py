"""The package as people import it."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import nearside

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "py" / "nearside").rglob("*.py"))


def test_the_public_names_are_sorted_and_there():
    assert nearside.__all__ == sorted(nearside.__all__)
    assert all(getattr(nearside, name) for name in nearside.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'nearside' has no attribute 'conect'"):
        nearside.conect


def test_there_is_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert nearside.__version__ == project["version"]
    import nearside_server

    assert nearside_server.__version__ == nearside.__version__


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import nearside", {"numpy", "onnxruntime", "tokenizers", "asyncio"}),
        ("import nearside; nearside.Client", {"onnxruntime", "tokenizers"}),
        (
            "import nearside.engine.client, nearside.wire.page",
            {"onnxruntime", "tokenizers", "importlib.metadata"},
        ),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code, absent):
    script = f"import sys; {code}; print(*sys.modules)"
    environment = {"PYTHONPATH": str(ROOT / "py"), "PATH": ""}
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}; {script}"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert not absent & set(loaded.stdout.split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_of_a_size_that_a_person_can_read_and_say_what_they_are_for(path):
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 500
    assert ast.get_docstring(ast.parse(text))
