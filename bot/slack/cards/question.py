"""What a waiting run asks, and of whom: on its card and in its thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.slack import blocks
from bot.slack.cards.words import either, quoted
from bot.slack.mrkdwn import inline, moment

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.domain.questions import RunQuestion
    from bot.slack.blocks import Block

ANSWER, RESUME = "answer", "resume"  # action ids


def asked(launch: Launch) -> list[Block]:
    """The question, on a card."""
    question = launch.question
    if launch.state is not State.WAITING or question is None or not (question.name or question.can_resume):
        return []
    return [blocks.section(_words(question))]


def line(launch: Launch) -> str:
    """The same as a line of its thread."""
    question = launch.question
    if question is None or not (question.name or question.can_resume):
        return ":speech_balloon: The run waits for somebody's answer."
    return f"{':x:' if question.can_resume else ':speech_balloon:'} {_words(question)}"


def _words(question: RunQuestion) -> str:
    if question.can_resume:
        cause = f"\n>{quoted(question.cause)}" if question.cause else ""
        return (
            "*Failed, can be resumed.* The failed step would run a second time; what ran before it is not "
            f"undone.{cause}"
        )
    of = f" of {either(map(inline, question.assignees))}" if question.assignees else ""
    until = f", until {moment(question.until)}" if question.until else ""
    return f"*The run asks*{of}{until}: “{inline(question.name, longest=300)}”"


def question_buttons(launch: Launch) -> list[Block]:
    """What can be done about it; who may is asked when it is pressed."""
    if launch.state is not State.WAITING or launch.cancel_asked_by is not None:
        return []
    name = launch.workflow.name
    if launch.question is not None and launch.question.can_resume:
        text = f"The failed step of “{name}” runs a second time, with the inputs it was started with."
        confirm = ("Resume this run?", text, "Resume")
        return [
            blocks.button(
                "Resume", action=RESUME, value=launch.id, style="primary", confirm=confirm, names=name
            )
        ]
    return [blocks.button("Answer", action=ANSWER, value=launch.id, style="primary", names=name)]
