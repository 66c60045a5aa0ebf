"""Content types by file name.

A table of our own, as the operating system's may lack or misname the types that browsers insist on:
module scripts must be JavaScript, streamed WebAssembly must be application/wasm.
"""

from __future__ import annotations

from pathlib import PurePosixPath

OCTETS = "application/octet-stream"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".onnx": OCTETS,
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}

# What a model folder may be read as: whoever fills it must not be able to add pages or scripts to the site.
_MODEL_TYPES = {
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


def content_type(path: str) -> str:
    """Return the content type of a file of the site."""
    return _TYPES.get(PurePosixPath(path).suffix.lower(), OCTETS)


def model_content_type(path: str) -> str:
    """Return the content type of a file in a model folder: data, never a page or a script."""
    return _MODEL_TYPES.get(PurePosixPath(path).suffix.lower(), OCTETS)
