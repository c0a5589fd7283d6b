"""The buttons of a card: approve, reject, review, stop, settle."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.domain.errors import DatabaseLost
from bot.domain.launch import State
from bot.domain.policy.rule import ConfirmBy
from bot.domain.steps.finding import Verdict
from bot.slack.forms import approver_views
from bot.slack.forms.approver_views import Decision
from bot.slack.forms.messages import details_view, message_view

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.service.approvals import Approvals
    from bot.service.launch_views import LaunchViews
    from bot.service.launches import Launches
    from bot.slack.dispatcher import Body, Call
    from bot.slack.payloads import BlockAction, ViewSubmission
    from bot.slack.responder import Responder


_CODE = re.compile(r"[0-9]{6}")


class DecisionHandlers:
    """What happens when somebody clicks a card."""

    def __init__(
        self,
        *,
        launches: Launches,
        approvals: Approvals,
        launch_views: LaunchViews,
        responder: Responder,
    ) -> None:
        self._launches = launches
        self._approvals = approvals
        self._launch_views = launch_views
        self._responder = responder

    async def approved(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Approve: the vote and, with the last one, the claim are committed; then the start leaves."""
        launch = await self._approvals.approve(
            click.launch_id, who=who, seen=click.seen, interaction_id=call.interaction_id
        )
        await self._begin(launch)

    async def _begin(self, launch: Launch) -> None:
        if launch.state is State.APPROVED:
            with suppress(DatabaseLost):  # the approval stands; the tracker takes it up when the claim ends
                await self._launches.begin(launch)

    async def rejected(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Reject: ask for a reason."""
        launch = await self._approvals.about_to_reject(click.launch_id, who=who, seen=click.seen)
        await self._responder.open(call, approver_views.reject_form(launch))

    async def rejection_submitted(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """The reason was given."""
        launch_id, seen = approver_views.read_reference(sent.view.private_metadata)
        reason = approver_views.read_reason(sent.view.values)
        await self._approvals.reject(
            launch_id, who=who, reason=reason, seen=seen, interaction_id=call.interaction_id
        )

    async def review_asked(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Review: all there is to know, and the decision if it is theirs."""
        found = await self._launch_views.for_decision(click.launch_id, who=who)
        await self._responder.open(call, approver_views.review_view(found))

    def review_errors(self, sent: ViewSubmission) -> Body | None:
        """A rejection without a reason, or an approval without its code, said at the field."""
        decision, comment = approver_views.read_decision(sent.view.values)
        if decision is Decision.REJECT and not comment:
            return {"response_action": "errors", "errors": approver_views.no_reason()}
        code = approver_views.read_code(sent.view.values)
        asks = decision is Decision.APPROVE and approver_views.asks_code(sent.view.values)
        if asks and not _CODE.fullmatch(code):
            return {"response_action": "errors", "errors": approver_views.no_code()}
        return None

    def rejection_errors(self, sent: ViewSubmission) -> Body | None:
        """The same in the modal that only asks for the reason."""
        if not approver_views.read_reason(sent.view.values):
            return {"response_action": "errors", "errors": approver_views.no_rejection_reason()}
        return None

    async def review_submitted(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """A decision with a comment."""
        launch_id, seen = approver_views.read_reference(sent.view.private_metadata)
        decision, comment = approver_views.read_decision(sent.view.values)
        done = call.interaction_id
        match decision:
            case Decision.APPROVE:
                launch = await self._approvals.approve(
                    launch_id,
                    who=who,
                    comment=comment,
                    seen=seen,
                    by=ConfirmBy.DIALOG,
                    code=approver_views.read_code(sent.view.values),
                    interaction_id=done,
                )
                await self._begin(launch)
            case Decision.REJECT:
                await self._approvals.reject(
                    launch_id, who=who, reason=comment, seen=seen, interaction_id=done
                )

    async def vote_withdrawn(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Somebody takes their decision back, in the modal."""
        await self._approvals.withdraw_vote(click.launch_id, who=who, interaction_id=call.interaction_id)
        await self._responder.change(click.view.id, message_view("Taken back", approver_views.TAKEN_BACK))

    async def glass_reviewed(self, call: Call, click: BlockAction, who: Membership) -> None:
        """A reviewer looked at a broken glass: ask what they have to say."""
        launch = await self._approvals.may_review(click.launch_id, who=who)
        await self._responder.open(call, approver_views.reviewed_form(launch))

    async def glass_review_submitted(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """They said it."""
        comment = approver_views.read_comment(sent.view.values)
        await self._approvals.review(
            sent.view.private_metadata, who=who, comment=comment, interaction_id=call.interaction_id
        )

    async def stopped(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Withdraw the request or cancel the run."""
        await self._launches.cancel(click.launch_id, who=who, interaction_id=call.interaction_id)

    async def values_asked(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Show all values in a modal."""
        found = await self._launch_views.read(click.launch_id, who=who)
        await self._responder.open(call, details_view(found.launch, hidden=found.hidden))

    async def found_started(self, call: Call, click: BlockAction, who: Membership) -> None:
        """A person found the run in Orchestrator."""
        await self._settle(call, click, who, Verdict.STARTED)

    async def found_not_started(self, call: Call, click: BlockAction, who: Membership) -> None:
        """A person found that it did not start."""
        await self._settle(call, click, who, Verdict.NOT_STARTED)

    async def given_up(self, call: Call, click: BlockAction, who: Membership) -> None:
        """A person says that nobody can tell."""
        await self._settle(call, click, who, Verdict.UNKNOWN)

    async def _settle(self, call: Call, click: BlockAction, who: Membership, verdict: Verdict) -> None:
        await self._launches.settle(
            click.launch_id,
            who=who,
            verdict=verdict,
            execution_id=click.execution_id,
            interaction_id=call.interaction_id,
        )
