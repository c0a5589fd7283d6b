"""A step with a launch's secrets taken out of all that came from Orchestrator, or names what policy hides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.launch import Launch, Outcome
    from bot.domain.masking import Masker
    from bot.domain.steps.step import NewEvent, Step


def masked(step: Step, masker: Masker) -> Step:
    """The step as it may be stored and told. What a person wrote stays as they wrote it."""
    return replace(
        step, launch=_launch(step.launch, masker), told=tuple(_told(each, masker) for each in step.told)
    )


def _launch(launch: Launch, masker: Masker) -> Launch:
    """Ids and whatever the bot goes by stay as they are: a mask in them would lead it astray.

    What it waits for is masked where it is said (`admitting`): it is compared with before it is told again.
    """
    search = launch.search and replace(launch.search, cause=masker.text(launch.search.cause))
    outcome = launch.outcome and _outcome(launch.outcome, masker)
    asked = launch.question
    question = asked and replace(asked, name=masker.text(asked.name), cause=masker.text(asked.cause))
    return replace(launch, search=search, outcome=outcome, question=question)


def _outcome(outcome: Outcome, masker: Masker) -> Outcome:
    return replace(
        outcome,
        detail=masker.text(outcome.detail),
        outputs=masker.arguments(outcome.outputs),
        business_state=masker.text(outcome.business_state),
        unread=masker.text(outcome.unread),
    )


def _told(event: NewEvent, masker: Masker) -> NewEvent:
    if event.by is not None:
        return event
    why = {"why": masker.text(str(event.detail["why"]))} if "why" in event.detail else {}
    return replace(event, note=masker.text(event.note), detail={**event.detail, **why})
