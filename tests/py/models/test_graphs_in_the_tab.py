"""`web/models/graphs.js` finds a model's graphs as `models/graphs.py` does, with the same small files."""

import json
import random
import shutil
import subprocess
from pathlib import Path

from nearside.models.catalog import SMALL_FILES
from nearside.models.graphs import SUFFIXES, data_files, dtype_files, graph_files

WEB = Path(__file__).resolve().parents[3] / "web" / "models"
SCRIPT = """
import { readFileSync } from 'node:fs';
const { SUFFIXES, dataFiles, dtypeFiles, graphFiles } = await import('./graphs.js');
const { TEXT_FILES } = await import('./source.js');
const found = JSON.parse(readFileSync(0, 'utf8')).map((paths) => {
  const dtypes = dtypeFiles(paths);
  const graphs = Object.values(dtypes).map((main) => Object.entries(graphFiles(main, paths)));
  return [dtypes, graphs, graphs.flat().map(([, path]) => dataFiles(path, paths))];
});
console.log(JSON.stringify({ found, suffixes: SUFFIXES, texts: TEXT_FILES }));
"""
STEMS = ("model", "encoder_model", "decoder_model", "decoder_model_merged", "decoder_with_past_model")


def listings():
    chance = random.Random(1)
    suffixes = [suffix for known in SUFFIXES.values() for suffix in known] + ["_bnb4"]
    files = [f"onnx/{stem}{suffix}.onnx" for stem in STEMS for suffix in suffixes]
    for _ in range(300):
        stems = chance.sample(STEMS, chance.randint(1, len(STEMS)))
        some = [path for path in files if path[5:].startswith(tuple(stems)) and chance.random() < 0.7]
        data = [path + end for path in some for end in ("_data", "_data_1", ".data") if chance.random() < 0.2]
        yield ["config.json", *some, *data]


def test_both_find_the_same(require):
    node = shutil.which("node")
    require("site", present=node is not None, why="Node.js runs the page's part")
    paths = list(listings())
    command = [node, "--input-type=module", "-e", SCRIPT]
    ended = subprocess.run(
        command, input=json.dumps(paths), capture_output=True, text=True, cwd=WEB, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    answer = json.loads(ended.stdout)
    assert answer["texts"] == list(SMALL_FILES)
    assert {name: tuple(known) for name, known in answer["suffixes"].items()} == SUFFIXES
    some = 0
    for listed, (dtypes, graphs, data) in zip(paths, answer["found"], strict=True):
        assert list(dtypes.items()) == list(dtype_files(listed).items())
        expected = [list(graph_files(main, listed).items()) for main in dtypes.values()]
        assert [[tuple(pair) for pair in one] for one in graphs] == expected
        assert data == [data_files(path, listed) for one in expected for _, path in one]
        some += len(dtypes)
    assert some > 300
