"""What a form can be filled in from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.draft import OfferKind, PrefillSource
from bot.domain.forms.form import Control

if TYPE_CHECKING:
    from bot.domain.draft import Draft
    from bot.domain.forms.form import Form
    from bot.domain.people import Membership, Place
    from bot.domain.workflow import Workflow
    from bot.service.presets import Presets
    from bot.store.store import Store


async def offered(
    workflow: Workflow, *, store: Store, presets: Presets, who: Membership, place: Place
) -> tuple[PrefillSource, ...]:
    """A form that was left, the last run, and the presets this person may use here."""
    left = await store.transact(lambda tx: tx.drafts.left(person=who.person, workflow_id=workflow.id))
    last = await store.launches.last_run(person=who.person, workflow_id=workflow.id)
    kept = await presets.offered(who=who, place=place, workflow_id=workflow.id)
    offers = [PrefillSource(kind=OfferKind.LEFT, id=left.draft_id, at=left.at)] if left else []
    if last is not None and last.arguments:
        offers.append(PrefillSource(kind=OfferKind.LAST_RUN, id=last.id, at=last.requested_at))
    for each in kept:
        own = each.owner == who.person
        offers.append(PrefillSource(kind=OfferKind.PRESET, id=each.id, name=each.name, own=own))
    return tuple(offers)


_FIELDS = 5  # that the text of a message is offered for


def offered_from_message(form: Form, message: str) -> tuple[PrefillSource, ...]:
    """The text fields that a message's text can fill."""
    texts = (each for each in form.fields if each.control in {Control.TEXT, Control.LINES})
    fields = [each for each in texts if message and each.visible is not False and not each.members]
    return tuple(
        PrefillSource(kind=OfferKind.MESSAGE, id=each.name, name=each.label) for each in fields[:_FIELDS]
    )


def with_message(draft: Draft, name: str) -> Draft:
    """With the message's text in one field; the others stay as they are."""
    typed = {**dict(draft.typed), name: draft.message}
    return replace(draft.filled(typed, editors=draft.editors), remarks=draft.remarks)
