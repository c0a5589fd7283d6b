"""A person is taken out of all that is stored, nobody else is, and the audit goes on proving itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.domain.approval import Delegation
from bot.domain.audit import AuditEntry, first_flaw
from bot.domain.audit_erasure import NOBODY, erased_in
from bot.domain.launch import State
from bot.domain.people import Person
from bot.store.erasure import StillOpen
from tests.dumping import rows
from tests.store.test_retention import in_database, records

if TYPE_CHECKING:
    from tests.store.conftest import Shelf

ADA, ADAM = Person(team_id="T1", user_id="UADA"), Person(team_id="T1", user_id="UADAM")
ADDRESS = "ada@harbour.example"


async def fill(shelf: Shelf, *, state: State = State.SUCCEEDED) -> None:
    """Things of Ada's, and of Adam, whose id begins with hers."""
    await shelf.put("hers", requester=ADA, requester_email=ADDRESS, state=state, ended_at=shelf.store.now())
    await shelf.put("his", requester=ADAM, cancel_asked_by=ADA, state=State.CANCELLED)
    now = shelf.store.now()
    kept = Delegation(by=ADAM, to=ADA, since=now, until=now + timedelta(days=1))
    noted = AuditEntry(what="voted", team_id="T1", user_id="UADA", email=ADDRESS, detail={"for": "UADAM"})
    told = AuditEntry(what="refused", team_id="T1", user_id="UADAM", detail={"why": "it is <@UADA>'s"})
    await shelf.store.transact(lambda tx: tx.delegations.keep(kept))
    await shelf.store.transact(lambda tx: tx.audit.record(noted, told))


async def erase(shelf: Shelf) -> tuple[int, int]:
    store = shelf.store
    traces = await store.transact(lambda tx: tx.erasure.begin(ADA))
    launches, _ = await store.transact(lambda tx: tx.erasure.launches(traces, after=""))
    found, _ = await store.transact(lambda tx: tx.erasure.audit(traces, after=0))
    return launches, found


async def test_nothing_stored_names_them_any_more_and_others_are_untouched(shelf: Shelf) -> None:
    await fill(shelf)
    assert await erase(shelf) == (2, 2)
    everything = "\n".join(each for kept in (await rows(shelf.url)).values() for each in kept)
    assert "UADA" not in everything.replace("UADAM", "")
    assert ADDRESS not in everything
    assert (await shelf.get("hers")).requester.user_id == NOBODY
    his = await shelf.get("his")
    assert his.requester == ADAM
    assert his.cancel_asked_by is not None
    assert his.cancel_asked_by.user_id == NOBODY
    assert await erase(shelf) == (0, 0)


async def test_the_audit_verifies_before_and_after_and_still_finds_other_changes(shelf: Shelf) -> None:
    await fill(shelf)
    assert first_flaw(await records(shelf))[0] is None
    await erase(shelf)
    left = await records(shelf)
    assert len(erased_in(left)) == 2
    assert first_flaw(left)[0] is not None  # without knowing of the erasure
    assert first_flaw(left, erased=erased_in(left))[0] is None
    forged = text("UPDATE audit SET detail = '{}' WHERE number = 1")
    await in_database(shelf, lambda sql: sql.execute(forged))
    left = await records(shelf)
    flaw, _ = first_flaw(left, erased=erased_in(left))
    assert flaw is not None
    assert flaw.number == 1


async def test_whoever_has_something_open_is_not_erased(shelf: Shelf) -> None:
    await fill(shelf, state=State.RUNNING)
    with pytest.raises(StillOpen):
        await erase(shelf)
    assert (await shelf.get("hers")).requester == ADA
