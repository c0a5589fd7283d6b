"""The review is sent: a filled-in form becomes a launch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.draft import check_wishes
from bot.domain.errors import BadWish, InvalidAnswers
from bot.slack.forms import messages
from bot.slack.forms.launch_options import START_AT, read_wishes
from bot.slack.payloads import ViewSubmission

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.draft import Draft
    from bot.domain.people import Membership
    from bot.service.drafts import Drafts, Submission
    from bot.slack.dispatcher import Body, Call
    from bot.slack.handlers.form import FormHandlers
    from bot.slack.people import People
    from bot.slack.responder import Responder


class SubmissionHandlers:
    """What happens between the review and the launch."""

    def __init__(
        self,
        *,
        drafts: Drafts,
        sending: Submission,
        filling: FormHandlers,
        people: People,
        responder: Responder,
        now: Callable[[], datetime],
    ) -> None:
        self._drafts = drafts
        self._sending = sending
        self._filling = filling
        self._people = people
        self._answering = responder
        self._now = now

    def objections(self, body: Body) -> Body | None:
        """What is wrong with what is wished for beside the inputs, at its field."""
        sent = ViewSubmission.model_validate(body)
        try:
            check_wishes(read_wishes(sent.view.values), now=self._now())
        except BadWish as wrong:
            return {"response_action": "errors", "errors": {START_AT: wrong.message}}
        return None

    async def sent(self, call: Call) -> None:
        """Send, of a form that Orchestrator need not check: the window is closed by now."""
        sent, who, draft = await self._read(call)
        await self._record(draft, sent, who=who, note=call.note)

    async def sent_to_check(self, call: Call) -> None:
        """Send, of a form that Orchestrator checks: the window stays until it has."""
        objection = self.objections(call.body)
        if objection is not None:
            call.ack(objection)
            return
        sent, who, draft = await self._read(call)
        if self._drafts.is_checked(draft):
            await self._record(draft, sent, who=who)
            call.ack()
            return
        call.ack({"response_action": "update", "view": messages.checking(draft.workflow.name)})
        call.view_id = sent.view.id
        draft = await self._filling.checked(draft, who=who)
        if draft.problems:
            wrong = dict(draft.problems)
            draft = await self._drafts.change(draft, lambda fresh: fresh.wrong(wrong), who=who)
            await self._filling.show(draft, who=who)
            return
        await self._record(draft, sent, who=who)
        await self._answering.change(draft.view_id, messages.recorded(draft))

    async def _read(self, call: Call) -> tuple[ViewSubmission, Membership, Draft]:
        """What was sent, by whom, and the form it is about."""
        sent = ViewSubmission.model_validate(call.body)
        who = await self._people.member(sent.person)
        draft = await self._drafts.read(sent.view.private_metadata, who=who, view_id=sent.view.id)
        return sent, who, draft

    async def _record(self, draft: Draft, sent: ViewSubmission, *, who: Membership, note: str = "") -> None:
        if draft.problems:
            raise InvalidAnswers(dict(draft.problems))
        await self._sending.submit(draft, who=who, wishes=read_wishes(sent.view.values), note=note)
