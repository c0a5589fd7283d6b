"""Which release this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """The installed release, which a build takes from the repository's tag."""
    try:
        return metadata.version("orchestrator-bot")
    except metadata.PackageNotFoundError:
        return "not installed: run from a checkout"
