"""A form while it is filled in: pages turned, fields that follow others, the review."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.errors import FileUnread, NotChecked, OrchestratorError, Refusal
from bot.service.drafts.validation import arguments_of, is_settled, missing_files, problems_in
from bot.slack.forms import messages, options, pages, review
from bot.slack.forms.launch_options import read_wishes
from bot.slack.responder import ViewChanged

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.draft import Draft
    from bot.domain.people import Membership
    from bot.domain.policy import Ruling
    from bot.domain.values import SdkObject
    from bot.service.drafts import Drafts, Submission
    from bot.service.inventory import Inventory
    from bot.slack.blocks import Block
    from bot.slack.delivery.audience import CardAudience, Reach
    from bot.slack.dispatcher import Call
    from bot.slack.files import Files
    from bot.slack.payloads import BlockAction, BlockSuggestion, View, ViewClosed, ViewSubmission
    from bot.slack.responder import Responder

_PATIENCE = 0.4  # seconds in which Orchestrator may answer before the form says that something is loading


class FormHandlers:
    """What happens between an open form and its review."""

    def __init__(
        self,
        *,
        drafts: Drafts,
        submission: Submission,
        responder: Responder,
        files: Files,
        inventory: Inventory,
        audience: CardAudience,
    ) -> None:
        self._drafts = drafts
        self._submission = submission
        self._responder = responder
        self._files = files
        self._inventory = inventory
        self._audience = audience
        self._looking_up: set[asyncio.Task[Reach]] = set()

    # show

    async def show(self, draft: Draft, *, who: Membership, seen: str | None = None) -> None:
        """Put the draft where its window is, and again once Orchestrator has said what was open.

        `seen` is the hash of the view the person looked at: what is newer is never overwritten.
        """
        if is_settled(draft):
            await self._put(draft, who=who, seen=seen)
            return
        settling = asyncio.create_task(self._drafts.settle(draft, who=who))
        try:
            done, _ = await asyncio.wait({settling}, timeout=_PATIENCE)
            if not done:
                seen = await self._put(draft, who=who, seen=seen)
        finally:
            settled = await settling
        await self._put(settled, who=who, seen=seen)

    async def show_review(self, draft: Draft, *, who: Membership) -> None:
        """Go straight to the review of a form that is filled in; where something is missing, to that page."""
        draft = await self._fetched(draft, who=who)
        wrong = problems_in(draft) | dict(draft.problems)
        if not wrong and not self._drafts.is_checked(draft):
            draft = await self.checked(draft, who=who)
            wrong = dict(draft.problems)

        def turn(fresh: Draft) -> Draft:
            return fresh.wrong(wrong) if wrong else replace(fresh, page=len(fresh.form.pages))

        await self.show(await self._drafts.change(draft, turn, who=who), who=who)

    async def _put(self, draft: Draft, *, who: Membership, seen: str | None) -> str | None:
        """Show the draft, unless somebody changed it meanwhile: whoever did shows it."""
        draft = await self._drafts.place(draft, who=who)
        view = await self._view(draft, who=who)
        try:
            return await self._responder.replace(draft.view_id, view, seen=seen)
        except ViewChanged:
            fresh = await self._drafts.read(draft.id, who=who)
            if fresh.revision != draft.revision:
                return None
            return await self._responder.replace(draft.view_id, view, seen=None)

    async def _view(self, draft: Draft, *, who: Membership, start_at: datetime | None = None) -> Block:
        """The page that is turned up, or the review."""
        if not draft.is_at_review:
            return pages.page_view(draft)
        arguments = arguments_of(draft)
        ruling = await self._submission.ruling(draft, who=who, arguments=arguments, at=start_at)
        return review.reviewing(
            review.ReviewPage(
                draft=draft,
                arguments=arguments,
                ruling=ruling,
                last=await self._submission.last_run(draft, who=who),
                may_break_glass=self._submission.may_break_glass(who),
                reach=await self._reach(draft, ruling, who=who),
                start_at=start_at,
                history=await self._submission.history(draft),
            )
        )

    async def _reach(self, draft: Draft, ruling: Ruling, *, who: Membership) -> Reach | None:
        """Who would be told of the request; None if Slack does not say in time: an ack may wait for it."""
        if not ruling.approve:
            return None
        task = asyncio.create_task(self._audience.reach(ruling.approve[0], who=who, place=draft.place))
        self._looking_up.add(task)  # what comes too late is in memory for the next look
        task.add_done_callback(self._looking_up.discard)
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE)
        return task.result() if done else None

    async def start_wished(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Another moment to start was chosen on the review: say there what the policy makes of it."""
        call.ack()
        draft = await self._drafts.read(click.view.private_metadata, who=who, view_id=click.view.id)
        if not draft.is_at_review:
            return
        view = await self._view(draft, who=who, start_at=read_wishes(click.view.values).start_at)
        with suppress(ViewChanged):  # whoever changed it shows it
            await self._responder.replace(draft.view_id, view, seen=click.view.hash)

    # fill in

    async def _enter(self, view: View, *, who: Membership, seen: str = "", secrets: bool = True) -> Draft:
        """Keep what the page in this window holds."""
        return await self._drafts.enter(
            view.private_metadata,
            who=who,
            view_id=view.id,
            values=lambda shown: pages.entered(shown, view),
            seen=seen,
            secrets=secrets,
        )

    async def changed(self, call: Call, click: BlockAction, who: Membership) -> None:
        """A field changed on which others depend."""
        draft = await self._enter(click.view, who=who, seen=click.at, secrets=False)
        call.ack()
        await self.show(draft, who=who, seen=click.view.hash)

    async def turned_back(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Back, from a page or from the review."""
        draft = await self._enter(click.view, who=who)
        draft = await self._drafts.change(draft, lambda fresh: fresh.turned(forward=False), who=who)
        call.ack()
        await self.show(draft, who=who, seen=click.view.hash)

    async def start_chosen(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Earlier values were chosen to start from."""
        draft = await self._enter(click.view, who=who)  # a message fills one field: the others stay
        offer = pages.offer_of(draft, click.selected_value)
        if offer is not None:
            draft = await self._drafts.fill_in_from(draft, offer, who=who)
        call.ack()
        await self.show(draft, who=who, seen=click.view.hash)

    async def closed(self, call: Call, sent: ViewClosed, who: Membership) -> None:
        """The window was closed: what stood in it is kept, so that the person can go on later."""
        with suppress(Refusal):  # it was sent, or is filled in elsewhere, or is too old: nothing to keep
            await self._enter(sent.view, who=who)
        call.ack()

    async def choices_suggested(self, call: Call, asked: BlockSuggestion, who: Membership) -> None:
        """The typeahead of a field with many choices."""
        draft = await self._drafts.read(asked.view.private_metadata, who=who)
        live = pages.field_at(draft, asked.block_id)
        call.ack({"options": options.choice_options(live, asked.value) if live else []})

    async def objects_suggested(self, call: Call, asked: BlockSuggestion, who: Membership) -> None:
        """The typeahead of a field for objects of the inventory."""
        draft = await self._drafts.read(asked.view.private_metadata, who=who)
        live = pages.field_at(draft, asked.block_id)
        found: tuple[SdkObject, ...] = ()
        if live is not None:
            kind, menu = options.object_type(live), f"{asked.view.id} {asked.block_id}"
            with suppress(OrchestratorError, TimeoutError):  # the menu finds nothing, and can be asked again
                found = await self._inventory.find(kind, asked.value, limit=options.OPTIONS, asker=menu)
        call.ack({"options": options.object_options(found)})

    # next, and review

    async def page_submitted(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """Next: what is wrong is said at the fields; what has to be asked first is asked behind the ack."""
        draft = await self._enter(sent.view, who=who)
        if self._is_at_hand(draft):
            wrong = self._wrong(draft)
            at_fields = pages.field_errors(draft, wrong, sent.view)
            if at_fields and len(at_fields) == len(wrong) and not call.reply.done():
                call.ack({"response_action": "errors", "errors": at_fields})
                return
            if not self._leads_to_check(draft):
                draft = await self._forward(draft, wrong, who=who)
                is_in_time = not call.reply.done()
                call.ack({"response_action": "update", "view": await self._view(draft, who=who)})
                if not is_in_time or not is_settled(draft):
                    await self.show(draft, who=who)
                return
        call.ack({"response_action": "update", "view": messages.checking(draft.workflow.name)})
        call.view_id = sent.view.id
        draft = await self._fetched(draft, who=who)
        draft = await self._forward(draft, self._wrong(draft), who=who)
        await self.show(draft, who=who)

    def _is_at_hand(self, draft: Draft) -> bool:
        """Whether all is here that is needed to judge the page."""
        return is_settled(draft) and not missing_files(draft)

    def _leads_to_check(self, draft: Draft) -> bool:
        """Whether Orchestrator has to validate the answers next."""
        return draft.turned(forward=True).is_at_review and not self._drafts.is_checked(draft)

    def _wrong(self, draft: Draft) -> dict[str, str]:
        found = problems_in(draft, pages.names_on(draft))
        return found | dict(draft.problems)

    async def _fetched(self, draft: Draft, *, who: Membership) -> Draft:
        """With all that has to come from Orchestrator and from Slack to judge the page."""
        draft = await self._drafts.settle(draft, who=who)
        problems = dict(draft.problems)
        for name, reference in missing_files(draft).items():
            try:
                file = await self._files.read(reference, owner=who.person)
            except FileUnread as unread:
                problems[name] = unread.message
            else:
                draft = await self._drafts.keep_file(draft, reference, file, who=who)
        if not problems:
            return draft
        return await self._drafts.change(draft, lambda fresh: fresh.wrong(problems), who=who)

    async def _forward(self, draft: Draft, wrong: dict[str, str], *, who: Membership) -> Draft:
        """On the next page; where something is wrong, on the first page that has it."""
        if not wrong and draft.turned(forward=True).is_at_review:
            wrong = problems_in(draft)
            if not wrong and not self._drafts.is_checked(draft):
                draft = await self.checked(draft, who=who)
                wrong = dict(draft.problems)
        if wrong:
            return await self._drafts.change(draft, lambda fresh: fresh.wrong(wrong), who=who)
        return await self._drafts.change(draft, lambda fresh: fresh.turned(forward=True), who=who)

    async def checked(self, draft: Draft, *, who: Membership) -> Draft:
        """As Orchestrator's own checks find it; where they cannot be made, that is what is wrong."""
        try:
            return await self._drafts.check(draft, who=who)
        except NotChecked as not_made:
            said = not_made.message
            return await self._drafts.change(draft, lambda fresh: fresh.wrong({"": said}), who=who)
