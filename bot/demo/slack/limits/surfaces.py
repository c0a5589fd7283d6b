"""The limits of whole messages and views: counts, unique ids, what may stand beside what, and size."""

import json
from collections import Counter
from collections.abc import Sequence

from bot.demo.slack.limits.blocks import BLOCKS, MOST_MARKDOWN
from bot.demo.slack.limits.objects import ID, plain_text
from bot.demo.slack.limits.rules import (
    LimitReport,
    Rules,
    Surface,
    anything,
    boolean,
    list_of,
    one_of,
    record,
    text,
)
from bot.demo.slack.walk import elements_in, every_block
from bot.demo.slack.wire import Json

MOST_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MOST_VIEW_BYTES = 250_000
MOST_METADATA_BYTES = 8_000
"""Slack refuses `metadata_too_large` without telling the size; this bound is ours, on the strict side."""

_VIEW_MAY: Rules = {
    "private_metadata": text(most=3000, least=0),
    "callback_id": text(most=255, least=0),
    "external_id": text(most=255, least=0),
}
_MODAL = record(
    required={"type": one_of("modal"), "title": plain_text(most=24), "blocks": anything},
    optional={
        **_VIEW_MAY,
        "submit": plain_text(most=24),
        "close": plain_text(most=24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
    },
)
_HOME = record(required={"type": one_of("home"), "blocks": anything}, optional=_VIEW_MAY)
_METADATA = record(required={"event_type": ID, "event_payload": anything}, optional={"entities": anything})


def message_problems(blocks: object, *, pointer: str = "/blocks") -> list[str]:
    """What Slack would say against these blocks of a message; empty when nothing is wrong."""
    report = LimitReport(surface="message")
    _check_blocks(report, pointer, blocks)
    if isinstance(blocks, list):
        _check_company(report, pointer, blocks)
    return report.messages


def view_problems(view: object, *, surface: Surface) -> list[str]:
    """What Slack would say against this view; empty when nothing is wrong."""
    report = LimitReport(surface=surface)
    (_MODAL if surface == "modal" else _HOME)(report, "/view", view)
    if isinstance(view, dict):
        _check_blocks(report, "/view/blocks", view.get("blocks"))
        _check_submit(report, view)
    return report.messages


def metadata_problems(metadata: object) -> list[str]:
    """What Slack would say against this message metadata; an empty object removes it and is right."""
    report = LimitReport(surface="message")
    if metadata != {}:
        _METADATA(report, "/metadata", metadata)
    if isinstance(metadata, dict) and not isinstance(metadata.get("event_payload", {}), dict):
        report.add("/metadata/event_payload", "must be an object")
    return report.messages


def json_bytes(value: object) -> int:
    """How many bytes a value takes as compact JSON."""
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _check_blocks(report: LimitReport, pointer: str, blocks: object) -> None:
    list_of(BLOCKS[report.surface], least=0, most=MOST_BLOCKS[report.surface])(report, pointer, blocks)
    if not isinstance(blocks, list):
        return
    known = [block for block in blocks if isinstance(block, dict)]
    ids = Counter(block.get("block_id") for block in every_block(known))
    for block_id in [name for name, times in ids.items() if name is not None and times > 1]:
        report.add(pointer, f"block_id {block_id!r} already exists for another block")
    _check_focus(report, pointer, known)


def _check_focus(report: LimitReport, pointer: str, blocks: Sequence[Json]) -> None:
    focused = [e for block in every_block(blocks) for e in elements_in(block) if e.get("focus_on_load")]
    if len(focused) > 1:
        report.add(pointer, "only one element can have focus_on_load set to true")


def _check_company(report: LimitReport, pointer: str, blocks: Sequence[object]) -> None:
    known = [block for block in blocks if isinstance(block, dict)]
    kinds = Counter(str(block.get("type")) for block in every_block(known))
    markdown = sum(len(str(b.get("text", ""))) for b in known if b.get("type") == "markdown")
    if markdown > MOST_MARKDOWN:
        report.add(pointer, f"markdown must be less than {MOST_MARKDOWN + 1} characters together")
    if kinds["table"] > 1:
        report.add(pointer, "only one table is allowed")
    if kinds["data_visualization"] > 2:  # noqa: PLR2004 # the number is the rule
        report.add(pointer, "no more than 2 charts are allowed")
    if kinds["plan"] and kinds["task_card"]:
        report.add(pointer, "plan and task_card cannot stand in the same message")


def _check_submit(report: LimitReport, view: Json) -> None:
    blocks = view.get("blocks")
    known = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    has_input = any(block.get("type") == "input" for block in every_block(known))
    if report.surface == "modal" and has_input and "submit" not in view:
        report.add("/view", "missing required field: submit (a modal with an input block has one)")
