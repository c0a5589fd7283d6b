"""The card of a launch: all of it as it stands, with the buttons for what may be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.launch import State
from bot.slack import blocks
from bot.slack.cards.boxes import values
from bot.slack.cards.buttons import buttons_of
from bot.slack.cards.words import Message, how_long, quoted, short_id, status_words
from bot.slack.mrkdwn import escape, inline, mention, moment

if TYPE_CHECKING:
    from bot.domain.approval import Vote
    from bot.domain.launch import Launch
    from bot.domain.policy import Group
    from bot.slack.blocks import Block


def card(launch: Launch, *, link: str | None) -> Message:
    """The launch as it stands."""
    name = launch.workflow.name
    words = status_words(launch.state)
    made = [blocks.header(name), blocks.fields(*_facts(launch))]
    made += values(launch.arguments)
    made += _decision(launch)
    made += _search(launch)
    buttons = buttons_of(launch, link)
    if buttons:
        made.append(blocks.actions(buttons, block_id="launch"))
    made.append(blocks.context(_ids(launch)))
    plain_words = words.split(" ", 1)[1]
    return Message(
        text=f"{plain_words}: {inline(name)}, asked for by {mention(launch.requester)}", blocks=made
    )


def moved(message: Message, *, channel_id: str) -> Message:
    """The card with word of why it is not where it should be."""
    why = blocks.section(
        f":warning: I could not post in <#{channel_id}>, so I tell you here. Invite me for the next one."
    )
    return Message(text=message.text, blocks=[why, *message.blocks][:50])


def _facts(launch: Launch) -> list[str]:
    workflow = launch.workflow
    version = f"\nversion {escape(workflow.version)}" if workflow.version else ""
    facts = [
        f"*State*\n{status_words(launch.state)}{how_long(launch)}",
        f"*Asked for by*\n{mention(launch.requester)} {moment(launch.requested_at)}",
        f"*Workflow*\n{escape(workflow.folder) or 'Orchestrator'}{version}",
    ]
    if launch.cancel_asked_by is not None and not launch.state.is_end:
        facts.append(f"*Stop asked for by*\n{mention(launch.cancel_asked_by)}")
    return facts


def _decision(launch: Launch) -> list[Block]:
    approval = launch.approval
    if approval is None:
        return []
    made = [blocks.section(_vote("Approved", vote)) for vote in approval.votes]
    if approval.rejection is not None:
        made.append(blocks.section(_vote("Rejected", approval.rejection)))
    if approval.stage is not None and launch.state is State.AWAITING_APPROVAL:
        until = moment(approval.stage.expires_at) if approval.stage.expires_at else "further notice"
        made.append(blocks.section(f"*Needs approval* by {_approvers(approval.stage.voters)} until {until}."))
    return made


def _vote(word: str, vote: Vote) -> str:
    comment = f"\n>{quoted(vote.comment)}" if vote.comment else ""
    return f"*{word}* by {mention(vote.by)} {moment(vote.at)}{comment}"


def _approvers(group: Group) -> str:
    users = [f"<@{user}>" for user in sorted(group.users)]
    groups = [f"<!subteam^{each}>" for each in sorted(group.groups)]
    return " or ".join((*groups[:10], *users[:10])) or "nobody"


def _search(launch: Launch) -> list[Block]:
    if launch.state is not State.UNCERTAIN or launch.search is None:
        return []
    if not launch.search.needs_person:
        return [blocks.section("I am looking in Orchestrator before anything else happens.")]
    if launch.search.candidates:
        text = "Several runs in Orchestrator could be this one. Please look there and say which it is."
    else:
        text = "I found no run of it in Orchestrator. Please look there and say what is true."
    return [blocks.section(f"*Somebody has to settle this.* {text}")]


def _ids(launch: Launch) -> str:
    run = f" · run `{escape(launch.execution_id)}`" if launch.execution_id else ""
    return f"Launch `{short_id(launch)}`{run}"
