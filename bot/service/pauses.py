"""The kill switch: people whom the policy names keep all launches, a rule's or a workflow's from starting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.audit import AuditEntry
from bot.domain.errors import NotAllowed, Refusal
from bot.domain.pause import Scope, Target
from bot.service.denials import denials_audited

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.pause import Pause
    from bot.domain.people import Membership
    from bot.domain.policy import Policy
    from bot.service.catalogue import Catalogue
    from bot.store.store import Store
    from bot.store.transaction import Transaction

LONGEST_REASON = 500  # characters


class NothingPaused(Refusal):
    """That is not paused, so nothing was resumed. `pause` alone lists what is."""


class NotPausable(Refusal):
    """No rule or workflow is called exactly that, so nothing was paused."""


class Pauses:
    """Pause and resume, each checked against the policy and kept in the audit."""

    def __init__(self, *, store: Store, policy: Callable[[], Policy], catalogue: Catalogue) -> None:
        self._store = store
        self._policy = policy
        self._catalogue = catalogue

    async def in_force(self) -> tuple[Pause, ...]:
        """What is paused now, oldest first."""
        return await self._store.transact(lambda tx: tx.pauses.in_force())

    async def pause(self, target: Target, *, who: Membership, why: str) -> None:
        """Keep it from starting, from the next commit on, in every process."""
        async with denials_audited(self._store, who, "pause"):
            self._check(who)
        await self._store.transact(lambda tx: put(tx, target, why=why, who=who))

    async def resume(self, target: Target, *, who: Membership) -> None:
        """Let it start again; NothingPaused if it was not paused."""
        async with denials_audited(self._store, who, "resume"):
            self._check(who)
        await self._store.transact(lambda tx: drop(tx, target, who=who))

    def _check(self, who: Membership) -> None:
        group = self._policy().pause
        if group is not None and group.has(who):
            return
        if group is not None and not who.is_certain:
            raise NotAllowed(
                "Slack did not say just now which groups you are in, so nothing was changed. Try again."
            )
        raise NotAllowed("Only the people whom the policy names under `pause` can do that.")

    def split(self, scope: Scope, words: str) -> tuple[Target, str]:
        """What is meant and the rest, which is the reason: the longest beginning that is a name.

        NotPausable if none is: a pause of something misspelled would stop nothing, unnoticed.
        """
        parts = words.split()
        for count in range(len(parts), 0, -1):
            name = self._known(scope, " ".join(parts[:count]).strip("\"'“”„‘’"))  # noqa: RUF001 - phones type these
            if name:
                return Target(scope=scope, name=name), " ".join(parts[count:])
        raise NotPausable

    def _known(self, scope: Scope, name: str) -> str:
        """The name as it is written; empty if there is none."""
        if scope is Scope.RULE:
            rules = (rule.name for rule in self._policy().rules)
            return next((each for each in rules if each.casefold() == name.casefold()), "")
        found = self._catalogue.named(name)
        return "" if not found else (name if name == found[0].id else found[0].name)


def put(tx: Transaction, target: Target, *, why: str, who: Membership | None, account: str = "") -> None:
    """Pause it, and keep that in the audit; `who` is None on the command line, where `account` ran it."""
    tx.pauses.put(target, by=who.person if who else None, why=why[:LONGEST_REASON])
    tx.audit.record(_entry("paused", target, who, account, why=why[:LONGEST_REASON]))


def drop(tx: Transaction, target: Target, *, who: Membership | None, account: str = "") -> None:
    """Resume it, and keep that in the audit; NothingPaused."""
    if not tx.pauses.drop(target):
        raise NothingPaused
    tx.audit.record(_entry("resumed", target, who, account))


def _entry(what: str, target: Target, who: Membership | None, account: str, **more: str) -> AuditEntry:
    detail = {"scope": target.scope.value, "name": target.name, **more}
    if who is None:
        return AuditEntry(what=what, detail=detail | {"command_line": account})
    person = who.person
    return AuditEntry(
        what=what, team_id=person.team_id, user_id=person.user_id, email=who.email, detail=detail
    )
