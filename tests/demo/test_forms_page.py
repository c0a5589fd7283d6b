"""Every demo workflow made for the form, filled in with clicks and keys on the page and run to its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from bot.demo.harness import open_harness
from tests.demo.browsing import (
    CHROMIUM,
    FLAGS,
    PATIENCE,
    TALL,
    card_of,
    dialog,
    fill_in,
    photograph,
    pick,
    send,
    thread,
)
from tests.demo_forms import STORIES, arrived

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from bot.demo.harness import Harness

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; on Debian: apt-get install chromium"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theatre() -> AsyncIterator[Harness]:
    """One demo for all: each story leaves one card behind."""
    async with open_harness() as opened:
        yield opened
        assert opened.slack.violations == []
        assert opened.orchestrator.invalid_starts == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, theatre: Harness) -> AsyncIterator[Page]:
    """The page of a person in UTC, high enough for a whole form; no script of it may fail."""
    expect.set_options(timeout=PATIENCE)
    page = await browser.new_page(viewport=TALL, timezone_id="UTC")
    page.set_default_timeout(PATIENCE)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(theatre.slack.url)
    yield page
    await page.close()
    if theatre.person("ada").view is not None:  # the story broke off: the next one is to begin afresh
        await theatre.person("ada").close_view(everything=True)
    assert failures == []


@pytest.mark.parametrize("name", STORIES)
async def test_a_form_is_filled_in_page_by_page_and_runs_to_its_end(
    page: Page, theatre: Harness, tmp_path: Path, name: str
) -> None:
    story = STORIES[name]
    before = len(theatre.orchestrator.starts)
    await pick(page, name.lower(), workflow=name)
    for number, answers in enumerate(story.pages, start=1):
        if len(story.pages) > 1:
            await expect(dialog(page)).to_contain_text(f"page {number} of ")
        await fill_in(page, answers)
        await photograph(page, tmp_path / f"page-{number}.png")
        await send(page).click()
    review = page.get_by_role("dialog", name="Review and send")
    await expect(review.get_by_role("heading", name=name)).to_be_in_viewport()
    await photograph(page, tmp_path / "review.png")
    await send(page).click()
    await expect(dialog(page)).to_be_hidden()

    await theatre.tick()
    await theatre.until_told("Succeeded")
    card = card_of(page).last
    await card.get_by_role("button", name=re.compile("repl")).click()
    await expect(thread(page)).to_contain_text("Succeeded")
    await page.screenshot(path=tmp_path / "thread.png")
    assert len(theatre.orchestrator.starts) == before + 1
    assert arrived(theatre.orchestrator) == story.arrives
