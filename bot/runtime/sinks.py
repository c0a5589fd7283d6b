"""Places that lines of text can be sent to: a file, a syslog server, a collector behind HTTPS.

Each takes a batch or says that it did not; the sending blocks, so it is done in a thread.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import urllib.error
import urllib.request
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    Lines: TypeAlias = tuple[str, ...]

_SECONDS = 15.0  # that a place may take
_SYSLOG_PORTS = {"syslog": 601, "syslogs": 6514}  # RFC 6587, RFC 5425
_AUDIT_INFO = 13 * 8 + 6  # facility "log audit", severity "informational"
_LINGER = 2.0  # seconds in which a syslog server may still say that it did not take the lines


class NotTaken(Exception):
    """The place did not take the lines, or nobody knows whether it did."""


def sink_of(address: str, *, token: str | None) -> Callable[[Lines], Awaitable[None]]:
    """What sends lines to an address, `file:`, `syslog:`, `syslogs:` or `http(s):`; it raises NotTaken."""
    parts = urlsplit(address)
    match parts.scheme:
        case "file":
            send: Callable[[Lines], None] = partial(_append, Path(unquote(parts.path)))
        case "syslog" | "syslogs" as scheme:
            port = parts.port or _SYSLOG_PORTS[scheme]
            send = partial(_to_syslog, parts.hostname or "", port, tls=scheme == "syslogs")
        case _:
            send = partial(_post, address, token)

    async def sent(lines: Lines) -> None:
        try:
            await asyncio.to_thread(send, lines)
        except (OSError, ValueError) as wrong:  # urllib's, socket's and ssl's errors are OSErrors
            raise NotTaken(f"{type(wrong).__name__}: {wrong}") from wrong

    return sent


def _append(file: Path, lines: Lines) -> None:
    """Durable once it returns; half a line of a process that died is ended first."""
    with file.open("ab+") as out:
        if out.tell() and not _ends_with_line(file):
            out.write(b"\n")
        out.write("".join(f"{line}\n" for line in lines).encode())
        out.flush()
        os.fsync(out.fileno())


def _ends_with_line(file: Path) -> bool:
    with file.open("rb") as read:
        read.seek(-1, os.SEEK_END)
        return read.read(1) == b"\n"


def _to_syslog(host: str, port: int, lines: Lines, *, tls: bool) -> None:
    """RFC 5424 in frames with their length before them (RFC 6587).

    No answer is defined, so that what a server drops after it took the connection is not known here.
    """
    plain = socket.create_connection((host, port), timeout=_SECONDS)
    with ssl.create_default_context().wrap_socket(plain, server_hostname=host) if tls else plain as link:
        link.sendall(b"".join(map(_frame, lines)))
        link.settimeout(_LINGER)
        if not tls:
            link.shutdown(socket.SHUT_WR)
        try:
            link.recv(1)  # a reset means that something was not read
        except TimeoutError:
            return


def _frame(line: str) -> bytes:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    name = socket.gethostname() or "-"
    message = f"<{_AUDIT_INFO}>1 {at} {name} orchestrator-bot {os.getpid()} audit - {line}".encode()
    return b"%d %b" % (len(message), message)


def _post(address: str, token: str | None, lines: Lines) -> None:
    """One request for a batch; only a 2xx says that it was taken."""
    headers = {"Content-Type": "application/x-ndjson", "User-Agent": "orchestrator-bot"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = "".join(f"{line}\n" for line in lines).encode()
    request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310 - the settings allow https, or http on this machine
    with urllib.request.build_opener(_NoRedirect()).open(request, timeout=_SECONDS):
        return


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A collector that moved is a mistake in the settings: the token goes nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Take the redirect for an error."""
