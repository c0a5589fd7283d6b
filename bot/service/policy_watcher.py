"""The policy in force: read again while the bot runs when its file changes; a bad new one changes nothing.

A bot that begins with a bad one runs without: it follows what is open, and nothing new is started until the
file is mended (`Policy.is_read`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.domain.audit import AuditEntry
from bot.domain.errors import DatabaseLost
from bot.domain.policy import Policy
from bot.policy_file import PolicyError, digest_of, read_edition, read_raw
from bot.runtime import metrics
from bot.runtime.logging import log_event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from pathlib import Path

    from bot.policy_file import Edition
    from bot.store.store import Store
    from bot.store.transaction import Transaction

log = logging.getLogger(__name__)

LOOK_SECONDS = 2
_IN_FORCE, _REFUSED = "policy in force", "policy refused"

_UNREAD = Policy(is_read=False)

Stamp = tuple[int, int, int]  # what a change of the file changes


class PolicyWatcher:
    """Holds the policy that counts, and follows its file."""

    def __init__(
        self,
        *,
        file: Path,
        store: Store,
        secrets: Callable[[], frozenset[str]],  # the configured names
        groups: Callable[[], Awaitable[Collection[str] | None]],  # of the workspace; None: it does not say
    ) -> None:
        self._file = file
        self._edition: Edition | None = None
        self._store = store
        self._secrets = secrets
        self._groups = groups
        self._seen: Stamp | None = None
        self._judged: Stamp | None = None

    @property
    def current(self) -> Policy:
        """The policy that counts now."""
        return self._edition.policy if self._edition else _UNREAD

    async def begin(self) -> None:
        """Read the file, and note in the audit which policy the bot begins with, unless it had it before."""
        self._judged = await asyncio.to_thread(_stamp, self._file)
        try:
            first = await asyncio.to_thread(read_edition, self._file, secrets=self._secrets())
        except PolicyError as wrong:
            await self._refuse(wrong.problems)
        else:
            await self._note(first)
            metrics.POLICY_REFUSED.set(0)
            self._take(first)

    async def look(self) -> bool:
        """Take up a changed file; True if another policy counts from now on.

        A change is judged once it has stood still for one look, so that a file half written is not; and while
        the database is away, where nothing can be started anyway, it waits until it can be recorded.
        """
        stamp = await asyncio.to_thread(_stamp, self._file)
        if stamp == self._judged or stamp != self._seen:
            self._seen = stamp
            return False
        try:
            edition = await self._judge()
        except DatabaseLost as lost:
            log.warning("the changed policy file is judged once that can be recorded: %s", lost.message)
            return False
        self._judged = stamp
        if edition is None:
            return False
        self._take(edition)
        return True

    def _take(self, edition: Edition) -> None:
        """Let it count from now on."""
        self._edition = edition
        metrics.POLICY.clear()
        metrics.POLICY.labels(sha256=edition.digest).set(1)
        log_event(log, _IN_FORCE, sha256=edition.digest, rules=len(edition.policy.rules))

    async def _judge(self) -> Edition | None:
        """What counts from now on, recorded in the audit; None if that is what counted before."""
        try:
            edition = await self._read()
        except PolicyError as wrong:
            await self._refuse(wrong.problems)
            return None
        metrics.POLICY_REFUSED.set(0)
        if edition is not None:
            await self._note(edition)
        return edition

    async def _read(self) -> Edition | None:
        """What the file holds now; None if that is in force already."""
        raw = await asyncio.to_thread(read_raw, self._file)
        if self._edition is not None and digest_of(raw) == self._edition.digest:
            return None
        secrets, groups = self._secrets(), await self._groups()
        return await asyncio.to_thread(read_edition, self._file, secrets=secrets, groups=groups)

    async def _note(self, edition: Edition) -> None:
        """Record it, unless another replica already has."""
        detail = {"sha256": edition.digest, "rules": len(edition.policy.rules)}

        def record(tx: Transaction) -> None:
            last = tx.audit.last(_IN_FORCE)
            if last is None or last.detail != detail:
                tx.audit.record(AuditEntry(what=_IN_FORCE, detail=detail))

        await self._store.transact(record)

    async def _refuse(self, problems: Sequence[str]) -> None:
        metrics.POLICY_REFUSED.set(1)
        still = self._edition.digest if self._edition else ""
        detail = {"problems": list(problems), "still": still}
        await self._store.transact(lambda tx: tx.audit.record(AuditEntry(what=_REFUSED, detail=detail)))
        lines = "\n- ".join(problems)
        if still:
            log.error("the changed policy file is refused; the former policy still counts:\n- %s", lines)
        else:
            log.error("the policy file is refused; nothing is started until it is mended:\n- %s", lines)


def _stamp(file: Path) -> Stamp | None:
    """None if there is no such file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
