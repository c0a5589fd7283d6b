"""What happens when somebody asks why: at a refusal, or by a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import UnknownWorkflow
from bot.domain.people import Place
from bot.policy_file import argument
from bot.service.catalogue import Picked
from bot.slack.command_text import read_words
from bot.slack.errors import explained
from bot.slack.forms.messages import message_view
from bot.slack.mrkdwn import inline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.execution import Argument
    from bot.domain.people import Membership
    from bot.service.catalogue import Catalogue
    from bot.slack.dispatcher import Call
    from bot.slack.payloads import BlockAction, SlashCommand
    from bot.slack.people import People
    from bot.slack.responder import Responder


class ExplainHandlers:
    """Answers with the policy's reasons."""

    def __init__(self, *, catalogue: Catalogue, people: People, responder: Responder) -> None:
        self._catalogue = catalogue
        self._people = people
        self._responder = responder

    async def asked(self, call: Call, click: BlockAction, _who: Membership) -> None:
        """Why?: the reasons as they were when the refusal was said."""
        view = message_view("Why", click.actions[0].value)
        await (self._responder.push(call, view) if call.view_id else self._responder.open(call, view))

    async def commanded(self, call: Call, command: SlashCommand, who: Membership, rest: str) -> None:
        """`/vro explain words name=value`: what the policy says to it here and now."""
        asked = read_words(rest)
        if not asked.words:
            said = f"Which workflow? `{command.command} explain <name or id> [name=value ...]`"
            await self._responder.say(call, said)
            return
        picked = await self._find(asked.words, who=who)
        if len(picked.named) != 1:
            names = ", ".join(f"*{inline(each.name)}*" for each in (picked.named or picked.similar)[:10])
            begin = "Several workflows fit" if picked.named else "None is called that. Similar are"
            await self._responder.say(call, f"{begin}: {names}. Please name one of them.")
            return
        ruling = self._catalogue.explain(
            picked.named[0],
            who=who,
            place=Place(channel_id=command.channel_id),
            arguments=_arguments(asked.pairs) if asked.pairs else None,
            at=self._people.now(),
        )
        await self._responder.say(call, explained(ruling))

    async def _find(self, words: str, *, who: Membership) -> Picked:
        """What is exactly called that, or else similar, of what this person may run or decide about.

        Of anything else nothing is told, not even that it is there.
        """
        named = self._catalogue.seen(words, who=who)
        picked = Picked(named=named) if named else await self._catalogue.pick(words, who=who, place=None)
        if not picked.named and not picked.similar:
            raise UnknownWorkflow(
                "There is no workflow of that name that you may run or approve. Write it as Orchestrator has "
                "it, or its id."
            )
        return picked


def _arguments(pairs: Mapping[str, tuple[str, ...]]) -> tuple[Argument, ...]:
    """What was typed behind the command: a name said twice is a list."""
    return tuple(argument(name, said[0] if len(said) == 1 else said) for name, said in pairs.items())
