"""Encryption at rest for the few values that must be: typed secrets and renewed login tokens."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.domain.errors import CannotSeal, CannotUnseal

if TYPE_CHECKING:
    from collections.abc import Sequence


class Sealer:
    """Seals with the first key and opens with any, so that keys can be rotated."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._box = MultiFernet([Fernet(key) for key in keys]) if keys else None
        self._keys = tuple(key.encode() for key in keys)

    def mac(self, text: str, *, of: str) -> str:
        """A keyed hash, in hexadecimal, that tells texts apart and no more; CannotSeal without a key."""
        if not self._keys:
            raise CannotSeal
        return _mac(self._keys[0], text, of)

    def fits(self, mac: str, text: str, *, of: str) -> bool:
        """Whether it is this text's hash, by whichever key it was made."""
        return any(hmac.compare_digest(mac, _mac(key, text, of)) for key in self._keys)

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


def _mac(key: bytes, text: str, of: str) -> str:
    return hmac.new(key, f"{of}\n{text}".encode(), hashlib.sha256).hexdigest()
