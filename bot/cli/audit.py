"""The audit on the command line: export it, and prove that nothing in it was changed or is missing."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from bot.cli.moment import moment
from bot.domain.audit import Anchor, Record, as_row, first_flaw
from bot.domain.audit_cut import beginning
from bot.domain.audit_erasure import erased_in
from bot.domain.errors import BotError
from bot.domain.invisible import is_invisible
from bot.settings import read_settings
from bot.wiring.store import store_beside

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator
    from datetime import datetime

    from bot.settings import Settings
    from bot.store.store import Store

COLUMNS = ("number", "at", "what", "launch", "team", "user", "email", "detail", "before", "hash")


class BadAnchor(BotError):
    """This is not an anchor. It looks like 17:3f9a… with 64 hexadecimal digits, as `verify` prints it."""


class NotShipped(BotError):
    """This file holds no records that were shipped."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which records."""
    parser.add_argument("action", choices=("export", "verify"))
    parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl", help="of the export")
    parser.add_argument("--since", type=moment, metavar="DATE", help="export from then on: 2026-12-01")
    parser.add_argument("--anchor", help="verify that nothing is missing up to here: as verify printed")
    parser.add_argument(
        "--shipped", type=Path, metavar="FILE", help="verify against the lines that were shipped elsewhere"
    )


async def run(asked: argparse.Namespace) -> int:
    """Export or verify, as asked."""
    settings = read_settings(file=asked.settings)
    if asked.action == "verify":
        return await verify(settings, anchor=asked.anchor, shipped=asked.shipped)
    return await export(settings, style=asked.format, since=asked.since)


async def export(settings: Settings, *, style: str, since: datetime | None, out: TextIO = sys.stdout) -> int:
    """Write the records, oldest first, as JSON lines or CSV."""
    table = csv.DictWriter(out, COLUMNS) if style == "csv" else None
    if table:
        table.writeheader()
    async with store_beside(settings) as store:
        async for record in _records(store, since=since):
            row = as_row(record)
            if table:
                table.writerow(row | {"detail": json.dumps(row["detail"], sort_keys=True)})
            else:
                out.write(as_line(row))
    return 0


async def verify(
    settings: Settings, *, anchor: str | None, shipped: Path | None = None, out: TextIO = sys.stdout
) -> int:
    """Walk the chain; 1 and the place if it is broken, else its end as an anchor to keep elsewhere."""
    known = _shipped(shipped) if shipped else {}
    try:
        named = Anchor.read(anchor) if anchor else None
    except ValueError as wrong:
        raise BadAnchor from wrong
    async with store_beside(settings) as store:
        records = [record async for record in _records(store)]
        head = named or await store.audit.head()
    if head.number:
        known.setdefault(head.number, head.hash)
    start = beginning(records)
    erased, keys = erased_in(records), settings.audit_secrets
    flaw, end = first_flaw(records, keys=keys, anchors=known, start=start, erased=erased)
    if flaw is not None:
        out.write(f"The audit is broken at record {flaw.number}: {flaw.what}.\n")
        return 1
    cut = f", of which the first {start.number} were cut" if start.number else ""
    gone = f" A person was erased from {len(erased)} of them." if erased else ""
    out.write(f"The audit is whole: {end.number} records{cut}.{gone} Anchor: {end}\n")
    return 0


def _shipped(file: Path) -> dict[int, str]:
    """The hashes of the records that were shipped, by number; NotShipped if the file holds something else."""
    hashes: dict[int, str] = {}
    try:
        lines = file.read_text("utf-8").splitlines()
        for line in filter(None, lines):
            said = json.loads(line[line.index("{") :])  # a syslog server writes its own words before it
            at = (
                Anchor.read(said["anchor"])
                if "anchor" in said
                else Anchor(number=said["number"], hash=said["hash"])
            )
            if hashes.setdefault(at.number, at.hash) != at.hash:
                raise NotShipped(f"{file} holds two records of the number {at.number}.")
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise NotShipped(f"{file} cannot be read as shipped records: {wrong}") from wrong
    return hashes


def as_line(row: dict[str, Any]) -> str:
    """A record as a line of JSON, in which nothing is unseen: such characters are written as JSON escapes."""
    text = json.dumps(row, ensure_ascii=False)
    if text.isascii():
        return text + "\n"
    return "".join(json.dumps(each)[1:-1] if is_invisible(each) else each for each in text) + "\n"


async def _records(store: Store, *, since: datetime | None = None) -> AsyncIterator[Record]:
    after = 0
    while page := await store.audit.page(after=after, since=since):
        for record in page:
            yield record
        after = page[-1].number
