"""Which files of a hub repository are which graphs."""

import pytest

from nearside.models.graphs import data_files, dtype_files, graph_files


def onnx(*names):
    return {f"onnx/{name}.onnx" for name in names}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["model"], {"fp32": "model"}),
        (["model", "model_quantized", "model_int8"], {"int8": "model_quantized", "fp32": "model"}),
        (["model_int8"], {"int8": "model_int8"}),
        (
            ["model_q4f16", "model_q4", "model_fp16"],
            {"fp16": "model_fp16", "q4f16": "model_q4f16", "q4": "model_q4"},
        ),
        (
            ["encoder_model", "decoder_model", "decoder_with_past_model", "decoder_model_merged"],
            {"fp32": "decoder_model_merged"},
        ),
        (["encoder_model", "decoder_model", "decoder_with_past_model"], {"fp32": "decoder_model"}),
        (["encoder_model", "decoder_model"], {}),
        (["encoder_model", "decoder_model_merged_quantized"], {}),
        (["decoder_model_merged"], {"fp32": "decoder_model_merged"}),
        (["model_bnb4"], {}),
        ([], {}),
    ],
)
def test_the_main_graph_of_each_precision(names, expected):
    found = dtype_files(onnx(*names))
    assert found == {dtype: f"onnx/{name}.onnx" for dtype, name in expected.items()}


def test_the_best_for_a_processor_comes_first():
    paths = onnx("model", "model_quantized", "model_fp16", "model_q4", "model_q4f16")
    assert list(dtype_files(paths)) == ["int8", "fp32", "fp16", "q4f16", "q4"]


@pytest.mark.parametrize(
    ("main", "others", "expected"),
    [
        ("model_q4", [], {"model": "model_q4"}),
        (
            "decoder_model_merged_quantized",
            ["encoder_model_quantized", "encoder_model"],
            {"decoder": "decoder_model_merged_quantized", "encoder": "encoder_model_quantized"},
        ),
        (
            "decoder_model",
            ["encoder_model", "decoder_with_past_model"],
            {
                "decoder": "decoder_model",
                "encoder": "encoder_model",
                "decoder_with_past": "decoder_with_past_model",
            },
        ),
        ("decoder_model_merged", [], {"model": "decoder_model_merged"}),
    ],
)
def test_the_graphs_of_a_main_file(main, others, expected):
    found = graph_files(f"onnx/{main}.onnx", onnx(main, *others))
    assert found == {name: f"onnx/{file}.onnx" for name, file in expected.items()}
    assert next(iter(found.values())) == f"onnx/{main}.onnx"


def test_weights_outside_the_graph():
    paths = {
        "onnx/model.onnx",
        "onnx/model.onnx_data",
        "onnx/model.onnx_data_1",
        "onnx/model_q4.onnx.data",
        "x",
    }
    assert data_files("onnx/model.onnx", paths) == ["onnx/model.onnx_data", "onnx/model.onnx_data_1"]
    assert data_files("onnx/model_q4.onnx", paths) == ["onnx/model_q4.onnx.data"]
