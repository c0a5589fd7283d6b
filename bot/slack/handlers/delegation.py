"""Somebody is away: who decides in their name, said by a command and seen by everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import InvalidAnswers, Refusal
from bot.domain.people import Person
from bot.slack import listings
from bot.slack.forms.delegation import delegating_form, read_delegation, wrong_moment, wrong_person

if TYPE_CHECKING:
    from bot.domain.people import Membership
    from bot.service.approvals import Approvals
    from bot.slack.dispatcher import Call
    from bot.slack.payloads import SlashCommand, ViewSubmission
    from bot.slack.people import People
    from bot.slack.responder import Responder


class DelegationHandlers:
    """What happens when somebody lets another decide."""

    def __init__(self, *, approvals: Approvals, people: People, responder: Responder) -> None:
        self._approvals = approvals
        self._people = people
        self._responder = responder

    async def commanded(self, call: Call, _command: SlashCommand, who: Membership, rest: str) -> None:
        """`/vro delegate` opens the form, `/vro delegate off` ends it, `/vro delegate list` shows all."""
        match rest.lower():
            case "off":
                ended = await self._approvals.end_delegation(who=who)
                await self._responder.say(call, listings.decides_again(was_away=ended))
            case "list":
                await self._responder.say(call, listings.away(await self._approvals.delegations()))
            case _:
                await self._responder.open(call, delegating_form())

    async def submitted(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """Who and until when: keep it, or say at the field what is wrong."""
        user_id, until = read_delegation(sent.view.values)
        to = await self._people.membership(Person(team_id=who.person.team_id, user_id=user_id))
        try:
            kept = await self._approvals.delegate(who=who, to=to, until=until)
        except InvalidAnswers as wrong:
            problem = wrong_moment(wrong.problems["until"])
            call.ack({"response_action": "errors", "errors": problem})
        except Refusal as no:
            call.ack({"response_action": "errors", "errors": wrong_person(no.message)})
        else:
            await self._responder.say(call, listings.delegated(kept), title="Saved")
