"""Encryption at rest for the few values that must be: typed secrets and renewed login tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.domain.errors import CannotSeal, CannotUnseal

if TYPE_CHECKING:
    from collections.abc import Sequence


class Sealer:
    """Seals with the first key and opens with any, so that keys can be rotated."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._box = MultiFernet([Fernet(key) for key in keys]) if keys else None

    def seal(self, text: str) -> bytes:
        """Encrypt; CannotSeal without a key."""
        if self._box is None:
            raise CannotSeal
        return self._box.encrypt(text.encode())

    def unseal(self, ciphertext: bytes) -> str:
        """Decrypt; CannotUnseal if no key fits."""
        if self._box is None:
            raise CannotUnseal
        try:
            return self._box.decrypt(ciphertext).decode()
        except InvalidToken as wrong:
            raise CannotUnseal from wrong
