"""The limits of tables and charts."""

from bot.demo.slack.limits.objects import ID
from bot.demo.slack.limits.rich_text import rich_text
from bot.demo.slack.limits.rules import (
    LimitReport,
    Rule,
    Rules,
    anything,
    boolean,
    by_type,
    list_of,
    number,
    one_of,
    record,
    text,
    unique,
    whole,
)

_MOST_CELL_TEXT = 20_000
_RAW_TEXT = record(
    required={"type": anything, "text": text(most=_MOST_CELL_TEXT)}, optional={"emoji": boolean}
)
_RAW_NUMBER = record(required={"type": anything, "value": number, "text": text(most=_MOST_CELL_TEXT)})
_COLUMN = record(optional={"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _rows(cells: Rules, *, least: int, most: int) -> Rule:
    return list_of(list_of(by_type(cells), most=20), least=least, most=most)


def _even_rows(report: LimitReport, pointer: str, value: object) -> None:
    rows = value.get("rows") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return
    if len({len(row) for row in rows}) > 1:
        report.add(f"{pointer}/rows", "all rows must have the same number of cells")
    if rows and any(isinstance(cell, dict) and cell.get("type") == "rich_text" for cell in rows[0]):
        report.add(f"{pointer}/rows/0", "header cells must not be rich text")


def text_length(value: object) -> int:
    """How many characters the `text` properties below a value hold together."""
    if isinstance(value, list):
        return sum(text_length(item) for item in value)
    if not isinstance(value, dict):
        return 0
    words = value.get("text")
    own = len(words) if isinstance(words, str) else 0
    return own + sum(text_length(part) for part in value.values())


def _not_too_long(report: LimitReport, pointer: str, value: object) -> None:
    if text_length(value) > _MOST_CELL_TEXT:
        report.add(pointer, f"cells must hold less than {_MOST_CELL_TEXT + 1} characters together")


TABLE = record(
    required={
        "type": anything,
        "rows": _rows({"raw_text": _RAW_TEXT, "rich_text": rich_text}, least=1, most=100),
    },
    optional={"block_id": ID, "column_settings": list_of(_COLUMN, most=20)},
)
DATA_TABLE = record(
    required={
        "type": anything,
        "caption": text(most=3000),
        "rows": _rows(
            {"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": rich_text}, least=2, most=201
        ),
    },
    optional={
        "block_id": ID,
        "page_size": whole(least=1, most=100),
        "row_header_column_index": whole(least=0, most=19),
    },
    also=(_even_rows, _not_too_long),
)

_LABEL = text(most=20)


def _positive(report: LimitReport, pointer: str, value: object) -> None:
    number(report, pointer, value)
    if isinstance(value, int | float) and value <= 0:
        report.add(pointer, "must be greater than 0")


def _name(item: object) -> object:
    return item.get("name") if isinstance(item, dict) else None


def _one_point_each(report: LimitReport, pointer: str, value: object) -> None:
    if not isinstance(value, dict):
        return
    axis = value.get("axis_config")
    categories = axis.get("categories", []) if isinstance(axis, dict) else []
    unique(lambda word: word, "category")(report, f"{pointer}/axis_config/categories", categories)
    unique(_name, "series")(report, f"{pointer}/series", value.get("series"))
    for place, series in enumerate(value.get("series") or []):
        labels = [point.get("label") for point in series.get("data", [])] if isinstance(series, dict) else []
        if sorted(map(str, labels)) != sorted(map(str, categories)):
            report.add(f"{pointer}/series/{place}", "must have exactly one point for every category")


_POINTS = list_of(record(required={"label": _LABEL, "value": number}), most=20)
_AXES = record(
    required={"categories": list_of(_LABEL, most=20)},
    optional={"x_label": text(most=50), "y_label": text(most=50)},
)
_AXIS_CHART = record(
    required={
        "type": anything,
        "series": list_of(record(required={"name": _LABEL, "data": _POINTS}), most=12),
        "axis_config": _AXES,
    },
    also=(_one_point_each,),
)
_PIE = record(
    required={
        "type": anything,
        "segments": list_of(record(required={"label": _LABEL, "value": _positive}), most=12),
    }
)
CHART = record(
    required={
        "type": anything,
        "title": text(most=50),
        "chart": by_type({"pie": _PIE, "bar": _AXIS_CHART, "area": _AXIS_CHART, "line": _AXIS_CHART}),
    },
    optional={"block_id": ID},
)
