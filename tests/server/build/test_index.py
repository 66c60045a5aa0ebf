"""Where the package index keeps a file, and what pip is told about indexes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nearside_server.build import index
from nearside_server.build.downloads import Web
from nearside_server.build.errors import DownloadFailed, NotOnIndex
from nearside_server.build.index import Indexes, locate

FILE = "open_webui-0.12.4-py3-none-any.whl"
HTML = f"""<!doctype html><html><body>
<a href="../../files/open_webui-0.12.3-py3-none-any.whl#sha256=00">open_webui-0.12.3-py3-none-any.whl</a>
<a href="../../files/{FILE}#sha256=11" data-requires-python="&lt;3.13,&gt;=3.11">{FILE}</a>
</body></html>"""


def listing(url: str) -> bytes:
    return json.dumps({"meta": {"api-version": "1.1"}, "files": [{"filename": FILE, "url": url}]}).encode()


def serve(files: Any, content: bytes, kind: str, path: str = "/simple/open-webui/") -> Indexes:
    files.content[path], files.types[path] = content, kind
    return Indexes(pages=(f"{files.url}/simple/",))


def test_a_page_of_links(files: Any) -> None:
    indexes = serve(files, HTML.encode(), "text/html")
    assert locate(Web(), indexes, "open-webui", FILE) == f"{files.url}/files/{FILE}"


@pytest.mark.parametrize("link", ["../../files/" + FILE, "/files/" + FILE])
def test_a_json_page(files: Any, link: str) -> None:
    indexes = serve(files, listing(link), "application/vnd.pypi.simple.v1+json")
    assert locate(Web(), indexes, "open-webui", FILE) == f"{files.url}/files/{FILE}"


def test_the_project_name_is_normalised(files: Any) -> None:
    indexes = serve(files, HTML.encode(), "text/html")
    assert locate(Web(), indexes, "Open__WebUI".replace("WebUI", "Webui"), FILE).endswith(FILE)


def test_a_file_that_is_not_listed(files: Any) -> None:
    indexes = serve(files, HTML.encode(), "text/html")
    with pytest.raises(NotOnIndex, match=r"open_webui-9.*is not listed by"):
        locate(Web(), indexes, "open-webui", "open_webui-9-py3-none-any.whl")


@pytest.mark.parametrize("page", [b"not json", b"[]", b'{"files": [{}]}'])
def test_a_damaged_json_page_is_a_typed_error(files: Any, page: bytes) -> None:
    indexes = serve(files, page, "application/json")
    with pytest.raises(DownloadFailed, match="is not an index page"):
        locate(Web(), indexes, "open-webui", FILE)


def test_the_next_index_is_asked(files: Any, tmp_path: Path) -> None:
    serve(files, HTML.encode(), "text/html")
    empty = (tmp_path / "empty").as_uri() + "/"
    indexes = Indexes(pages=(f"{files.url}/none/", empty, f"{files.url}/simple/"))
    assert locate(Web(), indexes, "open-webui", FILE).endswith(FILE)


def test_an_index_that_fails_is_not_taken_for_one_that_lacks_the_file(files: Any) -> None:
    files.login = "someone:else"
    with pytest.raises(DownloadFailed, match="401") as caught:
        locate(Web(), Indexes(pages=(f"{files.url}/simple/", f"{files.url}/more/")), "open-webui", FILE)
    assert not isinstance(caught.value, NotOnIndex)


def test_an_index_on_disk(tmp_path: Path) -> None:
    page = tmp_path / "simple" / "open-webui" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(HTML)
    found = locate(Web(), Indexes(pages=((tmp_path / "simple").as_uri() + "/",)), "open-webui", FILE)
    assert found == (tmp_path / "files" / FILE).as_uri()


def test_a_folder_of_files_comes_first(files: Any, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"")
    found = locate(Web(), Indexes(folders=(tmp_path,), pages=(f"{files.url}/simple/",)), "open-webui", FILE)
    assert found == (tmp_path / FILE).as_uri()
    assert files.requests == []


def test_the_index_login_goes_with_files_of_its_host_only(files: Any) -> None:
    indexes = serve(files, listing("/files/" + FILE), "application/json")
    files.login = "me:pw"
    page = indexes.pages[0].replace("//", "//me:pw@")
    assert locate(Web(), Indexes(pages=(page,)), "open-webui", FILE).startswith("http://me:pw@127")
    files.content["/simple/open-webui/"] = listing("https://elsewhere.example/" + FILE)
    found = locate(Web(), Indexes(pages=(page,)), "open-webui", FILE)
    assert found == "https://elsewhere.example/" + FILE


def test_pip_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    links = tmp_path / "links"
    links.mkdir()
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://global.example/simple\n"
        "extra-index-url =\n  https://one.example/simple/\n  https://two.example/simple\n"
        f"[install]\nfind-links = {links}\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    told = index.configured()
    assert told.pages == (
        "https://global.example/simple/",
        "https://one.example/simple/",
        "https://two.example/simple/",
    )
    assert told.folders == (links,)
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.example/simple")
    assert index.configured().pages[0] == "https://variable.example/simple/"


def test_without_settings_it_is_pypi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_pip_settings", lambda: "")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    assert index.configured() == Indexes((), ("https://pypi.org/simple/",))
