"""The message that a launch is about: where it stands, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 1_400  # characters of its text that can fill an input; escaped twice as long, it fits a view


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The thread of a message, where what becomes of the launch is told as well."""

    channel: str
    ts: str  # of the message that heads the thread

    def __str__(self) -> str:
        return f"{self.channel}:{self.ts}"

    @classmethod
    def read(cls, text: str) -> Thread | None:
        """Read `C123:171.5`; None for anything else."""
        channel, colon, ts = text.partition(":")
        return cls(channel=channel, ts=ts) if colon and channel and ts else None
