"""The data centres the samples tell of, and the actions that forms ask about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.actions import PretendAction, Thrown
from bot.demo.orchestrator.scripts import Declared
from bot.demo.orchestrator.values import flag, number, properties, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.demo.orchestrator.actions import ActionScript
    from bot.demo.orchestrator.scripts import Inputs
    from bot.demo.orchestrator.values import Obj

PLACES = "com.example.places"
CAPACITY = "com.example.capacity"
NAMING = "com.example.naming"
RULES = "com.example.rules"
BACKUP = "com.example.backup"

CLUSTERS = {
    "Frankfurt": ("fra-prod-01", "fra-prod-02", "fra-test-01"),
    "Dublin": ("dub-prod-01", "dub-edge-01"),
    "Osaka": ("osa-prod-01",),
}
DATASTORES = {
    "fra-prod-01": ("fra-gold-01", "fra-gold-02", "fra-silver-01"),
    "fra-prod-02": ("fra-gold-03", "fra-silver-02"),
    "fra-test-01": ("fra-bronze-01",),
    "dub-prod-01": ("dub-gold-01", "dub-silver-01"),
    "dub-edge-01": ("dub-bronze-01",),
    "osa-prod-01": ("osa-gold-01", "osa-gold-02"),
}
NETWORKS = {"Frankfurt": ("10.20", "web app db"), "Dublin": ("10.30", "web app"), "Osaka": ("10.40", "app")}
LARGEST = {"fra-prod-01": 128, "fra-prod-02": 256, "dub-prod-01": 96}  # GB of memory one machine may have
_REGION = Declared(name="region", type="string")
_CLUSTER = Declared(name="cluster", type="string")
_ENVIRONMENT = Declared(name="environment", type="string")


def estate_actions() -> list[PretendAction]:
    """All of them."""
    return [
        _action(PLACES, "regions", lambda _: ("Array/string", texts(CLUSTERS))),
        _action(PLACES, "clustersOfRegion", _clusters, _REGION),
        _action(PLACES, "datastoresOfCluster", _datastores, _CLUSTER),
        _action(PLACES, "networksOfRegion", _networks, _REGION),
        _action(CAPACITY, "largestMemory", _largest_memory, _CLUSTER),
        _action(NAMING, "proposeName", _propose_name, _ENVIRONMENT, _REGION),
        _action(NAMING, "costCentreOf", _cost_centre, _ENVIRONMENT),
        _action(NAMING, "isNameFree", _is_name_free, Declared(name="name", type="string")),
        _action(RULES, "isProduction", _is_production, _ENVIRONMENT),
        _action(RULES, "checkHostNames", _check_host_names, Declared(name="hostNames", type="Array/string")),
        _action(BACKUP, "repositories", _unreachable),
    ]


def _action(module: str, name: str, script: ActionScript, *inputs: Declared) -> PretendAction:
    return PretendAction(module=module, name=name, script=script, inputs=inputs)


def _clusters(inputs: Inputs) -> tuple[str, Obj | None]:
    return "Array/string", texts(CLUSTERS.get(str(inputs.get("region")), ()))


def _datastores(inputs: Inputs) -> tuple[str, Obj | None]:
    return "Array/string", texts(DATASTORES.get(str(inputs.get("cluster")), ()))


def _networks(inputs: Inputs) -> tuple[str, Obj | None]:
    """Pairs of value and label, as an action gives both."""
    net, zones = NETWORKS.get(str(inputs.get("region")), ("", ""))
    pairs = ((f"{net}.{at}.0/24", zone) for at, zone in enumerate(zones.split(), start=14))
    return "Array/Properties", _options((cidr, f"{zone.title()} ({cidr})") for cidr, zone in pairs)


def _options(pairs: Iterable[tuple[str, str]]) -> Obj:
    listed = [properties({"value": text(value), "label": text(label)}) for value, label in pairs]
    return {"array": {"elements": listed}}


def _largest_memory(inputs: Inputs) -> tuple[str, Obj | None]:
    return "number", number(LARGEST.get(str(inputs.get("cluster")), 64))


def _propose_name(inputs: Inputs) -> tuple[str, Obj | None]:
    """Nothing while either is missing."""
    region, environment = inputs.get("region"), inputs.get("environment")
    if not region or not environment:
        return "string", None
    return "string", text(f"{str(region)[:3].lower()}-{str(environment)[:4].lower()}-017")


def _cost_centre(inputs: Inputs) -> tuple[str, Obj | None]:
    centres = {"production": "CC-4100", "staging": "CC-4180", "development": "CC-4190"}
    return "string", text(centres.get(str(inputs.get("environment")), ""))


def _is_name_free(inputs: Inputs) -> tuple[str, Obj | None]:
    name = str(inputs.get("name") or "")
    taken = name.endswith(("-001", "-002", "-003"))
    return "string", text(f"{name} is taken; the next free number is 017." if taken else "")


def _is_production(inputs: Inputs) -> tuple[str, Obj | None]:
    return "boolean", flag(on=inputs.get("environment") == "production")


def _check_host_names(inputs: Inputs) -> tuple[str, Obj | None]:
    names = inputs.get("hostNames")
    listed = [str(each) for each in names] if isinstance(names, list) else []
    foreign = [each for each in listed if not each.endswith(".example.com")]
    return "string", text(f"{foreign[0]} is not in example.com." if foreign else "")


def _unreachable(_: Inputs) -> tuple[str, Obj | None]:
    raise Thrown("Error: connect timed out: backup01.example.com:9419 (repositories#12)")
