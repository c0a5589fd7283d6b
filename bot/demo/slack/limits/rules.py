"""The small language in which the limits are written: a rule looks at one value and reports what is wrong."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Surface = Literal["message", "modal", "home"]


@dataclass(kw_only=True)
class LimitReport:
    """What is wrong with one payload, in the words of Slack's `response_metadata.messages`."""

    surface: Surface
    messages: list[str] = field(default_factory=list)

    def add(self, pointer: str, problem: str) -> None:
        """Note one problem at a JSON pointer."""
        self.messages.append(f"[ERROR] {problem} [json-pointer:{pointer}]")


Rule: TypeAlias = Callable[[LimitReport, str, object], None]
Rules: TypeAlias = Mapping[str, Rule]


def anything(report: LimitReport, pointer: str, value: object) -> None:
    """Accept any value."""


def text(*, most: int, least: int = 1) -> Rule:
    """A string of `least` to `most` characters."""

    def check(report: LimitReport, pointer: str, value: object) -> None:
        if not isinstance(value, str):
            report.add(pointer, "must be a string")
        elif len(value) > most:
            report.add(pointer, f"must be less than {most + 1} characters")
        elif len(value) < least:
            report.add(pointer, f"must be more than {least - 1} characters")

    return check


def matching(pattern: str, what: str) -> Rule:
    """A string that matches the whole pattern."""
    compiled = re.compile(pattern)

    def check(report: LimitReport, pointer: str, value: object) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            report.add(pointer, f"must be {what}")

    return check


def whole(*, least: int, most: int | None = None) -> Rule:
    """An integer within bounds."""

    def check(report: LimitReport, pointer: str, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.add(pointer, "must be an integer")
        elif value < least or (most is not None and value > most):
            report.add(pointer, f"must be between {least} and {most if most is not None else 'any number'}")

    return check


def number(report: LimitReport, pointer: str, value: object) -> None:
    """Accept an integer or a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        report.add(pointer, "must be a number")


def boolean(report: LimitReport, pointer: str, value: object) -> None:
    """Accept true or false."""
    if not isinstance(value, bool):
        report.add(pointer, "must be a boolean")


def one_of(*allowed: str) -> Rule:
    """One of these words."""

    def check(report: LimitReport, pointer: str, value: object) -> None:
        if value not in allowed:
            report.add(pointer, f"must be one of {', '.join(allowed)}")

    return check


def list_of(rule: Rule, *, least: int = 1, most: int | None = None) -> Rule:
    """A list of `least` to `most` values, each obeying the rule."""

    def check(report: LimitReport, pointer: str, value: object) -> None:
        if not isinstance(value, list):
            report.add(pointer, "must be an array")
            return
        if most is not None and len(value) > most:
            report.add(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            report.add(pointer, f"no fewer than {least} items allowed")
        for place, item in enumerate(value):
            rule(report, f"{pointer}/{place}", item)

    return check


def record(
    *, required: Rules | None = None, optional: Rules | None = None, also: Iterable[Rule] = ()
) -> Rule:
    """An object with these properties and no others; the rules in `also` then see it whole."""
    needed = dict(required or {})
    known = {**needed, **(optional or {})}
    whole_rules = tuple(also)

    def check(report: LimitReport, pointer: str, value: object) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "must be an object")
            return
        for name in needed:
            if name not in value:
                report.add(pointer, f"missing required field: {name}")
        for name, part in value.items():
            if name in known:
                known[name](report, f"{pointer}/{name}", part)
            else:
                report.add(pointer, f"invalid additional property: {name}")
        for rule in whole_rules:
            rule(report, pointer, value)

    return check


def by_type(table: Rules, *, only: Iterable[str] | None = None) -> Rule:
    """An object whose `type` names the rule for it; `only` narrows the types that may stand here."""
    allowed = {name: rule for name, rule in table.items() if only is None or name in set(only)}

    def check(report: LimitReport, pointer: str, value: object) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "must be an object")
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            report.add(pointer, "missing required field: type")
        elif kind not in allowed:
            report.add(f"{pointer}/type", f"unsupported type: {kind}")
        else:
            allowed[kind](report, pointer, value)

    return check


def exactly_one(*names: str) -> Rule:
    """Exactly one of these properties."""

    def check(report: LimitReport, pointer: str, value: object) -> None:
        present = [name for name in names if isinstance(value, dict) and name in value]
        if len(present) != 1:
            report.add(pointer, f"must define exactly one of {', '.join(names)}")

    return check


def at_least_one(*names: str) -> Rule:
    """At least one of these properties."""

    def check(report: LimitReport, pointer: str, value: object) -> None:
        if isinstance(value, dict) and not any(name in value for name in names):
            report.add(pointer, f"must define at least one of {', '.join(names)}")

    return check


def unique(of: Callable[[object], object], what: str) -> Rule:
    """A list in which `of` gives each item a value of its own; items without one are passed over."""

    def check(report: LimitReport, pointer: str, value: object) -> None:
        seen: set[object] = set()
        for place, item in enumerate(value if isinstance(value, list) else []):
            key = of(item)
            if key is not None and key in seen:
                report.add(f"{pointer}/{place}", f"{what} {key!r} already exists")
            seen.add(key)

    return check


def both(*rules: Rule) -> Rule:
    """All of these rules."""

    def check(report: LimitReport, pointer: str, value: object) -> None:
        for rule in rules:
            rule(report, pointer, value)

    return check
