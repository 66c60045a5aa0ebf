"""Every error that Nearside raises on purpose. The page has the same list in `web/errors.js`; a test compares
them.

    NearsideError
    ├── InvalidInput            invalid_input           the texts or other values given cannot be used
    │   └── InvalidOption       invalid_option          an option does not exist or has an impossible value
    ├── UnknownMethod           unknown_method          a page asked for a method that does not exist
    ├── UnknownModel            unknown_model           no place that was looked in has the model
    ├── UnsupportedModel        unsupported_model       the model exists, but cannot do this task here
    ├── ModelDownloadFailed     model_download_failed * the files could not be fetched
    ├── ModelCorrupt            model_corrupt         * a file is not what its card says, or cannot be read
    ├── StorageFull             storage_full          * the browser or the disk has no room
    ├── ModelCrashed            model_crashed         * the worker that ran the model died
    ├── ModelGone               model_gone            * the model was unloaded while it was in use
    ├── KeptLost                kept_lost             * what an earlier call left in the worker is not there
    ├── Cancelled               cancelled               the caller asked to stop
    ├── EngineFailed            engine_failed         * a defect or a broken part of the engine itself
    ├── UnsupportedBrowser      unsupported_browser     the browser lacks something that cannot be replaced
    ├── NoMicrophone            no_microphone           the microphone is not allowed, not there or taken
    ├── OutOfMemory             out_of_memory         * the device has not enough memory for this
    ├── Offline                 offline               * the network is needed and not there
    ├── NotFound                not_found               there is no document or classifier of that id
    ├── NothingFound            nothing_found           what is on the device does not answer the question
    ├── ModelNeeded             model_needed            no model on this device does this; one can be fetched
    ├── DeadlineExceeded        deadline_exceeded     * the answer took longer than the call allowed
    ├── NoRoute                 no_route                the rules leave no side that could answer
    ├── NoProvider              no_provider             the site has no cloud provider
    ├── CloudRefused            cloud_refused           the far side does not take this request
    │   └── RateLimited         rate_limited          * the far side takes no more for now
    ├── CloudFailed             cloud_failed          * the far side broke off or made no sense
    └── ProtocolMismatch        protocol_mismatch     * two parts of different versions met

* retryable: the same call may succeed when it is made again, or later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class NearsideError(Exception):
    """The base of all. Carries what a person needs (`message`, `hint`) and what a program needs (`code`,
    `retryable`: whether the same call may succeed if it is simply made again)."""

    code: ClassVar[str] = "engine_failed"
    hint: str = "Start again; if it happens again, the device may be short of memory."
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
    hint = "Check the value that was passed."


class InvalidOption(InvalidInput):
    """An option does not exist or has an impossible value."""

    code = "invalid_option"
    hint = "Check the name and the value of the option."


class UnknownMethod(NearsideError):
    """A page asked for a method that the engine does not have."""

    code = "unknown_method"
    hint = "Check the name of the method."


class UnknownModel(NearsideError):
    """No place that was looked in has the model."""

    code = "unknown_model"
    hint = "Check the spelling of the model id: it reads org/name."


class UnsupportedModel(NearsideError):
    """The model exists, but cannot do this task here."""

    code = "unsupported_model"
    hint = "Choose a model that is made for this task."


class ModelDownloadFailed(NearsideError):
    """The model's files could not be fetched."""

    code = "model_download_failed"
    hint = "Check the connection and try again: the download continues where it stopped."
    retryable = True


class ModelCorrupt(NearsideError):
    """A file of the model is not what its card says, or cannot be read."""

    code = "model_corrupt"
    hint = "Fetch the model again."
    retryable = True


class StorageFull(NearsideError):
    """The browser or the disk has no room for the model."""

    code = "storage_full"
    hint = "Free some space, or delete a model."
    retryable = True


class ModelCrashed(NearsideError):
    """The worker that ran the model died. It is started again on the next use."""

    code = "model_crashed"
    hint = "The model is being started again; try once more."
    retryable = True


class ModelGone(NearsideError):
    """The model was unloaded while it was in use."""

    code = "model_gone"
    hint = "It is loaded again with the next call."
    retryable = True


class KeptLost(NearsideError):
    """What an earlier call left in the model's worker is not there any more, or not as it is needed. Whoever
    wrote begins anew."""

    code = "kept_lost"
    hint = "Ask again."
    retryable = True


class Cancelled(NearsideError):
    """The caller asked to stop."""

    code = "cancelled"
    hint = "The call was cancelled."


class EngineFailed(NearsideError):
    """A defect or a broken part of the engine itself."""

    code = "engine_failed"
    hint = "Start again; if it happens again, the device may be short of memory."
    retryable = True


class UnsupportedBrowser(NearsideError):
    """The browser lacks something that cannot be replaced."""

    code = "unsupported_browser"
    hint = "Use a current version of Chrome, Edge, Firefox or Safari."


class NoMicrophone(NearsideError):
    """The microphone is not allowed, not there or taken. Only pages raise it."""

    code = "no_microphone"
    hint = "Allow the microphone for this site, or use a sound file."


class OutOfMemory(NearsideError):
    """The device has not enough memory for this."""

    code = "out_of_memory"
    hint = "Use a smaller model or text, or close other programs."
    retryable = True


class Offline(NearsideError):
    """The network is needed and not there."""

    code = "offline"
    hint = "Connect to the network and try again."
    retryable = True


class NotFound(NearsideError):
    """There is no document or classifier of that id."""

    code = "not_found"
    hint = "It may have been deleted, perhaps in another tab: list what there is."


class NothingFound(NearsideError):
    """What is on the device does not answer the question."""

    code = "nothing_found"
    hint = "Add a document that says it, or allow the cloud."


class ModelNeeded(NearsideError):
    """No model on this device does this; the message names one that would, and its size."""

    code = "model_needed"
    hint = "Fetch the model, or allow the cloud."


class DeadlineExceeded(NearsideError):
    """The answer took longer than the call allowed."""

    code = "deadline_exceeded"
    hint = "Allow more time, or use a smaller model or text."
    retryable = True


class NoRoute(NearsideError):
    """The rules leave no side that could answer."""

    code = "no_route"
    hint = "Choose another mode, or see the reasons."


class NoProvider(NearsideError):
    """The site has no cloud provider."""

    code = "no_provider"
    hint = "The site's operator can connect one: nearside serve --config FILE."


class CloudRefused(NearsideError):
    """The far side does not take this request."""

    code = "cloud_refused"
    hint = "Answer on this device, or change the request."


class RateLimited(CloudRefused):
    """The far side takes no more for now."""

    code = "rate_limited"
    hint = "Try again in a while, or answer on this device."
    retryable = True


class CloudFailed(NearsideError):
    """The far side broke off, or answered what cannot be used."""

    code = "cloud_failed"
    hint = "Try again, or answer on this device."
    retryable = True


class ProtocolMismatch(NearsideError):
    """Two parts of different versions met, usually after an update."""

    code = "protocol_mismatch"
    hint = "Reload the page to get one version of all parts."
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
        KeptLost,
        Cancelled,
        EngineFailed,
        UnsupportedBrowser,
        NoMicrophone,
        OutOfMemory,
        Offline,
        NotFound,
        NothingFound,
        ModelNeeded,
        DeadlineExceeded,
        NoRoute,
        NoProvider,
        CloudRefused,
        RateLimited,
        CloudFailed,
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
