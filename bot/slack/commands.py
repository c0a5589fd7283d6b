"""The slash command: its sub-commands and what each does. A new one is a method and a line in the table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bot.domain.errors import NotAllowed, UnknownLaunch
from bot.domain.people import Place
from bot.slack import listings
from bot.slack.payloads import SlashCommand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.launches import Launches
    from bot.slack.answering import Answering
    from bot.slack.keeping import Keeping
    from bot.slack.launching import Launching
    from bot.slack.people import People
    from bot.slack.switchboard import Call
    from bot.store.listings import Listed
    from bot.store.store import Store

_LISTED = 20
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
        launching: Launching,
        keeping: Keeping,
        launches: Launches,
        store: Store,
        people: People,
        answering: Answering,
        url: str,
        others: Mapping[str, SubCommand],  # that have a room of their own
    ) -> None:
        self._launching = launching
        self._keeping = keeping
        self._launches = launches
        self._store = store
        self._people = people
        self._answering = answering
        self._url = url  # of the workspace, for links to cards
        self._table: dict[str, SubCommand] = {
            "run": self._run,
            "status": self._status,
            "history": self._history,
            "cancel": self._cancel,
            "presets": self._presets,
            **others,
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

    async def _status(self, call: Call, command: SlashCommand, rest: str) -> None:
        listed = await self._listed(command, only_open=True)
        fitting = [each for each in listed if _fits(each, rest)]
        absences = await self._store.transact(lambda tx: tx.delegations())
        said = listings.status(fitting, words=rest, command=command.command, url=self._url, absences=absences)
        await self._answering.show(call, said)

    async def _history(self, call: Call, command: SlashCommand, rest: str) -> None:
        listed = await self._listed(command, only_open=False)
        fitting = [each for each in listed if _fits(each, rest)]
        await self._answering.show(
            call, listings.history(fitting, words=rest, command=command.command, url=self._url)
        )

    async def _listed(self, command: SlashCommand, *, only_open: bool) -> list[Listed]:
        who = await self._people.member(command.person)
        found = await self._store.find(
            person=who.person, channel=command.channel_id, only_open=only_open, limit=200
        )
        return [each for each in found if self._launches.may_see(each.launch, who=who)]

    async def _cancel(self, call: Call, command: SlashCommand, rest: str) -> None:
        if not rest:
            await self._answering.say(call, f"Which one? `{command.command} status` lists ids to cancel.")
            return
        who = await self._people.member(command.person)
        found = await self._store.by_short_id(rest.strip("`#"))
        if len(found) != 1:
            raise UnknownLaunch
        try:
            launch = await self._launches.cancel(found[0].launch.id, who=who)
        except NotAllowed as no:
            raise UnknownLaunch from no
        await self._answering.say(call, listings.cancelled(launch))

    async def _presets(self, call: Call, command: SlashCommand, rest: str) -> None:  # noqa: ARG002 - as the table has it
        await self._keeping.listed(call, command)

    async def _help(self, call: Call, command: SlashCommand, rest: str) -> None:  # noqa: ARG002 - as the table has it
        who = await self._people.member(command.person)
        place = Place(channel_id=command.channel_id)
        may_run = self._launching.may_run_anything(who=who, place=place)
        await self._answering.show(call, listings.help_text(command.command, may_run=may_run))

    async def _unknown(self, call: Call, command: SlashCommand, word: str) -> None:
        near = listings.nearest(word, list(self._table))
        await self._answering.say(call, listings.unknown(word, near=near, command=command.command))


def _fits(listed: Listed, words: str) -> bool:
    launch = listed.launch
    text = f"{launch.workflow.name} {launch.workflow.folder} {launch.id} {launch.state.value}".casefold()
    return all(word in text for word in words.casefold().split())
