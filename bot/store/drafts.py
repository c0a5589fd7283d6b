"""Drafts in the database: kept, read back, changed by whoever saw them last, forgotten in time."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from bot.domain.draft import AbandonedDraft, Draft
from bot.domain.errors import AlreadySubmitted, DraftGone, NotYourDraft, Overtaken, UnreadableRow
from bot.store import codec
from bot.store.schema import drafts, launches, sealed

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from bot.domain.people import Person

MOST_OPEN = 20  # forms of one person
log = logging.getLogger(__name__)


class DraftTable:
    """Drafts as one transaction reads and writes them."""

    def __init__(self, connection: Connection, *, now: datetime) -> None:
        self._sql = connection
        self._now = now

    def keep(self, draft: Draft) -> None:
        """Write a new draft, and forget those that expired, and a person's oldest beyond `MOST_OPEN`."""
        self._forget(select(drafts.c.id).where(drafts.c.expires_at < self._now))
        row = {
            "id": draft.id,
            "owner": _key(draft.person),
            "workflow_id": draft.workflow.id,
            "changed_at": self._now,
            "expires_at": draft.expires_at,
            "revision": draft.revision,
            "body": codec.dump(draft),
        }
        self._sql.execute(insert(drafts), row)
        theirs = select(drafts.c.id).where(drafts.c.owner == row["owner"])
        newest_first = theirs.order_by(drafts.c.changed_at.desc(), drafts.c.id)
        beyond = list(self._sql.scalars(newest_first.offset(MOST_OPEN)))
        if beyond:
            self._forget(select(drafts.c.id).where(drafts.c.id.in_(beyond)))

    def _forget(self, which: Select[tuple[str]]) -> None:
        """Delete drafts with their typed secrets."""
        self._sql.execute(delete(sealed).where(sealed.c.owner.in_(which)))
        self._sql.execute(delete(drafts).where(drafts.c.id.in_(which)))

    def read(self, draft_id: str, *, person: Person) -> Draft:
        """The draft this person was shown; DraftGone if there is none, AlreadySubmitted if it was used."""
        body = self._sql.scalar(select(drafts.c.body).where(drafts.c.id == draft_id))
        if body is None:
            if self._sql.scalar(select(launches.c.id).where(launches.c.id == draft_id)):
                raise AlreadySubmitted
            raise DraftGone
        try:
            draft = codec.read(Draft, body)
        except UnreadableRow as wrong:  # a form lives a day: it is opened anew rather than mended
            log.warning("draft %s cannot be read: %s", draft_id, wrong.why)
            raise DraftGone from wrong
        if draft.person != person:
            raise NotYourDraft
        if draft.expires_at < self._now:
            raise DraftGone
        return draft

    def change(self, draft: Draft) -> Draft:
        """Write a draft that was read before and changed; Overtaken if somebody changed it meanwhile."""
        changed = replace(draft, revision=draft.revision + 1)
        done = self._sql.execute(
            update(drafts)
            .where(drafts.c.id == draft.id, drafts.c.revision == draft.revision)
            .values(body=codec.dump(changed), revision=changed.revision, changed_at=self._now)
        )
        if done.rowcount == 0:
            raise Overtaken
        return changed

    def left(self, *, person: Person, workflow_id: str) -> AbandonedDraft | None:
        """The form of this workflow that this person changed last and never sent."""
        query = (
            select(drafts.c.id, drafts.c.changed_at)
            .where(
                drafts.c.owner == _key(person),
                drafts.c.workflow_id == workflow_id,
                drafts.c.revision > 0,
                drafts.c.expires_at >= self._now,
            )
            .order_by(drafts.c.changed_at.desc())
            .limit(1)
        )
        row = self._sql.execute(query).first()
        return AbandonedDraft(draft_id=row.id, at=row.changed_at) if row else None

    def take_over(self, draft_id: str, *, by: str) -> None:
        """Forget a draft whose typed secrets go over to another."""
        slots = select(sealed.c.slot).where(sealed.c.owner == draft_id)
        self._sql.execute(delete(sealed).where(sealed.c.owner == by, sealed.c.slot.in_(slots)))
        self._sql.execute(update(sealed).where(sealed.c.owner == draft_id).values(owner=by))
        self._sql.execute(delete(drafts).where(drafts.c.id == draft_id))

    def drop(self, draft_id: str) -> None:
        """Forget a draft that became a launch; its typed secrets stay, for the launch bears its id."""
        self._sql.execute(delete(drafts).where(drafts.c.id == draft_id))


def _key(person: Person) -> str:
    return f"{person.team_id}/{person.user_id}"
