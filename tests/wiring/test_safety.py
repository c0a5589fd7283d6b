"""What nobody can do, however they try: act for others, start twice, read a secret, or smuggle a mention."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import logging
import re
import time
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp
import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.orchestrator.samples.drawing import said, steps
from bot.demo.orchestrator.scripts import Declared, End, Script
from bot.demo.orchestrator.values import parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.demo.slack.delivery.forging import foreign
from bot.demo.slack.delivery.signed_http import body_of
from bot.domain.launch import State
from bot.slack.receivers.http import PATH
from bot.wiring.port import listening
from tests.dumping import rows, whole
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.slack.delivery.envelope import Delivery, Kind
    from bot.demo.slack.delivery.signed_http import Signing
    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from tests.world import World

POLICY = Path(__file__).parent.parent / "policy.yaml"
DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}


pytestmark = pytest.mark.policy(POLICY)


async def stored(world: World) -> dict[str, list[str]]:
    """What the database holds, but for the audit and the payloads seen: these keep refusals too."""
    found = await rows(world.settings.database_url.get_secret_value())
    return {table: kept for table, kept in found.items() if not table.startswith(("audit", "payloads_seen"))}


async def press(world: World, who: PretendPerson, button: str, card: Json, *, channel: str = "ops") -> str:
    """Press a button of a card as it was when it was kept; what the bot then says to this person alone."""
    before = len(who.ephemerals(channel))
    pressed = await who.press(button, in_=card, stale=True)
    await world.bot.dispatcher.drain(seconds=5)
    assert pressed.ok
    return "\n".join(who.reads(each) for each in who.ephemerals(channel)[before:])


async def asked(world: World, who: str = "ada") -> Json:
    """The card of a launch that waits for approval."""
    return await world.launch(world.person(who), "delete virtual", DELETE)


# who may decide


async def test_somebody_who_is_no_approver_cannot_approve(world: World) -> None:
    card, ben = await asked(world), world.person("ben")
    before = await stored(world)
    assert "not among the approvers" in await press(world, ben, "Approve", card)
    assert await stored(world) == before
    assert not world.orchestrator.starts
    last = (await world.bot.store.audit.page())[-1].entry
    assert (last.what, last.user_id) == ("refused", ben.id)


async def test_a_requester_cannot_approve_their_own_launch_even_as_an_approver(world: World) -> None:
    card, grace = await asked(world, "grace"), world.person("grace")
    before = await stored(world)
    for button in ("Approve", "Reject"):
        assert "somebody else has to decide" in await press(world, grace, button, card)
    assert await stored(world) == before
    assert not world.orchestrator.starts


async def test_an_approver_who_became_a_guest_cannot_approve(world: World) -> None:
    card, grace = await asked(world), world.person("grace")
    world.slack.directory.change_member("grace", is_restricted=True)
    await world.pass_time(minutes=16)
    before = await stored(world)
    assert "full members" in await press(world, grace, "Approve", card)
    assert await stored(world) == before
    assert not world.orchestrator.starts


async def test_an_approver_who_left_the_group_cannot_approve(world: World) -> None:
    card, grace = await asked(world), world.person("grace")
    world.slack.directory.user_groups["S0APPROVERS"].users.remove(grace.id)
    await world.pass_time(minutes=16)
    assert "not among the approvers" in await press(world, grace, "Approve", card)
    assert not world.orchestrator.starts


async def test_when_slack_does_not_say_who_somebody_is_they_may_nothing(world: World) -> None:
    card, grace = await asked(world), world.person("grace")
    world.slack.faults.fail("users.info", times=None)
    await world.pass_time(minutes=16)
    before = await stored(world)
    told = await press(world, grace, "Approve", card)
    assert "Slack did not say" in told
    assert "try again in" in told
    assert "full members" not in told
    assert await stored(world) == before


async def test_a_guest_and_a_stranger_are_told_no_and_nothing_is_written(world: World) -> None:
    guest, stranger = world.person("gil"), world.person("noor")
    card = await asked(world)
    before = await stored(world)
    for words in ("", "run delete virtual", "status", "history", "cancel 12345678", "help"):
        answer = await guest.slash("/vro", words, channel="ops")
        assert "full members" in answer.text, words
    for button in ("Approve", "Reject", "Withdraw"):
        assert "full members" in await press(world, guest, button, card)
    assert await stored(world) == before

    shared = await world.launch(world.person("ada"), "delete virtual", DELETE, channel="service-desk")
    before = await stored(world)
    for button in ("Approve", "Reject", "Withdraw"):
        assert "full members" in await press(world, stranger, button, shared, channel="service-desk")
    assert await stored(world) == before
    assert not world.orchestrator.starts


async def test_somebody_who_may_not_see_a_launch_cannot_stop_it(world: World) -> None:
    card, linus = await asked(world), world.person("linus")
    world.slack.directory.user_groups["S0APPROVERS"].users.remove(linus.id)
    await world.pass_time(minutes=16)
    assert "can stop it" in await press(world, linus, "Withdraw", card)
    launch_id = launch_id_of(card)
    answer = await linus.slash("/vro", f"cancel {launch_id[:8]}", channel="ops")
    assert "no such launch" in answer.text
    assert (await world.the_launch(launch_id)).state is State.AWAITING_APPROVAL


def launch_id_of(card: Json) -> str:
    """The launch a card belongs to, as its metadata says."""
    return str(card["metadata"]["event_payload"]["launch"])


# requests that Slack did not send, or not now


async def test_a_payload_from_another_workspace_is_refused(world: World) -> None:
    card, grace = await asked(world), world.person("grace")
    await world.person("ben").press("Approve", in_=card)
    await world.person("ada").slash("/vro", "run wait for replication", channel="ops")
    await world.bot.dispatcher.drain(seconds=5)
    click = next(each for each in world.slack.deliveries if each.type == "block_actions")
    command = next(each for each in world.slack.deliveries if each.type == "/vro")
    before, calls = await stored(world), len(world.slack.calls)
    by_grace = {**click.payload, "user": {**click.payload["user"], "id": grace.id}}
    forged: tuple[tuple[Kind, Json], ...] = (("interactive", by_grace), ("slash_commands", command.payload))
    for kind, payload in forged:
        told = len(world.slack.where("does not serve this workspace"))
        assert (await world.slack.send(kind, foreign(payload, team_id="T0EVIL"))).body == {}
        assert len(world.slack.where("does not serve this workspace")) == told + 1
    assert await stored(world) == before
    assert len(world.slack.calls) == calls
    assert not world.orchestrator.starts


async def test_an_approver_of_another_workspace_is_not_the_one_of_ours(world: World) -> None:
    card = await asked(world)
    await world.press(world.person("ben"), "Approve", card=card)
    click = next(each for each in world.slack.deliveries if each.type == "block_actions")
    before = await stored(world)
    theirs = {**click.payload, "user": {"id": "U0GRACE", "username": "grace", "team_id": "T0EVIL"}}
    assert (await world.slack.send("interactive", theirs)).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert await stored(world) == before
    assert not world.orchestrator.starts


@pytest.mark.parametrize("signing", ["missing", "wrong", "stale"])
async def test_a_badly_signed_request_is_refused(world: World, signing: Signing) -> None:
    card = await asked(world)
    delivery = await spent_approval(world, card)
    before = await stored(world)
    answer = await world.slack.post_signed(delivery, signing=signing)
    assert answer.status == 401
    assert await stored(world) == before
    assert not world.orchestrator.starts


async def spent_approval(world: World, card: Json) -> Delivery:
    """What Slack would send if Grace approved; made of a click of Ben's, which changed nothing."""
    await world.press(world.person("ben"), "Approve", card=card)
    delivery = world.slack.deliveries[-1]
    delivery.payload = {**delivery.payload, "user": {**delivery.payload["user"], "id": "U0GRACE"}}
    return delivery


async def test_the_very_same_request_is_taken_once(world: World) -> None:
    card = await asked(world)
    raw, content_type = body_of(await spent_approval(world, card))
    sent_at = str(int(time.time()))
    base = f"v0:{sent_at}:".encode() + raw
    signature = "v0=" + hmac.new(world.slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": sent_at,
        "X-Slack-Signature": signature,
    }
    statuses = []
    async with listening(world.settings, lambda: world.bot) as port, aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(f"http://127.0.0.1:{port}{PATH}", data=raw, headers=headers) as answer:
                statuses.append(answer.status)
    assert statuses == [200, 401, 401]
    await world.bot.dispatcher.drain(seconds=5)
    await world.tick(3)
    assert len(world.orchestrator.starts) == 1


# clicks that come late, together, or twice


async def test_a_late_click_gets_a_true_answer_and_changes_nothing(world: World) -> None:
    card, grace, linus = await asked(world), world.person("grace"), world.person("linus")
    await grace.press("Approve", in_=card)
    await world.until_told("Succeeded")
    before = await stored(world)
    for button in ("Approve", "Reject"):
        said = await press(world, linus, button, card)
        assert "already succeeded" in said
        assert "changed nothing" in said
    said = await press(world, grace, "Withdraw", card)
    assert "already ended: succeeded" in said
    assert await stored(world) == before
    assert len(world.orchestrator.starts) == 1


@pytest.mark.parametrize("ticked", [True, False], ids=["told", "not yet told"])
async def test_a_click_on_an_expired_request_starts_nothing(world: World, *, ticked: bool) -> None:
    card, grace = await asked(world), world.person("grace")
    world.clock.offset += timedelta(minutes=31)
    if ticked:
        await world.tick()
        assert "Nobody approved it in time" in world.told()
    said = await press(world, grace, "Approve", card)
    assert "expired" in said
    assert "changed nothing" in said
    await world.tick(3)
    assert not world.orchestrator.starts


async def test_two_approvals_at_the_same_instant_start_once(world: World) -> None:
    card, grace, linus = await asked(world), world.person("grace"), world.person("linus")
    said = await asyncio.gather(press(world, grace, "Approve", card), press(world, linus, "Approve", card))
    await world.until_told("Succeeded")
    assert sorted("Your click changed nothing" in each for each in said) == [False, True]
    assert len(world.orchestrator.starts) == 1
    assert world.told().count("approved it") == 1


async def test_approving_and_withdrawing_at_the_same_instant_is_one_of_both(world: World) -> None:
    card = await asked(world)
    await asyncio.gather(
        press(world, world.person("grace"), "Approve", card),
        press(world, world.person("ada"), "Withdraw", card),
    )
    await world.pass_time(seconds=30)
    launch = await world.the_launch(launch_id_of(card))
    assert launch.state in {State.WITHDRAWN, State.CANCELLED, State.SUCCEEDED}
    assert len(world.orchestrator.starts) == (launch.state is not State.WITHDRAWN)


async def test_a_form_sent_twice_launches_once(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "wait for replication", {})
    assert (await world.send(ada)).ok
    sent = world.slack.deliveries[-1]
    assert sent.type == "view_submission"
    presses = [{**sent.payload, "trigger_id": f"{number}.press"} for number in range(4)]
    again = await asyncio.gather(*(world.slack.send("interactive", payload) for payload in presses))
    assert all(ack.ok for ack in again)
    await world.bot.dispatcher.drain(seconds=5)
    assert sum("launched once" in told["text"] for told in world.slack.messages(ada.dm)) == len(again)
    await world.tick()
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1
    assert len(world.slack.messages("ops")) == 1


async def test_a_form_sent_by_somebody_else_is_not_theirs_to_send(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "wait for replication", {})
    assert ada.view is not None
    await world.send(ada)
    sent = world.slack.deliveries[-1]
    await world.fill(ada, "wait for replication", {})
    view = {**sent.payload["view"], "private_metadata": ada.view["private_metadata"]}
    before = await stored(world)
    bens = {**sent.payload, "view": view, "user": {**sent.payload["user"], "id": "U0BEN"}}
    bens["trigger_id"] = "1.press"
    assert (await world.slack.send("interactive", bens)).ok
    await world.bot.dispatcher.drain(seconds=5)
    assert "no longer kept" in world.slack.messages(world.person("ben").dm)[-1]["text"]
    assert await stored(world) == before


# secrets


PASSWORDS = """
rules:
  - name: passwords
    workflows: {names: [Rotate service password]}
    run: {everyone: true}
    approve: {groups: [S0APPROVERS], within: 30m}
    SECRETS
    inputs:
      account: {pattern: "svc-.*"}
"""
TYPED = "typed-canary-5b1f!&<>"
NAMED = "correct-horse-battery"


def passwords(folder: Path, *, secrets: str) -> Path:
    """A policy under which the password workflow takes such secrets."""
    file = folder / "passwords.yaml"
    file.write_text(PASSWORDS.replace("SECRETS", secrets))
    return file


async def test_a_typed_secret_reaches_orchestrator_and_nothing_else(
    tmp_path: Path, migrated: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    policy = passwords(tmp_path, secrets="typed_secrets: true")
    async with a_world(tmp_path, database=migrated, policy=policy) as world:
        ada, grace = world.person("ada"), world.person("grace")
        await world.fill(ada, "rotate", {"Account": "wrong", "New password": TYPED})
        refused = await world.send(ada)
        assert "expected form" in refused.error_at["Account"]
        await ada.type("Account", "svc-web")
        assert (await world.send(ada)).ok
        await world.tick()
        card = world.card()
        assert "••••••" in grace.reads(card)
        assert TYPED.encode() not in await whole(migrated)
        assert len((await stored(world))["sealed"]) == 1
        await world.press(grace, "Approve", card=card)
        await world.until_told("Succeeded")
        assert (await stored(world))["sealed"] == []
        await assert_unseen(world, TYPED, caplog)
        assert TYPED in str(world.orchestrator.starts[0].body)
    assert_not_logged(TYPED, caplog)


async def test_a_named_secret_reaches_orchestrator_and_nothing_else(
    tmp_path: Path, migrated: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    policy = passwords(tmp_path, secrets="secrets: [svc-backup]")
    async with a_world(tmp_path, database=migrated, policy=policy) as world:
        ada, grace = world.person("ada"), world.person("grace")
        await world.fill(ada, "rotate", {"Account": "svc-web"})
        await ada.pick("New password", "svc-backup")
        assert (await world.send(ada)).ok
        await world.tick()
        assert "the secret “svc-backup”" in grace.reads(world.card())
        await world.press(grace, "Approve")
        await world.until_told("Succeeded")
        await assert_unseen(world, NAMED, caplog)
        assert NAMED in str(world.orchestrator.starts[0].body)
    assert_not_logged(NAMED, caplog)


async def test_a_secret_is_unseen_when_everything_fails(
    tmp_path: Path, migrated: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    policy = passwords(tmp_path, secrets="typed_secrets: true")
    async with a_world(tmp_path, database=migrated, policy=policy) as world:
        ada, grace = world.person("ada"), world.person("grace")
        world.slack.faults.status("chat.postMessage", times=2)
        world.orchestrator.fault("POST */executions", ArmedFault.ERROR)
        await world.fill(ada, "rotate", {"Account": "svc-web", "New password": TYPED})
        assert (await world.send(ada)).ok
        for _ in range(3):
            await world.pass_time(seconds=60)
        await world.press(grace, "Approve")
        await world.until_told("found no run of it")
        await world.press(grace, "Give up")
        await world.until_told("stays unknown")
        assert (await stored(world))["sealed"] == []
        await assert_unseen(world, TYPED, caplog)
        assert not world.orchestrator.starts
    assert_not_logged(TYPED, caplog)


async def test_a_payload_that_cannot_be_read_is_logged_without_what_was_typed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ada = world.person("ada")
    await world.fill(ada, "wait for replication", {})
    await world.send(ada)
    sent = world.slack.deliveries[-1].payload
    odd = {**sent, "view": {**sent["view"], "state": {"values": {"a block": TYPED}}}}
    await world.slack.send("interactive", odd)
    assert "ValidationError" in caplog.text
    assert TYPED not in caplog.text


async def assert_unseen(world: World, secret: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither Slack nor the database nor the log has it, in the clear or thinly wrapped."""
    stored_bytes = await whole(world.settings.database_url.get_secret_value())
    for spelled in spellings(secret):
        assert world.slack.where(spelled) == []
        assert spelled.encode() not in stored_bytes
    assert_not_logged(secret, caplog)


def assert_not_logged(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    """No log record has it, at whatever level, in its words, its arguments or its traceback."""
    formatter = logging.Formatter()
    assert len(caplog.records) > 50
    for record in caplog.records:
        line = formatter.format(record) + repr(record.args)
        for spelled in spellings(secret):
            assert spelled not in line, record.name


def spellings(secret: str) -> list[str]:
    """The secret as it is, as JSON and mrkdwn would have it, and in base64."""
    raw = secret.encode()
    return [secret, html.escape(secret, quote=False), quote(secret), b64encode(raw).decode(), raw.hex()]


async def test_secret_outputs_are_hidden_where_people_read_and_in_the_database(world: World) -> None:
    card = await world.launch(world.person("ada"), "emergency access", {"system": "erp"})
    told = await world.until_told("Succeeded", card=card)
    assert "breakglass-erp" in told
    assert "oneTimePassword" in told
    assert "••••••" in told
    everything = await whole(world.settings.database_url.get_secret_value())
    for secret in ("pretend-one-time-pass", "pretend-session-token"):
        assert secret not in told
        assert world.slack.where(secret) == []
        assert secret.encode() not in everything


async def test_attributes_of_a_run_which_may_hold_credentials_are_not_kept(world: World) -> None:
    ada = world.person("ada")
    await world.fill(ada, "rotate", {"Account": "svc-web"})
    await ada.pick("New password", "svc-backup")
    await world.send(ada)
    await world.tick()
    await world.press(world.person("grace"), "Approve")
    await world.until_told("Succeeded")
    assert world.slack.where("pretend-vault-token") == []
    assert b"pretend-vault-token" not in await whole(world.settings.database_url.get_secret_value())


# what people and workflows' authors write


async def test_words_of_people_never_reach_a_path_as_they_are(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="httpx")
    ada = world.person("ada")
    answer = await ada.slash("/vro", "run ../../x", channel="ops")
    assert "No workflow you may run here matches" in answer.text
    await ada.slash("/vro", channel="ops")
    await ada.until(lambda: ada.view)
    await ada.pick("Workflow", "Wait for replication", typed="replication")
    await world.bot.dispatcher.drain(seconds=5)
    click = world.slack.deliveries[-1]
    assert click.type == "block_actions"
    for forged in ("../../x", "..", "a/../../about", "x?y=z", "x#y", "%2e%2e/x", "x\r\ny: z", "", "x" * 600):
        option = {**click.payload["actions"][0]["selected_option"], "value": forged}
        payload = {**click.payload, "actions": [{**click.payload["actions"][0], "selected_option": option}]}
        assert (await world.slack.send("interactive", payload)).ok
        await world.bot.dispatcher.drain(seconds=5)
        assert "Nothing was s" in ada.reads(), forged
    paths = [record.getMessage().split('"')[0] for record in caplog.records if record.name == "httpx"]
    assert any("..%2F..%2Fx" in path for path in paths)
    assert any("%252e%252e%2Fx" in path for path in paths)
    for path in paths:
        assert re.search(r"/vco/api/[\w/%.~-]*(\?[\w=&%.+-]*)? $", path), path
        assert "/../" not in path
    assert not world.orchestrator.starts


EVIL = "<!channel> <@U0GRACE> <https://evil.example|click> *b* `c` & \u202egnp.exe\u2066 :tada:"
EVIL_LINE = EVIL.replace("\u202e", "").replace("\u2066", "")  # a typed line may hold nothing invisible
ALLOWED = re.compile(
    r"@U0\w+|#C0\w+|!subteam\^S0\w+|!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d: UTC-]+"
    r"|https://harbour-it\.slack\.com/archives/\w+/p\d+\|.*"
)


async def test_nothing_people_or_authors_write_becomes_a_mention_or_a_link(world: World) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    world.orchestrator.add_workflow(evil_workflow())
    await world.bot.catalogue.refresh()
    before = len(world.slack.calls)
    await world.fill(ada, f'gnp field="{EVIL_LINE}"', {})
    await ada.close_view()
    await world.fill(ada, "gnp", {"field": EVIL_LINE, "lines": f"{EVIL}\n>{EVIL}"})
    assert (await world.send(ada)).ok
    await world.tick()
    await world.press(grace, "Reject")
    await grace.type("Why not?", EVIL)
    assert (await world.send(grace)).ok
    await world.tick()

    card = await world.launch(ada, "gnp", {"field": EVIL_LINE, "lines": EVIL})
    await world.press(grace, "Approve")
    await world.until_told("Failed", card=card)
    for words in ("status", "history", f"status {EVIL}", f"run {EVIL}", EVIL):
        assert (await ada.slash("/vro", words, channel="ops")).ok
    calls = world.slack.calls[before:]
    assert len(calls) > 10
    for texts in (
        [call.arguments for call in calls],
        [each.acks[-1].body for each in world.slack.deliveries],
    ):
        for marked in mrkdwn_in(texts):
            assert_harmless(marked)
    for hidden in ("\u202e", "\u2066"):
        assert hidden not in "".join(strings_in([call.arguments for call in calls]))


def evil_workflow() -> PretendWorkflow:
    """A workflow whose author wrote mischief wherever one can write."""
    return PretendWorkflow(
        name=EVIL,
        folder=f"Tenants/{EVIL.replace('/', '')}",
        version=EVIL,
        description=EVIL,
        inputs=(
            Declared(name="field", type="string", description=EVIL),
            Declared(name="lines", type="Text", description=EVIL),
        ),
        script=Script(
            phases=steps((EVIL, 1, EVIL)),
            end=lambda given: End(
                state="failed",
                error=EVIL,
                business_state=EVIL,
                outputs=(parameter(EVIL, "string", text(said(given, "field"))),),
            ),
        ),
    )


def mrkdwn_in(value: object) -> Iterator[str]:
    """Every text that Slack reads as mrkdwn: those of mrkdwn objects, and fallback texts."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "text" and isinstance(part, str) and value.get("type") not in {"plain_text", "text"}:
                yield part
            elif not (name == "text" and isinstance(part, str)):
                yield from mrkdwn_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from mrkdwn_in(part)


def assert_harmless(marked: str) -> None:
    """Only what the bot itself links and mentions stands in angle brackets."""
    for token in re.findall(r"<([^>]*)>?", marked):
        assert ALLOWED.fullmatch(token), marked


def strings_in(value: object) -> Iterator[str]:
    """Every string."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings_in(part)
