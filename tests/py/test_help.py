"""The bundled help: short, whole, and read from wherever the package lies."""

import re
from pathlib import Path
from zipfile import ZipFile

from nearside import help as helping
from nearside.retrieval.markdown import sections

PACKAGE = Path(helping.__file__).parents[1]


def test_every_page_has_an_id_a_title_and_a_text():
    texts = helping.texts()
    assert [id for id, _, _ in texts] == sorted({id for id, _, _ in texts})
    assert {"about", "modes", "local-only", "privacy", "documents", "offline", "provider"} <= {
        t[0] for t in texts
    }
    for id, title, text in texts:
        assert re.fullmatch(r"[a-z-]+", id)
        assert text.startswith(f"# {title}\n\n"), id
        assert text.endswith("\n")
        assert 5 <= len(text.splitlines()) <= 25, id


def test_it_is_short():
    assert sum(len(text.encode()) for _, _, text in helping.texts()) <= 14_000


def test_its_lines_fit():
    assert all(len(line) <= 120 for _, _, text in helping.texts() for line in text.splitlines())


def test_no_section_is_a_heading_alone():
    for id, _, text in helping.texts():
        for span in sections(text):
            lines = text[span.start : span.end].strip().splitlines()
            assert any(not line.startswith("#") for line in lines), id


def test_it_says_nothing_of_machines_or_sources():
    whole = " ".join(text for _, _, text in helping.texts())
    assert not re.search(r"/work|/home|TODO|PyPI|npm", whole)


def test_it_names_every_mode():
    text = dict((id, text) for id, _, text in helping.texts())["modes"].lower()
    for mode in ("local-only", "prefer-local", "balanced", "prefer-cloud", "cloud-only"):
        assert mode in text


def test_it_can_be_read_from_inside_a_wheel(tmp_path, monkeypatch):
    import importlib
    import sys

    wheel = tmp_path / "help.whl"
    with ZipFile(wheel, "w") as file:
        for path in sorted((PACKAGE / "help").iterdir()):
            if path.is_file():
                file.write(path, f"packed_help/{path.name}")
    monkeypatch.syspath_prepend(str(wheel))
    packed = importlib.import_module("packed_help")
    assert packed.texts() == helping.texts()
    del sys.modules["packed_help"]
