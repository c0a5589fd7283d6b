"""Forms as real workflows have them: a way on from every error, optional inputs, own objects, own files."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli.audit import export
from bot.demo.orchestrator.inventory import InventoryObject
from bot.demo.orchestrator.samples.drawing import Drawn, field, form, of
from bot.demo.orchestrator.scripts import Declared
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.domain.invisible import invisible_in
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.world import World

POLICY = """
rules:
  - {name: all, workflows: {folders: ["Ops/**"]}, run: {everyone: true}}
"""
BOUND = [{"equals": {"env": "prod"}, "value": 3}, {"value": 10}]


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=policy) as made:
        yield made


def nodes() -> Drawn:
    """A number whose greatest value depends on the environment."""
    kind = of("decimal")
    return field("count", label="Nodes", display="decimalField", kind=kind, min_value=1, max_value=BOUND)


async def offer(world: World, name: str, *inputs: Declared, **more: Any) -> None:  # noqa: ANN401 - a workflow's
    world.orchestrator.add_workflow(PretendWorkflow(name=name, folder="Ops", inputs=inputs, **more))
    await world.bot.catalogue.refresh()


def sent(world: World) -> str:
    return str(world.orchestrator.starts[-1].body)


async def test_a_bound_that_another_field_changed_is_said_and_can_be_kept(world: World) -> None:
    drawn = form(
        field("env", label="Environment", required=True, default="test"),
        field(
            "count", label="Nodes", display="decimalField", kind=of("decimal"), min_value=1, max_value=BOUND
        ),
    )
    inputs = (Declared(name="env", type="string"), Declared(name="count", type="number"))
    await offer(world, "Add nodes", *inputs, form=drawn)
    ada = world.person("ada")
    await world.fill(ada, "Add nodes", {})
    await ada.type("Environment", "prod")  # without Enter: the bot hears of it with the form alone
    await ada.type("Nodes", "8")
    first = await world.turn(ada)
    assert first.error is None, "Slack says that it had some trouble connecting"
    assert "At most 3" in (str(first.error_at) + ada.reads())
    assert world.slack.violations == []
    await ada.type("Nodes", "2")
    assert (await world.turn(ada)).ok
    assert (await world.send(ada)).ok
    await world.tick()
    await world.until_told("Started")
    assert "'value': 2" in sent(world)


async def test_the_way_back_after_such_an_error_leads_to_the_former_bound(world: World) -> None:
    drawn = form(
        field("env", label="Environment", required=True, default="test"),
        field(
            "count", label="Nodes", display="decimalField", kind=of("decimal"), min_value=1, max_value=BOUND
        ),
    )
    inputs = (Declared(name="env", type="string"), Declared(name="count", type="number"))
    await offer(world, "Add nodes", *inputs, form=drawn)
    ada = world.person("ada")
    await world.fill(ada, "Add nodes", {})
    await ada.type("Environment", "prod")
    await ada.type("Nodes", "8")
    await world.turn(ada)
    await ada.type("Environment", "test")
    turned = await world.turn(ada)
    assert turned.error is None
    assert turned.ok
    assert (await world.send(ada)).ok
    await world.tick()
    await world.until_told("Started")
    assert "'value': 8" in sent(world)


async def test_bounds_of_whole_numbers_go_out_as_integers(world: World) -> None:
    drawn = form(
        field(
            "size",
            label="Size",
            display="integerField",
            kind={"dataType": "integer"},
            min_value=2.5,
            max_value=7.5,
            default=4,
        ),
    )
    await offer(world, "Grow", Declared(name="size", type="number"), form=drawn)
    ada = world.person("ada")
    await world.fill(ada, "Grow", {})
    assert ada.view is not None
    (element,) = [each["element"] for each in ada.view["blocks"] if each["type"] == "input"]
    told = {name: element.get(name) for name in ("min_value", "max_value", "initial_value")}
    assert told == {"min_value": "3", "max_value": "7", "initial_value": "4"}


async def test_an_input_of_a_workflow_without_a_form_may_stay_empty_unless_it_is_mandatory(
    world: World,
) -> None:
    inputs = (
        Declared(name="host", type="string", mandatory=True),
        Declared(name="note", type="string"),
        Declared(name="hard", type="boolean"),
    )
    world.orchestrator.habits = world.orchestrator.habits.__class__(version="9.1.0", presentation=False)
    await offer(world, "Restart", *inputs)
    ada = world.person("ada")
    await world.fill(ada, "Restart", {})
    empty = await ada.submit()
    assert not empty.ok
    await ada.type("host", "web-01")
    assert (await world.turn(ada)).ok
    assert (await world.send(ada)).ok
    await world.tick()
    await world.until_told("Started")
    assert "web-01" in sent(world)


async def test_an_object_of_orchestrators_own_is_picked_from_the_catalogue(world: World) -> None:
    world.orchestrator.add_items(
        [
            InventoryObject(type="ResourceElement", id="re-1", name="motd.txt"),
            InventoryObject(type="ResourceElement", id="re-2", name="banner.txt"),
        ]
    )
    await offer(
        world,
        "Publish",
        Declared(name="file", type="ResourceElement"),
        Declared(name="others", type="Array/ResourceElement"),
    )
    ada = world.person("ada")
    await world.fill(ada, "Publish", {})
    await ada.pick("file", "motd.txt", typed="motd")
    await ada.pick("others", "banner.txt", typed="ban")
    assert (await world.turn(ada)).ok, ada.reads()
    assert (await world.send(ada)).ok
    await world.tick()
    await world.until_told("Started")
    assert "{'type': 'ResourceElement', 'id': 're-1'" in sent(world)
    assert "{'type': 'ResourceElement', 'id': 're-2'" in sent(world)
    assert world.orchestrator.invalid_starts == []


async def test_a_form_takes_files_of_nobody_but_who_fills_it_in(world: World) -> None:
    await offer(world, "Trust", Declared(name="certificate", type="MimeAttachment"))
    ada, ben = world.person("ada"), world.person("ben")
    secret = ben.talk.upload(ben.member, name="salaries.csv", content=b"everybody's salary")
    await world.fill(ada, "Trust", {})
    await ada.attach("certificate", name="own.pem", content=b"her own")
    view = ada.view
    assert view is not None
    (block,) = [each for each in view["blocks"] if each["type"] == "input"]
    held = view["state"]["values"][block["block_id"]]
    (action,) = held
    forged = {**held, action: {**held[action], "files": [secret]}}
    payload = ada.gestures.payloads.submission(
        ada.member, {**view, "state": {"values": {block["block_id"]: forged}}}, here="C0OPS", urls=[]
    )
    await world.slack.send("interactive", payload)
    await world.bot.dispatcher.drain(seconds=5)
    assert "put into Slack by somebody else" in ada.reads()


async def test_what_nobody_sees_in_a_longer_text_is_marked_where_it_is_read_and_sent_as_typed(
    world: World,
) -> None:
    await offer(world, "Announce", Declared(name="news", type="Text"))
    ada = world.person("ada")
    typed = "deploy pro\u200bd\nand \u202egnp.exe"
    await world.fill(ada, "Announce", {})
    await ada.type("news", typed)
    assert (await world.turn(ada)).ok
    marked = "deploy pro⟨U+200B⟩d\nand ⟨U+202E⟩gnp.exe"
    assert marked in ada.reads()
    assert (await world.send(ada)).ok
    await world.tick()
    assert marked in ada.reads(world.card())
    await world.until_told("Started")
    assert repr(typed) in sent(world)
    out = io.StringIO()
    await export(world.settings, style="jsonl", since=None, out=out)
    (line,) = [each for each in out.getvalue().splitlines() if "deploy pro" in each]
    assert invisible_in(line) == ()
    assert json.loads(line)["detail"]["arguments"]["news"] == typed
