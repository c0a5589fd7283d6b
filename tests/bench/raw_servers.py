"""Slack's Web API and Orchestrator as light as can be, in a process of their own: `raw_servers.py PORT`.

They answer what the bot asks with the right shapes and check nothing; what tests need is in `bot.demo`.
`GET /counts` tells what was asked for, `GET /starts` when each machine's start arrived (`time.monotonic`).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.raw_http import Server, answer

RUN_SECONDS = 3.0  # how long a run lasts
WORKFLOWS = 500
FOLDER = "Operations/Machines"
_API = "/vco/api"
_INPUTS = (
    ("vmName", "string", "Name of the virtual machine as the inventory has it"),
    ("ticket", "string", "The change ticket this belongs to"),
    ("reason", "string", "Why it is done; the audit quotes it"),
    ("datastore", "string", "Where the new disk is put"),
    ("sizeGb", "number", "Size of the new disk in gigabytes"),
    ("snapshot", "boolean", "Take a snapshot before anything is changed"),
    ("notify", "Array/string", "Mail addresses that get word of it"),
    ("when", "Date", "Not before this moment"),
)
_VERBS = ("Restart", "Resize", "Patch", "Clone", "Delete", "Back up", "Restore", "Audit", "Move", "Extend")
_THINGS = ("virtual machine", "datastore", "cluster", "network", "certificate")
_PEOPLE = [f"U0PERSON{at:02}" for at in range(100)] + [f"U0APPROVER{at}" for at in range(10)]
_MACHINE = re.compile(rb"vm-\d+")


def workflow_id(number: int) -> str:
    """The id of a workflow of the list."""
    return f"5f3a{number:04x}-77aa-4c1e-9a55-0d5e2b6c{number:04x}"


def workflow_name(number: int) -> str:
    """Its name."""
    return f"{_VERBS[number % 10]} {_THINGS[number // 10 % 5]} {number:03}"


def _user(user_id: str) -> dict[str, Any]:
    return {
        "id": user_id,
        "team_id": "T0BENCH",
        "real_name": "Somebody Benched",
        "profile": {"email": "some@bench.test"},
    }


class Slack:
    """The Web API's methods that the bot calls."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.listings = 0
        self._moments = itertools.count(1)
        me = {"url": "https://bench.slack.com/", "team_id": "T0BENCH", "user_id": "U0BOT", "bot_id": "B0BOT"}
        self._answers: dict[str, dict[str, Any]] = {
            "auth.test": me,
            "users.info": {"user": _user("U0SOMEBODY")},
            "users.list": {"members": [_user(each) for each in _PEOPLE]},
            "usergroups.list": {"usergroups": []},
            "usergroups.users.list": {"users": [f"U0APPROVER{number}" for number in range(10)]},
            "conversations.info": {"channel": {"is_member": True}},
            "conversations.history": {"messages": []},
            "conversations.replies": {"messages": []},
            "views.open": {"view": {"id": "V0BENCH", "hash": "1700000000.0bench"}},
            "views.update": {"view": {"id": "V0BENCH", "hash": "1700000001.0bench"}},
        }

    def handle(self, _method: str, target: str, body: bytes) -> bytes:
        name = target.partition("?")[0].rpartition("/")[2]
        self.asked[name] += 1
        if target.startswith("/hooks/"):
            if b'"blocks"' in body:
                self.listings += 1
            else:
                self.complaints.append(body.decode())
            return answer(b"ok", kind="text/plain")
        said = self._answers.get(name) or {"channel": "C0BENCH", "ts": f"17{next(self._moments):08}.000100"}
        return answer(json.dumps({"ok": True, **said}).encode())


class Orchestrator:
    """The REST calls the bot makes; every run lasts RUN_SECONDS and succeeds."""

    def __init__(self) -> None:
        self.starts: dict[str, float] = {}
        self.asked: Counter[str] = Counter()
        self._begun: dict[str, float] = {}
        self._list = answer(json.dumps({"link": [_line(number) for number in range(WORKFLOWS)]}).encode())

    def handle(self, method: str, target: str, body: bytes) -> bytes:
        path, _, query = target.removeprefix(_API).partition("?")
        match path.strip("/").split("/"):
            case ["workflows"]:
                return self._list
            case ["forms", _] | ["workflows", _, "presentation" | "content"]:
                return answer(b"{}", status="404 Not Found")
            case ["workflows", identity]:
                return answer(json.dumps(_workflow(identity)).encode())
            case ["workflows", _, "executions"] if method == "POST":
                return self._start(body)
            case ["workflows", _, "executions", run]:
                return answer(json.dumps(self._run(run)).encode())
            case ["workflows", _, "executions", run, "state"]:
                return answer(json.dumps({"value": self._state(run)}).encode())
            case ["catalog", "System", "WorkflowExecution"]:
                return self._open() if "running" in query else answer(b'{"link":[]}')
            case ["categories", _]:
                return answer(json.dumps({"name": "Machines", "path": FOLDER}).encode())
            case _:
                return answer(b'{"version":"8.18.1.0","api-version":"6.0.0"}')

    def _start(self, body: bytes) -> bytes:
        found = _MACHINE.search(body)
        machine = found[0].decode() if found else ""
        self.asked["starts"] += 1
        self.starts.setdefault(machine, time.monotonic())
        run = f"run-{self.asked['starts']:06}"
        self._begun[run] = time.monotonic()
        return answer(json.dumps({"id": run, "state": "running"}).encode(), status="202 Accepted")

    def _state(self, run: str) -> str:
        return "running" if time.monotonic() - self._begun.get(run, 0.0) < RUN_SECONDS else "completed"

    def _open(self) -> bytes:
        late = time.monotonic() - RUN_SECONDS
        while self._begun and next(iter(self._begun.values())) < late:
            del self._begun[next(iter(self._begun))]
        rows = [{"attributes": [{"name": "id", "value": run}]} for run in self._begun]
        return answer(json.dumps({"link": rows}).encode())

    def _run(self, run: str) -> dict[str, Any]:
        said = {"name": "result", "type": "string", "value": {"string": {"value": "Done, as asked."}}}
        return {"id": run, "state": self._state(run), "name": "Benched", "output-parameters": [said]}


def _line(number: int) -> dict[str, Any]:
    told = {
        "id": workflow_id(number),
        "name": workflow_name(number),
        "version": f"1.{number % 7}.0",
        "categoryId": "c0ffee",
        "canExecute": "true",
    }
    return {"attributes": [{"name": name, "value": value} for name, value in told.items()]}


def _workflow(identity: str) -> dict[str, Any]:
    inputs = [{"name": name, "type": kind, "description": text} for name, kind, text in _INPUTS]
    name = workflow_name(int(identity[4:8], 16))
    more = {"version": "1.4.0", "description": "Works on one machine and tells what it did."}
    return {"id": identity, "name": name, "category-id": "c0ffee", "input-parameters": inputs, **more}


async def main(port: int) -> None:
    """Serve both on one port until killed."""
    slack, orchestrator = Slack(), Orchestrator()

    def handle(method: str, target: str, body: bytes) -> bytes:
        if target.startswith(_API):
            return orchestrator.handle(method, target, body)
        if target == "/counts":
            asked = slack.asked | orchestrator.asked
            told = {"asked": asked, "complaints": slack.complaints[:5], "listings": slack.listings}
            return answer(json.dumps(told).encode())
        if target == "/starts":
            return answer(json.dumps(orchestrator.starts).encode())
        return slack.handle(method, target, body)

    serving = await asyncio.get_running_loop().create_server(lambda: Server(handle), "127.0.0.1", port)
    await serving.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
