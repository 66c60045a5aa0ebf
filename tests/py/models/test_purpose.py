"""What a model is for, told by its files."""

import pytest

from nearside.models.purpose import task_of

FILES = {"config.json", "tokenizer.json", "onnx/model.onnx"}


def config(name, model_type="bert", **more):
    return {"architectures": [name], "model_type": model_type, **more}


@pytest.mark.parametrize(
    ("fields", "task"),
    [
        (config("BertModel"), "embed"),
        (
            config("DistilBertForSequenceClassification", id2label={"0": "NEGATIVE", "1": "POSITIVE"}),
            "classify",
        ),
        (config("MobileBertForSequenceClassification", id2label={"0": "ENTAILMENT", "1": "x"}), "zeroShot"),
        (config("DebertaV2ForSequenceClassification", id2label={"0": "not", "1": "entailment"}), "zeroShot"),
        (config("BertForSequenceClassification", id2label={"0": "LABEL_0"}), "rerank"),
        (config("BertForSequenceClassification", num_labels=1), "rerank"),
        (config("BertForSequenceClassification"), "classify"),
        (config("BertForTokenClassification"), "extractEntities"),
        (config("RobertaForQuestionAnswering"), "answer"),
        (config("BertForMaskedLM"), None),
        (config("BartForConditionalGeneration", "bart"), "summarize"),
        (config("T5ForConditionalGeneration", "t5"), "summarize"),
        (config("MarianMTModel", "marian"), "translate"),
        (config("M2M100ForConditionalGeneration", "m2m_100"), "translate"),
        (config("WhisperForConditionalGeneration", "whisper"), "transcribe"),
        (config("MoonshineForConditionalGeneration", "moonshine"), "transcribe"),
        (config("Qwen3ForCausalLM", "qwen3"), "chat"),
        (config("ResNetForImageClassification", "resnet"), None),
        ({}, None),
        ({"architectures": [1], "id2label": []}, None),
    ],
)
def test_the_class_and_its_labels_say_it(fields, task):
    assert task_of(fields, FILES, True) == task


def test_a_model_without_a_chat_template_does_not_chat():
    assert task_of(config("LlamaForCausalLM", "llama"), FILES, False) is None


@pytest.mark.parametrize("name", ["1_Pooling/config.json", "modules.json", "sentence_bert_config.json"])
def test_pooling_makes_an_embedding_model_of_any_encoder(name):
    assert task_of(config("BertForMaskedLM"), {*FILES, name}, False) == "embed"


def test_voice_activity_models_have_nothing_but_a_graph():
    assert task_of({}, {"onnx/model.onnx", "README.md"}, False) == "voice"
    assert task_of({}, {"onnx/model.onnx", "tokenizer.json"}, False) is None
    assert task_of({}, {"README.md"}, False) is None
