"""The manifest: read whole or refused with the reason."""

import json

import pytest

from nearside_server.errors import SiteDamaged, SiteNotBuilt
from nearside_server.site import SiteFile, is_built, load_site, models_folder, site_folder


def test_a_site(site):
    loaded = load_site(site)
    assert loaded.version == "0.1.0"
    assert loaded.files["index.html"].br is not None
    assert loaded.files["sw.js"] == SiteFile("sw.js", 20, loaded.files["sw.js"].sha256)
    assert is_built(site)


def test_no_site(tmp_path):
    assert not is_built(tmp_path)
    with pytest.raises(SiteNotBuilt) as caught:
        load_site(tmp_path)
    assert "nearside build" in str(caught.value.hint)


GOOD = {"path": "a.js", "bytes": 1, "sha256": "00"}


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[]",
        "{}",
        '{"version": "1", "files": 3}',
        '{"version": "1", "files": [3]}',
        *(
            json.dumps({"version": "1", "files": [{**GOOD, **change}]})
            for change in (
                {"path": "../a.js"},
                {"path": "/a.js"},
                {"path": "b/../../a.js"},
                {"path": "b\\a.js"},
                {"path": "a.js\0"},
                {"path": ""},
                {"bytes": -1},
                {"bytes": "1"},
                {"bytes": True},
                {"bytes": 2},
                {"br": "1"},
                {"path": "b.js"},
            )
        ),
    ],
)
def test_a_damaged_manifest(tmp_path, data):
    (tmp_path / "a.js").write_bytes(b"x")
    (tmp_path / "build.json").write_text(data, "utf-8")
    with pytest.raises(SiteDamaged):
        load_site(tmp_path)


def test_the_good_entry_is_good(tmp_path):
    (tmp_path / "a.js").write_bytes(b"x")
    (tmp_path / "build.json").write_text(json.dumps({"version": "1", "files": [GOOD]}), "utf-8")
    assert list(load_site(tmp_path).files) == ["a.js"]


def test_compressed_copies_may_be_left_out(tmp_path):
    (tmp_path / "a.js").write_bytes(b"x")
    (tmp_path / "a.js.br").write_bytes(b"xy")
    (tmp_path / "build.json").write_text(
        json.dumps({"version": "1", "files": [{**GOOD, "br": 2, "gz": 3}]}), "utf-8"
    )
    file = load_site(tmp_path).files["a.js"]
    assert (file.br, file.gz) == (2, None)
    (tmp_path / "a.js.gz").write_bytes(b"x")
    with pytest.raises(SiteDamaged):
        load_site(tmp_path)


def test_where_the_site_lies():
    assert site_folder().name == "_site"
    assert models_folder().parent == site_folder()


def test_the_starter_pack_is_an_entry_point():
    from importlib.metadata import entry_points

    (entry,) = entry_points(group="nearside.models", name="starter")
    assert entry.load() is models_folder
