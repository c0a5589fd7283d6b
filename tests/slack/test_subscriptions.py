"""Channels and people hear of a workflow's runs, whoever started them: each thing once, never the inputs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.orchestrator.login import Account
from bot.demo.orchestrator.samples import sample_workflows
from bot.orchestrator.login import Basic
from bot.service.subscriptions import MOST_WORKFLOWS
from tests.orchestrator.reaching import reach

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from tests.world import World

IDS = {each.name: each.id for each in sample_workflows()}
WAIT = "Wait for replication"


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


async def types(who: PretendPerson, text: str, *, channel: str | None = "ops") -> str:
    """Type a command, and read what is answered privately."""
    place = channel or who.dm
    before = len(who.ephemerals(place))
    answer = await who.slash("/vro", text, channel=place)
    await who.until(lambda: answer.message is not None or len(who.ephemerals(place)) > before)
    return who.reads(answer.message or who.ephemerals(place)[-1]).replace("*", "")


async def runs_elsewhere(world: World, name: str = WAIT) -> str:
    """Another account starts a run in Orchestrator; its id."""
    logins = world.orchestrator.logins
    logins.accounts = (*logins.accounts, Account(username="carol", password="pretend"))
    async with reach(world.orchestrator.url, login=Basic(user="carol", password="pretend")) as client:
        return (await client.start(IDS[name], ())).execution_id


async def looks(world: World, *, minutes: float = 2) -> None:
    """Time passes, in which subscriptions look and tell."""
    for _ in range(int(minutes * 2)):
        await world.pass_time(seconds=30)
        await look(world)


async def look(world: World) -> None:
    """One look, and what it has to tell."""
    await world.bot.subscriptions.tick()
    await world.bot.run_news.tick()


def heard(world: World, who: PretendPerson, channel: str = "ops") -> list[str]:
    """What the channel's messages say, those of launches left out."""
    return [
        who.reads(message).replace("*", "") for message in world.slack.messages(channel) if is_news(message)
    ]


def is_news(message: Json) -> bool:
    return bool(message.get("metadata", {}).get("event_type") == "run_news")


async def test_a_channel_hears_how_a_run_ended_that_others_started(world: World, ada: PretendPerson) -> None:
    said = await types(ada, f"subscribe {WAIT}")
    assert f"This channel hears of the end of each run of {WAIT}" in said
    run = await runs_elsewhere(world)
    await look(world)
    assert not heard(world, ada), "it runs"
    world.orchestrator.finish(run, state="failed", error="secret=hunter2")
    await looks(world, minutes=5)
    (news,) = heard(world, ada)
    assert f"{WAIT} failed" in news
    assert "started by carol" in news
    assert "hunter2" not in news


async def test_what_ended_before_somebody_subscribed_is_no_news(world: World, ada: PretendPerson) -> None:
    world.orchestrator.finish(await runs_elsewhere(world))
    await world.pass_time(seconds=5)
    await types(ada, f"subscribe {WAIT}")
    await looks(world)
    assert not heard(world, ada)


async def test_who_asks_for_failures_hears_of_no_others(world: World, ada: PretendPerson) -> None:
    await types(ada, f"subscribe {WAIT} failed")
    for state in ("completed", "canceled", "failed"):
        world.orchestrator.finish(await runs_elsewhere(world), state=state)
    await looks(world)
    (news,) = heard(world, ada)
    assert "failed" in news


async def test_a_person_hears_of_starts_in_their_own_messages(world: World, ada: PretendPerson) -> None:
    assert "You hear of each start of" in await types(ada, f"subscribe {WAIT} started me")
    await runs_elsewhere(world)
    await looks(world)
    assert not heard(world, ada)
    (news,) = heard(world, ada, channel=ada.dm)
    assert f"{WAIT} started" in news


async def test_a_folder_is_listened_to_with_all_below_it(world: World, ada: PretendPerson) -> None:
    assert "workflow below Operations/Backup" in await types(ada, "subscribe Operations/Backup/** ended")
    for name in (WAIT, "Health report"):
        world.orchestrator.finish(await runs_elsewhere(world, name))
    await looks(world)
    (news,) = heard(world, ada)
    assert WAIT in news


async def test_a_folder_of_too_many_workflows_is_refused(world: World, ada: PretendPerson) -> None:
    a_machine = next(each for each in sample_workflows() if each.name == WAIT)
    for number in range(MOST_WORKFLOWS):
        copy = replace(a_machine, id=f"{number:036}", name=f"Wait {number}")
        world.orchestrator.add_workflow(copy)
    await world.bot.catalogue.refresh()
    said = await types(ada, "subscribe Operations")
    assert f"listens to at most {MOST_WORKFLOWS}" in said
    assert not await world.bot.store.subscriptions.of("C0OPS")


async def test_news_is_told_once_though_slack_s_answer_is_lost(world: World, ada: PretendPerson) -> None:
    await types(ada, f"subscribe {WAIT}")
    world.orchestrator.finish(await runs_elsewhere(world))
    world.slack.faults.lose_answer("chat.postMessage")
    await looks(world, minutes=5)
    assert len(heard(world, ada)) == 1


async def test_two_looks_and_a_restart_tell_nothing_twice(world: World, ada: PretendPerson) -> None:
    await types(ada, f"subscribe {WAIT}")
    world.orchestrator.finish(await runs_elsewhere(world))
    await looks(world, minutes=3)
    await world.crash()
    await world.start()
    await asyncio.gather(looks(world, minutes=3), looks(world, minutes=3))
    assert len(heard(world, ada)) == 1


async def test_orchestrator_away_ends_nothing_and_is_made_up_for(world: World, ada: PretendPerson) -> None:
    await types(ada, f"subscribe {WAIT}")
    world.orchestrator.finish(await runs_elsewhere(world))
    world.orchestrator.fault("GET /vco/api/workflows/*/executions", ArmedFault.ERROR, times=3)
    await looks(world, minutes=8)
    assert len(heard(world, ada)) == 1
    assert WAIT in await types(ada, "subscribe list")


async def test_a_subscription_lapses_with_the_right_it_lives_on(
    world: World, ada: PretendPerson, tmp_path: Path
) -> None:
    await types(ada, f"subscribe {WAIT}")
    policy = tmp_path / "policy.yaml"
    policy.write_text("rules:\n  - {name: others, workflows: {folders: ['**']}, run: {users: [U0BEN]}}\n")
    await world.stop()
    await world.start(POLICY_FILE=str(policy))
    world.orchestrator.finish(await runs_elsewhere(world))
    await looks(world)
    (last,) = heard(world, ada)
    assert "may no longer run it here" in last
    assert "Nothing is subscribed to here" in await types(world.person("ben"), "subscribe")


async def test_whom_slack_does_not_know_just_now_keeps_a_subscription(
    world: World, ada: PretendPerson
) -> None:
    await types(ada, f"subscribe {WAIT}")
    await world.crash()
    await world.start()
    world.slack.faults.fail("users.info", times=4)
    world.slack.faults.fail("users.list", times=4)
    await looks(world, minutes=1)
    world.slack.faults.clear()
    world.orchestrator.finish(await runs_elsewhere(world))
    await looks(world, minutes=8)
    (news,) = heard(world, ada)
    assert "succeeded" in news


async def test_a_channel_that_is_gone_ends_its_subscriptions(world: World, ada: PretendPerson) -> None:
    await types(ada, f"subscribe {WAIT}")
    world.orchestrator.finish(await runs_elsewhere(world))
    world.slack.faults.fail("chat.postMessage", "is_archived")
    await looks(world)
    assert "Nothing is subscribed to here" in await types(ada, "subscribe")


async def test_what_one_may_not_run_cannot_be_listened_to(
    world: World, ada: PretendPerson, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        f"rules:\n  - {{name: ben's, workflows: {{names: [{WAIT}]}}, run: {{users: [U0BEN]}}}}\n"
    )
    await world.stop()
    await world.start(POLICY_FILE=str(policy))
    assert "No workflow that you may run here" in await types(ada, f"subscribe {WAIT}")
    assert "This channel hears" in await types(world.person("ben"), f"subscribe {WAIT}")


async def test_words_that_are_merely_similar_subscribe_to_nothing(world: World, ada: PretendPerson) -> None:
    said = await types(ada, "subscribe wait for replicaton")
    assert "Similar" in said
    assert WAIT in said
    assert not await world.bot.store.subscriptions.of("C0OPS")


async def test_the_same_twice_is_refused_and_an_end_is_told(world: World, ada: PretendPerson) -> None:
    said = await types(ada, f"subscribe {WAIT} failed")
    assert "already" in await types(ada, f"subscribe {WAIT} failed")
    short = said.partition("unsubscribe ")[2][:8]
    assert "no more of each failed run" in await types(world.person("ben"), f"unsubscribe {short}")
    assert "no such subscription" in await types(ada, f"unsubscribe {short}")
    records = [each.entry.what for each in await world.bot.store.audit.page()]
    assert records[-2:] == ["subscribed", "unsubscribed"]


async def test_a_run_of_the_bot_s_own_names_its_launch(world: World, ada: PretendPerson) -> None:
    await types(ada, f"subscribe {WAIT} started")
    await world.launch(ada, "wait for replication", {})
    await looks(world)
    (news,) = heard(world, ada)
    assert "launch " in news
