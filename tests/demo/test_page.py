"""The demo's page in a real browser: a launch approved by another person, and one rejected with a reason."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright, expect

from bot.demo.environment import playing, set_up
from tests.demo.browsing import (
    CHROMIUM,
    FLAGS,
    NARROW,
    PATIENCE,
    WIDE,
    be,
    card_of,
    dialog,
    pick,
    send,
    thread,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; on Debian: apt-get install chromium"),
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


@asynccontextmanager
async def demo(browser: Browser) -> AsyncIterator[Page]:
    """The page as a person finds it when the demo has started; no script of it may fail."""
    expect.set_options(timeout=PATIENCE)
    async with set_up() as environment, playing(environment):
        page = await browser.new_page(viewport=WIDE)
        page.set_default_timeout(PATIENCE)
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
        await page.goto(environment.slack.url)
        yield page
        await page.close()
        assert failures == []
        assert environment.slack.violations == []


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with demo(browser) as opened:
        yield opened


async def look_and_send(page: Page, *values: str) -> None:
    """What is destructive is shown once more before it is sent."""
    await send(page).click()
    review = page.get_by_role("dialog", name="Review and send")
    for value in values:
        await expect(review).to_contain_text(value)
    await send(page).click()
    await expect(dialog(page)).to_be_hidden()


async def ask_to_delete(page: Page, machine: str) -> None:
    await pick(page, "delete virt", workflow="Delete virtual machine")
    await dialog(page).get_by_label("Virtual machine").fill(machine)
    await dialog(page).get_by_label("Change ticket").fill("CHG0001234")
    await look_and_send(page, machine)


async def test_a_launch_from_the_command_to_the_result_in_its_thread(page: Page, tmp_path: Path) -> None:
    await pick(page, "delete virt", workflow="Delete virtual machine")
    machine, ticket = (dialog(page).get_by_label(name) for name in ("Virtual machine", "Change ticket"))
    await machine.fill("web-01")
    await ticket.fill("CHG12")
    await send(page).click()
    await expect(dialog(page).get_by_role("alert").filter(visible=True)).to_have_count(1)
    await expect(ticket).to_have_attribute("aria-invalid", "true")
    await expect(ticket).to_be_focused()
    await expect(machine).to_have_value("web-01")
    await page.screenshot(path=tmp_path / "error.png")
    await ticket.fill("CHG0001234")
    await look_and_send(page, "web-01", "CHG0001234")

    card = card_of(page)
    await expect(card).to_contain_text("Waiting for approval")
    await be(page, "Grace")
    await expect(card).to_contain_text("@approvers")
    await page.screenshot(path=tmp_path / "card.png")
    await card.get_by_role("button", name="Approve").click()
    await page.locator(".confirm").get_by_role("button", name="Approve").click()
    await expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    await card.get_by_role("button", name=re.compile("repl")).click()
    await expect(thread(page)).to_contain_text("@Ada Byron asked for this launch.")
    await expect(thread(page)).to_contain_text("@Grace Moreau approved it.")
    await expect(thread(page)).to_contain_text("web-01 is gone.")
    await expect(card).to_contain_text("Succeeded")
    await page.screenshot(path=tmp_path / "thread.png")
    await page.set_viewport_size(NARROW)
    await expect(thread(page)).to_be_in_viewport(ratio=0.5)
    await page.screenshot(path=tmp_path / "narrow.png", animations="disabled")


async def test_a_launch_rejected_with_a_reason_the_requester_reads(page: Page, tmp_path: Path) -> None:
    await ask_to_delete(page, "web-02")
    await be(page, "Linus")
    card = card_of(page)
    await card.get_by_role("button", name="Reject").click()
    await dialog(page).get_by_role("textbox").fill("The shop still runs on it.\nAsk on Monday.")
    await page.screenshot(path=tmp_path / "reason.png")
    await send(page).click()
    await expect(dialog(page)).to_be_hidden()
    await expect(card).to_contain_text("Rejected")
    await be(page, "Ada")
    await expect(page.get_by_test_id("toast").filter(visible=True)).to_have_count(1)
    await expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    await card.get_by_role("button", name=re.compile("repl")).click()
    await expect(thread(page)).to_contain_text("@Linus Varga rejected it. Nothing was started.")
    await expect(thread(page)).to_contain_text("The shop still runs on it.")
    await page.screenshot(path=tmp_path / "rejected.png")


async def test_somebody_who_may_not_decide_is_told_so_in_private(page: Page, tmp_path: Path) -> None:
    await ask_to_delete(page, "web-03")
    card = card_of(page).first
    await card.get_by_role("button", name="Approve").click()
    await page.locator(".confirm").get_by_role("button", name="Approve").click()
    private = page.get_by_role("main").get_by_text("Only visible to you")
    await expect(private).to_be_visible()
    await expect(card).to_contain_text("Waiting for approval")
    await page.screenshot(path=tmp_path / "own.png")
    await be(page, "Grace")
    await expect(private).to_have_count(0)
