"""Several people approve, one after another or at once, and everything is asked again before the start."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.orchestrator.faults import ArmedFault
from bot.domain.digest import short
from bot.domain.draft import LaunchOptions
from bot.domain.errors import (
    AlreadyDecided,
    AlreadyVoted,
    InvalidAnswers,
    MemberUnknown,
    NotAllowed,
    OwnRequest,
    Refusal,
    TooLate,
)
from bot.domain.launch import HoldKind, State
from bot.domain.policy import BreakGlass, Freeze, Group, InFreeze, OnExpiry, Policy, Span
from tests.service_world import (
    LEADS,
    MANAGERS,
    RUN_SECONDS,
    only,
    open_service_world,
    patching,
    person,
    rule,
    stage,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from bot.domain.launch import Launch
    from tests.service_world import ServiceWorld

TWO_LEADS = only(rule(stage(LEADS, count=2)))
TWO_STAGES = only(rule(stage(LEADS), stage(MANAGERS)))
AT_ONCE = only(rule())


@pytest.fixture
async def office(migrated: str) -> AsyncIterator[ServiceWorld]:
    """An office where two leads approve, on each database."""
    async with open_service_world(migrated, TWO_LEADS) as made:
        yield made


# votes


async def test_whom_slack_says_nothing_of_is_not_refused_as_a_stand_in_for_good(office: ServiceWorld) -> None:
    eve = replace(office.who("eve"), is_member=False, is_known=False)
    until = office.clock.now() + timedelta(days=1)
    with pytest.raises(MemberUnknown, match=r"did not say .* Nothing was changed\. Please try again"):
        await office.bot.approvals.delegate(who=office.who("ben"), to=eve, until=until)


async def test_two_distinct_people_approve_and_it_starts_once(office: ServiceWorld) -> None:
    launch = await office.ask("ada")
    first = await office.approve("ben", launch)
    assert (first.state, office.starts()) == (State.AWAITING_APPROVAL, 0)
    with pytest.raises(AlreadyVoted):
        await office.approve("ben", launch)
    await office.approve("cleo", launch)
    assert office.starts() == 1
    await office.pass_time(seconds=RUN_SECONDS + 5)
    await office.pass_time(seconds=30)
    assert (await office.now_is(launch)).state is State.SUCCEEDED
    assert (await office.told(launch))[:3] == ["requested", "voted", "approved"]


async def test_a_person_in_both_groups_counts_once_over_all_stages(office: ServiceWorld) -> None:
    office.policy = TWO_STAGES
    office.put("ben", "S0LEADS", "S0MANAGERS")
    launch = await office.ask("ada")
    await office.approve("ben", launch)
    with pytest.raises(AlreadyVoted):
        await office.approve("ben", launch)
    await office.approve("eve", launch)
    assert office.starts() == 1


async def test_the_second_stage_begins_when_the_first_is_passed_and_no_sooner(office: ServiceWorld) -> None:
    office.policy = TWO_STAGES
    launch = await office.ask("ada")
    with pytest.raises(NotAllowed):
        await office.approve("eve", launch)
    await office.pass_time(minutes=50)
    await office.approve("ben", launch)
    with pytest.raises(NotAllowed):
        await office.approve("cleo", launch)
    await office.pass_time(minutes=50)  # the second stage's hour began with the first one's end
    await office.approve("eve", launch)
    assert office.starts() == 1
    assert "stage opened" in await office.told(launch)


async def test_a_vote_taken_back_does_not_count_and_may_be_given_again(office: ServiceWorld) -> None:
    launch = await office.ask("ada")
    await office.approve("ben", launch)
    await office.bot.approvals.withdraw_vote(launch.id, who=office.who("ben"))
    assert (await office.approve("cleo", launch)).state is State.AWAITING_APPROVAL
    await office.approve("ben", launch)
    assert office.starts() == 1
    with pytest.raises(TooLate):
        await office.bot.approvals.withdraw_vote(launch.id, who=office.who("ben"))


async def test_one_rejection_ends_it_and_needs_a_reason(office: ServiceWorld) -> None:
    launch = await office.ask("ada")
    await office.approve("ben", launch)
    with pytest.raises(InvalidAnswers):
        await office.bot.approvals.reject(launch.id, who=office.who("cleo"), reason="  ")
    rejected = await office.bot.approvals.reject(launch.id, who=office.who("cleo"), reason="Not today.")
    assert rejected.state is State.REJECTED
    assert rejected.approval is not None
    assert rejected.approval.rejection is not None
    with pytest.raises(AlreadyDecided):
        await office.approve("dan", launch)
    await office.pass_time(hours=2)
    assert office.starts() == 0


async def test_a_click_on_what_somebody_saw_before_it_changed_changes_nothing(office: ServiceWorld) -> None:
    launch = await office.ask("ada")
    with pytest.raises(TooLate, match="changed since you looked"):
        await office.approve("ben", launch, seen="0" * 12)
    await office.approve("ben", launch, seen=short(launch.digest))
    assert (await office.now_is(launch)).approval != launch.approval


async def test_refusals_are_in_the_audit(office: ServiceWorld) -> None:
    launch = await office.ask("ada")
    with pytest.raises(NotAllowed):
        await office.approve("eve", launch)
    with pytest.raises(OwnRequest):
        await office.approve("ada", launch)
    entries = [record.entry for record in await office.bot.store.audit.page()][-2:]
    assert [(each.what, each.user_id) for each in entries] == [("refused", "U0EVE"), ("refused", "U0ADA")]


# delegation


async def test_a_delegate_decides_in_the_others_name_and_uses_up_both(office: ServiceWorld) -> None:
    until = office.clock.now() + timedelta(hours=5)
    await office.bot.approvals.delegate(who=office.who("ben"), to=office.who("eve"), until=until)
    launch = await office.ask("ada")
    voted = await office.approve("eve", launch)
    assert voted.approval is not None
    assert [(each.by, each.stands_in_for) for each in voted.approval.votes] == [
        (person("eve"), person("ben"))
    ]
    with pytest.raises(AlreadyVoted):
        await office.approve("ben", launch)
    await office.approve("cleo", launch)
    assert office.starts() == 1


async def test_a_second_account_of_who_is_away_counts_as_the_same_human(office: ServiceWorld) -> None:
    until = office.clock.now() + timedelta(hours=5)
    office.put("ben2", "S0LEADS", email="Ben@harbour.example")
    await office.bot.approvals.delegate(who=office.who("ben"), to=office.who("eve"), until=until)
    launch = await office.ask("ada")
    await office.approve("eve", launch)
    with pytest.raises(AlreadyVoted):
        await office.approve("ben2", launch)
    with pytest.raises(NotAllowed, match="stand in for yourself"):
        await office.bot.approvals.delegate(who=office.who("ben"), to=office.who("ben2"), until=until)
    taken_back = await office.bot.approvals.withdraw_vote(launch.id, who=office.who("ben2"))
    assert taken_back.approval is not None
    assert taken_back.approval.votes == ()
    assert office.starts() == 0


async def test_nobody_stands_in_for_the_requester_nor_the_requester_for_others(office: ServiceWorld) -> None:
    until = office.clock.now() + timedelta(hours=5)
    approvals = office.bot.approvals
    await approvals.delegate(who=office.who("ben"), to=office.who("eve"), until=until)
    own = await office.ask("ben")
    with pytest.raises(NotAllowed):
        await office.approve("eve", own)
    await approvals.delegate(who=office.who("cleo"), to=office.who("ada"), until=until)
    with pytest.raises(OwnRequest):
        await office.approve("ada", await office.ask("ada"))


async def test_a_delegation_ends_by_its_time_or_by_word(office: ServiceWorld) -> None:
    approvals, now = office.bot.approvals, office.clock.now()
    await approvals.delegate(who=office.who("ben"), to=office.who("eve"), until=now + timedelta(minutes=5))
    assert [each.to for each in await approvals.delegations()] == [person("eve")]
    await office.pass_time(minutes=5)
    assert await approvals.delegations() == ()
    with pytest.raises(NotAllowed):
        await office.approve("eve", await office.ask("ada"))
    await approvals.delegate(who=office.who("ben"), to=office.who("eve"), until=now + timedelta(days=5))
    assert await approvals.end_delegation(who=office.who("ben"))
    assert not await approvals.end_delegation(who=office.who("ben"))
    with pytest.raises(InvalidAnswers):
        await approvals.delegate(who=office.who("ben"), to=office.who("eve"), until=now)
    with pytest.raises(NotAllowed):
        await approvals.delegate(who=office.who("ben"), to=office.who("ben"), until=now + timedelta(days=1))


# nobody decides


async def test_reminders_and_a_second_group_are_told_once_each_then_it_expires(office: ServiceWorld) -> None:
    asking = stage(
        LEADS,
        remind=(timedelta(minutes=10), timedelta(minutes=30)),
        escalate=MANAGERS,
        escalate_after=timedelta(minutes=40),
    )
    office.policy = only(rule(asking))
    launch = await office.ask("ada")
    for _ in range(13):
        await office.pass_time(minutes=5)
        await office.tick()
    assert await office.told(launch) == ["requested", "reminded", "reminded", "escalated", "expired"]
    with pytest.raises(AlreadyDecided):
        await office.approve("ben", launch)
    assert office.starts() == 0


async def test_the_second_group_may_decide_once_it_was_asked(office: ServiceWorld) -> None:
    office.policy = only(rule(stage(LEADS, escalate=MANAGERS, escalate_after=timedelta(minutes=40))))
    launch = await office.ask("ada")
    with pytest.raises(NotAllowed):
        await office.approve("eve", launch)
    await office.pass_time(minutes=41)
    await office.approve("eve", launch)
    assert office.starts() == 1


async def test_on_expiry_others_are_asked_once_more_where_the_rule_says_so(office: ServiceWorld) -> None:
    office.policy = only(rule(stage(LEADS, escalate=MANAGERS), on_expiry=OnExpiry.ESCALATE))
    launch = await office.ask("ada")
    await office.pass_time(minutes=61)
    assert (await office.now_is(launch)).state is State.AWAITING_APPROVAL
    await office.pass_time(minutes=61)
    assert await office.told(launch) == ["requested", "escalated", "expired"]


# everything is asked again before the start


async def later(office: ServiceWorld, **amount: float) -> LaunchOptions:
    """The wish to start after so long."""
    return LaunchOptions(start_at=office.clock.now() + timedelta(**amount))


async def test_it_starts_at_the_wished_moment_and_not_before(office: ServiceWorld) -> None:
    office.policy = AT_ONCE
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.pass_time(hours=2.9)
    held = await office.now_is(launch)
    assert held.hold is not None
    assert (held.hold.kind, office.starts()) == (HoldKind.LATER, 0)
    await office.pass_time(hours=0.2)
    assert office.starts() == 1
    assert (await office.told(launch)).count("held") == 1


async def test_who_lost_the_right_to_run_meanwhile_starts_nothing(office: ServiceWorld) -> None:
    office.policy = only(rule(name="members run"))
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    office.put("ada", member=False)
    await office.pass_time(hours=4)
    assert (await office.now_is(launch)).state is State.FAILED
    assert office.starts() == 0


async def test_the_vote_of_somebody_who_lost_the_right_no_longer_counts(office: ServiceWorld) -> None:
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    await office.approve("cleo", launch)
    office.put("cleo")
    await office.pass_time(hours=4)
    asked = await office.now_is(launch)
    assert (asked.state, office.starts()) == (State.AWAITING_APPROVAL, 0)
    await office.approve("dan", launch)
    assert office.starts() == 1


async def for_ben(office: ServiceWorld, *, hours: float) -> Launch:
    """Eve approves in Ben's name, for so long, what is to start in three hours; Cleo in her own."""
    until = office.clock.now() + timedelta(hours=hours)
    await office.bot.approvals.delegate(who=office.who("ben"), to=office.who("eve"), until=until)
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("eve", launch)
    await office.approve("cleo", launch)
    return launch


async def test_a_vote_in_anothers_name_counts_while_they_are_stood_in_for(office: ServiceWorld) -> None:
    await for_ben(office, hours=5)
    await office.pass_time(hours=4)
    assert office.starts() == 1


@pytest.mark.parametrize("end", ["by word", "for another", "by its time", "with the right"])
async def test_a_vote_in_anothers_name_no_longer_counts_once_that_has_ended(
    office: ServiceWorld, end: str
) -> None:
    launch = await for_ben(office, hours=2 if end == "by its time" else 5)
    approvals, ben = office.bot.approvals, office.who("ben")
    why = "Eve no longer decides for Ben."
    if end == "by word":
        await approvals.end_delegation(who=ben)
    elif end == "for another":
        until = office.clock.now() + timedelta(hours=9)
        await approvals.delegate(who=ben, to=office.who("dan"), until=until)
    elif end == "with the right":
        office.put("ben")
        why = "Ben may no longer approve this."
    await office.pass_time(hours=4)
    asked = await office.now_is(launch)
    assert (asked.state, office.starts()) == (State.AWAITING_APPROVAL, 0)
    assert asked.approval is not None
    assert [vote.by for vote in asked.approval.votes] == [person("cleo")]
    (anew,) = [each.entry for each in await office.bot.store.audit.page() if each.entry.what == "asked anew"]
    assert (anew.detail["note"], anew.detail["have"], anew.detail["void"]) == (why, 1, 1)
    await office.approve("dan", launch)
    assert office.starts() == 1


async def test_a_changed_workflow_voids_the_votes_and_says_what_changed(office: ServiceWorld) -> None:
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    await office.approve("cleo", launch)
    office.orchestrator.add_workflow(patching(version="2.0.0"))
    await office.pass_time(hours=4)
    asked = await office.now_is(launch)
    assert (asked.state, asked.workflow.version, office.starts()) == (State.AWAITING_APPROVAL, "2.0.0", 0)
    assert asked.digest != launch.digest
    notes = [record.entry.detail.get("note", "") for record in await office.bot.store.audit.page()]
    assert any("from version 1.0.0 to 2.0.0" in note for note in notes)
    with pytest.raises(TooLate):
        await office.approve("ben", launch, seen=short(launch.digest))
    await office.approve("ben", launch, seen=short(asked.digest))
    await office.approve("cleo", launch, seen=short(asked.digest))
    assert office.starts() == 1


async def test_a_changed_workflow_is_not_started_for_who_saw_the_former_one(office: ServiceWorld) -> None:
    office.policy = AT_ONCE
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    office.orchestrator.add_workflow(patching(version="2.0.0"))
    await office.pass_time(hours=4)
    ended = await office.now_is(launch)
    assert (ended.state, office.starts()) == (State.FAILED, 0)
    assert ended.outcome is not None
    assert "Open the form again" in ended.outcome.detail


async def test_an_input_that_is_gone_ends_it(office: ServiceWorld) -> None:
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    await office.approve("cleo", launch)
    office.orchestrator.add_workflow(patching(inputs=("host",)))
    await office.pass_time(hours=4)
    ended = await office.now_is(launch)
    assert (ended.state, office.starts()) == (State.FAILED, 0)


async def test_a_policy_that_asks_for_more_is_asked_for_anew(office: ServiceWorld) -> None:
    launch = await office.ask("ada")
    await office.approve("ben", launch)
    office.policy = only(rule(stage(LEADS), stage(MANAGERS), name="patching with care"))
    await office.approve("cleo", launch)  # ben's vote was for two leads, and is void
    asked = await office.now_is(launch)
    assert (asked.state, asked.rule) == (State.AWAITING_APPROVAL, "patching with care")
    assert "asked anew" in await office.told(launch)
    await office.approve("eve", launch)
    assert office.starts() == 1


async def test_a_policy_that_begins_to_ask_stops_what_waits(office: ServiceWorld) -> None:
    office.policy = AT_ONCE
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    office.policy = only(rule(stage(LEADS)))
    await office.pass_time(hours=4)
    assert ((await office.now_is(launch)).state, office.starts()) == (State.AWAITING_APPROVAL, 0)
    await office.approve("ben", launch)
    assert office.starts() == 1


async def test_what_cannot_be_told_just_now_is_asked_again_later(office: ServiceWorld) -> None:
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    await office.approve("ben", launch)
    await office.approve("cleo", launch)
    known = office.memberships.copy()
    for who, membership in known.items():
        office.memberships[who] = type(membership)(person=who, is_member=False, is_known=False)
    await office.pass_time(hours=4)
    assert ((await office.now_is(launch)).state, office.starts()) == (State.APPROVED, 0)
    office.memberships.update(known)
    await office.pass_time(minutes=6)
    assert office.starts() == 1


# freezes and break-glass


def frozen(begin: datetime, *, hours: float, in_freeze: InFreeze = InFreeze.WAIT) -> Policy:
    """Two leads approve; nothing starts for so long from then on."""
    wall = begin.replace(tzinfo=None)
    window = Freeze(
        name="quarter end", zone="UTC", spans=(Span(begin=wall, end=wall + timedelta(hours=hours)),)
    )
    glass = BreakGlass(by=Group(users=frozenset({"U0DAN"})), review=MANAGERS)
    return only(
        rule(stage(LEADS, count=2, hours=9), in_freeze=in_freeze), freezes=(window,), break_glass=glass
    )


async def test_an_approved_launch_waits_for_the_end_of_a_freeze(office: ServiceWorld) -> None:
    office.policy = frozen(office.clock.now(), hours=2)
    launch = await office.ask("ada")
    await office.approve("ben", launch)
    await office.approve("cleo", launch)
    held = await office.now_is(launch)
    assert held.hold is not None
    assert (held.state, held.hold.kind, held.hold.why) == (State.APPROVED, HoldKind.FREEZE, "quarter end")
    await office.pass_time(hours=1.9)
    assert office.starts() == 0
    await office.pass_time(hours=0.2)
    assert office.starts() == 1


async def test_a_freeze_that_begins_while_the_workflow_is_read_holds_the_start(office: ServiceWorld) -> None:
    office.policy = frozen(office.clock.now() + timedelta(seconds=8), hours=2)
    launch = await office.ask("ada")
    await office.approve("ben", launch)
    reading = office.orchestrator.fault("GET */workflows/*", ArmedFault.SLOW)
    last = asyncio.create_task(office.approve("cleo", launch))
    async with asyncio.timeout(5):
        await reading.holding()
    office.clock.offset += timedelta(seconds=9)
    reading.release()
    await last
    held = await office.now_is(launch)
    assert held.hold is not None
    assert (held.state, held.hold.kind) == (State.APPROVED, HoldKind.FREEZE)
    assert office.starts() == 0


async def test_a_freeze_that_is_lifted_holds_nothing_any_longer(office: ServiceWorld) -> None:
    office.policy = frozen(office.clock.now(), hours=100)
    launch = await office.ask("ada")
    await office.approve("ben", launch)
    await office.approve("cleo", launch)
    assert (await office.now_is(launch)).hold is not None
    office.policy = replace(office.policy, freezes=())
    await office.pass_time(minutes=2)
    assert office.starts() == 1


async def test_a_request_in_a_freeze_is_refused_where_the_rule_says_so(office: ServiceWorld) -> None:
    office.policy = frozen(office.clock.now(), hours=2, in_freeze=InFreeze.REFUSE)
    with pytest.raises(NotAllowed):
        await office.ask("ada")
    assert (await office.bot.store.audit.page())[-1].entry.what == "refused"
    launch = await office.ask("ada", wishes=await later(office, hours=3))
    assert launch.state is State.AWAITING_APPROVAL


async def test_a_broken_glass_passes_both_and_is_reviewed_by_somebody_else(office: ServiceWorld) -> None:
    office.policy = frozen(office.clock.now(), hours=2)
    wishes = LaunchOptions(break_glass="The shop is down.")
    with pytest.raises(NotAllowed):
        await office.ask("ada", wishes=wishes)
    launch = await office.ask("dan", wishes=wishes)
    await office.tick()
    assert office.starts() == 1
    await office.pass_time(seconds=RUN_SECONDS + 5)
    await office.pass_time(seconds=30)
    assert (await office.now_is(launch)).wants_review
    review = office.bot.approvals.review
    with pytest.raises(OwnRequest):
        await review(launch.id, who=office.who("dan"))
    with pytest.raises(NotAllowed):
        await review(launch.id, who=office.who("ben"))
    assert not (await review(launch.id, who=office.who("eve"), comment="Rightly so.")).wants_review
    told = await office.told(launch)
    assert told[:2] == ["requested", "break glass"]
    assert told[-4:] == ["review asked", "refused", "refused", "reviewed"]


# one at a time, and so many at once

ONE_AT_A_TIME = only(rule(one_at_a_time="vmName"))


async def test_the_second_run_on_a_machine_waits_for_the_first(office: ServiceWorld) -> None:
    office.policy = ONE_AT_A_TIME
    first = await office.ask("ada")
    await office.tick()
    second = await office.ask("ben", vm=" WEB-01")
    other = await office.ask("cleo", vm="web-02")
    await office.tick()
    waiting = await office.now_is(second)
    assert waiting.hold is not None
    assert (waiting.hold.kind, waiting.hold.place, waiting.hold.behind) == (HoldKind.LOCK, 1, first.id)
    assert office.starts() == 2
    await office.pass_time(seconds=RUN_SECONDS + 30)
    await office.pass_time(seconds=16)  # it may have looked while the first ended, then it looks again
    assert office.starts() == 3
    for launch in (second, other):
        assert (await office.told(launch)).count("held") <= 1


async def test_turns_go_round_between_people(office: ServiceWorld) -> None:
    office.policy = ONE_AT_A_TIME
    order = ["ada", "ada", "ada", "ben", "cleo"]
    launches = []
    for name in order:
        launches.append(await office.ask(name))
        await office.pass_time(seconds=1)
    for _ in range(30):
        await office.pass_time(seconds=10)
    began = [await office.now_is(launch) for launch in launches]
    assert all(launch.state is State.SUCCEEDED for launch in began)
    in_time = sorted(began, key=lambda launch: launch.starting_at or launch.requested_at)
    assert [launch.requester for launch in in_time] == [
        person(name) for name in ("ada", "ben", "cleo", "ada", "ada")
    ]


async def test_what_was_approved_goes_before_what_needed_no_approval(office: ServiceWorld) -> None:
    free = replace(rule(name="free"), run=Group(users=frozenset({"U0ADA", "U0BEN"})))
    asked = replace(rule(stage(LEADS), name="asked"), run=Group(users=frozenset({"U0CLEO"})))
    office.policy = Policy(rules=(free, asked), at_most=1)
    running, waiting = await office.ask("ada", vm="vm-1"), await office.ask("ben", vm="vm-2")
    await office.tick()
    approved = await office.ask("cleo", vm="vm-3")
    await office.approve("ben", approved)
    for _ in range(30):
        await office.pass_time(seconds=10)
    began = [(await office.now_is(each)).starting_at for each in (running, approved, waiting)]
    assert None not in began
    assert began == sorted(began, key=str)


async def test_a_machine_stays_locked_while_nobody_knows_whether_its_run_started(
    office: ServiceWorld,
) -> None:
    office.policy = ONE_AT_A_TIME
    first = await office.ask("ada")
    office.orchestrator.fault("POST */executions", ArmedFault.ERROR)
    await office.tick()
    second = await office.ask("ben")
    for _ in range(5):
        await office.pass_time(seconds=20)
    assert (await office.now_is(first)).state is State.UNCERTAIN
    waiting = await office.now_is(second)
    assert waiting.hold is not None
    assert waiting.hold.behind == first.id


async def test_no_more_runs_are_open_than_the_policy_allows(office: ServiceWorld) -> None:
    office.policy = only(rule(), at_most=2)
    launches = []
    for number in range(5):
        launches.append(await office.ask("ada", vm=f"vm-{number}"))
        await office.tick()
    assert office.starts() == 2
    third = await office.now_is(launches[2])
    assert third.hold is not None
    assert third.hold.kind is HoldKind.FULL
    for _ in range(20):
        await office.pass_time(seconds=10)
    assert office.starts() == 5


async def test_who_waits_in_line_may_still_withdraw(office: ServiceWorld) -> None:
    office.policy = ONE_AT_A_TIME
    await office.ask("ada")
    await office.tick()
    second = await office.ask("ben")
    await office.tick()
    await office.bot.launches.cancel(second.id, who=office.who("ben"))
    await office.pass_time(minutes=5)
    assert ((await office.now_is(second)).state, office.starts()) == (State.WITHDRAWN, 1)


# many at the same instant


@pytest.mark.parametrize("replicas", [1, 2])
async def test_twenty_approvals_at_once_start_it_once_and_count_nobody_twice(
    migrated: str, replicas: int
) -> None:
    if replicas > 1 and migrated.startswith("sqlite"):
        pytest.skip("one process per SQLite file")
    async with open_service_world(migrated, TWO_LEADS) as office:
        if replicas > 1:
            await office.open(replicas=replicas - 1)
        for number in range(10):
            office.put(f"lead{number}", "S0LEADS")
        launch = await office.ask("ada")
        clicks = [
            office.approve(f"lead{number % 10}", launch, by=office.replicas[number % replicas])
            for number in range(20)
        ]
        results = await asyncio.gather(*clicks, return_exceptions=True)
        assert {type(each) for each in results if isinstance(each, BaseException)} <= {
            AlreadyDecided,
            AlreadyVoted,
        }
        assert all(isinstance(each, Refusal) for each in results if isinstance(each, BaseException))
        assert sum(not isinstance(each, BaseException) for each in results) == 2
        await office.tick()
        assert office.starts() == 1
        now = await office.now_is(launch)
        assert now.approval is not None
        assert len({vote.by for vote in now.approval.votes}) == len(now.approval.votes) == 2
        told = await office.told(launch)
        assert [told.count(what) for what in ("voted", "approved", "started")] == [1, 1, 1]


async def test_many_launches_for_one_machine_at_once_run_one_by_one(migrated: str) -> None:
    async with open_service_world(migrated, ONE_AT_A_TIME) as office:
        if not migrated.startswith("sqlite"):
            await office.open(replicas=1)
        for number in range(8):
            await office.ask(("ada", "ben", "cleo")[number % 3])
        await asyncio.gather(*(replica.tracker.tick() for replica in office.replicas))
        assert office.starts() == 1
        for round_ in range(60):
            await office.pass_time(seconds=5)
            done = sum(
                run.at + timedelta(seconds=RUN_SECONDS) <= office.clock.now()
                for run in office.orchestrator.starts
            )
            assert office.starts() <= done + 1, round_
        assert office.starts() == 8
