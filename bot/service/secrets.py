"""Secrets on their way into a launch and out again: named or sealed, in the clear for the start alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.errors import SecretMissing
from bot.domain.values import SealedSecret, SecretRef, SecretText

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.execution import Argument
    from bot.domain.launch import Launch
    from bot.settings import NamedSecrets
    from bot.store.store import Store
    from bot.store.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The named secrets of the platform team: which there are, and how to read one (None: gone)."""

    names: Callable[[], frozenset[str]]
    read: Callable[[str], str | None]

    async def reveal(self, store: Store, launch: Launch) -> tuple[Argument, ...]:
        """The arguments with secrets in the clear; SecretMissing if one is gone or not the one approved.

        Named ones are kept sealed with the launch from here on: what comes back is searched for them.
        """
        values = [each.value for each in launch.arguments]
        sealed = [each for each in values if isinstance(each, SealedSecret)]
        named = {each.name: self.read(each.name) for each in values if isinstance(each, SecretRef)}

        def open_all(tx: Transaction) -> dict[str, str | None]:
            for text in filter(None, named.values()):
                tx.secrets.note_sent(owner=launch.id, text=text)
            return {
                each.slot: tx.secrets.unseal_same(owner=launch.id, slot=each.slot, mac=each.mac)
                for each in sealed
            }

        texts = await store.transact(open_all) if sealed or named else {}
        return tuple(_in_the_clear(each, sealed=texts, named=named) for each in launch.arguments)


def _in_the_clear(
    argument: Argument, *, sealed: Mapping[str, str | None], named: Mapping[str, str | None]
) -> Argument:
    match argument.value:
        case SecretRef(name=name):
            text = named[name]
        case SealedSecret(slot=slot):
            text = sealed[slot]
        case _:
            return argument
    if text is None:
        raise SecretMissing(f"The secret for “{argument.name}” is not configured any more.")
    return replace(argument, value=SecretText(text=text))


def with_hashes(tx: Transaction, owner: str, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """The arguments with the keyed hash of each typed secret, so that the request is sealed to it too."""
    return tuple(
        replace(each, value=replace(each.value, mac=tx.secrets.mac(owner=owner, slot=each.value.slot)))
        if isinstance(each.value, SealedSecret)
        else each
        for each in arguments
    )


def configured(named: NamedSecrets) -> Secrets:
    """Those of the settings; one that cannot be read counts as gone."""

    def read(name: str) -> str | None:
        with suppress(KeyError, OSError, UnicodeDecodeError):
            return named[name].get_secret_value()
        return None

    return Secrets(names=lambda: frozenset(named), read=read)
