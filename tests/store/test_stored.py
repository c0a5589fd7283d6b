"""What is stored is a contract: tags only grow, and rows of every former release are read as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bot.domain.draft import Draft
from bot.domain.errors import UnreadableRow
from bot.domain.launch import Launch, Search, State
from bot.domain.people import Person, Place
from bot.domain.preset import Preset
from bot.store import codec
from bot.store.tags import FORMAT, TAGS
from tests.store.stored.contract import contract

STORED = Path(__file__).parent / "stored"
KEPT = json.loads((STORED / "contract.json").read_text("utf-8"))
ROOTS: dict[str, type[Any]] = {"Launch": Launch, "Draft": Draft, "Preset": Preset}
ROWS = [
    pytest.param(release["revision"], row, id=f"{release['release']}-{row['root']}")
    for file in sorted(STORED.glob("release-*.json"))
    for release in [json.loads(file.read_text("utf-8"))]
    for row in release["rows"]
]
LATEST = json.loads((STORED / "release-f2b7630.json").read_text("utf-8"))["rows"]


def migrated(body: dict[str, Any], revision: str) -> dict[str, Any]:
    """As the migrations leave it; only one has rewritten bodies so far."""
    copied: dict[str, Any] = json.loads(json.dumps(body))
    if copied["$"] == "Launch" and revision < "0004":
        rewriting = import_module("bot.store.migrations.versions.0004_stages_lines_and_delegations")
        rewriting._to_stages(copied)  # noqa: SLF001 - what the migration does to each row
    return copied


def tags_in(data: object) -> set[str]:
    match data:
        case dict():
            own = {data["$"]} if "$" in data else set()
            return own.union(*map(tags_in, data.values()))
        case list():
            return set().union(*map(tags_in, data))
        case _:
            return set()


@pytest.mark.parametrize(("revision", "row"), ROWS)
def test_a_row_of_a_former_release_is_read_as_what_it_was(revision: str, row: dict[str, Any]) -> None:
    body = migrated(row["body"], revision)
    found = codec.read(ROOTS[row["root"]], body)
    as_it_stands = row["reads_as"] == "as it stands"
    assert codec.dump(found) == (body | {"#": FORMAT} if as_it_stands else row["reads_as"])


def test_the_rows_of_the_latest_release_hold_every_tag() -> None:
    held = set().union(*(tags_in(row["body"]) for row in LATEST))
    assert set(TAGS) - held == set()


@pytest.mark.parametrize("tag", KEPT)
def test_a_tag_stays_and_only_grows(tag: str) -> None:
    """A tag, field, member or default that went or changed makes rows unreadable, or read as something else.

    A renamed field keeps its stored name in SPELT; a class is renamed on the right-hand side of TAGS alone.
    """
    now = contract()[tag]
    assert set(KEPT[tag].get("members", ())) <= set(now.get("members", ()))
    fields = KEPT[tag].get("fields", {})
    assert {name: now["fields"].get(name, "is gone") for name in fields} == fields


def test_what_is_stored_today_is_written_down_for_the_releases_to_come() -> None:
    """Add what is new to tests/store/stored/contract.json; never remove a line from there."""
    assert contract() == KEPT


def launch(**fields: Any) -> Launch:  # noqa: ANN401 - a launch's
    given: dict[str, Any] = {
        "id": "1",
        "workflow": codec.load({"$": "WorkflowRef", "id": "wf", "name": "Patch"}),
        "arguments": (),
        "requester": Person(team_id="T", user_id="U"),
        "place": Place(channel_id="C"),
        "rule": "all",
        "requested_at": codec.load({"$": "datetime", "is": "2026-11-02T08:30:00+00:00"}),
        "state": State.APPROVED,
        "search": Search(cause="lost"),
    }
    return Launch(**given | fields)


def stored(thing: object) -> Any:  # noqa: ANN401 - JSON
    return json.loads(json.dumps(codec.dump(thing)))


@pytest.mark.parametrize("row", LATEST, ids=lambda row: row["root"])
def test_a_field_of_a_newer_release_survives_a_write_by_this_one(row: dict[str, Any]) -> None:
    newer = row["body"] | {"mood": {"$": "Mood", "is": "sunny"}}
    found = codec.read(ROOTS[row["root"]], newer)
    renamed = {"Launch": "rule", "Draft": "zone", "Preset": "name"}[row["root"]]
    again = stored(replace(found, **{renamed: "changed"}))
    assert again["mood"] == {"$": "Mood", "is": "sunny"}
    assert again[renamed] == "changed"


def test_such_a_field_deep_inside_survives_a_change_of_its_object() -> None:
    body = stored(launch())
    body["search"]["depth"] = 3
    body["requester"]["nickname"] = "Ada"
    found = codec.read(Launch, body)
    again = stored(replace(found, search=replace(found.search, looks=2)))  # type: ignore[type-var]
    assert (again["search"]["depth"], again["search"]["looks"]) == (3, 2)
    assert again["requester"]["nickname"] == "Ada"


def test_such_a_field_goes_with_its_object_and_a_known_one_goes_back_to_its_default() -> None:
    body = stored(launch(break_glass="fire", tries=2))
    body["search"]["depth"] = 3
    again = stored(replace(codec.read(Launch, body), search=None, break_glass="", tries=0))
    assert {"search", "break_glass", "tries"} & set(again) == set()


def test_every_body_names_its_format_and_a_later_one_is_left_alone() -> None:
    body = stored(launch())
    assert body["#"] == FORMAT
    with pytest.raises(UnreadableRow) as refused:
        codec.read(Launch, body | {"#": FORMAT + 1})
    assert f"format {FORMAT + 1}" in refused.value.why


@pytest.mark.parametrize(
    "wrong",
    [
        {"hold": {"$": "Pause", "since": 1}},
        {"state": {"$": "State", "is": "paused"}},
        {"state": {"$": "State"}},
        {"state": {"$": "State", "is": []}},
        {"requester": {"$": "Person"}},
        {"requested_at": {"$": "datetime", "is": "soon"}},
        {"hidden": {"$": "set", "is": [[]]}},
        {"place": {"no": "tag"}},
        {"place": {"$": ["Place"]}},
        {"#": "two"},
        {"$": "LaunchV2"},
        {"$": "Person", "team_id": "T", "user_id": "U"},
    ],
    ids=str,
)
def test_what_this_release_does_not_know_is_one_kind_of_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRow) as refused:
        codec.read(Launch, stored(launch()) | wrong)
    assert refused.value.why


@pytest.mark.parametrize("body", [None, [], "Launch", 7, {}, codec.Damaged(why="cut")], ids=repr)
def test_so_is_what_is_no_launch_at_all(body: object) -> None:
    with pytest.raises(UnreadableRow):
        codec.read(Launch, body, version=1, fence=0)
