"""Modals that only show something: while a form loads, where none can be shown, all values of a launch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack import blocks
from bot.slack.cards.naming import exactly
from bot.slack.mrkdwn import DOTS, escape, inline, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.draft import Draft
    from bot.domain.forms.form import Field
    from bot.domain.launch import Launch
    from bot.domain.preset import Preset
    from bot.domain.workflow import Workflow
    from bot.slack.blocks import Block

MOST_BLOCKS = 100
LOADING, CHECKING, MESSAGE = "loading", "checking", "message"  # callback ids that nothing is sent from


def loading(name: str) -> Block:
    """What stands in the modal until the form has arrived."""
    return blocks.modal(
        "Run a workflow", [blocks.section(f"Reading the form of *{inline(name)}* …")], callback_id=LOADING
    )


def checking(name: str) -> Block:
    """What stands in the modal while Orchestrator is asked about the answers."""
    text = f"Checking what you entered for *{inline(name)}* …"
    return blocks.modal("Run a workflow", [blocks.section(text)], callback_id=CHECKING)


def recorded(draft: Draft) -> Block:
    """The launch is recorded, and this window is done."""
    place = "your direct messages" if draft.place.is_direct else f"<#{draft.place.channel_id}>"
    text = f"*{inline(draft.workflow.name)}* is recorded. Its card in {place} shows how it goes on."
    return message_view("Sent", text)


def preset_deleted(preset: Preset) -> Block:
    """The preset is gone."""
    return message_view("Deleted", f"The preset “{inline(preset.name)}” is deleted.")


def not_runnable(workflow: Workflow, missing: Sequence[Field], *, link: str | None) -> Block:
    """Say that a workflow asks for something that cannot be given in Slack."""
    lines = [f"• *{inline(field.label)}* — {escape(field.type.declared)}" for field in missing[:20]]
    said = [
        blocks.section(f"*{inline(workflow.name)}* asks for what cannot be given in Slack yet:"),
        blocks.section("\n".join(lines)),
        blocks.section("Nothing was started. Run it in Orchestrator itself."),
    ]
    if link:
        said.append(blocks.actions([blocks.link_button("Open in Orchestrator", link)], block_id="open"))
    return blocks.modal("Not possible here", said, callback_id=MESSAGE)


def message_view(title: str, text: str, *, body: Sequence[Block] = ()) -> Block:
    """A modal that says one thing, in mrkdwn that is already escaped; `body` says it with buttons."""
    return blocks.modal(title, body or [blocks.section(text)], callback_id=MESSAGE)


def details_view(launch: Launch, *, hidden: frozenset[str]) -> Block:
    """Every value of a launch in full, to the letter; those in `hidden` are not for who looks."""
    made: list[Block] = [
        blocks.header(launch.workflow.name),
        blocks.context(f"Asked for by <@{launch.requester.user_id}> · `{launch.id}`"),
    ]
    made += value_blocks(launch, hidden=hidden, most=MOST_BLOCKS - len(made))
    return blocks.modal("All values", made, callback_id=MESSAGE)


def value_blocks(launch: Launch, *, hidden: frozenset[str], most: int) -> list[Block]:
    """Every value in full, as many blocks as that takes and `most` allows."""
    made: list[Block] = []
    for argument in launch.arguments:
        text = f"{DOTS} (hidden)" if argument.name in hidden else shown(argument.value)
        pieces = [text[at : at + blocks.TEXT] for at in range(0, max(1, len(text)), blocks.TEXT)]
        title = exactly(argument, launch)
        made += [
            blocks.preformatted((title if number == 0 else f"{title}, continued", piece))
            for number, piece in enumerate(pieces)
        ]
    if len(made) > most:
        mark = f"… {len(made) - most + 1} more parts; they do not fit into one Slack modal."
        made = [*made[: most - 1], blocks.context(mark)]
    return made or [blocks.context("No inputs.")]
