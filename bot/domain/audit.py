"""The audit: an append-only chain of records, each sealed with a hash over itself and the one before.

The hash is an HMAC whose key the database does not hold, so that whoever can write to the database cannot
write the chain anew. Records from before there was a key bear a plain SHA-256, and stay verifiable: the first
keyed record seals all that stands before it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime


START = "0" * 64  # stands before the first record
KEY_IN_FORCE = "audit key in force"  # what the record says that seals those before it
_NONE: Mapping[int, str] = {}


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """What is to be recorded: who did what, to which launch, with what detail."""

    what: str
    launch_id: str = ""
    team_id: str = ""  # empty team and user: the bot itself
    user_id: str = ""
    email: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)  # JSON


@dataclass(frozen=True, kw_only=True)
class Record:
    """An entry in its place in the chain; `hash` is what the store holds for it."""

    number: int  # from 1, without gaps
    at: datetime
    entry: AuditEntry
    before: str  # the former record's hash
    hash: str

    def sealed_by(self, keys: Sequence[bytes]) -> Seal:
        """How its hash was made, as far as these keys tell."""
        made = (self._seal(key) for key in keys)
        if any(hmac.compare_digest(each, self.hash) for each in made):
            return Seal.KEYED
        return Seal.PLAIN if self._seal(None) == self.hash else Seal.BROKEN

    def _seal(self, key: bytes | None) -> str:
        return seal(self.entry, number=self.number, at=self.at, before=self.before, key=key)


class Seal(Enum):
    """How a record's hash was made."""

    KEYED = "keyed"
    PLAIN = "plain"  # by anybody: there was no key, or whoever wrote it had none
    ERASED = "erased"  # over what is no longer there, as a record further on says
    BROKEN = "broken"  # of another record, or with a key that is not known


def seal(entry: AuditEntry, *, number: int, at: datetime, before: str, key: bytes | None) -> str:
    """HMAC-SHA-256, or SHA-256 without a key, over the former hash and every field, in hexadecimal.

    The fields are JSON with sorted keys.
    """
    said = {
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "what": entry.what,
        "launch": entry.launch_id,
        "team": entry.team_id,
        "user": entry.user_id,
        "email": entry.email,
        "detail": dict(entry.detail),
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    covered = f"{before}\n{text}".encode()
    return hmac.new(key, covered, hashlib.sha256).hexdigest() if key else hashlib.sha256(covered).hexdigest()


def mac_of(value: str, *, name: str, key: bytes) -> str:
    """A keyed hash of an argument: the same for the same value of the same input, and nobody can guess it."""
    return hmac.new(key, f"argument\n{name}\n{value}".encode(), hashlib.sha256).hexdigest()


def as_row(record: Record) -> dict[str, Any]:
    """A record as plain data."""
    entry = record.entry
    return {
        "number": record.number,
        "at": record.at.isoformat(),
        "what": entry.what,
        "launch": entry.launch_id,
        "team": entry.team_id,
        "user": entry.user_id,
        "email": entry.email,
        "detail": dict(entry.detail),
        "before": record.before,
        "hash": record.hash,
    }


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A place in the chain noted elsewhere: up to here nothing may be missing."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> Anchor:
        """Read `number:hash`; ValueError for anything else."""
        number, colon, digest = text.strip().partition(":")
        if not colon or not number.isdecimal() or len(digest) != len(START):
            raise ValueError("An anchor looks like 17:3f9a… with 64 hexadecimal digits.")
        return cls(number=int(number), hash=digest)


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """The first place at which the chain is broken."""

    number: int
    what: str


def first_flaw(
    records: Iterable[Record],
    *,
    keys: Sequence[bytes] = (),
    anchors: Mapping[int, str] = _NONE,
    start: Anchor | None = None,
    erased: Collection[int] = (),
) -> tuple[Flaw | None, Anchor]:
    """Walk the chain in the order of its numbers; the flaw found first, and where the walk ended.

    With keys, what follows a keyed record has to be keyed too, and so has the end: a chain that somebody
    without a key wrote anew is plain throughout. `start` is what the first record follows, where the audit
    was cut (`bot.domain.audit_cut`); of `erased` only the hashes are proved (`bot.domain.audit_erasure`).
    """
    last, plain_from = start or Anchor(number=0, hash=START), 0
    latest = max(anchors, default=0)
    if 0 < latest < last.number:
        what = f"the anchor names record {latest}, but all up to {last.number} were cut: take a later one"
        return Flaw(number=latest, what=what), last
    is_keyed = False
    for record in records:
        seal_found = Seal.ERASED if record.number in erased else record.sealed_by(keys)
        flaw = _flaw(record, last, seal_found, is_keyed=is_keyed, keys=keys) or _against(anchors, record)
        if flaw is not None:
            return flaw, last
        is_keyed = is_keyed or seal_found is Seal.KEYED
        plain_from = plain_from or record.number
        last = Anchor(number=record.number, hash=record.hash)
    if keys and last.number and not is_keyed:
        what = "no record is sealed with an audit key: there was none so far, or the chain was written anew"
        return Flaw(number=plain_from, what=what), last
    reached = max(anchors, default=0)
    if last.number < reached:
        missing = f"the chain ends at {last.number}, but it once reached {reached}: its tail is missing"
        return Flaw(number=last.number + 1, what=missing), last
    return None, last


def _flaw(record: Record, last: Anchor, found: Seal, *, is_keyed: bool, keys: Sequence[bytes]) -> Flaw | None:
    if record.number != last.number + 1:
        return Flaw(number=last.number + 1, what=f"record {last.number + 1} is missing")
    if record.before != last.hash:
        what = f"record {record.number} does not follow from record {last.number}: one of them was replaced"
        return Flaw(number=record.number, what=what)
    if found is Seal.BROKEN:
        doubt = "" if keys else ", or is sealed with a key: AUDIT_KEYS are not set here"
        return Flaw(number=record.number, what=f"record {record.number} was changed{doubt}")
    if found is Seal.PLAIN and is_keyed:
        what = f"record {record.number} is not sealed with an audit key, though those before it are"
        return Flaw(number=record.number, what=what)
    return None


def _against(anchors: Mapping[int, str], record: Record) -> Flaw | None:
    if anchors.get(record.number, record.hash) == record.hash:
        return None
    what = f"record {record.number} is not the one the anchor names: the chain was written anew"
    return Flaw(number=record.number, what=what)
