"""Modals and Home tabs through the Web API: triggers, stacks, hashes."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.demo.slack import PretendSlack
from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.people import ADA
from tests.demo.slack.scripted import (
    Clock,
    Json,
    ScriptedBot,
    button,
    home,
    input_block,
    modal,
    option,
    plain,
    section,
)


async def refusal(call: Any) -> str:  # noqa: ANN401 # any coroutine of the client
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def a_trigger(slack: PretendSlack, bot: ScriptedBot) -> str:
    await slack.person("ada").slash("/vro", channel="#ops")
    return str(bot.last("/vro")["trigger_id"])


async def a_trigger_from_the_modal(slack: PretendSlack, bot: ScriptedBot) -> str:
    await slack.person("ada").press("More")
    return str(bot.last("block_actions")["trigger_id"])


MORE: Json = {"type": "actions", "elements": [button("More", "more")]}


async def test_a_trigger_opens_one_modal_and_only_once(slack: PretendSlack, bot: ScriptedBot) -> None:
    trigger = await a_trigger(slack, bot)
    answer = await bot.client.views_open(trigger_id=trigger, view=modal())
    shown = slack.person("ada").view
    assert shown is not None
    assert (shown["id"], shown["hash"]) == (answer["view"]["id"], answer["view"]["hash"])
    assert shown["root_view_id"] == shown["id"]
    assert await refusal(bot.client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"


async def test_a_trigger_lives_three_seconds(slack: PretendSlack, bot: ScriptedBot, clock: Clock) -> None:
    trigger = await a_trigger(slack, bot)
    clock.move(3.1)
    assert await refusal(bot.client.views_open(trigger_id=trigger, view=modal())) == "expired_trigger_id"
    assert await refusal(bot.client.views_open(trigger_id="made up", view=modal())) == "invalid_trigger_id"
    assert await refusal(bot.client.views_open(trigger_id="1.2.abc", view=modal())) == "invalid_trigger_id"


async def test_a_bad_view_is_refused_and_leaves_the_trigger_unspent(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    trigger = await a_trigger(slack, bot)
    with pytest.raises(SlackApiError) as caught:
        await bot.client.views_open(trigger_id=trigger, view=modal() | {"title": plain("t" * 25)})
    assert caught.value.response["error"] == "invalid_arguments"
    assert "[json-pointer:/view/title/text]" in caught.value.response["response_metadata"]["messages"][0]
    assert slack.violations[0].where == "views.open"
    await bot.client.views_open(trigger_id=trigger, view=modal())


async def test_a_view_of_more_than_250_kb_is_too_large(slack: PretendSlack, bot: ScriptedBot) -> None:
    trigger = await a_trigger(slack, bot)
    blocks = [section("x" * 3000) for _ in range(90)]
    assert await refusal(bot.client.views_open(trigger_id=trigger, view=modal(*blocks))) == "view_too_large"


async def test_modals_stack_three_high(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=modal(MORE))
    for _ in range(2):
        await bot.client.views_push(trigger_id=await a_trigger_from_the_modal(slack, bot), view=modal(MORE))
    assert [v["previous_view_id"] for v in ada.views[1:]] == [v["id"] for v in ada.views[:2]]
    trigger = await a_trigger_from_the_modal(slack, bot)
    assert await refusal(bot.client.views_push(trigger_id=trigger, view=modal())) == "push_limit_reached"
    assert await refusal(bot.client.views_open(trigger_id=trigger, view=modal())) == "push_limit_reached"
    await ada.close_view()
    assert len(ada.views) == 2


async def test_a_trigger_from_a_channel_replaces_what_is_open(slack: PretendSlack, bot: ScriptedBot) -> None:
    for name in ("first", "second"):
        view = modal(callback_id=name)
        await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=view)
    assert [v["callback_id"] for v in slack.person("ada").views] == ["second"]


async def test_pushing_needs_an_open_modal(slack: PretendSlack, bot: ScriptedBot) -> None:
    trigger = await a_trigger(slack, bot)
    assert await refusal(bot.client.views_push(trigger_id=trigger, view=modal())) == "not_found"


async def test_an_update_with_an_old_hash_conflicts(slack: PretendSlack, bot: ScriptedBot) -> None:
    opened = (await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=modal()))["view"]
    first = await bot.client.views_update(
        view_id=opened["id"], hash=opened["hash"], view=modal(section("loaded"))
    )
    assert first["view"]["hash"] != opened["hash"]
    late = bot.client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())
    assert await refusal(late) == "hash_conflict"
    await bot.client.views_update(view_id=opened["id"], view=modal(section("without a hash")))
    assert slack.person("ada").reads() == "A form\nwithout a hash\nSend\nCancel"


async def test_a_closed_view_is_not_found(slack: PretendSlack, bot: ScriptedBot) -> None:
    opened = (await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=modal()))["view"]
    await slack.person("ada").close_view()
    assert await refusal(bot.client.views_update(view_id=opened["id"], view=modal())) == "not_found"


async def test_an_external_id_is_unique_and_finds_its_view(slack: PretendSlack, bot: ScriptedBot) -> None:
    view = modal(MORE, external_id="draft-7")
    await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=view)
    await bot.client.views_update(external_id="draft-7", view=modal(section("found"), external_id="draft-7"))
    assert "found" in slack.person("ada").reads()
    await slack.person("ben").slash("/vro", channel="#ops")
    trigger = bot.last("/vro")["trigger_id"]
    again = bot.client.views_open(trigger_id=trigger, view=view)
    assert await refusal(again) == "duplicate_external_id"


async def test_the_home_tab_is_published_by_person(slack: PretendSlack, bot: ScriptedBot) -> None:
    first = (await bot.client.views_publish(user_id=ADA, view=home(section("one"))))["view"]
    ada = slack.person("ada")
    assert ada.reads("home") == "one"
    assert slack.person("ben").home is None
    await bot.client.views_publish(user_id=ADA, view=home(section("two")), hash=first["hash"])
    late = bot.client.views_publish(user_id=ADA, view=home(section("three")), hash=first["hash"])
    assert await refusal(late) == "hash_conflict"
    assert ada.reads("home") == "two"
    nobody = bot.client.views_publish(user_id="U0NOBODY", view=home())
    assert await refusal(nobody) == "user_not_found"


async def test_opening_the_home_tab_tells_the_bot_with_the_view_that_is_there(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    ada = slack.person("ada")
    assert await ada.open_home() is None
    event = bot.last("app_home_opened")
    assert (event["event"]["user"], event["event"]["tab"]) == (ADA, "home")
    assert "view" not in event["event"]
    await bot.client.views_publish(user_id=ADA, view=home(section("one")))
    await ada.open_home()
    assert bot.last("app_home_opened")["event"]["view"]["type"] == "home"


async def test_a_home_button_carries_the_home_view(slack: PretendSlack, bot: ScriptedBot) -> None:
    await bot.client.views_publish(
        user_id=ADA, view=home(section("runs", accessory=button("Again", "again")))
    )
    await slack.person("ada").press("Again", in_="home")
    payload = bot.last("block_actions")
    assert (payload["view"]["type"], payload["container"]["type"]) == ("home", "view")
    assert "response_url" not in payload


async def test_typed_values_survive_an_update_while_their_field_stays(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    ada = slack.person("ada")
    text: Json = {"type": "plain_text_input", "initial_value": "from the start"}
    opened = modal(input_block("Name", text), input_block("Other", text))
    view_id = (await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=opened))["view"]["id"]
    await ada.type("Name", "mine")
    later = text | {"initial_value": "from later on"}
    await bot.client.views_update(
        view_id=view_id, view=modal(*(input_block(n, later) for n in ("Name", "Other")))
    )
    assert (ada.value("Name"), ada.value("Other")) == ("mine", "from the start")
    changed = input_block("Other", later) | {"block_id": "another_id"}
    await bot.client.views_update(view_id=view_id, view=modal(input_block("Name", text), changed))
    assert (ada.value("Name"), ada.value("Other")) == ("mine", "from later on")
    number = {"type": "number_input", "is_decimal_allowed": False}
    await bot.client.views_update(view_id=view_id, view=modal(input_block("Name", number)))
    assert ada.value("Name") is None
    await bot.client.views_update(view_id=view_id, view=modal(input_block("Name", text)))
    assert ada.value("Name") == "from the start"


async def test_a_chosen_option_goes_when_it_is_offered_no_more(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")

    def cluster(*names: str) -> Json:
        return modal(input_block("Cluster", {"type": "static_select", "options": [option(n) for n in names]}))

    trigger = await a_trigger(slack, bot)
    view_id = (await bot.client.views_open(trigger_id=trigger, view=cluster("A", "B")))["view"]["id"]
    await ada.pick("Cluster", "B")
    await bot.client.views_update(view_id=view_id, view=cluster("B", "C"))
    held = ada.value("Cluster")
    assert isinstance(held, dict)
    assert held["value"] == "b"
    await bot.client.views_update(view_id=view_id, view=cluster("C", "D"))
    assert ada.value("Cluster") is None


async def test_a_file_put_into_a_modal_is_sent_with_it_and_read_with_the_bots_token(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    ada = slack.person("ada")
    pem = input_block("Certificate", {"type": "file_input", "filetypes": ["pem"], "max_files": 1})
    await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=modal(pem))
    with pytest.raises(CannotDoError, match="only pem"):
        await ada.attach("Certificate", name="site.exe", content=b"")
    with pytest.raises(CannotDoError, match="larger than 10 MB"):
        await ada.attach("Certificate", name="site.pem", content=b"x" * (10 * 1024**2 + 1))
    await ada.attach("Certificate", name="site.pem", content=b"-----BEGIN")
    assert (await ada.submit()).ok
    (file,) = bot.last("view_submission")["view"]["state"]["values"]["certificate"]["answer"]["files"]
    assert (file["name"], file["size"], file["filetype"]) == ("site.pem", 10, "pem")
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.request("GET", file["url_private_download"], headers=bearer) as response:
        assert await response.read() == b"-----BEGIN"


async def test_more_files_than_asked_for_are_refused_at_the_field(
    slack: PretendSlack, bot: ScriptedBot
) -> None:
    ada = slack.person("ada")
    one = input_block("Report", {"type": "file_input", "max_files": 1})
    await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=modal(one))
    for name in ("a.txt", "b.txt"):
        await ada.attach("Report", name=name, content=b"x")
    assert (await ada.submit()).error_at == {"Report": "Please choose no more than 1."}


async def test_a_file_is_not_read_without_the_scope_for_it() -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["commands", "files:write"]}}}
    async with PretendSlack(manifest=manifest) as slack:
        file = slack.person("ada").talk.upload(slack.person("ada").member, name="a.txt", content=b"hush")
        bearer = {"Authorization": f"Bearer {slack.bot_token}"}
        async with aiohttp.request("GET", file["url_private_download"], headers=bearer) as response:
            assert b"hush" not in await response.read()


async def test_a_form_of_pages_goes_on_and_back_in_one_modal(slack: PretendSlack, bot: ScriptedBot) -> None:
    ada = slack.person("ada")
    text = {"type": "plain_text_input"}
    first = modal(input_block("Name", text), title=plain("Page 1 of 2"), submit=plain("Next"))
    back = {"type": "actions", "block_id": "turn", "elements": [button("Back", "back")]}
    second = modal(input_block("Size", text), back, title=plain("Page 2 of 2"), submit=plain("Run"))
    bot.replies["view_submission"] = {"response_action": "update", "view": second}
    await bot.client.views_open(trigger_id=await a_trigger(slack, bot), view=first)
    await ada.type("Name", "web-01")
    assert (await ada.submit()).ok
    assert (ada.labels, len(ada.views)) == (["Size"], 1)
    await ada.type("Size", "20")
    await ada.press("Back")
    turned = bot.last("block_actions")["view"]
    assert turned["state"]["values"]["size"]["answer"]["value"] == "20"
    conflict = bot.client.views_update(view_id=turned["id"], hash="0.0", view=first)
    assert await refusal(conflict) == "hash_conflict"
    await bot.client.views_update(view_id=turned["id"], hash=turned["hash"], view=first)
    assert ada.labels == ["Name"]
