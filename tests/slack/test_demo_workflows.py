"""Every demo workflow is filled in as a person does it, page by page, and runs to its end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.world import World

Page = dict[str, Any]  # answers by label, as `world.enter` takes them

WORKFLOWS: dict[str, tuple[Page, ...]] = {
    "Provision virtual machine": (
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
    "Add disk": (
        {"Virtual machine": ("web-01",)},
        {"Datastore": ("gold-01",), "Disk mode": ("persistent",), "Disk index": "3", "Size (GB)": "20.5"},
    ),
    "Mount appliance": (
        {
            "Serial number": "AB123456",
            "Rack": ("C07",),
            "Rack unit": ("12",),
            "Power feed": ("Feed B (mains)",),
        },
        {"Cabling": ("Management", "Storage"), "Shift": ("Afternoon",)},
    ),
    "Schedule maintenance": (
        {
            "Virtual machines": ("web-01", "web-02"),
            "Starts": datetime(2026, 12, 1, 20, tzinfo=UTC),
            "Hours": "2.5",
            "Tell": "ops@example.com\nshop@example.com",
            "Reason": ("Hardware",),
        },
    ),
    "Open firewall ports": (
        {"From": "10.20.14.0/24", "To": "web", "Ports": "443\n8443", "Log each connection": True},
    ),
    "Register application": (
        {
            "Application": "shop",
            "Name": "Ada Lovelace",
            "Mail": "ada@example.com",
            "Endpoints": "db-01, 5432, true\ndb-02, 5432, false",
            "Labels": "tier: web\nowner: shop",
            "More": '{"since": [2024, 2025]}',
        },
    ),
    "Import certificate": (
        {
            "Certificate": b"-----BEGIN CERTIFICATE-----",
            "Format": ("PKCS12",),
            "Passphrase": ("svc-backup",),
        },
        {"Host names": "shop.example.com\nwww.example.com", "Vault key": ("svc-backup",)},
    ),
    "Restore files": (
        {
            "server": ("web-01",),
            "folder": "/var/www",
            "only": r".*\.html",
            "point": datetime(2026, 11, 20, 6, tzinfo=UTC),
            "overwrite": False,
        },
    ),
    "Order application server": (
        {
            "Business unit": ("retail",),
            "What is installed": "tomcat",
            "Cores": ("4",),
            "Memory in MB": ("8192",),
        },
        {},
    ),
    "Connect backup target": (
        {"Repository": "repo-7", "Display name": "Nightly", "Days to keep": "30", "Gateway": "gw-1"},
    ),
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The bot between the pretend servers, on SQLite."""
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(tmp_path, database=database) as made:
        yield made


@pytest.mark.parametrize("name", WORKFLOWS)
async def test_a_demo_workflow_is_filled_in_and_runs_to_its_end(world: World, name: str) -> None:
    ada = world.person("ada")
    await world.fill(ada, name, {})
    for page in WORKFLOWS[name]:
        await world.enter(ada, page)
        turned = await world.turn(ada)
        assert turned.ok, turned.error_at
    assert "Start" in ada.reads()
    assert (await world.send(ada)).closed
    await world.tick()
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1
    assert world.orchestrator.invalid_starts == []
