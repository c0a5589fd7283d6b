"""One-time codes of approvers on the command line: enrol somebody, take a secret away, list who has one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from bot.domain.errors import BotError
from bot.service.step_up import StepUp, enrolment_uri
from bot.settings import read_settings
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings


class NoPersonNamed(BotError):
    """Say whose codes: the Slack id of a person, such as U0123ABCD."""


class NotThere(BotError):
    """This person has no secret. `python -m bot codes list` names who has."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and for whom."""
    parser.add_argument("action", choices=("enrol", "remove", "list"))
    parser.add_argument("user", nargs="?", default="", metavar="U…", help="the Slack id of an approver")
    parser.add_argument("--name", default="", help="what the authenticator calls it; default: the Slack id")


async def run(asked: argparse.Namespace) -> int:
    """Enrol, remove or list, as asked."""
    return await change(
        read_settings(file=asked.settings), action=asked.action, user=asked.user, name=asked.name
    )


async def change(
    settings: Settings, *, action: str, user: str = "", name: str = "", out: TextIO = sys.stdout
) -> int:
    """Do it beside a running bot; a new secret is said once, here alone."""
    async with store_beside(settings) as store:
        step_up = StepUp(store=store)
        if action == "list":
            found = await step_up.enrolled()
            out.writelines(f"{each.user_id}  since {each.enrolled_at:%Y-%m-%d %H:%M} UTC\n" for each in found)
            out.write(f"Enrolled: {len(found)}.\n")
            return 0
        if not user:
            raise NoPersonNamed
        if action == "remove":
            if not await step_up.remove(user):
                raise NotThere
            out.write(f"{user} has no codes any more, and can approve nothing that asks for one.\n")
            return 0
        secret = await step_up.enrol(user)
    uri = enrolment_uri(secret, account=name or user, issuer="Orchestrator approvals")
    out.write(f"Hand this to {user} in person; it is not shown again, and ends a former one:\n{uri}\n")
    return 0
