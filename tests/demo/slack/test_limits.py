"""The limits: what Slack takes passes, one step more does not; slackblocks is asked as an outside opinion."""

import copy
import json
from collections.abc import Callable

import pytest
import slackblocks as sb
from slackblocks import _limits as outside  # the numbers of somebody else's registry
from slackblocks._surfaces import _BLOCK_TYPES_BY_SURFACE

from bot.demo.slack.limits import (
    message_problems,
    metadata_problems,
    options_ack_problems,
    submission_ack_problems,
    view_problems,
)
from bot.demo.slack.limits.blocks import BLOCKS
from bot.demo.slack.limits.rules import LimitReport, Surface
from tests.demo.slack.scripted import Json, button, home, input_block, modal, option, plain, section


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def select(*options: Json, **more: object) -> Json:
    return {"type": "static_select", "action_id": "s", "options": list(options), **more}


def options(count: int) -> list[Json]:
    return [option(f"o{number}") for number in range(count)]


def confirm(**texts: str) -> Json:
    words = {"title": "t", "text": "t", "confirm": "y", "deny": "n"} | texts
    return {name: plain(text) for name, text in words.items()}


def rich(text: str) -> Json:
    parts = [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]
    return {"type": "rich_text", "elements": parts}


def task(number: int, **more: object) -> Json:
    return {"task_id": f"t{number}", "title": "t", "status": "pending", **more}


def plan(tasks: int) -> Json:
    return {"type": "plan", "title": "p", "tasks": [task(number) for number in range(tasks)]}


def table(rows: int, columns: int) -> Json:
    cell = {"type": "raw_text", "text": "x"}
    return {"type": "table", "rows": [[cell] * columns for _ in range(rows)]}


def data_table(rows: int, columns: int = 2, text: str = "x") -> Json:
    cell = {"type": "raw_text", "text": text}
    return {"type": "data_table", "caption": "c", "rows": [[cell] * columns for _ in range(rows)]}


IN_A_MESSAGE: dict[str, tuple[int, Callable[[int], list[Json]]]] = {
    "blocks": (outside.MESSAGE_BLOCKS_MAX_ITEMS, lambda n: [{"type": "divider"}] * n),
    "section text": (outside.SECTION_TEXT_MAX_LENGTH, lambda n: [section("x" * n)]),
    "section fields": (
        outside.SECTION_FIELDS_MAX_ITEMS,
        lambda n: [{"type": "section", "fields": [plain("x")] * n}],
    ),
    "section field": (
        outside.SECTION_FIELDS_ITEM_MAX_LENGTH,
        lambda n: [{"type": "section", "fields": [plain("x" * n)]}],
    ),
    "header": (outside.HEADER_TEXT_MAX_LENGTH, lambda n: [{"type": "header", "text": plain("x" * n)}]),
    "context elements": (
        outside.CONTEXT_ELEMENTS_MAX_ITEMS,
        lambda n: [{"type": "context", "elements": [plain("x")] * n}],
    ),
    "actions elements": (
        outside.ACTIONS_ELEMENTS_MAX_ITEMS,
        lambda n: [actions(*(button("x", f"a{number}") for number in range(n)))],
    ),
    "block_id": (outside.BLOCK_ID_MAX_LENGTH, lambda n: [section("x", block_id="b" * n)]),
    "action_id": (outside.ACTION_ID_MAX_LENGTH, lambda n: [actions(button("x", "a" * n))]),
    "button text": (outside.BUTTON_TEXT_MAX_LENGTH, lambda n: [actions(button("x" * n, "a"))]),
    "button value": (outside.BUTTON_VALUE_MAX_LENGTH, lambda n: [actions(button("x", "a", value="v" * n))]),
    "button url": (outside.BUTTON_URL_MAX_LENGTH, lambda n: [actions(button("x", "a", url="u" * n))]),
    "button label": (
        outside.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH,
        lambda n: [actions(button("x", "a", accessibility_label="l" * n))],
    ),
    "confirm title": (
        outside.CONFIRMATION_TITLE_MAX_LENGTH,
        lambda n: [actions(button("x", "a", confirm=confirm(title="x" * n)))],
    ),
    "confirm text": (
        outside.CONFIRMATION_TEXT_MAX_LENGTH,
        lambda n: [actions(button("x", "a", confirm=confirm(text="x" * n)))],
    ),
    "confirm yes": (
        outside.CONFIRMATION_CONFIRM_MAX_LENGTH,
        lambda n: [actions(button("x", "a", confirm=confirm(confirm="x" * n)))],
    ),
    "confirm no": (
        outside.CONFIRMATION_DENY_MAX_LENGTH,
        lambda n: [actions(button("x", "a", confirm=confirm(deny="x" * n)))],
    ),
    "options": (outside.SELECT_OPTIONS_MAX_ITEMS, lambda n: [actions(select(*options(n)))]),
    "option text": (outside.OPTION_TEXT_MAX_LENGTH, lambda n: [actions(select(option("x" * n, "v")))]),
    "option value": (outside.OPTION_VALUE_MAX_LENGTH, lambda n: [actions(select(option("x", "v" * n)))]),
    "option description": (
        outside.OPTION_DESCRIPTION_MAX_LENGTH,
        lambda n: [actions(select(option("x") | {"description": plain("d" * n)}))],
    ),
    "option groups": (
        outside.SELECT_OPTION_GROUPS_MAX_ITEMS,
        lambda n: [
            actions(
                {"type": "static_select", "option_groups": [{"label": plain("g"), "options": options(1)}] * n}
            )
        ],
    ),
    "placeholder": (
        outside.SELECT_PLACEHOLDER_MAX_LENGTH,
        lambda n: [actions(select(option("x"), placeholder=plain("p" * n)))],
    ),
    "overflow": (
        outside.OVERFLOW_OPTIONS_MAX_ITEMS,
        lambda n: [actions({"type": "overflow", "options": options(n)})],
    ),
    "checkboxes": (
        outside.CHECKBOXES_OPTIONS_MAX_ITEMS,
        lambda n: [actions({"type": "checkboxes", "options": options(n)})],
    ),
    "radio buttons": (
        outside.RADIO_BUTTONS_OPTIONS_MAX_ITEMS,
        lambda n: [actions({"type": "radio_buttons", "options": options(n)})],
    ),
    "alt text": (
        outside.IMAGE_ALT_TEXT_MAX_LENGTH,
        lambda n: [{"type": "image", "image_url": "https://x.example/i.png", "alt_text": "a" * n}],
    ),
    "markdown": (outside.MARKDOWN_TOTAL_TEXT_MAX_LENGTH, lambda n: [{"type": "markdown", "text": "x" * n}]),
    "plan tasks": (outside.PLAN_TASKS_MAX_ITEMS, lambda n: [plan(n)]),
    "table rows": (outside.TABLE_ROWS_MAX_ITEMS, lambda n: [table(n, 1)]),
    "table columns": (outside.TABLE_COLUMNS_MAX_ITEMS, lambda n: [table(1, n)]),
    "data table rows": (outside.DATA_TABLE_ROWS_MAX_ITEMS, lambda n: [data_table(n)]),
    "data table text": (
        outside.DATA_TABLE_CONTENT_MAX_LENGTH // 4,
        lambda n: [data_table(2, text="x" * n)],
    ),
}


@pytest.mark.parametrize("name", IN_A_MESSAGE)
def test_a_message_takes_just_as_much_as_the_outside_registry_says(name: str) -> None:
    most, build = IN_A_MESSAGE[name]
    assert message_problems(build(most)) == []
    assert message_problems(build(most + 1)) != []


IN_A_MODAL: dict[str, tuple[int, Callable[[int], Json]]] = {
    "blocks": (outside.VIEW_BLOCKS_MAX_ITEMS, lambda n: modal(*[{"type": "divider"}] * n)),
    "title": (outside.VIEW_TITLE_MAX_LENGTH, lambda n: modal() | {"title": plain("x" * n)}),
    "submit": (outside.VIEW_SUBMIT_MAX_LENGTH, lambda n: modal() | {"submit": plain("x" * n)}),
    "close": (outside.VIEW_CLOSE_MAX_LENGTH, lambda n: modal() | {"close": plain("x" * n)}),
    "callback_id": (outside.VIEW_CALLBACK_ID_MAX_LENGTH, lambda n: modal(callback_id="c" * n)),
    "external_id": (outside.VIEW_EXTERNAL_ID_MAX_LENGTH, lambda n: modal(external_id="e" * n)),
    "private_metadata": (outside.VIEW_PRIVATE_METADATA_MAX_LENGTH, lambda n: modal(private_metadata="p" * n)),
    "label": (
        outside.INPUT_LABEL_MAX_LENGTH,
        lambda n: modal(input_block("x", {"type": "plain_text_input"}) | {"label": plain("x" * n)}),
    ),
    "hint": (
        outside.INPUT_HINT_MAX_LENGTH,
        lambda n: modal(input_block("x", {"type": "plain_text_input"}, hint=plain("x" * n))),
    ),
    "max_length": (
        outside.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX,
        lambda n: modal(input_block("x", {"type": "plain_text_input", "max_length": n})),
    ),
    "max_files": (
        outside.FILE_INPUT_MAX_FILES_MAX,
        lambda n: modal(input_block("x", {"type": "file_input", "max_files": n})),
    ),
    "alert": (outside.ALERT_TEXT_MAX_LENGTH, lambda n: modal({"type": "alert", "text": plain("x" * n)})),
}


@pytest.mark.parametrize("name", IN_A_MODAL)
def test_a_modal_takes_just_as_much_as_the_outside_registry_says(name: str) -> None:
    most, build = IN_A_MODAL[name]
    assert view_problems(build(most), surface="modal") == []
    assert view_problems(build(most + 1), surface="modal") != []


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
def test_no_surface_takes_a_block_that_the_outside_opinion_refuses(surface: Surface) -> None:
    every = set().union(*_BLOCK_TYPES_BY_SURFACE.values()) | {"layout", "call", "made_up"}
    for kind in every - _BLOCK_TYPES_BY_SURFACE[surface]:
        report = LimitReport(surface=surface)
        BLOCKS[surface](report, "/blocks/0", {"type": kind})
        assert report.messages == [f"[ERROR] unsupported type: {kind} [json-pointer:/blocks/0/type]"]


OPTION, ANOTHER = (
    sb.Option(sb.Text(word, type_=sb.TextType.PLAINTEXT), word.lower()) for word in ("One", "Two")
)
OUTSIDE_BLOCKS = [
    sb.HeaderBlock("Title"),
    sb.DividerBlock(),
    sb.SectionBlock("*text*", fields=["a", "b"]),
    sb.SectionBlock("t", accessory=sb.Button("Go", action_id="go", value="1", style="primary")),
    sb.ContextBlock([sb.Text("small")]),
    sb.ActionsBlock(
        [
            sb.Button("Go", action_id="go"),
            sb.StaticSelectMenu(action_id="s", options=[OPTION], placeholder="pick"),
            sb.OverflowMenu(action_id="o", options=[OPTION, ANOTHER]),
            sb.DatePicker(action_id="d", initial_date="2031-05-06"),
            sb.CheckboxGroup(action_id="c", options=[OPTION]),
        ]
    ),
    sb.InputBlock("Name", sb.PlainTextInput(action_id="n", max_length=20, min_length=1), hint="h"),
    sb.InputBlock("Count", sb.NumberInput(action_id="n", is_decimal_allowed=False, min_value=1, max_value=9)),
    sb.InputBlock("Host", sb.ExternalSelectMenu(action_id="h", placeholder="type", min_query_length=1)),
    sb.InputBlock("Mail", sb.EmailInput(action_id="m")),
    sb.InputBlock("When", sb.DateTimePicker(action_id="w")),
    sb.InputBlock("Who", sb.UserMultiSelectMenu(action_id="u", placeholder="pick")),
    sb.MarkdownBlock("# hello"),
]


@pytest.mark.parametrize("block", OUTSIDE_BLOCKS, ids=lambda block: type(block).__name__)
def test_blocks_that_somebody_elses_library_writes_are_taken(block: sb.Block) -> None:
    assert message_problems([json.loads(repr(block))]) == []


def test_every_newer_block_is_taken_where_it_belongs() -> None:
    points = [{"label": "mon", "value": 1}, {"label": "tue", "value": 2.5}]
    chart = {
        "type": "bar",
        "series": [{"name": "runs", "data": points}],
        "axis_config": {"categories": ["mon", "tue"], "y_label": "count"},
    }
    blocks = [
        rich("hello"),
        data_table(2),
        {"type": "data_visualization", "title": "Runs", "chart": chart},
        {"type": "card", "title": plain("c"), "actions": [button("Go", "go")]},
        {"type": "container", "title": plain("c"), "child_blocks": [section("in"), rich("x")]},
        {"type": "plan", "title": "p", "tasks": [task(1, details=rich("more"))]},
    ]
    assert message_problems(blocks) == []


WRONG_IN_A_MESSAGE: dict[str, tuple[Json, str]] = {
    "an unknown property": (section("x", colour="red"), "invalid additional property: colour"),
    "a missing property": ({"type": "header"}, "missing required field: text"),
    "an empty text": (section(""), "must be more than 0 characters"),
    "mrkdwn in a header": (
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        "must be one of plain_text",
    ),
    "a block without a type": ({"text": plain("x")}, "missing required field: type"),
    "a section of nothing": ({"type": "section"}, "must define at least one of text, fields"),
    "an unknown style": (actions(button("x", "a", style="loud")), "must be one of primary, danger"),
    "the same action_id twice": (actions(button("x", "a"), button("y", "a")), "action_id 'a' already exists"),
    "no options": (actions({"type": "static_select"}), "must define exactly one of options, option_groups"),
    "options and groups": (
        actions(select(option("x"), option_groups=[{"label": plain("g"), "options": options(1)}])),
        "must define exactly one of options, option_groups",
    ),
    "an initial option that is not offered": (
        actions(select(option("x"), initial_option=option("y"))),
        "initial option must be one of the options",
    ),
    "an input in actions": (actions({"type": "plain_text_input"}), "unsupported type: plain_text_input"),
    "an image in actions": (actions({"type": "image"}), "unsupported type: image"),
    "a button in an input": (input_block("x", button("x", "a")), "unsupported type: button"),
    "a file input": (input_block("x", {"type": "file_input"}), "is only supported in modals"),
    "a date that is none": (
        actions({"type": "datepicker", "initial_date": "31.12.2031"}),
        "must be a date such as 2026-05-31",
    ),
    "milliseconds": (
        actions({"type": "datetimepicker", "initial_date_time": 1_935_792_000_000}),
        "must be between",
    ),
    "a task card that waits alone": (
        {"type": "task_card", **task(1)},
        "only tasks of a plan can be pending",
    ),
    "uneven rows": (
        {**data_table(2), "rows": [[{"type": "raw_text", "text": "x"}] * n for n in (1, 2)]},
        "all rows must have the same number of cells",
    ),
    "an unknown rich text part": (
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "html"}]}]},
        "unsupported type: html",
    ),
}


@pytest.mark.parametrize("name", WRONG_IN_A_MESSAGE)
def test_a_message_is_refused_for(name: str) -> None:
    block, problem = WRONG_IN_A_MESSAGE[name]
    assert any(problem in said for said in message_problems([block]))


def test_blocks_that_do_not_go_together_are_refused() -> None:
    def said(*blocks: Json) -> str:
        return " ".join(message_problems(list(blocks)))

    assert "block_id 'b' already exists" in said(section("x", block_id="b"), section("y", block_id="b"))
    assert "only one table" in said(table(1, 1), table(1, 1))
    assert "plan and task_card" in said(plan(1), {"type": "task_card", **task(1, status="complete")})
    assert "markdown must be less" in said(*[{"type": "markdown", "text": "x" * 7000}] * 2)


WRONG_IN_A_MODAL: dict[str, tuple[Json, str]] = {
    "no submit beside an input": (
        {k: v for k, v in modal(input_block("x", {"type": "plain_text_input"})).items() if k != "submit"},
        "missing required field: submit",
    ),
    "no title": ({k: v for k, v in modal().items() if k != "title"}, "missing required field: title"),
    "a block for messages": (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
    "two focused fields": (
        modal(
            *(input_block(name, {"type": "plain_text_input", "focus_on_load": True}) for name in ("a", "b"))
        ),
        "only one element can have focus_on_load",
    ),
    "a number field that does not say decimal": (
        modal(input_block("x", {"type": "number_input"})),
        "missing required field: is_decimal_allowed",
    ),
    "a bound that is a number": (
        modal(input_block("x", {"type": "number_input", "is_decimal_allowed": True, "min_value": 1})),
        "must be a number written as a string",
    ),
    "bounds the wrong way round": (
        modal(
            input_block(
                "x", {"type": "number_input", "is_decimal_allowed": True, "min_value": "2", "max_value": "1"}
            )
        ),
        "min_value must not be greater than max_value",
    ),
    "a negative query length": (
        modal(input_block("x", {"type": "external_select", "min_query_length": -1})),
        "must be between 0",
    ),
    "a start longer than allowed": (
        modal(input_block("x", {"type": "plain_text_input", "max_length": 1, "initial_value": "xx"})),
        "initial_value is longer than max_length",
    ),
    "a response URL outside an input": (
        modal(actions({"type": "channels_select", "response_url_enabled": True})),
        "response_url_enabled is only supported in input blocks",
    ),
    "an unknown view property": (modal(width=3), "invalid additional property: width"),
    "a submit_disabled": (modal(submit_disabled=False), "invalid additional property: submit_disabled"),
}


@pytest.mark.parametrize("name", WRONG_IN_A_MODAL)
def test_a_modal_is_refused_for(name: str) -> None:
    view, problem = WRONG_IN_A_MODAL[name]
    assert any(problem in said for said in view_problems(view, surface="modal"))


def test_a_home_tab_has_no_title_and_no_table() -> None:
    assert view_problems(home(section("x")), surface="home") == []
    assert view_problems({**home(), "title": plain("x")}, surface="home") != []
    assert view_problems(home(table(1, 1)), surface="home") != []
    assert view_problems(modal(), surface="home") != []


def test_metadata_is_an_event_with_an_object() -> None:
    assert metadata_problems({"event_type": "run", "event_payload": {"id": "1"}}) == []
    assert metadata_problems({}) == []
    for wrong in ({"event_type": "run"}, {"event_type": "run", "event_payload": []}, "run"):
        assert metadata_problems(wrong) != []


def test_acknowledgements_are_held_to_their_view() -> None:
    blocks = [input_block("Name", {"type": "plain_text_input"}), section("x", block_id="note")]
    good = {"response_action": "errors", "errors": {"name": "is taken"}}
    assert submission_ack_problems(good, blocks=blocks) == []
    on_a_section = {"response_action": "errors", "errors": {"note": "is not an input"}}
    assert submission_ack_problems(on_a_section, blocks=blocks) != []
    assert submission_ack_problems(good | {"view": modal()}, blocks=blocks) != []
    assert submission_ack_problems({"response_action": "clear"}, blocks=blocks) == []
    assert options_ack_problems({"options": []}) == []
    assert options_ack_problems({"options": options(1), "option_groups": []}) != []


def test_checking_changes_nothing() -> None:
    view = modal(input_block("Name", {"type": "plain_text_input"}))
    before = copy.deepcopy(view)
    view_problems(view, surface="modal")
    assert view == before
