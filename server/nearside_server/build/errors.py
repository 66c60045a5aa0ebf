"""What stops a build, as one tree below `nearside_server.errors.BuildError`.

BuildError               `nearside build` cannot finish
├── NoCheckout           there is no source checkout to build from
├── MissingInput         a file or a package that the build needs is not there
├── WrongVersion         an installed part is not the pinned one
├── ToolFailed           node, npm or esbuild ended with an error
├── DownloadFailed       a file could not be fetched (retryable)
│   ├── NotOnIndex       the package index does not list the file
│   └── NoRanges         the server does not answer range requests
├── WrongHash            a file is not the one that was pinned (lives in nearside_server.errors)
├── BadModel             the model's weights or configuration are not what the graph is built for
├── TooBig               an artefact is over its size limit
├── NotASite             the folder to write to holds something else
├── DiskFull             the disk, a quota or a file size limit ended the build
└── BuildRunning         another build of the same site is running (retryable)
"""

from __future__ import annotations

from nearside_server.errors import BuildError, WrongHash

__all__ = [
    "BadModel",
    "BuildError",
    "BuildRunning",
    "DiskFull",
    "DownloadFailed",
    "MissingInput",
    "NoCheckout",
    "NoRanges",
    "NotASite",
    "NotOnIndex",
    "TooBig",
    "ToolFailed",
    "WrongHash",
    "WrongVersion",
]


class NoCheckout(BuildError):
    """There is no source checkout to build from."""

    code = "no_checkout"
    hint = "An installed wheel already carries the site: run `nearside serve`. To build, work in a checkout."


class MissingInput(BuildError):
    """A file or a package that the build needs is not there."""

    code = "missing_input"


class WrongVersion(BuildError):
    """An installed part is not the pinned one."""

    code = "wrong_version"
    hint = "Run `npm ci --ignore-scripts` in web/."


class ToolFailed(BuildError):
    """A program that the build starts ended with an error."""

    code = "tool_failed"


class DownloadFailed(BuildError):
    """A file could not be fetched."""

    code = "download_failed"
    retryable = True
    hint = "Check the network, HTTPS_PROXY and pip's index settings, then run `nearside build` again."


class NotOnIndex(DownloadFailed):
    """The package index does not list the file."""

    code = "not_on_index"
    retryable = False


class NoRanges(DownloadFailed):
    """The server does not answer range requests, so that one entry would cost the whole archive."""

    code = "no_ranges"
    retryable = False


class BadModel(BuildError):
    """The model's weights or configuration are not what the graph is built for."""

    code = "bad_model"


class TooBig(BuildError):
    """An artefact is over its size limit."""

    code = "too_big"


class NotASite(BuildError):
    """The folder to write to holds something that is not a site, and would be lost."""

    code = "not_a_site"
    hint = "Give --out a folder that is new, empty, or an earlier site."


class DiskFull(BuildError):
    """The disk, a quota or a file size limit ended the build; the old site stays."""

    code = "disk_full"
    retryable = True
    hint = "Free about 400 MB and run `nearside build` again; the old site was left as it was."


class BuildRunning(BuildError):
    """Another build of the same site is running."""

    code = "build_running"
    retryable = True
    hint = "Wait for it to end."
