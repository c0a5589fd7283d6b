"""The modals of presets: naming a new one, changing or deleting one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.preset import LONGEST_NAME
from bot.slack import blocks
from bot.slack.mrkdwn import inline

if TYPE_CHECKING:
    from bot.domain.draft import Draft
    from bot.domain.preset import Preset
    from bot.slack.blocks import Block
    from bot.slack.payloads import Values

NAME_PRESET, CHANGE_PRESET = "save_preset", "change_preset"  # callback ids
DELETE_PRESET = "delete_preset"  # action id
_NAME, _SHARED = "name", "shared"
_SHARE = blocks.option("Everybody in this channel can use it", "shared")


def naming(draft: Draft) -> Block:
    """Ask for the name of a new preset."""
    return blocks.modal(
        "Save as preset",
        [
            blocks.section(f"Keep these values of *{inline(draft.workflow.name)}* to use them again."),
            _name_field(""),
            blocks.context("Secrets, files and what the policy hides are left out."),
        ],
        callback_id=NAME_PRESET,
        metadata=draft.id,
        submit="Save",
        close="Back",
    )


def editing(preset: Preset, *, channel_id: str) -> Block:
    """Rename a preset, share it with the channel, or delete it."""
    ticked = {"initial_options": [_SHARE]} if preset.channel_id == channel_id else {}
    shared = {"type": "checkboxes", "action_id": _SHARED, "options": [_SHARE], **ticked}
    elsewhere = preset.channel_id and preset.channel_id != channel_id
    delete = blocks.button(
        "Delete preset",
        action=DELETE_PRESET,
        value=preset.id,
        style="danger",
        names=preset.name,
        confirm=("Delete this preset?", f"“{preset.name}” is gone then, also for others.", "Delete"),
    )
    made = [
        blocks.context(f"A preset of *{inline(preset.workflow.name)}*"),
        _name_field(preset.name),
        blocks.field(_SHARED, label="Sharing", element=shared, optional=True),
    ]
    if elsewhere:
        made.append(
            blocks.context(f"It is shared with <#{preset.channel_id}> now; this channel takes its place.")
        )
    made.append(blocks.actions([delete], block_id="delete"))
    return blocks.modal(
        "Change preset",
        made,
        callback_id=CHANGE_PRESET,
        metadata=f"{preset.id} {channel_id}",
        submit="Save",
        close="Cancel",
    )


def _name_field(name: str) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": _NAME, "max_length": LONGEST_NAME}
    return blocks.field(_NAME, label="Name", element=element | ({"initial_value": name} if name else {}))


def read_name(values: Values) -> str:
    """The name that was given."""
    return " ".join(str(values[_NAME][_NAME].get("value") or "").split())


def read_shared(values: Values) -> bool:
    """Whether it shall be shared with the channel."""
    return bool(values.get(_SHARED, {}).get(_SHARED, {}).get("selected_options"))


def name_error(text: str) -> dict[str, str]:
    """What is wrong with the name, at its field."""
    return {_NAME: text}
