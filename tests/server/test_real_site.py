"""The site that `nearside build` wrote, over HTTP."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import brotli
import pytest


@pytest.fixture(scope="module")
def manifest(built_site):
    return json.loads((built_site / "build.json").read_text("utf-8"))


@pytest.fixture
def server(serve, built_site):
    return serve("--site", built_site)


def test_every_file_in_every_form(server, manifest):
    """Each file arrives with the hash that the manifest gives, plain and compressed."""
    decode = {"br": brotli.decompress, "gzip": gzip.decompress}
    for file in manifest["files"]:
        path = f"/{file['path']}"
        if path == "/models/index.json":  # made per request, as folders of models may add to it
            continue
        for encoding, key in ((None, "bytes"), ("br", "br"), ("gzip", "gz")):
            if key not in file:
                continue
            answer = server.ask(path, Accept_Encoding=encoding or "identity")
            assert (answer.status, answer.headers.get("content-encoding")) == (200, encoding), path
            assert len(answer.body) == file[key]
            body = decode[encoding](answer.body) if encoding else answer.body
            assert hashlib.sha256(body).hexdigest() == file["sha256"], path
    if Path("/proc/self/status").exists():
        text = Path(f"/proc/{server.process.pid}/status").read_text("utf-8")
        assert int(re.search(r"VmHWM:\s+(\d+) kB", text)[1]) <= 80_000


def test_the_list_of_models_has_the_starter(server, built_site):
    listed = server.ask("/models/index.json").json
    assert listed == json.loads((built_site / "models" / "index.json").read_text("utf-8"))
    card = listed["models"][0]
    assert server.ask(f"/models/{card['id']}/model.json").json == card


def test_all_types_are_known(manifest):
    from nearside_server.http.mime import OCTETS, content_type

    unknown = {
        Path(file["path"]).suffix for file in manifest["files"] if content_type(file["path"]) == OCTETS
    } - {".onnx"}
    assert unknown == set()


def test_pages_name_only_what_is_served(server, manifest):
    served = {file["path"] for file in manifest["files"]}
    for page in ("index.html", "engine.html"):
        text = server.ask(f"/{page}").body.decode()
        links = re.findall(r'(?:src|href)="/?([^"#:]+)"', text)
        assert [link for link in links if link and link not in served] == []
