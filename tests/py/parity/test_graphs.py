"""Every architecture's graphs against PyTorch: token ids equal, logits and states within 1e-4, greedy ids
equal."""

import json
import sys
import wave

import numpy as np
import pytest

import nearside

ARCHITECTURES = [
    "bert_embed",
    "xlmr_embed",
    "nomic_embed",
    "external",
    "distilbert_sst2",
    "bert_multi",
    "bert_nli",
    "mobilebert_nli",
    "deberta_nli",
    "bert_ner",
    "distilbert_qa",
    "roberta_qa",
    "bert_rerank",
    "xlmr_rerank",
    "bart_summ",
    "bart_pair",
    "t5",
    "marian",
    "m2m100",
    "qwen3",
    "llama",
    "llama_sp",
    "whisper",
    "moonshine",
]


@pytest.fixture
def measure(architectures, monkeypatch):
    """Return the function that also runs in the browser."""
    monkeypatch.syspath_prepend(str(architectures))
    from measure import measure

    yield measure
    sys.modules.pop("measure", None)


@pytest.mark.parametrize("name", ARCHITECTURES)
async def test_its_graphs_give_what_pytorch_gives(architectures, arch_models, measure, name):
    reference = json.loads((architectures / name / "reference.json").read_text("utf-8"))
    if "audio" in reference:
        with wave.open(str(architectures / reference["audio"])) as file:
            reference["pcm"] = np.frombuffer(file.readframes(file.getnframes()), "<i2").tolist()
    async with nearside.connect([arch_models], dtype="fp32") as client:
        found = await measure(client, f"arch/{name}", reference)
    assert found["dtype"] == "fp32"
    assert found["different"] == []
    assert found["numbers"] > 0 and found["lists"] > 0
    assert found["largest"] <= 1e-4
