"""What Prometheus gets: counted where it happens, read from the database when it is asked for."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.launch import State
from bot.runtime.metrics import NAMESPACE, names
from bot.store.migrating import migrate
from bot.wiring.port import listening
from tests.metrics_table import table
from tests.test_documents import TOP, text_of
from tests.wiring.test_safety import POLICY
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.world import World

DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, database=f"sqlite:///{tmp_path}/bot.sqlite3", policy=POLICY) as made:
        yield made


@asynccontextmanager
async def scraping(world: World) -> AsyncIterator[str]:
    """The address of /metrics."""
    async with listening(world.settings, lambda: world.bot) as port:
        yield f"http://127.0.0.1:{port}/metrics"


async def scrape(url: str) -> Series:
    """What Prometheus would store."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = await answer.text()
    return {
        (sample.name.removeprefix(f"{NAMESPACE}_"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(series: Series, name: str, **labels: str) -> float:
    return series.get((name, frozenset(labels.items())), 0.0)


def total(series: Series, name: str, **labels: str) -> float:
    """Over all other labels."""
    wanted = set(labels.items())
    return sum(each for (found, has), each in series.items() if found == name and wanted <= has)


async def test_a_launch_is_counted_from_click_to_end(world: World) -> None:
    async with scraping(world) as url:
        before = await scrape(url)
        await world.launch(world.person("ada"), "delete", DELETE)
        waiting = await scrape(url)
        assert value(waiting, "launches", state="awaiting approval") == 1
        assert value(waiting, "approval_oldest_seconds") < 60
        world.clock.offset += timedelta(minutes=5)
        assert 300 <= value(await scrape(url), "approval_oldest_seconds") < 400
        await world.press(world.person("grace"), "Approve")
        await world.until_told("Succeeded")
        after = await scrape(url)

    def grew(name: str, **labels: str) -> float:
        return total(after, name, **labels) - total(before, name, **labels)

    assert grew("happenings_total", what="requested") == 1
    assert grew("happenings_total", what="started") == 1
    assert grew("launches_ended_total", end="succeeded") == 1
    assert grew("launches_ended_total") == 1
    assert grew("click_to_window_seconds_count") >= 1
    assert grew("approve_to_start_seconds_count") == 1
    assert grew("told_seconds_count") == grew("happenings_total")
    assert grew("ack_seconds_count", kind="view_submission") >= 1
    assert grew("orchestrator_request_seconds_count", method="POST", outcome="2xx") >= 1
    assert grew("slack_request_seconds_count", method="chat.postMessage", outcome="ok") >= 2
    assert grew("database_transaction_seconds_count", outcome="committed") > 5
    assert value(after, "launches", state="awaiting approval") == 0
    assert value(after, "database_up") == 1
    assert total(after, "policy_info") == 1


async def test_rate_limits_and_failing_calls_are_counted_by_outcome(world: World) -> None:
    async with scraping(world) as url:
        before = await scrape(url)
        world.slack.faults.limit("chat.postMessage", times=1, retry_after=1)
        await world.fill(world.person("ada"), "delete", DELETE)
        await world.send(world.person("ada"))
        await world.tick()
        after = await scrape(url)
    assert value(after, "outbox_launches") == 1
    method = {"method": "chat.postMessage"}
    assert (
        total(after, "slack_rate_limited_total", **method)
        == total(before, "slack_rate_limited_total", **method) + 1
    )
    assert total(after, "slack_request_seconds_count", outcome="rate limited", **method) >= 1


async def test_what_the_database_does_not_say_is_unknown_and_not_zero(
    tmp_path: Path, fresh_postgres: str
) -> None:
    await migrate(fresh_postgres)
    async with a_world(tmp_path, database=fresh_postgres, policy=POLICY) as world, scraping(world) as url:
        assert value(await scrape(url), "database_up") == 1
        await world.stop()
        # its pool is closed: nothing answers from now on
        async with listening(world.settings, lambda: None) as port:
            series = await scrape(f"http://127.0.0.1:{port}/metrics")
        assert value(series, "database_up") == 0
        assert total(series, "launches") == 0
        assert series["outbox_launches", frozenset()] != series["outbox_launches", frozenset()]
        await world.start()


def test_every_metric_is_documented_as_it_is() -> None:
    _, _, rest = text_of("docs/metrics.md").partition("<!-- metrics -->")
    shown, end, _ = rest.partition("<!-- /metrics -->")
    assert end
    assert shown.strip() == table()


@pytest.mark.parametrize("file", ["grafana-dashboard.json", "alerts.yml"])
def test_dashboard_and_alerts_ask_for_metrics_there_are(file: str) -> None:
    text = (TOP / "docs" / "deploy" / file).read_text("utf-8")
    asked = set(re.findall(rf"\b{NAMESPACE}_\w+", text))
    assert len(asked) > 10
    assert asked - names() == set()


def test_the_dashboard_shows_every_metric() -> None:
    text = text_of("docs/deploy/grafana-dashboard.json")
    assert [each for each in names() if each.removesuffix("_sum").removesuffix("_count") == each
            and not each.endswith("_bucket") and each not in text] == []  # fmt: skip
    panels = json.loads(text)["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_each_alert_says_what_is_the_matter_and_how_grave_it_is() -> None:
    (group,) = yaml.safe_load(text_of("docs/deploy/alerts.yml"))["groups"]
    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket", "info"}, rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]
    states = set(re.findall(r'state="([^"]+)"', text_of("docs/deploy/alerts.yml")))
    assert states <= {state.value for state in State}
