"""What is delivered to the bot, and the acknowledgement that comes back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from bot.demo.slack.wire import Json

Kind = Literal["slash_commands", "interactive", "events_api"]
TIMED_OUT, DISPATCH_FAILED = "operation_timeout", "dispatch_failed"
_ANSWERED_IN_ACK = frozenset({"view_submission", "block_suggestion"})


@dataclass(frozen=True, kw_only=True)
class Ack:
    """How the bot acknowledged: `error` is None when it did, `body` is what it said with it."""

    error: str | None = None
    body: Json = field(default_factory=dict)
    status: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the bot acknowledged in time."""
        return self.error is None


@dataclass(frozen=True, kw_only=True)
class Retry:
    """That something is delivered again, and why."""

    number: int
    reason: str


@dataclass(kw_only=True)
class Delivery:
    """One payload that went to the bot, with every acknowledgement it got, replays included.

    `seconds` is how long each acknowledgement took, in real time.
    """

    kind: Kind
    payload: Json
    at: datetime
    acks: list[Ack] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def type(self) -> str:
        """What it is: a command's name, an event's type, or an interaction's type."""
        match self.kind:
            case "slash_commands":
                return str(self.payload["command"])
            case "events_api":
                return str(self.payload["event"]["type"])
            case "interactive":
                return str(self.payload["type"])

    @property
    def takes_body(self) -> bool:
        """Whether the acknowledgement may carry an answer."""
        return self.kind == "slash_commands" or self.payload.get("type") in _ANSWERED_IN_ACK


class Courier(Protocol):
    """A way to the bot."""

    async def carry(self, delivery: Delivery, *, retry: Retry | None = None) -> Ack:
        """Deliver, and wait for the acknowledgement no longer than Slack does."""
