"""When something fails: what the person reads, what became of the launch, and that it never runs twice."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.orchestrator.login import Account
from bot.demo.orchestrator.samples import sample_workflows
from bot.domain.errors import OrchestratorError
from bot.domain.execution import Argument
from bot.domain.launch import State
from bot.domain.people import Person as Somebody
from bot.domain.workflow import ParameterType
from bot.orchestrator.login import Basic
from bot.store.database import LEASE
from bot.wiring.port import listening
from tests.dumping import rows
from tests.orchestrator.reaching import reach
from tests.wiring.test_safety import POLICY, launch_id_of, press

if TYPE_CHECKING:
    from bot.demo.orchestrator.faults import Armed
    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from bot.domain.launch import Launch
    from tests.world import World

START = "POST */executions"
DELETE = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}


pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.policy(POLICY)]


@pytest.fixture
def ada(world: World) -> PretendPerson:
    """She asks for launches."""
    return world.person("ada")


@pytest.fixture
def grace(world: World) -> PretendPerson:
    """She approves them."""
    return world.person("grace")


async def settled(world: World) -> None:
    """Wait until the bot has done what it was asked."""
    await world.bot.dispatcher.drain(seconds=5)


async def run(world: World, who: PretendPerson, words: str, *, channel: str = "ops") -> str:
    """`/vro run words`; what the person then reads, in the modal or beside the command."""
    before = len(who.ephemerals(channel))
    answer = await who.slash("/vro", f"run {words}", channel=channel)
    await settled(world)
    whispers = [who.reads(each) for each in who.ephemerals(channel)[before:]]
    return "\n".join(whispers) or (who.reads() if who.view else answer.text)


async def launch_of(world: World, card: Json) -> Launch:
    """The launch behind a card."""
    return await world.the_launch(launch_id_of(card))


async def wait_for(world: World, name: str = "wait for replication") -> Json:
    """A short launch that needs neither approval nor inputs, asked for by Ada."""
    return await world.launch(world.person("ada"), name)


async def back_up(world: World) -> Json:
    """A long one."""
    return await world.launch(world.person("ada"), "back up database", {"database": "erp"})


async def held(fault: Armed) -> None:
    """Wait until the fault holds a request."""
    async with asyncio.timeout(5):
        await fault.holding()


# before there is a launch


async def test_where_the_bot_is_not_it_says_how_to_invite_it(world: World, ada: PretendPerson) -> None:
    said = await run(world, ada, "wait for replication", channel="random")
    assert "I am not in this channel" in said
    assert "Nothing was started" in said
    assert "/invite" in said
    assert not await open_drafts(world)
    await ada.invite_bot("random")
    await ada.close_view()
    assert "Start" in await run(world, ada, "wait for replication", channel="random")


async def open_drafts(world: World) -> int:
    """How many forms are kept."""
    return len((await rows(world.settings.database_url.get_secret_value()))["drafts"])


async def test_in_direct_messages_the_launch_is_told_there(world: World, ada: PretendPerson) -> None:
    await world.fill(ada, "wait for replication", {}, channel=ada.dm)
    assert "your direct messages" in ada.reads()
    await world.send(ada)
    await world.tick()
    assert "Wait for replication" in ada.reads(world.card(ada.dm))


async def test_a_workflow_that_is_gone_when_its_form_is_asked_for(world: World, ada: PretendPerson) -> None:
    world.orchestrator.remove_workflow(workflow_id("Wait for replication"))
    said = await run(world, ada, "wait for replication")
    assert "no longer there" in said
    assert "Nothing was started" in said


def workflow_id(name: str) -> str:
    """The id of the one sample workflow of that name."""
    found = [each.id for each in sample_workflows() if each.name == name]
    assert len(found) == 1
    return found[0]


async def test_a_workflow_that_is_gone_when_its_form_is_sent(world: World, ada: PretendPerson) -> None:
    await world.fill(ada, "wait for replication", {})
    world.orchestrator.remove_workflow(workflow_id("Wait for replication"))
    assert (await world.send(ada)).ok
    await world.tick()
    assert "no longer there" in ada.reads()
    assert "Nothing was started" in ada.reads()


async def test_a_workflow_that_is_gone_when_it_is_started(world: World, ada: PretendPerson) -> None:
    await world.fill(ada, "wait for replication", {})
    assert (await world.send(ada)).ok
    world.orchestrator.remove_workflow(workflow_id("Wait for replication"))
    await world.tick()
    told = await world.until_told("Failed")
    assert "no longer there" in told
    assert "Nothing was started" in told


async def test_a_form_that_was_kept_too_long(world: World, ada: PretendPerson) -> None:
    await world.fill(ada, "wait for replication", {})
    await world.pass_time(hours=13)
    assert (await world.send(ada)).ok
    assert "no longer kept" in ada.reads()
    assert "Nothing was started" in ada.reads()
    assert "Open it again" in ada.reads()


async def test_a_person_who_lost_the_right_between_form_and_submit(world: World, ada: PretendPerson) -> None:
    await world.fill(ada, "wait for replication", {})
    world.slack.directory.change_member("ada", is_restricted=True)
    await world.pass_time(minutes=16)
    assert (await world.send(ada)).ok
    assert "full members" in ada.reads()
    assert "Nothing was started" in ada.reads()


async def test_a_workflow_that_may_be_run_only_elsewhere(world: World) -> None:
    linus = world.person("linus")
    await linus.shortcut("run_workflow")
    await settled(world)
    await linus.pick("Workflow", "Send notice")
    await settled(world)
    await linus.pick("Report in", "ops")
    assert (await world.send(linus)).ok
    await settled(world)
    assert "may be run in <#C0DESK>" in linus.reads()
    assert "Nothing was started" in linus.reads()


async def test_orchestrator_is_down_when_a_form_is_asked_for(world: World, ada: PretendPerson) -> None:
    await world.orchestrator.refuse_connections()
    said = await run(world, ada, "wait for replication")
    assert "Orchestrator cannot be reached" in said
    assert "Nothing was started" in said
    assert "try again" in said
    await world.orchestrator.listen()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ArmedFault.HTML_OK, "other than JSON"),
        (ArmedFault.ERROR, "failed while answering"),
        (ArmedFault.CUT_JSON, "made no sense"),
        (ArmedFault.UNAUTHORIZED, "platform team"),
        (ArmedFault.TOO_MANY, "slow down"),
        (ArmedFault.DROP_BEFORE, "no answer came back"),
    ],
)
async def test_orchestrator_answers_nonsense_when_a_form_is_asked_for(
    world: World, ada: PretendPerson, fault: ArmedFault, words: str
) -> None:
    world.orchestrator.fault("GET */workflows/*", fault, times=None)
    said = await run(world, ada, "wait for replication")
    assert words in said
    assert "Nothing was started" in said
    assert "try again" in said or "look at the bot's account" in said
    assert "Nobody knows" not in said


async def test_orchestrator_was_never_reached(world: World, ada: PretendPerson) -> None:
    await world.stop()
    await world.orchestrator.refuse_connections()
    await world.start()
    said = await run(world, ada, "wait for replication")
    assert "Orchestrator cannot be reached" in said
    assert "Nothing was started" in said
    assert "try again" in said
    await world.orchestrator.listen()


async def test_a_view_that_is_closed_while_its_form_loads(world: World, ada: PretendPerson) -> None:
    slow = world.orchestrator.fault("GET */workflows/*", ArmedFault.SLOW)
    await ada.slash("/vro", "run wait for replication", channel="ops")
    await held(slow)
    await ada.close_view()
    slow.release()
    await settled(world)
    assert ada.view is None
    assert ada.ephemerals("ops") == []


@pytest.mark.parametrize("error", ["expired_trigger_id", "internal_error"])
async def test_a_modal_that_slack_does_not_open_is_told_beside_the_command(
    world: World, ada: PretendPerson, error: str
) -> None:
    world.slack.faults.fail("views.open", error)
    said = await run(world, ada, "wait for replication")
    assert "Nothing was started" in said
    assert "try again" in said.lower()


async def test_slack_is_in_trouble_itself_when_a_modal_is_opened(world: World, ada: PretendPerson) -> None:
    world.slack.faults.status("views.open", 502)
    said = await run(world, ada, "wait for replication")
    assert "Nothing was started" in said
    assert "try again" in said.lower()


async def test_slack_does_not_take_the_form(world: World, ada: PretendPerson) -> None:
    world.slack.faults.fail("views.update", "internal_error")
    said = await run(world, ada, "wait for replication")
    assert "reference" in said


# when it is started


async def test_orchestrator_is_down_when_it_is_to_start_and_comes_back(
    world: World, ada: PretendPerson, grace: PretendPerson
) -> None:
    card = await world.launch(ada, "delete virtual", DELETE)
    await world.orchestrator.refuse_connections()
    await press(world, grace, "Approve", card)
    told = await world.until_told("keep trying")
    assert "Orchestrator cannot be reached" in told
    assert "nothing runs yet" in told
    await world.pass_time(seconds=10)
    assert "Waiting for Orchestrator" in ada.reads(world.card())
    assert told.count("keep trying") == 1
    await world.orchestrator.listen()
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1


async def test_a_launch_that_cannot_start_for_hours_is_given_up(world: World, ada: PretendPerson) -> None:
    await world.fill(ada, "wait for replication", {})
    await world.orchestrator.refuse_connections()
    await world.send(ada)
    await world.tick()
    for _ in range(8):
        await world.pass_time(hours=1)
    told = world.told()
    assert "no longer tries" in told
    assert told.count("Nothing was started") == 1
    assert (await launch_of(world, world.card())).state is State.FAILED
    await world.orchestrator.listen()


async def test_orchestrator_refuses_the_bots_login_when_it_is_to_start(world: World) -> None:
    refusing = world.orchestrator.fault(START, ArmedFault.UNAUTHORIZED, times=None)
    await wait_for(world)
    told = await world.until_told("keep trying")
    assert "refuses the bot's own login" in told
    assert "platform team" in told
    refusing.disarm()
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1


async def test_a_login_that_is_refused_after_orchestrator_was_away_is_told_as_well(
    world: World, ada: PretendPerson
) -> None:
    """The first cause mends itself; this one waits for somebody, so it is news, and the card says it."""
    unavailable = world.orchestrator.fault(START, ArmedFault.TOO_MANY, times=None)
    await wait_for(world)
    await world.until_told("slow down")
    assert "slow down" in ada.reads(world.card())
    unavailable.disarm()
    refusing = world.orchestrator.fault(START, ArmedFault.UNAUTHORIZED, times=None)
    told = await world.until_told("refuses the bot's own login")
    await world.pass_time(minutes=5)
    assert "refuses the bot's own login" in ada.reads(world.card())
    assert "Waiting for Orchestrator" in ada.reads(world.card())
    assert world.told().count("refuses the bot's own login") == 1, told
    refusing.disarm()


async def test_readyz_names_a_login_that_is_refused_and_people_still_reach_the_bot(world: World) -> None:
    async with listening(world.settings, lambda: world.bot) as port, aiohttp.ClientSession() as session:

        async def ready() -> tuple[int, bool]:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                return answer.status, (await answer.json())["login_refused"]

        status, refused = await ready()
        assert not refused
        world.orchestrator.fault("GET *", ArmedFault.UNAUTHORIZED, times=None)
        for _ in range(2):
            with suppress(OrchestratorError):
                await world.bot.orchestrator.workflows()
        assert await ready() == (status, True)


async def test_orchestrator_asks_to_slow_down(world: World) -> None:
    world.orchestrator.fault(START, ArmedFault.TOO_MANY, retry_after="40")
    await wait_for(world)
    await world.until_told("keep trying")
    await world.pass_time(seconds=30)
    assert not world.orchestrator.starts
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ArmedFault.NOT_FOUND, "no such object"),
        (ArmedFault.BAD_REQUEST, "invalid"),
        (ArmedFault.FORBIDDEN, "forbids"),
        (ArmedFault.CONFLICT, "conflict"),
    ],
)
async def test_orchestrator_declines_the_start(world: World, fault: ArmedFault, words: str) -> None:
    world.orchestrator.fault(START, fault)
    card = await wait_for(world)
    told = await world.until_told("Failed")
    assert words in told
    assert told.count("Nothing was started") == 1
    assert (await launch_of(world, card)).state is State.FAILED
    assert not world.orchestrator.starts


LOST_BUT_STARTED = [ArmedFault.ERROR_AFTER, ArmedFault.DROP_AFTER, ArmedFault.CUT_STREAM, ArmedFault.HUGE]


@pytest.mark.parametrize("fault", LOST_BUT_STARTED)
async def test_a_start_whose_answer_was_lost_is_found_again(world: World, fault: ArmedFault) -> None:
    world.orchestrator.habits = replace(world.orchestrator.habits, start_location=False)
    world.orchestrator.fault(START, fault)
    await wait_for(world)
    told = await world.until_told("Succeeded")
    assert told.index("until then I start nothing") < told.index("It did start, as run")
    assert len(world.orchestrator.starts) == 1


LOST = [
    ArmedFault.ERROR,
    ArmedFault.DROP_BEFORE,
    ArmedFault.HTML_OK,
    ArmedFault.LOGIN_REDIRECT,
    ArmedFault.UNAVAILABLE,
]


@pytest.mark.parametrize("fault", LOST)
async def test_a_start_that_may_have_been_lost_waits_for_a_person(world: World, fault: ArmedFault) -> None:
    world.orchestrator.fault(START, fault)
    card = await wait_for(world)
    told = await world.until_told("found no run of it")
    assert "has to settle it on the card" in told
    shown = world.person("ada").reads(world.card())
    assert "<@U0ADA>, or somebody else who may run or approve this, has to settle this" in shown
    for _ in range(5):
        await world.pass_time(minutes=10)
    assert not world.orchestrator.starts
    assert (await launch_of(world, card)).state is State.UNCERTAIN


async def in_doubt(world: World) -> Json:
    """A launch whose start was lost, and that waits for a person."""
    world.orchestrator.fault(START, ArmedFault.ERROR)
    card = await wait_for(world)
    await world.until_told("found no run of it")
    return card


async def test_a_person_says_that_it_did_not_start(world: World, ada: PretendPerson) -> None:
    card = await in_doubt(world)
    assert await press(world, ada, "It did not: start again", world.card()) == ""
    told = await world.until_told("Succeeded")
    assert "<@U0ADA> looked and says: it did not start" in told
    assert len(world.orchestrator.starts) == 1
    assert (await launch_of(world, card)).state is State.SUCCEEDED


async def test_a_person_gives_up(world: World, ada: PretendPerson) -> None:
    card = await in_doubt(world)
    assert await press(world, ada, "Give up", world.card()) == ""
    told = await world.until_told("stays unknown")
    assert "nobody can tell" in told
    assert "Outcome not known" in ada.reads(world.card())
    await world.pass_time(minutes=10)
    assert not world.orchestrator.starts
    assert (await launch_of(world, card)).state is State.LOST


async def test_a_person_says_which_run_it_is(world: World, ada: PretendPerson) -> None:
    world.orchestrator.fault(START, ArmedFault.ERROR_AFTER)
    card = await wait_for(world)
    other = await world.bot.orchestrator.start(workflow_id("Wait for replication"), ())
    told = await world.until_told("Several runs")
    assert "has to settle it on the card" in told
    mine = world.orchestrator.starts[0].execution_id
    assert other.execution_id != mine
    assert await press(world, ada, f"It did start: {mine[:8]}", world.card()) == ""
    told = await world.until_told("Succeeded")
    assert "looked and says: it did start" in told
    assert (await launch_of(world, card)).execution_id == mine
    assert len(world.orchestrator.starts) == 2


async def test_what_was_settled_cannot_be_settled_again(
    world: World, ada: PretendPerson, grace: PretendPerson
) -> None:
    await in_doubt(world)
    seen = world.card()
    await press(world, ada, "It did not: start again", seen)
    said = await press(world, grace, "Give up", seen)
    assert "nothing to settle any more" in said
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1


async def test_a_workflow_that_is_safe_to_repeat_is_started_again_by_itself(world: World) -> None:
    world.orchestrator.fault(START, ArmedFault.ERROR)
    await wait_for(world, "health report")
    told = await world.until_told("Succeeded")
    assert "safe to start again, so it is started again" in told
    assert len(world.orchestrator.starts) == 1


async def test_a_start_in_doubt_is_found_among_many_runs_of_the_same_workflow(world: World) -> None:
    for number in range(45):
        other = Argument(name="database", type=ParameterType(declared="string"), value=f"other-{number}")
        await world.bot.orchestrator.start(workflow_id("Back up database"), (other,))
    world.orchestrator.fault(START, ArmedFault.DROP_AFTER)
    await back_up(world)
    told = await world.until_told("It did start, as run")
    assert "too many" not in told
    assert len(world.orchestrator.starts) == 46


async def test_a_bot_that_was_killed_while_it_started_looks_before_it_starts(world: World) -> None:
    slow = world.orchestrator.fault(START, ArmedFault.SLOW)
    ticking = asyncio.create_task(wait_for(world))
    await held(slow)
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    await world.crash()
    slow.release()
    await world.start()
    await world.tick()
    told = await world.until_told("Succeeded")
    assert "interrupted" in told
    assert "It did start, as run" in told
    assert len(world.orchestrator.starts) == 1


# while it runs


async def test_a_run_that_was_purged_is_lost_after_five_minutes(world: World) -> None:
    card = await back_up(world)
    await world.until_told("Started as run")
    execution_id = (await launch_of(world, card)).execution_id
    assert execution_id is not None
    world.orchestrator.delete_execution(execution_id)
    for _ in range(16):
        await world.pass_time(seconds=15)
    assert "outcome is not known" not in world.told()
    told = await world.until_told("outcome is not known")
    assert "may have ended either way" in told
    assert "look in Orchestrator" in told
    assert (await launch_of(world, card)).state is State.LOST


async def test_a_run_that_is_missing_for_a_moment_goes_on(world: World) -> None:
    await wait_for(world)
    await world.until_told("Started as run")
    world.orchestrator.fault("GET */state", ArmedFault.NOT_FOUND, times=2)
    told = await world.until_told("Succeeded")
    assert "not known" not in told


@pytest.mark.parametrize(
    "fault",
    [ArmedFault.HTML_OK, ArmedFault.ERROR, ArmedFault.CUT_JSON, ArmedFault.RESET, ArmedFault.UNAUTHORIZED],
)
async def test_a_run_is_followed_to_its_end_through_bad_answers(world: World, fault: ArmedFault) -> None:
    await wait_for(world)
    await world.until_told("Started as run")
    # a password refused twice running rests for seconds that this clock does not move
    times = 1 if fault is ArmedFault.UNAUTHORIZED else 3
    world.orchestrator.fault("GET */executions/*", fault, times=times)
    told = await world.until_told("Succeeded")
    assert "not known" not in told
    assert len(world.orchestrator.starts) == 1


async def test_a_run_that_waits_for_an_answer_is_told_and_goes_on(world: World, ada: PretendPerson) -> None:
    card = await world.launch(ada, "decommission", {"server": "web-09"})
    told = await world.until_told("The run asks* of Platform operations")
    assert "Waiting for an answer" in ada.reads(world.card())
    launch = await launch_of(world, card)
    assert launch.execution_id is not None
    world.orchestrator.set_state(launch.execution_id, "running")
    await world.until_told("goes on")
    assert "Running" in ada.reads(world.card())
    world.orchestrator.finish(launch.execution_id)
    told = await world.until_told("Succeeded")
    assert told.index("The run asks") < told.index("goes on") < told.index("Succeeded")


async def test_a_workflow_that_fails_is_told_with_its_reason(world: World, ada: PretendPerson) -> None:
    await world.launch(ada, "extend", {"Datastore": ("gold-01",), "Add (GB)": "10"})
    told = await world.until_told("Failed")
    assert "no free extent next to gold-01" in told
    assert "Nothing was started" not in told


# stopping


async def test_a_request_is_withdrawn_while_it_waits_for_approval(
    world: World, ada: PretendPerson, grace: PretendPerson
) -> None:
    card = await world.launch(ada, "delete virtual", DELETE)
    assert await press(world, ada, "Withdraw", card) == ""
    told = await world.until_told("withdrew it")
    assert "Nothing was started" in told
    assert "already withdrawn" in await press(world, grace, "Approve", card)
    await world.pass_time(hours=1)
    assert not world.orchestrator.starts


async def test_a_launch_is_withdrawn_while_it_waits_for_orchestrator(
    world: World, ada: PretendPerson
) -> None:
    await world.orchestrator.refuse_connections()
    await world.orchestrator.listen()
    refusing = world.orchestrator.fault(START, ArmedFault.UNAUTHORIZED, times=None)
    card = await wait_for(world)
    await world.until_told("keep trying")
    answer = await ada.slash("/vro", f"cancel {launch_id_of(card)[:8]}", channel="ops")
    assert "is withdrawn" in answer.text
    assert "Nothing was started" in answer.text
    refusing.disarm()
    await world.pass_time(minutes=10)
    assert not world.orchestrator.starts
    assert "withdrew it" in world.told()


async def test_a_run_is_cancelled(world: World, ada: PretendPerson) -> None:
    card = await back_up(world)
    await world.until_told("Started as run")
    assert await press(world, ada, "Cancel run", world.card()) == ""
    told = await world.until_told("*Cancelled*")
    assert told.index("asked to stop it") < told.index("*Cancelled*")
    assert "What it did before stays done" in told
    assert (await launch_of(world, card)).state is State.CANCELLED
    answer = await ada.slash("/vro", f"cancel {launch_id_of(card)[:8]}", channel="ops")
    assert "already ended: cancelled" in answer.text


async def test_a_start_in_flight_is_cancelled_once_it_runs(world: World, ada: PretendPerson) -> None:
    slow = world.orchestrator.fault(START, ArmedFault.SLOW)
    ticking = asyncio.create_task(back_up(world))
    await held(slow)
    short = (await only_launch(world)).id[:8]
    answer = await ada.slash("/vro", f"cancel {short}", channel="ops")
    assert "I ask Orchestrator to stop" in answer.text
    answer = await ada.slash("/vro", f"cancel {short}", channel="ops")
    assert "already asked to stop" in answer.text
    slow.release()
    await ticking
    told = await world.until_told("*Cancelled*")
    assert "asked to stop it" in told
    assert len(world.orchestrator.starts) == 1


async def test_a_start_in_flight_that_was_cancelled_and_not_found_waits_for_a_person(
    world: World, ada: PretendPerson
) -> None:
    slow = world.orchestrator.fault(START, ArmedFault.SILENCE)
    ticking = asyncio.create_task(wait_for(world, "health report"))
    await held(slow)
    await ada.slash("/vro", f"cancel {(await only_launch(world)).id[:8]}", channel="ops")
    slow.release()
    await ticking
    told = await world.until_told("found no run of it")
    assert "Nothing was started" not in told
    assert await press(world, ada, "It did not start", world.card()) == ""
    await world.until_told("withdrew it")
    await world.pass_time(minutes=10)
    assert not world.orchestrator.starts


async def test_a_list_that_cannot_be_read_for_long_ends_at_a_person(world: World, ada: PretendPerson) -> None:
    world.orchestrator.fault(START, ArmedFault.DROP_BEFORE)
    world.orchestrator.fault("GET */executions", ArmedFault.FORBIDDEN, times=None)
    await wait_for(world)
    await world.pass_time(minutes=1)
    assert "settle it" not in world.told()
    for _ in range(13):
        await world.pass_time(minutes=5)
    told = world.told()
    assert "could not be read for an hour" in told
    assert "found no run" not in told
    assert "could not be read" in ada.reads(world.card())
    assert "found no run" not in ada.reads(world.card())
    assert await press(world, ada, "It did not: start again", world.card()) == ""
    await world.until_told("Succeeded")
    assert len(world.orchestrator.starts) == 1


async def only_launch(world: World) -> Launch:
    """The one launch there is."""
    ada = Somebody(team_id="T0HARBOUR", user_id="U0ADA")
    found = await world.bot.store.launches.find(person=ada, channel="C0OPS", only_open=False, limit=9)
    (only,) = found.launches
    return only.launch


# Slack


async def test_slack_is_down_while_there_is_something_to_tell(
    world: World, ada: PretendPerson, grace: PretendPerson
) -> None:
    card = await world.launch(ada, "delete virtual", DELETE)
    await press(world, grace, "Approve", card)
    await world.slack.go_down()
    for _ in range(10):
        await world.pass_time(seconds=5)
    await world.slack.come_back()
    told = await world.until_told("Succeeded")
    for words in ("asked for this launch", "approved it", "Started as run", "*Succeeded*"):
        assert told.count(words) == 1
    assert told.index("approved it") < told.index("Started as run") < told.index("*Succeeded*")
    assert "Succeeded" in ada.reads(world.card())


@pytest.mark.parametrize("lost", [1, 2, 3])
async def test_a_message_whose_answer_was_lost_is_not_said_twice(
    world: World, ada: PretendPerson, lost: int
) -> None:
    await world.fill(ada, "wait for replication", {})
    await world.send(ada)
    world.slack.faults.lose_answer("chat.postMessage", times=lost)
    for _ in range(12):
        await world.pass_time(seconds=10)
    assert len(world.slack.messages("ops")) == 1
    told = world.told()
    for words in ("asked for this launch", "Started as run", "*Succeeded*"):
        assert told.count(words) == 1


async def test_a_card_that_somebody_deleted_does_not_end_the_story(world: World) -> None:
    card = await back_up(world)
    await world.until_told("Started as run")
    world.slack.workspace.messages.remove("C0OPS", card["ts"])
    launch = await launch_of(world, card)
    assert launch.execution_id is not None
    world.orchestrator.finish(launch.execution_id)
    await world.until_told("*Succeeded*", card=card)
    calls = len(world.slack.calls)
    await world.pass_time(minutes=10)
    assert len(world.slack.calls) == calls


async def test_blocks_that_slack_refuses_are_said_as_plain_text(world: World, ada: PretendPerson) -> None:
    world.slack.faults.fail("chat.postMessage", "invalid_blocks", times=1)
    await world.fill(ada, "wait for replication", {})
    await world.send(ada)
    await world.tick()
    (card,) = world.slack.messages("ops")
    assert "Wait for replication" in card["text"]
    assert "asked for by Ada Byron" in card["text"]


@pytest.mark.parametrize("retry_after", [5, 90])
async def test_slack_asks_to_slow_down(world: World, ada: PretendPerson, retry_after: int) -> None:
    world.slack.faults.limit("chat.postMessage", retry_after=retry_after)
    await world.fill(ada, "wait for replication", {})
    await world.send(ada)
    await world.tick()
    await world.pass_time(seconds=retry_after - 1)
    assert not world.slack.messages("ops")
    await world.pass_time(seconds=2)
    assert len(world.slack.messages("ops")) == 1
    await world.until_told("Succeeded")


async def test_a_bot_that_was_thrown_out_of_the_channel_tells_the_requester(
    world: World, ada: PretendPerson
) -> None:
    await world.fill(ada, "wait for replication", {})
    world.slack.directory.channel("ops").members.discard("U0BOT")
    await world.send(ada)
    await world.tick()
    card = world.card(ada.dm)
    assert "could not post in <#C0OPS>" in ada.reads(card)
    told = await world.until_told("Succeeded", card={**card, "channel": ada.dm})
    assert "Started as run" in told


# what cannot be read


UNREADABLE = [
    ArmedFault.HUGE,
    ArmedFault.ERROR,
    ArmedFault.CUT_JSON,
    ArmedFault.COMPLAINT_OK,
    ArmedFault.NOT_FOUND,
    ArmedFault.FORBIDDEN,
]


@pytest.mark.parametrize("fault", UNREADABLE)
@pytest.mark.parametrize(("state", "words"), [("completed", "*Succeeded*"), ("failed", "*Failed*")])
async def test_a_run_whose_answer_cannot_be_read_ends_all_the_same(
    world: World, ada: PretendPerson, fault: ArmedFault, state: str, words: str
) -> None:
    card = await back_up(world)
    await world.until_told("Started as run")
    execution_id = (await launch_of(world, card)).execution_id
    assert execution_id is not None
    world.orchestrator.finish(execution_id, state=state)
    reads = world.orchestrator.fault(f"GET */executions/{execution_id}", fault, times=None)
    for _ in range(30):
        await world.pass_time(seconds=10)
    told = world.told()
    assert words in told
    assert "could not be read" in told
    assert "look in Orchestrator" in told
    assert "Nobody knows" not in told
    assert "gave no reason" not in told
    assert 2 <= reads.seen <= 12  # of them the client's own second tries
    assert words.strip("*") in ada.reads(world.card())
    assert (await launch_of(world, card)).state.is_end


@pytest.mark.parametrize(
    "fault",
    [
        ArmedFault.HALF_CHARACTER,
        ArmedFault.PLAIN_TEXT,
        ArmedFault.OCTETS,
        ArmedFault.LATIN_1,
        ArmedFault.UTF_16,
    ],
)
async def test_an_answer_that_is_strangely_written_is_read(world: World, fault: ArmedFault) -> None:
    world.orchestrator.fault("GET */executions/*", fault, times=None)
    await world.launch(world.person("ada"), "extend", {"Datastore": ("gold-01",), "Add (GB)": "10"})
    told = await world.until_told("Failed")
    assert "no free extent next to gold-01" in told
    assert "could not be read" not in told


async def test_a_run_that_could_not_be_read_for_a_moment_is_told_with_what_it_gave(world: World) -> None:
    card = await back_up(world)
    await world.until_told("Started as run")
    execution_id = (await launch_of(world, card)).execution_id
    assert execution_id is not None
    world.orchestrator.finish(execution_id, state="failed", error="disk full")
    world.orchestrator.fault(f"GET */executions/{execution_id}", ArmedFault.ERROR, times=3)
    told = await world.until_told("Failed")
    assert "disk full" in told
    assert "could not be read" not in told


async def test_a_run_that_is_missing_now_and_then_is_not_lost(world: World) -> None:
    card = await back_up(world)
    await world.until_told("Started as run")
    execution_id = (await launch_of(world, card)).execution_id
    assert execution_id is not None
    world.orchestrator.set_state(execution_id, "running")
    for _ in range(3):
        world.orchestrator.fault("GET */state", ArmedFault.NOT_FOUND, times=1)
        for _ in range(7):
            await world.pass_time(seconds=31)
    assert (await launch_of(world, card)).state is State.RUNNING


NO_LIST = [
    ArmedFault.COMPLAINT_OK,
    ArmedFault.NULL_OK,
    ArmedFault.ARRAY_OK,
    ArmedFault.EMPTY_OK,
    ArmedFault.HTML_OK,
]


@pytest.mark.parametrize("fault", NO_LIST)
async def test_what_is_no_list_of_runs_starts_nothing_and_says_nothing(
    world: World, fault: ArmedFault
) -> None:
    world.orchestrator.fault(START, ArmedFault.DROP_AFTER)
    listing = world.orchestrator.fault("GET */executions", fault, times=None)
    card = await wait_for(world, "health report")  # safe to repeat
    for _ in range(10):
        await world.pass_time(seconds=20)
    assert "found no run" not in world.told()
    assert len(world.orchestrator.starts) == 1
    listing.disarm()
    told = await world.until_told("It did start, as run")
    assert "found no run" not in told
    assert (await launch_of(world, card)).state is not State.UNCERTAIN
    assert len(world.orchestrator.starts) == 1


@pytest.mark.parametrize("fault", NO_LIST)
async def test_what_is_no_list_of_workflows_leaves_the_former_in_force(
    world: World, ada: PretendPerson, fault: ArmedFault
) -> None:
    world.orchestrator.fault("GET */workflows", fault, times=None)
    await world.bot.catalogue.refresh()
    assert "Start" in await run(world, ada, "wait for replication")


# whose run it is


async def by_somebody_else(world: World, name: str) -> str:
    """A run of the workflow that another account starts now; its id."""
    carol = Account(username="carol", password="pretend")
    logins = world.orchestrator.logins
    logins.accounts = (*logins.accounts, carol)
    async with reach(world.orchestrator.url, login=Basic(user="carol", password="pretend")) as client:
        return (await client.start(workflow_id(name), ())).execution_id


async def with_a_token(world: World) -> None:
    """The bot logs in with a token, so that no setting tells its account's name."""
    token = world.orchestrator.logins.static_token()
    await world.stop()
    await world.start(ORCHESTRATOR_LOGIN="token", ORCHESTRATOR_TOKEN=token, ORCHESTRATOR_USERNAME="")


async def test_a_run_of_an_unknown_account_is_not_adopted(world: World, ada: PretendPerson) -> None:
    await with_a_token(world)
    other = await by_somebody_else(world, "Wait for replication")
    world.orchestrator.fault(START, ArmedFault.DROP_BEFORE)
    card = await wait_for(world)
    told = await world.until_told("has to settle it on the card")
    assert "does not say that the bot started it" in told
    assert "Several" not in told
    assert (await launch_of(world, card)).execution_id is None
    assert await press(world, ada, f"It did start: {other[:8]}", world.card()) == ""
    await world.until_told("it did start")
    assert (await launch_of(world, card)).execution_id == other


async def test_the_account_is_learnt_from_the_answer_to_a_start(world: World) -> None:
    await with_a_token(world)
    await wait_for(world)
    await world.until_told("Started as run")
    await by_somebody_else(world, "Back up database")
    world.orchestrator.fault(START, ArmedFault.DROP_AFTER)
    card = await back_up(world)
    await world.until_told("It did start, as run", card=card)
    assert (await launch_of(world, card)).execution_id == world.orchestrator.starts[-1].execution_id


async def test_the_account_that_was_learnt_survives_a_restart(world: World) -> None:
    await with_a_token(world)
    await wait_for(world)
    await world.until_told("Started as run")
    await world.stop()
    await world.start()
    world.orchestrator.fault(START, ArmedFault.DROP_AFTER)
    card = await back_up(world)
    await world.until_told("It did start, as run", card=card)
    assert (await launch_of(world, card)).execution_id == world.orchestrator.starts[-1].execution_id


async def test_an_account_that_was_learnt_under_another_token_proves_nothing(world: World) -> None:
    await with_a_token(world)
    await wait_for(world)
    await world.until_told("Started as run")
    await with_a_token(world)
    world.orchestrator.fault(START, ArmedFault.DROP_AFTER)
    await wait_for(world, "health report")  # safe to repeat
    told = await world.until_told("has to settle it on the card")
    assert "does not say that the bot started it" in told


async def test_a_look_reads_no_longer_than_its_claim_holds(world: World) -> None:
    """Runs that do not answer were waited for one after the other, long after the lease was over."""
    for _ in range(3):
        await by_somebody_else(world, "Wait for replication")
    world.orchestrator.fault(START, ArmedFault.DROP_BEFORE)
    card = await wait_for(world)
    slow = world.orchestrator.fault("GET */executions/*", ArmedFault.SLOW, times=None)
    world.clock.offset += timedelta(seconds=5)
    async with asyncio.timeout(LEASE.total_seconds()):
        await world.bot.tracker.tick_looks()
    assert slow.seen < 3
    search = (await launch_of(world, card)).search
    assert search is not None
    assert not search.looks
    world.orchestrator.clear_faults()


async def test_a_run_under_an_alias_of_the_login_s_name_does_not_count_as_none(world: World) -> None:
    await world.stop()
    logins = world.orchestrator.logins
    aliased = Account(alias="service-account-17", password="another-password")
    logins.accounts = (aliased,)
    await world.start(ORCHESTRATOR_PASSWORD="another-password")
    world.orchestrator.fault(START, ArmedFault.DROP_AFTER)
    await wait_for(world, "health report")  # safe to repeat
    told = await world.until_told("has to settle it on the card")
    assert "found no run" not in told
    assert len(world.orchestrator.starts) == 1


async def test_a_run_that_another_launch_could_claim_is_not_adopted_before_that_was_answered(
    world: World, ada: PretendPerson
) -> None:
    for who in (ada, world.person("ben")):
        await world.fill(who, "back up database", {"database": "erp"})
        assert (await world.send(who)).ok
    slow = world.orchestrator.fault(START, ArmedFault.SLOW)
    world.orchestrator.fault(START, ArmedFault.DROP_BEFORE)
    ticking = asyncio.create_task(world.bot.tracker.tick())
    await held(slow)
    async with asyncio.timeout(20):
        while "uncertain" not in await states(world):  # noqa: ASYNC110 - the row says it, nobody else does
            await asyncio.sleep(0.05)
    for _ in range(3):
        world.clock.offset += timedelta(seconds=3)
        await world.bot.tracker.tick()
    assert "running" not in await states(world)
    slow.release()
    await ticking
    assert sorted(await states(world)) == ["running", "uncertain"]
    run = world.orchestrator.starts[0]
    claimed = [each.execution_id for each in await launches_of_both(world) if each.execution_id]
    assert claimed == [run.execution_id]


async def test_an_answer_that_comes_after_its_claim_was_over_counts(world: World) -> None:
    slow = world.orchestrator.fault(START, ArmedFault.SLOW)
    world.orchestrator.fault("GET */executions", ArmedFault.FORBIDDEN, times=None)
    ticking = asyncio.create_task(back_up(world))
    await held(slow)
    world.clock.offset += timedelta(seconds=25)
    await world.bot.tracker.tick()
    assert await states(world) == ["uncertain"]
    slow.release()
    await ticking
    assert await states(world) == ["running"]
    assert "It did start, as run" in await world.until_told("It did start")


async def launches_of_both(world: World) -> list[Launch]:
    """What Ada and Ben asked for."""
    ada = Somebody(team_id="T0HARBOUR", user_id="U0ADA")
    found = await world.bot.store.launches.find(person=ada, channel="C0OPS", only_open=False, limit=9)
    return [each.launch for each in found.launches]  # hers, and all that the channel was told


async def states(world: World) -> list[str]:
    """Where each launch stands."""
    return [each.state.value for each in await launches_of_both(world)]


@pytest.mark.parametrize("minutes", [-30, -3, 3])
async def test_a_start_is_found_though_orchestrator_s_clock_is_wrong(world: World, minutes: int) -> None:
    world.orchestrator.drift = timedelta(minutes=minutes)
    world.orchestrator.fault(START, ArmedFault.DROP_AFTER)
    await wait_for(world, "health report")  # safe to repeat
    told = await world.until_told("It did start, as run")
    assert "found no run" not in told
    assert len(world.orchestrator.starts) == 1
