"""`python -m bot erase`: takes a person out of all that is stored; the audit goes on proving itself."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, TextIO

from bot.domain.errors import BotError
from bot.domain.people import Person
from bot.settings import read_settings
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse

    from bot.store.erasure import Traces
    from bot.store.store import Store
    from bot.store.transaction import Transaction


class NoSuchPerson(BotError):
    """A person is TEAM/USER, as Slack knows them: T0123ABCD/U0123ABCD. Nothing was erased."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whom."""
    parser.add_argument("--user", required=True, metavar="TEAM/USER", help="whom to erase, for good")


async def run(asked: argparse.Namespace, *, out: TextIO = sys.stdout) -> int:
    """Erase, and say from how much; it may be run again where it was interrupted."""
    team_id, slash, user_id = asked.user.partition("/")
    if not slash or not team_id.isalnum() or not user_id.isalnum():
        raise NoSuchPerson
    person = Person(team_id=team_id, user_id=user_id)
    settings = read_settings(file=asked.settings)
    async with store_beside(settings) as store:
        traces = await store.transact(lambda tx: tx.erasure.begin(person))
        launches = await _launches(store, traces)
        records = await _audit(store, traces)
    out.write(f"Erased from {launches} launches and {records} records of the audit.\n")
    return 0


async def _launches(store: Store, traces: Traces) -> int:
    total, after = 0, ""
    while True:
        count, last = await store.transact(partial(_next_launches, traces=traces, after=after))
        total += count
        if last is None:
            return total
        after = last


def _next_launches(tx: Transaction, *, traces: Traces, after: str) -> tuple[int, str | None]:
    return tx.erasure.launches(traces, after=after)


async def _audit(store: Store, traces: Traces) -> int:
    total, after = 0, 0
    while True:
        count, last = await store.transact(partial(_next_records, traces=traces, after=after))
        total += count
        if last is None:
            return total
        after = last


def _next_records(tx: Transaction, *, traces: Traces, after: int) -> tuple[int, int | None]:
    return tx.erasure.audit(traces, after=after)
