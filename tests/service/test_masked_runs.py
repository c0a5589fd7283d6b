"""Secrets do not come back: a workflow that repeats its inputs gives none away, to nobody and nothing."""

from __future__ import annotations

import base64
import html
import json
import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.orchestrator.samples.drawing import steps
from bot.demo.orchestrator.scripts import Declared, End, Script
from bot.demo.orchestrator.values import parameter, properties, reference, text
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.store.migrating import migrate
from tests.dumping import rows, whole
from tests.wiring.test_safety import launch_id_of
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.orchestrator.scripts import Inputs
    from tests.world import World

TYPED = 'Tr0ub4dor/"3"&<é>=+horse'
NAMED = "correct-horse-battery"  # the environment's svc-backup
HOST = "HIDDEN-Host-77"
POLICY = """
rules:
  - name: echoes
    workflows: {names: [Echo, Refuse]}
    run: {everyone: true}
    typed_secrets: true
    hidden: [host]
    one_at_a_time: host
  - name: named
    workflows: {names: [Call]}
    run: {everyone: true}
    secrets: [svc-backup]
"""


def spellings(secret: str) -> list[str]:
    """What a workflow makes of a secret without meaning harm."""
    raw = secret.encode()
    return [
        secret,
        f"token={secret};",
        secret.upper(),
        json.dumps(secret),
        json.dumps({"body": json.dumps({"password": secret})}),
        html.escape(secret),
        f"https://x.example/login?p={quote(secret, safe='')}",
        base64.b64encode(raw).decode(),
        f"Basic {base64.b64encode(b'svc:' + raw).decode()}",
        base64.b64encode(secret.encode("utf-16-le")).decode(),
        raw.hex(),
    ]


def echoing(name: str, *, state: str, secret: str = "") -> PretendWorkflow:
    """A workflow that returns what it was given in every way, and its secret even where it knows another."""

    def end(given: Inputs) -> End:
        told = [each for value in given.values() if isinstance(value, str) for each in spellings(value)]
        told += spellings(secret) if secret else []
        everything = "\n".join(told)
        return End(
            state=state,
            error=f"Exception: {everything}" if state == "failed" else "",
            business_state=everything,
            outputs=(
                parameter("plain", "string", text(everything)),
                parameter("facts", "Properties", properties({each[:200]: text(each) for each in told})),
                parameter("machine", "VC:VirtualMachine", reference("VC:VirtualMachine", told[0])),
                parameter("long", "string", text("x" * 99_990 + everything)),
            ),
        )

    inputs = (Declared(name="host", type="string"), Declared(name="entry", type="SecureString"))
    return PretendWorkflow(
        name=name,
        folder="Operations",
        inputs=inputs[1:] if name == "Call" else inputs,
        script=Script(phases=steps(("work", 30, "working")), end=end),
    )


@pytest.fixture
async def world(tmp_path: Path, database: str) -> AsyncIterator[World]:
    """The bot and the workflows that repeat what they are given, on each database in turn."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=policy) as made:
        for name, state in (("Echo", "completed"), ("Refuse", "failed")):
            made.orchestrator.add_workflow(echoing(name, state=state))
        made.orchestrator.add_workflow(echoing("Call", state="failed", secret=NAMED))
        await made.bot.catalogue.refresh()
        yield made


async def assert_unseen(world: World, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    """No Slack payload, no row and no log line has it, however it was written."""
    stored = await whole(world.settings.database_url.get_secret_value())
    logged = "\n".join(logging.Formatter().format(each) + repr(each.args) for each in caplog.records)
    for spelled in [*spellings(secret), secret.lower(), json.dumps(secret)[1:-1]]:
        assert world.slack.where(spelled) == []
        assert spelled.encode() not in stored
        assert json.dumps(spelled)[1:-1].encode() not in stored
        assert spelled not in logged


@pytest.mark.parametrize("name", ["Echo", "Refuse"])
async def test_a_typed_secret_that_the_workflow_repeats_is_masked_before_it_is_stored_or_told(
    world: World, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    card = await world.launch(world.person("ada"), name, {"host": HOST, "entry": TYPED})
    assert TYPED in str(world.orchestrator.starts[0].body) or TYPED.replace('"', '\\"') in json.dumps(
        world.orchestrator.starts[0].body, ensure_ascii=False
    )
    told = await world.until_told("Succeeded" if name == "Echo" else "Failed", card=card)
    assert "••••••" in told
    await assert_unseen(world, TYPED, caplog)


async def test_a_named_secret_that_the_workflow_repeats_is_masked_although_it_was_changed_meanwhile(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ada = world.person("ada")
    await world.fill(ada, "Call", {})
    await ada.pick("entry", "svc-backup")
    assert (await world.send(ada)).ok
    await world.tick(2)
    assert NAMED in str(world.orchestrator.starts[0].body)
    await world.stop()
    await world.start(SECRET_SVC_BACKUP="another-horse-by-now")
    told = await world.until_told("Failed")
    assert "••••••" in told
    await assert_unseen(world, NAMED, caplog)


async def test_what_a_hidden_input_holds_is_masked_in_outputs_errors_and_the_queue(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ada = world.person("ada")
    first = await world.launch(ada, "Echo", {"host": HOST, "entry": TYPED})
    await world.tick()
    second = await world.launch(ada, "Refuse", {"host": HOST.lower(), "entry": TYPED})
    other = await world.launch(ada, "Echo", {"host": HOST.lower(), "entry": TYPED})
    await world.tick()
    assert "only one run at a time may work on this value, which the policy hides" in world.told(other)
    await world.until_told("Succeeded", card=first)
    await world.until_told("Failed", card=second)
    await world.until_told("Succeeded", card=other)
    said = world.told(other)
    assert said.count("only one run at a time") == 1, "told once, not at every look"
    for spelled in [*spellings(HOST), HOST.lower()]:
        told_in = set(world.slack.where(spelled))
        assert told_in <= {"ack", "views.open", "views.update"}, "she sees in her form what she typed"
    kept = await rows(world.settings.database_url.get_secret_value())
    assert HOST.lower() not in "".join(kept["events"]).lower()


@pytest.mark.parametrize("secret", [TYPED, TYPED * 12], ids=["whole", "cut off"])
async def test_orchestrators_complaint_about_a_start_gives_no_secret_away(
    world: World, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    world.orchestrator.fault("POST */executions", ArmedFault.ECHO)
    card = await world.launch(world.person("ada"), "Echo", {"host": HOST, "entry": secret})
    told = await world.until_told("Failed", card=card)
    assert "Cannot convert" in told
    assert "••••••" in told
    assert HOST not in told
    await assert_unseen(world, TYPED, caplog)


async def test_nothing_is_shown_where_the_key_that_opens_the_secret_is_gone(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    card = await world.launch(world.person("ada"), "Echo", {"host": HOST, "entry": TYPED})
    await world.tick()
    await world.stop()
    await world.start(SEALING_KEYS="mYl1ZxQkzl6fC6Jx8q2iJr0w3m0v8s0kq1bqHh1m3bA=")
    told = await world.until_told("Succeeded", card=card)
    assert "could not open this launch's secrets" in told
    await assert_unseen(world, TYPED, caplog)
    launch = await world.the_launch(launch_id_of(card))
    assert launch.outcome is not None
    assert all("could not open" in str(each.value) for each in launch.outcome.outputs)


async def test_a_secret_is_offered_only_for_the_input_the_policy_names(world: World) -> None:
    policy = world.folder / "policy.yaml"
    policy.write_text(POLICY.replace("[svc-backup]", "[{name: svc-backup, inputs: [other]}, svc-monitoring]"))
    await world.stop()
    await world.start(POLICY_FILE=str(policy))
    ada = world.person("ada")
    await world.fill(ada, "Call", {})
    assert "svc-monitoring" in ada.reads()
    assert "svc-backup" not in ada.reads()
