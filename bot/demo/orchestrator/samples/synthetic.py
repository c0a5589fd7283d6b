"""Workflows and objects by the thousand, for measurements."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo.orchestrator.inventory import InventoryObject
from bot.demo.orchestrator.scripts import Declared, lasting
from bot.demo.orchestrator.workflows import PretendWorkflow

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERBS = ("Create", "Delete", "Restart", "Patch", "Resize", "Clone", "Audit", "Migrate", "Back up", "Restore")
_NOUNS = (
    "virtual machine",
    "datastore",
    "host",
    "cluster",
    "network",
    "certificate",
    "database",
    "load balancer",
)
_SITES = ("Berlin", "Dublin", "Osaka", "Austin", "Lagos")
_INPUTS = (
    Declared(name="target", type="string", description="What to work on"),
    Declared(name="count", type="number", description="How many"),
    Declared(name="dryRun", type="boolean", description="Only say what would be done"),
)


def synthetic_workflows(count: int, *, lasts: timedelta = timedelta(seconds=3)) -> list[PretendWorkflow]:
    """`count` workflows with distinct names over some forty folders, the same ones each time."""
    script = lasting(lasts)
    return [
        PretendWorkflow(
            name=f"{_VERBS[at % len(_VERBS)]} {_NOUNS[at // 10 % len(_NOUNS)]} {at:05}",
            folder=f"{_SITES[at % len(_SITES)]}/{_NOUNS[at // 10 % len(_NOUNS)].title()}",
            version=f"1.{at % 10}.0",
            description=f"Synthetic workflow {at}, for {_SITES[at % len(_SITES)]}.",
            inputs=_INPUTS[: at % 4],
            script=script,
        )
        for at in range(count)
    ]


def synthetic_items(count: int, *, kind: str = "VC:VirtualMachine") -> Iterator[InventoryObject]:
    """`count` objects of a type with distinct names, the same ones each time."""
    short = kind.partition(":")[2].lower()
    for at in range(count):
        site = _SITES[at % len(_SITES)]
        yield InventoryObject(
            type=kind,
            id=f"vc01.example.com,id:{short}-{100_000 + at}",
            name=f"{site[:3].lower()}-{short[:2]}-{at:05}",
        )
