"""Models in folders: finding, describing, refusing."""

import hashlib
import json
import os
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import nearside
from nearside.errors import EngineFailed, InvalidInput, InvalidOption, ModelCorrupt, UnknownModel
from nearside.platform.cpython import store as store_module
from nearside.platform.cpython.store import FolderStore, model_folders


@pytest.fixture(autouse=True)
def no_installed_models(monkeypatch):
    """Leave out what this checkout and its environment offer."""
    monkeypatch.setattr(store_module, "entry_points", lambda group: [])
    monkeypatch.delenv("NEARSIDE_MODELS", raising=False)


async def test_a_model_is_listed_with_a_card_made_from_its_files(models):
    (model,) = await FolderStore([models]).list()
    assert (model.id, model.complete, model.revision) == ("org/tiny", True, "")
    assert model.files == ("config.json", "onnx/model.onnx", "tokenizer.json")
    assert model.bytes == sum((models / "org/tiny" / name).stat().st_size for name in model.files)
    (card,) = await FolderStore([models]).cards()
    assert (card["dimensions"], card["maxTokens"], card["dtypes"]) == (8, 12, {"fp32": "onnx/model.onnx"})


async def test_a_card_that_is_there_counts(models):
    (models / "org/tiny/model.json").write_text(
        json.dumps({"id": "other/name", "license": "MIT", "revision": "r7"})
    )
    (card,) = await FolderStore([models]).cards()
    assert (card["id"], card["license"]) == ("org/tiny", "MIT")
    assert FolderStore([models]).find("org/tiny@r7").card.revision == "r7"
    with pytest.raises(UnknownModel):
        FolderStore([models]).find("org/tiny@r8")


async def test_compressed_copies_are_no_files_of_the_model(models):
    (models / "org/tiny/config.json.br").write_bytes(b"x")
    (models / "org/tiny/config.json.gz").write_bytes(b"x")
    (model,) = await FolderStore([models]).list()
    assert len(model.files) == 3


async def test_the_first_folder_that_has_a_model_wins(models, tmp_path):
    second = tmp_path / "second" / "org" / "tiny" / "onnx"
    second.mkdir(parents=True)
    (second / "model.onnx").write_bytes(b"other")
    one, other = FolderStore([models, second.parents[2]]), FolderStore([second.parents[2], models])
    assert one.find("org/tiny").path == models / "org/tiny"
    assert other.find("org/tiny").path == second.parent
    assert len(await one.list()) == 1


def test_where_models_are_looked_for(tmp_path, monkeypatch):
    given, installed, missing, named, other = (tmp_path / name for name in ("a", "b", "c", "d", "e"))
    for folder in (given, installed, named, other):
        folder.mkdir()
    points = [
        type("Point", (), {"load": lambda self, folder=folder: lambda: folder, "value": "x"})()
        for folder in (installed, missing)
    ]
    monkeypatch.setattr(store_module, "entry_points", lambda group: points)
    monkeypatch.setenv("NEARSIDE_MODELS", os.pathsep.join(["", str(named), str(other)]))
    assert model_folders([given]) == [given, installed, named, other]


@pytest.mark.parametrize(("given", "variable"), [(["/no/such/folder"], ""), ([], "/no/such/folder")])
def test_a_folder_that_was_named_must_be_there(given, variable, monkeypatch):
    monkeypatch.setenv("NEARSIDE_MODELS", variable)
    with pytest.raises(InvalidOption, match="/no/such/folder, which is no folder"):
        nearside.connect(given)


def test_an_installed_package_that_fails_is_named(monkeypatch):
    point = EntryPoint("starter", "no_such_package.site:models", "nearside.models")
    monkeypatch.setattr(store_module, "entry_points", lambda group: [point])
    with pytest.raises(EngineFailed, match=r"no_such_package\.site:models"):
        nearside.connect()


def test_this_project_offers_its_starter_model():
    import tomllib

    project = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text("utf-8"))
    (value,) = project["project"]["entry-points"][store_module.ENTRY_POINTS].values()
    point = EntryPoint("starter", value, store_module.ENTRY_POINTS)
    assert point.load()().name == "models"


@pytest.mark.parametrize("model", ["org/none", "org/tiny@r1", "none/tiny"])
def test_a_model_that_is_nowhere_says_where_was_looked(models, model):
    with pytest.raises(UnknownModel, match="looked in") as raised:
        FolderStore([models]).find(model)
    assert str(models) in raised.value.message
    assert "NEARSIDE_MODELS" in raised.value.hint


@pytest.mark.parametrize("name", ["config.json", "model.json"])
@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe"])
async def test_broken_files_are_a_corrupt_model(models, name, content):
    (models / "org/tiny" / name).write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"config\.json|model\.json|cannot be read"):
        await FolderStore([models]).list()


async def test_nothing_is_deleted_from_the_user_s_folders(models):
    store = FolderStore([models])
    before = hashlib.sha256((models / "org/tiny/onnx/model.onnx").read_bytes()).digest()
    with pytest.raises(InvalidInput, match="not deleted"):
        await store.delete("org/tiny")
    with pytest.raises(UnknownModel):
        await store.delete("org/none")
    assert hashlib.sha256((models / "org/tiny/onnx/model.onnx").read_bytes()).digest() == before


async def test_storage(models):
    report = await FolderStore([models]).storage()
    assert (report.persistent, report.quota) == (True, None)
    assert report.used == (await FolderStore([models]).list())[0].bytes
    assert (await FolderStore([]).storage()).used == 0
