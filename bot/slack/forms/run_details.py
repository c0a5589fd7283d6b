"""Windows on a run: all it gave back, page by page, and the newest lines of its log."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from bot.domain.values import Composite, Properties
from bot.slack import blocks
from bot.slack.forms.messages import MESSAGE
from bot.slack.mrkdwn import escape, inline, shown
from bot.slack.uploads import TextFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.execution import Argument, LogLine
    from bot.domain.launch import Launch
    from bot.domain.values import Value
    from bot.slack.blocks import Block

OUTPUT_PAGE, OUTPUT_PAGE_BACK, OUTPUT_FILES = "output_page", "output_page_back", "output_files"  # action ids
LOG_LEVEL, LOG_FILE = "log_level", "log_file"
LOG = "run_log"  # callback id: nothing is sent from it
_PIECES = 8  # of blocks.TEXT characters on one page; Slack takes 250 KB for a view
_INLINE = 1500  # characters of a value that its thread shows whole
_LINES = 200  # of a log that a window shows
_LEVELS = {
    "debug": "All lines",
    "info": "Information and above",
    "warning": "Warnings and errors",
    "error": "Errors",
}


def outputs_view(launch: Launch, page: int, *, files: bool) -> Block:
    """All that a run gave back, to the letter; `files`: they can be had as files in the thread."""
    pieces = [piece for each in _in_order(launch) for piece in _pieces(each)]
    last = max(0, (len(pieces) - 1) // _PIECES)
    page = min(max(page, 0), last)
    made: list[Block] = [blocks.header(launch.workflow.name)]
    if last:
        made.append(blocks.context(f"Page {page + 1} of {last + 1}"))
    shown_now = pieces[page * _PIECES : (page + 1) * _PIECES]
    made += [blocks.preformatted(piece) for piece in shown_now] or [blocks.section("It gave nothing back.")]
    buttons = []
    if page > 0:
        buttons.append(blocks.button("Back", action=OUTPUT_PAGE_BACK, value=f"{launch.id} {page - 1}"))
    if page < last:
        buttons.append(blocks.button("Next page", action=OUTPUT_PAGE, value=f"{launch.id} {page + 1}"))
    if files and pieces:
        buttons.append(blocks.button("As files in the thread", action=OUTPUT_FILES, value=launch.id))
    if buttons:
        made.append(blocks.actions(buttons, block_id="outputs"))
    return blocks.modal("All outputs", made, callback_id=MESSAGE, metadata=launch.id)


def is_internal(output: Argument) -> bool:
    """Whether it is the workflow's own bookkeeping, which its author marks with an underscore."""
    return output.name.startswith("_")


def _in_order(launch: Launch) -> list[Argument]:
    returned = launch.outcome.outputs if launch.outcome else ()
    return sorted(returned, key=is_internal)


def _pieces(output: Argument) -> list[tuple[str, str]]:
    text = shown(output.value)
    name = f"{output.name} (internal)" if is_internal(output) else output.name
    parts = [text[at : at + blocks.TEXT] for at in range(0, max(1, len(text)), blocks.TEXT)]
    return [(name if number == 0 else f"{name}, continued", part) for number, part in enumerate(parts)]


def output_files(launch: Launch) -> tuple[TextFile, ...]:
    """Tables as CSV, what is too long for the thread as text; all of it where nothing is either."""
    found = [each for each in _in_order(launch) if not is_internal(each)] or _in_order(launch)
    large = [each for each in found if _is_table(each.value) or len(shown(each.value)) > _INLINE]
    return tuple(map(_file, large or found))


def _file(output: Argument) -> TextFile:
    name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in output.name)[:80]
    if isinstance(output.value, tuple) and _is_table(output.value):
        return TextFile(name=f"{name}.csv", title=output.name, text=_csv(output.value))
    return TextFile(name=f"{name}.txt", title=output.name, text=shown(output.value))


def _is_table(value: Value) -> bool:
    return isinstance(value, tuple) and bool(value) and all(_row(each) is not None for each in value)


def _row(value: Value) -> dict[str, Value] | None:
    match value:
        case Composite(members=pairs) | Properties(entries=pairs):
            return dict(pairs)
        case _:
            return None


def _csv(rows: Sequence[Value]) -> str:
    """A column for each name that any row has, in the order they come."""
    found = [row for row in map(_row, rows) if row is not None]
    columns = list(dict.fromkeys(name for row in found for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_cell, columns))
    for row in found:
        writer.writerow([_cell(shown(row[each])) if row.get(each) is not None else "" for each in columns])
    return text.getvalue()


def _cell(text: str) -> str:
    """A text that a spreadsheet takes for a text: what begins like a formula would be worked out."""
    is_number = text.lstrip("+-").replace(".", "", 1).isdigit()
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) and not is_number else text


def log_view(launch: Launch, lines: Sequence[LogLine], *, level: str, file: bool) -> Block:
    """The newest lines of a run's log from a level up; `file`: all of them can be shared in the thread."""
    choices = [blocks.option(face, value) for value, face in _LEVELS.items()]
    chosen = next(each for each in choices if each["value"] == level)
    menu: Block = {
        "type": "static_select",
        "action_id": LOG_LEVEL,
        "options": choices,
        "initial_option": chosen,
    }
    made: list[Block] = [
        blocks.section(f"*{inline(launch.workflow.name)}* · run `{escape(launch.execution_id or '')}`")
        | {"accessory": menu, "block_id": "level"}
    ]
    kept = _newest([written(each) for each in lines])
    if len(kept) < len(lines):
        made.append(blocks.context(f"The newest {len(kept)} of {len(lines)} lines."))
    made += _boxes(kept) or [blocks.section("Orchestrator has no such lines of this run.")]
    if file and lines:
        share = blocks.button("Whole log as a file in the thread", action=LOG_FILE, value=launch.id)
        made.append(blocks.actions([share], block_id="log"))
    return blocks.modal("Log", made, callback_id=LOG, metadata=launch.id)


def log_loading(launch: Launch) -> Block:
    """What stands there until Orchestrator has given the log."""
    text = f"Reading the log of *{inline(launch.workflow.name)}* …"
    return blocks.modal("Log", [blocks.section(text)], callback_id=LOG, metadata=launch.id)


def log_file(launch: Launch, lines: Sequence[LogLine]) -> TextFile:
    """The whole log."""
    text = "\n".join(map(written, lines))
    return TextFile(name=f"{launch.workflow.name[:60]}.log.txt", title="Log", text=text)


def read_level(chosen: str | None) -> str:
    """The level that was chosen in the window."""
    return chosen if chosen in _LEVELS else "info"


def written(line: LogLine) -> str:
    """One line: when, how grave, what."""
    at = line.at.strftime("%H:%M:%S ") if line.at else ""
    return f"{at}{line.severity:<7} {line.text}"


def _newest(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    left = _PIECES * blocks.TEXT
    for line in reversed(lines[-_LINES:]):
        left -= len(line) + 1
        if left < 0 and kept:
            break
        kept.insert(0, line)
    return kept


def _boxes(lines: Sequence[str]) -> list[Block]:
    text = "\n".join(lines)
    parts = [text[at : at + blocks.TEXT] for at in range(0, len(text), blocks.TEXT)]
    return [_box(part) for part in parts]


def _box(text: str) -> Block:
    box = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [box]}
