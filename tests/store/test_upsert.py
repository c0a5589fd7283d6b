"""Rows that several processes write at once, where none was before: the last word stays, and nobody fails."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.approval import Delegation
from bot.domain.launch import State
from bot.domain.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.store.transaction import Transaction
    from tests.store.conftest import Shelf

ADA, BEN = (Person(team_id="T1", user_id=name) for name in ("UADA", "UBEN"))
AT_ONCE = 6


def seal(tx: Transaction) -> None:
    """As a login does that renews its token."""
    tx.secrets.seal(owner="login", slot="refresh token", text="renewed")


def delegate(tx: Transaction) -> None:
    """As somebody does who clicks twice."""
    until = tx.now + timedelta(days=1)
    tx.delegations.keep(Delegation(by=ADA, to=BEN, since=tx.now, until=until))


def take(tx: Transaction) -> None:
    """As two starts of one person do: a turn in the line for all runs."""
    tx.locks.take(tx.launch("one"))


WRITES: list[Callable[[Transaction], None]] = [seal, delegate, take]


@pytest.mark.parametrize("write", WRITES)
async def test_several_that_write_a_row_at_once_all_succeed(
    shelf: Shelf, write: Callable[[Transaction], None]
) -> None:
    await shelf.put("one", state=State.APPROVED)
    for _ in range(5):
        await asyncio.gather(*(shelf.store.transact(write) for _ in range(AT_ONCE)))
