"""What a form can be filled in from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.draft import OfferKind, PrefillSource

if TYPE_CHECKING:
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
