"""The lines of a check, each said as soon as it is known."""

from __future__ import annotations


class CheckReport:
    """Says each line, and remembers whether all held."""

    def __init__(self) -> None:
        self.all_ok = True

    def ok(self, what: str, text: str, *notes: str) -> None:
        """It holds; notes are good to know and need no mending."""
        _say(f"ok  {what}: {text}")
        for note in notes:
            _say(f"    note: {note}")

    def no(self, what: str, text: str, *details: str, fix: str) -> None:
        """It does not hold; `fix` is what to do."""
        self.all_ok = False
        _say(f"no  {what}: {text}")
        for detail in details:
            _say(f"    {detail}")
        _say(f"    fix: {fix}")

    def not_asked(self, *whats: str, because: str) -> None:
        """An earlier no makes it pointless, or harmful."""
        self.all_ok = False
        for what in whats:
            _say(f"--  {what}: not asked, because {because}")


def count(number: int, what: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _say(line: str) -> None:
    """Print one line; names from elsewhere may hold what would move a terminal's cursor."""
    shown = "".join(letter if letter.isprintable() else " " for letter in line)
    print(shown, flush=True)  # noqa: T201 - the command line's answer
