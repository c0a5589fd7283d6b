"""Presets, and the drafts people left, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.draft import Draft
from bot.domain.errors import DraftGone, NameTaken, Overtaken, TooManyPresets, UnknownPreset
from bot.domain.execution import Argument
from bot.domain.forms.form import Form
from bot.domain.people import Membership, Person, Place
from bot.domain.policy import Policy
from bot.domain.values import Attachment, SecretRef
from bot.domain.workflow import ParameterType, Workflow, WorkflowRef
from bot.service.places import Places
from bot.service.presets import Presets
from bot.store.database import Clock
from bot.store.presets import MOST
from bot.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.domain.draft import AbandonedDraft
    from bot.domain.values import Value
    from bot.store.store import Store

ADA = Membership(person=Person(team_id="T1", user_id="UADA"), is_member=True)
BEN = Membership(person=Person(team_id="T1", user_id="UBEN"), is_member=True)
OPS, DEV = Place(channel_id="COPS"), Place(channel_id="CDEV")
RESTART = WorkflowRef(id="wf-1", name="Restart a VM")
KEY = "0lmXbLhtmVTVbLlkkpVtDUkNmdCM2zTm6zlEmKJd0VU="


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(migrated: str, clock: Clock) -> AsyncIterator[Store]:
    async with open_store(migrated, clock=clock, sealing_keys=[KEY]) as opened:
        yield opened


async def in_any(_who: Person, _channel_id: str) -> bool:
    """Everybody is in every channel."""
    return True


EVERYWHERE = Places(policy=Policy, in_channel=in_any)


def argument(name: str, value: Value) -> Argument:
    return Argument(name=name, type=ParameterType(declared="string"), value=value)


async def names(presets: Presets, who: Membership, place: Place) -> list[str]:
    return [each.name for each in await presets.offered(who=who, place=place, workflow_id=RESTART.id)]


async def test_a_preset_is_its_owners_until_it_is_shared_with_a_channel(store: Store) -> None:
    presets = Presets(store=store, places=EVERYWHERE)
    kept = await presets.save(who=ADA, workflow=RESTART, name="Nightly", arguments=[argument("vm", "web-01")])
    assert await names(presets, ADA, DEV) == ["Nightly"]
    assert await names(presets, BEN, OPS) == []
    with pytest.raises(UnknownPreset):
        await presets.read(kept.id, who=BEN, place=OPS)
    await presets.change(kept.id, who=ADA, name="Nightly", channel_id=OPS.channel_id)
    assert await names(presets, BEN, OPS) == ["Nightly"]
    assert await names(presets, BEN, DEV) == []
    assert (await presets.read(kept.id, who=BEN, place=OPS)).arguments == kept.arguments


async def test_only_its_owner_renames_shares_or_deletes_a_preset(store: Store) -> None:
    presets = Presets(store=store, places=EVERYWHERE)
    kept = await presets.save(who=ADA, workflow=RESTART, name="Nightly", arguments=[])
    await presets.change(kept.id, who=ADA, name="Nightly", channel_id=OPS.channel_id)
    with pytest.raises(UnknownPreset):
        await presets.change(kept.id, who=BEN, name="Mine", channel_id="")
    with pytest.raises(UnknownPreset):
        await presets.delete(kept.id, who=BEN)
    await presets.delete(kept.id, who=ADA)
    assert await names(presets, ADA, OPS) == []


async def test_there_are_only_so_many_presets_of_one_workflow(store: Store) -> None:
    presets = Presets(store=store, places=EVERYWHERE)
    for number in range(MOST):
        await presets.save(who=ADA, workflow=RESTART, name=f"Preset {number}", arguments=[])
    with pytest.raises(TooManyPresets):
        await presets.save(who=ADA, workflow=RESTART, name="One more", arguments=[])
    await presets.save(who=BEN, workflow=RESTART, name="One more", arguments=[])
    assert len(await names(presets, ADA, OPS)) == MOST


async def test_a_preset_that_is_gone_is_unknown(store: Store) -> None:
    presets = Presets(store=store, places=EVERYWHERE)
    kept = await presets.save(who=ADA, workflow=RESTART, name="Nightly", arguments=[])
    await presets.delete(kept.id, who=ADA)
    with pytest.raises(UnknownPreset):
        await presets.read(kept.id, who=ADA, place=OPS)
    with pytest.raises(UnknownPreset):
        await presets.delete(kept.id, who=ADA)


async def test_two_presets_of_one_workflow_cannot_bear_one_name(store: Store) -> None:
    presets = Presets(store=store, places=EVERYWHERE)
    await presets.save(who=ADA, workflow=RESTART, name="Nightly", arguments=[])
    other = await presets.save(who=ADA, workflow=RESTART, name="Weekly", arguments=[])
    with pytest.raises(NameTaken):
        await presets.save(who=ADA, workflow=RESTART, name="Nightly", arguments=[])
    with pytest.raises(NameTaken):
        await presets.change(other.id, who=ADA, name="Nightly", channel_id="")
    await presets.save(who=BEN, workflow=RESTART, name="Nightly", arguments=[])


async def test_a_preset_holds_no_secret_no_file_and_nothing_hidden(store: Store) -> None:
    presets = Presets(store=store, places=EVERYWHERE)
    given = [
        argument("vm", "web-01"),
        argument("login", SecretRef(name="svc-backup")),
        argument("script", Attachment(name="a.sh", mime_type="text/plain", content=b"echo")),
        argument("scripts", (Attachment(name="b.sh", mime_type="text/plain", content=b"echo"),)),
        argument("reason", "between us"),
    ]
    kept = await presets.save(
        who=ADA, workflow=RESTART, name="Nightly", arguments=given, hidden=frozenset({"reason"})
    )
    read = await presets.read(kept.id, who=ADA, place=OPS)
    assert [each.name for each in read.arguments] == ["vm"]


def a_draft(store: Store) -> Draft:
    return Draft(
        id="draft-1",
        person=ADA.person,
        place=OPS,
        workflow=Workflow(id=RESTART.id, name=RESTART.name),
        form=Form(),
        expires_at=store.now() + timedelta(hours=1),
    )


async def test_a_stale_change_of_a_draft_is_refused(store: Store) -> None:
    shown = a_draft(store)
    await store.transact(lambda tx: tx.drafts.keep(shown))
    newer = await store.transact(lambda tx: tx.drafts.change(replace(shown, place=DEV)))
    with pytest.raises(Overtaken):
        await store.transact(lambda tx: tx.drafts.change(shown))
    assert await store.transact(lambda tx: tx.drafts.read(shown.id, person=ADA.person)) == newer


async def test_a_form_counts_as_left_once_something_was_changed_in_it(store: Store) -> None:
    async def left() -> AbandonedDraft | None:
        return await store.transact(lambda tx: tx.drafts.left(person=ADA.person, workflow_id=RESTART.id))

    shown = a_draft(store)
    await store.transact(lambda tx: tx.drafts.keep(shown))
    assert await left() is None
    await store.transact(lambda tx: tx.drafts.change(shown))
    found = await left()
    assert found is not None
    assert found.draft_id == shown.id


async def test_an_expired_draft_is_forgotten_with_its_typed_secrets(store: Store, clock: Clock) -> None:
    shown = a_draft(store)
    await store.transact(lambda tx: tx.drafts.keep(shown))
    await store.transact(lambda tx: tx.secrets.seal(owner=shown.id, slot="password", text="s3cret"))
    clock.offset += timedelta(hours=2)
    with pytest.raises(DraftGone):
        await store.transact(lambda tx: tx.drafts.read(shown.id, person=ADA.person))
    later = replace(a_draft(store), id="draft-2")
    await store.transact(lambda tx: tx.drafts.keep(later))
    assert await store.transact(lambda tx: tx.secrets.unseal(owner=shown.id, slot="password")) is None
