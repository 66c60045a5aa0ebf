"""The browser's tokenizers (`web/engine/tokenizer.js`, in Node) give what the Python package gives: ids,
texts decoded and the vocabulary, for each kind of tokenizer, over what people write and a fuzz of Unicode.

What may still differ: characters that Unicode got after the Rust package's tables were made, where they
compose with others under NFC, NFD or NFKC (such as U+11935 with U+11930), or have gained a compatible form
since (such as U+32FF).
"""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from nearside.platform.cpython.tokenizers import RustTokenizers

HERE = Path(__file__).parent
KINDS = {
    "WordPiece": "bert_embed",
    "byte-level BPE": "roberta_qa",
    "byte-level BPE with NFC": "qwen3",
    "byte-level BPE, split": "llama",
    "Unigram": "xlmr_embed",
    "Unigram, stripped": "deberta_nli",
    "Unigram, split at spaces": "marian",
    "Unigram without a prefix": "t5",
    "SentencePiece BPE": "m2m100",
    "SentencePiece BPE with bytes": "llama_sp",
}
WRITTEN = [
    "", " ", "  \n\t ", "Hello, world!  It's   a test.", " leading", "trailing ",
    "naïve café ÀÉÎ e\u0301 A\u030a\u0323", "東京は日本 hello 北京 𠀀𠮷", "😀 👩\u200d👩\u200d👧 👍🏽",
    "ﬁ ﬂ ½ ① Ⅷ ㎏ Ａ～ー ﷺ", "\u00a0a\u2003b\u3000c\u200bd\ufeff \ufffd\x85", "İstanbul ΣΟΦΟΣ ß ẞ",
    "x\r\ny\rz\n\n\nw", "한국어 각 가", "हिन्दी में किताब", "don't we're I'LL", "a" * 150 + " b",
    "\x00\x07\x7f", "<mask> [MASK]foo <s> </s> <unk> [UNK] x<mask>y", "12345 67.8%", "\u0301start",
    "…—“quotes”", "<0x41> ▁x ▁", "\u061d \u2e43 \u166d",
]  # fmt: skip
ALPHABET = (
    "abz AZ09 .,'!?-_  \n\t\r éÀßİΣς\u0301\u0308\u0323\u200d\u200b\u00a0\u3000\u2009ﬁ½①Ａ～ー東가각हि्न"
    "😀👩🏻𠀀\ufeff\x00\x85▁Ġ<>[]/"
)


def fuzz(number: int) -> list[str]:
    """Texts of characters that are known for trouble, and of any assigned to the first two planes."""
    chance = random.Random(20)
    made = ["".join(chance.choices(ALPHABET, k=chance.randint(1, 14))) for _ in range(number)]
    planes = [chr(code) for code in range(1, 0x20000) if not 0xD800 <= code < 0xE000]
    return made + ["".join(chance.choices(planes, k=chance.randint(1, 8))) for _ in range(number)]


def compare(texts: list[str], folders: list[Path]) -> None:
    node = shutil.which("node")
    asked, rust = [], []
    for folder in folders:
        tokenizer = (folder / "tokenizer.json").read_text()
        config = folder / "tokenizer_config.json"
        rust.append(RustTokenizers().load({"tokenizer.json": tokenizer}))
        chance, count = random.Random(3), len(rust[-1].vocabulary())
        # ids that nothing has are among them
        ids = [[chance.randrange(count + 2) for _ in range(chance.randrange(9))] for _ in range(300)]
        asked.append(
            {
                "tokenizer": tokenizer,
                "config": config.read_text() if config.exists() else "{}",
                "ids": ids,
            }
        )
    command = [str(node), str(HERE / "tokenizers.mjs")]
    questions = json.dumps({"texts": texts, "tokenizers": asked})
    ended = subprocess.run(command, input=questions, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    for folder, question, expected, made in zip(folders, asked, rust, json.loads(ended.stdout), strict=True):
        assert made["vocabulary"] == expected.vocabulary(), folder
        for special, name in ((True, "ids"), (False, "plain")):
            for text, ids, row in zip(
                texts, expected.encode(texts, special=special), made[name], strict=True
            ):
                assert row == ids.tolist(), (folder.name, text)
        for special, name in ((False, "decoded"), (True, "whole")):
            for ids, text in zip(question["ids"], made[name], strict=True):
                assert text == expected.decode(ids, special=special), (folder.name, ids)


@pytest.fixture(scope="module")
def node(require):
    require("site", present=shutil.which("node") is not None, why="Node.js runs the browser's tokenizers")


def test_every_kind_of_tokenizer(node, architectures):
    compare(WRITTEN + fuzz(700), [architectures / name for name in KINDS.values()])


@pytest.mark.skipif("shared" not in os.environ.get("NEARSIDE_REQUIRE", ""), reason="takes a minute: for CI")
def test_the_shared_texts_and_models(node, shared_models, shared_texts):
    folders = {}
    for path in sorted(shared_models.glob("tiny/*/tokenizer.json")):
        folders.setdefault(path.read_bytes(), path.parent)  # many have the same
    assert len(folders) >= 5
    compare(shared_texts, list(folders.values()))
