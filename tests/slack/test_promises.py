"""What is promised of a start is true: beside the field, on the review, on every card, and in lists."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.store.migrating import migrate
from tests.world import a_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.demo.slack.driver.person import PretendPerson
    from tests.world import World

YEAR = datetime.now(UTC).year + 1  # a world's clock may be set forward, as people's are, but never back
FIRST_DAY = datetime(YEAR, 12, 1, 10, tzinfo=UTC)
BEFORE = datetime(YEAR, 12, 10, 10, tzinfo=UTC)
IN_THE_FREEZE = datetime(YEAR, 12, 20, 10, tzinfo=UTC)
ITS_END = datetime(YEAR + 1, 1, 4, 7, tzinfo=UTC)
START_AT = "Start at"
POLICY = f"""
freezes:
  - {{name: year-end close, zone: Europe/Berlin, from: {YEAR}-12-18 18:00, to: {YEAR + 1}-01-04 08:00}}
rules:
  - name: backups
    workflows: {{names: ["Back up database"]}}
    run: {{users: [U0ADA, U0BEN]}}
    approve: {{users: [U0GRACE], within: 2d}}
    in_freeze: WHAT
  - {{name: extents, workflows: {{names: ["Extend datastore"]}}, run: {{users: [U0ADA]}}}}
"""


@asynccontextmanager
async def office(folder: Path, database: str, *, in_freeze: str = "wait") -> AsyncIterator[World]:
    """A world on the first of December with a freeze to come."""
    policy = folder / "policy.yaml"
    policy.write_text(POLICY.replace("WHAT", in_freeze), encoding="utf-8")
    await migrate(database)
    async with a_world(folder, database=database, policy=policy) as made:
        made.clock.offset += FIRST_DAY - made.now()
        yield made


async def wish(world: World, at: datetime | None) -> str:
    """Ada fills in the form and wishes for a start; what the review says then."""
    ada = world.person("ada")
    await world.fill(ada, "back up database", {"database": "crm"})
    await world.turn(ada)
    if at is not None:
        await ada.type(START_AT, at)
        await world.bot.dispatcher.drain(seconds=5)
    assert ada.view is not None
    return ada.reads(ada.view)


async def ask(world: World, at: datetime | None = IN_THE_FREEZE) -> PretendPerson:
    """Ada asks for it; she."""
    await wish(world, at)
    ada = world.person("ada")
    assert (await world.turn(ada)).ok
    await world.tick(2)
    return ada


async def said(world: World, who: PretendPerson, words: str) -> str:
    """What a command answers."""
    before = len(who.ephemerals("ops"))
    assert (await who.slash("/vro", words, channel="ops")).ok
    await who.until(lambda: len(who.ephemerals("ops")) > before)
    await world.bot.dispatcher.drain(seconds=5)
    return who.reads(who.ephemerals("ops")[-1])


async def test_a_start_wished_inside_a_freeze_says_so_at_the_field_and_on_the_review(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        review = await wish(world, IN_THE_FREEZE)
        assert "is inside the freeze “year-end close”: it would start" in review
        hint = f"This is inside the freeze “year-end close”: it would start {ITS_END:%a %Y-%m-%d} 08:00"
        assert f"{hint} (Europe/Berlin)." in review
        ada = world.person("ada")
        await ada.type(START_AT, BEFORE)
        await world.bot.dispatcher.drain(seconds=5)
        assert "inside the freeze" not in ada.reads(ada.view)
        assert "It would then start" in ada.reads(ada.view)


async def test_a_start_that_the_freeze_would_refuse_is_said_at_the_field(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database, in_freeze="refuse") as world:
        review = await wish(world, IN_THE_FREEZE)
        assert "in which it may not start" in review
        assert "Nothing of this starts during the freeze" in review


async def test_a_freeze_that_the_rule_does_not_heed_changes_nothing(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database, in_freeze="run") as world:
        assert "freeze" not in await wish(world, IN_THE_FREEZE)


async def test_the_card_with_approve_and_the_status_show_the_wished_start(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        ada = await ask(world, BEFORE)
        for shown in (ada.reads(world.card()), await said(world, ada, "status")):
            assert f"<!date^{int(BEFORE.timestamp())}^" in shown
            assert "would start" not in shown


async def test_the_card_and_the_thread_say_when_a_start_in_a_freeze_would_be(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        ada, grace = await ask(world), world.person("grace")
        end = int(ITS_END.timestamp())
        for shown in (ada.reads(world.card()), await said(world, ada, "status")):
            assert "inside the freeze “year-end close”: would start" in shown
            assert f"<!date^{end}^" in shown
        card = world.card()
        await world.press(grace, "Review", card=card)
        assert "inside the freeze “year-end close”: would start" in grace.reads(grace.view)
        await world.press(grace, "Approve", card=card)
        await world.tick(2)
        assert "then for the end of the freeze “year-end close”: it would start" in world.told()
        world.clock.offset += IN_THE_FREEZE - world.now()
        await world.pass_time(minutes=2)
        assert "Nothing starts during the freeze" in world.told()
        world.clock.offset += ITS_END + timedelta(minutes=1) - world.now()
        await world.until_told("Started as run")


async def test_whoever_looks_at_an_approved_launch_is_not_told_of_a_click(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        await ask(world)
        grace = world.person("grace")
        await world.press(grace, "Approve")
        await world.tick(2)
        await world.press(grace, "Review")
        shown = grace.reads(grace.view)
        assert "This launch is already approved." in shown
        assert "Your click" not in shown


async def test_a_withdrawn_card_names_who_withdrew(tmp_path: Path, database: str) -> None:
    async with office(tmp_path, database) as world:
        await ask(world)
        ben = world.person("ben")
        await world.press(ben, "Withdraw")
        await world.tick(2)
        assert "*Withdrawn by*\n<@U0BEN>" in ben.reads(world.card())
        assert "Starts" not in ben.reads(world.card())


async def test_the_notification_of_an_end_stands_alone_and_the_card_says_why_in_plain_words(
    tmp_path: Path, database: str
) -> None:
    async with office(tmp_path, database) as world:
        ada = world.person("ada")
        await world.launch(ada, "extend datastore", {"Datastore": ("gold-01",), "Add (GB)": "10"})
        await world.until_told("Failed")
        text = world.slack.thread("ops", world.card()["ts"])[-1]["text"]
        assert text.startswith("Extend datastore, asked for by Ada Byron\n:x: *Failed*")
        assert "*Why*\n>no free extent next to gold-01" in ada.reads(world.card())
        assert "ScriptException" not in ada.reads(world.card())
