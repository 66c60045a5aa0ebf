"""What a model is for, and what is said when it is for nothing that is known."""

import pytest

from nearside.errors import UnsupportedModel
from nearside.models.architectures import kind_of, supported
from nearside.ports.runtime import Graph, ModelInfo

TEXT = ("input_ids", "attention_mask")


def info(inputs=TEXT, outputs=("logits",), encoder=None):
    graphs = (
        {"encoder": Graph("onnx/encoder_model.onnx", None, encoder, ("last_hidden_state",))}
        if encoder
        else {}
    )
    return ModelInfo(
        "org/name", "r1", "fp32", "onnx/model.onnx", None, "cpu", inputs, outputs, {}, {}, graphs
    )


def kind(name=None, model_type=None, **graph):
    config = {"architectures": [name]} if name else {}
    return kind_of(info(**graph), {**config, **({"model_type": model_type} if model_type else {})})


@pytest.mark.parametrize(
    ("name", "model_type", "graph", "expected"),
    [
        ("BertForSequenceClassification", "bert", {}, "classify"),
        ("XLMRobertaForSequenceClassification", "xlm-roberta", {}, "classify"),
        ("BertForTokenClassification", "bert", {}, "entities"),
        ("RobertaForQuestionAnswering", "roberta", {"outputs": ("start_logits", "end_logits")}, "answer"),
        ("BertForMaskedLM", "bert", {}, "mask"),
        ("Qwen3ForCausalLM", "qwen3", {"inputs": (*TEXT, "past_key_values.0.key")}, "generate"),
        ("BartForConditionalGeneration", "bart", {"encoder": TEXT}, "seq2seq"),
        ("MarianMTModel", "marian", {"encoder": TEXT}, "seq2seq"),
        ("WhisperForConditionalGeneration", "whisper", {"encoder": ("input_features",)}, "speech"),
        ("MoonshineForConditionalGeneration", "moonshine", {"encoder": ("input_values",)}, "speech"),
        ("NomicBertModel", "nomic_bert", {"outputs": ("last_hidden_state",)}, "embed"),
        (None, None, {"outputs": ("sentence_embedding",)}, "embed"),
        (None, None, {"outputs": ("start_logits", "end_logits")}, "answer"),
        (None, None, {"inputs": ("input", "state", "sr"), "outputs": ("output", "stateN")}, "voice"),
        (None, None, {"inputs": (*TEXT, "past_key_values.0.key")}, "generate"),
        (None, None, {"encoder": TEXT}, "seq2seq"),
    ],
)
def test_the_kind_of_a_model(name, model_type, graph, expected):
    assert kind(name, model_type, **graph) == expected


@pytest.mark.parametrize(
    ("name", "model_type", "graph", "said"),
    [
        ("ViTForImageClassification", "vit", {"inputs": ("pixel_values",)}, "ViTForImageClassification"),
        ("MambaForCausalLM", "mamba", {}, r"MambaForCausalLM \(mamba\)"),
        ("LEDForConditionalGeneration", "led", {"encoder": TEXT}, r"LEDForConditionalGeneration \(led\)"),
        ("BertForSequenceClassification", "bert", {"inputs": ("pixel_values",)}, "takes pixel_values"),
        ("BertForQuestionAnswering", "bert", {}, "gives no start_logits and no end_logits"),
        ("BartForConditionalGeneration", "bart", {}, "has no encoder beside its decoder"),
        (None, None, {"outputs": ()}, "not of a kind that is known"),
    ],
)
def test_an_unsupported_model_is_named_with_what_is_supported(name, model_type, graph, said):
    with pytest.raises(UnsupportedModel, match=said) as caught:
        kind(name, model_type, **graph)
    assert caught.value.hint == supported() or "onnx/encoder_model.onnx" in caught.value.hint


def test_the_hint_lists_the_decoders():
    for name in ("qwen3", "llama", "whisper", "moonshine", "marian", "m2m_100", "t5", "bart"):
        assert name in supported()
