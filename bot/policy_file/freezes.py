"""Freeze windows as the policy file writes them: by day, by week, or by date."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Literal, Self, TypeAlias

from pydantic import Field, model_validator

from bot.domain.policy import Freeze, Span, WeekMoment
from bot.policy_file.fields import FreezeName, Strict, Text, Zone

Day: TypeAlias = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

_DAYS: tuple[Day, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"
_DAILY = re.compile(_CLOCK)
_WEEKLY = re.compile(rf"(?P<day>{'|'.join(_DAYS)}) (?P<clock>{_CLOCK})")
_HOW = "Write both as 18:00, both as Fri 18:00, or both as 2026-12-24 18:00"


class FreezeModel(Strict):
    """One freeze window."""

    name: FreezeName
    zone: Zone
    weekdays: list[Day] = Field(default=[], max_length=7)
    begin: Text = Field(alias="from")
    end: Text = Field(alias="to")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        spans = self._spans()
        if not _DAILY.fullmatch(self.begin) and self.weekdays:
            raise ValueError("has weekdays, which go with times such as 18:00 only")
        for span in spans:
            match span.begin, span.end:
                case datetime() as begin, datetime() as end if begin >= end:
                    raise ValueError("ends before it begins")
                case begin, end if begin == end:
                    raise ValueError("never ends. Let `to` differ from `from`")
        return self

    def freeze(self) -> Freeze:
        """The domain's word for it."""
        return Freeze(name=self.name, zone=self.zone, spans=tuple(self._spans()))

    def _spans(self) -> list[Span]:
        if _DAILY.fullmatch(self.begin) and _DAILY.fullmatch(self.end):
            return [self._daily(_DAYS.index(day)) for day in self.weekdays or _DAYS]
        weekly = _WEEKLY.fullmatch(self.begin), _WEEKLY.fullmatch(self.end)
        if weekly[0] and weekly[1]:
            begin, end = (_moment(_DAYS.index(found["day"]), found["clock"]) for found in weekly if found)
            return [Span(begin=begin, end=end)]
        return [Span(begin=_dated(self.begin), end=_dated(self.end))]

    def _daily(self, day: int) -> Span:
        """Up to a time that is not later than its beginning, it runs into the next day."""
        begin, end = _moment(day, self.begin), _moment(day, self.end)
        runs_over = self.end < self.begin
        return Span(begin=begin, end=WeekMoment(day=end.day + 1, at=end.at) if runs_over else end)


def _moment(day: int, clock: str) -> WeekMoment:
    if clock == "24:00":
        return WeekMoment(day=day + 1, at=time())
    return WeekMoment(day=day, at=time.fromisoformat(clock))


def _dated(text: str) -> datetime:
    midnight = text.endswith("24:00")
    try:
        found = datetime.strptime(text.replace("24:00", "00:00"), "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the zone stands apart
    except ValueError:
        raise ValueError(f"has a `from` or `to` that is no time. {_HOW}") from None
    return found + timedelta(days=1) if midnight else found
