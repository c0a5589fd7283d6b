"""Stories of approvals in stages, of a queue, and of a freeze that is waited for or broken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.demo.stories.story import Story

if TYPE_CHECKING:
    from bot.demo.harness import Harness

_PATCH = {"Cluster": ("production",), "Hosts": "esx01\nesx02"}
_DISK = {"Virtual machine": "web-01", "Disk": "0", "New size in GB": "80"}
_BEFORE_THE_END = datetime(2037, 1, 4, 6, 50, tzinfo=UTC)  # ten minutes before the year-end close is over


async def _two_stages(theatre: Harness) -> None:
    await theatre.launch(theatre.person("ada"), "patch cluster", _PATCH)
    await theatre.pass_time(minutes=31)
    await theatre.press(theatre.person("ben"), "Approve")
    await theatre.tick()
    await theatre.press(theatre.person("grace"), "Approve")
    await theatre.until_told("Succeeded")


async def _queue(theatre: Harness) -> None:
    await theatre.launch(theatre.person("ben"), "resize disk", _DISK)
    await theatre.launch(theatre.person("ada"), "resize disk", _DISK)
    await theatre.until_told("Succeeded")


async def _freeze(theatre: Harness) -> None:
    theatre.clock.offset += _BEFORE_THE_END - theatre.now()
    await theatre.launch(theatre.person("ada"), "patch cluster", _PATCH)
    for who in ("ben", "grace"):
        await theatre.press(theatre.person(who), "Approve")
        await theatre.tick()
    await theatre.pass_time(minutes=11)
    await theatre.until_told("Succeeded")


async def _broken_glass(theatre: Harness) -> None:
    theatre.clock.offset += _BEFORE_THE_END - theatre.now()
    ada, grace = theatre.person("ada"), theatre.person("grace")
    await theatre.fill(ada, "patch cluster", _PATCH)
    await theatre.turn(ada)
    await ada.type("Break-glass: why can it not wait?", "A worm is on esx01; it cannot wait.")
    await theatre.send(ada)
    await theatre.tick()
    await theatre.until_told("Succeeded")
    await theatre.press(grace, "Reviewed")
    await grace.type("Comment", "Right so.")
    await theatre.turn(grace)
    await theatre.until_told("reviewed it")


_ASKED, _STARTED = "asked for this launch", "Started as run"

APPROVING = (
    Story(
        title="Approved in two stages",
        plot="Ada asks to patch a cluster: a colleague has to approve it, then a change manager. After half "
        "an hour the bot reminds them; Ben approves, then Grace.",
        play=_two_stages,
        state="Succeeded",
        thread=(_ASKED, "Reminder", "stage 1 of 2.", "Now it needs", "stage 2 of 2.", _STARTED, "Succeeded"),
        starts=1,
    ),
    Story(
        title="Queued behind another run",
        plot="Ben resizes a disk of web-01, and Ada another size of the same: one at a time, so hers waits.",
        play=_queue,
        state="Succeeded",
        thread=(_ASKED, "Queued, first in line, behind", _STARTED, "Succeeded"),
        starts=2,
        cards=2,
    ),
    Story(
        title="Waiting for the end of a freeze",
        plot="Ada's launch is approved ten minutes before the year-end close is over. It starts when it is.",
        play=_freeze,
        state="Succeeded",
        thread=(_ASKED, "Nothing starts during the freeze", _STARTED, "Succeeded"),
        starts=1,
    ),
    Story(
        title="The glass is broken",
        plot="Within the same freeze something cannot wait: Ada says why, and it starts at once, without "
        "approval. Everybody sees it, and Grace reviews it afterwards.",
        play=_broken_glass,
        state="Reviewed",
        thread=(_ASKED, "Break-glass.", _STARTED, "Succeeded", "has to review it", "reviewed it."),
        starts=1,
    ),
)
