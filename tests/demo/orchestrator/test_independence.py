from __future__ import annotations

import ast
from pathlib import Path

import bot.demo.orchestrator

HOME = Path(bot.demo.orchestrator.__file__).parent


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_the_pretend_server_imports_nothing_of_the_product() -> None:
    own = {name for path in HOME.rglob("*.py") for name in imported(path) if name.split(".")[0] == "bot"}
    assert own
    assert all(name.startswith("bot.demo.orchestrator") for name in own)
