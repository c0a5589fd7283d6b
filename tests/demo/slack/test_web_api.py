"""The Web API refuses what the real one refuses, and says it in the same words."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack import PretendSlack
from bot.demo.slack.people import ADA, APPROVERS, GRACE, GUEST, LINUS, OPS, RANDOM, STRANGER, VM_CHANGES
from tests.demo.slack.scripted import Clock, section

Json = dict[str, Any]


async def refusal(call: Any) -> str:  # noqa: ANN401 # any coroutine of the client
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_bot_learns_who_it_is_and_what_it_may_do(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0BOT", "B0ORCHESTR", "T0HARBOUR")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


async def test_tokens_are_checked(slack: PretendSlack, client: AsyncWebClient) -> None:
    assert await refusal(client.auth_test(token="xoxb-somebody-else")) == "invalid_auth"
    assert await refusal(client.auth_test(token=slack.app_token)) == "not_allowed_token_type"
    assert await refusal(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    slack.tokens.is_revoked = True
    assert await refusal(client.auth_test()) == "token_revoked"


async def test_a_call_without_a_token_is_not_authed(slack: PretendSlack) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{slack.api_url}auth.test") as response:
        assert (await response.json())["error"] == "not_authed"


async def test_an_unknown_method_is_told(client: AsyncWebClient) -> None:
    assert await refusal(client.api_call("chat.shout")) == "unknown_method"


async def test_a_missing_scope_names_what_is_needed(slack: PretendSlack, client: AsyncWebClient) -> None:
    slack.scopes.discard("users:read")
    with pytest.raises(SlackApiError) as caught:
        await client.users_info(user=ADA)
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "users:read"
    assert "chat:write" in caught.value.response["provided"]


async def test_the_scope_for_reading_a_channel_depends_on_its_kind(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    slack.scopes.discard("groups:read")
    assert (await client.conversations_info(channel=OPS))["channel"]["is_member"]
    assert await refusal(client.conversations_info(channel=VM_CHANGES)) == "missing_scope"


async def test_an_unknown_argument_is_noted(slack: PretendSlack, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=OPS, text="hello", colour="red")
    assert [v.problems for v in slack.violations] == [("unknown argument: colour",)]


async def test_posting_goes_only_where_the_bot_may_post(slack: PretendSlack, client: AsyncWebClient) -> None:
    assert await refusal(client.chat_postMessage(channel="C0NOWHERE", text="x")) == "channel_not_found"
    assert await refusal(client.chat_postMessage(channel=RANDOM, text="x")) == "not_in_channel"
    slack.scopes.add("chat:write.public")
    assert (await client.chat_postMessage(channel="#random", text="x"))["channel"] == RANDOM
    slack.directory.channel(OPS).is_archived = True
    assert await refusal(client.chat_postMessage(channel=OPS, text="x")) == "is_archived"
    slack.directory.channel(VM_CHANGES).members.discard("U0BOT")
    assert await refusal(client.chat_postMessage(channel=VM_CHANGES, text="x")) == "channel_not_found"


async def test_a_message_to_a_person_lands_in_their_talk_with_the_bot(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    answer = await client.chat_postMessage(channel=GRACE, text="please look")
    assert answer["channel"] == slack.person("grace").dm
    assert [m["text"] for m in slack.messages(slack.person("grace").dm)] == ["please look"]


async def test_texts_that_are_too_long_or_missing_are_refused(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    assert await refusal(client.chat_postMessage(channel=OPS, text="x" * 40_001)) == "msg_too_long"
    assert await refusal(client.api_call("chat.postMessage", json={"channel": OPS})) == "no_text"
    ts = (await client.chat_postMessage(channel=OPS, text="x"))["ts"]
    assert await refusal(client.chat_update(channel=OPS, ts=ts, text="x" * 4001)) == "msg_too_long"
    assert [v.where for v in slack.violations] == ["chat.postMessage", "chat.update"]


async def test_bad_blocks_are_refused_with_a_pointer_and_noted(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=OPS, text="x", blocks=[section("y" * 3001)])
    said = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [f"[ERROR] {said}"]
    assert caught.value.response["errors"] == [said]
    assert len(slack.violations) == 1
    assert slack.messages(OPS) == []


async def test_blocks_that_hold_too_much_text_together_are_refused(client: AsyncWebClient) -> None:
    blocks = [section("y" * 2900) for _ in range(5)]
    assert (
        await refusal(client.chat_postMessage(channel=OPS, text="x", blocks=blocks)) == "msg_blocks_too_long"
    )


async def test_metadata_has_its_form_and_size(client: AsyncWebClient) -> None:
    async def post(metadata: Json) -> str:
        return await refusal(client.chat_postMessage(channel=OPS, text="x", metadata=metadata))

    assert await post({"event_type": "run"}) == "invalid_metadata_format"
    assert await post({"event_type": "run", "event_payload": "no"}) == "invalid_metadata_format"
    assert await post({"event_type": "run", "event_payload": {"a": "x" * 9000}}) == "metadata_too_large"


async def test_an_update_keeps_metadata_and_drops_blocks_that_are_not_given(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    metadata = {"event_type": "run", "event_payload": {"id": "7"}}
    ts = (await client.chat_postMessage(channel=OPS, text="a", blocks=[section("a")], metadata=metadata))[
        "ts"
    ]
    await client.chat_update(channel=OPS, ts=ts, text="b", blocks=[section("b")])
    assert "edited" not in slack.messages(OPS)[0]
    await client.chat_update(channel=OPS, ts=ts, text="c")
    message = slack.messages(OPS)[0]
    assert (message["text"], message.get("blocks"), message["metadata"]) == ("c", None, metadata)
    assert message["edited"]["user"] == "U0BOT"


async def test_only_the_bots_own_messages_can_be_changed(slack: PretendSlack, client: AsyncWebClient) -> None:
    theirs = await slack.person("ada").say("hello", channel="#ops")
    assert await refusal(client.chat_update(channel=OPS, ts=theirs["ts"], text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=OPS, ts=theirs["ts"])) == "cant_delete_message"
    assert await refusal(client.chat_update(channel=OPS, ts="1.000001", text="x")) == "message_not_found"


async def test_a_reply_needs_a_parent_and_counts_for_it(slack: PretendSlack, client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel=OPS, text="parent"))["ts"]
    reply = (await client.chat_postMessage(channel=OPS, text="reply", thread_ts=parent))["ts"]
    assert [m["text"] for m in slack.thread(OPS, parent)] == ["parent", "reply"]
    assert slack.messages(OPS)[0]["reply_count"] == 1
    late = client.chat_postMessage(channel=OPS, text="x", thread_ts="1.000001")
    assert await refusal(late) == "thread_not_found"
    assert slack.violations == []
    await client.chat_postMessage(channel=OPS, text="reply to a reply", thread_ts=reply)
    assert "is a reply; its parent is" in slack.violations[0].problems[0]


async def test_a_deleted_message_with_replies_leaves_a_tombstone(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    parent = (await client.chat_postMessage(channel=OPS, text="parent"))["ts"]
    await client.chat_postMessage(channel=OPS, text="reply", thread_ts=parent)
    await client.chat_delete(channel=OPS, ts=parent)
    assert slack.messages(OPS)[0]["subtype"] == "tombstone"
    assert await refusal(client.chat_delete(channel=OPS, ts=parent)) == "message_not_found"


async def test_an_ephemeral_message_is_seen_by_one_member_only(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    ts = (await client.chat_postEphemeral(channel=OPS, user=ADA, text="psst"))["message_ts"]
    assert [m["text"] for m in slack.person("ada").ephemerals("#ops")] == ["psst"]
    assert slack.person("ben").ephemerals("#ops") == []
    assert slack.messages(OPS) == []
    outside = client.chat_postEphemeral(channel=VM_CHANGES, user=GUEST, text="psst")
    assert await refusal(outside) == "user_not_in_channel"
    assert await refusal(client.chat_update(channel=OPS, ts=ts, text="x")) == "message_not_found"


async def test_history_is_newest_first_and_shows_metadata_only_when_asked(client: AsyncWebClient) -> None:
    metadata = {"event_type": "run", "event_payload": {"id": "7"}}
    first = (await client.chat_postMessage(channel=OPS, text="1", metadata=metadata))["ts"]
    await client.chat_postMessage(channel=OPS, text="reply", thread_ts=first)
    await client.chat_postMessage(channel=OPS, text="2")
    history = await client.conversations_history(channel=OPS)
    assert [m["text"] for m in history["messages"]] == ["2", "1"]
    assert "metadata" not in history["messages"][1]
    told = await client.conversations_history(channel=OPS, include_all_metadata=True, oldest="0", limit=1)
    assert told["has_more"]
    rest = await client.conversations_history(
        channel=OPS, include_all_metadata=True, cursor=told["response_metadata"]["next_cursor"]
    )
    assert rest["messages"][0]["metadata"] == metadata
    replies = await client.conversations_replies(channel=OPS, ts=first)
    assert [m["text"] for m in replies["messages"]] == ["1", "reply"]
    assert await refusal(client.conversations_replies(channel=OPS, ts="1.000001")) == "thread_not_found"
    assert await refusal(client.conversations_history(channel=RANDOM)) == "not_in_channel"


async def test_oldest_and_latest_leave_out_their_own_message_unless_inclusive(client: AsyncWebClient) -> None:
    first = (await client.chat_postMessage(channel=OPS, text="1"))["ts"]
    await client.chat_postMessage(channel=OPS, text="2")

    async def since(**more: bool) -> list[str]:
        history = await client.conversations_history(channel=OPS, oldest=first, **more)  # type: ignore[arg-type]
        return [m["text"] for m in history["messages"]]

    assert await since() == ["2"]
    assert await since(inclusive=True) == ["2", "1"]


async def test_channels_tell_what_they_are_and_who_is_in(slack: PretendSlack, client: AsyncWebClient) -> None:
    desk = (await client.conversations_info(channel="C0DESK", include_num_members=True))["channel"]
    assert (desk["is_ext_shared"], desk["is_private"], desk["num_members"]) == (True, False, 6)
    assert (await client.conversations_info(channel=VM_CHANGES))["channel"]["is_private"]
    page = await client.conversations_members(channel=OPS, limit=2)
    assert len(page["members"]) == 2
    assert page["response_metadata"]["next_cursor"] == "2"
    direct = (await client.conversations_open(users=ADA))["channel"]["id"]
    assert direct == slack.person("ada").dm
    assert (await client.conversations_info(channel=direct))["channel"]["user"] == ADA


async def test_people_carry_their_flags_and_their_email_only_with_its_scope(
    slack: PretendSlack, client: AsyncWebClient
) -> None:
    ada = (await client.users_info(user=ADA))["user"]
    assert ada["profile"]["email"] == "ada@harbour.example"
    assert (await client.users_info(user=GUEST))["user"]["is_restricted"]
    assert (await client.users_info(user=STRANGER))["user"]["is_stranger"]
    assert (await client.users_lookupByEmail(email="Grace@harbour.example"))["user"]["id"] == GRACE
    assert await refusal(client.users_lookupByEmail(email="nobody@harbour.example")) == "users_not_found"
    assert await refusal(client.users_info(user="U0NOBODY")) == "user_not_found"
    slack.directory.change_member("ada", deleted=True)
    slack.scopes.discard("users:read.email")
    ada = (await client.users_info(user=ADA))["user"]
    assert ada["deleted"]
    assert "email" not in ada["profile"]
    assert len((await client.users_list())["members"]) == 6


async def test_user_groups_list_their_active_people(slack: PretendSlack, client: AsyncWebClient) -> None:
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [(g["handle"], g["users"]) for g in groups] == [("approvers", [GRACE, LINUS])]
    slack.directory.change_member("linus", deleted=True)
    assert (await client.usergroups_users_list(usergroup=APPROVERS))["users"] == [GRACE]
    assert await refusal(client.usergroups_users_list(usergroup="S0NONE")) == "no_such_subteam"


async def test_reactions_and_permalinks(slack: PretendSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=OPS, text="x"))["ts"]
    await client.reactions_add(channel=OPS, timestamp=ts, name="eyes")
    assert slack.messages(OPS)[0]["reactions"][0]["name"] == "eyes"
    again = client.reactions_add(channel=OPS, timestamp=ts, name="eyes")
    assert await refusal(again) == "already_reacted"
    link = (await client.chat_getPermalink(channel=OPS, message_ts=ts))["permalink"]
    assert link == f"https://harbour-it.slack.com/archives/{OPS}/p{ts.replace('.', '')}"


async def test_a_file_is_uploaded_shared_and_downloaded(slack: PretendSlack, client: AsyncWebClient) -> None:
    parent = (await client.chat_postMessage(channel=OPS, text="run"))["ts"]
    done = await client.files_upload_v2(
        filename="result.txt", content="all good", channel=OPS, thread_ts=parent, initial_comment="Result"
    )
    shared = slack.thread(OPS, parent)[1]
    assert (shared["text"], shared["files"][0]["preview"]) == ("Result", "all good")
    info = (await client.files_info(file=done["file"]["id"]))["file"]
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession() as session:
        async with session.get(info["url_private_download"], headers=bearer) as response:
            assert await response.read() == b"all good"
        async with session.get(info["url_private_download"]) as response:
            assert "Sign in" in await response.text()


async def test_strict_rate_limits_allow_a_burst_and_then_one_message_a_second(
    slack: PretendSlack, client: AsyncWebClient, clock: Clock
) -> None:
    slack.rates.is_on = True
    for number in range(4):
        await client.chat_postMessage(channel=OPS, text=str(number))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=OPS, text="too fast")
    assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
    assert caught.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel=VM_CHANGES, text="another channel")
    clock.move(1)
    await client.chat_postMessage(channel=OPS, text="in time")


async def test_updates_are_limited_by_the_minute(
    slack: PretendSlack, client: AsyncWebClient, clock: Clock
) -> None:
    slack.rates.is_on = True
    ts = (await client.chat_postMessage(channel=OPS, text="0"))["ts"]
    for number in range(50):
        await client.chat_update(channel=OPS, ts=ts, text=str(number))
    assert await refusal(client.chat_update(channel=OPS, ts=ts, text="x")) == "ratelimited"
    clock.move(2)
    await client.chat_update(channel=OPS, ts=ts, text="y")


async def test_a_manifest_settles_scopes_commands_and_the_home_tab() -> None:
    manifest = {
        "features": {
            "app_home": {"home_tab_enabled": False},
            "slash_commands": [{"command": "/go", "description": "Go", "should_escape": False}],
        },
        "oauth_config": {"scopes": {"bot": ["commands"]}},
    }
    async with PretendSlack(manifest=manifest) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        assert await refusal(client.chat_postMessage(channel=OPS, text="x")) == "missing_scope"
        publishing = client.views_publish(user_id=ADA, view={"type": "home", "blocks": []})
        assert await refusal(publishing) == "not_enabled"
        assert not (await slack.person("ada").slash("/vro", channel="#ops")).ok
