from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

UNTIL_READY = 30  # seconds
UNTIL_ENDED = 2


@asynccontextmanager
async def demo(*options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m bot demo`, with warnings as errors; killed if it is still there in the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "bot", "demo", "--no-browser", *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # a shell in the background hands SIGINT down as ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def welcome(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(UNTIL_READY):
        return (await process.stdout.readuntil(b"forgets everything in it.\n")).decode()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_the_demo_says_where_it_is_and_ends_at_once_and_without_a_word(by: signal.Signals) -> None:
    async with demo("--port", "0") as process:
        found = re.search(r"http://127\.0\.0\.1:\d+$", await welcome(process), re.MULTILINE)
        assert found
        async with aiohttp.ClientSession() as session, session.get(found[0]) as page:
            assert page.status == 200
        process.send_signal(by)
        async with asyncio.timeout(UNTIL_ENDED):
            out, err = await process.communicate()
        assert (out.decode().strip(), err.decode()) == ("", "")
        assert process.returncode == 0


async def test_a_taken_port_gets_a_plain_sentence_and_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with demo("--port", port) as process, asyncio.timeout(UNTIL_READY):
            out, err = await process.communicate()
    assert out == b""
    assert err.decode().rstrip() == (
        f"Port {port} is taken, perhaps by another demo. "
        "Another one: python -m bot demo --port 0 (0 takes any that is free)."
    )
    assert process.returncode == 1


async def test_a_port_that_cannot_be_gets_a_plain_sentence() -> None:
    async with demo("--port", "99999") as process, asyncio.timeout(UNTIL_READY):
        _, err = await process.communicate()
    assert err.decode().startswith("Port 99999 does not exist.")
    assert process.returncode == 1
