"""The measured workspace: its settings and people, and launches made ready by the bot's own code."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.draft import LaunchOptions
from bot.domain.people import Membership, Person, Place
from bot.settings import read_settings
from bot.store.migrating import migrate
from bot.wiring.build import build
from tests.bench import raw_servers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.draft import Draft
    from bot.domain.launch import Launch
    from bot.wiring.build import Bot

TEAM, SECRET = "T0BENCH", "8f742231b10e8888abcd99yyyzzz85a5"
VIEW = "V0BENCH"  # the window of every form
PEOPLE, CHANNELS = 60, 100
_AT_ONCE = 20
_TOLD = 200


def asker(number: int) -> Person:
    """Somebody who asks for launches."""
    return Person(team_id=TEAM, user_id=f"U0PERSON{number % PEOPLE:02}")


def approver(number: int) -> Person:
    """Somebody who decides."""
    return Person(team_id=TEAM, user_id=f"U0APPROVER{number % 10}")


def channel(number: int) -> str:
    """Where a launch is told."""
    return f"C0ROOM{number % CHANNELS:03}"


def settings(*, raw: int, port: int, database: str) -> dict[str, str]:
    """What the bot's process is told; everything else stays at its default."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_TRANSPORT": "http",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{raw}/api/",
        "HTTP_HOST": "127.0.0.1",
        "COMMANDS_PER_MINUTE": "0",
        "HTTP_PORT": str(port),
        "ORCHESTRATOR_URL": f"http://127.0.0.1:{raw}",
        "ORCHESTRATOR_LOGIN": "basic",
        "ORCHESTRATOR_USERNAME": "svc-chatops",
        "ORCHESTRATOR_PASSWORD": "bench-password",
        "DATABASE_URL": database,
        "POLICY_FILE": str(Path(__file__).parent / "policy.yaml"),
    }


@dataclass(frozen=True, kw_only=True)
class Open:
    """A form somebody has filled in and looks at once more."""

    draft: Draft
    machine: str  # what is typed as the machine's name: no two alike


def typed(machine: str) -> dict[str, str]:
    """The answers to the form, by field."""
    return {
        "vmName": machine,
        "ticket": "CHG0001234",
        "reason": "The disk of this machine is nearly full and its team asked for more room today.",
        "datastore": "silver",
        "sizeGb": "120",
        "snapshot": "true",
        "notify": "operations@bench.test\nstorage@bench.test",
    }


async def ready(
    values: Mapping[str, str], *, forms: int, launches: int
) -> tuple[list[Open], list[tuple[Launch, str]]]:
    """Open forms and launches that wait for approval, each with its machine, in a migrated database.

    Their cards count as told, as they would be in a workspace where they have waited for a while.
    """
    await migrate(values["DATABASE_URL"])
    async with build(read_settings(values)) as bot:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(number: int) -> Open:
            async with turns:
                return await _open(bot, number)

        opened = await asyncio.gather(*(one(number) for number in range(forms + launches)))

        async def asked(form: Open) -> Launch:
            async with turns:
                return await bot.submission.submit(
                    form.draft, who=_standing(form.draft.person), wishes=LaunchOptions()
                )

        waiting = await asyncio.gather(*(asked(form) for form in opened[forms:]))
        await _tell(bot)
    machines = [form.machine for form in opened[forms:]]
    return list(opened[:forms]), list(zip(waiting, machines, strict=True))


async def _open(bot: Bot, number: int) -> Open:
    workflow = await bot.catalogue.definition(raw_servers.workflow_id(number % raw_servers.WORKFLOWS))
    who, place = _standing(asker(number)), Place(channel_id=channel(number))
    machine = f"vm-{number:06}"
    draft = await bot.drafts.open(workflow=workflow, who=who, place=place, view_id=VIEW)
    filled = await bot.drafts.change(
        draft, lambda fresh: fresh.filled(typed(machine)).turned(forward=True), who=who
    )
    return Open(draft=filled, machine=machine)


async def _tell(bot: Bot) -> None:
    while tellings := await bot.store.outbox.claim(limit=_TOLD):
        for telling in tellings:
            place = telling.launch.place.channel_id
            version = telling.launch.version
            await bot.store.outbox.remember_home(
                telling, channel=place, ts="1700000000.000100", version=version
            )
            await bot.store.outbox.told(telling, up_to=telling.events[-1].seq, card=version)


def _standing(person: Person) -> Membership:
    return Membership(person=person, is_member=True)
