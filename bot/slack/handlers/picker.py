"""From "run a workflow" to a recorded launch: pick, fill in, submit."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bot.domain.draft import OfferKind, PrefillSource
from bot.domain.errors import OrchestratorError, PolicyUnread, UnknownWorkflow
from bot.domain.people import Place
from bot.slack.forms import messages, picker
from bot.slack.payloads import BlockAction, BlockSuggestion, Shortcut, ViewSubmission

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.domain.people import Membership
    from bot.domain.preset import Preset
    from bot.service.catalogue import Catalogue
    from bot.service.drafts import Drafts
    from bot.slack.channels import Channels
    from bot.slack.dispatcher import Call
    from bot.slack.handlers.form import FormHandlers
    from bot.slack.payloads import SlashCommand
    from bot.slack.people import People
    from bot.slack.responder import Responder


Given: TypeAlias = "Mapping[str, Sequence[str]]"  # what was typed behind the command, by the input's name


class PickerHandlers:
    """What happens between the wish and the launch."""

    def __init__(
        self,
        *,
        drafts: Drafts,
        filling: FormHandlers,
        catalogue: Catalogue,
        people: People,
        channels: Channels,
        responder: Responder,
        link: Callable[[str], str | None],  # a workflow's page in Orchestrator, by its id
    ) -> None:
        self._drafts = drafts
        self._filling = filling
        self._catalogue = catalogue
        self._people = people
        self._channels = channels
        self._answering = responder
        self._link = link

    async def may_run_anything(self, *, who: Membership, place: Place) -> bool:
        """Whether this person finds any workflow here; without a list or a policy, that is assumed."""
        try:
            return bool(await self._catalogue.find("", who=who, place=place, limit=1))
        except (OrchestratorError, PolicyUnread):
            return True

    async def pick(self, call: Call, command: SlashCommand) -> None:
        """`/vro` alone: open the picker."""
        await self._people.member(command.person)
        await self._answering.open(call, picker.picker(ask_channel=False, metadata=command.channel_id))

    async def shortcut_used(self, call: Call) -> None:
        """The global shortcut: the same, but the person says where."""
        shortcut = Shortcut.model_validate(call.body)
        await self._people.member(shortcut.person)
        await self._answering.open(call, picker.picker(ask_channel=True, metadata=""))

    async def run(
        self, call: Call, command: SlashCommand, *, words: str, given: Mapping[str, Sequence[str]]
    ) -> None:
        """`/vro run words name=value`: straight to the form, or to the picker if several fit."""
        place = Place(channel_id=command.channel_id)
        who = await self._people.member(command.person)
        found = await self._catalogue.pick(words, who=who, place=place)
        if not found:
            raise UnknownWorkflow
        if len(found) > 1:
            view = picker.picker(words=words, matches=found, ask_channel=False, metadata=command.channel_id)
            await self._answering.open(call, view)
            return
        view_id = await self._answering.open(call, messages.loading(found[0].name))
        await self._fill(view_id, found[0].id, who=who, place=place, given=given)

    async def run_preset(self, call: Call, preset: Preset, *, who: Membership, place: Place) -> None:
        """A preset was chosen: open its workflow's form with its values."""
        view_id = await self._answering.open(call, messages.loading(preset.workflow.name))
        offer = PrefillSource(kind=OfferKind.PRESET, id=preset.id)
        await self._fill(view_id, preset.workflow.id, who=who, place=place, given={}, offer=offer)

    async def workflows_suggested(self, call: Call) -> None:
        """The picker's typeahead."""
        asked = BlockSuggestion.model_validate(call.body)
        who = await self._people.membership(asked.person)
        place = picker.picked_place(asked.view)
        found = await self._catalogue.find(asked.value, who=who, place=place)
        call.ack({"options": picker.workflow_options(found)})

    async def workflow_picked(self, call: Call) -> None:
        """A workflow was chosen: turn the picker into its form."""
        picked = BlockAction.model_validate(call.body)
        call.ack()
        workflow_id = picked.selected_value
        place = picker.picked_place(picked.view)
        if workflow_id is None or place is None:
            return
        await self._answering.change(picked.view.id, messages.loading(picked.selected_text))
        who = await self._people.member(picked.person)
        await self._fill(picked.view.id, workflow_id, who=who, place=place, given={})

    async def picker_submitted(self, call: Call) -> None:
        """The picker's own button was pressed: the same as choosing."""
        sent = ViewSubmission.model_validate(call.body)
        workflow_id, place = picker.picked_workflow(sent.view), picker.picked_place(sent.view)
        if workflow_id is None or place is None:
            call.ack({"response_action": "errors", "errors": {"workflow": "Choose a workflow first."}})
            return
        call.ack({"response_action": "update", "view": messages.loading("the workflow")})
        call.view_id = sent.view.id
        who = await self._people.member(sent.person)
        await self._fill(sent.view.id, workflow_id, who=who, place=place, given={})

    async def _fill(
        self,
        view_id: str,
        workflow_id: str,
        *,
        who: Membership,
        place: Place,
        given: Mapping[str, Sequence[str]],
        offer: PrefillSource | None = None,
    ) -> None:
        """Put the workflow's form where the loading view is, filled in from an offer if there is one."""
        await self._channels.check(place)
        workflow = await self._catalogue.definition(workflow_id)
        draft = await self._drafts.open(workflow=workflow, who=who, place=place, view_id=view_id, given=given)
        if offer is not None:
            draft = await self._drafts.fill_in_from(draft, offer, who=who)
        if draft.form.blocked:
            view = messages.not_runnable(workflow, draft.form.blocked, link=self._link(workflow.id))
            await self._answering.change(view_id, view)
        else:
            await self._filling.show(draft, who=who)
