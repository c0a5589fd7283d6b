"""Glob patterns for workflow folders: `Library/vCenter/**`, `*` within one folder, `**` across."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_WILDCARDS = re.compile(r"(/\*\*|\*\*|\*)")
_AS_REGEX = {"/**": r"(?:/.*)?", "**": r".*", "*": r"[^/]*"}


@dataclass(frozen=True, kw_only=True)
class FolderPattern:
    """One pattern. The usual kinds, a folder and a folder with all below, are compared as text.

    Each pattern compiles its own regular expression, at most once, because a cache shared by all patterns
    is thrashed by a policy that has more of them than the cache has places.
    """

    written: str

    @cached_property
    def _parts(self) -> list[str]:
        """Literal text and wildcards by turns."""
        return _WILDCARDS.split(self.written.strip("/"))

    @property
    def literal(self) -> str:
        """The text before the first wildcard."""
        return self._parts[0]

    @property
    def is_exact(self) -> bool:
        """Whether it has no wildcard."""
        return len(self._parts) == 1

    @property
    def is_subtree(self) -> bool:
        """Whether it is a folder with all below it; `**` alone is the root with all below it."""
        return self._parts[1:] == ["/**", ""] or self._parts == ["", "**", ""]

    @cached_property
    def anchor(self) -> str:
        """The deepest folder that every folder of this pattern surely is or is below; empty: the root."""
        if self.is_exact or self.is_subtree:
            return self.literal
        if self._parts[1] == "/**" and self._parts[2].startswith("/"):
            return self.literal
        # what follows may be the rest of a folder's name: `a/**b` also fits `ab`
        return _parent(self.literal)

    @cached_property
    def inner(self) -> str | None:
        """The longest name that surely is one of the folders on the way; None if that is not known.

        Of `**/Team 5/*` it is `Team 5`, of `**/Prod` it is `Prod`.
        """
        whole = [name for part in self._parts[2::2] for name in part.split("/")[1:-1]]
        last = self._parts[-1].split("/")[1:][-1:]
        return max((name for name in (*whole, *last) if name), key=len, default=None)

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile("".join(_AS_REGEX.get(part, re.escape(part)) for part in self._parts), re.DOTALL)

    def fits(self, folder: str) -> bool:
        """Whether the folder, a path such as `Library/vCenter`, is one of the pattern's."""
        if self.is_exact or not folder.startswith(self.literal):
            return folder == self.literal
        if self.is_subtree:
            return not self.literal or folder[len(self.literal) :][:1] in ("", "/")
        return self._regex.fullmatch(folder) is not None

    def prepare(self) -> None:
        """Compile what will have to be compiled, where that holds nobody up."""
        if not (self.is_exact or self.is_subtree):
            _ = self._regex


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def above(folder: str) -> list[str]:
    """The root, each folder on the way, and the folder itself: `["", "a", "a/b"]` for `a/b`."""
    found = [""]
    at = folder.find("/")
    while at >= 0:
        found.append(folder[:at])
        at = folder.find("/", at + 1)
    found.append(folder)
    return found
