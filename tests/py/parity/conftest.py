"""What the parity tests compare with: PyTorch's outputs and those of transformers.js, on the same files."""

import json

import pytest


@pytest.fixture(scope="session")
def reference(architectures):
    """Return a function that reads what PyTorch gave for one of the project's own models."""
    return lambda name: json.loads((architectures / name / "reference.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def tiny_reference(shared_models):
    """Return what PyTorch gave for the shared models."""
    return json.loads((shared_models / "tiny" / "reference.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def golden(architectures):
    """Return a function that finds what transformers.js gave: its input and output for a model and a task."""

    def find(name, task, *, shared=False, **options):
        path = architectures / ("pipelines-shared.json" if shared else "pipelines.json")
        cases = json.loads(path.read_text("utf-8"))["cases"]
        (case,) = (
            case
            for case in cases
            if (case["model"], case["task"], case["dtype"]) == (name, task, "fp32")
            and options.items() <= case["options"].items()
        )
        return case["input"], case["output"]

    return find


@pytest.fixture
def opened():
    """Return a function that opens a model of a client and gives its parts."""

    async def get(client, id):
        return await client._core.manager.get(id)

    return get


@pytest.fixture(scope="session")
def pipelines(architectures):
    """Return a function that finds all that transformers.js gave for a model and a task: pairs of input and
    output; `languages` (source, target) where the model has several."""

    def find(name, task, shared=False, languages=None):
        path = architectures / ("pipelines-shared.json" if shared else "pipelines.json")
        cases = json.loads(path.read_text("utf-8"))["cases"]
        chosen = [one for one in cases if (one["model"], one["task"], one["dtype"]) == (name, task, "fp32")]
        told = {} if languages is None else {"src_lang": languages[0], "tgt_lang": languages[1]}
        return [(one["input"], one["output"]) for one in chosen if told.items() <= one["options"].items()]

    return find
