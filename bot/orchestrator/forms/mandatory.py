"""Which inputs a workflow's definition calls mandatory: the qualifiers of the presentation in its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.orchestrator.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 40  # levels of steps and groups


class ContentAnswer(Wire):
    """A workflow's definition, as far as forms need it; the rest may be megabytes of scripts."""

    presentation: Any = None


def mandatory_in(answer: ContentAnswer) -> frozenset[str]:
    """The inputs that have to be given; those whose rule is an expression are not among them.

    A qualifier is `{"kind": "static", "name": "mandatory", "value": "true"}` within the `p-qual` of a
    `p-param`, which stands in steps and groups (as Build Tools for VMware Aria reads it).
    """
    return frozenset(_mandatory(answer.presentation, depth=0))


def _mandatory(part: object, *, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(part, list):
        for each in part:
            yield from _mandatory(each, depth=depth + 1)
    elif isinstance(part, dict):
        name = part.get("name")
        if isinstance(name, str) and any(map(_says_mandatory, _listed(part.get("p-qual")))):
            yield name
        for each in part.values():
            yield from _mandatory(each, depth=depth + 1)


def _listed(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else [raw]


def _says_mandatory(qualifier: object) -> bool:
    if not isinstance(qualifier, dict) or qualifier.get("name") != "mandatory":
        return False
    said = str(qualifier.get("value", "")).strip().lower()
    return qualifier.get("kind", "static") == "static" and said == "true"
