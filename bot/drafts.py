"""Forms that are being filled in: opened for one person, kept as drafts, submitted as launches."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.domain.draft import Draft
from bot.domain.errors import NotRunnable
from bot.domain.form import form_of, read_answers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.launch import Launch
    from bot.domain.people import Place, Standing
    from bot.domain.policy import Policy, Rule
    from bot.domain.workflow import Workflow
    from bot.launches import Launches, Secrets
    from bot.store.store import Store

DRAFTS_KEPT = timedelta(hours=12)


class Drafts:
    """What people can do with a form before it becomes a launch."""

    def __init__(
        self, *, store: Store, launches: Launches, policy: Callable[[], Policy], secrets: Secrets
    ) -> None:
        self._store = store
        self._launches = launches
        self._policy = policy
        self._secrets = secrets

    async def open(self, *, workflow: Workflow, who: Standing, place: Place) -> tuple[Draft, Rule]:
        """Keep the form as it is about to be shown; NotAllowed or NotAMember if policy says no."""
        rule = self._policy().allow(workflow=workflow, who=who, place=place)
        draft = Draft(
            id=str(uuid4()),
            person=who.person,
            place=place,
            workflow=workflow,
            form=form_of(workflow, rule, secrets=self._secrets.names()),
            expires_at=self._store.now() + DRAFTS_KEPT,
        )
        await self._store.transact(lambda tx: tx.keep_draft(draft))
        return draft, rule

    async def read(self, draft_id: str, *, who: Standing) -> Draft:
        """The form as it was shown to this person; DraftGone or AlreadySubmitted if it is no longer open."""
        return await self._store.transact(lambda tx: tx.draft(draft_id, person=who.person))

    async def submit(self, *, draft: Draft, who: Standing, typed: Mapping[str, str]) -> Launch:
        """Record the launch; InvalidAnswers names the fields, NotRunnable one that cannot be filled in."""
        if draft.form.blocked:
            raise NotRunnable
        arguments = read_answers(draft.form, typed)
        return await self._launches.request(draft=draft, who=who, arguments=arguments)
