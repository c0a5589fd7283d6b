"""The demo's page with a bot that says only what the test tells it to: errors at fields, and the Home tab."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from playwright.async_api import async_playwright, expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack import PretendSlack
from bot.demo.slack.people import ADA
from tests.demo.browsing import CHROMIUM, FLAGS, PATIENCE, WIDE, be, dialog, send
from tests.demo.slack.scripted import ScriptedBot, connected, home, input_block, modal, section

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Locator, Page, WebSocketRoute

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; on Debian: apt-get install chromium"),
]
LONGER_THAN_A_PAUSE = 800  # milliseconds; the page tells of what is typed after 250
WHILE_TYPING = {"dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


@asynccontextmanager
async def visiting(browser: Browser, slack: PretendSlack) -> AsyncIterator[tuple[Page, ScriptedBot]]:
    """Ada's page of a workspace, and the bot in it; no script of the page may fail."""
    expect.set_options(timeout=PATIENCE)
    async with slack, aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, session=session)
        async with connected(slack, client) as bot:
            page = await browser.new_page(viewport=WIDE)
            page.set_default_timeout(PATIENCE)
            failures: list[str] = []
            page.on("pageerror", lambda error: failures.append(str(error)))
            await page.goto(slack.url)
            yield page, bot
            await page.close()
            assert failures == []


async def open_form(page: Page, bot: ScriptedBot, **element: Any) -> Locator:  # noqa: ANN401 - Block Kit
    """A modal with one field, which lists what is typed if it is told to; returns the field."""
    await page.get_by_role("textbox", name="Message").fill("/vro")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main").get_by_text("here it is")).to_be_visible()
    block = input_block("Ticket", {"type": "plain_text_input", **element}, dispatch_action=bool(element))
    await bot.client.views_open(trigger_id=bot.last("/vro")["trigger_id"], view=modal(block))
    field = dialog(page).get_by_label("Ticket")
    await expect(field).to_be_visible()
    return field


def workspace() -> PretendSlack:
    return PretendSlack(commands=[{"command": "/vro"}])


@pytest.mark.parametrize("element", [{}, WHILE_TYPING], ids=["quiet", "listening"])
async def test_an_error_stays_when_enter_follows_right_after_typing(
    browser: Browser, element: dict[str, Any], tmp_path: Path
) -> None:
    async with visiting(browser, workspace()) as (page, bot):
        bot.replies["/vro"] = {"text": "here it is"}
        bot.replies["view_submission"] = {"response_action": "errors", "errors": {"ticket": "There is none."}}
        field = await open_form(page, bot, **element)
        await field.press_sequentially("CHG1")
        await field.press("Enter")
        error = dialog(page).get_by_role("alert").filter(has_text="There is none.")
        await expect(error).to_be_visible()
        await page.wait_for_timeout(LONGER_THAN_A_PAUSE)
        await expect(error).to_be_visible()
        await expect(field).to_have_attribute("aria-invalid", "true")
        await page.screenshot(path=tmp_path / "error.png")
        await field.press_sequentially("2")
        await expect(error).to_have_count(0)


async def test_an_error_the_page_finds_by_itself_stays_as_well(browser: Browser) -> None:
    async with visiting(browser, workspace()) as (page, bot):
        bot.replies["/vro"] = {"text": "here it is"}
        field = await open_form(page, bot, min_length=6, **WHILE_TYPING)
        await field.press_sequentially("CHG1")
        await field.press("Enter")
        error = dialog(page).get_by_role("alert").filter(has_text="Write at least 6 characters")
        await expect(error).to_be_visible()
        await page.wait_for_timeout(LONGER_THAN_A_PAUSE)
        await expect(error).to_be_visible()
        assert bot.last("block_actions")["actions"][0]["value"] == "CHG1"  # the bot still hears of it


async def test_enter_that_only_tells_the_bot_leaves_the_error_where_it_is(browser: Browser) -> None:
    async with visiting(browser, workspace()) as (page, bot):
        bot.replies["/vro"] = {"text": "here it is"}
        on_enter = {"dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]}}
        field = await open_form(page, bot, min_length=6, **on_enter)
        await field.fill("CHG1")
        await send(page).click()
        error = dialog(page).get_by_role("alert").filter(has_text="Write at least 6 characters")
        await expect(error).to_be_visible()
        await field.press("Enter")
        await page.wait_for_timeout(LONGER_THAN_A_PAUSE)
        assert bot.last("block_actions")["actions"][0]["value"] == "CHG1"
        await expect(error).to_be_visible()


async def test_a_bot_without_a_home_tab_offers_none(browser: Browser, tmp_path: Path) -> None:
    slack = PretendSlack(has_home_tab=False)
    async with visiting(browser, slack) as (page, _):
        await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
        await expect(page.get_by_test_id("home-button")).to_have_count(0)
        await page.goto(f"{slack.url}/#channel=home")  # an address kept from a workspace that has one
        await page.reload()
        await expect(page.get_by_role("textbox", name="Message")).to_be_visible()
        await expect(page.get_by_test_id("home")).to_have_count(0)
        await page.get_by_role("button", name="orchestrator").first.click()
        await expect(page.get_by_text("Here you and")).to_be_visible()
        await expect(page.get_by_role("tab", name="Home")).to_have_count(0)
        await page.screenshot(path=tmp_path / "messages.png")


async def test_a_home_tab_that_nobody_filled_says_so(browser: Browser, tmp_path: Path) -> None:
    async with visiting(browser, PretendSlack()) as (page, bot):
        await page.get_by_test_id("home-button").click()
        tab = page.get_by_test_id("home")
        await expect(tab).to_contain_text("has not put anything here")
        await page.screenshot(path=tmp_path / "home.png")
        await bot.client.views_publish(user_id=ADA, view=home(section("Two runs today.")))
        await expect(tab).to_contain_text("Two runs today.")
        await expect(tab.get_by_text("has not put anything here")).to_be_hidden()
        await be(page, "Grace")
        await expect(tab).to_contain_text("has not put anything here")


async def test_a_home_tab_published_while_there_was_no_connection_is_shown_after_it(browser: Browser) -> None:
    lines: list[WebSocketRoute] = []
    is_deaf = False

    def relay(line: WebSocketRoute) -> None:
        lines.append(line)
        line.connect_to_server().on_message(lambda frame: None if is_deaf else line.send(frame))

    async with visiting(browser, PretendSlack()) as (page, bot):
        await page.route_web_socket("**/page/live**", relay)
        await page.reload()
        await page.get_by_test_id("home-button").click()
        tab = page.get_by_test_id("home")
        await expect(tab).to_contain_text("has not put anything here")
        is_deaf = True
        await bot.client.views_publish(user_id=ADA, view=home(section("Two runs today.")))
        await page.wait_for_timeout(LONGER_THAN_A_PAUSE)
        await expect(tab).not_to_contain_text("Two runs today.")
        is_deaf = False
        await lines[-1].close()
        await expect(tab).to_contain_text("Two runs today.")
