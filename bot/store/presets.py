"""Presets in the database: whose they are, whom they are shared with, and what they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import NameTaken, NotYourPreset, TooManyPresets, UnknownPreset, UnreadableRow
from bot.domain.preset import Preset
from bot.store import codec
from bot.store.database import Part, for_person
from bot.store.quarantine import QuarantinedRow, RowKind, put_aside
from bot.store.schema import presets

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.domain.people import Person

MOST = 50  # presets of one person for one workflow


class PresetTable(Part):
    """Presets, each its owner's, and some shared with a channel."""

    @for_person
    def keep(self, sql: Connection, preset: Preset) -> None:
        """Keep a new preset; NameTaken or TooManyPresets if its owner has it, or too many, already."""
        own = _own(preset.owner, preset.workflow.id)
        if (sql.scalar(select(func.count()).select_from(presets).where(own)) or 0) >= MOST:
            raise TooManyPresets
        try:
            sql.execute(insert(presets), {"id": preset.id, **_columns(preset)})
        except IntegrityError as twice:
            raise NameTaken from twice

    @for_person
    def find(
        self, sql: Connection, *, person: Person, channel_id: str, workflow_id: str | None = None
    ) -> tuple[Preset, ...]:
        """This person's presets, then those shared with the channel, by name; of all workflows for None.

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
        for row in sql.execute(query).all():
            try:
                found.append(codec.read(Preset, row.body))
            except UnreadableRow as wrong:
                item = QuarantinedRow(kind=RowKind.PRESET, key=row.id)
                put_aside(sql, self.database, item, why=wrong.why)
        return tuple(found)

    @for_person
    def read(self, sql: Connection, preset_id: str) -> Preset:
        """The preset; UnknownPreset if there is none, UnreadableRow if this release cannot read it."""
        return _read(sql, preset_id)

    @for_person
    def change(self, sql: Connection, preset_id: str, *, owner: Person, name: str, channel_id: str) -> Preset:
        """Name and share its owner's preset anew; UnknownPreset if it is not theirs, NameTaken."""
        preset = _owned(sql, preset_id, owner=owner)
        changed = replace(preset, name=name, channel_id=channel_id)
        try:
            sql.execute(update(presets).where(presets.c.id == preset_id).values(**_columns(changed)))
        except IntegrityError as twice:
            raise NameTaken from twice
        return changed

    @for_person
    def drop(self, sql: Connection, preset_id: str, *, owner: Person) -> Preset:
        """Delete its owner's preset; UnknownPreset if it is not theirs."""
        preset = _owned(sql, preset_id, owner=owner)
        sql.execute(delete(presets).where(presets.c.id == preset_id))
        return preset


def _read(connection: Connection, preset_id: str) -> Preset:
    body = connection.scalar(select(presets.c.body).where(presets.c.id == preset_id))
    if body is None:
        raise UnknownPreset
    return codec.read(Preset, body)


def _owned(connection: Connection, preset_id: str, *, owner: Person) -> Preset:
    preset = _read(connection, preset_id)
    if preset.owner != owner:
        raise NotYourPreset
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
