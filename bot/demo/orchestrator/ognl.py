"""The little of OGNL that converted forms carry: comparisons, logic, choice and text."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>"[^"]*"|'[^']*')|(?P<variable>\#\w+)
    |(?P<word>[A-Za-z]\w*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+?:()!<>.]))""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}
_NAMES = {"and": "&&", "or": "||", "not": "!", "eq": "==", "neq": "!=", "lt": "<", "gt": ">"}


class Unspeakable(Exception):
    """The expression is not among what is understood here."""


def evaluate(expression: str, variables: Mapping[str, object]) -> object:
    """The value of an expression; `#name` is a variable, null when there is none of that name."""
    reader = _Reader(expression, variables)
    value = reader.choice()
    if reader.ahead:
        raise Unspeakable(f'Malformed OGNL expression near "{reader.ahead}"')
    return value


class _Reader:
    """Reads by descent, a method for each strength of binding."""

    def __init__(self, expression: str, variables: Mapping[str, object]) -> None:
        self._tokens = _tokens(expression)
        self._variables = variables
        self._at = 0

    @property
    def ahead(self) -> str:
        """The token not yet read; empty at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def choice(self) -> object:
        """`condition ? value : value`."""
        value = self._either()
        if not self._take("?"):
            return value
        chosen = self.choice()
        self._expect(":")
        other = self.choice()
        return chosen if value else other

    def _either(self) -> object:
        value = self._both()
        while self._take("||"):
            value = bool(self._both()) or bool(value)
        return value

    def _both(self) -> object:
        value = self._comparison()
        while self._take("&&"):
            value = bool(self._comparison()) and bool(value)
        return value

    def _comparison(self) -> object:
        value = self._sum()
        for sign, compare in _COMPARISONS.items():
            if self._take(sign):
                return compare(value, self._sum())
        return value

    def _sum(self) -> object:
        value = self._unit()
        while self._take("+"):
            value = _joined(value, self._unit())
        return value

    def _unit(self) -> object:
        if self._take("!"):
            return not self._unit()
        if self._take("("):
            value = self.choice()
            self._expect(")")
            return self._called(value)
        return self._called(self._leaf())

    def _leaf(self) -> object:
        token, self._at = self.ahead, self._at + 1
        if token in _WORDS:
            return _WORDS[token]
        if token[:1] == "#":
            return self._variables.get(token[1:])
        if token[:1] in "\"'" and token:
            return token[1:-1]
        try:
            return float(token)
        except ValueError:
            raise Unspeakable(f'Malformed OGNL expression near "{token}"') from None

    def _called(self, value: object) -> object:
        """Methods of texts: `.length()` and `.trim()`."""
        while self._take("."):
            name, self._at = self.ahead, self._at + 1
            self._expect("(")
            self._expect(")")
            if name not in _METHODS:
                raise Unspeakable(f"Method {name} is not understood")
            value = _METHODS[name](str(value or ""))
        return value

    def _take(self, sign: str) -> bool:
        found = self.ahead == sign
        self._at += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise Unspeakable(f'Malformed OGNL expression: "{sign}" expected near "{self.ahead}"')


def _tokens(expression: str) -> list[str]:
    tokens, at, text = [], 0, expression.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Unspeakable(f'Malformed OGNL expression near "{text[at:]}"')
        token = found.group().strip()
        tokens.append(_NAMES.get(token, token))
        at = found.end()
    return tokens


def _joined(left: object, right: object) -> object:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left + right
    return f"{_shown(left)}{_shown(right)}"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[object, object], bool]:
    """Nothing is neither more nor less than something."""

    def holds(left: object, right: object) -> bool:
        both = isinstance(left, int | float) and isinstance(right, int | float)
        return both and compare(left, right)  # type: ignore[arg-type] # `both` has looked

    return holds


_METHODS: Mapping[str, Callable[[str], object]] = {
    "length": lambda value: float(len(value)),
    "trim": str.strip,
}
_COMPARISONS: Mapping[str, Callable[[object, object], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": _ordered(operator.le),
    ">=": _ordered(operator.ge),
    "<": _ordered(operator.lt),
    ">": _ordered(operator.gt),
}
