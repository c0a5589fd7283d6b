"""Words that cards, threads and lists share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.slack.mrkdwn import cut_with_size, duration, escape

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.slack.blocks import Block

_LINE = 600  # characters of a reason or cause within a line


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message: blocks to look at, and text that alone makes sense."""

    text: str
    blocks: list[Block]


def status_words(state: State) -> str:
    """A state as people read it."""
    match state:
        case State.AWAITING_APPROVAL:
            return ":raised_hand: Waiting for approval"
        case State.APPROVED:
            return ":hourglass_flowing_sand: About to start"
        case State.STARTING:
            return ":hourglass_flowing_sand: Starting"
        case State.UNCERTAIN:
            return ":grey_question: Not known whether it started"
        case State.RUNNING:
            return ":arrow_forward: Running"
        case State.WAITING:
            return ":speech_balloon: Waiting for an answer in Orchestrator"
        case State.SUCCEEDED:
            return ":white_check_mark: Succeeded"
        case State.FAILED:
            return ":x: Failed"
        case State.CANCELLED:
            return ":octagonal_sign: Cancelled"
        case State.LOST:
            return ":grey_question: Outcome not known"
        case State.REJECTED:
            return ":no_entry: Rejected"
        case State.EXPIRED:
            return ":hourglass: Expired"
        case State.WITHDRAWN:
            return ":leftwards_arrow_with_hook: Withdrawn"


def short_id(launch: Launch) -> str:
    """Enough of the id to name a launch in a command."""
    return launch.id[:8]


def how_long(launch: Launch) -> str:
    """How long the run took, where it is over and known."""
    return f" after {duration(launch.took)}" if launch.state.is_end and launch.took is not None else ""


def short(text: str) -> str:
    """A reason or cause on one line of plain text."""
    return " ".join(cut_with_size(text, _LINE).split())


def quoted(text: str) -> str:
    """A text of several lines within a quotation of mrkdwn."""
    return escape(cut_with_size(text, 1000)).replace("\n", "\n>")
