"""Deep values as people write them: JSON or YAML, read without surprises, or words on where it is wrong."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass
from typing import TypeAlias

import yaml

Data: TypeAlias = object  # what JSON holds, with `Written` in it where it was YAML

_LONGEST = 20_000  # characters of YAML
_TAG = "tag:yaml.org,2002:"
_PLAIN = re.compile(  # all else that has no quotes is text: `no`, `010`, `1_000`, a date
    r"true|false|[-+]?(0|[1-9][0-9]{0,399})|[-+]?[0-9]*\.[0-9]+([eE][-+]?[0-9]{1,3})?"
)


class UnreadableText(ValueError):
    """What is wrong with a text, and where."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A number or truth value without quotes, which a text field takes to the letter."""

    value: bool | float
    text: str


def is_deep(text: str) -> bool:
    """Whether it is more than lines of `key: value`: YAML that is indented, a list, or marked as YAML."""
    lines = [line for line in textwrap.dedent(text).splitlines() if line.strip()]
    return any(line[0].isspace() or line.startswith(("- ", "---")) or line == "-" for line in lines)


def read_written(text: str) -> Data:
    """Read JSON or YAML; Unreadable names line and column."""
    if not text.lstrip().startswith(("{", "[")):
        return read_yaml(text)
    try:
        return read_json(text)
    except UnreadableText:
        if re.search(r"\b(NaN|Infinity)\b", text):  # a number of some JSON would be text in YAML
            raise
        try:
            return read_yaml(text)
        except UnreadableText:
            pass
        raise


def read_json(text: str) -> Data:
    """Read JSON; Unreadable names line and column."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as wrong:
        place = f"line {wrong.lineno}, column {wrong.colno}"
        raise UnreadableText(f"This is not JSON: {wrong.msg} at {place}.") from wrong
    except (ValueError, RecursionError) as wrong:
        raise UnreadableText(f"This is not JSON: {wrong}.") from wrong


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is not a number")


def read_yaml(text: str) -> Data:
    """Read one document without tags and aliases; Unreadable names line and column."""
    if len(text) > _LONGEST:
        raise UnreadableText(f"This is too long: {_LONGEST:,} characters at most.")
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as wrong:
        raise _wrong(wrong.problem or "it cannot be read", wrong.problem_mark) from wrong
    except (yaml.YAMLError, UnicodeError) as wrong:
        raise UnreadableText("This is not YAML: it holds characters that YAML does not know.") from wrong
    except RecursionError as wrong:
        raise UnreadableText("This is nested too deeply.") from wrong
    return None if node is None else _data(node, set())


def _wrong(what: str, mark: yaml.Mark | None) -> UnreadableText:
    place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return UnreadableText(f"This is not YAML: {what}{place}.")


def _data(node: yaml.Node, seen: set[int]) -> Data:
    if id(node) in seen:
        raise _wrong("an alias cannot be used here", node.start_mark)
    seen.add(id(node))
    try:
        match node:
            case yaml.ScalarNode():
                return _scalar(node)
            case yaml.SequenceNode(tag=tag) if tag == f"{_TAG}seq":
                return [_data(each, seen) for each in node.value]
            case yaml.MappingNode(tag=tag) if tag == f"{_TAG}map":
                return _mapping(node, seen)
            case _:
                raise _wrong("a tag cannot be used here", node.start_mark)
    except RecursionError as wrong:
        raise UnreadableText("This is nested too deeply.") from wrong


def _mapping(node: yaml.MappingNode, seen: set[int]) -> dict[str, Data]:
    made: dict[str, Data] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _wrong("a key has to be text", key.start_mark)
        if key.value in made:
            raise _wrong(f"“{key.value[:40]}” stands here a second time", key.start_mark)
        made[key.value] = _data(value, seen)
    return made


def _scalar(node: yaml.ScalarNode) -> Data:
    """Only `true`, `false`, decimal numbers and nothing are more than text."""
    text = str(node.value)
    kind = node.tag.removeprefix(_TAG)
    if kind not in {"str", "bool", "int", "float", "null", "timestamp", "merge", "value"}:
        raise _wrong("a tag cannot be used here", node.start_mark)
    if node.style or kind in {"str", "timestamp", "merge", "value"}:
        return text
    if kind == "null":
        return None
    if not _PLAIN.fullmatch(text):
        return text
    if kind == "bool":
        return Written(value=text == "true", text=text)
    return Written(value=int(text) if kind == "int" else float(text), text=text)
