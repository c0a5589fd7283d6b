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


def seal(tx: Transaction, _: str) -> None:
    """As a login does that renews its token."""
    tx.secrets.seal(owner="login", slot="refresh token", text="renewed")


def delegate(tx: Transaction, _: str) -> None:
    """As somebody does who clicks twice."""
    until = tx.now + timedelta(days=1)
    tx.delegations.keep(Delegation(by=ADA, to=BEN, since=tx.now, until=until))


def take(tx: Transaction, launch_id: str) -> None:
    """As two starts of one person do: a turn in the line for all runs."""
    tx.locks.take(tx.launch(launch_id))


WRITES: list[Callable[[Transaction, str], None]] = [seal, delegate, take]


@pytest.mark.parametrize("write", WRITES)
async def test_several_that_write_a_row_at_once_all_succeed(
    shelf: Shelf, write: Callable[[Transaction, str], None]
) -> None:
    names = [f"launch-{number}" for number in range(AT_ONCE)]
    for name in names:
        await shelf.put(name, state=State.APPROVED)
    for _ in range(5):
        writes = (shelf.store.transact(lambda tx, name=name: write(tx, name)) for name in names)  # type: ignore[misc]
        await asyncio.gather(*writes)
