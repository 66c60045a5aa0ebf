"""The page's calls about the engine itself: records, settings, device, models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nearside.engine.client import Client
from nearside.engine.settings import Settings
from nearside.errors import InvalidInput
from nearside.routing.facts import MODES
from nearside.types import Progress
from nearside.wire import shapes
from nearside.wire.call import Call, Method


async def _records_list(client: Client, call: Call) -> dict[str, Any]:
    return {"records": shapes.camel(await client.records.list(call.get("limit", 100)))}


async def _records_export(client: Client, call: Call) -> dict[str, Any]:
    return {"text": await client.records.export()}


async def _records_clear(client: Client, call: Call) -> dict[str, Any]:
    await client.records.clear()
    return {}


async def _settings_get(client: Client, call: Call) -> dict[str, Any]:
    return await _settings(client, await client.settings.get())


async def _settings_set(client: Client, call: Call) -> dict[str, Any]:
    changes = call["changes"]
    if not isinstance(changes, Mapping):
        raise InvalidInput("changes is no object.", hint='Give {"mode": "local-only"}.')
    return await _settings(client, await client.settings.change(changes))


async def _settings(client: Client, settings: Settings) -> dict[str, Any]:
    facts = await client.far_facts()
    return {
        "mode": settings.mode or "prefer-local",
        "chosen": settings.mode is not None,
        "modes": list(MODES),
        "cloud": settings.cloud or "ask",
        "hub": settings.hub,
        "models": dict(settings.models),
        "provider": {
            "connected": bool(facts.models),
            "models": [model.alias for model in facts.models],
            "state": facts.cloud,
        },
        "localOnly": facts.local_document,
        "persistent": client.persistent,
    }


async def _device(client: Client, call: Call) -> dict[str, Any]:
    return await client.device()


async def _models_list(client: Client, call: Call) -> dict[str, Any]:
    return {"models": [shapes.model_entry(entry) for entry in await client.models.list()]}


async def _recommend(client: Client, call: Call) -> dict[str, Any]:
    found = await client.models.recommend(call["task"], languages=call.get("languages"))
    return shapes.recommendation(found)


async def _check(client: Client, call: Call) -> dict[str, Any]:
    return {"check": shapes.check(await client.models.check(call["id"]))}


async def _rollback(client: Client, call: Call) -> dict[str, Any]:
    return {"revision": await client.models.rollback(call["id"])}


async def _preload(client: Client, call: Call) -> dict[str, Any]:
    def tell(progress: Progress) -> None:
        if call.on_progress is not None:
            call.on_progress({"phase": progress.phase, "loaded": progress.loaded, "total": progress.total})

    return {"model": shapes.model_entry(await client.models.preload(call["id"], tell))}


async def _unload(client: Client, call: Call) -> dict[str, Any]:
    return {"unloaded": await client.models.unload(call["id"])}


async def _delete(client: Client, call: Call) -> dict[str, Any]:
    return {"deleted": await client.models.delete(call["id"])}


async def _storage(client: Client, call: Call) -> dict[str, Any]:
    report = await client.models.storage()
    return {
        "persistent": report.persistent,
        "used": report.used,
        "quota": report.quota,
        "persisted": report.persisted,
        "note": report.note,
    }


METHODS: Mapping[str, Method] = {
    "records.list": Method(_records_list, (), ("limit",)),
    "records.export": Method(_records_export),
    "records.clear": Method(_records_clear),
    "settings.get": Method(_settings_get),
    "settings.set": Method(_settings_set, ("changes",)),
    "device": Method(_device),
    "models.list": Method(_models_list),
    "models.recommend": Method(_recommend, ("task",), ("languages",)),
    "models.check": Method(_check, ("id",)),
    "models.rollback": Method(_rollback, ("id",)),
    "models.preload": Method(_preload, ("id",)),
    "models.unload": Method(_unload, ("id",)),
    "models.delete": Method(_delete, ("id",)),
    "models.storage": Method(_storage),
}
