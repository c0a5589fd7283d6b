"""Typed secrets and renewed tokens, encrypted at rest, as one transaction reads and writes them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from bot.domain.errors import CannotSeal
from bot.store.schema import sealed
from bot.store.upsert import upsert

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from bot.store.sealing import Sealer

_SENT = "sent/"  # begins the slots of texts that a run was given; no input's name has a slash
_OWNED = sealed.c.owner == bindparam("b_owner")
_IS_SENT = sealed.c.slot.startswith(_SENT)
_WIPE = delete(sealed).where(_OWNED, ~_IS_SENT)
_EMPTY = update(sealed).where(_OWNED, _IS_SENT).values(ciphertext=b"")


class SealedTexts:
    """Sealed texts, each in a slot of its owner."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._sql = connection
        self._sealer = sealer

    def seal(self, *, owner: str, slot: str, text: str) -> None:
        """Keep a secret, encrypted, in place of a former one; CannotSeal without a key."""
        upsert(self._sql, sealed, {"owner": owner, "slot": slot, "ciphertext": self._sealer.seal(text)})

    def note_sent(self, *, owner: str, text: str) -> None:
        """Keep a secret that a run is given, until its launch ends, so that it can be masked in what returns.

        A named secret may be changed while the run has its former text. Nothing is kept without a key.
        """
        with suppress(CannotSeal):
            slot = f"{_SENT}{self._sealer.mac(text, of=owner)}"  # each text once, however often it is sent
            self.seal(owner=owner, slot=slot, text=text)

    def sent(self, *, owner: str) -> tuple[str, ...]:
        """What `note_sent` kept and is not wiped; CannotUnseal if no key opens it."""
        query = select(sealed.c.ciphertext).where(sealed.c.owner == owner, _IS_SENT)
        return tuple(self._sealer.unseal(each) for each in self._sql.scalars(query) if each)

    def were_sent(self, texts: Collection[str], *, owner: str) -> bool:
        """Whether every text that a run was given is one of these; True where none was noted.

        Their keyed hashes outlive the texts: what a run says is looked at after its end, too.
        """
        slots = self._sql.scalars(select(sealed.c.slot).where(sealed.c.owner == owner, _IS_SENT))
        macs = [slot.removeprefix(_SENT) for slot in slots]
        return all(any(self._sealer.fits(mac, text, of=owner) for text in texts) for mac in macs)

    def mac(self, *, owner: str, slot: str) -> str:
        """The keyed hash of a sealed secret; empty if it was wiped."""
        text = self.unseal(owner=owner, slot=slot)
        return "" if text is None else self._sealer.mac(text, of=f"{owner}/{slot}")

    def unseal_same(self, *, owner: str, slot: str, mac: str) -> str | None:
        """Read a secret back; None if it was wiped, or does not fit the hash, where there is one."""
        text = self.unseal(owner=owner, slot=slot)
        if text is None or (mac and not self._sealer.fits(mac, text, of=f"{owner}/{slot}")):
            return None
        return text

    def unseal(self, *, owner: str, slot: str) -> str | None:
        """Read a secret back; None if it was wiped."""
        query = select(sealed.c.ciphertext).where(sealed.c.owner == owner, sealed.c.slot == slot)
        ciphertext = self._sql.scalar(query)
        return None if ciphertext is None else self._sealer.unseal(ciphertext)

    def wipe_slot(self, *, owner: str, slot: str) -> None:
        """Forget one secret."""
        self._sql.execute(delete(sealed).where(sealed.c.owner == owner, sealed.c.slot == slot))

    def wipe(self, owner: str) -> None:
        """Forget all secrets of an owner; of those a run was given, their keyed hashes stay."""
        self._sql.execute(_WIPE, {"b_owner": owner})
        self._sql.execute(_EMPTY, {"b_owner": owner})
