"""From "run a workflow" to a recorded launch: pick, fill in, submit."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.domain.about import LONGEST, Thread
from bot.domain.draft import OfferKind, PrefillSource
from bot.domain.errors import OrchestratorError, PolicyUnread
from bot.domain.people import Place
from bot.slack.forms import messages, picker
from bot.slack.mrkdwn import clean, decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.domain.draft import Draft
    from bot.domain.people import Membership
    from bot.domain.preset import Preset
    from bot.service.catalogue import Catalogue
    from bot.service.drafts import Drafts
    from bot.service.launch_views import LaunchView, LaunchViews
    from bot.slack.channels import Channels
    from bot.slack.dispatcher import Call
    from bot.slack.handlers.form import FormHandlers
    from bot.slack.payloads import (
        BlockAction,
        BlockSuggestion,
        MessageShortcut,
        Shortcut,
        SlashCommand,
        ViewSubmission,
    )
    from bot.slack.responder import Responder


Given: TypeAlias = "Mapping[str, Sequence[str]]"  # what was typed behind the command, by the input's name


class PickerHandlers:
    """What happens between the wish and the launch."""

    def __init__(
        self,
        *,
        drafts: Drafts,
        form: FormHandlers,
        catalogue: Catalogue,
        launch_views: LaunchViews,
        channels: Channels,
        responder: Responder,
        link: Callable[[str], str | None],  # a workflow's page in Orchestrator, by its id
    ) -> None:
        self._drafts = drafts
        self._form = form
        self._catalogue = catalogue
        self._views = launch_views
        self._channels = channels
        self._responder = responder
        self._link = link

    async def may_run_anything(self, *, who: Membership, place: Place) -> bool:
        """Whether this person finds any workflow here; without a list or a policy, that is assumed."""
        try:
            return bool(await self._catalogue.find("", who=who, place=place, limit=1))
        except (OrchestratorError, PolicyUnread):
            return True

    async def pick(self, call: Call, command: SlashCommand) -> None:
        """`/vro` alone: open the picker."""
        await self._responder.open(call, picker.picker(ask_channel=False, metadata=command.channel_id))

    async def shortcut_used(self, call: Call, _shortcut: Shortcut, _who: Membership) -> None:
        """The global shortcut: the same, but the person says where."""
        await self._responder.open(call, picker.picker(ask_channel=True, metadata=""))

    async def message_shortcut_used(self, call: Call, used: MessageShortcut, _who: Membership) -> None:
        """The shortcut on a message: the picker, which reports in the message's channel and thread.

        Between people the bot is a stranger: the person says where to report, and nothing is told there.
        """
        is_direct = used.channel.id.startswith("D")
        thread = "" if is_direct else str(Thread(channel=used.channel.id, ts=used.thread_ts))
        place = "" if is_direct else used.channel.id
        text = clean(decoded(used.message.text))[:LONGEST]
        about = picker.PickedMessage(thread=thread, place=place, text=text)
        view = picker.picker(ask_channel=is_direct, metadata=about.written())
        await self._responder.open(call, view)

    async def run(
        self,
        call: Call,
        command: SlashCommand,
        who: Membership,
        *,
        words: str,
        given: Mapping[str, Sequence[str]],
    ) -> None:
        """`/vro run words name=value`: straight to the form that is named, else to the picker."""
        place = Place(channel_id=command.channel_id)
        picked = await self._catalogue.pick(words, who=who, place=place)
        if not picked.named and not picked.similar:
            await self._drafts.nothing_named(words, who=who)
        if len(picked.named) != 1:
            view = picker.picker(
                words=words,
                matches=picked.named or picked.similar,
                is_named=bool(picked.named),
                ask_channel=False,
                metadata=command.channel_id,
            )
            await self._responder.open(call, view)
            return
        (named,) = picked.named
        view_id = await self._responder.open(call, messages.loading(named.name))
        await self._fill(view_id, named.id, who=who, place=place, given=given)

    async def run_preset(self, call: Call, preset: Preset, *, who: Membership, place: Place) -> None:
        """A preset was chosen: open its workflow's form with its values."""
        view_id = await self._responder.open(call, messages.loading(preset.workflow.name))
        offer = PrefillSource(kind=OfferKind.PRESET, id=preset.id)
        await self._fill(view_id, preset.workflow.id, who=who, place=place, given={}, offer=offer)

    async def workflows_suggested(self, call: Call, asked: BlockSuggestion, who: Membership) -> None:
        """The picker's typeahead."""
        place = picker.picked_place(asked.view)
        found = await self._catalogue.find(asked.value, who=who, place=place)
        if not asked.value.strip():
            latest = await self._views.recent_workflows(who=who)
            recent = await self._catalogue.those(latest, who=who, place=place)
            found = tuple(dict.fromkeys((*recent, *found)))
        call.ack({"options": picker.workflow_options(found)})

    async def show_loading(self, call: Call, picked: BlockAction) -> bool:
        """The picker gives way at once; False if it does not say all yet: then nothing follows."""
        call.ack()
        if picked.selected_value is None or picker.picked_place(picked.view) is None:
            return False
        await self._responder.change(picked.view.id, messages.loading(picked.selected_text))
        return True

    async def workflow_picked(self, _call: Call, picked: BlockAction, who: Membership) -> None:
        """A workflow was chosen: turn the picker into its form."""
        workflow_id, place = picked.selected_value, picker.picked_place(picked.view)
        if workflow_id is not None and place is not None:
            await self._fill(
                picked.view.id,
                workflow_id,
                who=who,
                place=place,
                given={},
                is_place_chosen=picker.is_place_chosen(picked.view),
                about=picker.picked_message(picked.view),
            )

    async def load_picked(self, call: Call, sent: ViewSubmission) -> bool:
        """The same for the picker's own button, which says at the field what is missing."""
        if picker.picked_workflow(sent.view) is None or picker.picked_place(sent.view) is None:
            call.ack({"response_action": "errors", "errors": picker.no_workflow()})
            return False
        call.ack({"response_action": "update", "view": messages.loading("the workflow")})
        call.view_id = sent.view.id
        return True

    async def picker_submitted(self, _call: Call, sent: ViewSubmission, who: Membership) -> None:
        """The picker's own button was pressed: the same as choosing."""
        workflow_id, place = picker.picked_workflow(sent.view), picker.picked_place(sent.view)
        if workflow_id is not None and place is not None:
            await self._fill(
                sent.view.id,
                workflow_id,
                who=who,
                place=place,
                given={},
                is_place_chosen=picker.is_place_chosen(sent.view),
                about=picker.picked_message(sent.view),
            )

    async def run_again(self, call: Call, found: LaunchView, *, who: Membership, edit: bool) -> None:
        """A launch is to be repeated: its values in the fresh form, straight to the review unless `edit`."""
        launch = found.launch
        view_id = await self._responder.open(call, messages.loading(launch.workflow.name))
        draft = await self._open(view_id, launch.workflow.id, who=who, place=launch.place, given={})
        draft = await self._drafts.repeat(draft, launch, hidden=found.hidden, who=who)
        if draft.form.blocked or edit or draft.remarks:
            await self._show(draft, who=who)
        else:
            await self._form.show_review(draft, who=who)

    async def _fill(
        self,
        view_id: str,
        workflow_id: str,
        *,
        who: Membership,
        place: Place,
        given: Mapping[str, Sequence[str]],
        offer: PrefillSource | None = None,
        is_place_chosen: bool = False,
        about: picker.PickedMessage | None = None,
    ) -> None:
        """Put the workflow's form where the loading view is, filled in from an offer if there is one."""
        draft = await self._open(
            view_id,
            workflow_id,
            who=who,
            place=place,
            given=given,
            is_place_chosen=is_place_chosen,
            about=about,
        )
        if offer is not None:
            draft = await self._drafts.fill_in_from(draft, offer, who=who)
        await self._show(draft, who=who)

    async def _open(
        self,
        view_id: str,
        workflow_id: str,
        *,
        who: Membership,
        place: Place,
        given: Mapping[str, Sequence[str]],
        is_place_chosen: bool = False,
        about: picker.PickedMessage | None = None,
    ) -> Draft:
        """A draft of the workflow's form as Orchestrator has it now."""
        await self._channels.check(place)
        workflow = await self._catalogue.definition(workflow_id)
        return await self._drafts.open(
            workflow=workflow,
            who=who,
            place=place,
            view_id=view_id,
            given=given,
            is_place_chosen=is_place_chosen,
            about=about.thread if about else "",
            message=about.text if about else "",
        )

    async def _show(self, draft: Draft, *, who: Membership) -> None:
        if draft.form.blocked:
            workflow = draft.workflow
            view = messages.not_runnable(workflow, draft.form.blocked, link=self._link(workflow.id))
            await self._responder.change(draft.view_id, view)
        elif not draft.live.pages and not draft.live.questions:  # there is nothing to fill in
            await self._form.show_review(draft, who=who)
        else:
            await self._form.show(draft, who=who)
