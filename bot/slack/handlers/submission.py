"""The review is sent: a filled-in form becomes a launch."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.domain.draft import check_wishes
from bot.domain.errors import BadWish, InvalidAnswers, NobodyHears
from bot.service.drafts.validation import arguments_of
from bot.slack.forms import messages
from bot.slack.forms.launch_options import BREAK_GLASS, START_AT, read_wishes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.draft import Draft
    from bot.domain.people import Membership
    from bot.service.drafts import Drafts, Submission
    from bot.slack.delivery.audience import CardAudience
    from bot.slack.dispatcher import Body, Call
    from bot.slack.handlers.form import FormHandlers
    from bot.slack.payloads import ViewSubmission
    from bot.slack.responder import Responder


_PATIENCE = 2.0  # seconds before the window says that something still goes on


class SubmissionHandlers:
    """What happens between the review and the launch."""

    def __init__(
        self,
        *,
        drafts: Drafts,
        submission: Submission,
        form: FormHandlers,
        responder: Responder,
        audience: CardAudience,
        now: Callable[[], datetime],
    ) -> None:
        self._drafts = drafts
        self._submission = submission
        self._form = form
        self._responder = responder
        self._audience = audience
        self._now = now

    def errors(self, sent: ViewSubmission) -> Body | None:
        """What is wrong with what is wished for beside the inputs, at its field."""
        try:
            wishes = read_wishes(sent.view.values)
            check_wishes(wishes, now=self._now())
        except BadWish as wrong:
            return {"response_action": "errors", "errors": {START_AT: wrong.message}}
        reason = self._submission.wrong_reason(wishes)
        return {"response_action": "errors", "errors": {BREAK_GLASS: reason}} if reason else None

    async def sent(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """Send, of a form that Orchestrator need not check: the window is closed by now."""
        draft = await self._read(sent, who)
        await self._record(draft, sent, who=who, interaction_id=call.interaction_id)

    async def sent_to_check(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """Send, of a form that Orchestrator checks: the window stays until it is recorded."""
        draft = await self._read(sent, who)
        if self._drafts.is_checked(draft):
            await self._record_in_time(call, draft, sent, who=who)
            return
        call.ack({"response_action": "update", "view": messages.checking(draft.workflow.name)})
        call.view_id = sent.view.id
        draft = await self._form.checked(draft, who=who)
        if draft.problems:
            wrong = dict(draft.problems)
            draft = await self._drafts.change(draft, lambda fresh: fresh.wrong(wrong), who=who)
            await self._form.show(draft, who=who)
            return
        await self._record(draft, sent, who=who)
        await self._responder.change(draft.view_id, messages.recorded(draft))

    async def _record_in_time(
        self, call: Call, draft: Draft, sent: ViewSubmission, *, who: Membership
    ) -> None:
        """Record, and then close the window; Slack waits 3 s, and Orchestrator is asked once more before."""
        recording = asyncio.create_task(self._record(draft, sent, who=who))
        try:
            done, _ = await asyncio.wait({recording}, timeout=_PATIENCE)
            if not done:
                call.ack({"response_action": "update", "view": messages.checking(draft.workflow.name)})
                call.view_id = sent.view.id
        finally:
            await recording
        if done:
            call.ack()
        else:
            await self._responder.change(draft.view_id, messages.recorded(draft))

    async def _read(self, sent: ViewSubmission, who: Membership) -> Draft:
        return await self._drafts.read(sent.view.private_metadata, who=who, view_id=sent.view.id)

    async def _record(
        self, draft: Draft, sent: ViewSubmission, *, who: Membership, interaction_id: str = ""
    ) -> None:
        if draft.problems:
            raise InvalidAnswers(dict(draft.problems))
        wishes = read_wishes(sent.view.values)
        if not wishes.break_glass:
            await self._check_heard(draft, who=who)
        await self._submission.submit(draft, who=who, wishes=wishes, interaction_id=interaction_id)

    async def _check_heard(self, draft: Draft, *, who: Membership) -> None:
        """NobodyHears if no stage of the approval, or not every one, would reach somebody who may give it."""
        if not draft.place.is_direct:
            return
        ruling = await self._submission.ruling(draft, who=who, arguments=arguments_of(draft))
        for stage in ruling.approve:
            reach = await self._audience.reach(stage, who=who, place=draft.place)
            if not reach.is_heard:
                raise NobodyHears
