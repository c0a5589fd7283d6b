"""The picker: which workflow to run, and where to report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.domain.people import Place
from bot.slack import blocks
from bot.slack.forms.options import OPTIONS, VALUE
from bot.slack.mrkdwn import inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.workflow import WorkflowSummary
    from bot.slack.blocks import Block
    from bot.slack.payloads import View

WORKFLOW, CHANNEL = "workflow", "channel"  # action ids, and block ids
PICK_WORKFLOW = "pick_workflow"  # callback id
_PLACEHOLDER = "Name, folder or id"


def picker(
    *,
    ask_channel: bool,
    metadata: str,
    words: str = "",
    matches: Sequence[WorkflowSummary] = (),
    is_named: bool = True,
) -> Block:
    """Ask which workflow to run; `metadata` is the channel's id, asked for as well where there is none.

    `is_named`: the matches are so called; otherwise they are only similar to the words.
    """
    asked: list[Block] = []
    if ask_channel:
        channel = {
            "type": "conversations_select",
            "action_id": CHANNEL,
            "default_to_current_conversation": True,
            "filter": {"include": ["public", "private", "im"], "exclude_external_shared_channels": True},
        }
        asked.append(blocks.field(CHANNEL, label="Report in", element=channel, dispatch=True))
    if matches:
        said = f"Several workflows fit “{inline(words)}”. Which one?"
        similar = f"No workflow you may run here is called “{inline(words)}”. These are similar:"
        asked.append(blocks.context(said if is_named else similar))
    element: Block = {"action_id": WORKFLOW, "placeholder": blocks.plain(_PLACEHOLDER, longest=150)}
    if matches:
        element |= {"type": "static_select", "options": workflow_options(matches)}
    else:
        element |= {"type": "external_select", "min_query_length": 0}
    asked.append(blocks.field(WORKFLOW, label="Workflow", element=element, dispatch=True))
    asked.append(blocks.context("Choosing one opens its form. Nothing starts before you send that."))
    return blocks.modal(
        "Run a workflow",
        asked,
        callback_id=PICK_WORKFLOW,
        metadata=metadata,
        submit="Next",
        close="Cancel",
    )


def workflow_options(found: Sequence[WorkflowSummary]) -> list[Block]:
    """The picker's choices: name, with the folder to tell namesakes apart."""
    return [_option(each.name, each.id, each.folder) for each in found if len(each.id) <= VALUE][:OPTIONS]


@lru_cache(maxsize=2000)  # a menu is asked for again with every letter that is typed
def _option(name: str, workflow_id: str, folder: str) -> Block:
    return blocks.option(name, workflow_id, description=blocks.path_end(folder, 75))


def picked_place(view: View) -> Place | None:
    """Where the picker's launch will be told; None if that was not chosen yet."""
    chosen = view.values.get(CHANNEL, {}).get(CHANNEL, {}).get("selected_conversation")
    about = picked_message(view)
    channel = (about.place if about else view.private_metadata) or chosen
    return Place(channel_id=channel) if channel else None


@dataclass(frozen=True, kw_only=True)
class PickedMessage:
    """The message that a workflow is to be run about."""

    thread: str  # where its thread is, "C123:171.5"; empty where nothing can be told there
    place: str  # the channel to report in; empty: it is asked for
    text: str

    def written(self) -> str:
        """As the view's metadata."""
        return json.dumps([self.thread, self.place, self.text], ensure_ascii=False)


def picked_message(view: View) -> PickedMessage | None:
    """The message the picker was opened on; None if it was opened elsewhere."""
    if not view.private_metadata.startswith("["):
        return None
    thread, place, text = json.loads(view.private_metadata)
    return PickedMessage(thread=thread, place=place, text=text)


def is_place_chosen(view: View) -> bool:
    """Whether somebody chose the place, which may be any; else a command was typed there."""
    about = picked_message(view)
    return not (about.place if about else view.private_metadata)


def picked_workflow(view: View) -> str | None:
    """The workflow that stands in the picker; None if none does."""
    option = view.values.get(WORKFLOW, {}).get(WORKFLOW, {}).get("selected_option")
    return option["value"] if option else None


def no_workflow() -> dict[str, str]:
    """What to say at the field if nothing was chosen."""
    return {WORKFLOW: "Choose a workflow first."}
