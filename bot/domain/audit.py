"""The audit: an append-only chain of records, each sealed with a hash over itself and the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


START = "0" * 64  # stands before the first record


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

    def computed(self) -> str:
        """The hash this record has to bear."""
        return seal(self.entry, number=self.number, at=self.at, before=self.before)


def seal(entry: AuditEntry, *, number: int, at: datetime, before: str) -> str:
    """SHA-256 over the former hash and every field, as JSON with sorted keys, in hexadecimal."""
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
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


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


def first_flaw(records: Iterable[Record], *, anchor: Anchor | None = None) -> tuple[Flaw | None, Anchor]:
    """Walk the chain in the order of its numbers; the flaw found first, and where the walk ended."""
    last = Anchor(number=0, hash=START)
    for record in records:
        flaw = _flaw(record, last)
        if flaw is None and anchor is not None and record.number == anchor.number:
            flaw = _against(anchor, record)
        if flaw is not None:
            return flaw, last
        last = Anchor(number=record.number, hash=record.hash)
    if anchor is not None and last.number < anchor.number:
        missing = f"the chain ends at {last.number}, but it once reached {anchor.number}: its tail is missing"
        return Flaw(number=last.number + 1, what=missing), last
    return None, last


def _flaw(record: Record, last: Anchor) -> Flaw | None:
    if record.number != last.number + 1:
        return Flaw(number=last.number + 1, what=f"record {last.number + 1} is missing")
    if record.before != last.hash:
        what = f"record {record.number} does not follow from record {last.number}: one of them was replaced"
        return Flaw(number=record.number, what=what)
    if record.computed() != record.hash:
        return Flaw(number=record.number, what=f"record {record.number} was changed")
    return None


def _against(anchor: Anchor, record: Record) -> Flaw | None:
    if record.hash == anchor.hash:
        return None
    what = f"record {record.number} is not the one the anchor names: the chain was written anew"
    return Flaw(number=record.number, what=what)
