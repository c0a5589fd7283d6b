"""A host that is not known, a port that refuses, and one that speaks no TLS read as three mistakes."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bot.domain.errors import Unreachable
from bot.orchestrator.client import Orchestrator
from bot.orchestrator.connection import Connection
from bot.orchestrator.login import Basic


async def reached(url: str) -> str:
    """What asking an Orchestrator at this address says."""
    login = Basic(user="svc-chatops", password="pretend-password")
    async with Orchestrator(Connection(url=url, login=login)) as client:
        with pytest.raises(Unreachable) as refused:
            await client.state("workflow", "run")
    return refused.value.message


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def test_a_refused_port_says_that_nothing_listens_there() -> None:
    said = await reached(f"http://127.0.0.1:{free_port()}")
    assert "refuses the connection, nothing listens at that port" in said


async def test_an_unknown_host_says_so() -> None:
    said = await reached("http://no-such-host.invalid")
    assert "its host name is not known here" in said


async def test_tls_against_a_plain_port_says_that_it_speaks_none() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        said = await reached(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert "does not speak TLS" in said
