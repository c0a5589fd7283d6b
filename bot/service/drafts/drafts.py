"""Forms that are being filled in: opened for one person, kept as drafts, submitted as launches.

What a person entered is written before they get an answer. Orchestrator is asked between two writes; what
it said is put to the draft as it is then, so that a slow answer never takes back something newer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

from bot.domain.draft import Draft, OfferKind, PrefillSource
from bot.domain.errors import FormMoved, Overtaken, UnknownWorkflow
from bot.domain.forms.answers import answers_from
from bot.domain.forms.fitting import fitted
from bot.domain.forms.form import Control
from bot.domain.forms.paging import in_pages
from bot.domain.forms.picking import unknown_objects
from bot.domain.forms.prefill import prefill, repeated
from bot.domain.forms.text import SEALED
from bot.domain.preset import Editor
from bot.service.denials import denials_audited, unknown_workflow
from bot.service.drafts.prefill_sources import offered, offered_from_message, with_message
from bot.service.drafts.validation import arguments_of, problems_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.domain.forms.form import Typed
    from bot.domain.launch import Launch
    from bot.domain.people import Membership, Place
    from bot.domain.values import Attachment
    from bot.domain.workflow import Workflow
    from bot.orchestrator.client import Orchestrator
    from bot.service.form_data import FormData
    from bot.service.inventory import Inventory
    from bot.service.launches import Launches
    from bot.service.places import Places
    from bot.service.presets import Presets
    from bot.service.secrets import Secrets
    from bot.store.store import Store
    from bot.store.transaction import Transaction

DRAFTS_KEPT = timedelta(hours=12)
CHECK_COUNTS = timedelta(minutes=10)  # after it, Orchestrator is asked again before a launch is recorded
MOST_PARTS = 25  # fields and notes on one page
_TRIES = 3  # of a change that another change overtook


class Drafts:
    """What people can do with a form while it is filled in."""

    def __init__(
        self,
        *,
        store: Store,
        launches: Launches,
        presets: Presets,
        orchestrator: Orchestrator,
        form_data: FormData,
        inventory: Inventory,
        secrets: Secrets,
        places: Places,
    ) -> None:
        self._store = store
        self._launches = launches
        self._presets = presets
        self._orchestrator = orchestrator
        self._evaluator = form_data
        self._inventory = inventory
        self._secrets = secrets
        self._places = places

    # open

    async def open(
        self,
        *,
        workflow: Workflow,
        who: Membership,
        place: Place,
        view_id: str = "",
        given: Mapping[str, Sequence[str]] | None = None,
        is_place_chosen: bool = False,
        about: str = "",
        message: str = "",
    ) -> Draft:
        """Keep the form as it is about to be shown; NotAllowed or NotAMember if policy says no."""
        async with denials_audited(self._store, who, "open the form", workflow=workflow.name):
            rule = await self._places.allow(
                workflow=workflow, who=who, place=place, is_place_chosen=is_place_chosen
            )
        form = fitted(await self._orchestrator.form(workflow), rule, secrets=self._secrets.names())
        start = prefill(form, given or {}, zone=who.zone)
        draft = Draft(
            id=str(uuid4()),
            person=who.person,
            place=place,
            workflow=workflow,
            form=in_pages(form, most=MOST_PARTS),
            expires_at=self._store.now() + DRAFTS_KEPT,
            zone=who.zone,
            offers=(
                *offered_from_message(form, message),
                *await offered(workflow, store=self._store, presets=self._presets, who=who, place=place),
            ),
            about=about,
            message=message,
            typed=tuple(start.typed.items()),
            remarks=start.remarks,
            view_id=view_id,
        )
        await self._store.transact(lambda tx: tx.drafts.keep(draft))
        return draft

    async def read(self, draft_id: str, *, who: Membership, view_id: str | None = None) -> Draft:
        """The form as this person has it; DraftGone, AlreadySubmitted, or FormMoved to another window."""
        async with denials_audited(self._store, who, "fill in the form", launch_id=draft_id):
            draft = await self._store.transact(lambda tx: tx.drafts.read(draft_id, person=who.person))
        if view_id is not None and draft.view_id != view_id:
            raise FormMoved
        return draft

    async def nothing_named(self, words: str, *, who: Membership) -> NoReturn:
        """These words name nothing this person may run, and nothing like it: UnknownWorkflow, kept."""
        await unknown_workflow(self._store, who, words)
        raise UnknownWorkflow

    # fill in

    async def enter(
        self,
        draft_id: str,
        *,
        who: Membership,
        view_id: str,
        values: Callable[[Draft], Mapping[str, Typed]],
        seen: str = "",
        secrets: bool = True,
    ) -> Draft:
        """Take what a page holds now; FormMoved if another window has the form.

        `seen` is when it left Slack: what left earlier than something already taken changes nothing. With
        `secrets`, typed secrets are sealed, or are among the draft's problems if they are not what they have
        to be.
        """

        def take(tx: Transaction, draft: Draft) -> Draft:
            if seen and seen < draft.seen:
                return draft
            held = dict(values(draft))
            wrong: dict[str, str] = {}
            for name in self._typed_secrets(draft, held):
                text = held.pop(name)
                if not secrets or not text:
                    continue
                wrong |= problems_in(draft, [name], typed={name: text})
                if name not in wrong:
                    tx.secrets.seal(owner=draft.id, slot=name, text=str(text))
                    held[name] = SEALED
            entered = replace(draft.entered(held), problems=tuple(wrong.items()))
            return replace(entered, seen=max(seen, draft.seen))

        return await self._change(draft_id, take, who=who, view_id=view_id)

    @staticmethod
    def _typed_secrets(draft: Draft, held: Mapping[str, Typed]) -> list[str]:
        fields = ((name, draft.form.field(name)) for name in held)
        return [name for name, field in fields if field and field.control is Control.SECRET_TEXT]

    async def change(self, draft: Draft, change: Callable[[Draft], Draft], *, who: Membership) -> Draft:
        """Change the draft as it is by now."""
        return await self._change(draft.id, lambda _, fresh: change(fresh), who=who, view_id=draft.view_id)

    async def _change(
        self, draft_id: str, change: Callable[[Transaction, Draft], Draft], *, who: Membership, view_id: str
    ) -> Draft:
        def work(tx: Transaction) -> Draft:
            draft = tx.drafts.read(draft_id, person=who.person)
            if draft.view_id != view_id:
                raise FormMoved
            changed = change(tx, draft)
            return draft if changed == draft else tx.drafts.change(changed)

        async with denials_audited(self._store, who, "fill in the form", launch_id=draft_id):
            for _ in range(_TRIES - 1):
                try:
                    return await self._store.transact(work)
                except Overtaken:
                    continue
            return await self._store.transact(work)

    async def fill_in_from(self, draft: Draft, offer: PrefillSource, *, who: Membership) -> Draft:
        """Fill the form in with offered values, in place of what stands in it."""
        match offer.kind:
            case OfferKind.LEFT:
                return await self._take_over(draft, offer.id, who=who)
            case OfferKind.LAST_RUN:
                last = await self._launches.read(offer.id, who=who)
                arguments, editors = last.arguments, last.editors
            case OfferKind.PRESET:
                preset = await self._presets.read(offer.id, who=who, place=draft.place)
                arguments, editors = preset.arguments, preset.editors_for(who)
            case OfferKind.MESSAGE:
                return await self.change(draft, lambda fresh: with_message(fresh, offer.id), who=who)

        def fill(fresh: Draft) -> Draft:
            return fresh.filled(answers_from(fresh.form, arguments), editors=editors)

        return await self.change(draft, fill, who=who)

    async def repeat(self, draft: Draft, launch: Launch, *, hidden: frozenset[str], who: Membership) -> Draft:
        """Fill the form in with what a launch was asked for with; its remarks name what was left out.

        `hidden` are the inputs whose values are not for who asks. Another's launch makes them an editor, as a
        shared preset does.
        """
        declared = frozenset(each.name for each in draft.workflow.inputs)
        start = repeated(draft.form, launch.arguments, declared=declared, hidden=hidden)
        other = Editor(person=launch.requester, email=launch.requester_email)
        editors = tuple(each for each in (other, *launch.editors) if not each.identities & who.identities)

        def fill(fresh: Draft) -> Draft:
            filled = fresh.filled(start.typed, editors=editors)
            return replace(filled, remarks=start.remarks, again_of=launch.id)

        return await self.change(draft, fill, who=who)

    async def _take_over(self, draft: Draft, left_id: str, *, who: Membership) -> Draft:
        """Go on with a form that was left: this one gets all it held, and the other is gone."""

        def take(tx: Transaction, fresh: Draft) -> Draft:
            left = tx.drafts.read(left_id, person=who.person)
            tx.drafts.take_over(left.id, by=fresh.id)
            known = {name: text for name, text in left.typed if fresh.form.field(name)}
            offers = tuple(each for each in fresh.offers if each.id != left_id)
            filled = fresh.filled(known, editors=left.editors)
            return replace(filled, found=left.found, files=left.files, offers=offers)

        return await self._change(draft.id, take, who=who, view_id=draft.view_id)

    # ask Orchestrator

    async def place(self, draft: Draft, *, who: Membership) -> Draft:
        """On a page that can be seen."""
        if draft.page in draft.pages_on:
            return draft
        return await self.change(draft, lambda fresh: fresh.placed(), who=who)

    async def settle(self, draft: Draft, *, who: Membership) -> Draft:
        """Ask all that is open, and what follows from the answers; keep what was found."""
        found = await self._evaluator.settle(draft.workflow.id, draft.form, dict(draft.typed), draft.found)
        for kind, ids in unknown_objects(draft).items():
            found = found.joined(await self._inventory.look_up(kind, ids))
        if found == draft.found:
            return draft
        return await self.change(
            draft, lambda fresh: replace(fresh, found=fresh.found.joined(found)), who=who
        )

    # check

    def is_checked(self, draft: Draft) -> bool:
        """Whether Orchestrator has found no fault with these answers, not long ago."""
        if not draft.form.validations:
            return True
        return draft.checked_at is not None and self._store.now() - draft.checked_at < CHECK_COUNTS

    async def check(self, draft: Draft, *, who: Membership) -> Draft:
        """Let Orchestrator validate the answers; what it finds is the draft's. NotChecked if it cannot."""
        problems = await self._evaluator.validate(
            draft.workflow.id,
            draft.form,
            typed=dict(draft.typed),
            found=draft.found,
            arguments=arguments_of(draft),
        )
        checked_at = None if problems else self._store.now()

        def note(fresh: Draft) -> Draft:
            if fresh.typed != draft.typed:
                return fresh
            return replace(fresh, problems=tuple(problems.items()), checked_at=checked_at)

        return await self.change(draft, note, who=who)

    async def keep_file(self, draft: Draft, reference: str, file: Attachment, *, who: Membership) -> Draft:
        """Keep a file that was read, under what stands in its field."""
        return await self.change(
            draft, lambda fresh: replace(fresh, files=(*fresh.files, (reference, file))), who=who
        )
