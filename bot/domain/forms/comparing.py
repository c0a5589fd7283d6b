"""Compares what a field holds with what a form's condition names."""

from __future__ import annotations

import math
import operator
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.forms.form import Comparison
from bot.domain.typed import Invalid, read_moment, read_number
from bot.domain.value_text import key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.values import Value


def compare(held: Value, by: Comparison, value: Value) -> bool:
    """Whether the comparison is true; of an order, only numbers and dates have one."""
    match by:
        case Comparison.EQUAL:
            return _key(held) == _key(value)
        case Comparison.EMPTY:
            return _key(held) in {"", "[]"}
        case Comparison.ABOVE:
            return _in_order(held, operator.gt, value)
        case Comparison.AT_LEAST:
            return _in_order(held, operator.ge, value)
        case Comparison.BELOW:
            return _in_order(held, operator.lt, value)
        case Comparison.AT_MOST:
            return _in_order(held, operator.le, value)


def _key(value: Value) -> str:
    """A value as conditions see it: what was not ticked is the same as nothing."""
    return "" if value is False else key_of(value)


def _in_order(held: Value, holds: Callable[[float, float], bool], value: Value) -> bool:
    first, second = _measured(held), _measured(value)
    return holds(first, second)  # false for what is not a number


def _measured(value: Value) -> float:
    """A number, or a date as seconds; not a number for anything else. Forms write either as text, too."""
    match value:
        case bool():
            return math.nan
        case int() | float():
            return float(value)
        case datetime():
            return value.timestamp()
        case str():
            for read in (read_number, lambda text: read_moment(text).timestamp()):
                try:
                    return float(read(value))
                except Invalid:
                    continue
            return math.nan
        case _:
            return math.nan
