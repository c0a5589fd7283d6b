"""Freeze windows: when launches wait, by the clock on the wall of one time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEK = timedelta(days=7)
MOST_SPANS = 60  # windows followed one into the next, before "until" is only the last seen


@dataclass(frozen=True, kw_only=True)
class WeekMoment:
    """A moment of each week: 0 is Monday; `day` 7 is the Monday after, as 24:00 on Sunday means."""

    day: int
    at: time


@dataclass(frozen=True, kw_only=True)
class Span:
    """From a moment (included) to a moment (not included): once, or each week."""

    begin: datetime | WeekMoment  # without a zone: what the wall's clock shows
    end: datetime | WeekMoment


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """A named freeze window in an IANA time zone."""

    name: str
    zone: str
    spans: tuple[Span, ...]

    def holds(self, at: datetime) -> datetime | None:
        """When the window that holds at this moment ends, in UTC; None if none holds."""
        zone = ZoneInfo(self.zone)
        ends = [end for span in self.spans for begin, end in _windows(span, at, zone) if begin <= at < end]
        return max(ends, default=None)


def frozen(freezes: tuple[Freeze, ...], at: datetime) -> tuple[Freeze, datetime] | None:
    """The freeze that holds at this moment, and when none holds any more; None if none holds."""
    first, until = _longest(freezes, at)
    if first is None:
        return None
    for _ in range(MOST_SPANS):
        following, later = _longest(freezes, until)
        if following is None:
            break
        until = later
    return first, until


def _longest(freezes: tuple[Freeze, ...], at: datetime) -> tuple[Freeze | None, datetime]:
    held = [(until, freeze) for freeze in freezes if (until := freeze.holds(at)) is not None]
    until, freeze = max(held, key=lambda each: each[0], default=(at, None))
    return freeze, until


def _windows(span: Span, at: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The span's windows that could hold at this moment, in UTC."""
    match span.begin, span.end:
        case datetime() as begin, datetime() as end:
            walls = [(begin, end)]
        case WeekMoment() as begins, WeekMoment() as ends:
            local = at.astimezone(zone).replace(tzinfo=None)
            monday = datetime.combine(local.date() - timedelta(days=local.weekday()), time())
            walls = [_in_week(monday + shift, begins, ends) for shift in (-_WEEK, timedelta(), _WEEK)]
        case _:
            raise ValueError("A span is dated at both ends, or weekly at both.")
    return [(_reached(begin, zone), _reached(end, zone, last=True)) for begin, end in walls]


def _in_week(monday: datetime, begins: WeekMoment, ends: WeekMoment) -> tuple[datetime, datetime]:
    begin, end = (
        datetime.combine(monday.date() + timedelta(days=moment.day), moment.at) for moment in (begins, ends)
    )
    return begin, end if end > begin else end + _WEEK


def _reached(wall: datetime, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """When the wall's clock shows this, in UTC: the first or the last time, or at the jump that skips it."""
    early, late = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    shown = early.astimezone(zone).replace(tzinfo=None, fold=0)
    if early == late or shown == wall:
        return late if last else early
    return _jump(early, late, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the zone's offset changes between two moments."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
