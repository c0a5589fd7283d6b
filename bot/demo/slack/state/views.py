"""The modals each person has open, one upon the other, and their Home tabs."""

from collections import defaultdict
from dataclasses import dataclass, field

from bot.demo.slack.errors import SlackRefusalError
from bot.demo.slack.state.answers import Answers
from bot.demo.slack.state.directory import App, Team
from bot.demo.slack.state.feed import Change, Feed
from bot.demo.slack.state.ids import Ids
from bot.demo.slack.walk import dressed, fields_of
from bot.demo.slack.wire import Json

MOST_VIEWS = 3
_KEPT_DEFAULTS: Json = {
    "title": None,
    "submit": None,
    "close": None,
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
}


@dataclass(kw_only=True)
class Sheet:
    """One view on somebody's screen: Slack's object, and what they have typed into it."""

    user: str
    view: Json
    here: str | None = None
    answers: Answers = field(default_factory=Answers)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def live(self) -> Json:
        """The view with its present state."""
        return {**self.view, "state": self.answers.state(fields_of(self.view["blocks"]), here=self.here)}


class Views:
    """Opens, changes and closes views."""

    def __init__(self, *, ids: Ids, feed: Feed, team: Team, app: App) -> None:
        self._ids = ids
        self._feed = feed
        self._given = {
            "team_id": team.id,
            "app_installed_team_id": team.id,
            "app_id": app.id,
            "bot_id": app.bot_id,
        }
        self._stacks: defaultdict[str, list[Sheet]] = defaultdict(list)
        self._homes: dict[str, Sheet] = {}

    def stack(self, user: str) -> list[Sheet]:
        """This person's modals, the topmost last."""
        return list(self._stacks[user])

    def home(self, user: str) -> Sheet | None:
        """This person's Home tab, if one was published."""
        return self._homes.get(user)

    def find(self, *, view_id: str | None = None, external_id: str | None = None) -> Sheet | None:
        """An open view or a Home tab, by its id or by the app's own id for it."""
        every = [*(sheet for stack in self._stacks.values() for sheet in stack), *self._homes.values()]
        for sheet in every:
            if view_id and sheet.view["id"] == view_id:
                return sheet
            if external_id and not view_id and sheet.view["external_id"] == external_id:
                return sheet
        return None

    def open(self, user: str, view: Json, *, here: str | None) -> Sheet:
        """Show a modal in place of whatever this person has open."""
        self._check_external_id(view, instead_of=None)
        self._stacks[user].clear()
        return self._show(user, view, here=here)

    def push(self, user: str, view: Json, *, here: str | None) -> Sheet:
        """Show a modal on top of the others; raises `push_limit_reached` above three."""
        if len(self._stacks[user]) >= MOST_VIEWS:
            raise SlackRefusalError("push_limit_reached")
        self._check_external_id(view, instead_of=None)
        return self._show(user, view, here=here)

    def replace(self, sheet: Sheet, view: Json) -> Sheet:
        """Change what a view shows; a field that stays keeps what it shows, be it typed or initial."""
        self._check_external_id(view, instead_of=sheet)
        places = ("id", "root_view_id", "previous_view_id")
        sheet.answers.hold(fields_of(sheet.view["blocks"]), here=sheet.here)
        sheet.view = self._stored(view) | {name: sheet.view[name] for name in places}
        sheet.answers.keep(fields_of(sheet.view["blocks"]))
        sheet.errors = {}
        self.told(sheet)
        return sheet

    def publish(self, user: str, view: Json) -> Sheet:
        """Show a Home tab."""
        known = self._homes.get(user)
        if known:
            return self.replace(known, view)
        self._check_external_id(view, instead_of=None)
        stored = self._stored(view)
        self._homes[user] = Sheet(user=user, view=stored | _alone(stored["id"]))
        self.told(self._homes[user])
        return self._homes[user]

    def close(self, sheet: Sheet) -> None:
        """Take one view away; the one below it shows again."""
        self._stacks[sheet.user].remove(sheet)
        self.told(sheet)

    def clear(self, user: str) -> None:
        """Take all of a person's modals away."""
        self._stacks[user].clear()
        self._feed.publish(Change(kind="views", user=user))

    def told(self, sheet: Sheet) -> None:
        """Let everybody know that this view looks different now."""
        self._feed.publish(Change(kind="home" if sheet.view["type"] == "home" else "views", user=sheet.user))

    def _show(self, user: str, view: Json, *, here: str | None) -> Sheet:
        stored = self._stored(view)
        below = self._stacks[user]
        place = _alone(stored["id"])
        if below:
            place = {
                "root_view_id": below[0].view["id"],
                "previous_view_id": below[-1].view["id"],
            }
        sheet = Sheet(user=user, view=stored | place, here=here)
        below.append(sheet)
        self.told(sheet)
        return sheet

    def _stored(self, view: Json) -> Json:
        return {
            "id": self._ids.new("V"),
            **self._given,
            **_KEPT_DEFAULTS,
            **view,
            "blocks": dressed(view["blocks"], self._ids),
            "hash": self._ids.hash(),
            "state": {"values": {}},
        }

    def _check_external_id(self, view: Json, *, instead_of: Sheet | None) -> None:
        wanted = view.get("external_id")
        holder = self.find(external_id=wanted) if wanted else None
        if holder is not None and holder is not instead_of:
            raise SlackRefusalError("duplicate_external_id")


def _alone(view_id: str) -> Json:
    return {"root_view_id": view_id, "previous_view_id": None}
