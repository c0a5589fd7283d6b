"""An approval is bound to the workflow itself: to where policy finds it, and to what it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.digest import short
from bot.domain.draft import LaunchOptions
from bot.domain.errors import NotAllowed, TooLate, UnknownWorkflow, WorkflowChanged
from bot.domain.launch import State
from bot.domain.policy import Group, Policy, Rule
from tests.service_world import LEADS, MANAGERS, PATCH, only, open_service_world, patching, rule, stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.orchestrator.workflows import PretendWorkflow
    from bot.domain.launch import Launch
    from tests.service_world import ServiceWorld

EVERYONE = Group(everyone=True)
BY_FOLDER = Policy(
    rules=(Rule(name="by folder", folders=("Operations/**",), run=EVERYONE, approve=(stage(LEADS),)),)
)
BY_TAG = Policy(rules=(Rule(name="by tag", tags=frozenset({"safe"}), run=EVERYONE, approve=(stage(LEADS),)),))
BY_NAME = only(rule(stage(LEADS)))
TWO_STAGES = Policy(
    rules=(
        Rule(
            name="by folder",
            folders=("Operations/**",),
            run=EVERYONE,
            approve=(stage(LEADS), stage(MANAGERS)),
        ),
    )
)


def tagged(*tags: str) -> PretendWorkflow:
    return replace(patching(), tags=tags)


def moved(to: str = "Forbidden") -> PretendWorkflow:
    return replace(patching(), id=PATCH, folder=to)


WAYS_OUT = {
    "moved": (BY_FOLDER, patching(), moved(), "moved from the folder “Operations” to “Forbidden”"),
    "stripped of its tag": (BY_TAG, tagged("safe"), tagged(), "it lost the tag “safe”"),
    "renamed": (
        BY_NAME,
        patching(),
        replace(patching(), id=PATCH, name="Wipe"),
        "renamed from “Patch” to “Wipe”",
    ),
}


@pytest.fixture
async def office(migrated: str) -> AsyncIterator[ServiceWorld]:
    async with open_service_world(migrated, BY_FOLDER) as made:
        yield made


async def later(office: ServiceWorld, **amount: float) -> LaunchOptions:
    return LaunchOptions(start_at=office.clock.now() + timedelta(**amount))


async def refused_in_the_end(office: ServiceWorld, launch: Launch, said: str) -> None:
    """It never started, and says so and why."""
    await office.pass_time(hours=4)
    ended = await office.now_is(launch)
    assert (ended.state, office.starts()) == (State.FAILED, 0)
    assert ended.outcome is not None
    assert said in ended.outcome.detail
    assert ended.outcome.detail.endswith("Nothing was started.")


# where the policy finds it


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_what_left_the_policys_reach_ends_at_the_vote(office: ServiceWorld, way: str) -> None:
    office.policy, before, after, said = WAYS_OUT[way]
    office.orchestrator.add_workflow(before)
    launch = await office.ask("ada")
    office.orchestrator.add_workflow(after)
    with pytest.raises(TooLate, match="request has ended"):
        await office.approve("ben", launch)
    assert (await office.told(launch))[-1] == "failed"
    await refused_in_the_end(office, launch, said)


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_what_left_the_policys_reach_after_the_approval_does_not_start(
    office: ServiceWorld, way: str
) -> None:
    office.policy, before, after, said = WAYS_OUT[way]
    office.orchestrator.add_workflow(before)
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    office.orchestrator.add_workflow(after)
    await refused_in_the_end(office, launch, said)


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_a_form_opened_before_is_judged_as_the_workflow_is_when_it_is_sent(
    office: ServiceWorld, way: str
) -> None:
    office.policy, before, after, _ = WAYS_OUT[way]
    office.orchestrator.add_workflow(before)
    draft = await office.draft("ada")
    office.orchestrator.add_workflow(after)
    with pytest.raises((NotAllowed, WorkflowChanged)):
        await office.bot.launches.request(draft=draft, who=office.who("ada"), arguments=())
    assert office.starts() == 0


async def test_a_whole_folder_that_was_moved_is_found_where_it_is(office: ServiceWorld) -> None:
    """Its id stays, and its path is remembered for an hour elsewhere."""
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    office.orchestrator.rename_folder("Operations", to="Forbidden")
    await refused_in_the_end(office, launch, "No policy rule is for “Patch”")


async def test_only_who_may_vote_makes_a_request_end(office: ServiceWorld) -> None:
    launch = await office.ask("ada")
    office.orchestrator.add_workflow(moved())
    with pytest.raises(NotAllowed):
        await office.approve("eve", launch)
    assert (await office.now_is(launch)).state is State.AWAITING_APPROVAL


async def test_a_move_under_a_stricter_rule_asks_anew_for_what_that_rule_asks(office: ServiceWorld) -> None:
    strict = Rule(
        name="strict",
        folders=("Strict/**",),
        run=EVERYONE,
        approve=(stage(MANAGERS),),
        hidden=frozenset({"vmName"}),
    )
    office.policy = replace(BY_FOLDER, rules=(*BY_FOLDER.rules, strict))
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    office.orchestrator.add_workflow(moved("Strict"))
    await office.pass_time(hours=4)
    asked = await office.now_is(launch)
    assert (asked.state, asked.rule, office.starts()) == (State.AWAITING_APPROVAL, "strict", 0)
    assert asked.hidden == {"vmName"}
    await office.approve("eve", launch)
    assert office.starts() == 1


async def test_a_move_within_the_policys_reach_changes_nothing(office: ServiceWorld) -> None:
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    office.orchestrator.add_workflow(moved("Operations/Linux"))
    await office.pass_time(hours=4)
    assert (office.starts(), (await office.now_is(launch)).workflow.folder) == (1, "Operations/Linux")


async def test_a_rule_that_takes_no_such_secret_is_heeded_after_a_move(office: ServiceWorld) -> None:
    signs = Rule(
        name="signs", folders=("Signed/**",), run=EVERYONE, approve=(stage(LEADS),), requester_input="vmName"
    )
    office.policy = replace(BY_FOLDER, rules=(*BY_FOLDER.rules, signs))
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    office.orchestrator.add_workflow(moved("Signed"))
    await refused_in_the_end(office, launch, "who asked")


@pytest.mark.parametrize(
    "fault", [ArmedFault.UNAVAILABLE, ArmedFault.FORBIDDEN, ArmedFault.NOT_FOUND, ArmedFault.COMPLAINT_OK]
)
async def test_tags_are_read_from_the_list_where_the_catalogue_does_not_tell_them(
    office: ServiceWorld, fault: ArmedFault
) -> None:
    """And where nobody tells them, the start waits."""
    office.policy = BY_TAG
    office.orchestrator.add_workflow(tagged("safe"))
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    office.orchestrator.fault("GET */catalog/System/Workflow/*", fault, times=None)
    lists = office.orchestrator.fault("GET */workflows", ArmedFault.ERROR, times=None)
    await office.pass_time(hours=3.1)
    assert ((await office.now_is(launch)).state, office.starts()) == (State.APPROVED, 0)
    lists.disarm()
    office.orchestrator.add_workflow(tagged())
    if fault is ArmedFault.UNAVAILABLE:
        office.orchestrator.clear_faults()
    await refused_in_the_end(office, launch, "No policy rule is for “Patch”")


# what it does


async def seal_changed(office: ServiceWorld, launch: Launch, note: str) -> Launch:
    asked = await office.now_is(launch)
    assert (asked.state, office.starts()) == (State.AWAITING_APPROVAL, 0)
    assert asked.digest != launch.digest
    notes = [each.entry.detail.get("note", "") for each in await office.bot.store.audit.page()]
    assert any(note in each for each in notes), notes
    return asked


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "script": (
        {"code": "System.getModule('x').wipe()"},
        "scripts, was replaced under the same version 1.0.0",
    ),
    "form": ({"form": {"layout": {"pages": []}, "schema": {}}}, "form changed, under the same version"),
    "outputs": ({"outputs": patching().inputs}, "inputs or outputs changed, under the same version"),
    "rights": ({"shows_content": False}, "What the bot may read of the workflow's content"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_was_replaced_under_the_same_version_is_asked_for_anew(
    office: ServiceWorld, change: str
) -> None:
    fields, note = CHANGES[change]
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    office.orchestrator.add_workflow(replace(patching(), **fields))
    await office.pass_time(hours=4)
    asked = await seal_changed(office, launch, note)
    await office.approve("ben", launch, seen=short(asked.digest))
    assert office.starts() == 1


@pytest.mark.parametrize("change", CHANGES)
async def test_the_vote_that_would_complete_it_finds_the_change_and_is_asked_for_again(
    office: ServiceWorld, change: str
) -> None:
    fields, note = CHANGES[change]
    launch = await office.ask("ada")
    office.orchestrator.add_workflow(replace(patching(), **fields))
    with pytest.raises(TooLate, match="your click changed nothing"):
        await office.approve("ben", launch, seen=short(launch.digest))
    asked = await seal_changed(office, launch, note)
    with pytest.raises(TooLate, match="changed since you looked"):
        await office.approve("ben", launch, seen=short(launch.digest))
    await office.approve("ben", launch, seen=short(asked.digest))
    assert office.starts() == 1


async def test_a_yes_that_completes_the_first_stage_is_looked_at_as_well(office: ServiceWorld) -> None:
    office.policy = TWO_STAGES
    launch = await office.ask("ada")
    office.orchestrator.replace_code(PATCH, "wipe()")
    with pytest.raises(TooLate):
        await office.approve("ben", launch)
    await office.approve("ben", launch)
    await office.approve("eve", launch)
    assert office.starts() == 1


async def test_reads_that_differ_only_in_spelling_change_nothing(office: ServiceWorld) -> None:
    for _ in range(2):  # the server spells the content in two ways, in turn
        launch = await office.ask("ada", wishes=await later(office, hours=3))
        await office.approve("ben", launch)
        await office.pass_time(hours=3.1)
        assert "asked anew" not in await office.told(launch)
    assert office.starts() == 2


async def test_what_waits_without_an_approval_ends_when_its_script_is_replaced(office: ServiceWorld) -> None:
    office.policy = only(rule())
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    office.orchestrator.replace_code(PATCH, "wipe()")
    await refused_in_the_end(office, launch, "was replaced under the same version")


async def test_the_workflow_of_a_form_that_was_changed_meanwhile_is_not_recorded(
    office: ServiceWorld,
) -> None:
    draft = await office.draft("ada")
    office.orchestrator.add_workflow(patching(version="2.0.0"))
    with pytest.raises(WorkflowChanged, match="Nothing was started"):
        await office.bot.launches.request(draft=draft, who=office.who("ada"), arguments=())
    office.orchestrator.remove_workflow(PATCH)
    with pytest.raises(UnknownWorkflow):
        await office.bot.launches.request(draft=draft, who=office.who("ada"), arguments=())


@pytest.mark.parametrize("shows", ["denied", "not offered"])
async def test_where_the_content_cannot_be_read_the_rest_is_sealed_and_that_is_said(
    office: ServiceWorld, shows: str
) -> None:
    if shows == "denied":
        office.orchestrator.hide_content(PATCH)
    else:
        office.orchestrator.habits = replace(office.orchestrator.habits, content=False)
    launch = await office.ask("ada")
    assert dict(launch.seal)["content"] == shows
    await office.approve("ben", launch)
    assert office.starts() == 1


# Orchestrator is away


async def test_an_approval_while_orchestrator_is_away_waits_and_is_judged_afterwards(
    office: ServiceWorld,
) -> None:
    launch = await office.ask("ada")
    await office.orchestrator.refuse_connections()
    await office.approve("ben", launch)
    assert ((await office.now_is(launch)).state, office.starts()) == (State.APPROVED, 0)
    assert (await office.told(launch))[-1] == "held up"
    office.orchestrator.add_workflow(moved())
    await office.orchestrator.listen()
    await refused_in_the_end(office, launch, "moved from the folder")


@pytest.mark.parametrize(
    "fault",
    [ArmedFault.ERROR, ArmedFault.COMPLAINT_OK, ArmedFault.HTML_OK, ArmedFault.CONFLICT, ArmedFault.TOO_MANY],
)
async def test_a_content_that_does_not_come_just_now_holds_the_start(
    office: ServiceWorld, fault: ArmedFault
) -> None:
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    office.orchestrator.fault("GET */content", fault, times=None)
    await office.pass_time(hours=3.1)
    held = await office.now_is(launch)
    assert (held.state, held.is_held_up, office.starts()) == (State.APPROVED, True, 0)
    office.orchestrator.clear_faults()
    await office.pass_time(minutes=6)
    assert office.starts() == 1


async def test_what_was_not_sealed_when_it_was_asked_for_is_sealed_before_it_is_approved(
    office: ServiceWorld,
) -> None:
    office.orchestrator.fault("GET */content", ArmedFault.ERROR, times=None)
    launch = await office.ask("ada")
    assert dict(launch.seal)["content"] == "unread"
    office.orchestrator.clear_faults()
    with pytest.raises(TooLate, match="could not be read; now it is sealed"):
        await office.approve("ben", launch)
    assert dict((await office.now_is(launch)).seal)["content"] != "unread"
    await office.approve("ben", launch)
    assert office.starts() == 1


async def test_what_nobody_approves_starts_once_orchestrator_is_back(office: ServiceWorld) -> None:
    office.policy = only(rule())
    draft = await office.draft("ada")
    await office.orchestrator.refuse_connections()
    await office.bot.launches.request(draft=draft, who=office.who("ada"), arguments=())
    await office.tick()
    assert office.starts() == 0
    await office.orchestrator.listen()
    await office.pass_time(minutes=1)
    assert office.starts() == 1
