"""Every error that Nearside raises on purpose. The page has the same list in `web/errors.js`; a test compares
them.

    NearsideError
    ├── InvalidInput            invalid_input           the texts or other values given cannot be used
    │   └── InvalidOption       invalid_option          an option does not exist or has an impossible value
    ├── UnknownMethod           unknown_method          a page asked for a method that the engine does not
    have ├── UnknownModel            unknown_model           no place that was looked in has the model
    ├── UnsupportedModel        unsupported_model       the model exists, but cannot do this task here
    ├── ModelDownloadFailed     model_download_failed   the files could not be fetched (retryable)
    ├── ModelCorrupt            model_corrupt           a file is not what its card says, or cannot be read
    ├── StorageFull             storage_full            the browser or the disk has no room
    ├── ModelCrashed            model_crashed           the worker that ran the model died (retryable)
    ├── ModelGone               model_gone              the model was unloaded while it was in use (retryable)
    ├── Cancelled               cancelled               the caller asked to stop
    ├── EngineFailed            engine_failed           a defect or a broken part of the engine itself
    ├── UnsupportedBrowser      unsupported_browser     the browser lacks something that cannot be replaced
    ├── OutOfMemory             out_of_memory           the device has not enough memory for this
    ├── Offline                 offline                 the network is needed and not there (retryable)
    └── ProtocolMismatch        protocol_mismatch       two parts of different versions met (retryable:
    reload)
"""

# ruff: noqa: N818 (a name says what happened; "Error" at the end of each would add nothing)

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class NearsideError(Exception):
    """The base of all. Carries what a person needs (`message`, `hint`) and what a program needs (`code`,
    `retryable`: whether the same call may succeed if it is simply made again)."""

    code: ClassVar[str] = "engine_failed"
    hint: str | None = None
    retryable: bool = False

    def __init__(self, message: str, *, hint: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint
        if retryable is not None:
            self.retryable = retryable

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, hint={self.hint!r}, retryable={self.retryable})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.retryable)

    def to_wire(self) -> dict[str, Any]:
        """The four fields as a plain dict; `from_wire` is the way back."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "retryable": self.retryable}


class InvalidInput(NearsideError):
    """The texts or other values given cannot be used."""

    code = "invalid_input"


class InvalidOption(InvalidInput):
    """An option does not exist or has an impossible value."""

    code = "invalid_option"


class UnknownMethod(NearsideError):
    """A page asked for a method that the engine does not have."""

    code = "unknown_method"


class UnknownModel(NearsideError):
    """No place that was looked in has the model."""

    code = "unknown_model"


class UnsupportedModel(NearsideError):
    """The model exists, but cannot do this task here."""

    code = "unsupported_model"


class ModelDownloadFailed(NearsideError):
    """The model's files could not be fetched."""

    code = "model_download_failed"
    hint = "Check the connection and try again; what was already downloaded is kept."
    retryable = True


class ModelCorrupt(NearsideError):
    """A file of the model is not what its card says, or cannot be read."""

    code = "model_corrupt"
    hint = "Delete the model and download it again."


class StorageFull(NearsideError):
    """The browser or the disk has no room for the model."""

    code = "storage_full"
    hint = "Delete models that you do not need, or free space on the device."


class ModelCrashed(NearsideError):
    """The worker that ran the model died. It is started again on the next use."""

    code = "model_crashed"
    hint = "Try again: the model is started anew. A shorter text or a smaller model needs less memory."
    retryable = True


class ModelGone(NearsideError):
    """The model was unloaded while it was in use."""

    code = "model_gone"
    hint = "The model was unloaded meanwhile; the next call loads it again."
    retryable = True


class Cancelled(NearsideError):
    """The caller asked to stop."""

    code = "cancelled"


class EngineFailed(NearsideError):
    """A defect or a broken part of the engine itself."""

    code = "engine_failed"


class UnsupportedBrowser(NearsideError):
    """The browser lacks something that cannot be replaced."""

    code = "unsupported_browser"


class OutOfMemory(NearsideError):
    """The device has not enough memory for this."""

    code = "out_of_memory"
    hint = "Close other tabs or use a smaller model."


class Offline(NearsideError):
    """The network is needed and not there."""

    code = "offline"
    hint = "Connect to the network once; after the download the model works without it."
    retryable = True


class ProtocolMismatch(NearsideError):
    """Two parts of different versions met, usually after an update."""

    code = "protocol_mismatch"
    hint = "Reload the page."
    retryable = True


def _rebuild(
    kind: type[NearsideError], message: str, hint: str | None, retryable: bool
) -> NearsideError:  # for pickle and copy, which cannot pass keyword-only arguments themselves
    return kind(message, hint=hint, retryable=retryable)


BY_CODE: dict[str, type[NearsideError]] = {
    kind.code: kind
    for kind in (
        InvalidInput,
        InvalidOption,
        UnknownMethod,
        UnknownModel,
        UnsupportedModel,
        ModelDownloadFailed,
        ModelCorrupt,
        StorageFull,
        ModelCrashed,
        ModelGone,
        Cancelled,
        EngineFailed,
        UnsupportedBrowser,
        OutOfMemory,
        Offline,
        ProtocolMismatch,
    )
}
"""Every code and its class, in the order of the tree above."""


def from_wire(fields: Mapping[str, Any]) -> NearsideError:
    """The typed error for the four plain fields (for example from a model worker). An unknown code becomes
    `EngineFailed` and is named in the message, so that nothing is lost."""
    code = fields.get("code")
    message = str(fields.get("message") or "unknown error")
    kind = BY_CODE.get(code) if isinstance(code, str) else None
    if kind is None:
        return EngineFailed(f"{message} ({code})" if code else message, hint=fields.get("hint"))
    retryable = fields.get("retryable")
    return kind(message, hint=fields.get("hint"), retryable=None if retryable is None else bool(retryable))
