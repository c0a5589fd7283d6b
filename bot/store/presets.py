"""Presets in the database: whose they are, whom they are shared with, and what they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import NameTaken, TooManyPresets, UnknownPreset, UnreadableRow
from bot.domain.preset import Preset
from bot.store import codec, quarantine
from bot.store.quarantine import Item, Kind
from bot.store.schema import presets

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.domain.people import Person
    from bot.store.database import Database

MOST = 50  # presets of one person for one workflow


def add(connection: Connection, preset: Preset) -> None:
    """Keep a new preset; NameTaken or TooManyPresets if its owner has it, or too many, already."""
    own = _own(preset.owner, preset.workflow.id)
    if (connection.scalar(select(func.count()).select_from(presets).where(own)) or 0) >= MOST:
        raise TooManyPresets
    try:
        connection.execute(insert(presets), {"id": preset.id, **_columns(preset)})
    except IntegrityError as twice:
        raise NameTaken from twice


def find(
    connection: Connection,
    database: Database,
    *,
    person: Person,
    channel_id: str,
    workflow_id: str | None = None,
) -> tuple[Preset, ...]:
    """This person's presets, then those others share with the channel, by name; of all workflows for None.

    Those that cannot be read are put aside.
    """
    own = presets.c.owner == _key(person)
    shared = and_(presets.c.channel == channel_id, presets.c.channel != "")
    query = (
        select(presets.c.id, presets.c.body)
        .where(or_(own, shared))
        .order_by(own.desc(), func.lower(presets.c.name))
    )
    if workflow_id is not None:
        query = query.where(presets.c.workflow_id == workflow_id)
    found = []
    for row in connection.execute(query).all():
        try:
            found.append(codec.read(Preset, row.body))
        except UnreadableRow as wrong:
            item = Item(kind=Kind.PRESET, key=row.id)
            quarantine.put_aside(connection, database, item, why=wrong.why)
    return tuple(found)


def read(connection: Connection, preset_id: str) -> Preset:
    """The preset; UnknownPreset if there is none, UnreadableRow if this release cannot read it."""
    body = connection.scalar(select(presets.c.body).where(presets.c.id == preset_id))
    if body is None:
        raise UnknownPreset
    return codec.read(Preset, body)


def change(connection: Connection, preset_id: str, *, owner: Person, name: str, channel_id: str) -> Preset:
    """Name and share its owner's preset anew; UnknownPreset if it is not theirs, NameTaken."""
    preset = _owned(connection, preset_id, owner=owner)
    changed = replace(preset, name=name, channel_id=channel_id)
    try:
        connection.execute(update(presets).where(presets.c.id == preset_id).values(**_columns(changed)))
    except IntegrityError as twice:
        raise NameTaken from twice
    return changed


def drop(connection: Connection, preset_id: str, *, owner: Person) -> Preset:
    """Delete its owner's preset; UnknownPreset if it is not theirs."""
    preset = _owned(connection, preset_id, owner=owner)
    connection.execute(delete(presets).where(presets.c.id == preset_id))
    return preset


def _owned(connection: Connection, preset_id: str, *, owner: Person) -> Preset:
    preset = read(connection, preset_id)
    if preset.owner != owner:
        raise UnknownPreset
    return preset


def _own(person: Person, workflow_id: str) -> Any:  # noqa: ANN401 - a condition
    return and_(presets.c.owner == _key(person), presets.c.workflow_id == workflow_id)


def _columns(preset: Preset) -> dict[str, Any]:
    return {
        "owner": _key(preset.owner),
        "workflow_id": preset.workflow.id,
        "name": preset.name,
        "channel": preset.channel_id,
        "body": codec.dump(preset),
    }


def _key(person: Person) -> str:
    return f"{person.team_id}/{person.user_id}"
