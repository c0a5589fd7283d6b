"""Launches on the command line: which are open, what is known of one, and taking or settling one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from bot.domain.errors import BotError
from bot.domain.launch import State
from bot.domain.people import Membership, Person
from bot.domain.steps import finding, stopping
from bot.settings import read_settings
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.launch import Launch
    from bot.domain.steps import Step
    from bot.store.store import Store

_MOST = 1000  # launches listed
_VERDICTS = {
    "started": finding.Verdict.STARTED,
    "not-started": finding.Verdict.NOT_STARTED,
    "unknown": finding.Verdict.UNKNOWN,
}


class NotOneLaunch(BotError):
    """No launch, or more than one, has an id that begins so. `python -m bot launches list` names them."""


class NobodyNamed(BotError):
    """Say who does it, with --by TEAM/USER, as Slack knows them: T0123ABCD/U0123ABCD. Nothing was changed."""


class NoVerdict(BotError):
    """Say what is true, with --verdict started --run ID, not-started or unknown. Nothing was changed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which launch, in whose name."""
    parser.add_argument("action", choices=("list", "show", "cancel", "settle"))
    parser.add_argument("launch", nargs="?", default="", metavar="ID", help="its id, or how it begins")
    parser.add_argument("--state", choices=[each.value for each in State], help="list those; else all open")
    parser.add_argument("--by", default="", metavar="TEAM/USER", help="who does it: the thread names them")
    parser.add_argument("--verdict", choices=_VERDICTS, help="settle: what you saw in Orchestrator")
    parser.add_argument("--run", metavar="ID", help="settle started: the run in Orchestrator")


async def run(asked: argparse.Namespace, *, out: TextIO = sys.stdout) -> int:
    """Do what was asked."""
    settings = read_settings(file=asked.settings)
    async with store_beside(settings) as store:
        match asked.action:
            case "list":
                out.writelines(await _list(store, state=asked.state))
            case "show":
                launch_id = await _id(store, asked.launch)
                launch = await store.transact(lambda tx: tx.launch(launch_id))
                out.writelines(f"{line}\n" for line in facts(launch))
            case "cancel":
                who = _who(asked.by)
                launch = await _take(
                    store, asked.launch, lambda held, now: stopping.stopped(held, by=who.person, now=now)
                )
                out.write(_cancelled(launch))
            case _:
                launch = await _settle(store, asked)
                out.write(f"Settled: the launch is {launch.state.value}.\n")
    return 0


async def _list(store: Store, *, state: str | None) -> list[str]:
    found = await store.launches.in_states([state] if state else None, limit=_MOST)
    lines = [f"{_line(each)}\n" for each in found.launches]
    lines += [
        f"{each}  cannot be read: see `python -m bot quarantine`\n" for each in sorted(found.unreadable)
    ]
    return lines or ["There is none.\n"]


def _line(launch: Launch) -> str:
    workflow = _flat(launch.workflow.name)
    return f"{launch.id}  {launch.state.value:17}  {launch.requested_at:%Y-%m-%d %H:%M}  {workflow}"


def facts(launch: Launch) -> list[str]:
    """All that is known but what was typed, which not everybody may see."""
    approval, search = launch.approval, launch.search
    known = {
        "state": launch.state.value,
        "workflow": f"{_flat(launch.workflow.name)} ({launch.workflow.id})",
        "rule": launch.rule,
        "requested": f"{launch.requested_at:%Y-%m-%d %H:%M:%S} UTC by {_named(launch.requester)}",
        "channel": launch.place.channel_id,
        "approvals": ", ".join(_named(vote.by) for vote in approval.votes) if approval else "",
        "waits for": f"{launch.hold.kind.value} {_flat(launch.hold.why)}".strip() if launch.hold else "",
        "run": launch.execution_id or "",
        "started": _moment(launch.started_at),
        "ended": _moment(launch.ended_at),
        "in doubt": _flat(search.cause) if search else "",
        "could be": ", ".join(search.candidates) if search else "",
        "tries": str(launch.tries),
    }
    return [launch.id, *(f"{name}: {value}" for name, value in known.items() if value)]


async def _settle(store: Store, asked: argparse.Namespace) -> Launch:
    who = _who(asked.by)
    if asked.verdict is None or (asked.verdict == "started") != bool(asked.run):
        raise NoVerdict
    verdict = _VERDICTS[asked.verdict]

    def step(launch: Launch, now: datetime) -> Step:
        return finding.settled(launch, who=who, verdict=verdict, execution_id=asked.run, now=now)

    return await _take(store, asked.launch, step)


async def _take(store: Store, name: str, step: Callable[[Launch, datetime], Step]) -> Launch:
    """Take a step on a launch; the bot that runs tells it."""
    launch_id = await _id(store, name)
    return await store.transact(lambda tx: tx.save(step(tx.launch(launch_id), tx.now)))


async def _id(store: Store, name: str) -> str:
    found = await store.launches.by_short_id(name) if name else ()
    if len(found) != 1:
        raise NotOneLaunch
    return found[0]


def _cancelled(launch: Launch) -> str:
    if launch.state is State.WITHDRAWN:
        return "Withdrawn: nothing was started.\n"
    return "Orchestrator is asked to stop it as soon as the bot comes to it; the thread tells when it did.\n"


def _who(name: str) -> Membership:
    team_id, slash, user_id = name.partition("/")
    if not slash or not team_id.isalnum() or not user_id.isalnum():
        raise NobodyNamed
    return Membership(person=Person(team_id=team_id, user_id=user_id), is_member=True)


def _named(person: Person) -> str:
    return f"{person.team_id}/{person.user_id}"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else ""


def _flat(text: str) -> str:
    """On one line, without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
