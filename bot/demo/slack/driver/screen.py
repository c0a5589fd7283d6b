"""One person's screen: what is on it, and where on it a named thing stands."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.demo.slack.driver.places import OnMessage, OnView, Surface, surface_of
from bot.demo.slack.errors import AmbiguousError, CannotDoError
from bot.demo.slack.state.directory import Member
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.walk import FilledElement
from bot.demo.slack.wire import Json

Find = Callable[[Sequence[Json]], FilledElement]
Where = Json | str | None


@dataclass(frozen=True, kw_only=True)
class Screen:
    """What one person sees."""

    workspace: Workspace
    user: str

    @property
    def member(self) -> Member:
        """Who looks at it, with their flags as they are now."""
        return self.workspace.directory.members[self.user]

    @property
    def views(self) -> list[Json]:
        """The open modals with what is typed into them, the topmost last."""
        return [sheet.live for sheet in self.workspace.views.stack(self.user)]

    @property
    def home(self) -> Json | None:
        """The Home tab, or None."""
        sheet = self.workspace.views.home(self.user)
        return sheet.live if sheet else None

    def top(self) -> Json:
        """The topmost modal; raises CannotDoError if none is open."""
        if not self.views:
            raise CannotDoError(f"{self.member.name} has no modal open")
        return self.views[-1]

    def find(self, where: Where, find: Find, *, stale: bool = False) -> tuple[Surface, FilledElement]:
        """The element that `find` finds at a place, and all that stands around it."""
        if isinstance(where, str) and where != "home":
            return self._newest(self._messages([self.workspace.directory.channel(where).id]), find)
        if where is None and not self.views:
            channels = self.workspace.directory.channels_of(self.user)
            return self._newest(self._messages([channel.id for channel in channels]), find)
        surface = self.surface(where, stale=stale)
        return surface, find(surface.blocks)

    def surface(self, where: Where, *, stale: bool = False) -> Surface:
        """A message, a view, the Home tab or, with None, the topmost modal."""
        if isinstance(where, dict) and "hash" not in where:
            place = self.message_place(where["ts"])
            seen = OnMessage(channel=place.channel, ts=place.ts, shown=where if stale else None)
            return surface_of(self.workspace, self.member, seen)
        view = self.top() if where is None else self.home if where == "home" else where
        if not isinstance(view, dict):
            raise CannotDoError(f"{self.member.name} sees nothing on the Home tab")
        return surface_of(self.workspace, self.member, OnView(view_id=view["id"]))

    def message_place(self, ts: str) -> OnMessage:
        """Where a message with this `ts` stands; raises CannotDoError if this person does not see it."""
        for place in self._messages([c.id for c in self.workspace.directory.channels_of(self.user)]):
            if place.ts == ts:
                return place
        raise CannotDoError(f"{self.member.name} sees no message {ts}")

    def _messages(self, channels: Iterable[str]) -> list[OnMessage]:
        seen = [
            OnMessage(channel=channel, ts=message["ts"])
            for channel in channels
            for message in (
                *self.workspace.messages.flat(channel),
                *self.workspace.messages.whispers(channel, self.user),
            )
        ]
        return sorted(seen, key=lambda place: float(place.ts), reverse=True)

    def _newest(self, places: Iterable[OnMessage], find: Find) -> tuple[Surface, FilledElement]:
        missing: CannotDoError | None = None
        for place in places:
            surface = surface_of(self.workspace, self.member, place)
            try:
                return surface, find(surface.blocks)
            except AmbiguousError:
                raise
            except CannotDoError as error:
                missing = missing or error
        raise missing or CannotDoError(f"{self.member.name} sees no message at all")
