"""The demo workflows made for the form: what a person enters, page by page, and what is to arrive."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.demo.orchestrator.values import plain

if TYPE_CHECKING:
    from bot.demo.orchestrator import PretendOrchestrator

Page = dict[str, Any]  # answers by label, as `world.enter` takes them
CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
SECRET = "correct-horse-battery"  # what the demo keeps under the name svc-backup


@dataclass(frozen=True, kw_only=True)
class Story:
    """One workflow, filled in once."""

    pages: tuple[Page, ...]
    arrives: dict[str, object]  # by input; "no value" as None


def arrived(orchestrator: PretendOrchestrator) -> dict[str, object]:
    """The values of the newest start, as a workflow's script sees them."""
    body: Any = orchestrator.starts[-1].body
    return {each["name"]: _bare(plain(each.get("value"))) for each in body["parameters"]}


def _bare(value: object) -> object:
    """Without the address under which an object is found."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    return {key: each for key, each in value.items() if key != "href"} if isinstance(value, dict) else value


def _object(kind: str, identity: str) -> dict[str, str]:
    return {"type": kind, "id": identity}


def _machine(number: int) -> dict[str, str]:
    return _object("VC:VirtualMachine", f"vc01.example.com,id:vm-{number}")


STORIES = {
    "Provision virtual machine": Story(
        pages=(
            {"Environment": ("Production",), "Owner": "team@example.com", "Purpose": "The <new> shop"},
            {
                "Region": ("Frankfurt",),
                "Cluster": ("fra-prod-01",),
                "Datastore": ("fra-gold-01",),
                "Network": ("Web (10.20.14.0/24)",),
            },
            {"CPUs": "4", "Memory (GB)": "16", "More disks": "100, gold, data\n50, silver, logs"},
            {"First maintenance": datetime(2026, 12, 1, 14, tzinfo=UTC), "The service owner agrees": True},
        ),
        arrives={
            "environment": "production",
            "owner": "team@example.com",
            "costCentre": "CC-4100",
            "purpose": "The <new> shop",
            "region": "Frankfurt",
            "cluster": "fra-prod-01",
            "datastore": "fra-gold-01",
            "network": "10.20.14.0/24",
            "vmName": "fra-prod-017",
            "cpus": 4,
            "memoryGb": 16,
            "disks": [
                {"sizeGb": 100, "tier": "gold", "label": "data"},
                {"sizeGb": 50, "tier": "silver", "label": "logs"},
            ],
            "backupPlan": "daily",
            "maintenance": "2026-12-01T14:00:00Z",
            "approvedByBusiness": True,
        },
    ),
    "Add disk": Story(
        pages=(
            {"Virtual machine": ("web-01",)},
            {"Datastore": ("gold-01",), "Disk mode": ("Persistent",), "Disk index": "3", "Size (GB)": "20.5"},
        ),
        arrives={
            "vm": _machine(1000),
            "datastore": _object("VC:Datastore", "vc01.example.com,id:datastore-20"),
            "diskMode": _object("VC:VirtualDiskMode", "persistent"),
            "diskIndex": 3,
            "diskSize": 20.5,
            "busNumber": None,
            "thin": False,
        },
    ),
    "Mount appliance": Story(
        pages=(
            {
                "Serial number": "AB123456",
                "Rack": ("C07",),
                "Rack unit": ("12",),
                "Power feed": ("Feed B (mains)",),
            },
            {"Cabling": ("Management", "Storage"), "Shift": ("Afternoon",)},
        ),
        arrives={
            "serialNumber": "AB123456",
            "rack": "C07",
            "unit": "12",
            "feed": "B",
            "cabling": ["Management", "Storage"],
            "shift": "Afternoon",
            "reference": None,
        },
    ),
    "Schedule maintenance": Story(
        pages=(
            {
                "Virtual machines": ("web-01", "web-02"),
                "Starts": datetime(2026, 12, 1, 20, tzinfo=UTC),
                "Hours": "2.5",
                "Tell": "ops@example.com\nshop@example.com",
                "Reason": ("Hardware",),
                "Change ticket": "CHG0001234",
            },
        ),
        arrives={
            "machines": [_machine(1000), _machine(1001)],
            "start": "2026-12-01T20:00:00Z",
            "hours": 2.5,
            "mute": True,
            "notify": ["ops@example.com", "shop@example.com"],
            "reason": "Hardware",
            "ticket": "CHG0001234",
        },
    ),
    "Open firewall ports": Story(
        pages=({"From": "10.20.14.0/24", "To": "web", "Ports": "443\n8443", "Log each connection": True},),
        arrives={
            "source": "10.20.14.0/24",
            "tier": "web",
            "protocol": "TCP",
            "ports": [443, 8443],
            "until": None,
            "logAll": True,
        },
    ),
    "Register application": Story(
        pages=(
            {
                "Application": "shop",
                "Name": "Ada Lovelace",
                "Mail": "ada@example.com",
                "Endpoints": "db-01, 5432, true\ndb-02, 5432, false",
                "Labels": "tier: web\nowner: shop",
                "More": "since:\n  - 2024\n  - 2025",
            },
        ),
        arrives={
            "application": "shop",
            "contact": {"name": "Ada Lovelace", "mail": "ada@example.com", "onCall": False},
            "endpoints": [
                {"host": "db-01", "port": 5432, "tls": True},
                {"host": "db-02", "port": 5432, "tls": False},
            ],
            "labels": {"tier": "web", "owner": "shop"},
            "extra": {"since": [2024, 2025]},
        },
    ),
    "Import certificate": Story(
        pages=(
            {"Certificate": CERTIFICATE, "Format": ("PKCS12",), "Passphrase": ("svc-backup",)},
            {"Host names": "shop.example.com\nwww.example.com", "Vault key": ("svc-backup",)},
        ),
        arrives={
            "certificate": {
                "name": "certificate.pem",
                "mime-type": "application/pem-certificate-chain",
                "mime-content": base64.b64encode(CERTIFICATE).decode(),
            },
            "format": "PKCS12",
            "passphrase": SECRET,
            "chain": None,
            "hostNames": ["shop.example.com", "www.example.com"],
            "vaultKey": SECRET,
        },
    ),
    "Restore files": Story(
        pages=(
            {
                "server": ("web-01",),
                "folder": "/var/www",
                "only": r".*\.html",
                "point": datetime(2026, 11, 20, 6, tzinfo=UTC),
                "overwrite": False,
            },
        ),
        arrives={
            "server": _machine(1000),
            "folder": "/var/www",
            "only": r".*\.html",
            "point": "2026-11-20T06:00:00Z",
            "overwrite": False,
        },
    ),
    "Order application server": Story(
        pages=(
            {
                "Business unit": ("retail",),
                "What is installed": "tomcat",
                "Cores": ("4",),
                "Memory in MB": ("8192",),
            },
            {"Needed today": True, "Why it is urgent": "The old one is full."},
        ),
        arrives={
            "businessUnit": "retail",
            "component": "tomcat",
            "coreCount": "4",
            "ramMB": "8192",
            "discount": 0,
            "host": None,
            "runlist": None,
            "attributes": "{}",
            "urgent": True,
            "justification": "The old one is full.",
            "requestedBy": "svc-chatops",
        },
    ),
    "Connect backup target": Story(
        pages=({"Repository": "repo-7", "Display name": "Nightly", "Days to keep": "30", "Gateway": "gw-1"},),
        arrives={
            "repository": "repo-7",
            "displayName": "Nightly",
            "retention": 30,
            "gateway": "gw-1",
            "proxy": None,
        },
    ),
}
