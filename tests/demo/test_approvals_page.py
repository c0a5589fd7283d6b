"""Approvals on the demo's page in a real browser: two stages, a no, a broken glass, a queue."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright, expect

from bot.demo.harness import open_harness
from tests.demo.browsing import CHROMIUM, FLAGS, PATIENCE, WIDE, be, card_of, dialog, send, thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Locator, Page

    from bot.demo.harness import Harness

PATCH = {"Cluster": ("production",), "Hosts": "esx01\nesx02"}
FREEZE = datetime(2036, 12, 20, 12, tzinfo=UTC)  # within the demo's year-end close
DISK = {"Virtual machine": "web-01", "Disk": "0", "New size in GB": "80"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; on Debian: apt-get install chromium"),
]


@pytest.fixture
async def theatre() -> AsyncIterator[Harness]:
    """The demo's own people, workflows and policy, with a clock that only the test moves."""
    async with open_harness() as opened:
        yield opened
        assert opened.slack.violations == []


@pytest.fixture
async def page(theatre: Harness) -> AsyncIterator[Page]:
    """The page of that workspace; no script of it may fail."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport=WIDE)
        page.set_default_timeout(PATIENCE)
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        await page.goto(theatre.slack.url)
        yield page
        await browser.close()
        assert failures == []


async def press(theatre: Harness, where: Locator, button: str) -> None:
    """Press a button, and let what it sets going end."""
    await where.get_by_role("button", name=re.compile(rf"^{button}\b")).click()
    await theatre.bot.dispatcher.drain(seconds=10)


async def decide(page: Page, theatre: Harness, decision: str, comment: str) -> None:
    """Fill in the review that is open, and send it."""
    await dialog(page).get_by_role("radio", name=decision).check()
    await dialog(page).get_by_label("Comment").fill(comment)
    await send(page).click()
    await theatre.bot.dispatcher.drain(seconds=10)


async def open_thread(card: Locator) -> None:
    await card.get_by_role("button", name=re.compile("repl")).click()


async def test_two_stages_with_a_reminder_between(page: Page, theatre: Harness, tmp_path: Path) -> None:
    await theatre.launch(theatre.person("ada"), "patch cluster", PATCH)
    card = card_of(page).last
    await expect(card).to_contain_text("So far 0 of 1 approval, stage 1 of 2")
    await theatre.pass_time(minutes=31)
    await open_thread(card)
    await expect(thread(page)).to_contain_text("Reminder: this still needs 1 approval in stage 1 of 2")
    await expect(thread(page)).to_contain_text("by @Ben Okafor, @Grace Moreau or @Linus Varga")
    await page.screenshot(path=tmp_path / "reminder.png")

    await be(page, "Ben")
    await press(theatre, card, "Review")
    await expect(dialog(page)).to_contain_text("Can destroy something")
    await expect(dialog(page)).to_contain_text("whole clusters")
    await page.screenshot(path=tmp_path / "review.png")
    await decide(page, theatre, "Approve", "The window is agreed.")
    await theatre.tick()
    await expect(card).to_contain_text("So far 0 of 1 approval, stage 2 of 2")
    await expect(card).to_contain_text("The window is agreed.")
    await page.screenshot(path=tmp_path / "second-stage.png")

    await be(page, "Grace")
    await press(theatre, card, "Approve")
    await page.screenshot(path=tmp_path / "asked-twice.png")
    await press(theatre, page.locator(".confirm"), "Approve")
    await theatre.until_told("Succeeded")
    await expect(thread(page)).to_contain_text("@Grace Moreau approved it: 1 of 1 approval, stage 2 of 2.")
    await expect(card).to_contain_text("Succeeded")
    await page.screenshot(path=tmp_path / "done.png")
    assert len(theatre.orchestrator.starts) == 1


async def test_a_rejection_in_the_review_needs_a_reason(page: Page, theatre: Harness, tmp_path: Path) -> None:
    await theatre.launch(theatre.person("ada"), "patch cluster", PATCH)
    card = card_of(page).last
    await be(page, "Ben")
    await press(theatre, card, "Review")
    await decide(page, theatre, "Reject", "")
    await expect(dialog(page)).to_contain_text("Say why: the requester reads it.")
    await page.screenshot(path=tmp_path / "why.png")
    await decide(page, theatre, "Reject", "The month is not closed yet.")
    await expect(dialog(page)).to_be_hidden()
    await theatre.tick()
    await expect(card).to_contain_text("Rejected by @Ben Okafor")
    await expect(card.get_by_role("button", name="Approve")).to_have_count(0)
    await page.screenshot(path=tmp_path / "rejected.png")
    assert not theatre.orchestrator.starts


async def test_a_broken_glass_inside_a_freeze(page: Page, theatre: Harness, tmp_path: Path) -> None:
    theatre.clock.offset += FREEZE - theatre.now()
    ada = theatre.person("ada")
    await theatre.fill(ada, "patch cluster", PATCH)
    await theatre.turn(ada)
    await expect(dialog(page)).to_contain_text("year-end close")
    await dialog(page).get_by_label(re.compile("Break-glass")).fill("A worm is on esx01; it cannot wait.")
    await page.screenshot(path=tmp_path / "glass.png")
    await send(page).click()
    await expect(dialog(page)).to_be_hidden()
    await theatre.bot.dispatcher.drain(seconds=10)
    await theatre.tick()
    await theatre.until_told("Succeeded")
    card = card_of(page).last
    await expect(card).to_contain_text(
        "Break-glass by @Ada Byron: without approval, and in spite of freezes."
    )
    await open_thread(card)
    await expect(thread(page)).to_contain_text("has to review it")
    await page.screenshot(path=tmp_path / "loud.png")

    await be(page, "Grace")
    await press(theatre, card, "Reviewed")
    await dialog(page).get_by_label("Comment").fill("Right so.")
    await send(page).click()
    await expect(dialog(page)).to_be_hidden()
    await theatre.tick()
    await expect(card).to_contain_text("Reviewed by @Grace Moreau")
    await page.screenshot(path=tmp_path / "reviewed.png")
    assert len(theatre.orchestrator.starts) == 1


async def test_a_queue_of_two_runs_on_one_machine(page: Page, theatre: Harness, tmp_path: Path) -> None:
    first = await theatre.launch(theatre.person("ben"), "resize disk", DISK)
    second = await theatre.launch(theatre.person("ada"), "resize disk", DISK)
    await theatre.tick()
    cards = card_of(page)
    await expect(cards).to_have_count(2)
    await expect(cards.last).to_contain_text("Queued, first in line, behind @Ben Okafor's launch")
    await expect(cards.last).to_contain_text("only one run at a time may work on web-01")
    await page.screenshot(path=tmp_path / "queue.png")
    await theatre.until_told("Succeeded", card=first)
    await theatre.until_told("Succeeded", card=second)
    await expect(cards.last).to_contain_text("Succeeded")
    await page.screenshot(path=tmp_path / "both.png")
    assert len(theatre.orchestrator.starts) == 2
