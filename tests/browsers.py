"""Finds the three browsers that the tests drive, installs what is missing, and runs a command that uses them.

Usage: python tests/browsers.py [COMMAND ...]

Each browser is looked for in this order: its environment variable, PATH, apt (as root). For Chromium alone
the test tool's own download comes last. COMMAND runs with the variables set:

NEARSIDE_CHROMIUM   path of a Chromium or Chrome
NEARSIDE_FIREFOX    path of a Firefox
NEARSIDE_WEBKIT     path of WebKitWebDriver, the driver of WebKitGTK

A browser that cannot be had leaves its variable unset; its tests are skipped, unless NEARSIDE_REQUIRE names
the browser (chromium, firefox, webkit): then this script fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PLAYWRIGHT = Path(__file__).resolve().parents[1] / "playwright"


@dataclass(frozen=True)
class Browser:
    """A browser: its variable, the names of its program on PATH, what else it needs there, its packages."""

    name: str
    variable: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    helpers: tuple[str, ...] = ()

    def find(self) -> str | None:
        """Return the path of the browser, None when it or one of its helpers is missing."""
        given = os.environ.get(self.variable)
        if given:
            return shutil.which(given)
        if not all(shutil.which(helper) for helper in self.helpers):
            return None
        return next((path for program in self.programs if (path := shutil.which(program))), None)


BROWSERS = (
    Browser(
        "chromium",
        "NEARSIDE_CHROMIUM",
        ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        ("chromium",),
    ),
    Browser("firefox", "NEARSIDE_FIREFOX", ("firefox-esr", "firefox"), ("firefox-esr",)),
    Browser(
        "webkit",
        "NEARSIDE_WEBKIT",
        ("WebKitWebDriver",),
        ("webkit2gtk-driver", "xvfb", "dbus"),
        helpers=("xvfb-run", "dbus-run-session"),
    ),
)


def main() -> int:
    """Find or install the browsers, then become the command; return 1 when a required one is missing."""
    for browser in BROWSERS:
        given = os.environ.get(browser.variable)
        if given and not shutil.which(given):
            print(f"{browser.variable}={given} is not a program", file=sys.stderr)
            return 1
    missing = [browser for browser in BROWSERS if not browser.find()]
    if missing:
        install(missing)
    found = {browser.name: browser.find() for browser in BROWSERS}
    found["chromium"] = found["chromium"] or download_chromium()
    required = {name.strip() for name in os.environ.get("NEARSIDE_REQUIRE", "").split(",")}
    for browser in BROWSERS:
        path = found[browser.name]
        print(f"{browser.name}: {path or 'not found, its tests are skipped'}", flush=True)
        if path:
            os.environ[browser.variable] = path
        elif browser.name in required:
            print(f"NEARSIDE_REQUIRE names {browser.name}: set {browser.variable}", file=sys.stderr)
            return 1
    if len(sys.argv) > 1:
        os.execvp(sys.argv[1], sys.argv[1:])
    return 0


def install(missing: list[Browser]) -> None:
    """Install packages by apt; where that is not possible, say what to do and go on."""
    packages = [package for browser in missing for package in browser.packages]
    if not shutil.which("apt-get") or os.geteuid() != 0:
        print(f"missing: {', '.join(browser.name for browser in missing)}; packages: {' '.join(packages)}")
        return
    print(f"installing {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            print(f"apt-get {command[0]} ended with {done.returncode}", file=sys.stderr)
            return


def download_chromium() -> str | None:
    """Let the test tool fetch its own Chromium; return its path, None when that does not work."""
    if not (PLAYWRIGHT / "node_modules").is_dir():
        return None
    fetched = subprocess.run(
        ["npx", "--no-install", "playwright", "install", "chromium"], cwd=PLAYWRIGHT, check=False
    )
    if fetched.returncode != 0:
        return None
    script = "import {chromium} from '@playwright/test'; console.log(chromium.executablePath())"
    told = subprocess.run(
        ["node", "--input-type=module", "--eval", script],
        cwd=PLAYWRIGHT,
        capture_output=True,
        text=True,
        check=False,
    )
    return shutil.which(told.stdout.strip()) if told.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
