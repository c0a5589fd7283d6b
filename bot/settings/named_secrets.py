"""The secrets that workflows may be given by name: files in a folder, and environment variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,74}")  # fits a Slack option


class NamedSecrets(Mapping[str, SecretStr]):
    """Names and their secrets; files are read again at each use, so that a rotated one counts at once.

    A name found in several places is taken from the folder first, then from `files`, then from `values`.
    """

    def __init__(
        self,
        *,
        folder: Path | None = None,
        files: Mapping[str, Path] | None = None,
        values: Mapping[str, SecretStr] | None = None,
    ) -> None:
        self._folder = folder
        self._files = dict(files or {})
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> SecretStr:
        """The secret of that name; KeyError if there is none, OSError if its file cannot be read."""
        file = self._found().get(name)
        return self._values[name] if file is None else read_secret(file)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._found(), *self._values}))

    def __len__(self) -> int:
        return len({*self._found(), *self._values})

    def __contains__(self, name: object) -> bool:
        return name in self._found() or name in self._values

    def __repr__(self) -> str:
        return f"NamedSecrets({', '.join(self)})"

    def _found(self) -> dict[str, Path]:
        """The files by name; a folder's hidden entries are how Kubernetes swaps a mounted secret."""
        entries = self._folder.iterdir() if self._folder and self._folder.is_dir() else ()
        return self._files | {
            entry.name: entry for entry in entries if NAME.fullmatch(entry.name) and entry.is_file()
        }


def read_secret(file: Path) -> SecretStr:
    """A file's text without the line ending editors add; OSError or UnicodeDecodeError if unreadable."""
    return SecretStr(file.read_text(encoding="utf-8").rstrip("\r\n"))


def secret_name(variable: str) -> str:
    """`SVC_PASSWORD` as the policy file writes it: `svc-password`."""
    return variable.lower().replace("_", "-")
