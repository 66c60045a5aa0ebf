"""What can stand between a page and the cloud. Every one tells the page to go on without it.

FarError                       to_wire() has OpenAI's fields beside ours
├── NoProvider                 503  the site has no provider
├── UnknownAlias               404  no model of that name
├── BadCall                    400  the request is not one that is passed on
│   ├── TooLong                413
│   └── WrongType              415
├── CloudRefused               4xx  the provider does not take this request
│   └── Forbidden              403  the request comes from somewhere else than this site's own page
├── RateLimited                429  the provider, or this server, takes no more for now
└── CloudFailed                502  the provider broke off or made no sense
    └── CloudSilent            504  the provider did not answer in time

Nothing that a provider or a caller wrote becomes part of a message.
"""

from __future__ import annotations

from typing import Any, ClassVar

from nearside_server.errors import ServerError


class FarError(ServerError):
    """The far side cannot answer. `kind` is the error's type in OpenAI's words."""

    kind: ClassVar[str] = "api_error"

    def to_wire(self) -> dict[str, Any]:
        """Return the four fields, OpenAI's, and who can answer instead."""
        return {**super().to_wire(), "type": self.kind, "param": None, "fallback": "local"}


class NoProvider(FarError):
    """The site has no cloud provider."""

    code = "no_provider"
    status = 503
    hint = "Start the server with --config FILE to connect one; until then the device answers."


class UnknownAlias(FarError):
    """The site offers no cloud model of that name."""

    code = "unknown_model"
    kind = "invalid_request_error"
    status = 404
    hint = "GET /v1/models lists what there is."


class BadCall(FarError):
    """The request is not one that is passed on."""

    code = "invalid_input"
    kind = "invalid_request_error"
    status = 400
    hint = "Send a chat completion as documented: text messages and the usual parameters, as JSON."


class TooLong(BadCall):
    """The body is longer than what is read."""

    status = 413


class WrongType(BadCall):
    """The body is not said to be plain JSON."""

    status = 415
    hint = "Send application/json, uncompressed."


class CloudRefused(FarError):
    """The provider does not take this request; `status` is the one it gave."""

    code = "cloud_refused"
    kind = "invalid_request_error"
    status = 400
    hint = "Change the request, such as making it shorter, or let the device answer."

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        if status is not None:
            self.status = status


class Forbidden(CloudRefused):
    """The request does not come from this site's own page or a program on this machine."""

    status = 403
    hint = "Open the page under the address that the server printed when it started."


class RateLimited(FarError):
    """No more for now. `retry_after` is the number of seconds to wait, when that is known."""

    code = "rate_limited"
    kind = "rate_limit_error"
    status = 429
    hint = "Wait a little, or let the device answer."
    retryable = True

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        """Say when to come back."""
        return {} if self.retry_after is None else {"retry-after": str(self.retry_after)}


class CloudFailed(FarError):
    """The provider broke off, could not be reached, or made no sense."""

    code = "cloud_failed"
    status = 502
    hint = "Try again, or let the device answer."
    retryable = True


class CloudSilent(CloudFailed):
    """The provider did not answer in time."""

    status = 504
