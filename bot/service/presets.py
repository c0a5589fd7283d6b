"""Presets: values of a form that people keep under a name, share with a channel and use again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from bot.domain.errors import ChannelUnknown, NotYourPreset
from bot.domain.preset import Preset, keepable
from bot.service.denials import denials_audited

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.execution import Argument
    from bot.domain.people import Membership, Place
    from bot.domain.preset import Editor
    from bot.domain.workflow import WorkflowRef
    from bot.service.places import Places
    from bot.store.store import Store


class Presets:
    """What people can do with presets; what a preset may be used for, policy decides when its form opens."""

    def __init__(self, *, store: Store, places: Places) -> None:
        self._store = store
        self._places = places

    async def offered(
        self, *, who: Membership, place: Place, workflow_id: str | None = None
    ) -> tuple[Preset, ...]:
        """This person's own, then those shared with the channel they are in; of all workflows for None."""
        found = await self._store.presets.find(
            person=who.person, channel_id=place.channel_id, workflow_id=workflow_id
        )
        own = tuple(each for each in found if each.owner == who.person)
        if len(own) == len(found) or await self._places.is_in(who, place.channel_id):
            return found
        return own

    async def read(self, preset_id: str, *, who: Membership, place: Place) -> Preset:
        """One of those that are offered; UnknownPreset if it is not, ChannelUnknown if nobody can tell."""
        async with denials_audited(self._store, who, "use a preset"):
            preset = await self._store.presets.read(preset_id)
            if preset.owner == who.person:
                return preset
            if preset.channel_id != place.channel_id:
                raise NotYourPreset
            is_in = await self._places.is_in(who, place.channel_id)
            if is_in is None:
                raise ChannelUnknown
            if not is_in:
                raise NotYourPreset
        return preset

    async def own(self, preset_id: str, *, who: Membership) -> Preset:
        """One of this person's; UnknownPreset if it is not."""
        async with denials_audited(self._store, who, "change a preset"):
            preset = await self._store.presets.read(preset_id)
            if preset.owner != who.person:
                raise NotYourPreset
        return preset

    async def save(
        self,
        *,
        who: Membership,
        workflow: WorkflowRef,
        name: str,
        arguments: Iterable[Argument],
        hidden: frozenset[str] = frozenset(),
        editors: tuple[Editor, ...] = (),
    ) -> Preset:
        """Keep these values; NameTaken or TooManyPresets. Secrets, files and hidden inputs are left out."""
        preset = Preset(
            id=str(uuid4()),
            owner=who.person,
            owner_email=who.email,
            editors=editors,
            workflow=workflow,
            name=name,
            arguments=keepable(arguments, hidden=hidden),
        )
        await self._store.presets.keep(preset)
        return preset

    async def change(self, preset_id: str, *, who: Membership, name: str, channel_id: str) -> Preset:
        """Rename a preset of one's own, and share it with a channel (empty: with nobody)."""
        async with denials_audited(self._store, who, "change a preset"):
            return await self._store.presets.change(
                preset_id, owner=who.person, name=name, channel_id=channel_id
            )

    async def delete(self, preset_id: str, *, who: Membership) -> Preset:
        """Delete a preset of one's own."""
        async with denials_audited(self._store, who, "delete a preset"):
            return await self._store.presets.drop(preset_id, owner=who.person)
