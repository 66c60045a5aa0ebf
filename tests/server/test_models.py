"""`/models/`: the starter from the site, folders in hub layout, their cards."""

import asyncio
import hashlib
import json
import os

import pytest

from nearside_server.http.cards import make_card
from nearside_server.http.hashes import Hashes

GRAPH = b"graph" * 600_000  # 3 MB: large enough not to be hashed for the list of all models


@pytest.fixture
def folder(tmp_path):
    """Return a folder in hub layout with one model, and things that must not leave it."""
    root = tmp_path / "models"
    model = root / "org" / "small-model"
    files = {
        "config.json": json.dumps({"hidden_size": 384, "max_position_embeddings": 512}).encode(),
        "tokenizer.json": b"{}",
        "tokenizer_config.json": b'{"model_max_length": 1000000000000000019884624838656}',
        "sentence_bert_config.json": b'{"max_seq_length": 128}',
        "1_Pooling/config.json": json.dumps(
            {"word_embedding_dimension": 384, "pooling_mode_cls_token": True}
        ).encode(),
        "onnx/model_quantized.onnx": GRAPH,
        "onnx/model.onnx": b"fp32",
        "onnx/model.onnx_data": b"weights beside the graph",
        "model.safetensors": b"not for us",
        "page.html": b"<script>alert(1)</script>",
        "script.js": b"alert(1)",
        ".hidden.json": b"{}",
        ".git/config": b"secret",
        "README.md": b"---\nlicense: apache-2.0\nlanguage: en\ntags:\n- x\n---\n# model\n",
    }
    for path, content in files.items():
        (model / path).parent.mkdir(parents=True, exist_ok=True)
        (model / path).write_bytes(content)
    (tmp_path / "outside.json").write_bytes(b"secret")
    (root / "org" / "not-a-model").mkdir()
    (root / "org" / "not-a-model" / "config.json").write_bytes(b"{}")
    (root / "loose.json").write_bytes(b"secret")
    return root


@pytest.fixture
def server(serve, site, folder):
    """Return a server of the small site and the folder."""
    return serve("--site", site, "--models", folder)


BASE = "/models/org/small-model"


def test_files(server, folder):
    answer = server.ask(f"{BASE}/onnx/model_quantized.onnx")
    assert (answer.status, answer.body) == (200, GRAPH)
    assert answer.headers["etag"] == f'"{hashlib.sha256(GRAPH).hexdigest()}"'
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "application/octet-stream"
    part = server.ask(
        f"{BASE}/onnx/model_quantized.onnx", Range="bytes=2999999-", If_Range=answer.headers["etag"]
    )
    assert (part.status, part.body) == (206, GRAPH[2_999_999:])
    known = server.ask(f"{BASE}/onnx/model_quantized.onnx", If_None_Match=answer.headers["etag"])
    assert known.status == 304


def test_a_changed_file_has_another_etag(server, folder):
    first = server.ask(f"{BASE}/tokenizer.json").headers["etag"]
    (folder / "org/small-model/tokenizer.json").write_bytes(b'{"other": 1}')
    second = server.ask(f"{BASE}/tokenizer.json", If_None_Match=first)
    assert (second.status, second.body) == (200, b'{"other": 1}')


@pytest.mark.parametrize("path", ["page.html", "script.js"])
def test_a_model_cannot_bring_pages_or_scripts(server, path):
    answer = server.ask(f"{BASE}/{path}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"].endswith("sandbox")


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}/.hidden.json",
        f"{BASE}/.git/config",
        f"{BASE}/../../loose.json",
        f"{BASE}/..%2f..%2f..%2foutside.json",
        f"{BASE}/onnx/../../../../outside.json",
        f"{BASE}/onnx//model.onnx",
        f"{BASE}/./config.json",
        f"{BASE}/config.json%00",
        f"{BASE}/onnx",
        f"{BASE}/missing.json",
        f"{BASE}/link.json",
        f"{BASE}/folder-link/outside.json",
        f"{BASE}/loop.json",
        "/models/org/link-model/config.json",
        "/models/org/link-model/model.json",
        f"{BASE}/link-to-hidden.json",
        "/models/org/not-a-model/config.json",
        "/models/org/not-a-model/model.json",
        "/models/%2e%2e/models/loose.json",
        "/models/org/missing/model.json",
        "/models/.git/small-model/config.json",
    ],
)
def test_no_way_out(server, folder, tmp_path, path):
    model = folder / "org" / "small-model"
    (model / "link.json").symlink_to(tmp_path / "outside.json")
    (model / "link-to-hidden.json").symlink_to(model / ".hidden.json")
    (model / "folder-link").symlink_to(tmp_path)
    (model / "loop.json").symlink_to(model / "loop.json")
    outside = tmp_path / "elsewhere"
    (outside / "onnx").mkdir(parents=True)
    (outside / "config.json").write_bytes(b"secret")
    (outside / "onnx" / "model.onnx").write_bytes(b"")
    (folder / "org" / "link-model").symlink_to(outside)
    answer = server.ask(path)
    assert (answer.status, answer.code) == (404, "not_found")
    assert [card["id"] for card in server.ask("/models/index.json").json["models"]] == [
        "nearside/tiny",
        "org/small-model",
    ]


def test_links_inside_the_folder_are_followed(server, folder):
    (folder / "org/small-model/alias.json").symlink_to(folder / "org/small-model/tokenizer.json")
    assert server.ask(f"{BASE}/alias.json").body == b"{}"


def test_card(server, folder):
    answer = server.ask(f"{BASE}/model.json")
    card = answer.json
    model = folder / "org" / "small-model"
    expected = sorted(
        [
            *("1_Pooling/config.json", "config.json", "onnx/model.onnx", "onnx/model.onnx_data"),
            *(
                "onnx/model_quantized.onnx",
                "sentence_bert_config.json",
                "tokenizer.json",
                "tokenizer_config.json",
            ),
        ]
    )
    assert card["files"] == [
        {
            "path": path,
            "bytes": (model / path).stat().st_size,
            "sha256": hashlib.sha256((model / path).read_bytes()).hexdigest(),
        }
        for path in expected
    ]
    assert {key: card[key] for key in card if key not in ("files", "revision")} == {
        "id": "org/small-model",
        "task": "embed",
        "license": "apache-2.0",
        "source": None,
        "languages": ["en"],
        "dimensions": 384,
        "maxTokens": 128,
        "pooling": "cls",
        "dtypes": {"fp32": "onnx/model.onnx", "int8": "onnx/model_quantized.onnx"},
    }
    assert len(card["revision"]) == 12
    assert server.ask(f"{BASE}/model.json", If_None_Match=answer.headers["etag"]).status == 304
    (model / "tokenizer.json").write_bytes(b"[]")
    assert server.ask(f"{BASE}/model.json").json["revision"] != card["revision"]


def test_a_card_in_the_folder_is_taken_as_it_is(server, folder):
    own = b'{"id": "org/small-model", "files": [], "license": "mine"}'
    (folder / "org/small-model/model.json").write_bytes(own)
    assert server.ask(f"{BASE}/model.json").body == own
    assert server.ask("/models/index.json").json["models"][1]["license"] == "mine"


def test_the_list_does_not_wait_for_large_files(server):
    def entry():
        cards = server.ask("/models/index.json").json["models"]
        assert [card["id"] for card in cards] == ["nearside/tiny", "org/small-model"]
        return cards[1]

    hashes = {file["path"]: file["sha256"] for file in entry()["files"]}
    assert hashes["onnx/model_quantized.onnx"] is None
    assert hashes["config.json"] is not None
    assert entry()["revision"] is None
    card = server.ask(f"{BASE}/model.json").json
    assert entry() == card


def test_the_site_comes_first(serve, site, tmp_path):
    other = tmp_path / "nearside" / "tiny"
    (other / "onnx").mkdir(parents=True)
    (other / "config.json").write_bytes(b'{"other": true}')
    (other / "tokenizer.json").write_bytes(b"{}")
    (other / "onnx" / "model.onnx").write_bytes(b"")
    server = serve("--site", site, environment={"NEARSIDE_MODELS": f"{tmp_path}{os.pathsep}"})
    assert server.ask("/models/nearside/tiny/config.json").body == b"{}"
    # A model is never mixed from two places.
    assert server.ask("/models/nearside/tiny/tokenizer.json").status == 404
    assert len(server.ask("/models/index.json").json["models"]) == 1


def test_models_are_served_without_a_site(serve, folder, tmp_path):
    server = serve("--site", tmp_path / "none", "--models", folder)
    assert server.ask(f"{BASE}/config.json").status == 200
    assert [card["id"] for card in server.ask("/models/index.json").json["models"]] == ["org/small-model"]


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        (None, "mean"),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode": "cls"}, "cls"),
        ({"pooling_mode_lasttoken": True}, None),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}, None),
    ],
)
def test_pooling(tmp_path, pooling, expected):
    files = {}
    if pooling is not None:
        (tmp_path / "pooling.json").write_text(json.dumps(pooling), "utf-8")
        files["1_Pooling/config.json"] = tmp_path / "pooling.json"
    assert make_card("a/b", tmp_path, files, {})["pooling"] == expected


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff\xfe", b'{"hidden_size": "x", "architectures": [1]}']
)
def test_a_card_of_damaged_files(tmp_path, content):
    (tmp_path / "config.json").write_bytes(content)
    card = make_card("a/b", tmp_path, {"config.json": tmp_path / "config.json"}, {})
    assert (card["dimensions"], card["maxTokens"], card["task"], card["revision"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["model_int8", "model"], {"int8": "onnx/model_int8.onnx", "fp32": "onnx/model.onnx"}),
        (
            ["encoder_model_fp16", "decoder_model_merged_fp16", "decoder_model_merged"],
            {"fp16": "onnx/decoder_model_merged_fp16.onnx"},
        ),
        (["other"], {}),
    ],
)
def test_dtypes_are_those_whose_graphs_are_all_there(tmp_path, names, expected):
    files = {}
    for name in names:
        files[f"onnx/{name}.onnx"] = tmp_path / name
        files[f"onnx/{name}.onnx"].write_bytes(b"")
    assert make_card("a/b", tmp_path, files, {})["dtypes"] == expected


@pytest.mark.parametrize(
    ("config", "task"),
    [
        ({"architectures": ["BertForSequenceClassification"], "id2label": {"0": "LABEL_0"}}, "rerank"),
        ({"architectures": ["MarianMTModel"], "model_type": "marian"}, "translate"),
        ({"architectures": ["LlamaForCausalLM"], "model_type": "llama"}, "chat"),
    ],
)
def test_the_list_says_what_a_model_is_for(serve, site, tmp_path, config, task):
    model = tmp_path / "models" / "org" / "one"
    (model / "onnx").mkdir(parents=True)
    (model / "onnx" / "model.onnx").write_bytes(b"")
    (model / "config.json").write_text(json.dumps(config), "utf-8")
    (model / "tokenizer_config.json").write_text('{"chat_template": "{{ messages }}"}', "utf-8")
    server = serve("--site", site, "--models", tmp_path / "models")
    cards = {card["id"]: card for card in server.ask("/models/index.json").json["models"]}
    assert cards["org/one"]["task"] == task


def test_hashes_are_shared_and_follow_the_file(tmp_path):
    path = tmp_path / "weights"
    path.write_bytes(b"one" * 3_000_000)
    hashes = Hashes()
    assert hashes.known(path) is None

    async def both():
        return await asyncio.gather(hashes.of(path), hashes.of(path))

    first, second = asyncio.run(both())
    assert first == second == hashlib.sha256(b"one" * 3_000_000).hexdigest() == hashes.known(path)
    path.write_bytes(b"two")
    assert hashes.known(path) is None
    assert asyncio.run(hashes.of(path)) == hashlib.sha256(b"two").hexdigest()
