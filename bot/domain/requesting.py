"""What becomes of a person's answers before a launch keeps them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.errors import NotAllowed
from bot.domain.execution import Argument
from bot.domain.values import SealedSecret, SecretRef, SecretText

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.domain.people import Membership
    from bot.domain.policy import Rule
    from bot.domain.workflow import Workflow


def check_secrets(answers: tuple[Argument, ...], rule: Rule) -> None:
    """NotAllowed if an answer is a secret that the rule does not allow."""
    for answer in answers:
        if isinstance(answer.value, SecretRef) and answer.value.name not in rule.secrets_for(answer.name):
            raise NotAllowed("The policy no longer allows that secret here. Nothing was started.")
    if not rule.typed_secrets and any(isinstance(each.value, SecretText | SealedSecret) for each in answers):
        raise NotAllowed("The policy no longer allows typed secrets here. Nothing was started.")


def check_rule(launch: Launch, workflow: Workflow, rule: Rule) -> None:
    """NotAllowed if the rule it falls under now takes no such secret, or names another requester.

    A workflow that was moved falls under a rule that its form never followed.
    """
    check_secrets(launch.arguments, rule)
    filled = rule.requester_input
    if not any(each.name == filled for each in workflow.inputs):
        return
    said = next((each.value for each in launch.arguments if each.name == filled), None)
    if said not in {launch.requester_email or launch.requester.user_id, launch.requester.user_id}:
        raise NotAllowed(
            f"By the rule “{rule.name}” the bot itself says in “{filled}” who asked, which this request does "
            "not hold. Nothing was started. Open the form again."
        )


def part_typed_secrets(answers: tuple[Argument, ...]) -> tuple[dict[str, str], tuple[Argument, ...]]:
    """The typed secrets by slot, and the arguments to keep, which name the slots."""
    texts = {answer.name: answer.value.text for answer in answers if isinstance(answer.value, SecretText)}
    kept = tuple(
        replace(answer, value=SealedSecret(slot=answer.name)) if answer.name in texts else answer
        for answer in answers
    )
    return texts, kept


def signed(
    arguments: tuple[Argument, ...], workflow: Workflow, rule: Rule, who: Membership
) -> tuple[Argument, ...]:
    """The arguments with the requester's e-mail, or Slack id, in the input that the policy keeps for it."""
    declared = [each for each in workflow.inputs if each.name == rule.requester_input]
    others = tuple(each for each in arguments if each.name != rule.requester_input)
    identity = who.email or who.person.user_id
    mine = tuple(Argument(name=each.name, type=each.type, value=identity) for each in declared)
    return others + mine if declared else arguments
