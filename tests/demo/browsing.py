"""What tests of the demo's page share: the browser, and where things are on the page."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page, ViewportSize

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox",  # root may not have one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 20_000  # milliseconds until something has to be there, on a busy machine
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 400, "height": 800}


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def thread(page: Page) -> Locator:
    return page.get_by_test_id("thread")


def send(page: Page) -> Locator:
    """The button that sends the form on top."""
    return dialog(page).locator("button[type=submit]:visible")


async def be(page: Page, name: str) -> None:
    person = page.get_by_test_id("person").get_by_role("button", name=name)
    await person.click()
    await expect(person).to_have_attribute("aria-pressed", "true")


def card_of(page: Page) -> Locator:
    """The cards in the channel that is shown."""
    return page.get_by_role("main").get_by_role("article")
