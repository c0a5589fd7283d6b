"""The objects plug-ins would find: machines, datastores and what else inputs refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.orchestrator.wire import quoted_twice

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Item:
    """One object; `type` is its full type, such as `VC:VirtualMachine`."""

    type: str
    id: str
    name: str
    more: Mapping[str, str | None] = field(default_factory=dict)  # further attributes

    @property
    def path(self) -> str:
        """Below `/vco/api`."""
        return f"/catalog/{self.type.replace(':', '/')}/{quoted_twice(self.id)}/"

    def pairs(self, *, href: str) -> dict[str, str | None]:
        """Its attributes."""
        short = self.type.partition(":")[2]
        return {
            "itemHref": href,
            "id": self.id,
            "dunesId": self.id,
            "displayName": self.name,
            "name": self.name,
            "@name": self.name,
            "@id": self.id,
            "@type": short,
            "@fullType": self.type,
            "type": short,
            **self.more,
        }


class Inventory:
    """Objects by type, in the order they were added."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, Item]] = {}

    def add(self, item: Item) -> None:
        """Put an object into the inventory."""
        self._items.setdefault(item.type, {})[item.id] = item

    def of(self, kind: str) -> list[Item] | None:
        """The objects of a type; None when no plug-in knows the type."""
        known = self._items.get(kind)
        return None if known is None else list(known.values())

    def find(self, kind: str, identity: str) -> Item | None:
        """One object, or None."""
        return self._items.get(kind, {}).get(identity)
