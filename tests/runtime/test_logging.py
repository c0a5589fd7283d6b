"""Logs: one line an event, keys on every line of a block, and nothing repeated without a bound."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from bot.runtime.logging import JsonLines, Repeats, TextLines, log_event, log_keys

log = logging.getLogger("tests.logging")


def formatted(caplog: pytest.LogCaptureFixture, formatter: logging.Formatter) -> list[str]:
    caplog.handler.setFormatter(formatter)
    return caplog.text.splitlines()


@pytest.fixture
def as_json(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(JsonLines())
    return caplog


def test_an_event_is_one_json_line_with_its_keys(as_json: pytest.LogCaptureFixture) -> None:
    log_event(log, "started", launch="482881be", workflow="Delete\nVM", rule="")
    (line,) = map(json.loads, as_json.text.splitlines())
    assert (line["message"], line["launch"], line["workflow"]) == ("started", "482881be", "Delete\nVM")
    assert "rule" not in line


def test_a_key_never_takes_the_place_of_the_line_itself(as_json: pytest.LogCaptureFixture) -> None:
    log_event(log, "started", message="forged", level=logging.INFO)
    (line,) = map(json.loads, as_json.text.splitlines())
    assert line["message"] == "started"


def test_text_quotes_what_would_break_the_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(TextLines())
    log_event(log, "started", launch="482881be", workflow='Delete "VM"\n2026 ERROR forged', port=8080)
    (line,) = caplog.text.splitlines()
    assert line.endswith('launch=482881be workflow="Delete \\"VM\\"\\n2026 ERROR forged" port=8080')


async def test_every_line_of_a_block_bears_its_keys_also_of_another_module_and_task(
    as_json: pytest.LogCaptureFixture,
) -> None:
    other = logging.getLogger("somebody.else")

    async def work(launch: str) -> None:
        with log_keys(launch=launch):
            await asyncio.sleep(0)
            await asyncio.create_task(say(launch))

    async def say(launch: str) -> None:
        other.warning("about %s", launch)

    await asyncio.gather(work("one"), work("two"))
    other.warning("about nothing")
    lines = [json.loads(line) for line in as_json.text.splitlines()]
    assert [(line["message"], line.get("launch")) for line in lines] == [
        ("about one", "one"),
        ("about two", "two"),
        ("about nothing", None),
    ]


def test_a_line_repeated_without_end_is_cut_and_the_next_minute_says_how_many(
    as_json: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("bot.runtime.logging.time.monotonic", lambda: now)
    as_json.handler.addFilter(repeats := Repeats(most=3))
    try:
        for minute in (0, 1):
            now = 61.0 * minute
            for number in range(10):
                log.warning("it failed again: %d", number)
                log_event(log, "started", launch=str(number))
    finally:
        as_json.handler.removeFilter(repeats)
    lines = [json.loads(line) for line in as_json.text.splitlines()]
    assert sum(line["message"] == "started" for line in lines) == 20
    repeated = [line for line in lines if line["message"] != "started"]
    assert [line.get("left_out") for line in repeated] == [None, None, None, 7, None, None]
