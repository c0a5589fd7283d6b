"""Step-up: an approver proves by a one-time code (TOTP, RFC 6238) that their account is in their hands."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp

from bot.domain.audit import AuditEntry
from bot.domain.errors import CodeWrong, NotEnrolled, TooManyCodes

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.people import Membership
    from bot.store.step_up import Enrolment
    from bot.store.store import Store
    from bot.store.transaction import Transaction

MOST_FAILURES = 5  # wrong codes in a row, then a pause
PAUSE = timedelta(minutes=15)
_SECONDS = 30  # of a time step
_DRIFT = 1  # steps that a clock may be off
_OWNER = "step-up"  # of the sealed secrets


class StepUp:
    """Checks codes, each once; enrols people."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def use(self, who: Membership, code: str, *, launch_id: str) -> None:
        """Use up a code; NotEnrolled, TooManyCodes or CodeWrong if it does not count.

        In a transaction of its own, before the vote: a failure counts although the vote is refused.
        """
        refusal = await self._store.transact(lambda tx: _use(tx, who, code, launch_id=launch_id))
        if refusal is not None:
            raise refusal

    async def enrol(self, user_id: str) -> str:
        """Give somebody a new secret, which this call alone tells; CannotSeal without sealing keys."""
        secret = pyotp.random_base32()

        def enrol(tx: Transaction) -> None:
            tx.secrets.seal(owner=_OWNER, slot=user_id, text=secret)
            tx.step_up.enrol(user_id)
            tx.audit.record(AuditEntry(what="step-up enrolled", detail={"user": user_id}))

        await self._store.transact(enrol)
        return secret

    async def remove(self, user_id: str) -> bool:
        """Take somebody's secret away; False if they had none."""

        def remove(tx: Transaction) -> bool:
            is_there = tx.step_up.remove(user_id)
            if is_there:
                tx.secrets.wipe_slot(owner=_OWNER, slot=user_id)
                tx.audit.record(AuditEntry(what="step-up removed", detail={"user": user_id}))
            return is_there

        return await self._store.transact(remove)

    async def enrolled(self) -> tuple[Enrolment, ...]:
        """Everybody who has a secret."""
        return await self._store.transact(lambda tx: tx.step_up.all())


def enrolment_uri(secret: str, *, account: str, issuer: str) -> str:
    """What an authenticator reads as a QR code: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def _use(
    tx: Transaction, who: Membership, code: str, *, launch_id: str
) -> NotEnrolled | TooManyCodes | CodeWrong | None:
    user_id = who.person.user_id
    known, secret = tx.step_up.read(user_id), tx.secrets.unseal(owner=_OWNER, slot=user_id)
    if known is None or secret is None:
        return NotEnrolled()
    is_over = known.failed_at is None or tx.now - known.failed_at >= PAUSE
    failures = 0 if is_over else known.failures
    if failures >= MOST_FAILURES:
        return TooManyCodes()
    step = _step_of(code, secret, after=known.last_step, now=tx.now)
    if step is not None:
        tx.step_up.used(user_id, step=step)
        tx.audit.record(_entry("step-up code used", who, launch_id))
        return None
    tx.step_up.failed(user_id, failures=failures + 1)
    tx.audit.record(_entry("step-up code refused", who, launch_id, failures=failures + 1))
    return CodeWrong()


def _step_of(code: str, secret: str, *, after: int, now: datetime) -> int | None:
    """The time step whose code this is, within the drift of a clock; None if none is, or it was used."""
    current, totp = int(now.timestamp()) // _SECONDS, pyotp.TOTP(secret)
    steps = range(max(after + 1, current - _DRIFT), current + _DRIFT + 1)
    fitting = [step for step in steps if hmac.compare_digest(totp.at(step * _SECONDS), code)]
    return fitting[0] if fitting else None


def _entry(what: str, who: Membership, launch_id: str, **detail: int) -> AuditEntry:
    return AuditEntry(
        what=what,
        launch_id=launch_id,
        team_id=who.person.team_id,
        user_id=who.person.user_id,
        email=who.email,
        detail=detail,
    )
