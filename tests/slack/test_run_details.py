"""What a run leaves behind: why it failed, all it gave back, and its log, to whom the policy shows it."""

from __future__ import annotations

import ast
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.orchestrator.scripts import Declared, End, Phase, Script
from bot.demo.orchestrator.values import parameter, properties, text
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.domain.outputs import told_text
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.orchestrator.values import Obj
    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from tests.world import World

LONG = "".join(f"{number:05}\n" for number in range(5_300))  # 31,800 characters
ROWS: Obj = {
    "array": {"elements": [properties({"vm": text(name), "note": text(note)}) for name, note in
                           (("web-01", "ok"), ("web-02", '=HYPERLINK("x")'), ("web,03", "two\nlines"))]}
}  # fmt: skip
POLICY = """
rules:
  - name: shared
    workflows: {names: [Shared]}
    run: {users: [U0ADA]}
    log: thread
  - name: closed
    workflows: {names: [Closed]}
    run: {users: [U0ADA]}
    log: off
  - name: the rest
    workflows: {folders: ["**"]}
    run: {users: [U0ADA]}
"""


def workflow(name: str, end: End) -> PretendWorkflow:
    """One that writes into its log, and ends so."""
    says = ("hello", "warning: nearly full", "debug: token=abcdef123456 used")
    return PretendWorkflow(
        name=name,
        inputs=(Declared(name="pin", type="string"),),
        script=Script(
            phases=(Phase(item="Find room", lasts=timedelta(seconds=1), says=says),), end=lambda _: end
        ),
    )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    async with a_world(tmp_path, database=database, policy=policy) as made:
        yield made


@pytest.fixture
def ada(world: World) -> PretendPerson:
    return world.person("ada")


async def run(world: World, name: str, end: End) -> Json:
    """Run it to its end; its card."""
    world.orchestrator.add_workflow(workflow(name, end))
    await world.bot.catalogue.refresh()
    card = await world.launch(world.person("ada"), name, {"pin": "4711"})
    await world.until_told("*Failed*" if end.state == "failed" else "*Succeeded*", card=card)
    return world.card()


FAILED = End(state="failed", error="no room")
GAVE = End(
    outputs=(
        parameter("report", "string", text(LONG)),
        parameter("machines", "Array/Properties", ROWS),
        parameter("_cursor", "string", text("page-7")),
    )
)


async def test_a_failed_run_tells_its_step_and_its_last_warnings(world: World, ada: PretendPerson) -> None:
    card = await run(world, "Plain", FAILED)
    told = world.told(card)
    assert "at the step “Find room”" in told
    assert "warning: nearly full" in told
    assert "hello" not in told
    assert "*Failed at*\nFind room" in ada.reads(card)


async def test_the_dump_of_a_failure_reaches_nobody(world: World, ada: PretendPerson) -> None:
    """Orchestrator writes its stack with all inputs into the log, as one entry."""
    card = await run(world, "Plain", FAILED)
    await world.press(ada, "Show log", card=card)
    await ada.pick("log_level", "All lines")
    await world.bot.dispatcher.drain(seconds=5)
    for said in (world.told(card), ada.reads()):
        assert "Workflow execution stack" not in said
        assert "4711" not in said


async def test_a_log_that_cannot_be_read_delays_no_end(world: World) -> None:
    world.orchestrator.fault("GET */syslogs", ArmedFault.UNAVAILABLE, times=None)
    world.orchestrator.fault("GET */logs", ArmedFault.UNAVAILABLE, times=None)
    assert "*Failed*" in world.told(await run(world, "Plain", FAILED))


async def test_the_log_is_shown_by_level_to_who_asks_alone(world: World, ada: PretendPerson) -> None:
    card = await run(world, "Plain", FAILED)
    before = len(world.slack.messages("ops"))
    await world.press(ada, "Show log", card=card)
    assert "hello" in ada.reads()
    assert "abcdef123456" not in ada.reads()
    assert ada.view is not None
    await ada.pick("log_level", "Warnings and errors")
    await world.bot.dispatcher.drain(seconds=5)
    assert "nearly full" in ada.reads()
    assert "hello" not in ada.reads()
    assert "Whole log as a file" not in ada.reads()
    assert len(world.slack.messages("ops")) == before


async def test_a_log_is_shared_only_where_the_rule_says_so(world: World, ada: PretendPerson) -> None:
    card = await run(world, "Shared", FAILED)
    await world.press(ada, "Show log", card=card)
    await world.press(ada, "Whole log as a file in the thread", card=ada.view)
    assert "nearly full" in shared_files(world, card)["Shared.log.txt"]
    assert "abcdef123456" not in shared_files(world, card)["Shared.log.txt"]
    assert await recorded(world, "log shared") == [ada.id]


async def test_a_rule_shows_the_log_to_nobody(world: World, ada: PretendPerson) -> None:
    card = await run(world, "Closed", FAILED)
    assert "Show log" not in ada.reads(card)
    assert "nearly full" not in world.told(card)
    shown_once = await run(world, "Shared", FAILED)
    forged = str(shown_once).replace(launch_of(shown_once), launch_of(card))
    pressed = await ada.press("Show log", in_=ast.literal_eval(forged), stale=True)
    await world.bot.dispatcher.drain(seconds=5)
    assert pressed.ok
    assert ada.view is None
    assert "shows nobody the log" in ada.reads(ada.ephemerals("ops")[-1])
    refused = [each.entry for each in await world.bot.store.audit.page() if each.entry.what == "refused"]
    assert [each.detail["wish"] for each in refused] == ["read the log"]


async def test_an_orchestrator_that_is_away_is_said_in_the_log_window(
    world: World, ada: PretendPerson
) -> None:
    card = await run(world, "Plain", FAILED)
    world.orchestrator.fault("GET */syslogs", ArmedFault.UNAVAILABLE, times=None)
    world.orchestrator.fault("GET */logs", ArmedFault.UNAVAILABLE, times=None)
    await world.press(ada, "Show log", card=card)
    assert "try again" in ada.reads()


async def test_every_character_of_a_long_output_can_be_read_in_the_window(
    world: World, ada: PretendPerson
) -> None:
    card = await run(world, "Plain", GAVE)
    assert "Internal outputs, not shown here: \u2060_\u2060cursor" in world.told(card)
    assert "page-7" not in world.told(card)
    await world.press(ada, "Show all outputs", card=card)
    read = ada.reads()
    while _has(ada, "Next page"):
        await world.press(ada, "Next page", card=ada.view)
        read += ada.reads()
    assert all(f"{number:05}" in read for number in range(5_300))
    assert "page-7" in read
    assert _has(ada, "Back")


async def test_long_outputs_are_whole_files_in_the_thread_and_tables_csv(
    world: World, ada: PretendPerson
) -> None:
    card = await run(world, "Plain", GAVE)
    await world.press(ada, "Show all outputs", card=card)
    await world.press(ada, "As files in the thread", card=ada.view)
    files = shared_files(world, card)
    assert files["report.txt"] == LONG
    assert files["machines.csv"] == (
        'vm,note\nweb-01,ok\nweb-02,"\'=HYPERLINK(""x"")"\n"web,03","two\nlines"\n'
    )
    assert set(files) == {"report.txt", "machines.csv"}
    assert await recorded(world, "outputs shared") == [ada.id]


async def test_without_the_scope_files_are_offered_no_more(world: World, ada: PretendPerson) -> None:
    card = await run(world, "Plain", GAVE)
    world.slack.scopes.discard("files:write")
    await world.press(ada, "Show all outputs", card=card)
    await world.press(ada, "As files in the thread", card=ada.view)
    assert "files:write" in ada.reads()
    await ada.close_view()
    await world.press(ada, "Show all outputs", card=card)
    assert not _has(ada, "As files in the thread")
    assert _has(ada, "Next page")


@pytest.mark.parametrize("where", ["upload", "files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_a_file_that_slack_does_not_take_is_said_and_can_be_asked_for_again(
    world: World, ada: PretendPerson, where: str
) -> None:
    card = await run(world, "Plain", GAVE)
    world.slack.faults.status(where, 500)
    await world.press(ada, "Show all outputs", card=card)
    await world.press(ada, "As files in the thread", card=ada.view)
    assert "did not take the file" in ada.reads()
    await ada.close_view()
    await world.press(ada, "Show all outputs", card=card)
    await world.press(ada, "As files in the thread", card=ada.view)
    assert shared_files(world, card)["report.txt"] == LONG


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("login with password=hunter2 done", "login with password=•••••• done"),
        ('{"apiKey": "k-1 2", "host": "esx01"}', '{"apiKey": ••••••, "host": "esx01"}'),
        ("no secrets here", "no secrets here"),
    ],
)
def test_what_a_line_names_as_a_secret_is_hidden(said: str, told: str) -> None:
    assert told_text(said) == told


def content_of(world: World, file_id: str) -> str:
    stored = world.slack.workspace.files.find(file_id)
    assert stored is not None
    return (stored.content or b"").decode()


def launch_of(card: Json) -> str:
    return str(card["metadata"]["event_payload"]["launch"])


async def recorded(world: World, what: str) -> list[str]:
    """Who did this, as the audit has it."""
    return [each.entry.user_id for each in await world.bot.store.audit.page() if each.entry.what == what]


def _has(who: PretendPerson, button: str) -> bool:
    return who.view is not None and button in str(who.view["blocks"])


def shared_files(world: World, card: Json) -> dict[str, str]:
    """The files in the thread of a card, whole, by name."""
    found = {}
    for message in world.slack.thread("ops", card["ts"]):
        for file in message.get("files", ()):
            found[file["name"]] = content_of(world, file["id"])
    return found
