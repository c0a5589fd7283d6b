"""Whether arguments keep what the policy says of its inputs, whatever kind of value they hold.

Forms check this as well, but a form may have been made by another rule. What a limit cannot be held against
breaks it: a file has no greatest number. Typed and named secrets alone are left to the form, which holds
them against the limits when they are entered: here nobody knows their text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.patterns import Uncheckable, fits
from bot.domain.policy.arguments import plain
from bot.domain.value_text import text_of
from bot.domain.values import (
    Attachment,
    AttributeReference,
    Composite,
    EncryptedText,
    Properties,
    SdkObject,
    SealedSecret,
    SecretRef,
    SecretText,
    UnreadableValue,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.execution import Argument
    from bot.domain.policy.rule import InputRule, Rule
    from bot.domain.values import Value


def out_of_bounds(rule: Rule, arguments: Iterable[Argument]) -> str | None:
    """The first argument that breaks what the rule says of its input; None if none does."""
    limits = dict(rule.inputs)
    return next(
        (each.name for each in arguments if each.name in limits and _breaks(limits[each.name], each.value)),
        None,
    )


def _breaks(limit: InputRule, value: Value) -> bool:
    if value is None or value in ("", ()):
        return limit.required is True
    return limit.is_bound and _outside(limit, value)


def _outside(limit: InputRule, value: Value) -> bool:
    match value:
        case None | SecretText() | SecretRef() | SealedSecret() | EncryptedText():
            return False
        case tuple():
            return any(_outside(limit, each) for each in value)
        case Properties(entries=pairs) | Composite(members=pairs):
            return any(_outside(limit, inner) for _, inner in pairs)
        case bool():
            return _unlisted(limit, value) or _misfits(limit, text_of(value)) or limit.has_range
        case str():
            wrong = _unlisted(limit, value) or _misfits(limit, value)
            return value != "" and (wrong or _out_of_range(limit, len(value)))
        case int() | float():
            return _unlisted(limit, value) or _misfits(limit, text_of(value)) or _out_of_range(limit, value)
        case _:
            return _thing_outside(limit, value)


def _thing_outside(
    limit: InputRule, value: datetime | SdkObject | Attachment | AttributeReference | UnreadableValue
) -> bool:
    """What has a name goes by it; what has none goes by its text, and has no size."""
    match value:
        case SdkObject(id=identity, name=name):
            text = name or identity
            return _unlisted(limit, value) or _misfits(limit, text) or _out_of_range(limit, len(text))
        case Attachment(name=name):
            return _outside(limit, name)
        case AttributeReference() | UnreadableValue():
            return True
        case _:
            return limit.has_range or _unlisted(limit, value) or _misfits(limit, text_of(value))


def _unlisted(limit: InputRule, value: Value) -> bool:
    choices = [written for choice in limit.choices for written in plain(choice)]
    return bool(limit.choices) and plain(value).isdisjoint(choices)


def _misfits(limit: InputRule, text: str) -> bool:
    """What cannot be told to be of that form is not."""
    try:
        return bool(limit.pattern) and not fits(limit.pattern, text)
    except Uncheckable:
        return True


def _out_of_range(limit: InputRule, size: float) -> bool:
    enough = limit.minimum is None or size >= limit.minimum
    return not (enough and (limit.maximum is None or size <= limit.maximum))
