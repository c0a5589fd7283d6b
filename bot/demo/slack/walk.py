"""Walks through blocks: every block however deep, its elements, and the fields that hold an answer."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.demo.slack.state.ids import Ids
from bot.demo.slack.wire import Json

BUTTON_TYPES = frozenset({"button", "workflow_button", "icon_button"})


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Where an element keeps its answer in state, what it starts with, and what it holds when empty."""

    key: str
    initial: str
    many: bool = False

    @property
    def nothing(self) -> list[object] | None:
        """The empty answer as Slack writes it."""
        return [] if self.many else None


_HOLDERS = {
    "section": "accessory",
    "input": "element",
    "actions": "elements",
    "context_actions": "elements",
    "card": "actions",
}

STATEFUL: dict[str, Holding] = {
    "plain_text_input": Holding(key="value", initial="initial_value"),
    "number_input": Holding(key="value", initial="initial_value"),
    "email_text_input": Holding(key="value", initial="initial_value"),
    "url_text_input": Holding(key="value", initial="initial_value"),
    "rich_text_input": Holding(key="rich_text_value", initial="initial_value"),
    "static_select": Holding(key="selected_option", initial="initial_option"),
    "external_select": Holding(key="selected_option", initial="initial_option"),
    "radio_buttons": Holding(key="selected_option", initial="initial_option"),
    "users_select": Holding(key="selected_user", initial="initial_user"),
    "conversations_select": Holding(key="selected_conversation", initial="initial_conversation"),
    "channels_select": Holding(key="selected_channel", initial="initial_channel"),
    "multi_static_select": Holding(key="selected_options", initial="initial_options", many=True),
    "multi_external_select": Holding(key="selected_options", initial="initial_options", many=True),
    "checkboxes": Holding(key="selected_options", initial="initial_options", many=True),
    "multi_users_select": Holding(key="selected_users", initial="initial_users", many=True),
    "multi_conversations_select": Holding(
        key="selected_conversations", initial="initial_conversations", many=True
    ),
    "multi_channels_select": Holding(key="selected_channels", initial="initial_channels", many=True),
    "datepicker": Holding(key="selected_date", initial="initial_date"),
    "timepicker": Holding(key="selected_time", initial="initial_time"),
    "datetimepicker": Holding(key="selected_date_time", initial="initial_date_time"),
    "file_input": Holding(key="files", initial="initial_files", many=True),
}


@dataclass(frozen=True, kw_only=True)
class FilledElement:
    """An element that holds an answer, with the block it stands in."""

    block: Json
    element: Json

    @property
    def key(self) -> tuple[str, str]:
        """Its block_id and action_id."""
        return self.block["block_id"], self.element["action_id"]

    @property
    def holding(self) -> Holding:
        """How its answer is kept."""
        return STATEFUL[self.element["type"]]

    @property
    def is_input(self) -> bool:
        """Whether it stands in an input block, so that a submission must not leave it out."""
        return bool(self.block["type"] == "input")


def every_block(blocks: Iterable[Json]) -> Iterator[Json]:
    """These blocks and the blocks inside them."""
    for block in blocks:
        yield block
        if block.get("type") == "container":
            yield from every_block(_objects(block.get("child_blocks")))
        elif block.get("type") == "carousel":
            yield from every_block(_objects(block.get("elements")))


def elements_in(block: Json) -> list[Json]:
    """The elements of one block that a person can touch."""
    holder = _HOLDERS.get(str(block.get("type")))
    held = block.get(holder) if holder else None
    return [e for e in _objects(held if isinstance(held, list) else [held]) if e.get("type") != "image"]


def fields_of(blocks: Iterable[Json]) -> list[FilledElement]:
    """Every element that holds an answer, in order."""
    return [
        FilledElement(block=block, element=element)
        for block in every_block(blocks)
        for element in elements_in(block)
        if element.get("type") in STATEFUL
    ]


def find_element(blocks: Iterable[Json], *, block_id: str, action_id: str) -> FilledElement | None:
    """The element with these ids, of any type that can be touched."""
    for block in every_block(blocks):
        for element in elements_in(block):
            if (block.get("block_id"), element.get("action_id")) == (block_id, action_id):
                return FilledElement(block=block, element=element)
    return None


def dressed(blocks: Iterable[Json], ids: Ids) -> list[Json]:
    """The blocks as Slack stores them: every block and element with an id, every text with its defaults."""
    stored = [_with_text_defaults(copy.deepcopy(block)) for block in blocks]
    for block in every_block(stored):
        block.setdefault("block_id", ids.new("b"))
        for element in elements_in(block):
            element.setdefault("action_id", ids.new("a"))
    return stored


def _with_text_defaults(value: Json) -> Json:
    for part in value.values():
        for inner in part if isinstance(part, list) else [part]:
            if isinstance(inner, dict):
                _with_text_defaults(inner)
    if value.get("type") == "plain_text":
        value.setdefault("emoji", True)
    if value.get("type") == "mrkdwn":
        value.setdefault("verbatim", False)
    return value


def _objects(value: object) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
