"""A conversation as it can be read in a terminal: who says what, without Slack's markup."""

from __future__ import annotations

import html
import os
import re
import sys
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from bot.demo.harness import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.demo.harness import Harness
    from bot.demo.slack.state.directory import Directory
    from bot.demo.slack.wire import Json

_WIDTH = 100
_EMOJI = {
    "alarm_clock": "⏰",
    "arrow_forward": "▶",
    "bell": "🔔",
    "grey_question": "❔",
    "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "leftwards_arrow_with_hook": "↩",
    "mag": "🔍",
    "memo": "📝",
    "no_entry": "⛔",
    "octagonal_sign": "🛑",
    "point_right": "👉",
    "raised_hand": "✋",
    "red_circle": "🔴",
    "rotating_light": "🚨",
    "snowflake": "❄",
    "speech_balloon": "💬",
    "thumbsup": "👍",
    "warning": "⚠",
    "white_check_mark": "✅",
    "x": "❌",
}
_INK = re.compile(r"\x1b\[[0-9;]*m")
_ANGLED = re.compile(r"<([^<>]+)>")
_NAMED = re.compile(r":([a-z0-9_+-]+):")
_BOLD, _CODE = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)"), re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, kw_only=True)
class Ink:
    """Emphasis where the terminal has it."""

    is_on: bool

    def bold(self, text: str) -> str:
        """For titles and names."""
        return self._in(text, "1")

    def faint(self, text: str) -> str:
        """For what is beside the point."""
        return self._in(text, "2")

    def green(self, text: str) -> str:
        """For what is well."""
        return self._in(text, "32")

    def red(self, text: str) -> str:
        """For what is wrong."""
        return self._in(text, "1;31")

    def _in(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.is_on else text


@dataclass(frozen=True, kw_only=True)
class Printer:
    """Prints stories, one after the other."""

    out: TextIO
    ink: Ink

    @classmethod
    def for_standard_output(cls) -> Printer:
        """In colour on a terminal, unless NO_COLOR is set; what it cannot show becomes a question mark."""
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr] # always a TextIOWrapper here
        ink = Ink(is_on=sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
        return cls(out=sys.stdout, ink=ink)

    def begin(self, title: str, plot: str) -> None:
        """The title, and what happens."""
        self._print(self.ink.bold(title))
        self._print(*textwrap.wrap(plot, _WIDTH - 3), "", indent=3)

    def conversation(self, theatre: Harness) -> None:
        """Every card of the channel with its thread, then what single people were told there."""
        reader = Reader(directory=theatre.slack.directory)
        for card in theatre.slack.messages(CHANNEL):
            self._print(f"{self._byline(card, reader)} in #{CHANNEL}", indent=3)
            self._print(*(f"│ {line}" for line in reader.lines(card)), indent=3)
            self._print("in its thread", indent=3)
            for reply in theatre.slack.thread(CHANNEL, card["ts"])[1:]:
                self._beside(self._byline(reply, reader), reader.lines(reply))
        for member in theatre.slack.directory.members.values():
            for message in theatre.person(member.id).ephemerals(CHANNEL):
                self._print(f"to {member.real_name} alone", indent=3)
                self._beside(self._byline(message, reader), reader.lines(message))
        self._print("")

    def end(self, problems: Iterable[str]) -> None:
        """How it ended: as it should, or what was expected instead."""
        wrong = [f"{self.ink.red('WRONG')}  expected {each}" for each in problems]
        self._print(*(wrong or [self.ink.green("ok")]), "", indent=3)

    def sum_up(self, *, played: int, wrong: int) -> None:
        """The last line."""
        told = self.ink.red(f"{wrong} of {played} stories ended wrong.")
        self._print(told if wrong else self.ink.green(f"All {played} stories ended as they should."))

    def _byline(self, message: Json, reader: Reader) -> str:
        at = datetime.fromtimestamp(float(message["ts"]), UTC).astimezone()
        return f"{self.ink.faint(at.strftime('%H:%M'))} {self.ink.bold(reader.name(message['user']))}"

    def _beside(self, byline: str, lines: Iterable[str]) -> None:
        """Who and when, and what they say beside it."""
        width = len(_INK.sub("", byline))
        first, *rest = lines
        self._print(f"│ {byline}  {first}", *(f"│ {' ' * width}  {line}" for line in rest), indent=3)

    def _print(self, *lines: str, indent: int = 0) -> None:
        for line in lines:
            self.out.write(f"{' ' * indent if line else ''}{line}\n")
        self.out.flush()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads messages: ids become names, marks become plain text."""

    directory: Directory

    def name(self, user: str) -> str:
        """Somebody's name."""
        if user == self.directory.app.user_id:
            return self.directory.app.name
        return self.directory.members[user].real_name if user in self.directory.members else user

    def lines(self, message: Json) -> Iterator[str]:
        """What a message says, in lines that fit."""
        blocks = message.get("blocks") or [{"type": "section", "text": {"text": message["text"]}}]
        for block in blocks:
            for line in self._block(block):
                yield from textwrap.wrap(line, _WIDTH - 24, subsequent_indent="  ") or [""]

    def _block(self, block: Json) -> Iterator[str]:
        match block["type"]:
            case "header":
                yield self.text(block["text"]["text"])
            case "section":
                for part in [block["text"]] if "text" in block else block["fields"]:
                    yield from self._paragraph(part["text"], is_fact="fields" in block)
            case "context":
                yield self.text(" ".join(element["text"] for element in block["elements"]))
            case "actions":
                yield " ".join(f"[{self.text(each['text']['text'])}]" for each in block["elements"])
            case "rich_text":
                yield from self._boxes(block["elements"])
            case unknown:
                yield f"({unknown})"

    def _paragraph(self, text: str, *, is_fact: bool) -> Iterator[str]:
        first, *rest = self.text(text).split("\n")
        if is_fact:
            yield f"{first}: {', '.join(rest)}"
        else:
            yield from (first, *rest)

    def _boxes(self, elements: Iterable[Json]) -> Iterator[str]:
        """A name, then its value: beside it if it is short, else below."""
        name = ""
        for element in elements:
            if element["type"] == "rich_text_list":
                yield from (self._line(each["elements"]) for each in element["elements"])
                continue
            text = "".join(part.get("text", "") for part in element["elements"])
            if element["type"] != "rich_text_preformatted":
                name = text
            elif "\n" in text:
                yield f"{name}:"
                yield from (f"  {line}" for line in text.split("\n"))
            else:
                yield f"{name}: {text}"

    def _line(self, parts: Iterable[Json]) -> str:
        """A name with a short value beside it."""
        name, _, value = (part["text"] for part in parts)
        return f"{name}: {value}"

    def text(self, mrkdwn: str) -> str:
        """A text without Slack's markup."""
        named = _ANGLED.sub(self._named, mrkdwn)
        bare = _CODE.sub(r"\1", _BOLD.sub(r"\1", named))
        drawn = _NAMED.sub(lambda found: _EMOJI.get(found[1], found[0]), bare)
        quoted = re.sub(r"^>", "> ", drawn, flags=re.MULTILINE)
        return html.unescape(quoted).replace("\u2060", "")

    def _named(self, found: re.Match[str]) -> str:
        what, _, label = found[1].partition("|")
        match what[0]:
            case "@":
                return f"@{self.name(what[1:])}"
            case "#":
                return f"#{self.directory.channels[what[1:]].name}"
            case "!" if what.startswith("!subteam^"):
                return f"@{self.directory.user_groups[what.removeprefix('!subteam^')].handle}"
            case "!" if what.startswith("!date^"):
                return f"{datetime.fromtimestamp(int(what.split('^')[1]), UTC).astimezone():%Y-%m-%d %H:%M}"
            case _:
                return label or what
