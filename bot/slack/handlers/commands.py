"""The slash command: its sub-commands and what each does. A new one is a method and a line in the table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.people import Place
from bot.slack import listings
from bot.slack.payloads import SlashCommand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.slack.dispatcher import Call
    from bot.slack.handlers.delegation import DelegationHandlers
    from bot.slack.handlers.explain import ExplainHandlers
    from bot.slack.handlers.picker import PickerHandlers
    from bot.slack.handlers.presets import PresetHandlers
    from bot.slack.handlers.status import StatusHandlers
    from bot.slack.people import People
    from bot.slack.responder import Responder

_PAIR = re.compile(r"(?P<name>[^\W\d][\w$]*|\$[\w$]*)=(?P<value>.*)", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<name>(?:[^\W\d]|\$)[\w$]*=)?(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|(?P<bare>\S+))""",
    re.DOTALL,
)
_CURLY = str.maketrans("\u201c\u201d\u201e\u2018\u2019", '"""\'\'')


@dataclass(frozen=True, kw_only=True)
class Words:
    """What follows `run`: words that name a workflow, and values for its inputs."""

    words: str
    pairs: Mapping[str, tuple[str, ...]]  # each name with its values, in the order they came


def read_words(text: str) -> Words:
    """Split `restart vm name="web 01" force=yes` into words and values; quotes hold a value together."""
    words: list[str] = []
    pairs: dict[str, tuple[str, ...]] = {}
    for token in _TOKEN.finditer(_straight_quotes(text)):
        value = token["bare"] if token["double"] is None and token["single"] is None else None
        if value is None:
            value = token["single"] if token["double"] is None else re.sub(r"\\(.)", r"\1", token["double"])
        found = None if token["name"] or token["bare"] is None else _PAIR.fullmatch(value)
        if token["name"]:
            name = token["name"][:-1]
            pairs[name] = (*pairs.get(name, ()), value)
        elif found:
            pairs[found["name"]] = (*pairs.get(found["name"], ()), found["value"])
        else:
            words.append(value)
    return Words(words=" ".join(words), pairs=pairs)


def _straight_quotes(text: str) -> str:
    """Phones type curly quotes; outside of straight ones they mean the same."""
    return text if '"' in text else text.translate(_CURLY)


SubCommand: TypeAlias = "Callable[[Call, SlashCommand, str], Awaitable[None]]"


class Commands:
    """What `/vro` and its sub-commands do."""

    def __init__(
        self,
        *,
        launching: PickerHandlers,
        keeping: PresetHandlers,
        looking: StatusHandlers,
        explaining: ExplainHandlers,
        delegating: DelegationHandlers,
        people: People,
        responder: Responder,
    ) -> None:
        self._launching = launching
        self._keeping = keeping
        self._people = people
        self._answering = responder
        self._table: dict[str, SubCommand] = {
            "run": self._run,
            "status": looking.status,
            "history": looking.history,
            "cancel": looking.cancel,
            "presets": self._presets,
            "explain": explaining.commanded,
            "delegate": delegating.commanded,
            "help": self._help,
        }

    async def commanded(self, call: Call) -> None:
        """`/vro`, `/vro run ...`, `/vro status` and so on."""
        command = SlashCommand.model_validate(call.body)
        word, _, rest = command.text.strip().partition(" ")
        if not word:
            await self._launching.pick(call, command)
        elif word.lower() in self._table:
            await self._table[word.lower()](call, command, rest.strip())
        else:
            await self._unknown(call, command, word)

    async def _run(self, call: Call, command: SlashCommand, rest: str) -> None:
        asked = read_words(rest)
        if asked.words:
            await self._launching.run(call, command, words=asked.words, given=asked.pairs)
        else:
            await self._launching.pick(call, command)

    async def _presets(self, call: Call, command: SlashCommand, rest: str) -> None:  # noqa: ARG002 - as the table has it
        await self._keeping.listed(call, command)

    async def _help(self, call: Call, command: SlashCommand, rest: str) -> None:  # noqa: ARG002 - as the table has it
        who = await self._people.member(command.person)
        place = Place(channel_id=command.channel_id)
        may_run = await self._launching.may_run_anything(who=who, place=place)
        await self._answering.show(call, listings.help_text(command.command, may_run=may_run))

    async def _unknown(self, call: Call, command: SlashCommand, word: str) -> None:
        near = listings.nearest(word, list(self._table))
        await self._answering.say(call, listings.unknown(word, near=near, command=command.command))
