"""What a waiting run asks is answered in Slack by whom it asks, once, and told; a failed run is resumed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.orchestrator.scripts import Declared, End, Phase, Script, WaitingQuestion
from bot.demo.orchestrator.values import parameter, text
from bot.demo.orchestrator.workflows import PretendWorkflow
from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.orchestrator.scripts import Inputs
    from bot.demo.slack.driver.person import PretendPerson
    from bot.demo.slack.wire import Json
    from bot.domain.audit import AuditEntry
    from tests.world import World

POLICY = """
assignees:
  Platform operations: {users: [U0BEN]}
rules:
  - name: all
    workflows: {folders: ["**"]}
    run: {users: [U0ADA, U0GRACE]}
"""
SURE = (Declared(name="sure", type="boolean", description="Really?"), Declared(name="remark", type="string"))


def asking(*questions: WaitingQuestion) -> PretendWorkflow:
    """A workflow that asks these, one after the other, and gives back what it was answered."""

    def end(inputs: Inputs) -> End:
        said = f"sure={inputs.get('sure')} remark={inputs.get('remark')}"
        return End(outputs=(parameter("said", "string", text(said)),))

    waits = (Phase(state="waiting", item=each.name, question=each) for each in questions)
    phases = (Phase(item="Before", lasts=timedelta(seconds=1)), *waits)
    after = Phase(item="After", lasts=timedelta(seconds=2))
    return PretendWorkflow(name="Ask people", script=Script(phases=(*phases, after), end=end))


def failing(succeeds_at: int) -> PretendWorkflow:
    """A workflow whose runs wait in the error handler, and whose last step goes well at the nth try."""
    tries = iter(range(1, 100))

    def end(inputs: Inputs) -> End:
        if next(tries) < succeeds_at:
            return End(state="failed", error="array is full")
        return End(outputs=(parameter("grown", "string", text(f"{inputs.get('vm')} grown")),))

    return PretendWorkflow(
        name="Grow disk",
        inputs=(Declared(name="vm", type="string"),),
        script=Script(phases=(Phase(item="Grow", lasts=timedelta(seconds=1)),), end=end),
        resumes=True,
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
def ben(world: World) -> PretendPerson:
    return world.person("ben")


OPS = WaitingQuestion(name="Ask people : Confirm the backup", inputs=SURE, groups=("Platform operations",))
ANYBODY = WaitingQuestion(name="Ask people : Go on", inputs=SURE)


async def waiting(world: World, workflow: PretendWorkflow, **answers: str) -> Json:
    """The card of a run that waits."""
    world.orchestrator.add_workflow(workflow)
    await world.bot.catalogue.refresh()
    card = await world.launch(world.person("ada"), workflow.name, answers)
    await world.until_told("can be resumed" if workflow.resumes else "The run asks", card=card)
    return world.card()


async def open_form(world: World, who: PretendPerson, card: Json) -> None:
    assert (await world.press(who, "Answer", card=card)).ok


async def answer(
    world: World, who: PretendPerson, *, sure: str = "Yes", remark: str = "looked at it"
) -> None:
    """Fill in the open form and send it."""
    await who.pick("sure", sure)
    await who.type("remark", remark)
    sent = await who.submit()
    assert sent.ok, sent
    await world.bot.dispatcher.drain(seconds=10)


async def audited(world: World, what: str) -> list[AuditEntry]:
    return [each.entry for each in await world.bot.store.audit.page() if each.entry.what == what]


def answers(world: World) -> int:
    """How often Orchestrator took an answer."""
    sent = world.orchestrator.requests
    return sum(each.startswith("POST") and each.rstrip("/").endswith("interaction") for each in sent)


async def test_a_question_is_told_with_whom_it_asks_and_answered_by_one_of_them(
    world: World, ben: PretendPerson
) -> None:
    card = await waiting(world, asking(OPS))
    assert "*The run asks* of Platform operations: “Confirm the backup”" in world.told(card)
    assert "Confirm the backup" in ben.reads(card)
    await open_form(world, ben, card)
    assert "Really?" in ben.reads()
    await answer(world, ben)
    told = await world.until_told("*Succeeded*", card=card)
    assert "<@U0BEN> answered “Confirm the backup”. The run goes on." in told
    assert "sure=True remark=looked at it" in told
    (entry,) = await audited(world, "answered")
    assert (entry.user_id, entry.detail["answer"]) == (ben.id, {"sure": True, "remark": "looked at it"})
    assert "Answer" not in ben.reads(world.card()).replace("answer", "")


async def test_it_is_refused_to_others_and_that_is_audited(world: World) -> None:
    ada = world.person("ada")
    card = await waiting(world, asking(OPS))
    await open_form(world, ada, card)
    assert "only they can answer it. Nothing was answered." in ada.reads()
    assert answers(world) == 0
    (entry,) = await audited(world, "refused")
    assert (entry.user_id, entry.detail["wish"]) == (ada.id, "answer")


async def test_whom_the_policy_does_not_know_is_said_to_be_unknown(world: World) -> None:
    ada = world.person("ada")
    card = await waiting(
        world, asking(WaitingQuestion(name="x : Sign off", inputs=SURE, users=("CN=auditors",)))
    )
    await open_form(world, ada, card)
    assert "Who that is in Slack is not known" in ada.reads()


async def test_a_confirmed_address_is_the_assignees_own(world: World, ben: PretendPerson) -> None:
    address = ben.member.email
    card = await waiting(
        world, asking(WaitingQuestion(name="x : Sign off", inputs=SURE, users=(address.upper(),)))
    )
    await open_form(world, ben, card)
    await answer(world, ben)
    await world.until_told("*Succeeded*", card=card)


async def test_what_asks_nobody_in_particular_is_answered_by_those_who_may_run_it(
    world: World, ben: PretendPerson
) -> None:
    grace = world.person("grace")
    card = await waiting(world, asking(ANYBODY))
    await open_form(world, ben, card)
    assert "Only those who may run this workflow" in ben.reads()
    await open_form(world, grace, card)
    await answer(world, grace)
    await world.until_told("*Succeeded*", card=card)


async def test_what_was_answered_elsewhere_settles_the_card_and_is_not_answered_twice(
    world: World, ben: PretendPerson
) -> None:
    card = await waiting(world, asking(OPS, ANYBODY))
    await open_form(world, ben, card)
    await elsewhere(world, card)
    await answer(world, ben)
    assert "Nothing was answered by you" in said_to(world, ben)
    assert answers(world) == 0


async def test_the_next_question_of_the_same_run_is_asked_too(world: World, ben: PretendPerson) -> None:
    grace = world.person("grace")
    card = await waiting(world, asking(OPS, ANYBODY))
    await open_form(world, ben, card)
    await answer(world, ben)
    await world.until_told("“Go on”", card=card)
    await open_form(world, grace, world.card())
    await answer(world, grace, remark="the second")
    assert "remark=the second" in await world.until_told("*Succeeded*", card=card)


@pytest.mark.parametrize(
    "fault", [ArmedFault.DROP_BEFORE, ArmedFault.UNAVAILABLE, ArmedFault.DROP_AFTER, ArmedFault.ERROR_AFTER]
)
async def test_a_lost_answer_is_looked_for_and_told_once(
    world: World, ben: PretendPerson, fault: ArmedFault
) -> None:
    card = await waiting(world, asking(OPS))
    await open_form(world, ben, card)
    world.orchestrator.fault("POST */interaction", fault)
    await answer(world, ben)
    if fault in {ArmedFault.DROP_BEFORE, ArmedFault.UNAVAILABLE}:
        assert "whether it took your answer" in said_to(world, ben)
        await world.pass_time(seconds=61)
        await ben.close_view()
        await open_form(world, ben, world.card())
        await answer(world, ben)
    told = await world.until_told("*Succeeded*", card=card)
    assert told.count("answered “Confirm the backup”") == 1


@pytest.mark.parametrize("fault", [ArmedFault.FORBIDDEN, ArmedFault.BAD_REQUEST])
async def test_an_answer_that_orchestrator_declines_is_said_and_can_be_given_again(
    world: World, ben: PretendPerson, fault: ArmedFault
) -> None:
    card = await waiting(world, asking(OPS))
    await open_form(world, ben, card)
    world.orchestrator.fault("POST */interaction", fault, times=None)
    await answer(world, ben)
    assert "Nothing was answered" in said_to(world, ben)
    world.orchestrator.clear_faults()
    await ben.close_view()
    await open_form(world, ben, card)
    await answer(world, ben)
    await world.until_told("*Succeeded*", card=card)


@pytest.mark.parametrize("held", ["GET */interaction", "POST */interaction"])
async def test_a_bot_that_is_killed_while_it_answers_answers_once_and_tells_it(
    world: World, ben: PretendPerson, held: str
) -> None:
    card = await waiting(world, asking(OPS))
    await open_form(world, ben, card)
    await ben.pick("sure", "Yes")
    armed = world.orchestrator.fault(held, ArmedFault.SLOW)
    assert (await ben.submit()).ok
    await armed.holding()
    await world.crash()
    armed.release()
    world.orchestrator.clear_faults()
    await world.start()
    await world.pass_time(seconds=25)
    await world.bot.dispatcher.drain(seconds=10)
    told = await world.until_told("*Succeeded*", card=card)
    assert told.count("<@U0BEN> answered") == 1
    assert answers(world) == 1
    assert len(await audited(world, "answered")) == 1


async def test_a_question_that_asks_for_a_secret_leads_to_orchestrator(
    world: World, ben: PretendPerson
) -> None:
    inputs = (Declared(name="password", type="SecureString"),)
    question = WaitingQuestion(name="x : Log in", inputs=inputs, groups=("Platform operations",))
    card = await waiting(world, asking(question))
    await open_form(world, ben, card)
    assert "cannot be answered in Slack" in ben.reads()
    assert "Nothing was answered" in ben.reads()


async def test_a_run_that_failed_and_waits_is_told_as_failed_and_resumed(world: World) -> None:
    ada = world.person("ada")
    card = await waiting(world, failing(2), vm="web-01")
    assert "array is full" in world.told(card)
    assert "Failed, can be resumed" in ada.reads(card)
    await world.press(ada, "Resume", card=card)
    told = await world.until_told("*Succeeded*", card=card)
    assert "<@U0ADA> resumed it" in told
    assert "web-01 grown" in told
    assert [each.user_id for each in await audited(world, "resume asked")] == [ada.id]
    assert len(world.orchestrator.starts) == 1


async def test_what_fails_again_can_be_resumed_again(world: World) -> None:
    ada = world.person("ada")
    card = await waiting(world, failing(3), vm="web-01")
    for number in (1, 2):
        await world.press(ada, "Resume", card=world.card())
        for _ in range(10):
            await world.pass_time(seconds=1)
        assert world.told(card).count("resumed it") == number
    await world.until_told("*Succeeded*", card=card)


async def test_it_is_resumed_by_nobody_who_may_not_run_it_and_can_be_cancelled(
    world: World, ben: PretendPerson
) -> None:
    card = await waiting(world, failing(2), vm="web-01")
    await world.press(ben, "Resume", card=card)
    assert answers(world) == 0
    assert [each.detail["wish"] for each in await audited(world, "refused")] == ["resume"]
    await world.press(world.person("ada"), "Cancel run", card=card)
    await world.until_told("*Cancelled*", card=card)


async def test_a_bot_that_is_killed_while_it_resumes_resumes_once(world: World) -> None:
    ada = world.person("ada")
    card = await waiting(world, failing(2), vm="web-01")
    armed = world.orchestrator.fault("POST */interaction", ArmedFault.SLOW)
    assert (await ada.press("Resume", in_=card)).ok
    await armed.holding()
    await world.crash()
    armed.release()
    world.orchestrator.clear_faults()
    await world.start()
    await world.pass_time(seconds=25)
    await world.bot.dispatcher.drain(seconds=10)
    told = await world.until_told("*Succeeded*", card=card)
    assert told.count("resumed it") == 1
    assert answers(world) == 1


async def elsewhere(world: World, card: Json) -> None:
    """Somebody answers it in Orchestrator itself."""
    launch = await world.the_launch(card["metadata"]["event_payload"]["launch"])
    world.orchestrator.execution(launch.execution_id or "").answer((), now=world.now())


def said_to(world: World, who: PretendPerson) -> str:
    """What the bot wrote to somebody alone, wherever."""
    direct = [who.reads(each) for each in world.slack.messages(who.dm)]
    shown = [who.reads()] if who.view is not None else []
    return "\n".join([*shown, *direct, *(who.reads(each) for each in who.ephemerals("ops"))])
