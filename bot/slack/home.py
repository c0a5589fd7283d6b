"""The Home tab: what waits for its person, what is theirs and goes on, what to run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.slack import blocks
from bot.slack.cards import short_id, status_words
from bot.slack.cards.buttons import buttons_for_requester, rerun_buttons, review_button
from bot.slack.listings import preset_buttons, preset_line
from bot.slack.mrkdwn import duration, inline, mention, moment, permalink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.domain.launch import Launch
    from bot.domain.people import Person
    from bot.service.overview import Overview
    from bot.slack.blocks import Block
    from bot.store.launches import Listed

RUN = "home_run"  # action id
_NEEDS, _GOING_ON, _RECENT, _PRESETS = 12, 10, 8, 6  # shown of each: a view holds 100 blocks


def home_view(found: Overview, *, who: Person, url: str, channel: str, command: str) -> Block:
    """The tab of one person; `channel` is their talk with the bot, where what is begun here is told.

    Approvers get Review, which shows every value, and no Approve: here nothing shows what they would approve.
    """
    made: list[Block] = [_run_button()]
    made += _part("Needs you", found.needs_them[:_NEEDS], url, _needed_buttons)
    made += _more(len(found.needs_them) - _NEEDS, command)
    made += _part("Running and planned", found.going_on[:_GOING_ON], url, buttons_for_requester)
    made += _more(len(found.going_on) - _GOING_ON, command)
    made += _part("Lately", found.recent[:_RECENT], url, rerun_buttons)
    if found.presets:
        made.append(blocks.header("Presets"))
    for each in found.presets[:_PRESETS]:
        made += [blocks.section(preset_line(each, who)), preset_buttons(each, who)]
    if len(made) == 1:
        made.append(blocks.section("Nothing waits for you, and nothing of yours has run yet."))
    if found.unreadable:
        made.append(blocks.context(f"{found.unreadable} more cannot be read by this release of the bot."))
    return {"type": "home", "blocks": made, "private_metadata": channel}


def stranger_view() -> Block:
    """The tab of somebody whom the bot does not serve, or of whom Slack does not say who they are."""
    text = (
        "Only full members of this workspace can use this bot, and just now it cannot tell that you are one."
    )
    return {"type": "home", "blocks": [blocks.section(text)]}


def _run_button() -> Block:
    button = blocks.button("Run a workflow", action=RUN, value="run", style="primary")
    return blocks.actions([button], block_id="run")


def _part(
    title: str, listed: Sequence[Listed], url: str, buttons: Callable[[Launch], list[Block]]
) -> list[Block]:
    if not listed:
        return []
    made = [blocks.header(title)]
    for each in listed:
        made.append(blocks.section(_line(each, url)))
        row = buttons(each.launch)
        if row:
            made.append(blocks.actions(row, block_id=f"launch-{each.launch.id}"))
    return made


def _more(count: int, command: str) -> list[Block]:
    if count <= 0:
        return []
    return [blocks.context(f"… and {count} more: `{command} status` lists what is open in a channel.")]


def _needed_buttons(launch: Launch) -> list[Block]:
    if launch.state is State.AWAITING_APPROVAL:
        return [review_button(launch)]
    return buttons_for_requester(launch)


def _line(listed: Listed, url: str) -> str:
    launch = listed.launch
    name = f"*{inline(launch.workflow.name)}*"
    if listed.home:
        name = f"<{permalink(listed.home.channel, listed.home.ts, url=url)}|{inline(launch.workflow.name)}>"
    took = f" after {duration(launch.took)}" if launch.state.is_end and launch.took is not None else ""
    asked = f"{mention(launch.requester)} {moment(launch.requested_at)}"
    question = launch.question
    what = f"\n“{inline(question.name, longest=300)}”" if question and question.name else ""
    return f"{name} · {status_words(launch)}{took}\n`{short_id(launch)}` · {asked}{what}"
