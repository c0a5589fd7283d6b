"""Builds the masker of a launch, from the secrets that its row and the sealed texts hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import CannotUnseal
from bot.domain.masking import Masker, Withholder, hidden_texts
from bot.domain.values import SealedSecret, SecretRef, is_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.execution import Argument
    from bot.domain.launch import Launch
    from bot.store.sealed import SealedTexts


class Masking:
    """The maskers of one transaction."""

    def __init__(self, secrets: SealedTexts, named: Callable[[str], str | None]) -> None:
        self._secrets = secrets
        self._named = named

    def of(self, launch: Launch) -> Masker | None:
        """What takes this launch's secrets out of a text; None if it has none.

        Where a secret that was sent cannot be read any more, it shows no text at all: nobody can tell then
        what is safe to show.
        """
        if not launch.hidden and not any(map(_is_secret, launch.arguments)):
            return None
        try:
            return Masker((*hidden_texts(launch), *self._sent(launch)))
        except (CannotUnseal, LookupError):
            return Withholder()

    def _sent(self, launch: Launch) -> Iterator[str]:
        """The secrets that a run of it may have been given: as they are now, and as they were sent."""
        kept = self._secrets.sent(owner=launch.id)
        yield from kept
        known = list(kept)
        for argument in launch.arguments:
            match argument.value:
                case SealedSecret(slot=slot):
                    text = self._secrets.unseal(owner=launch.id, slot=slot)
                case SecretRef(name=name):
                    text = self._named(name)
                case _:
                    continue
            if text is not None:
                known.append(text)
                yield text
            elif launch.starting_at is not None and not kept:
                raise LookupError(argument.name)
        if launch.starting_at is not None and not self._secrets.were_sent(known, owner=launch.id):
            raise LookupError(launch.id)  # a named secret was changed since, and the former text is wiped


def _is_secret(argument: Argument) -> bool:
    return is_secret(argument.value)
