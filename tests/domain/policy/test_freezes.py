from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Freeze, Policy, Span, WeekMoment
from bot.domain.policy.freezes import frozen
from bot.policy_file import PolicyError, parse_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

A_SECOND = timedelta(seconds=1)


def freezes(*lines: str, zone: str = "Europe/Berlin") -> tuple[Freeze, ...]:
    """The freezes of a policy file, as `from: …, to: …`."""
    listed = "".join(
        f"  - {{name: freeze {number}, zone: {zone}, {line}}}\n" for number, line in enumerate(lines)
    )
    return parse_policy(f"freezes:\n{listed}rules: []\n", secrets=()).freezes


def window(line: str, *, zone: str = "Europe/Berlin", at: str) -> tuple[str, str]:
    """The first and the last second of the window that holds at a moment of UTC, found second by second."""
    (freeze,) = freezes(line, zone=zone)
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    end = freeze.holds(moment)
    assert end is not None
    begin = moment
    for step in (timedelta(hours=1), timedelta(minutes=1), A_SECOND):
        while freeze.holds(begin - step) == end:
            begin -= step
    assert freeze.holds(begin - A_SECOND) != end
    assert freeze.holds(end - A_SECOND) == end
    assert freeze.holds(end) is None
    return f"{begin:%m-%d %H:%M:%S}", f"{end:%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("line", "at", "begin", "end"),
    [
        ("from: '09:00', to: '17:00'", "2026-12-01 12:00", "12-01 08:00:00", "12-01 16:00:00"),
        ("from: 22:00, to: 06:00", "2026-12-01 02:00", "11-30 21:00:00", "12-01 05:00:00"),
        ("weekdays: [Sun], from: 22:00, to: 06:00", "2026-12-07 01:00", "12-06 21:00:00", "12-07 05:00:00"),
        ("weekdays: [Sat], from: 00:00, to: 24:00", "2026-12-05 12:00", "12-04 23:00:00", "12-05 23:00:00"),
        ("from: Fri 18:00, to: Mon 06:00", "2026-12-06 12:00", "12-04 17:00:00", "12-07 05:00:00"),
        ("from: Mon 06:00, to: Fri 18:00", "2026-12-02 12:00", "11-30 05:00:00", "12-04 17:00:00"),
        ("from: Fri 18:00, to: Sun 24:00", "2026-12-06 12:00", "12-04 17:00:00", "12-06 23:00:00"),
        (
            "from: 2026-12-24 18:00, to: 2026-12-26 24:00",
            "2026-12-25 00:00",
            "12-24 17:00:00",
            "12-26 23:00:00",
        ),
    ],
)
def test_a_window_begins_with_its_first_second_and_is_over_at_its_end(
    line: str, at: str, begin: str, end: str
) -> None:
    assert window(line, at=at) == (begin, end)


@pytest.mark.parametrize(
    ("line", "at", "begin", "end"),
    [
        # in spring 02:00 becomes 03:00: an hour less
        ("from: 01:00, to: 04:00", "2027-03-28 00:30", "03-28 00:00:00", "03-28 02:00:00"),
        # 02:30 is skipped: it begins, or ends, at the jump
        ("from: 02:30, to: 04:00", "2027-03-28 01:30", "03-28 01:00:00", "03-28 02:00:00"),
        ("from: 00:30, to: 02:30", "2027-03-28 00:00", "03-27 23:30:00", "03-28 01:00:00"),
        # in autumn 03:00 becomes 02:00: an hour more
        ("from: 01:00, to: 04:00", "2026-10-25 00:30", "10-24 23:00:00", "10-25 03:00:00"),
        # 02:30 is shown twice: from the first time, and to the last
        ("from: 02:30, to: 04:00", "2026-10-25 00:45", "10-25 00:30:00", "10-25 03:00:00"),
        ("from: 01:00, to: 02:30", "2026-10-25 00:45", "10-24 23:00:00", "10-25 01:30:00"),
        ("from: Sat 18:00, to: Mon 06:00", "2026-10-25 12:00", "10-24 16:00:00", "10-26 05:00:00"),
        ("from: Sat 18:00, to: Mon 06:00", "2027-03-28 12:00", "03-27 17:00:00", "03-29 04:00:00"),
        (
            "from: 2027-03-01 00:00, to: 2027-04-01 00:00",
            "2027-03-10 00:00",
            "02-28 23:00:00",
            "03-31 22:00:00",
        ),
    ],
)
def test_a_window_goes_by_the_clock_on_the_wall_when_that_is_changed(
    line: str, at: str, begin: str, end: str
) -> None:
    assert window(line, at=at) == (begin, end)


def test_a_zone_may_change_its_clock_by_half_an_hour() -> None:
    line = "from: 02:15, to: 05:00"
    assert window(line, zone="Australia/Lord_Howe", at="2026-10-03 15:45") == (
        "10-03 15:30:00",
        "10-03 18:00:00",
    )


def test_a_window_lies_elsewhere_in_another_zone() -> None:
    line = "from: Fri 18:00, to: Mon 06:00"
    assert window(line, zone="Asia/Tokyo", at="2026-12-06 12:00") == ("12-04 09:00:00", "12-06 21:00:00")
    assert window(line, zone="America/New_York", at="2026-12-06 12:00") == (
        "12-04 23:00:00",
        "12-07 11:00:00",
    )


def test_windows_that_follow_each_other_end_together() -> None:
    three = freezes(
        "weekdays: [Sat], from: 00:00, to: 24:00",
        "weekdays: [Sun], from: 00:00, to: 24:00",
        "from: 2026-12-07 00:00, to: 2026-12-08 12:00",
    )
    held = frozen(three, datetime(2026, 12, 5, 12, tzinfo=UTC))
    assert held is not None
    assert (held[0].name, held[1]) == ("freeze 0", datetime(2026, 12, 8, 11, tzinfo=UTC))


def test_freezes_that_never_let_go_still_have_an_answer() -> None:
    days = freezes("weekdays: [Mon, Tue, Wed, Thu, Fri, Sat, Sun], from: 00:00, to: 24:00")
    at = datetime(2026, 12, 5, 12, tzinfo=UTC)
    held = frozen(days, at)
    assert held is not None
    assert held[1] > at + timedelta(days=30)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("from: 18:00", "to is missing"),
        ("from: 18:00, to: 25:00", "is no time"),
        ("from: 18:00, to: Mon 08:00", "is no time"),
        ("from: 2026-12-24, to: 2026-12-26", "is no time"),
        ("from: 2026-12-24 18:00, to: 2026-12-24 18:00", "ends before it begins"),
        ("from: 2026-02-30 18:00, to: 2026-12-24 18:00", "is no time"),
        ("from: Fri 18:00, to: Fri 18:00", "never ends"),
        ("from: 18:00, to: 18:00", "never ends"),
        ("weekdays: [Mon], from: Fri 18:00, to: Mon 08:00", "has weekdays"),
        ("weekdays: [Monday], from: 18:00, to: 20:00", "has to be 'Mon', 'Tue'"),
    ],
)
def test_a_window_that_makes_no_sense_is_an_error_with_its_line(line: str, words: str) -> None:
    with pytest.raises(PolicyError) as caught:
        freezes(line)
    (problem,) = caught.value.problems
    assert problem.startswith("policy, line 2: freezes[1]")
    assert words in problem


@pytest.mark.parametrize("zone", ["Berlin", "CEST+2", "../etc/passwd", "europe/berlin"])
def test_a_zone_has_its_iana_name(zone: str) -> None:
    with pytest.raises(PolicyError, match="is not a time zone"):
        freezes("from: 18:00, to: 20:00", zone=zone)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
week_moments = st.builds(WeekMoment, day=st.integers(0, 6), at=clocks)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])


@given(
    st.lists(st.builds(Span, begin=week_moments, end=week_moments), min_size=1, max_size=3), zones, moments
)
def test_whatever_holds_ends_later_and_is_over_then(spans: Sequence[Span], zone: str, at: datetime) -> None:
    freeze = Freeze(name="any", zone=zone, spans=tuple(spans))
    end = freeze.holds(at)
    assert end is None or at < end <= at + timedelta(days=8)
    assert end is None or freeze.holds(end - timedelta(microseconds=1)) is not None
    assert Policy(freezes=(freeze,)).freezes[0].holds(at) == end
