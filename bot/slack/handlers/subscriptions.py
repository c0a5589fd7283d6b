"""`subscribe` and `unsubscribe`: this channel, or one person, hears of a workflow's runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.people import Place
from bot.slack import subscription_words as words

if TYPE_CHECKING:
    from bot.domain.people import Membership
    from bot.service.subscriptions import Subscriptions
    from bot.slack.channels import Channels
    from bot.slack.dispatcher import Call
    from bot.slack.payloads import SlashCommand
    from bot.slack.responder import Responder


class SubscriptionHandlers:
    """What happens when somebody wants to hear of runs, or no longer."""

    def __init__(self, *, subscriptions: Subscriptions, channels: Channels, responder: Responder) -> None:
        self._subscriptions = subscriptions
        self._channels = channels
        self._responder = responder

    async def subscribe(self, call: Call, command: SlashCommand, who: Membership, rest: str) -> None:
        """`/vro subscribe words [started|ended|failed] [me]`; without words, what there is."""
        await call.ack_first()
        asked = words.read_wish(rest)
        place = _place(command, who, for_me=asked.for_me)
        if not asked.words:
            listed = await self._subscriptions.listed(place.channel_id)
            await self._responder.show(call, words.listing(listed, command=command.command))
            return
        await self._channels.check(place)
        wanted = await self._subscriptions.wanted(asked.words, who=who, place=place)
        if not wanted.folder and len(wanted.workflows) != 1:
            await self._responder.say(call, words.unclear(wanted))
            return
        made = await self._subscriptions.subscribe(wanted, interest=asked.interest, who=who, place=place)
        await self._responder.say(call, words.subscribed(made, command=command.command))

    async def unsubscribe(self, call: Call, command: SlashCommand, who: Membership, rest: str) -> None:
        """`/vro unsubscribe <id>`, of this channel or of one's own."""
        await call.ack_first()
        short = rest.split(maxsplit=1)[0].strip("`#").lower() if rest.split() else ""
        if not short:
            await self._responder.say(
                call, f"Which one? `{command.command} subscribe` lists those of this place with their ids."
            )
            return
        for_me = "me" in rest.lower().split()[1:]
        ended = await self._subscriptions.end(
            short, who=who, target=_place(command, who, for_me=for_me).channel_id
        )
        await self._responder.say(call, words.unsubscribed(ended))


def _place(command: SlashCommand, who: Membership, *, for_me: bool) -> Place:
    """The channel it was typed in; a person is meant by their id, whichever talk they are in."""
    here = Place(channel_id=command.channel_id)
    return Place(channel_id=who.person.user_id) if for_me or here.is_direct else here
