"""What can go wrong in the build and the server, as one tree.

ServerError                    code, message, hint, retryable: the same four fields as the engine's errors
├── UsageError                 the command line or the configuration asks for something that cannot be
│   ├── InsecureBind           a non-loopback address without TLS and without --insecure
│   ├── BadCertificate         the TLS certificate or key cannot be read
│   ├── OpenProxy              a provider is set, and others could reach the server
│   ├── BadHub                 --hub is neither "off" nor an https origin
│   └── BadConfig              the file of --config has a mistake
├── PortTaken                  another program listens on that address
├── BuildError                 `nearside build` cannot finish (sub-classes live with the build)
│   └── WrongHash              a downloaded or bundled file is not the one that was pinned
├── FarError                   the far side cannot answer (cloud/errors.py)
├── SiteNotBuilt               there is no built site where one is needed
├── SiteDamaged                build.json cannot be read, or names files that are not there
├── FileChanged                a file is not what it was when the server last looked
└── RequestRefused             the request cannot be answered as it stands
    ├── NotFound               HTTP 404
    ├── MethodNotAllowed       HTTP 405
    └── RangeNotSatisfiable    HTTP 416
"""

from __future__ import annotations

from typing import Any, ClassVar


class ServerError(Exception):
    """Base of everything that Nearside's build and server raise on purpose.

    `code` is stable and meant for programs, `message` and `hint` are for people, `retryable` says
    whether the same call may succeed later without a change. `status` is the HTTP status that an
    answer with this error carries.
    """

    code: ClassVar[str] = "server_failed"
    status: int = 500
    hint: str | None = None
    retryable: bool = False

    def __init__(self, message: str, *, hint: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint
        if retryable is not None:
            self.retryable = retryable

    def to_wire(self) -> dict[str, Any]:
        """Return the four fields as JSON-like values."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "retryable": self.retryable}

    def headers(self) -> dict[str, str]:
        """Return what an HTTP answer with this error says in its headers."""
        return {}


class UsageError(ServerError):
    """The command line or the configuration asks for something that cannot be."""

    code = "invalid_option"
    status = 400


class InsecureBind(UsageError):
    """A non-loopback address without TLS and without --insecure."""

    code = "insecure_bind"
    hint = "Give --tls-cert and --tls-key, or --insecure if something in front of it speaks TLS."


class BadCertificate(UsageError):
    """The TLS certificate or its key cannot be read."""

    code = "bad_certificate"


class OpenProxy(UsageError):
    """A provider is set, and the server could be reached from other machines."""

    code = "open_proxy"
    hint = "Leave --host away: whoever reaches the server spends the provider's money."


class BadConfig(UsageError):
    """The file of --config has a mistake."""

    code = "bad_config"


class BadHub(UsageError):
    """--hub is neither "off" nor an http(s) origin."""

    code = "bad_hub"
    hint = "Give --hub https://huggingface.co, the origin of a mirror, or --hub off."


class PortTaken(ServerError):
    """Another program listens on that address."""

    code = "port_taken"
    retryable = True


class BuildError(ServerError):
    """`nearside build` cannot finish."""

    code = "build_failed"


class WrongHash(BuildError):
    """A downloaded or bundled file is not the one that was pinned."""

    code = "wrong_hash"


class SiteNotBuilt(ServerError):
    """There is no built site where one is needed."""

    code = "site_not_built"
    status = 503
    hint = "Run `nearside build` (or `make run`, which builds and serves)."


class SiteDamaged(ServerError):
    """The site's build.json cannot be read, or names files that are not there."""

    code = "site_damaged"
    status = 503
    hint = "Run `nearside build` again."


class FileChanged(ServerError):
    """A file is not what it was when the server last looked."""

    code = "file_changed"
    status = 503
    hint = "Ask again; if it stays so, run `nearside build` again."
    retryable = True


class RequestRefused(ServerError):
    """The request cannot be answered as it stands."""

    code = "bad_request"
    status = 400


class NotFound(RequestRefused):
    """Nothing is served under this path."""

    code = "not_found"
    status = 404


class MethodNotAllowed(RequestRefused):
    """The path is served, the method is not."""

    code = "method_not_allowed"
    status = 405

    def __init__(self, message: str, *, allowed: str) -> None:
        super().__init__(message, hint=f"Use {allowed.replace(', ', ' or ')}.")
        self.allowed = allowed

    def headers(self) -> dict[str, str]:
        """Say what is possible."""
        return {"allow": self.allowed}


class RangeNotSatisfiable(RequestRefused):
    """The asked byte range does not lie in the file, which has `size` bytes."""

    code = "range_not_satisfiable"
    status = 416

    def __init__(self, message: str, *, size: int) -> None:
        super().__init__(message, hint="Ask for the file without a range to learn its size.")
        self.size = size

    def headers(self) -> dict[str, str]:
        """Say how large the file is."""
        return {"content-range": f"bytes */{self.size}"}
