"""The slash command: its sub-commands and what each does. A new one is a method and a line in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.domain.people import Place
from bot.slack import listings
from bot.slack.command_text import read_words, split_word

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.domain.people import Membership
    from bot.slack.dispatcher import Call
    from bot.slack.handlers.delegation import DelegationHandlers
    from bot.slack.handlers.explain import ExplainHandlers
    from bot.slack.handlers.pausing import PauseHandlers
    from bot.slack.handlers.picker import PickerHandlers
    from bot.slack.handlers.presets import PresetHandlers
    from bot.slack.handlers.status import StatusHandlers
    from bot.slack.handlers.subscriptions import SubscriptionHandlers
    from bot.slack.payloads import SlashCommand
    from bot.slack.responder import Responder

SubCommand: TypeAlias = "Callable[[Call, SlashCommand, Membership, str], Awaitable[None]]"


class Commands:
    """What `/vro` and its sub-commands do."""

    def __init__(
        self,
        *,
        picker: PickerHandlers,
        presets: PresetHandlers,
        status: StatusHandlers,
        explain: ExplainHandlers,
        delegation: DelegationHandlers,
        subscriptions: SubscriptionHandlers,
        pausing: PauseHandlers,
        responder: Responder,
    ) -> None:
        self._picker = picker
        self._presets = presets
        self._responder = responder
        self._table: dict[str, SubCommand] = {
            "run": self._run,
            "status": status.status,
            "history": status.history,
            "cancel": status.cancel,
            "presets": self._list_presets,
            "explain": explain.commanded,
            "delegate": delegation.commanded,
            "subscribe": subscriptions.subscribe,
            "unsubscribe": subscriptions.unsubscribe,
            "pause": pausing.pause,
            "resume": pausing.resume,
            "help": self._help,
        }

    async def commanded(self, call: Call, command: SlashCommand, who: Membership) -> None:
        """`/vro`, `/vro run ...`, `/vro status` and so on."""
        word, rest = split_word(command.text)
        if not word:
            await self._picker.pick(call, command)
        elif word.lower() in self._table:
            await self._table[word.lower()](call, command, who, rest.strip())
        else:
            await self._unknown(call, command, word)

    async def _run(self, call: Call, command: SlashCommand, who: Membership, rest: str) -> None:
        asked = read_words(rest)
        if asked.words:
            await self._picker.run(call, command, who, words=asked.words, given=asked.pairs)
        else:
            await self._picker.pick(call, command)

    async def _list_presets(self, call: Call, command: SlashCommand, who: Membership, rest: str) -> None:  # noqa: ARG002 - as the table has it
        await self._presets.listed(call, command, who)

    async def _help(self, call: Call, command: SlashCommand, who: Membership, rest: str) -> None:  # noqa: ARG002 - as the table has it
        place = Place(channel_id=command.channel_id)
        may_run = await self._picker.may_run_anything(who=who, place=place)
        await self._responder.show(call, listings.help_text(command.command, may_run=may_run))

    async def _unknown(self, call: Call, command: SlashCommand, word: str) -> None:
        near = listings.nearest(word, list(self._table))
        await self._responder.say(call, listings.unknown(word, near=near, command=command.command))
