"""YAML as plain data, with the line on which each part stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from yaml.constructor import SafeConstructor

Where: TypeAlias = tuple[str | int, ...]  # keys and positions from the top

_WRITTEN_OUT = {  # whatever else YAML 1.1 takes for one of these stays text: `no`, `18:00`, `010`, a date
    "tag:yaml.org,2002:bool": re.compile("true|false"),
    "tag:yaml.org,2002:int": re.compile("[-+]?(0|[1-9][0-9]*)"),
    "tag:yaml.org,2002:float": re.compile(r"[-+]?([0-9]*\.[0-9]+|[0-9]+\.|\.inf)|\.nan"),
    "tag:yaml.org,2002:timestamp": re.compile("(?!)"),
}
_PLAIN = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong, and on which line; 0 if it concerns the whole file."""

    line: int
    text: str


@dataclass(kw_only=True)
class MarkedYaml:
    """One document: its data, its lines (counted from 1), and what YAML itself found wrong."""

    data: object = None
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: set[Where] = field(default_factory=set)  # parts left out of the data because of a problem

    def place(self, where: Where) -> Where:
        """Where something stands in the document: without the steps that only the model takes."""
        found: Where = ()
        for part in where:
            if (*found, part) in self.lines or (part is where[-1] and isinstance(part, str)):
                found = (*found, part)
        return found

    def line(self, where: Where) -> int:
        """The line of a part, or of the nearest thing around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 0)


def read_marked(text: str) -> MarkedYaml:
    """Read one YAML document with the safe loader; its problems are listed in the result."""
    marked = MarkedYaml()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            marked.data = _Walk(marked).visit(node, ())
            _take_apart(node)
    except yaml.YAMLError as wrong:
        marked.problems.append(_syntax(wrong))
    return marked


def _take_apart(node: yaml.Node) -> None:
    """Free the nodes one by one.

    To free the tree of a large file at once is one step of the interpreter, 10 ms for 2,000 rules, in which
    no other thread runs: not the event loop either.
    """
    left = [node]
    while left:
        each = left.pop()
        children, each.value = each.value, ""
        if isinstance(each, yaml.MappingNode):
            left.extend(part for pair in children for part in pair)
        elif isinstance(each, yaml.SequenceNode):
            left.extend(children)


def _syntax(wrong: yaml.YAMLError) -> Problem:
    mark = getattr(wrong, "problem_mark", None)
    text = getattr(wrong, "problem", None) or getattr(wrong, "reason", None) or "cannot be read"
    return Problem(line=mark.line + 1 if mark else 0, text=f"is not YAML: {text}.")


class _Walk:
    """From nodes to data; keys stay as they are written, so that `on:` is not a truth value."""

    def __init__(self, marked: MarkedYaml) -> None:
        self._marked = marked
        self._inside: set[int] = set()  # nodes being visited: an anchor may not contain itself

    def visit(self, node: yaml.Node, where: Where) -> object:
        self._marked.lines.setdefault(where, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, where)
        if id(node) in self._inside:
            return self._leave_out(node, where, "contains itself.")
        if node.tag not in _PLAIN:
            return self._leave_out(node, where, f"has a tag that is not allowed here: {node.tag}.")
        self._inside.add(id(node))
        try:
            return (
                self._mapping(node, where) if isinstance(node, yaml.MappingNode) else self._list(node, where)
            )
        finally:
            self._inside.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, object]:
        data: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._complain(key, "has a list or mapping as a key.")
            elif key.value in data:
                self._complain(key, f"has the key {key.value} a second time.")
            else:
                self._marked.lines[*where, key.value] = key.start_mark.line + 1
                data[key.value] = self.visit(value, (*where, key.value))
        return data

    def _list(self, node: yaml.Node, where: Where) -> list[object]:
        return [self.visit(item, (*where, position)) for position, item in enumerate(node.value)]

    def _scalar(self, node: yaml.ScalarNode, where: Where) -> object:
        form = _WRITTEN_OUT.get(node.tag)
        if form is not None and node.style is None and not form.fullmatch(node.value):
            return node.value
        try:
            value: object = SafeConstructor().construct_object(node)
        except yaml.constructor.ConstructorError:
            return self._leave_out(node, where, f"has a tag that is not allowed here: {node.tag}.")
        except ValueError:
            return self._leave_out(
                node, where, f"holds {node.value}, which YAML cannot read. Put it in quotes."
            )
        return value

    def _leave_out(self, node: yaml.Node, where: Where, text: str) -> object:
        self._marked.unread.add(where)
        self._complain(node, text)
        return None

    def _complain(self, node: yaml.Node, text: str) -> None:
        self._marked.problems.append(Problem(line=node.start_mark.line + 1, text=text))
