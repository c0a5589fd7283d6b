"""The stories: what people do, and what goes wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo.orchestrator.faults import ArmedFault
from bot.demo.stories.approval import APPROVING
from bot.demo.stories.story import Story
from bot.slack.forms.review import FORMS

if TYPE_CHECKING:
    from bot.demo.harness import Harness
    from bot.demo.slack.wire import Json

_START = "POST */executions"
_ENOUGH = 900  # seconds on the clock of a story


async def _ask_to_delete(theatre: Harness) -> Json:
    answers = {"Virtual machine": "web-01", "Change ticket": "CHG0001234"}
    return await theatre.launch(theatre.person("ada"), "delete virtual", answers)


async def _approve(theatre: Harness) -> None:
    await theatre.press(theatre.person("grace"), "Approve")


async def _approved(theatre: Harness) -> None:
    await _ask_to_delete(theatre)
    await _approve(theatre)
    await theatre.until_told("Succeeded")


async def _rejected(theatre: Harness) -> None:
    await _ask_to_delete(theatre)
    linus = theatre.person("linus")
    await theatre.press(linus, "Reject")
    await linus.type("Why not?", "web-01 still serves the <old> shop.\nAsk again on Monday.")
    await theatre.turn(linus)
    await theatre.until_told("rejected it")


async def _expired(theatre: Harness) -> None:
    await _ask_to_delete(theatre)
    await theatre.pass_time(minutes=29)
    await theatre.pass_time(minutes=2)
    await theatre.until_told("in time")


async def _both_press_approve(theatre: Harness) -> None:
    card = await _ask_to_delete(theatre)
    await _approve(theatre)
    await theatre.person("linus").press("Approve", in_=card, stale=True)
    await theatre.until_told("Succeeded")


async def _failed(theatre: Harness) -> None:
    ben = theatre.person("ben")
    await theatre.launch(ben, "extend datastore", {"Datastore": ("gold-02",), "Add (GB)": "500"})
    await theatre.until_told("Failed")


async def _run_again(theatre: Harness) -> None:
    ben = theatre.person("ben")
    await _failed(theatre)
    await theatre.press(ben, "Run again")
    await ben.until(lambda: ben.view is not None and ben.view["callback_id"] in FORMS)
    await theatre.send(ben)
    await theatre.tick()
    await theatre.until_told("Failed")


async def _answered(theatre: Harness) -> None:
    grace = theatre.person("grace")
    await theatre.launch(theatre.person("ada"), "decommission", {"server": "web-01"})
    await theatre.until_told("The run asks")
    await theatre.press(grace, "Answer")
    await grace.pick("backupVerified", "Yes")
    await grace.type("remark", "Restored on Friday.")
    await theatre.turn(grace)
    await theatre.until_told("Succeeded")


async def _cancelled(theatre: Harness) -> None:
    ben = theatre.person("ben")
    await theatre.launch(ben, "back up database", {"database": "orders"})
    await theatre.until_told("Started")
    await theatre.pass_time(minutes=2)
    await theatre.press(ben, "Cancel run")
    await theatre.until_told("Cancelled")


async def _answer_lost(theatre: Harness) -> None:
    await _ask_to_delete(theatre)
    theatre.orchestrator.fault(_START, ArmedFault.DROP_AFTER)
    await _approve(theatre)
    await theatre.until_told("Succeeded")


async def _never_arrived(theatre: Harness) -> None:
    await _ask_to_delete(theatre)
    theatre.orchestrator.fault(_START, ArmedFault.DROP_BEFORE)
    await _approve(theatre)
    await theatre.until_told("I looked twice")
    await theatre.press(theatre.person("ada"), "It did not: start again")
    await theatre.until_told("Succeeded")


async def _orchestrator_away(theatre: Harness) -> None:
    await _ask_to_delete(theatre)
    await theatre.orchestrator.refuse_connections()
    await _approve(theatre)
    await theatre.tick()
    for _ in range(10):
        await theatre.pass_time(minutes=2)
    await theatre.orchestrator.listen()
    await theatre.until_told("Succeeded", seconds=_ENOUGH)


async def _slack_away(theatre: Harness) -> None:
    await _ask_to_delete(theatre)
    await _approve(theatre)
    await theatre.slack.go_down()
    for _ in range(30):
        await theatre.pass_time(minutes=1)
    await theatre.slack.come_back()
    await theatre.until_told("Succeeded", seconds=_ENOUGH)


async def _killed_while_starting(theatre: Harness) -> None:
    await _ask_to_delete(theatre)
    held = theatre.orchestrator.fault(_START, ArmedFault.SILENCE_AFTER)
    await theatre.person("grace").press("Approve")
    await held.holding()
    await theatre.crash()
    await theatre.start()
    await theatre.until_told("Succeeded")


async def _killed_while_it_runs(theatre: Harness) -> None:
    await theatre.launch(theatre.person("ben"), "back up database", {"database": "orders"})
    await theatre.until_told("Started")
    await theatre.crash()
    theatre.clock.offset += timedelta(hours=3)
    await theatre.start()
    await theatre.until_told("Succeeded")


_ASKED, _APPROVED, _STARTED = "asked for this launch", "approved it", "Started as run"

STORIES = (
    Story(
        title="Approved",
        plot="Ada asks to delete a virtual machine. Grace approves, and Orchestrator does it.",
        play=_approved,
        state="Succeeded",
        thread=(_ASKED, _APPROVED, _STARTED, "Succeeded", "web-01 is gone."),
        starts=1,
    ),
    Story(
        title="Rejected with a reason",
        plot="Ada asks. Linus rejects it and says why.",
        play=_rejected,
        state="Rejected",
        thread=(_ASKED, "rejected it. Nothing was started.", "Ask again on Monday."),
        starts=0,
    ),
    Story(
        title="Expired",
        plot="Ada asks, and for half an hour nobody decides.",
        play=_expired,
        state="Expired",
        thread=(_ASKED, "Nobody approved it in time. Nothing was started."),
        starts=0,
    ),
    Story(
        title="Approved twice, started once",
        plot="Ada asks. Grace approves; Linus, whose screen is a moment behind, approves as well.",
        play=_both_press_approve,
        state="Succeeded",
        thread=(_ASKED, _APPROVED, _STARTED, "Succeeded"),
        starts=1,
    ),
    Story(
        title="Failed in Orchestrator",
        plot="Ben extends a datastore, which needs no approval. Orchestrator cannot do it.",
        play=_failed,
        state="Failed",
        thread=(_ASKED, _STARTED, "Failed", "no free extent next to gold-02"),
        starts=1,
    ),
    Story(
        title="Run again",
        plot="Ben's run failed. “Run again” on its card leads straight to the review; it fails again.",
        play=_run_again,
        state="Failed",
        thread=(_ASKED, "again after", _STARTED, "array01 has 2 % left"),
        starts=2,
        cards=2,
    ),
    Story(
        title="A question is answered",
        plot="Ada's run asks the platform team to vouch for a backup. Grace is one of them, and answers.",
        play=_answered,
        state="Succeeded",
        thread=(_ASKED, _STARTED, "The run asks", "answered", "Succeeded", "Restored on Friday."),
        starts=1,
    ),
    Story(
        title="Cancelled",
        plot="Ben starts a backup of ten minutes, and after two of them presses “Cancel run”.",
        play=_cancelled,
        state="Cancelled",
        thread=(_ASKED, _STARTED, "asked to stop it", "Cancelled"),
        starts=1,
    ),
    Story(
        title="The answer is lost",
        plot="Grace approves. Orchestrator starts the run, but the connection breaks before it can say so. "
        "The bot starts nothing again: it looks, and finds its run.",
        play=_answer_lost,
        state="Succeeded",
        thread=(_ASKED, _APPROVED, "no answer came back", "It did start, as run", "Succeeded"),
        starts=1,
    ),
    Story(
        title="The start never arrives",
        plot="Grace approves, and the connection breaks before Orchestrator has read the start. The bot "
        "cannot know that: it looks twice, then asks. Ada looks too and presses “It did not: start again”.",
        play=_never_arrived,
        state="Succeeded",
        thread=(_ASKED, _APPROVED, "no answer came back", "I looked twice", _STARTED, "Succeeded"),
        starts=1,
    ),
    Story(
        title="Orchestrator is away",
        plot="Grace approves while Orchestrator cannot be reached. Twenty minutes later it is back.",
        play=_orchestrator_away,
        state="Succeeded",
        thread=(_ASKED, _APPROVED, "I keep trying; nothing runs yet.", _STARTED, "Succeeded"),
        starts=1,
    ),
    Story(
        title="Slack is away",
        plot="Grace approves, then Slack is down for half an hour. The run ends meanwhile; when Slack is "
        "back, the thread tells all of it.",
        play=_slack_away,
        state="Succeeded",
        thread=(_ASKED, _APPROVED, _STARTED, "Succeeded", "web-01 is gone."),
        starts=1,
    ),
    Story(
        title="Killed while it starts a run",
        plot="Grace approves, and the bot is killed before Orchestrator can answer. It comes up again on the "
        "same database, looks, and finds its run.",
        play=_killed_while_starting,
        state="Succeeded",
        thread=(_ASKED, _APPROVED, "The bot was interrupted", "It did start, as run", "Succeeded"),
        starts=1,
    ),
    Story(
        title="Killed while a run goes on",
        plot="Ben's backup runs when the bot is killed. Three hours later the bot is back and tells its end.",
        play=_killed_while_it_runs,
        state="Succeeded",
        thread=(_ASKED, _STARTED, "Succeeded", "after 10 min"),
        starts=1,
    ),
    *APPROVING,
)
