"""The buttons of a card: approve, reject, review, stop, settle."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost
from bot.domain.launch import State
from bot.domain.steps.finding import Verdict
from bot.slack.forms import approver_views
from bot.slack.forms.approver_views import Decision
from bot.slack.forms.messages import details_view, message_view
from bot.slack.forms.rejection import read_reason, reject_form
from bot.slack.payloads import BlockAction, ViewSubmission

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.service.approvals import Approvals
    from bot.service.launch_views import LaunchViews
    from bot.service.launches import Launches
    from bot.slack.dispatcher import Call
    from bot.slack.people import People
    from bot.slack.responder import Responder


class DecisionHandlers:
    """What happens when somebody clicks a card."""

    def __init__(
        self,
        *,
        launches: Launches,
        approvals: Approvals,
        launch_views: LaunchViews,
        people: People,
        responder: Responder,
    ) -> None:
        self._launches = launches
        self._approvals = approvals
        self._inspecting = launch_views
        self._people = people
        self._answering = responder

    async def approved(self, call: Call) -> None:
        """Approve: the vote and, with the last one, the claim are committed; then the start leaves."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        launch = await self._approvals.approve(click.launch_id, who=who, seen=click.seen, note=call.note)
        await self._begin(launch)

    async def _begin(self, launch: Launch) -> None:
        if launch.state is State.APPROVED:
            with suppress(DatabaseLost):  # the approval stands; the tracker takes it up when the claim ends
                await self._launches.begin(launch)

    async def rejected(self, call: Call) -> None:
        """Reject: ask for a reason."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        launch = await self._approvals.about_to_reject(click.launch_id, who=who, seen=click.seen)
        await self._answering.open(call, reject_form(launch))

    async def rejection_submitted(self, call: Call) -> None:
        """The reason was given."""
        sent = ViewSubmission.model_validate(call.body)
        who = await self._people.member(sent.person)
        launch_id, seen = approver_views.read_reference(sent.view.private_metadata)
        reason = read_reason(sent.view.values)
        await self._approvals.reject(launch_id, who=who, reason=reason, seen=seen)
        call.ack()

    async def review_asked(self, call: Call) -> None:
        """Review: all there is to know, and the decision if it is theirs."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        found = await self._inspecting.for_decision(click.launch_id, who=who)
        await self._answering.open(call, approver_views.review_view(found))

    async def review_submitted(self, call: Call) -> None:
        """A decision with a comment."""
        sent = ViewSubmission.model_validate(call.body)
        who = await self._people.member(sent.person)
        launch_id, seen = approver_views.read_reference(sent.view.private_metadata)
        decision, comment = approver_views.read_decision(sent.view.values)
        match decision:
            case Decision.APPROVE:
                launch = await self._approvals.approve(launch_id, who=who, comment=comment, seen=seen)
                call.ack()
                await self._begin(launch)
            case Decision.REJECT if not comment:
                call.ack({"response_action": "errors", "errors": approver_views.no_reason()})
            case Decision.REJECT:
                await self._approvals.reject(launch_id, who=who, reason=comment, seen=seen)
                call.ack()

    async def vote_withdrawn(self, call: Call) -> None:
        """Somebody takes their decision back, in the modal."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        await self._approvals.withdraw_vote(click.launch_id, who=who)
        call.ack()
        await self._answering.change(click.view.id, message_view("Taken back", approver_views.TAKEN_BACK))

    async def glass_reviewed(self, call: Call) -> None:
        """A reviewer looked at a broken glass: ask what they have to say."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        launch = await self._approvals.may_review(click.launch_id, who=who)
        await self._answering.open(call, approver_views.reviewed_form(launch))

    async def glass_review_submitted(self, call: Call) -> None:
        """They said it."""
        sent = ViewSubmission.model_validate(call.body)
        who = await self._people.member(sent.person)
        comment = approver_views.read_comment(sent.view.values)
        await self._approvals.review(sent.view.private_metadata, who=who, comment=comment)
        call.ack()

    async def stopped(self, call: Call) -> None:
        """Withdraw the request or cancel the run."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        await self._launches.cancel(click.launch_id, who=who, note=call.note)

    async def values_asked(self, call: Call) -> None:
        """Show all values in a modal."""
        click = BlockAction.model_validate(call.body)
        who = await self._people.member(click.person)
        found = await self._inspecting.read(click.launch_id, who=who)
        await self._answering.open(call, details_view(found.launch, hidden=found.hidden))

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
