"""Acks go first; nothing waits for them for ever."""

from __future__ import annotations

import asyncio

from bot.courtesy import Courtesy


async def test_work_goes_on_at_once_where_nobody_waits() -> None:
    async with asyncio.timeout(0.4):
        await Courtesy().give_way(at_most=10)


async def test_work_waits_until_the_last_ack_is_out() -> None:
    courtesy, acked = Courtesy(), asyncio.Event()
    order: list[str] = []

    async def answer() -> None:
        with courtesy.first():
            await acked.wait()
            order.append("ack")

    async def work() -> None:
        await courtesy.give_way(at_most=30)
        order.append("work")

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(answer())
        await asyncio.sleep(0)
        group.create_task(work())
        await asyncio.sleep(0)
        acked.set()
    assert order == ["ack", "work"]


async def test_work_goes_on_although_somebody_always_waits() -> None:
    courtesy = Courtesy()
    with courtesy.first():
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(courtesy.give_way(at_most=0.02))
