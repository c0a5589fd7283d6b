"""People who launch and approve all the time, and try again when the bot does not answer."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.slack.driver.reading import buttons_in
from bot.demo.slack.errors import CannotDoError
from bot.slack.forms.review import FORMS
from tests.chaos.arena import APPROVERS, OPERATORS

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from tests.chaos.arena import Arena

_FORM = 4.0  # seconds until somebody who waits for a form starts over
_TRIES = 8  # times somebody presses the same button
_AGAIN = 1.5  # seconds until somebody approves once more what still waits
_TWICE = 0.15  # the share of approvals that two people click at once


@dataclass(kw_only=True)
class Crowd:
    """Operators who launch, approvers who approve; all of them impatient."""

    arena: Arena
    chance: random.Random
    workflows: Sequence[str]
    operators: Sequence[str] = OPERATORS
    acked: set[str] = field(
        default_factory=set
    )  # targets whose form was taken: these launches must not be lost
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[str, Json] = field(default_factory=dict)  # cards that can be approved, by their ts
    _is_open: bool = True

    def close(self) -> None:
        """No new launches; what waits is still approved."""
        self._is_open = False

    async def live(self) -> None:
        """Do all of it until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._see())
            for operator in self.operators:
                group.create_task(self._operate(self.arena.slack.person(operator)))
            for approver in APPROVERS:
                group.create_task(self._approve_all(self.arena.slack.person(approver)))

    # operators

    async def launch_so_many(self, operator: PretendPerson, count: int) -> None:
        """That many launches of one operator, one after the other; what was not taken is asked for again."""
        taken = 0
        while taken < count:
            with suppress(CannotDoError, TimeoutError):
                taken += await self.launch(operator, self.chance.choice(self.workflows)) is not None
            await asyncio.sleep(0.05)

    async def _operate(self, operator: PretendPerson) -> None:
        while self._is_open:
            with suppress(CannotDoError, TimeoutError):  # the bot died while they were at it
                await self.launch(operator, self.chance.choice(self.workflows))
            await asyncio.sleep(self.chance.uniform(0.05, 0.6))

    async def launch(self, operator: PretendPerson, workflow: str) -> str | None:
        """From the command to the sent form; the launch's target if the form was taken, else None."""
        target = f"target-{next(self._numbers):05}"
        if operator.view is not None:
            await operator.close_view(everything=True)
        channel = self.arena.channel_of(operator.id)
        answer = await operator.slash("/vro", f"run {workflow} target={target}", channel=channel)
        if not answer.ok or answer.message is not None:
            return None
        await operator.until(lambda: _is_form(operator.view), timeout=_FORM)
        for _ in range(_TRIES):
            sent = await operator.submit()
            if sent.closed:
                self.acked.add(target)
                return target
            if not _is_form(operator.view):  # the bot said something else: it has this form already
                return None
            if not sent.ok:
                await asyncio.sleep(self.chance.uniform(0.1, 0.6))
        return None

    # approvers

    async def _see(self) -> None:
        with self.arena.slack.workspace.feed.subscribed() as changes:
            while True:
                message = (await changes.get()).message
                if message is None or "metadata" not in message:
                    continue
                if "Approve" in buttons_in(message):
                    self._waiting[message["ts"]] = message
                else:
                    self._waiting.pop(message["ts"], None)

    async def _approve_all(self, approver: PretendPerson) -> None:
        tried: dict[str, float] = {}
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time() - _AGAIN
            fresh = [card for ts, card in self._waiting.items() if tried.get(ts, 0) < before]
            if not fresh:
                await asyncio.sleep(0.05)
                continue
            card = self.chance.choice(fresh)
            tried[card["ts"]] = loop.time()
            await self.approve(card, by=approver)

    async def approve(self, card: Json, *, by: PretendPerson) -> bool:
        """One click, or two people's clicks at once; whether one was acknowledged."""
        people = [by]
        if self.chance.random() < _TWICE:
            people = [self.arena.slack.person(approver) for approver in APPROVERS]
        clicks = await asyncio.gather(*(self._click(person, card) for person in people))
        return any(clicks)

    async def _click(self, person: PretendPerson, card: Json) -> bool:
        try:
            return (await person.press("Approve", in_=card)).ok
        except CannotDoError:  # decided meanwhile
            return False


def _is_form(view: Json | None) -> bool:
    return view is not None and view["callback_id"] in FORMS
