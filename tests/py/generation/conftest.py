"""The tokenizers of the small models."""

import pytest

from nearside.platform.cpython.tokenizers import RustTokenizers


@pytest.fixture(scope="session")
def tokenizer(architectures):
    """Return a function that gives a small model's tokenizer."""
    made = {}

    def load(name):
        if name not in made:
            text = (architectures / name / "tokenizer.json").read_text("utf-8")
            made[name] = RustTokenizers().load({"tokenizer.json": text})
        return made[name]

    return load


@pytest.fixture
def opened():
    """Return a function that opens a model of a client and gives its parts."""

    async def get(client, id):
        return await client._core.manager.get(id)

    return get
