"""Where the package index that pip is configured with keeps a file (PEP 503 pages and PEP 691 JSON)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.parse
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from nearside_server.build.downloads import Web, shown
from nearside_server.build.errors import DownloadFailed, NotOnIndex

DEFAULT: Final = "https://pypi.org/simple/"
ACCEPT: Final = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_SETTING: Final = re.compile(r"(?P<place>:env:|global|install|download)\.(?P<key>[\w-]+)='(?P<value>.*)'")
_RANK: Final = {"global": 0, "install": 1, "download": 1, ":env:": 2}


@dataclass(frozen=True, slots=True)
class Indexes:
    """Where files are looked for, in order: local folders, then index pages (URLs that end with `/`)."""

    folders: tuple[Path, ...] = ()
    pages: tuple[str, ...] = (DEFAULT,)


def configured() -> Indexes:
    """Return what pip would use: its configuration files and PIP_* variables, by `pip config list`.

    Without pip only the environment is read; with neither it is PyPI.
    """
    told: dict[str, tuple[int, str]] = {}
    for match in map(_SETTING.fullmatch, _pip_settings().splitlines()):
        if match and _RANK[match["place"]] >= told.get(match["key"], (0, ""))[0]:
            told[match["key"]] = (_RANK[match["place"]], match["value"])

    def setting(key: str) -> str:
        return os.environ.get("PIP_" + key.upper().replace("-", "_")) or told.get(key, (0, ""))[1]

    pages = [setting("index-url") or DEFAULT, *setting("extra-index-url").replace("\\n", " ").split()]
    links = setting("find-links").replace("\\n", " ").split()
    return Indexes(
        folders=tuple(path for path in map(_local, links) if path is not None and path.is_dir()),
        pages=tuple(page.rstrip("/") + "/" for page in pages),
    )


def locate(web: Web, indexes: Indexes, project: str, filename: str) -> str:
    """Return the URL of `filename`, a file of `project`, from the first place that lists it.

    The URL's fragment (the index's own hash) is cut off: callers know the hash they want. Raises
    NotOnIndex when no place lists it, DownloadFailed when every index failed.
    """
    for folder in indexes.folders:
        if (folder / filename).is_file():
            return (folder / filename).resolve().as_uri()
    name = re.sub(r"[-_.]+", "-", project).lower()
    failure: DownloadFailed | None = None
    for page in indexes.pages:
        try:
            url = _listed(web, page, name, filename)
        except DownloadFailed as error:
            failure = failure if failure and not isinstance(failure, NotOnIndex) else error
            continue
        if url:
            return url
    if failure is not None and not isinstance(failure, NotOnIndex):
        raise failure
    places = ", ".join(shown(page) for page in indexes.pages)
    raise NotOnIndex(f"{filename} is not listed by {places}.")


def _listed(web: Web, page: str, name: str, filename: str) -> str | None:
    """Return the URL of `filename` on the index `page`'s list of the project `name`, or None."""
    address = f"{page}{name}/"
    if urllib.parse.urlsplit(address).scheme == "file":
        address += "index.html"
    kind, text, base = web.text(address, ACCEPT)
    if kind.endswith("json"):
        try:
            links = [(entry["filename"], entry["url"]) for entry in json.loads(text)["files"]]
        except (ValueError, KeyError, TypeError) as error:
            raise DownloadFailed(f"{shown(address)} is not an index page: {error!r}.") from error
    else:
        reader = _Links()
        reader.feed(text)
        links = reader.links
    for label, link in links:
        if label == filename:
            return _with_login(urllib.parse.urljoin(base, link.partition("#")[0]), page)
    return None


def _with_login(url: str, page: str) -> str:
    """Return `url` with the login of the index `page`, when both lie on the same host."""
    login, _, host = urllib.parse.urlsplit(page).netloc.rpartition("@")
    parts = urllib.parse.urlsplit(url)
    if not login or parts.netloc != host:
        return url
    return urllib.parse.urlunsplit(parts._replace(netloc=f"{login}@{host}"))


def _local(link: str) -> Path | None:
    """Return the folder that a find-links entry names, or None when it is a remote page."""
    parts = urllib.parse.urlsplit(link)
    if parts.scheme == "file":
        return Path(urllib.parse.unquote(parts.path))
    return Path(link).expanduser() if "://" not in link else None


def _pip_settings() -> str:
    """Return the output of `pip config list`, empty where there is no pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    return done.stdout if done.returncode == 0 else ""


class _Links(HTMLParser):
    """Collects (text, href) of the links of a PEP 503 page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self._href: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href = dict(attrs).get("href")

    def handle_data(self, data: str) -> None:
        if self._href is not None and data.strip():
            self.links.append((data.strip(), self._href))
            self._href = None
