"""`nearside build` from beginning to end."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nearside_server.build import cache, npm, stamp, swap, tabwheel
from nearside_server.build.assembly import assemble, relative_files
from nearside_server.build.checkout import Checkout
from nearside_server.build.console import Console, size
from nearside_server.build.manifest import write_manifest
from nearside_server.build.pins import PYODIDE_LOCK
from nearside_server.build.starter import Starter
from nearside_server.build.templates import Templates
from nearside_server.build.vendored import Vendor, locked_files


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line decides about the site itself."""

    compress: bool = True
    starter_dtypes: Sequence[str] = ("int8",)


def build_site(
    checkout: Checkout,
    site: Path,
    *,
    options: Options | None = None,
    console: Console | None = None,
    wheels: Path | None = None,
    jobs: int | None = None,
) -> bool:
    """Build `site` from `checkout`; return False when it was up to date already.

    `wheels` is a folder to look for Pyodide's wheels in first, `jobs` the number of compressing threads
    (default: one per core). The old site stays whole until the new one is. Raises the errors of
    `nearside_server.build.errors`; NotASite rather than overwrite a folder that is no site.
    """
    options, console = options or Options(), console or Console()
    site = site.resolve()
    stamps = checkout.cache / "stamps"
    with swap.enough_room(), swap.locked(site, checkout.cache / "locks"):
        swap.recover(site)
        modules = npm.ensure_modules(checkout.web, console)
        inputs = stamp.inputs_hash(checkout, asdict(options))
        if stamp.is_current(site, inputs, stamps):
            return False
        _build(checkout, site, modules, options, console, wheels, jobs or os.cpu_count() or 1)
        stamp.write_stamp(site, inputs, stamps)
        cache.prune(stamps)
    return True


def _build(
    checkout: Checkout,
    site: Path,
    modules: Path,
    options: Options,
    console: Console,
    wheels: Path | None,
    jobs: int,
) -> None:
    from nearside_server.build import compress  # brings brotli in, which an up-to-date site does not need

    lock = json.loads((modules / "pyodide" / PYODIDE_LOCK).read_text("utf-8"))
    vendored = Vendor(cache_folder=checkout.cache, console=console, wheels=wheels).get(locked_files(lock))
    starter = Starter(cache_folder=checkout.cache, console=console).get(options.starter_dtypes)
    licence = (checkout.root / "LICENSE").read_bytes()
    extras = Templates(cache_folder=checkout.cache, console=console).get()
    tab_wheel = tabwheel.build_wheel(checkout.engine, checkout.project, licence)
    tasks_wheel = tabwheel.build_tasks_wheel(checkout.engine, checkout.project, licence)
    with swap.replacing(site) as new:
        console.step("page and runtime")
        precached = assemble(
            checkout,
            new,
            modules=modules,
            wheels=vendored,
            tab_wheel=(tabwheel.wheel_name(checkout.project), tab_wheel),
            extras={**extras, tabwheel.tasks_name(checkout.project): tasks_wheel},
            starter=starter,
        )
        names = list(relative_files(new))
        console.done(f"{len(names)} files, tab wheels {size(len(tab_wheel))} and {size(len(tasks_wheel))}")
        store = checkout.cache / "compressed"
        if options.compress:
            console.step("compressed copies")
            entries = compress.compress_site(new, names, store=store, jobs=jobs, progress=console.progress)
            console.done(f"{size(sum(entry.br or entry.bytes for entry in entries))} by brotli")
            cache.prune(store)
        else:
            entries = compress.describe(new, names)
        write_manifest(new, checkout.version, entries, precached)
        console.step("site")
    console.done(f"{size(sum(entry.bytes for entry in entries))} in {site}")
