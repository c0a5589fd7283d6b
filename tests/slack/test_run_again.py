"""Run again: what ended is asked for once more, as it was or changed, by whoever may, on the form of now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.orchestrator.scripts import Declared
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.domain.execution import Argument
from bot.domain.forms.form import Control, Field, Form, Page, Section
from bot.domain.forms.prefill import repeated
from bot.domain.values import Attachment, SealedSecret, SecretRef
from bot.domain.workflow import ParameterType
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from bot.domain.values import Value
    from tests.world import World

APPROVALS = Path(__file__).parent / "approvals.yaml"
FIREWALL = {"From": "10.20.14.0/24", "To": "web", "Ports": "443", "Log each connection": True}
DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
STRING = ParameterType(declared="string")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(tmp_path, database=database) as made:
        yield made


@pytest.fixture
async def careful(tmp_path: Path) -> AsyncIterator[World]:
    """Under a policy that lets nobody approve what was filled in with values of theirs."""
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await migrate(database)
    async with a_world(tmp_path, database=database, policy=APPROVALS) as made:
        yield made


async def failed(world: World) -> Json:
    """The card of a run that has failed."""
    card = await world.launch(world.person("ada"), "open firewall", FIREWALL)
    await world.tick()
    world.orchestrator.finish(world.orchestrator.starts[-1].execution_id, state="failed", error="disk full")
    await world.until_told("*Failed*", card=card)
    return world.card()


async def again(world: World, who: PretendPerson, button: str, card: Json) -> None:
    """Press it, and wait for the window it leads to."""
    pressed = await world.press(who, button, card=card)
    assert pressed.ok
    await who.until(lambda: who.view is not None and who.view["callback_id"] != "loading")


def sent(world: World) -> list[object]:
    """What each start was sent with."""
    return [start.body for start in world.orchestrator.starts]


async def test_what_failed_is_run_again_from_its_card_with_one_look_at_the_review(world: World) -> None:
    ada = world.person("ada")
    card = await failed(world)
    await again(world, ada, "Run again", card)
    assert ada.view is not None
    assert ada.view["callback_id"] == "send_form"
    assert "The same values as in your last run" in ada.reads()
    assert len(world.orchestrator.starts) == 1, "nothing starts before it is sent"
    assert (await world.send(ada)).closed
    await world.tick(2)
    first, second = sent(world)
    assert first == second
    assert f"again after `{card['metadata']['event_payload']['launch'][:8]}`" in world.told()
    requested = [each.entry for each in await world.bot.store.audit.page() if each.entry.what == "requested"]
    assert requested[-1].detail["again_of"] == requested[0].launch_id


async def test_it_can_be_changed_first(world: World) -> None:
    ada = world.person("ada")
    await again(world, ada, "Edit and run again", await failed(world))
    assert ada.view is not None
    assert ada.view["callback_id"] == "fill_form"
    assert (ada.value("From"), ada.value("To")) == ("10.20.14.0/24", "web")
    await world.enter(ada, {"Ports": "8443"})
    assert (await world.send(ada)).closed
    await world.tick(2)
    assert "8443" in str(sent(world)[-1])


async def test_the_link_to_orchestrator_stays_on_the_card_of_what_failed(world: World) -> None:
    await world.stop()
    await world.start(ORCHESTRATOR_WEB_URL="https://vro.example.com/orchestration-ui")
    assert "Open in Orchestrator" in world.person("ada").reads(await failed(world))


@pytest.mark.parametrize("how", ["rejected", "withdrawn", "expired"])
async def test_what_never_ran_is_asked_for_again_without_typing_it_twice(world: World, how: str) -> None:
    ada, grace = world.person("ada"), world.person("grace")
    card = await world.launch(ada, "delete virtual", DELETE)
    if how == "rejected":
        await world.press(grace, "Reject", card=card)
        await grace.type("Why not?", "Not today.")
        assert (await grace.submit()).ok
        await world.bot.dispatcher.drain(seconds=5)
    elif how == "withdrawn":
        await world.press(ada, "Withdraw", card=card)
    else:
        await world.pass_time(minutes=31)
    await world.tick()
    assert "Run again" not in ada.reads(world.card())
    await again(world, ada, "Ask again", world.card())
    assert "web-01" in ada.reads()
    assert "CHG0001234" in ada.reads()
    assert (await world.send(ada)).closed
    await world.pass_time(seconds=5)  # the channel's pace
    assert "Waiting for approval" in ada.reads(world.card())
    assert not world.orchestrator.starts


async def test_the_form_is_the_one_of_now_and_says_what_has_no_place_any_more(world: World) -> None:
    ada = world.person("ada")
    size, count = Declared(name="size", type="string"), Declared(name="count", type="string")
    before = world.orchestrator.add_workflow(PretendWorkflow(name="Grow a farm", inputs=(size, count)))
    await world.bot.catalogue.refresh()
    card = await world.launch(ada, "grow a farm", {"size": "big", "count": "3"})
    await world.tick()
    world.orchestrator.finish(world.orchestrator.starts[-1].execution_id, state="failed", error="no room")
    await world.until_told("*Failed*", card=card)
    farms = Declared(name="farms", type="string")
    world.orchestrator.add_workflow(replace(before, version="2.0.0", inputs=(size, farms)))
    await again(world, ada, "Run again", world.card())
    assert "There is no input “count” any more; its former value was left out." in ada.reads()
    assert ada.value("size") == "big"
    assert "farms" in ada.labels
    assert len(world.orchestrator.starts) == 1


async def test_whoever_repeats_anothers_launch_is_named_beside_them_and_they_may_not_approve_it(
    careful: World,
) -> None:
    ada, ben, grace = (careful.person(name) for name in ("ada", "ben", "grace"))
    card = await careful.launch(ada, "open firewall", FIREWALL)
    await careful.press(ada, "Withdraw", card=card)
    await careful.tick()
    await again(careful, ben, "Ask again", careful.card())
    assert (await careful.send(ben)).closed
    await careful.pass_time(seconds=5)  # the channel's pace
    anew = careful.card()
    assert "*Filled in with*\n<@U0ADA>'s launch" in grace.reads(anew)
    await careful.press(ada, "Approve", card=anew)
    assert "filled in with the values of a launch of yours" in ada.reads(ada.ephemerals("ops")[-1])


async def test_who_may_not_run_the_workflow_repeats_nothing_and_that_is_audited(careful: World) -> None:
    ada, ben = careful.person("ada"), careful.person("ben")
    card = await careful.launch(ada, "back up database", {"database": "crm"})
    await careful.press(ada, "Withdraw", card=card)
    await careful.tick()
    await careful.press(ben, "Ask again", card=careful.card())
    assert ben.view is None
    assert "can see this" in ben.reads(ben.ephemerals("ops")[-1])
    refused = [each.entry for each in await careful.bot.store.audit.page() if each.entry.what == "refused"]
    assert [(each.user_id, each.detail["wish"]) for each in refused] == [(ben.id, "look")]


async def test_an_orchestrator_that_is_away_is_said_in_the_window_and_starts_nothing(world: World) -> None:
    ada = world.person("ada")
    card = await failed(world)
    world.orchestrator.fault("GET */workflows/*", ArmedFault.UNAVAILABLE, times=None)
    await world.press(ada, "Run again", card=card)
    assert "Nothing was started" in ada.reads()
    assert len(world.orchestrator.starts) == 1


def _field(name: str, control: Control = Control.TEXT, *, default: str = "") -> Field:
    return Field(name=name, label=name.title(), type=STRING, control=control, default=default)


def _form(*fields: Field) -> Form:
    return Form(pages=(Page(id="1", sections=(Section(fields=fields),)),))


def _given(name: str, value: Value) -> Argument:
    return Argument(name=name, type=STRING, value=value)


def test_secrets_files_and_hidden_values_are_asked_for_anew_and_said() -> None:
    form = _form(
        _field("password", Control.SECRET_TEXT),
        _field("account", Control.SECRET_NAME),
        _field("script", Control.FILE),
        _field("ticket"),
        _field("host"),
    )
    arguments = (
        _given("password", SealedSecret(slot="password")),
        _given("account", SecretRef(name="svc-backup")),
        _given("script", Attachment(name="a.sh", mime_type="text/plain", content=b"ls")),
        _given("ticket", "CHG1"),
        _given("host", "esx01"),
        _given("requestedBy", "ada"),
    )
    found = repeated(form, arguments, declared=frozenset({"requestedBy"}), hidden=frozenset({"ticket"}))
    assert dict(found.typed) == {"account": "svc-backup", "host": "esx01"}
    assert found.remarks == (
        "“Password” is a secret and was not kept: please give it again.",
        "The file for “Script” was not kept: please attach it again.",
        "“Ticket” could not be filled in from before: please look at it.",
    )


def test_what_was_left_empty_stays_empty_where_the_form_has_a_default() -> None:
    form = _form(_field("note", default="none"), _field("hosts", Control.CHOICES))
    found = repeated(
        form, (_given("note", None), _given("hosts", ())), declared=frozenset(), hidden=frozenset()
    )
    assert dict(found.typed) == {"note": "", "hosts": ()}
    assert not found.remarks
