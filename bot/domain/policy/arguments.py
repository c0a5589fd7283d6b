"""Whether a rule is for the arguments at hand: yes, no, or that it cannot be told."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from bot.domain.invisible import comparable
from bot.domain.values import SdkObject, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.execution import Argument
    from bot.domain.policy.rule import ArgumentTest, Rule
    from bot.domain.values import Value


class Fit(Enum):
    """Whether a test holds for an argument, or what stands in the way of telling."""

    YES = "yes"
    NO = "no"
    MISSING = "missing"
    SECRET = "secret"  # noqa: S105 - a finding
    MIXED = "mixed"  # a list of which some fit
    INCOMPARABLE = "incomparable"

    @property
    def is_known(self) -> bool:
        """Whether the test has an answer."""
        return self in {Fit.YES, Fit.NO}


def fit(test: ArgumentTest, arguments: Iterable[Argument]) -> Fit:
    """Try one test; a field left empty counts as missing, because the workflow may fill it as it likes."""
    found = [argument.value for argument in arguments if argument.name == test.name]
    if len(found) != 1:
        return Fit.MISSING
    return _fit(test, found[0])


def _fit(test: ArgumentTest, value: Value) -> Fit:
    if value is None or value in ("", ()):
        return Fit.MISSING
    if is_secret(value):
        return Fit.SECRET
    if isinstance(value, tuple):
        each = {_fit(test, item) for item in value}
        return each.pop() if len(each) == 1 else Fit.MIXED
    if test.values:
        return _among(test.values, value)
    return _within(test, value)


def _among(values: frozenset[str], value: Value) -> Fit:
    written = plain(value)
    if not written:
        return Fit.INCOMPARABLE
    if not values.isdisjoint(written):
        return Fit.YES
    nameless = isinstance(value, SdkObject) and not value.name
    return Fit.INCOMPARABLE if nameless else Fit.NO


def _within(test: ArgumentTest, value: Value) -> Fit:
    number = _number(value)
    if number is None:
        return Fit.INCOMPARABLE
    above = test.minimum is None or number >= test.minimum
    below = test.maximum is None or number <= test.maximum
    return Fit.YES if above and below else Fit.NO


def plain(value: Value) -> frozenset[str]:
    """How a value may be written in a policy file, free of case; empty for what cannot be compared.

    An object of the inventory may be written as its id or its name.
    """
    match value:
        case bool():
            return frozenset({str(value).lower()})
        case int() | float() if math.isfinite(value):
            return frozenset({f"{Decimal(str(value)).normalize():f}"})
        case str():
            return _comparable(value)
        case datetime():
            return frozenset({value.isoformat().casefold()})
        case SdkObject():
            return _comparable(value.id, value.name)
        case _:
            return frozenset()


def _comparable(*texts: str) -> frozenset[str]:
    """The texts as they are compared; empty if one of them holds what nobody can see."""
    found = [comparable(text) for text in texts if text]
    return frozenset() if None in found else frozenset(text for text in found if text is not None)


def lock_of(rule: Rule, arguments: Iterable[Argument]) -> str | None:
    """The value of which the rule lets one run at a time; None if it cannot be told."""
    found = [argument.value for argument in arguments if argument.name == rule.one_at_a_time]
    value = found[0] if len(found) == 1 else None
    if isinstance(value, SdkObject):
        return comparable(value.id) or None
    return next(iter(plain(value)), None) or None


def _number(value: Value) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value
