"""The sample inventory, and an action that a form's drop-down runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.orchestrator.inventory import InventoryObject
from bot.demo.orchestrator.values import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.demo.orchestrator.scripts import Inputs
    from bot.demo.orchestrator.values import Obj

ACTIONS_MODULE = "com.example.storage"
_VCENTER = "vc01.example.com"
_ROLES = ("web", "app", "db", "cache", "queue", "mail", "build", "proxy")
_DATASTORES = ("gold-01", "gold-02", "silver-01", "archive-01")

_DISK_MODES = {
    "persistent": "Persistent",
    "independent_persistent": "Independent, persistent",
    "independent_nonpersistent": "Independent, nonpersistent",
}


def sample_items() -> list[InventoryObject]:
    """Forty machines, some datastores, hosts and clusters, and the modes of a disk."""
    names = [f"{role}-{number:02}" for role in _ROLES for number in range(1, 6)]
    machines = [_machine(at, name) for at, name in enumerate(names)]
    datastores = [_item("Datastore", f"datastore-{20 + at}", name) for at, name in enumerate(_DATASTORES)]
    hosts = [_item("HostSystem", f"host-{at}", f"esx{at:02}.example.com") for at in range(1, 7)]
    clusters = [
        _item("ClusterComputeResource", f"domain-c{at}", name)
        for at, name in enumerate(("production", "staging", "edge"), start=7)
    ]
    modes = [_mode(identity, name) for identity, name in _DISK_MODES.items()]
    return [*machines, *datastores, *hosts, *clusters, *modes]


def datastore_names(_: Inputs) -> tuple[str, Obj]:
    """What the action of the same name returns."""
    return "Array/string", texts(_DATASTORES)


def _machine(at: int, name: str) -> InventoryObject:
    role = name.partition("-")[0]
    known = {
        "path": f"Berlin/vm/{role}",
        "state": "poweredOn" if at % 9 else "poweredOff",
        "hostName": f"{name}.example.com",
        "ipAddress": f"10.20.{14 + at // 20}.{30 + at % 20}",
        "guestOS": None,
    }
    return _item("VirtualMachine", f"vm-{1000 + at}", name, known)


def _mode(identity: str, name: str) -> InventoryObject:
    """An enumeration of the plug-in, listed like any other type."""
    return InventoryObject(type="VC:VirtualDiskMode", id=identity, name=name)


def _item(kind: str, moid: str, name: str, known: Mapping[str, str | None] | None = None) -> InventoryObject:
    """Ids are spelled as vCenter's plug-in spells them since 7: instance, comma, id."""
    more = {"vimId": moid, "status": None, **(known or {})}
    return InventoryObject(type=f"VC:{kind}", id=f"{_VCENTER},id:{moid}", name=name, more=more)
