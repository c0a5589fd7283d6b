from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import httpx

from tests.demo.orchestrator.visit import pairs

if TYPE_CHECKING:
    from pathlib import Path


async def test_it_runs_alone_and_notes_every_start_in_its_journal(tmp_path: Path) -> None:
    journal = tmp_path / "starts.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.demo.orchestrator", "--port", "0", "--token", "--synthetic", "3"),
        *("--journal", str(journal), "--fault", "POST */executions=drop-after:1"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        url = (await process.stdout.readline()).decode().strip()
        token = (await process.stdout.readline()).decode().strip()
        started = await start_one(url, token)
        process.terminate()
        assert await process.wait() == 0
    (line,) = [json.loads(each) for each in journal.read_text().splitlines()]
    assert (line["workflow"], line["by"], line["inputs"]) == (started, "svc-chatops", [])


async def start_one(url: str, token: str) -> str:
    """Start a workflow without inputs, lose the answer, and return the workflow's id."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    async with httpx.AsyncClient(base_url=f"{url}/vco/api", headers=headers) as api:
        links = (await api.get("/workflows")).json()["link"]
        (chosen,) = [
            pairs(each)["id"] for each in links if pairs(each)["name"] == "Create virtual machine 00000"
        ]
        try:
            await api.post(f"/workflows/{chosen}/executions", json={})
        except httpx.TransportError:
            return str(chosen)
    raise AssertionError("the answer came through")
