"""Presets: saved from a form's review, listed by a command, used, changed and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import NameTaken, TooManyPresets
from bot.domain.people import Place
from bot.slack import listings
from bot.slack.forms import messages, presets

if TYPE_CHECKING:
    from bot.domain.people import Membership
    from bot.service.drafts import Drafts, Submission
    from bot.service.presets import Presets
    from bot.slack.dispatcher import Call
    from bot.slack.handlers.picker import PickerHandlers
    from bot.slack.payloads import BlockAction, SlashCommand, ViewSubmission
    from bot.slack.responder import Responder


class PresetHandlers:
    """What happens when somebody keeps values under a name, or uses what was kept."""

    def __init__(
        self,
        *,
        presets: Presets,
        drafts: Drafts,
        submission: Submission,
        picker: PickerHandlers,
        responder: Responder,
    ) -> None:
        self._presets = presets
        self._drafts = drafts
        self._submission = submission
        self._picker = picker
        self._responder = responder

    async def wanted(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Save as preset: ask for its name in a window on top of the review."""
        draft = await self._drafts.read(click.view.private_metadata, who=who, view_id=click.view.id)
        await self._responder.push(call, presets.naming(draft))

    async def named(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """Its name was given."""
        draft = await self._drafts.read(sent.view.private_metadata, who=who)
        try:
            await self._submission.save_preset(draft, presets.read_name(sent.view.values), who=who)
        except (NameTaken, TooManyPresets) as no:
            call.ack({"response_action": "errors", "errors": presets.name_error(no.message)})
            return
        call.ack()

    async def listed(self, call: Call, command: SlashCommand, who: Membership) -> None:
        """`/vro presets`: this person's own, and those shared with the channel."""
        found = await self._presets.offered(who=who, place=Place(channel_id=command.channel_id))
        await self._responder.show(call, listings.presets(found, who=who.person, command=command.command))

    async def used(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Use: open the form with the preset's values in it."""
        place = Place(channel_id=click.channel_id)
        preset = await self._presets.read(click.value, who=who, place=place)
        await self._picker.run_preset(call, preset, who=who, place=place)

    async def edited(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Change: open its name and whom it is shared with."""
        preset = await self._presets.own(click.value, who=who)
        await self._responder.open(call, presets.editing(preset, channel_id=click.channel_id))

    async def changed(self, call: Call, sent: ViewSubmission, who: Membership) -> None:
        """The changes were sent."""
        preset_id, channel_id = sent.view.private_metadata.split(" ")
        shared = channel_id if presets.read_shared(sent.view.values) else ""
        try:
            name = presets.read_name(sent.view.values)
            await self._presets.change(preset_id, who=who, name=name, channel_id=shared)
        except NameTaken as taken:
            call.ack({"response_action": "errors", "errors": presets.name_error(taken.message)})
            return
        call.ack()

    async def deleted(self, call: Call, click: BlockAction, who: Membership) -> None:
        """Delete was pressed and confirmed."""
        preset = await self._presets.delete(click.value, who=who)
        call.ack()
        await self._responder.change(click.view.id, messages.preset_deleted(preset))
