"""The house keeps its floors: imports only go down, libraries stay at home, functions stay short."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Function = ast.FunctionDef | ast.AsyncFunctionDef

HOUSE = Path(__file__).parent.parent / "bot"


def _plan() -> tuple[frozenset[str], ...]:
    """The floors as bot/__init__.py draws them, from the top; rooms on one line do not know each other."""
    drawing = (HOUSE / "__init__.py").read_text("utf-8").split("```")[1].strip()
    names = (re.match(r"\w+(?: \| \w+)*", line) for line in drawing.splitlines())
    return tuple(frozenset(found[0].split(" | ")) for found in names if found)


FLOORS = (frozenset({"__main__"}), *_plan())
AT_HOME = {  # where a library may be imported; the demo, which pretends to be others, is free
    "alembic": "store",
    "asyncpg": "store",
    "cryptography": "store",
    "httpx": "orchestrator",
    "slack_bolt": "slack",
    "slack_sdk": "slack",
    "sqlalchemy": "store",
}
LONGER = {  # functions of more than 40 lines, and why they stay
    "slack.routes.table": "a line for each thing that is answered",
    "slack.cards.thread.line": "a sentence for each member of a closed enum",
}
EDGES = {  # where the unknown is caught, logged, and told or taken up again
    "slack.delivery.announcer": "a launch that cannot be told must not stop the round",
    "slack.delivery.run_news": "one subscription that cannot be told must not stop the others",
    "slack.inbox": "what was acknowledged is told of, whatever goes wrong with it",
    "slack.receivers.dispatching": "no payload may end a receiver",
    "slack.dispatcher": "the one door of all listeners",
}


def name_of(file: Path) -> str:
    """`bot/slack/routes.py` is `slack.app`, `bot/slack/__init__.py` is `slack`."""
    parts = file.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {name_of(file): ast.parse(file.read_text("utf-8")) for file in sorted(HOUSE.rglob("*.py"))}
DATA = {name for name in TREES if name.startswith(("store.migrations", "demo.orchestrator.samples"))}


def imports(name: str) -> Iterator[str]:
    """What a module imports, with what it takes from there; what only types need is counted too."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports by dots"
            yield from (f"{node.module}.{each.name}" for each in node.names)


def own(name: str) -> Iterator[str]:
    """The modules of the house that a module imports."""
    for imported in imports(name):
        if imported.startswith("bot."):
            inside = imported.removeprefix("bot.")
            yield inside if inside in TREES else inside.rpartition(".")[0]


def room(name: str) -> str:
    """`slack.cards.thread` lies in `slack`."""
    return name.partition(".")[0]


def floor(name: str) -> int:
    """How far down a module lies."""
    found = [number for number, rooms in enumerate(FLOORS) if room(name) in rooms]
    assert found, f"bot/{room(name)} has no floor yet: give it one in FLOORS and in bot/__init__.py"
    return found[0]


def test_the_folders_are_those_of_the_plan() -> None:
    rooms = {room(name) for name in TREES} - {"", "__main__"}
    assert rooms == {each for floor_ in FLOORS[1:] for each in floor_}


def functions() -> Iterator[tuple[str, Function]]:
    """Every function of the house, by the module it is in."""
    for name, tree in TREES.items():
        if name not in DATA:
            yield from ((name, node) for node in ast.walk(tree) if isinstance(node, Function))


def length(node: Function) -> int:
    """Lines from `def` to the end."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


BRANCHING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)


def depth(node: ast.AST) -> int:
    """How many branches and loops lie within each other; `elif` is no deeper, a function is its own."""
    inner = [each for each in ast.iter_child_nodes(node) if not isinstance(each, (*_OWN, ast.expr))]
    return max((depth(each) + _opens(node, each) for each in inner), default=0)


_OWN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _opens(node: ast.AST, inner: ast.AST) -> bool:
    is_elif = isinstance(node, ast.If) and isinstance(inner, ast.If) and node.orelse == [inner]
    return isinstance(inner, BRANCHING) and not is_elif


def test_imports_only_go_down() -> None:
    upwards = [
        f"{name} imports {other}"
        for name in TREES
        if name  # the house's own docstring
        for other in own(name)
        if room(name) != room(other) and floor(name) >= floor(other)
    ]
    assert upwards == []


def test_no_modules_import_each_other_in_a_ring() -> None:
    rings: Mapping[str, set[str]] = {name: set(own(name)) - {name} for name in TREES}
    try:
        TopologicalSorter(rings).prepare()
    except CycleError as ring:
        pytest.fail(" > ".join(ring.args[1]))


def test_libraries_stay_at_home() -> None:
    strayed = [
        f"{name} imports {imported}"
        for name in TREES
        for imported in imports(name)
        if room(name) not in {"demo", AT_HOME.get(room(imported), room(name))}
    ]
    assert strayed == []


def test_the_demo_uses_no_library_of_the_product_to_play_the_other_side() -> None:
    played = [
        f"{name} imports {imported}"
        for name in TREES
        if name.startswith(("demo.orchestrator", "demo.slack"))
        for imported in imports(name)
        if room(imported) in AT_HOME or imported.startswith(("bot.slack", "bot.orchestrator"))
    ]
    assert played == []


PURE = {"regex", "yaml"}  # they read what people write, and touch nothing else


def test_the_domain_needs_only_the_standard_library_and_what_is_as_pure() -> None:
    import sys  # noqa: PLC0415 - only this test asks it

    foreign = [
        f"{name} imports {imported}"
        for name in TREES
        if room(name) == "domain"
        for imported in imports(name)
        if room(imported) not in {*sys.stdlib_module_names, *PURE} and not imported.startswith("bot.domain")
    ]
    assert foreign == []


def test_nobody_but_the_command_line_knows_the_demo() -> None:
    knowing = {
        name
        for name, tree in TREES.items()
        if room(name) != "demo" and any("demo" in ast.unparse(each) for each in _code(tree))
    }
    assert knowing <= {"cli.demo", "cli.command_line"}


def _code(tree: ast.Module) -> Iterator[ast.AST]:
    """The names and imports of a module, without its words."""
    return (
        each
        for each in ast.walk(tree)
        if isinstance(each, ast.Name | ast.Attribute | ast.Import | ast.ImportFrom)
    )


def test_no_function_is_long_and_nine_in_ten_are_short() -> None:
    lengths = {f"{name}.{node.name}": length(node) for name, node in functions()}
    longer = {name for name, lines in lengths.items() if lines > 40}
    assert longer <= set(LONGER), sorted(longer - set(LONGER))
    short = sum(lines <= 20 for lines in lengths.values())
    assert short / len(lengths) > 0.9


def test_nothing_is_nested_deeper_than_three() -> None:
    deep = [f"{name}.{node.name}" for name, node in functions() if depth(node) > 3]
    assert deep == []


def test_no_module_is_longer_than_three_hundred_lines() -> None:
    long = [
        f"{name}: {lines}"
        for name, lines in ((name, _lines_of(name)) for name in TREES if name not in DATA)
        if lines > 300
    ]
    assert long == []


def _lines_of(name: str) -> int:
    """Lines with something on them."""
    bare = HOUSE.joinpath(*name.split("."))
    file = bare / "__init__.py" if bare.is_dir() else bare.with_suffix(".py")
    return sum(bool(line.strip()) for line in file.read_text("utf-8").splitlines())


def test_listeners_catch_what_they_know_and_only_the_edges_catch_the_rest() -> None:
    catching = {
        name
        for name, tree in TREES.items()
        if room(name) == "slack"
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _catches_all(node)
    }
    assert catching == set(EDGES)


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = "BaseException" if handler.type is None else ast.unparse(handler.type)
    return not {"Exception", "BaseException"}.isdisjoint(caught.strip("()").split(", "))


def test_no_module_is_named_for_nothing() -> None:
    words = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}
    parts = {part for name in TREES for part in name.split(".")}
    assert words.isdisjoint(parts)


def test_no_two_classes_bear_one_name() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(name)
    assert {each: where for each, where in homes.items() if len(where) > 1} == {}
