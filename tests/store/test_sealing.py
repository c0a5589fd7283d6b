"""Secrets at rest: unreadable in the database, open to any configured key, wiped at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from bot.domain.errors import CannotSeal, CannotUnseal
from bot.domain.execution import Argument
from bot.domain.launch import State
from bot.domain.values import SecretRef
from bot.domain.workflow import ParameterType
from bot.store.masking import Masking
from bot.store.sealing import Sealer
from tests.dumping import whole

if TYPE_CHECKING:
    from bot.store.transaction import Transaction
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
    with pytest.raises(CannotSeal):
        Sealer([]).mac(CANARY, of="one/password")
    with pytest.raises(CannotUnseal):
        Sealer([]).unseal(b"anything")


async def test_what_is_left_of_a_secret_that_was_sent_tells_only_whether_it_is_the_same(shelf: Shelf) -> None:
    def sent(tx: Transaction) -> tuple[tuple[str, ...], bool, bool]:
        found = tx.secrets.sent(owner="one")
        same = tx.secrets.were_sent([CANARY, "more"], owner="one")
        return found, same, tx.secrets.were_sent(["changed since"], owner="one")

    launch = await shelf.put("one")
    await shelf.store.transact(lambda tx: tx.secrets.note_sent(owner="one", text=CANARY))
    await shelf.store.transact(lambda tx: tx.secrets.note_sent(owner="one", text=CANARY))
    assert await shelf.store.transact(sent) == ((CANARY,), True, False)
    await shelf.save(launch.move(State.FAILED))
    assert await shelf.store.transact(sent) == ((), True, False)
    assert CANARY.encode() not in await whole(shelf.url)


async def test_after_the_end_nothing_is_shown_if_a_named_secret_was_changed_since(shelf: Shelf) -> None:
    secret = Argument(name="p", type=ParameterType(declared="SecureString"), value=SecretRef(name="svc"))
    launch = await shelf.put("one", arguments=(secret,), starting_at=shelf.store.now())
    await shelf.store.transact(lambda tx: tx.secrets.note_sent(owner="one", text=CANARY))
    ended = await shelf.save(launch.move(State.FAILED))
    for now, shown in ((CANARY, "a •••••• b"), ("another text", None), (None, None)):

        def look(tx: Transaction, now: str | None = now) -> str:
            masker = Masking(tx.secrets, lambda _: now).of(ended)
            assert masker is not None
            return masker.text(f"a {CANARY} b")

        said = await shelf.store.transact(look)
        assert said == shown or (shown is None and said.startswith("(not shown"))
