"""The objects that somebody picked in a form, and whether Orchestrator's inventory knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.forms.form import Control

if TYPE_CHECKING:
    from bot.domain.draft import Draft


def _picked(draft: Draft) -> list[tuple[str, str, str]]:
    """Every object that was picked: the field's name, the object's type and id."""
    picked = []
    for live in (inner for each in draft.live.fields for inner in (each, *each.members)):
        many = live.field.control is Control.OBJECTS
        if not many and live.field.control is not Control.OBJECT:
            continue
        kind = live.field.type.element if many else live.field.type
        keys = (live.value,) if isinstance(live.value, str) else live.value
        picked += [(live.name, kind.declared, key) for key in keys if key]
    return picked


def unknown_objects(draft: Draft) -> dict[str, list[str]]:
    """The picked objects that were not looked up yet, ids by type."""
    unknown: dict[str, list[str]] = {}
    for _, kind, key in _picked(draft):
        if draft.found.object(kind, key) is None:
            unknown.setdefault(kind, []).append(key)
    return unknown


def vanished(draft: Draft) -> dict[str, str]:
    """Fields with an object that Orchestrator's inventory did not confirm."""
    return {
        name: "Orchestrator's inventory did not confirm this object. Choose it again, or wait a moment."
        for name, kind, key in _picked(draft)
        if draft.found.object(kind, key) is None
    }
