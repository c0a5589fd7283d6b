"""The limits of what a bot answers in an acknowledgement."""

from collections.abc import Sequence

from bot.demo.slack.limits.objects import MENU_OPTION, OPTION_GROUP
from bot.demo.slack.limits.rules import LimitReport, anything, exactly_one, list_of, one_of, record, text
from bot.demo.slack.limits.surfaces import message_problems, view_problems
from bot.demo.slack.walk import every_block
from bot.demo.slack.wire import Json

_OPTIONS = record(
    optional={
        "options": list_of(MENU_OPTION, least=0, most=100),
        "option_groups": list_of(OPTION_GROUP, least=0, most=100),
    },
    also=(exactly_one("options", "option_groups"),),
)
_COMMAND = record(
    optional={
        "response_type": one_of("ephemeral", "in_channel"),
        "text": text(most=40_000, least=0),
        **dict.fromkeys(
            (
                "blocks",
                "attachments",
                "metadata",
                "unfurl_links",
                "unfurl_media",
                "replace_original",
                "delete_original",
                "mrkdwn",
                "parse",
                "link_names",
            ),
            anything,
        ),
    }
)


def command_ack_problems(body: Json) -> list[str]:
    """What is wrong with the answer to a slash command."""
    report = LimitReport(surface="message")
    _COMMAND(report, "", body)
    return report.messages + (message_problems(body["blocks"]) if "blocks" in body else [])


def options_ack_problems(body: Json) -> list[str]:
    """What is wrong with the answer to a typed search in a menu."""
    report = LimitReport(surface="modal")
    _OPTIONS(report, "", body)
    return report.messages


def submission_ack_problems(body: Json, *, blocks: Sequence[Json]) -> list[str]:
    """What is wrong with the answer to a submitted view; `blocks` are the blocks of that view."""
    match body.get("response_action"):
        case "errors":
            return _errors_problems(body, blocks)
        case "update" | "push":
            extra = _strangers(body, known={"response_action", "view"})
            return [*extra, *view_problems(body.get("view"), surface="modal")]
        case "clear":
            return _strangers(body, known={"response_action"})
        case _:
            return ["[ERROR] unknown response_action [json-pointer:/response_action]"]


def _errors_problems(body: Json, blocks: Sequence[Json]) -> list[str]:
    report = LimitReport(surface="modal", messages=_strangers(body, known={"response_action", "errors"}))
    errors = body.get("errors")
    if not isinstance(errors, dict) or not errors:
        report.add("/errors", "must be an object with at least one error")
        return report.messages
    inputs = {block.get("block_id") for block in every_block(blocks) if block.get("type") == "input"}
    for block_id, words in errors.items():
        text(most=3000)(report, f"/errors/{block_id}", words)
        if block_id not in inputs:
            report.add(f"/errors/{block_id}", "is not the block_id of an input block in the view")
    return report.messages


def _strangers(body: Json, *, known: set[str]) -> list[str]:
    report = LimitReport(surface="modal")
    for name in sorted(body.keys() - known):
        report.add("", f"invalid additional property: {name}")
    return report.messages
