"""One workspace: everything in it, and the record of what Slack would have refused."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.demo.slack.state.answers import Answers
from bot.demo.slack.state.directory import Cast, Directory
from bot.demo.slack.state.feed import Feed
from bot.demo.slack.state.files import KeptFiles
from bot.demo.slack.state.ids import Ids
from bot.demo.slack.state.messages import Messages
from bot.demo.slack.state.response_urls import ResponseUrls
from bot.demo.slack.state.triggers import Triggers
from bot.demo.slack.state.views import Views


@dataclass(frozen=True, kw_only=True)
class Violation:
    """Something the bot sent that Slack would not have taken, or that it has no business sending."""

    where: str
    problems: tuple[str, ...]


class Workspace:
    """The state behind the Web API, the page and the people."""

    def __init__(self, *, cast: Cast, now: Callable[[], datetime], has_home_tab: bool = True) -> None:
        self.now = now
        self.has_home_tab = has_home_tab
        self.ids = Ids(now)
        self.feed = Feed()
        self.directory = Directory(cast)
        self.messages = Messages(ids=self.ids, feed=self.feed)
        team, app = self.directory.team, self.directory.app
        self.views = Views(ids=self.ids, feed=self.feed, team=team, app=app)
        self.files = KeptFiles(ids=self.ids)
        self.triggers = Triggers(ids=self.ids, now=now)
        self.response_urls = ResponseUrls(now=now, name=self.ids.new)
        self.violations: list[Violation] = []
        self._answers: defaultdict[tuple[str, str, str], Answers] = defaultdict(Answers)

    def violated(self, where: str, problems: Sequence[str]) -> None:
        """Note what is wrong, if anything is."""
        if problems:
            self.violations.append(Violation(where=where, problems=tuple(problems)))

    def answers_on(self, *, user: str, channel: str, ts: str) -> Answers:
        """What this person has picked on a message and not yet sent."""
        return self._answers[user, channel, ts]
