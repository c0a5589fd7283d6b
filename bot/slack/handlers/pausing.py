"""`pause` and `resume`: the kill switch in Slack, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.pause import Scope, Target
from bot.slack.command_text import split_word
from bot.slack.mrkdwn import inline, mention, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.pause import Pause
    from bot.domain.people import Membership
    from bot.service.pauses import Pauses
    from bot.slack.dispatcher import Call
    from bot.slack.payloads import SlashCommand
    from bot.slack.responder import Responder


class PauseHandlers:
    """What people say with `pause` and `resume`."""

    def __init__(self, *, pauses: Pauses, responder: Responder) -> None:
        self._pauses = pauses
        self._responder = responder

    async def pause(self, call: Call, command: SlashCommand, who: Membership, words: str) -> None:
        """`pause` lists; `pause all why`, `pause rule NAME why`, `pause workflow NAME why`."""
        if not words:
            await self._responder.say(call, listed(await self._pauses.in_force(), command.command))
            return
        target, why = self._target(words)
        if target is None or not why:
            await self._responder.say(call, usage(command.command))
            return
        await self._pauses.pause(target, who=who, why=why)
        await self._responder.say(call, paused(target, command.command))

    async def resume(self, call: Call, command: SlashCommand, who: Membership, words: str) -> None:
        """`resume all`, `resume rule NAME`, `resume workflow NAME`."""
        found = next((each for each in await self._pauses.in_force() if _spelled(each.target) == words), None)
        target = found.target if found else self._target(words)[0]
        if target is None:
            await self._responder.say(call, listed(await self._pauses.in_force(), command.command))
            return
        await self._pauses.resume(target, who=who)
        await self._responder.say(call, f"Resumed {inline(str(target))}. What waited starts within a minute.")

    def _target(self, words: str) -> tuple[Target | None, str]:
        """What is meant, if that can be told, and the reason."""
        word, rest = split_word(words)
        match word.lower():
            case "all":
                return Target(scope=Scope.ALL), rest.strip()
            case "rule" | "workflow" as scope:
                return self._pauses.split(Scope(scope), rest)
            case _:
                return None, ""


def usage(command: str) -> str:
    """How to pause."""
    return (
        "Nothing was paused. Say what, and why: "
        f"`{command} pause all <why>`, `{command} pause rule <name> <why>` or "
        f"`{command} pause workflow <name> <why>`."
    )


def paused(target: Target, command: str) -> str:
    """That it is, and what it does not do."""
    return (
        f"Paused {inline(str(target))}: nothing of it is started until somebody says "
        f"`{command} resume {inline(_spelled(target))}`. What runs already runs on."
    )


def listed(pauses: Sequence[Pause], command: str) -> str:
    """What is paused."""
    if not pauses:
        return f"Nothing is paused. `{command} pause all <why>` pauses every launch."
    lines = [_line(each) for each in pauses]
    return "\n".join([*lines, f"`{command} resume {inline(_spelled(pauses[0].target))}` ends the first."])


def _line(pause: Pause) -> str:
    by = f" by {mention(pause.by)}" if pause.by else ""
    return f"Paused: {inline(str(pause.target))}{by}, since {moment(pause.since)}: {inline(pause.why)}"


def _spelled(target: Target) -> str:
    return f"{target.scope.value} {target.name}".strip()
