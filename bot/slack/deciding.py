"""The buttons of a card: approve, reject, stop, settle."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost
from bot.domain.launch import State
from bot.domain.steps.finding import Verdict
from bot.slack.forms.deciding import read_reason, reject_form
from bot.slack.forms.messages import details_view
from bot.slack.payloads import BlockAction, ViewSubmission

if TYPE_CHECKING:
    from bot.approvals import Approvals
    from bot.courtesy import Courtesy
    from bot.launches import Launches
    from bot.slack.answering import Answering
    from bot.slack.people import People
    from bot.slack.switchboard import Call


class Deciding:
    """What happens when somebody clicks a card."""

    def __init__(
        self,
        *,
        launches: Launches,
        approvals: Approvals,
        people: People,
        answering: Answering,
        courtesy: Courtesy,
    ) -> None:
        self._launches = launches
        self._approvals = approvals
        self._people = people
        self._answering = answering
        self._courtesy = courtesy

    async def approved(self, call: Call) -> None:
        """Approve: the vote and, with the last one, the claim are committed; then the start leaves."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        launch = await self._approvals.approve(click.launch_id, who=who)
        call.ack()
        await self._courtesy.give_way()
        if launch.state is State.APPROVED:
            with suppress(DatabaseLost):  # the approval stands; the tracker takes it up when the claim ends
                await self._launches.begin(launch)

    async def rejected(self, call: Call) -> None:
        """Reject: ask for a reason."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        launch = await self._approvals.may_decide(click.launch_id, who=who)
        await self._answering.open(call, reject_form(launch))

    async def rejection_submitted(self, call: Call) -> None:
        """The reason was given."""
        sent = ViewSubmission.model_validate(call.body)
        who = await self._people.member(sent.person)
        reason = read_reason(sent.view.values)
        await self._approvals.reject(sent.view.private_metadata, who=who, reason=reason)
        call.ack()

    async def stopped(self, call: Call) -> None:
        """Withdraw the request or cancel the run."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        await self._launches.cancel(click.launch_id, who=who)
        call.ack()

    async def values_asked(self, call: Call) -> None:
        """Show all values in a modal."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        launch = await self._launches.read(click.launch_id, who=who)
        await self._answering.open(call, details_view(launch))

    async def found_started(self, call: Call) -> None:
        """A person found the run in Orchestrator."""
        await self._settle(call, Verdict.STARTED)

    async def found_not_started(self, call: Call) -> None:
        """A person found that it did not start."""
        await self._settle(call, Verdict.NOT_STARTED)

    async def given_up(self, call: Call) -> None:
        """A person says that nobody can tell."""
        await self._settle(call, Verdict.UNKNOWN)

    async def _settle(self, call: Call, verdict: Verdict) -> None:
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        await self._launches.settle(
            click.launch_id, who=who, verdict=verdict, execution_id=click.execution_id
        )
        call.ack()
