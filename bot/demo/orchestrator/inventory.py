"""The objects plug-ins would find: machines, datastores and what else inputs refer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.orchestrator.wire import quoted_twice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NAMES = frozenset({"name", "displayName", "@name"})
_IDS = frozenset({"id", "dunesId", "@id"})


@dataclass(frozen=True, kw_only=True)
class InventoryObject:
    """One object; `type` is its full type, such as `VC:VirtualMachine`."""

    type: str
    id: str
    name: str
    more: Mapping[str, str | None] = field(default_factory=dict)  # further attributes

    @property
    def path(self) -> str:
        """Below `/vco/api`."""
        place = self.type.replace(":", "/") if ":" in self.type else f"System/{self.type}"
        return f"/catalog/{place}/{quoted_twice(self.id)}/"

    def get(self, attribute: str, /) -> str | None:
        """One attribute, without making all of them: inventories are searched by the ten thousand."""
        if attribute in _NAMES:
            return self.name
        return self.id if attribute in _IDS else self.more.get(attribute)

    def pairs(self, *, href: str) -> dict[str, str | None]:
        """Its attributes."""
        short = self.type.rpartition(":")[2]
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


class PretendInventory:
    """Objects by type, in the order they were added."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, InventoryObject]] = {}
        self._deaf: set[str] = set()

    def add(self, item: InventoryObject) -> None:
        """Put an object into the inventory."""
        self._items.setdefault(item.type, {})[item.id] = item

    def remove(self, kind: str, identity: str) -> None:
        """Let an object vanish."""
        del self._items[kind][identity]

    def ignore_conditions(self, kind: str) -> None:
        """Have the type's finder take no notice of conditions, as some plug-ins' do."""
        self._deaf.add(kind)

    def heeds_conditions(self, kind: str) -> bool:
        """Whether conditions mean anything to the type's finder."""
        return kind not in self._deaf

    def of(self, kind: str) -> Sequence[InventoryObject] | None:
        """The objects of a type; None when no plug-in knows the type."""
        known = self._items.get(kind)
        return None if known is None else list(known.values())

    def after(self, kind: str, identity: str) -> Iterator[InventoryObject]:
        """The objects that come after this one."""
        items = iter(self._items.get(kind, {}).values())
        for item in items:
            if item.id == identity:
                break
        yield from items

    def find(self, kind: str, identity: str) -> InventoryObject | None:
        """One object, or None."""
        return self._items.get(kind, {}).get(identity)
