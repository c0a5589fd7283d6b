"""The driver does what a person can do, and nothing else."""

import asyncio
from datetime import UTC, date, datetime, time

import pytest

from bot.demo.slack import CannotDoError, PretendSlack
from bot.demo.slack.driver.reading import buttons_in, words_of
from bot.demo.slack.people import ADA, BEN, OPS, VM_CHANGES
from tests.demo.slack.scripted import (
    SILENCE,
    Json,
    ScriptedBot,
    button,
    input_block,
    modal,
    option,
    plain,
    section,
)

TEXT: Json = {"type": "plain_text_input"}


async def opened(slack: PretendSlack, bot: ScriptedBot, *blocks: Json, notify_on_close: bool = False) -> Json:
    """A modal in front of Ada."""
    await slack.person("ada").slash("/vro", channel="#ops")
    view = modal(*blocks, notify_on_close=notify_on_close)
    trigger = bot.last("/vro")["trigger_id"]
    shown: Json = (await bot.client.views_open(trigger_id=trigger, view=view))["view"]
    return shown


async def posted(bot: ScriptedBot, *elements: Json, text: str = "A card") -> Json:
    blocks = [section(text), {"type": "actions", "elements": list(elements)}]
    answer = await bot.client.chat_postMessage(channel=OPS, text=text, blocks=blocks)
    message: Json = answer["message"]
    return message


async def test_people_are_found_by_id_name_or_first_name(slack: PretendSlack) -> None:
    assert {slack.person(name).id for name in (ADA, "ada", "@ada", "Ada")} == {ADA}
    with pytest.raises(CannotDoError, match="nobody called 'zoe'"):
        slack.person("zoe")


async def test_what_was_not_declared_cannot_be_started(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    assert (await ada.slash("/other", channel="#ops")).error == "/other is not a valid command."
    assert not (await slack.person("noor").slash("/vro", channel="#service-desk")).ok
    with pytest.raises(CannotDoError, match="no global shortcut"):
        await ada.shortcut("about_this")
    with pytest.raises(CannotDoError, match="is not in vm-changes"):
        await slack.person("gil").slash("/vro", channel="#vm-changes")
    assert bot.envelopes == []


async def test_should_escape_turns_names_into_ids(slack: PretendSlack, bot: ScriptedBot) -> None:
    await slack.person("ada").slash("/who", "ask @ben or @nobody in #vm-changes", channel="#ops")
    assert bot.last("/who")["text"] == f"ask <@{BEN}|ben> or @nobody in <#{VM_CHANGES}|vm-changes>"
    await slack.person("ada").slash("/vro", "ask @ben", channel="#ops")
    assert bot.last("/vro")["text"] == "ask @ben"


async def test_should_escape_links_urls_and_escapes_the_rest(slack: PretendSlack, bot: ScriptedBot) -> None:
    typed = "a&b <c> <@U1> https://x.example/?a=1&b=@ben#ops @ben &lt;"
    await slack.person("ada").slash("/who", typed, channel="#ops")
    assert bot.last("/who")["text"] == (
        f"a&amp;b &lt;c&gt; &lt;@U1&gt; <https://x.example/?a=1&amp;b=@ben#ops> <@{BEN}|ben> &amp;lt;"
    )


@pytest.mark.parametrize("typed", ["R&D", "<now> > then", "&lt;", "@ben #vm-changes https://x.example/?a&b"])
async def test_without_should_escape_a_command_arrives_as_typed(
    slack: PretendSlack, bot: ScriptedBot, typed: str
) -> None:
    await slack.person("ada").slash("/vro", typed, channel="#ops")
    assert bot.last("/vro")["text"] == typed


async def test_a_command_shown_to_all_is_kept_escaped_as_messages_are(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    bot.replies["/vro"] = {"text": "on it", "response_type": "in_channel"}
    await slack.person("ada").slash("/vro", "R&D <now>", channel="#ops")
    assert [message["text"] for message in slack.messages("#ops")][-2:] == [
        "/vro R&amp;D &lt;now&gt;",
        "on it",
    ]


async def test_a_command_is_answered_privately_or_for_all(slack: PretendSlack, bot: ScriptedBot) -> None:
    bot.replies["/vro"] = {"text": "for you"}
    await slack.person("ada").slash("/vro", channel="#ops")
    assert [m["text"] for m in slack.person("ada").ephemerals("#ops")] == ["for you"]
    bot.replies["/vro"] = {"text": "for all", "response_type": "in_channel"}
    await slack.person("ada").slash("/vro", "status", channel="#ops")
    assert [m["text"] for m in slack.messages(OPS)] == ["/vro status", "for all"]
    bot.replies["/vro"] = {"text": "x", "blocks": [{"type": "alert"}]}
    answer = await slack.person("ada").slash("/vro", channel="#ops")
    assert answer.error == '/vro failed with the error "invalid_command_response"'
    assert slack.violations[0].where == "ack of /vro"


async def test_a_button_is_pressed_by_its_face(slack: PretendSlack, bot: ScriptedBot) -> None:
    message = await posted(bot, button("Approve", "approve", value="7"), button("Reject", "reject"))
    assert (await slack.person("grace").press("Approve")).ok
    payload = bot.last("block_actions")
    assert payload["actions"][0] | {"action_ts": ""} == {
        "type": "button",
        "action_id": "approve",
        "block_id": message["blocks"][1]["block_id"],
        "text": {"type": "plain_text", "text": "Approve", "emoji": True},
        "value": "7",
        "action_ts": "",
    }
    assert payload["user"] == {"id": "U0GRACE", "username": "grace", "name": "grace", "team_id": "T0HARBOUR"}
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == message["ts"]
    assert payload["state"] == {"values": {}}


async def test_a_button_that_is_not_there_cannot_be_pressed(slack: PretendSlack, bot: ScriptedBot) -> None:
    await posted(bot, button("Approve", "approve"))
    with pytest.raises(CannotDoError, match="no button 'Cancel'; there are 'Approve'"):
        await slack.person("ada").press("Cancel")
    with pytest.raises(CannotDoError, match="sees no message"):
        await slack.person("noor").press("Approve")


async def test_of_several_alike_one_is_named_by_what_stands_beside_it(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    rows = [section(f"run {n}", accessory=button("Details", "details", value=str(n))) for n in (1, 2)]
    await bot.client.chat_postMessage(channel=OPS, text="runs", blocks=rows)
    with pytest.raises(CannotDoError, match="2 of button 'Details'"):
        await slack.person("ada").press("Details")
    await slack.person("ada").press("Details", beside="run 2")
    assert bot.last("block_actions")["actions"][0]["value"] == "2"


async def test_the_newest_message_that_fits_is_meant_or_the_one_that_is_named(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    first = await posted(bot, button("Approve", "approve"), text="first")
    await posted(bot, button("Approve", "approve"), text="second")
    await bot.client.chat_postMessage(channel=OPS, text="no buttons")
    ada = slack.person("ada")
    await ada.press("Approve")
    assert bot.last("block_actions")["message"]["text"] == "second"
    await ada.press("Approve", in_=first)
    assert bot.last("block_actions")["message"]["text"] == "first"
    await ada.press("Approve", in_="#ops")
    assert bot.last("block_actions")["message"]["text"] == "second"


async def test_a_confirm_dialog_can_be_declined(slack: PretendSlack, bot: ScriptedBot) -> None:
    confirm = {
        "title": plain("Cancel?"),
        "text": plain("It stops."),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    await posted(bot, button("Cancel run", "cancel", confirm=confirm))
    declined = await slack.person("ada").press("Cancel run", confirm=False)
    assert (declined.sent, bot.envelopes) == (False, [])
    confirmed = await slack.person("ada").press("Cancel run")
    assert confirmed.sent
    assert confirmed.asked is not None
    assert confirmed.asked["title"]["text"] == "Cancel?"


async def test_a_stale_screen_still_shows_the_old_button(slack: PretendSlack, bot: ScriptedBot) -> None:
    old = await posted(bot, button("Approve", "approve"))
    await bot.client.chat_update(channel=OPS, ts=old["ts"], text="decided", blocks=[section("decided")])
    with pytest.raises(CannotDoError):
        await slack.person("ada").press("Approve", in_=old)
    assert (await slack.person("ada").press("Approve", in_=old, stale=True)).ok
    assert bot.last("block_actions")["actions"][0]["action_id"] == "approve"


async def test_two_can_press_at_once(slack: PretendSlack, bot: ScriptedBot) -> None:
    await posted(bot, button("Approve", "approve"))
    both = await asyncio.gather(
        slack.person("grace").press("Approve"), slack.person("linus").press("Approve")
    )
    assert [outcome.ok for outcome in both] == [True, True]
    assert len({e["payload"]["trigger_id"] for e in bot.envelopes}) == 2


async def test_a_click_that_is_not_acknowledged_fails(slack: PretendSlack, bot: ScriptedBot) -> None:
    await posted(bot, button("Approve", "approve"))
    bot.replies["block_actions"] = SILENCE
    assert (await slack.person("ada").press("Approve")).error == "operation_timeout"


async def test_menus_on_messages_send_what_was_chosen(slack: PretendSlack, bot: ScriptedBot) -> None:
    select = {"type": "static_select", "action_id": "env", "options": [option("Test"), option("Live")]}
    overflow = {"type": "overflow", "action_id": "more", "options": [option("Log"), option("Repeat")]}
    await posted(bot, select, overflow)
    ada = slack.person("ada")
    await ada.pick("env", "Live")
    payload = bot.last("block_actions")
    assert payload["actions"][0]["selected_option"]["value"] == "live"
    (held,) = payload["state"]["values"].values()
    assert held["env"]["selected_option"]["value"] == "live"
    await ada.choose("Repeat")
    assert bot.last("block_actions")["actions"][0]["selected_option"]["value"] == "repeat"
    with pytest.raises(CannotDoError, match="'Never' is not offered; there are 'Log', 'Repeat'"):
        await ada.choose("Never")


async def test_a_message_shortcut_carries_the_message(slack: PretendSlack, bot: ScriptedBot) -> None:
    message = await posted(bot, button("Approve", "approve"))
    assert (await slack.person("ada").message_shortcut("about_this", message)).ok
    payload = bot.last("message_action")
    assert (payload["message"]["ts"], payload["channel"]["id"]) == (message["ts"], OPS)


async def test_every_kind_of_field_is_filled_and_sent_in_its_shape(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    ada = slack.person("ada")
    choices = [option("One"), option("Two"), option("Three")]
    await opened(
        slack,
        bot,
        input_block("Name", TEXT),
        input_block("Count", {"type": "number_input", "is_decimal_allowed": False}),
        input_block("Day", {"type": "datepicker"}),
        input_block("Hour", {"type": "timepicker", "timezone": "Europe/London"}),
        input_block("Moment", {"type": "datetimepicker"}),
        input_block("Radio", {"type": "radio_buttons", "options": choices}),
        input_block("Boxes", {"type": "checkboxes", "options": choices}),
        input_block("Several", {"type": "multi_static_select", "options": choices, "max_selected_items": 2}),
        input_block("Owner", {"type": "users_select"}),
        input_block("Where", {"type": "conversations_select", "default_to_current_conversation": True}),
        input_block("Note", {"type": "rich_text_input"}, optional=True),
        input_block("Log", {"type": "file_input"}),
    )
    assert (await ada.submit()).error_at.keys() == set(ada.labels) - {"Note", "Where"}
    await ada.type("Name", "vm-1")
    await ada.type("Count", 3)
    await ada.type("Day", date(2031, 5, 6))
    await ada.type("Hour", time(9, 30))
    await ada.type("Moment", datetime(2031, 5, 6, tzinfo=UTC))
    await ada.pick("Radio", "Two")
    await ada.pick("Boxes", "One", "Three")
    await ada.pick("Several", "One", "Two")
    await ada.pick("Owner", "Grace")
    await ada.attach("Log", name="run.log", content=b"fine")
    with pytest.raises(CannotDoError, match="no more than 2"):
        await ada.pick("Several", "One", "Two", "Three")
    assert (await ada.submit()).closed
    values = {
        block: held["answer"]
        for block, held in bot.last("view_submission")["view"]["state"]["values"].items()
    }
    assert values["name"] == {"type": "plain_text_input", "value": "vm-1"}
    assert values["count"] == {"type": "number_input", "value": "3"}
    assert values["day"] == {"type": "datepicker", "selected_date": "2031-05-06"}
    assert values["hour"] == {"type": "timepicker", "selected_time": "09:30", "timezone": "Europe/London"}
    assert values["moment"] == {"type": "datetimepicker", "selected_date_time": 1935792000}
    assert values["radio"]["selected_option"]["value"] == "two"
    assert [o["value"] for o in values["boxes"]["selected_options"]] == ["one", "three"]
    assert values["owner"] == {"type": "users_select", "selected_user": "U0GRACE"}
    assert values["where"] == {"type": "conversations_select", "selected_conversation": OPS}
    assert values["note"] == {"type": "rich_text_input", "rich_text_value": None}
    assert values["log"]["files"][0]["name"] == "run.log"


async def test_the_client_refuses_what_the_fields_do_not_allow(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    await opened(
        slack,
        bot,
        input_block("Name", TEXT | {"min_length": 2, "max_length": 4}),
        input_block("Whole", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
        input_block("Share", {"type": "number_input", "is_decimal_allowed": True, "max_value": "1.5"}),
        input_block("Mail", {"type": "email_text_input"}),
        input_block("Link", {"type": "url_text_input"}),
    )
    for label, bad in {"Name": "x", "Whole": "1.5", "Share": "2", "Mail": "me", "Link": "here"}.items():
        await ada.type(label, bad)
    refused = await ada.submit()
    assert (refused.ok, refused.sent) == (False, False)
    assert [*refused.error_at] == ["Name", "Whole", "Share", "Mail", "Link"]
    assert ada.errors == refused.error_at
    await ada.type("Name", "abcde")
    await ada.type("Whole", "0")
    assert {"Name", "Whole"} <= (await ada.submit()).error_at.keys()
    good: dict[str, str | float] = {
        "Name": "abc",
        "Whole": 2,
        "Share": 0.5,
        "Mail": "a@b.example",
        "Link": "https://b.example",
    }
    for label, value in good.items():
        await ada.type(label, value)
    assert (await ada.submit()).closed


async def test_errors_of_the_bot_stand_at_their_fields(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    await opened(slack, bot, input_block("Name", TEXT))
    await ada.type("Name", "taken")
    bot.replies["view_submission"] = {"response_action": "errors", "errors": {"name": "is taken"}}
    refused = await ada.submit()
    assert (refused.errors, refused.error_at, refused.sent) == (
        {"name": "is taken"},
        {"Name": "is taken"},
        True,
    )
    assert ada.errors == {"Name": "is taken"}
    assert ada.value("Name") == "taken"


@pytest.mark.parametrize(
    "reply",
    [
        {"response_action": "errors", "errors": {"unknown": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal", "blocks": []}},
        {"response_action": "dance"},
        {"text": "not for a view"},
    ],
)
async def test_a_bad_answer_to_a_submission_is_trouble_and_noted(
    slack: PretendSlack, bot: ScriptedBot, reply: Json
) -> None:
    await opened(slack, bot, section("confirm"))
    bot.replies["view_submission"] = reply
    outcome = await slack.person("ada").submit()
    assert outcome.error == "We had some trouble connecting. Try again?"
    assert slack.person("ada").view is not None
    assert slack.violations[0].where == "ack of form"


async def test_a_submission_without_acknowledgement_leaves_the_modal_open(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    await opened(slack, bot, section("confirm"))
    bot.replies["view_submission"] = SILENCE
    assert (await slack.person("ada").submit()).error == "We had some trouble connecting. Try again?"
    bot.replies.clear()
    assert (await slack.person("ada").submit()).closed


async def test_a_submission_can_update_push_or_clear(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    await opened(slack, bot, section("page 1"))
    bot.replies["view_submission"] = {"response_action": "update", "view": modal(section("page 2"))}
    assert not (await ada.submit()).closed
    bot.replies["view_submission"] = {"response_action": "push", "view": modal(section("page 3"))}
    await ada.submit()
    assert [words_of(view).splitlines()[1] for view in ada.views] == ["page 2", "page 3"]
    bot.replies["view_submission"] = {}
    assert not (await ada.submit()).closed
    assert "page 2" in ada.reads()
    bot.replies["view_submission"] = {"response_action": "clear"}
    assert (await ada.submit()).closed


async def test_closing_is_told_where_the_view_asks_for_it(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    await opened(slack, bot, section("quiet"))
    await ada.close_view()
    assert "view_closed" not in [delivery.type for delivery in slack.deliveries]
    await opened(slack, bot, section("told"), notify_on_close=True)
    await ada.close_view(everything=True)
    closed = bot.last("view_closed")
    assert (closed["is_cleared"], closed["view"]["callback_id"]) == (True, "form")
    with pytest.raises(CannotDoError, match="no modal open"):
        await ada.submit()


async def test_a_menu_that_asks_the_bot_respects_its_shortest_query(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    ada = slack.person("ada")
    await opened(slack, bot, input_block("Host", {"type": "external_select", "min_query_length": 2}))
    bot.replies["block_suggestion"] = lambda asked: {"options": [option(f"{asked['value']}-01")]}
    assert not (await ada.suggest("Host", "e")).sent
    offered = await ada.suggest("Host", "esx")
    assert offered.texts == ["esx-01"]
    assert bot.last("block_suggestion")["view"]["callback_id"] == "form"
    with pytest.raises(CannotDoError, match="too short"):
        await ada.pick("Host", "e")
    await ada.pick("Host", "esx-01", typed="esx")
    assert (await ada.submit()).closed
    held = bot.last("view_submission")["view"]["state"]["values"]["host"]["answer"]
    assert held["selected_option"]["text"]["text"] == "esx-01"


@pytest.mark.parametrize(
    "reply",
    [
        {"options": [option("x" * 76)]},
        {"options": [option("x", "v" * 151)]},
        {"options": [option(str(n)) for n in range(101)]},
        {"text": "no options"},
        SILENCE,
    ],
)
async def test_bad_options_are_not_shown(slack: PretendSlack, bot: ScriptedBot, reply: Json) -> None:
    await opened(slack, bot, input_block("Host", {"type": "external_select"}))
    bot.replies["block_suggestion"] = reply
    assert not (await slack.person("ada").suggest("Host", "esx")).ok
    assert bool(slack.violations) == (reply is not SILENCE)


async def test_input_blocks_send_actions_only_when_asked_to(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    each = {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}
    menu = {"type": "static_select", "options": [option("One")]}
    await opened(
        slack,
        bot,
        input_block("Quiet", menu),
        input_block("Loud", menu, dispatch_action=True),
        input_block("Each", TEXT | each, dispatch_action=True),
        input_block("Enter", TEXT, dispatch_action=True),
    )
    assert not (await ada.pick("Quiet", "One")).sent
    assert (await ada.pick("Loud", "One")).sent
    assert (await ada.type("Each", "a")).sent
    assert not (await ada.type("Enter", "a")).sent
    assert (await ada.type("Enter", "b", enter=True)).sent
    payload = bot.last("block_actions")
    assert payload["actions"][0]["value"] == "b"
    assert payload["view"]["state"]["values"]["each"]["answer"]["value"] == "a"


async def test_response_urls_come_with_a_submission_that_asks_for_them(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    menu = {"type": "conversations_select", "response_url_enabled": True}
    await opened(slack, bot, input_block("Where", menu))
    await slack.person("ada").pick("Where", "#vm-changes")
    await slack.person("ada").submit()
    urls = bot.last("view_submission")["response_urls"]
    assert [(u["block_id"], u["channel_id"]) for u in urls] == [("where", VM_CHANGES)]


async def test_a_conversations_menu_hides_what_its_filter_leaves_out(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    only = {"include": ["public"], "exclude_external_shared_channels": True}
    await opened(slack, bot, input_block("Where", {"type": "conversations_select", "filter": only}))
    ada = slack.person("ada")
    for hidden in ("#vm-changes", "#service-desk"):
        with pytest.raises(CannotDoError, match="does not show"):
            await ada.pick("Where", hidden)
    await ada.pick("Where", "#random")


async def test_talk_reaches_the_bot_as_the_events_it_asked_for(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    asked = await ada.say("@orchestrator help <me>", channel="#ops")
    mention = bot.last("app_mention")["event"]
    assert (mention["text"], mention["ts"]) == ("<@U0BOT> help &lt;me&gt;", asked["ts"])
    await ada.say("just talking", channel="#ops")
    assert len(bot.envelopes) == 1
    await ada.say("hello bot")
    assert bot.last("message")["event"]["channel_type"] == "im"
    reply = await ada.say("below", thread=asked)
    assert (reply["thread_ts"], len(slack.thread(OPS, asked["ts"]))) == (asked["ts"], 2)
    await ada.invite_bot("#random")
    joined = bot.last("member_joined_channel")["event"]
    assert (joined["user"], joined["inviter"]) == ("U0BOT", ADA)


async def test_what_is_on_a_card_can_be_read(bot: ScriptedBot) -> None:
    message = await posted(bot, button("Approve", "approve", value="secret-id"), text="*Deploy* web-1")
    assert words_of(message) == "*Deploy* web-1\nApprove"
    assert buttons_in(message) == ["Approve"]


async def test_waiting_is_bounded_and_counts_what_is_not_there_yet_as_false(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    with pytest.raises(TimeoutError):
        await slack.until(lambda: slack.messages(OPS)[0], timeout=0.01)
    waiting = asyncio.create_task(slack.until(lambda: slack.messages(OPS)[-1]["text"] == "second"))
    for text in ("first", "second"):
        await bot.client.chat_postMessage(channel=OPS, text=text)
    assert await waiting
