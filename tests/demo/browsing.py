"""What tests of the page share: the browser, where things are on it, and how forms are filled in."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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
PATIENCE = 40_000  # milliseconds until something has to be there, on a busy machine
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 400, "height": 800}
TALL: ViewportSize = {"width": 1280, "height": 1600}


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


# forms


async def photograph(page: Page, path: Path) -> None:
    """A picture of the whole form that is open, also of what one has to scroll to."""
    await page.screenshot(path=path, style=".modal { max-height: none }")


async def pick(page: Page, words: str, *, workflow: str) -> None:
    """`/vro`, some letters, and the workflow they find."""
    await page.get_by_role("textbox", name="Message").fill("/vro")
    await page.keyboard.press("Enter")
    menu = dialog(page).get_by_role("combobox", name="Workflow")
    await menu.press_sequentially(words)
    found = page.get_by_role("option")
    await expect(found).to_have_count(1)
    await expect(found).to_contain_text(workflow)
    await expect(menu).to_have_attribute("aria-activedescendant", re.compile("."))  # it has searched for all
    await menu.press("Enter")
    await expect(dialog(page)).to_contain_text(workflow)


async def fill_in(page: Page, answers: Mapping[str, object]) -> None:
    """Fill in fields of the page of the form that is open, in the notation of `world.enter`."""
    for label, value in answers.items():
        field = dialog(page).get_by_label(label, exact=True)
        match value:
            case bool():
                await _say_yes_or_no(field, yes=value)
            case tuple():
                await _choose(page, field, value)
            case bytes():
                file = {
                    "name": "certificate.pem",
                    "mimeType": "application/pem-certificate-chain",
                    "buffer": value,
                }
                await field.set_input_files(file)  # type: ignore[arg-type]
                await expect(dialog(page)).to_contain_text("certificate.pem")
            case datetime():
                await field.fill(value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M"))
            case _:
                await field.fill(str(value))
        await expect(dialog(page).locator("[aria-busy=true]")).to_have_count(0)


async def _say_yes_or_no(field: Locator, *, yes: bool) -> None:
    choice = field.get_by_role("radio", name="Yes" if yes else "No", exact=True)
    box = field.get_by_role("checkbox")
    await expect(choice.or_(box)).to_be_visible()
    await (choice.check() if await choice.count() else box.set_checked(yes))


async def _choose(page: Page, field: Locator, options: tuple[str, ...]) -> None:
    """One of some in sight; else of a menu, by its words as soon as there is one."""
    menu = field.and_(page.get_by_role("combobox"))
    await expect(field.get_by_role("radio").first.or_(menu)).to_be_visible()
    for option in options:
        if await menu.count():
            await menu.click()
            await menu.press_sequentially(option)
            words = re.compile("^" + re.escape(option))
            await page.get_by_role("option").filter(has_text=words).first.click()
            await menu.blur()
            await expect(dialog(page).locator("[aria-busy=true]")).to_have_count(0)  # before the next one
        else:
            await field.get_by_role("radio", name=option, exact=True).check()
