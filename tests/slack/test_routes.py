"""The table of routes: every id that is built has one, and nobody but members gets past it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.errors import MemberUnknown, NotAMember
from bot.domain.people import Membership, Person
from bot.slack import blocks, errors, home, listings
from bot.slack.cards import buttons
from bot.slack.cards import question as asking
from bot.slack.dispatcher import Access, Call, Route
from bot.slack.forms import (
    approver_views,
    delegation,
    fields,
    launch_options,
    messages,
    pages,
    picker,
    presets,
    question,
    review,
    run_details,
)
from bot.slack.payloads import BlockAction, ViewSubmission

if TYPE_CHECKING:
    from tests.world import World

VIEW = {"id": "V1", "callback_id": "c"}


def test_a_call_that_is_turned_down_at_its_field_reaches_no_handler() -> None:
    async def run() -> None:
        done: list[str] = []

        async def handler(_call: Call, _sent: ViewSubmission, _who: Membership) -> None:
            done.append("handled")

        route = Route(payload=ViewSubmission, handler=handler, errors=lambda _: {"response_action": "errors"})
        call = Call(("view_submission", "c"), {"user": {"id": "U1"}, "view": VIEW})
        await route.handle(call, people=None, pace=None)  # type: ignore[arg-type] # nobody is looked up
        assert call.reply.result() == {"response_action": "errors"}
        assert not done

    asyncio.run(run())


BUILT = {
    blocks.OPEN_LINK, errors.WHY, listings.USE_PRESET, listings.EDIT_PRESET, buttons.APPROVE, buttons.REJECT,
    buttons.REVIEW, buttons.REVIEWED, buttons.WITHDRAW, buttons.CANCEL, buttons.SHOW_VALUES,
    *buttons.SETTLE_STARTED, buttons.SETTLE_AGAIN, buttons.SETTLE_GIVE_UP, approver_views.WITHDRAW_VOTE,
    buttons.RUN_AGAIN, buttons.EDIT_AGAIN, buttons.SHOW_OUTPUTS, buttons.SHOW_LOG, run_details.OUTPUT_PAGE,
    run_details.OUTPUT_PAGE_BACK, run_details.OUTPUT_FILES, run_details.LOG_LEVEL, run_details.LOG_FILE,
    home.RUN, asking.ANSWER, asking.RESUME, question.ANSWER_RUN,
    approver_views.REVIEW_LAUNCH, approver_views.LAUNCH_REVIEWED, approver_views.REJECT_LAUNCH,
    delegation.DELEGATE, fields.VALUE, fields.CHOICE, fields.OBJECT, pages.FILL_FORM, pages.START_FROM,
    pages.BACK, picker.WORKFLOW, picker.CHANNEL, picker.PICK_WORKFLOW, presets.NAME_PRESET,
    launch_options.START_AT, presets.CHANGE_PRESET, presets.DELETE_PRESET, review.SEND_FORM,
    review.CHECK_FORM, review.SAVE_PRESET,
}  # fmt: skip


async def test_every_id_that_is_built_has_a_route_and_no_route_is_left_over(world: World) -> None:
    routed = {
        name for kind, name in world.bot.dispatcher.keys if kind not in {"command", "shortcut", "event"}
    }
    assert routed == BUILT
    assert not {messages.LOADING, messages.CHECKING, messages.MESSAGE} & routed


def bodies(key: tuple[str, str], user: str, team: str) -> dict[str, Any]:
    """The least payload of a kind."""
    kind, name = key
    who = {"user": {"id": user, "team_id": team}, "view": VIEW | {"state": {"values": {}}}}
    match kind:
        case "command":
            return {"command": name, "user_id": user, "team_id": team, "channel_id": "C1"}
        case "action":
            return who | {"actions": [{"action_id": name, "value": "x y"}]}
        case "options":
            return who | {"action_id": name, "block_id": "b"}
        case _:
            return who | {"callback_id": name}


@pytest.mark.parametrize("is_known", [True, False], ids=["no member", "Slack did not say"])
async def test_whoever_is_no_member_reaches_no_handler_of_members(world: World, *, is_known: bool) -> None:
    people, reached = world.bot.people, []
    if not is_known:
        world.slack.faults.limit("*", times=None, retry_after=30)
    strangers = [Person(team_id="TELSEWHERE", user_id="USTRANGER"), Person(team_id="", user_id="UNOBODY")]

    async def handler(*_: object) -> None:
        reached.append("handled")

    route = Route(payload=BlockAction, handler=handler, access=Access.MEMBER)
    for who in strangers:
        call = Call(("action", "a"), bodies(("action", "a"), who.user_id, who.team_id))
        with pytest.raises(NotAMember if is_known else MemberUnknown):
            await route.carry_out(call, people=people)
    assert not reached
