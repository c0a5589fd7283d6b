"""The limits of rich text: a tree of sections, lists, quotes and preformatted text."""

from bot.demo.slack.limits.objects import ID, URL
from bot.demo.slack.limits.rules import (
    LimitReport,
    Rule,
    Rules,
    anything,
    boolean,
    by_type,
    list_of,
    one_of,
    record,
    text,
    whole,
)

_LONGEST = 12_000
_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = record(optional=dict.fromkeys(_STYLES, boolean))


def _part(*, needs: Rules, may: Rules | None = None) -> Rule:
    return record(required={"type": anything, **needs}, optional={"style": _STYLE, **(may or {})})


_PARTS: Rules = {
    "text": _part(needs={"text": text(most=_LONGEST)}),
    "link": _part(needs={"url": URL}, may={"text": text(most=_LONGEST), "unsafe": boolean}),
    "user": _part(needs={"user_id": ID}),
    "usergroup": _part(needs={"usergroup_id": ID}),
    "channel": _part(needs={"channel_id": ID}),
    "team": _part(needs={"team_id": ID}),
    "emoji": _part(needs={"name": ID}, may={"unicode": ID, "skin_tone": whole(least=1, most=6)}),
    "broadcast": _part(needs={"range": one_of("here", "channel", "everyone")}),
    "color": _part(needs={"value": ID}),
    "date": _part(
        needs={"timestamp": whole(least=0), "format": ID}, may={"fallback": text(most=3000), "url": URL}
    ),
}
_LINE = list_of(by_type(_PARTS), least=0)
_PREFORMATTED = list_of(by_type(_PARTS, only=("text", "link")), least=0)
_BORDER = {"border": whole(least=0, most=1)}
_SECTION = record(required={"type": anything, "elements": _LINE})

_LIST = record(
    required={
        "type": anything,
        "style": one_of("bullet", "ordered"),
        "elements": list_of(by_type({"rich_text_section": _SECTION})),
    },
    optional={"indent": whole(least=0, most=8), "offset": whole(least=0), **_BORDER},
)
_BRANCHES: Rules = {
    "rich_text_section": _SECTION,
    "rich_text_list": _LIST,
    "rich_text_quote": record(required={"type": anything, "elements": _LINE}, optional=_BORDER),
    "rich_text_preformatted": record(
        required={"type": anything, "elements": _PREFORMATTED}, optional={**_BORDER, "language": ID}
    ),
}
RICH_TEXT_ELEMENTS = list_of(by_type(_BRANCHES))


def rich_text(report: LimitReport, pointer: str, value: object) -> None:
    """A whole `rich_text` block, where one stands inside another block."""
    by_type(
        {
            "rich_text": record(
                required={"type": anything, "elements": RICH_TEXT_ELEMENTS}, optional={"block_id": ID}
            )
        }
    )(report, pointer, value)
