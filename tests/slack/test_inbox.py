"""What is acknowledged once it is noted: what becomes of it, whatever happens."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.domain.errors import AlreadyHandled, DatabaseLost, NotAllowed
from bot.slack.dispatcher import Call
from bot.slack.inbox import DeferredInteraction, Inbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.slack.dispatcher import Body
    from bot.store.inbox import NotedInteraction
    from tests.world import World

KEY = ("action", "approve")
DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
A_LEASE = timedelta(seconds=21)  # and a bit
BODY = {
    "type": "block_actions",
    "user": {"id": "UADA"},
    "token": "xoxb-once",
    "trigger_id": "1.2.abc",
    "response_url": "https://hooks.slack.test/once",
    "message": {"text": "a card"},
    "view": {"id": "V1", "blocks": [{"type": "divider"}]},
}


class Desk:
    """An inbox on the world's database whose only errand does as told."""

    def __init__(self, world: World, does: Callable[[Call], None]) -> None:
        self.store = world.bot.store
        self.done: list[Call] = []
        self.complaints: list[Exception] = []
        self._does = does
        self.deferred_interactions = {KEY: DeferredInteraction(self._run, objections=_objection)}
        self.inbox = Inbox(self.deferred_interactions, store=self.store, report_error=self._told)

    async def _run(self, call: Call) -> None:
        self.done.append(call)
        self._does(call)
        await self.store.transact(lambda tx: tx.complete(call.interaction_id))

    async def _told(self, call: Call, error: Exception) -> None:
        assert call.reply.done()
        self.complaints.append(error)

    async def take(self, **more: Any) -> Call:  # noqa: ANN401 - JSON
        call = Call(KEY, BODY | {"trigger_id": str(uuid4())} | more)
        await self.inbox.take(call)
        return call


def _objection(body: Body) -> Body | None:
    return {"response_action": "errors"} if body.get("wrong") else None


def nothing(_: Call) -> None:
    """Just carry it out."""


def raising(*errors: Exception) -> Callable[[Call], None]:
    """What fails so many times, then does its work."""
    left = list(errors)

    def fail(_: Call) -> None:
        if left:
            raise left.pop(0)

    return fail


async def left(world: World) -> list[NotedInteraction]:
    """What is still to be carried out, a lease later."""
    world.clock.offset += A_LEASE
    return list(await world.bot.store.inbox.claim(limit=10))


async def test_what_is_taken_is_acknowledged_and_carried_out_once(world: World) -> None:
    desk = Desk(world, nothing)
    call = await desk.take()
    assert call.reply.result() == ""
    assert [each.interaction_id for each in desk.done] == [call.interaction_id]
    assert await left(world) == []


async def test_it_is_noted_before_it_is_acknowledged_without_what_lets_others_speak(world: World) -> None:
    desk = Desk(world, raising(DatabaseLost()))
    await desk.take()
    (kept,) = await left(world)
    assert kept.body == {"type": "block_actions", "user": {"id": "UADA"}, "view": {"id": "V1"}}


async def test_an_objection_answers_at_once_and_notes_nothing(world: World) -> None:
    desk = Desk(world, nothing)
    call = await desk.take(wrong=True)
    assert call.reply.result() == {"response_action": "errors"}
    assert not desk.done
    assert await left(world) == []


async def test_many_at_once_are_each_noted_and_carried_out(world: World) -> None:
    desk = Desk(world, nothing)
    calls = await asyncio.gather(*(desk.take() for _ in range(20)))
    assert {each.interaction_id for each in desk.done} == {each.interaction_id for each in calls}
    assert await left(world) == []


async def test_a_refusal_is_told_and_not_tried_again(world: World) -> None:
    desk = Desk(world, raising(NotAllowed("Not you.")))
    await desk.take()
    assert [str(each) for each in desk.complaints] == ["Not you."]
    assert await left(world) == []


async def test_what_another_carried_out_is_not_complained_about(world: World) -> None:
    desk = Desk(world, raising(AlreadyHandled()))
    await desk.take()
    assert not desk.complaints


async def test_what_the_database_was_away_for_is_taken_up_when_its_lease_is_over(world: World) -> None:
    desk = Desk(world, raising(DatabaseLost()))
    await desk.take()
    await desk.inbox.tick()
    assert len(desk.done) == 1
    world.clock.offset += A_LEASE
    await desk.inbox.tick()
    assert len(desk.done) == 2
    assert not desk.complaints
    assert await left(world) == []


async def test_an_approval_whose_process_died_after_the_ack_is_given_after_its_restart(world: World) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    card = await world.launch(ada, "delete virtual", DELETE)
    assert (await grace.press("Approve", in_=card)).ok
    await world.crash()
    await world.start()
    world.clock.offset += A_LEASE
    told = await world.until_told("Succeeded")
    assert told.count("approved it") == 1
    assert len(world.orchestrator.starts) == 1


async def test_a_form_whose_process_died_after_the_ack_becomes_one_launch_after_its_restart(
    world: World,
) -> None:
    ada = world.person("ada")
    await world.fill(ada, "delete virtual", DELETE)
    await world.turn(ada)
    assert (await ada.submit()).ok
    await world.crash()
    await world.start()
    world.clock.offset += A_LEASE
    await world.tick(2)
    assert len(world.slack.messages("ops")) == 1
    assert "asked for this launch" in world.told()


async def test_a_click_that_came_twice_is_told_once_and_decides_once(world: World) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    card = await world.launch(ada, "delete virtual", DELETE)
    await asyncio.gather(*(grace.press("Approve", in_=card) for _ in range(2)))
    await world.until_told("Succeeded", card=card)
    assert world.told(card).count("approved it") == 1
    assert len(world.orchestrator.starts) == 1
