"""Models whose graphs are a function: a token's outputs depend on its id alone, so that what is right can be
said without a model."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from nearside.models.loaded import OpenModel
from nearside.platform.cpython.tokenizers import RustTokenizers
from nearside.ports.runtime import ModelInfo
from nearside.types import ModelUsed


class FunctionLane:
    """Runs `outputs(ids)`; `runs` are the feeds of each call."""

    def __init__(self, outputs):
        self.outputs = outputs
        self.runs = []

    async def run(self, feeds, want, *, graph=None, keep=None):
        await asyncio.sleep(0)
        self.runs.append(feeds)
        made = self.outputs(feeds["input_ids"][0])
        return {name: made[name][None] for name in want}

    async def run_each(self, count, feeds, want, done):
        for number in range(count):
            done(number, await self.run(feeds(number), want))


@pytest.fixture(scope="session")
def function_model(architectures):
    """Return a function that makes a model with a real tokenizer and config, of which `outputs(ids)` is the
    graph."""

    def make(name, outputs, *, kind="entities", max_tokens=32, inputs=None, **config):
        folder = architectures / name
        files = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
        return OpenModel(
            ModelInfo(
                f"arch/{name}",
                "r",
                "fp32",
                "onnx/model.onnx",
                None,
                "cpu",
                inputs or ("input_ids", "attention_mask", "token_type_ids"),
                ("logits",),
            ),
            SimpleNamespace(),
            kind,
            {**json.loads(files["config.json"]), **config},
            files,
            RustTokenizers().load(files),
            FunctionLane(outputs),
            ModelUsed(f"arch/{name}", "r", "fp32", "cpu", None),
            "key",
            max_tokens,
        )

    return make
