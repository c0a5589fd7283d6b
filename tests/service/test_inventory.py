"""Objects are found by what somebody types, with few and capped calls, and looked up again before a start."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator import ArmedFault, PretendOrchestrator
from bot.demo.orchestrator.samples import seed, synthetic_items
from bot.domain.errors import ObjectGone, OrchestratorError, Unreachable
from bot.domain.execution import Argument
from bot.domain.values import SdkObject
from bot.domain.workflow import ParameterType
from bot.orchestrator.login import Bearer
from bot.service.inventory import Inventory, check_objects
from tests.orchestrator.reaching import reach

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.orchestrator.client import Orchestrator

MACHINE = "VC:VirtualMachine"


class Room:
    """A furnished server, a client and an inventory whose clock tests move."""

    def __init__(self, vro: PretendOrchestrator, client: Orchestrator) -> None:
        self.vro = vro
        self.client = client
        self.clock = 0.0
        self.inventory = Inventory(orchestrator=client, clock=lambda: self.clock)

    @property
    def calls(self) -> list[str]:
        """What the catalogue was asked."""
        return [each for each in self.vro.requests if "/catalog/" in each]

    async def names(self, words: str, kind: str = MACHINE) -> list[str]:
        return [each.name for each in await self.inventory.find(kind, words)]


@asynccontextmanager
async def a_room(*, machines: int = 0) -> AsyncIterator[Room]:
    async with PretendOrchestrator() as vro:
        seed(vro)
        vro.add_items(synthetic_items(machines))
        async with reach(vro.url, login=Bearer(token=vro.logins.static_token())) as client:
            yield Room(vro, client)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with a_room() as furnished:
        yield furnished


async def test_objects_are_found_by_their_words_with_name_and_path(room: Room) -> None:
    found = await room.inventory.find(MACHINE, "WEB 01")
    assert [(each.name, each.path) for each in found] == [("web-01", "Berlin/vm/web")]
    assert found[0].id
    assert await room.names("no such thing") == []


async def test_what_is_typed_on_is_answered_from_memory(room: Room) -> None:
    await room.names("db")
    assert await room.names("db-03") == ["db-03"]
    assert await room.names("db") == ["db-01", "db-02", "db-03", "db-04", "db-05"]
    assert len(room.calls) == 1
    room.clock += 31
    await room.names("db")
    assert len(room.calls) == 2


async def test_many_who_ask_the_same_cost_one_call(room: Room) -> None:
    await asyncio.gather(*(room.names("mail") for _ in range(20)))
    assert len(room.calls) == 1


async def test_of_what_one_person_types_only_the_last_is_searched(room: Room) -> None:
    typed = ("w", "we", "web-0")
    found = await asyncio.gather(*(room.inventory.find(MACHINE, each, asker="V1 machine") for each in typed))
    assert [len(each) for each in found] == [0, 0, 5]
    assert len(room.calls) == 1


async def test_a_large_inventory_is_asked_once_and_capped() -> None:
    async with a_room(machines=3_000) as room:
        found = await room.inventory.find(MACHINE, "web-01")
        assert found[0].name == "web-01"
        (call,) = room.calls
        assert "maxResult=200" in call
        assert "conditions=name" in call


async def test_a_plug_in_that_takes_no_notice_of_words_is_searched_here() -> None:
    async with a_room(machines=1_000) as room:
        room.vro.ignore_conditions(MACHINE)
        assert "proxy-05" in await room.names("proxy-05")
        assert "build-02" in await room.names("build-02")
        assert len(room.calls) == 2


async def test_trouble_with_the_catalogue_is_told_and_not_kept(room: Room) -> None:
    room.vro.fault("GET */catalog/*", ArmedFault.ERROR)
    with pytest.raises(OrchestratorError):
        await room.names("web")
    assert len(await room.names("web")) == 5


async def test_picked_objects_are_looked_up_by_their_ids(room: Room) -> None:
    (web,) = await room.inventory.find(MACHINE, "web-01")
    room.clock += 60
    found = await room.inventory.look_up(MACHINE, [web.id, "vc01.example.com,id:gone"])
    assert [(each.name, each.path) for each in found.objects] == [("web-01", "Berlin/vm/web")]


# before a start


def given(*machines: SdkObject) -> tuple[Argument, ...]:
    return (Argument(name="machines", type=ParameterType(declared=f"Array/{MACHINE}"), value=machines),)


async def test_an_object_that_vanished_is_named_before_anything_is_sent(room: Room) -> None:
    web, db = (*await room.inventory.find(MACHINE, "web-01"), *await room.inventory.find(MACHINE, "db-01"))
    await check_objects(room.client, given(web, db), labels={})
    room.vro.remove_item(MACHINE, db.id)
    with pytest.raises(ObjectGone, match="“db-01”, given for “machines”"):
        await check_objects(room.client, given(web, db), labels={})


async def test_what_has_no_objects_asks_nothing(room: Room) -> None:
    await check_objects(
        room.client, (Argument(name="n", type=ParameterType(declared="number"), value=1),), labels={}
    )
    assert room.calls == []


@pytest.mark.parametrize(
    "fault", [ArmedFault.ERROR, ArmedFault.FORBIDDEN, ArmedFault.SILENCE, ArmedFault.NOT_FOUND]
)
async def test_an_object_that_cannot_be_looked_up_is_left_to_the_workflow(
    room: Room, fault: ArmedFault
) -> None:
    (web,) = await room.inventory.find(MACHINE, "web-01")
    room.vro.fault("GET */catalog/*", fault, times=None)
    await check_objects(room.client, given(web), labels={})


async def test_a_kind_that_is_only_listed_counts_as_there(room: Room) -> None:
    mode, *_ = await room.inventory.find("VC:VirtualDiskMode", "persistent")
    room.vro.fault("GET */catalog/VC/VirtualDiskMode/*", ArmedFault.NOT_FOUND, times=None)
    await check_objects(room.client, given(mode), labels={})


async def test_a_server_that_is_away_holds_the_start_up() -> None:
    async with reach("http://127.0.0.1:9") as client:
        with pytest.raises(Unreachable):
            await check_objects(client, given(SdkObject(type=MACHINE, id="vm-1")), labels={})
