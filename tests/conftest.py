"""What every test may ask for: `require` for things that a machine may lack, and the places of data.

NEARSIDE_REQUIRE is a comma list of names (shared, chromium, firefox, webkit, network, site, node, openai,
litellm). A test whose need is missing is skipped, unless the need is named there: then it fails.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SITE = ROOT / "server" / "nearside_server" / "_site"

Require = Callable[..., None]


def _present(name: str) -> bool:
    """Say whether a need is met; what would be costly to find out counts as met only when it is required."""
    if name == "shared":
        return (SHARED / "data").is_dir()
    if name == "site":
        return (SITE / "build.json").is_file()
    return False


def _required() -> set[str]:
    """Return the names in NEARSIDE_REQUIRE."""
    return {name.strip() for name in os.environ.get("NEARSIDE_REQUIRE", "").split(",") if name.strip()}


@pytest.fixture(scope="session")
def require() -> Require:
    """Return `require(name, present=None, why="")`: go on, skip, or fail.

    `present` says whether the need is met. Without it, `shared` and `site` are looked for; anything else
    (such as `network`) is taken to be there exactly when NEARSIDE_REQUIRE names it, so that a test which
    needs the network runs only where a missing network is a failure.
    """

    def check(name: str, present: bool | None = None, why: str = "") -> None:
        named = name in _required()
        if present is None:
            present = _present(name) or (named and name not in ("shared", "site"))
        if present:
            return
        reason = f"needs {name}" + (f": {why}" if why else "")
        if named:
            pytest.fail(f"{reason}; NEARSIDE_REQUIRE names it", pytrace=False)
        pytest.skip(reason)

    return check


@pytest.fixture(scope="session")
def shared_data(require: Require) -> Path:
    """Return the folder of evaluation data, `../shared/data`."""
    require("shared")
    return SHARED / "data"


@pytest.fixture(scope="session")
def built_site(require: Require) -> Path:
    """Return the folder of the real site that `nearside build` wrote."""
    require("site", why="run `nearside build` first")
    return SITE


@pytest.fixture(scope="session")
def shared_models(require: Require) -> Path:
    """Return the folder of real and tiny models, `../shared/models`."""
    require("shared")
    return SHARED / "models"


@pytest.fixture(scope="session")
def architectures() -> Path:
    """Return the folder of the project's own small models, one for each architecture."""
    return ROOT / "tests" / "fixtures" / "architectures"


@pytest.fixture(scope="session")
def arch_models(architectures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of models in hub layout: `arch/<name>` for each of `architectures`."""
    return _linked(tmp_path_factory.mktemp("models"), "arch", architectures)


@pytest.fixture(scope="session")
def tiny_models(shared_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of models in hub layout: `tiny/<name>` for the shared ones."""
    root = _linked(tmp_path_factory.mktemp("models"), "tiny", shared_models / "tiny")
    for name in ("stories260K", "google-avg-word-vec-sst2"):
        (root / "tiny" / name).symlink_to(shared_models / name)
    return root


def _linked(root: Path, organisation: str, models: Path) -> Path:
    (root / organisation).mkdir()
    for folder in models.iterdir():
        if (folder / "onnx").is_dir():
            (root / organisation / folder.name).symlink_to(folder)
    return root
