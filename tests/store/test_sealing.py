"""Secrets at rest: unreadable in the database, open to any configured key, wiped at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from bot.domain.errors import CannotSeal, CannotUnseal
from bot.domain.launch import State
from bot.store.sealing import Sealer
from tests.dumping import whole

if TYPE_CHECKING:
    from tests.store.conftest import Shelf

CANARY = "canary-in-the-clear"


async def kept(shelf: Shelf) -> str | None:
    return await shelf.store.transact(lambda tx: tx.secrets.unseal(owner="one", slot="password"))


async def test_a_secret_is_read_back_but_stands_nowhere(shelf: Shelf) -> None:
    await shelf.store.transact(lambda tx: tx.secrets.seal(owner="one", slot="password", text=CANARY))
    assert await kept(shelf) == CANARY
    assert CANARY.encode() not in await whole(shelf.url)


async def test_a_later_secret_takes_the_place_of_a_former_one(shelf: Shelf) -> None:
    await shelf.store.transact(lambda tx: tx.secrets.seal(owner="one", slot="password", text="former"))
    await shelf.store.transact(lambda tx: tx.secrets.seal(owner="one", slot="password", text=CANARY))
    assert await kept(shelf) == CANARY


@pytest.mark.parametrize("end", [State.FAILED, State.WITHDRAWN])
async def test_secrets_are_wiped_when_their_launch_ends(shelf: Shelf, end: State) -> None:
    launch = await shelf.put("one")
    await shelf.store.transact(lambda tx: tx.secrets.seal(owner="one", slot="password", text=CANARY))
    await shelf.store.transact(lambda tx: tx.secrets.seal(owner="two", slot="password", text=CANARY))
    await shelf.save(launch.move(end))
    assert await kept(shelf) is None
    assert await shelf.store.transact(lambda tx: tx.secrets.unseal(owner="two", slot="password")) == CANARY


def test_a_key_can_be_changed_while_the_former_one_still_opens() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Sealer([old]).seal(CANARY)
    assert Sealer([new, old]).unseal(sealed) == CANARY
    assert Sealer([new]).unseal(Sealer([new, old]).seal(CANARY)) == CANARY
    with pytest.raises(CannotUnseal):
        Sealer([new]).unseal(sealed)


def test_without_a_key_nothing_is_sealed_and_nothing_opened() -> None:
    with pytest.raises(CannotSeal):
        Sealer([]).seal(CANARY)
    with pytest.raises(CannotUnseal):
        Sealer([]).unseal(b"anything")
