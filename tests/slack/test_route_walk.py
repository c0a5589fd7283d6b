"""The table of routes, walked by people who are no members: nothing moves, and nothing is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.slack.people import BOT_USER, GUEST, OTHER_TEAM, STRANGER, TEAM
from bot.domain.people import Person
from bot.slack.blocks import OPEN_LINK
from bot.slack.forms import fields, pages, picker, question
from tests.dumping import rows

if TYPE_CHECKING:
    from bot.domain.launch import Launch
    from bot.slack.dispatcher import Body, Key
    from tests.world import World

OPEN_TO_ALL = {  # acknowledged alone, or answered with nothing to choose from
    ("action", OPEN_LINK), ("action", picker.CHANNEL), ("options", picker.WORKFLOW),
    ("options", fields.CHOICE), ("options", fields.OBJECT), ("view_closed", pages.FILL_FORM),
    ("event", "app_home_opened"),
}  # fmt: skip
VALUES = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
FILLED = {
    "reason": {"reason": {"value": "No."}},
    "comment": {"comment": {"value": "Fine."}},
    "decision": {"decision": {"selected_option": {"value": "approve"}}},
    picker.WORKFLOW: {picker.WORKFLOW: {"selected_option": {"value": "0" * 36}}},
}
NOTED = {"audit", "audit_head", "inbox", "payloads_seen"}  # that somebody was refused, and that they clicked


PICKED = {picker.WORKFLOW, picker.PICK_WORKFLOW}  # where the metadata is the channel
HOME, ELSEWHERE = TEAM, OTHER_TEAM
WALKERS = {
    "guest": (GUEST, HOME),
    "stranger": (STRANGER, ELSEWHERE),
    "the bot itself": (BOT_USER, HOME),
    "somebody Slack does not know": ("U0NEVERSEEN", HOME),
    "nobody": ("", ""),
}


def metadata_of(name: str, launch: Launch) -> str:
    """What the window of that id carries."""
    if name in PICKED:
        return launch.place.channel_id
    return json.dumps([launch.id, "key", []]) if name == question.ANSWER_RUN else launch.id


def payload(key: Key, *, user: str, team: str, launch: Launch) -> Body:
    """What Slack would send for a key, about a launch of somebody else's."""
    kind, name = key
    text = {"type": "plain_text", "text": "x"}
    view = {
        "id": "V0WALK",
        "callback_id": name if kind.startswith("view") else "c",
        "private_metadata": metadata_of(name, launch),
        "state": {"values": FILLED},
    }
    who: dict[str, Any] = {
        "user": {"id": user, "team_id": team},
        "team": {"id": team},
        "trigger_id": "1.2.3",
        "channel": {"id": launch.place.channel_id},
    }
    match kind:
        case "command":
            return {
                "command": name, "text": f"cancel {launch.id}", "user_id": user, "team_id": team,
                "channel_id": launch.place.channel_id, "trigger_id": "1.2.3",
            }  # fmt: skip
        case "action":
            action = {"action_id": name, "block_id": "b", "value": launch.id, "action_ts": "1.2",
                      "selected_option": {"value": launch.workflow.id, "text": text}}  # fmt: skip
            seen = {"view": view} if name == picker.WORKFLOW else {}
            return who | seen | {"type": "block_actions", "actions": [action]}
        case "options":
            return who | {
                "type": "block_suggestion",
                "action_id": name,
                "block_id": "b",
                "value": "web",
                "view": view,
            }
        case "event":
            opened = {"type": name, "user": user, "channel": "D0WALK", "tab": "home"}
            return {"type": "event_callback", "team_id": team, "event": opened}
        case "shortcut":
            message = {"ts": "1.2", "text": "x", "user": user}
            return who | {"type": "shortcut", "callback_id": name, "message": message, "message_ts": "1.2"}
        case _:
            return who | {"type": kind, "view": view}


async def walked(world: World, user: str, team: str, launch: Launch) -> None:
    """Every key of the table, once."""
    for key in sorted(world.bot.dispatcher.keys):
        answer = await world.bot.dispatcher.answer(payload(key, user=user, team=team, launch=launch))
        assert answer is not None, key
        await world.bot.dispatcher.drain(seconds=10)
        await world.bot.inbox.tick()


async def asked_for(world: World) -> Launch:
    """A launch of Ada's that waits for approval."""
    await world.launch(world.person("ada"), "delete virtual", VALUES)
    (listed,) = (
        await world.bot.store.launches.find(
            person=Person(team_id=HOME, user_id=world.person("ada").id),
            channel="C0OPS",
            only_open=True,
            limit=5,
        )
    ).launches
    return listed.launch


@pytest.mark.parametrize("walker", WALKERS)
async def test_whoever_is_no_member_moves_and_sees_nothing_by_any_route(
    world: World, walker: str, caplog: pytest.LogCaptureFixture
) -> None:
    launch = await asked_for(world)
    user, team = WALKERS[walker]
    database = world.settings.database_url.get_secret_value()
    words = (*VALUES.values(), launch.id, launch.workflow.name)
    before, shown = await rows(database), {word: world.slack.where(word) for word in words}
    await walked(world, user, team, launch)
    after = await rows(database)
    assert {table for table in after if after[table] != before[table]} <= NOTED
    assert {word: world.slack.where(word) for word in words} == shown
    assert not world.orchestrator.starts
    assert "failed, reference" not in caplog.text, "a handler was reached"
    assert len(await refusals(world)) >= len(world.bot.dispatcher.keys) - len(OPEN_TO_ALL)


async def refusals(world: World) -> list[str]:
    """The wish of each refusal that the audit holds."""
    return [
        each.entry.detail["wish"]
        for each in await world.bot.store.audit.page()
        if each.entry.what == "refused"
    ]


async def test_the_same_walk_by_an_approver_moves_what_it_is_about(world: World) -> None:
    launch = await asked_for(world)
    await walked(world, world.person("grace").id, HOME, launch)
    assert await world.the_launch(launch.id) != launch, "else the walk above proves nothing"
