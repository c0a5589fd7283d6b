"""The limits of blocks, one rule a type, and the surfaces each may stand on."""

from bot.demo.slack.limits.elements import ELEMENTS, IN_ACTIONS, IN_INPUT, IN_SECTION
from bot.demo.slack.limits.objects import ID, SLACK_FILE, URL, any_text, plain_text
from bot.demo.slack.limits.rich_text import RICH_TEXT_ELEMENTS, rich_text
from bot.demo.slack.limits.rules import (
    LimitReport,
    Rule,
    Rules,
    Surface,
    anything,
    at_least_one,
    boolean,
    both,
    by_type,
    exactly_one,
    list_of,
    one_of,
    record,
    text,
    unique,
)
from bot.demo.slack.limits.tables import CHART, DATA_TABLE, TABLE

MOST_MARKDOWN = 12_000


def _block(*, needs: Rules | None = None, may: Rules | None = None, also: tuple[Rule, ...] = ()) -> Rule:
    return record(
        required={"type": anything, **(needs or {})}, optional={"block_id": ID, **(may or {})}, also=also
    )


def _key(name: str) -> Rule:
    return unique(lambda item: item.get(name) if isinstance(item, dict) else None, name)


def _elements(kinds: tuple[str, ...], *, most: int) -> Rule:
    return both(list_of(by_type(ELEMENTS, only=kinds), most=most), _key("action_id"))


_IMAGE_ELEMENT = by_type(ELEMENTS, only=("image",))
_CONTEXT_ELEMENTS = {
    "image": ELEMENTS["image"],
    "plain_text": any_text(most=3000),
    "mrkdwn": any_text(most=3000),
}
_SOURCE = record(required={"type": one_of("url"), "url": URL, "text": text(most=3000)})
_TASK_STATUS = one_of("pending", "in_progress", "complete", "error")
_TASK: Rules = {"task_id": ID, "title": text(most=3000), "status": _TASK_STATUS}
_TASK_MAY: Rules = {"details": rich_text, "output": rich_text, "sources": list_of(_SOURCE)}


def _alone_not_pending(report: LimitReport, pointer: str, value: object) -> None:
    if isinstance(value, dict) and value.get("status") == "pending":
        report.add(f"{pointer}/status", "only tasks of a plan can be pending")


def _header_divider_stands(report: LimitReport, pointer: str, value: object) -> None:
    if not isinstance(value, dict):
        return
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        report.add(pointer, "default_collapsed needs is_collapsible")
    if value.get("has_header_divider") and value.get("is_collapsible"):
        report.add(pointer, "has_header_divider is only valid without is_collapsible")


_COMMON: Rules = {
    "section": _block(
        may={
            "text": any_text(most=3000),
            "fields": list_of(any_text(most=2000), most=10),
            "accessory": by_type(ELEMENTS, only=IN_SECTION),
            "expand": boolean,
        },
        also=(at_least_one("text", "fields"),),
    ),
    "divider": _block(),
    "header": _block(needs={"text": plain_text(most=150)}),
    "image": _block(
        needs={"alt_text": text(most=2000)},
        may={"image_url": URL, "slack_file": SLACK_FILE, "title": plain_text(most=2000)},
        also=(exactly_one("image_url", "slack_file"),),
    ),
    "context": _block(needs={"elements": list_of(by_type(_CONTEXT_ELEMENTS), most=10)}),
    "actions": _block(needs={"elements": _elements(IN_ACTIONS, most=25)}),
    "input": _block(
        needs={"label": plain_text(most=2000), "element": by_type(ELEMENTS, only=IN_INPUT)},
        may={"hint": plain_text(most=2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": _block(needs={"elements": RICH_TEXT_ELEMENTS}),
    "video": _block(
        needs={
            "alt_text": text(most=2000),
            "title": plain_text(most=200),
            "thumbnail_url": URL,
            "video_url": URL,
        },
        may={
            "title_url": text(most=2000),
            "description": plain_text(most=200),
            "provider_icon_url": text(most=2000),
            "provider_name": text(most=50),
            "author_name": text(most=50),
        },
    ),
}
_CARD = _block(
    may={
        "hero_image": _IMAGE_ELEMENT,
        "icon": _IMAGE_ELEMENT,
        "slack_icon": record(required={"type": one_of("icon"), "name": ID}),
        "title": any_text(most=150),
        "subtitle": any_text(most=150),
        "body": any_text(most=200),
        "subtext": any_text(most=200),
        "actions": _elements(("button",), most=3),
    },
    also=(at_least_one("hero_image", "title", "body", "actions"),),
)
_IN_CONTAINER: Rules = {**_COMMON, "table": TABLE}
_SPECIAL: Rules = {
    "alert": _block(
        needs={"text": any_text(most=200)},
        may={"level": one_of("default", "info", "warning", "error", "success")},
    ),
    "markdown": _block(needs={"text": text(most=MOST_MARKDOWN)}),
    "table": TABLE,
    "data_table": DATA_TABLE,
    "data_visualization": CHART,
    "task_card": _block(needs=_TASK, may=_TASK_MAY, also=(_alone_not_pending,)),
    "plan": _block(
        needs={
            "title": text(most=3000),
            "tasks": both(
                list_of(
                    record(
                        required=_TASK, optional={**_TASK_MAY, "type": one_of("task_card"), "block_id": ID}
                    ),
                    least=0,
                    most=50,
                ),
                _key("task_id"),
            ),
        }
    ),
    "context_actions": _block(needs={"elements": _elements(("feedback_buttons", "icon_button"), most=5)}),
    "card": _CARD,
    "carousel": _block(needs={"elements": list_of(by_type({"card": _CARD}), most=10)}),
    "container": _block(
        needs={"child_blocks": list_of(by_type(_IN_CONTAINER), most=10)},
        may={
            "title": plain_text(most=150),
            "rich_text_title": rich_text,
            "subtitle": any_text(most=150),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": _IMAGE_ELEMENT,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        also=(exactly_one("title", "rich_text_title"), _header_divider_stands),
    ),
}
_EVERY: Rules = {**_COMMON, **_SPECIAL}
_MESSAGE_ONLY = (
    "markdown",
    "table",
    "data_visualization",
    "task_card",
    "plan",
    "context_actions",
    "container",
)

BLOCKS: dict[Surface, Rule] = {
    "message": by_type(_EVERY, only=set(_EVERY) - {"alert"}),
    "modal": by_type(_EVERY, only={*_COMMON, "alert", "card"}),
    "home": by_type(_EVERY, only=set(_EVERY) - {"alert", *_MESSAGE_ONLY}),
}
"""Where documentation and validators disagree (tables, charts and containers on a Home tab), the stricter
of the two holds here; see docs.slack.dev/reference/block-kit/blocks."""
