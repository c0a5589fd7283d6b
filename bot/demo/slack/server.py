"""The pretend Slack: a whole workspace on two loopback ports, for tests, stories and the demo."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from bot.demo.slack.api.gateway import Tokens, WebApi
from bot.demo.slack.api.hooks import Hooks
from bot.demo.slack.api.methods import Desk
from bot.demo.slack.api.rates import RateLimits
from bot.demo.slack.browser.live import Live
from bot.demo.slack.browser.requests import Requests
from bot.demo.slack.browser.site import PAGE_FOLDER, Site
from bot.demo.slack.delivery.envelope import Ack, Delivery, Kind, Retry
from bot.demo.slack.delivery.payloads import Payloads
from bot.demo.slack.delivery.post_office import PostOffice
from bot.demo.slack.delivery.signed_http import HttpAnswer, SignedRequests, Signing, body_of
from bot.demo.slack.delivery.socket_mode import SocketMode
from bot.demo.slack.driver.gestures import Gestures
from bot.demo.slack.driver.modals import Modals
from bot.demo.slack.driver.person import PretendPerson
from bot.demo.slack.driver.screen import Screen
from bot.demo.slack.driver.talk import Talk
from bot.demo.slack.faults import CallFaults
from bot.demo.slack.listener import Listener
from bot.demo.slack.manifest import ALL_EVENTS, ALL_SCOPES, declared, read_manifest
from bot.demo.slack.people import demo_cast
from bot.demo.slack.recording import RecordedCall, Recording
from bot.demo.slack.state.directory import Cast, DeclaredCommand, DeclaredShortcut, Directory
from bot.demo.slack.state.workspace import Violation, Workspace
from bot.demo.slack.wire import Json

T = TypeVar("T")
_MOST_BODY = 32 * 1024 * 1024


def _real_now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True, repr=False)
class PretendSlack:
    """A workspace, its Web API, the ways to the bot, and the people.

    `commands` and `shortcuts` are entries of the manifest's `slash_commands` and `shortcuts`, `events` its
    `bot_events`; a whole `manifest` settles these, the scopes and the Home tab at once. `now` drives
    triggers, response URLs and rate limits; `ack_seconds` and `ticket_seconds` are real time.
    """

    signing_secret: str = "demo-signing-secret"
    bot_token: str = "xoxb-demo-bot-token"
    app_token: str = "xapp-demo-app-token"
    now: Callable[[], datetime] = _real_now
    scopes: set[str] = field(default_factory=lambda: set(ALL_SCOPES))
    commands: Iterable[DeclaredCommand | Json] = ()
    shortcuts: Iterable[DeclaredShortcut | Json] = ()
    events: Iterable[str] = ALL_EVENTS
    has_home_tab: bool = True
    manifest: Json | None = None
    cast: Cast = field(default_factory=demo_cast)
    ack_seconds: float = 3.0
    ticket_seconds: float = 60.0
    rate_limits: bool = False
    port: int = 0
    api_port: int = 0
    page_folder: Path = PAGE_FOLDER

    def __post_init__(self) -> None:
        if self.manifest is not None:
            self._read_manifest(self.manifest)
        self.workspace = Workspace(cast=self.cast, now=self.now, has_home_tab=self.has_home_tab)
        self.faults = CallFaults()
        self.recording = Recording()
        self.tokens = Tokens(bot=self.bot_token, app=self.app_token)
        self._api_listener = Listener(self._api, port=self.api_port)
        self._page_listener = Listener(self._page, port=self.port)
        self.rates = RateLimits(now=self.now, is_on=self.rate_limits)
        self._wire_delivery()
        self._wire_people()

    async def __aenter__(self) -> Self:
        await self._api_listener.start()
        await self._page_listener.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.clear()
        await self._live.close()
        await self.sockets.close()
        await self._requests.close()
        await self._page_listener.stop()
        await self._api_listener.stop()

    @property
    def url(self) -> str:
        """Where the page is."""
        return self._page_listener.url

    @property
    def api_url(self) -> str:
        """What the bot's client takes as its base URL."""
        return f"{self._api_listener.url}/api/"

    @property
    def directory(self) -> Directory:
        """The people and places; a test may change them."""
        return self.workspace.directory

    @property
    def violations(self) -> list[Violation]:
        """Everything the bot sent that Slack would refuse or throw away."""
        return self.workspace.violations

    @property
    def calls(self) -> list[RecordedCall]:
        """Every Web API call, in order."""
        return self.recording.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that was delivered to the bot, in order."""
        return self._post.deliveries

    def calls_of(self, method: str) -> list[RecordedCall]:
        """The calls of one Web API method, in order."""
        return [call for call in self.calls if call.method == method]

    def where(self, text: str) -> list[str]:
        """In which calls, acknowledgements and response URLs the bot has sent this text."""
        return self.recording.where(text)

    def person(self, name_or_id: str) -> PretendPerson:
        """Somebody of the cast, at their screen."""
        member = self.directory.member(name_or_id)
        screen = Screen(workspace=self.workspace, user=member.id)
        return PretendPerson(screen=screen, gestures=self._gestures, modals=self._modals, talk=self._talk)

    def messages(self, channel: str) -> list[Json]:
        """The messages of a channel, oldest first, without the replies in threads."""
        flat = self.workspace.messages.flat(self.directory.channel(channel).id)
        return [message for message in flat if message.get("thread_ts", message["ts"]) == message["ts"]]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """A message and its replies, oldest first."""
        return self.workspace.messages.thread(self.directory.channel(channel).id, ts)

    def deliver_to(self, url: str | None) -> None:
        """From now on, post signed requests to this address; with None, use Socket Mode."""
        self._post.deliver_to(url)

    async def until(self, predicate: Callable[[], T], *, timeout: float = 20) -> T:  # noqa: ASYNC109 # the caller bounds it
        """Wait until something is so, looking after every change; TimeoutError after `timeout` seconds."""
        return await self.workspace.feed.until(predicate, seconds=timeout)

    async def send(self, kind: Kind, payload: Json) -> Ack:
        """Deliver any payload at all, such as one from `delivery.forging`."""
        return await self._post.send(kind, payload)

    async def replay(self, delivery: Delivery, *, retry: Retry | None = None) -> Ack:
        """Deliver exactly the same payload again."""
        return await self._post.replay(delivery, retry=retry)

    async def post_signed(self, delivery: Delivery, *, signing: Signing = "good") -> HttpAnswer:
        """Post a payload again by HTTP with a good, missing, wrong or stale signature; needs `deliver_to`."""
        body, content_type = body_of(delivery)
        return await self._requests.post(body, content_type=content_type, signing=signing)

    async def go_down(self) -> None:
        """Refuse every connection to the Web API and the response URLs."""
        await self._api_listener.stop()

    async def come_back(self) -> None:
        """Take connections to the Web API again, on the same port."""
        await self._api_listener.start()

    def _read_manifest(self, manifest: Json) -> None:
        told = read_manifest(manifest)
        self.commands, self.shortcuts, self.events = told.commands, told.shortcuts, told.events
        self.scopes, self.has_home_tab = set(told.scopes), told.has_home_tab

    def _wire_delivery(self) -> None:
        self.sockets = SocketMode(
            workspace=self.workspace,
            recording=self.recording,
            faults=self.faults,
            ack_seconds=self.ack_seconds,
            ticket_seconds=self.ticket_seconds,
        )
        self._requests = SignedRequests(
            workspace=self.workspace,
            recording=self.recording,
            signing_secret=self.signing_secret,
            ack_seconds=self.ack_seconds,
        )
        self._post = PostOffice(workspace=self.workspace, sockets=self.sockets, requests=self._requests)

    def _wire_people(self) -> None:
        self._gestures = Gestures(
            workspace=self.workspace,
            post=self._post,
            payloads=Payloads(workspace=self.workspace, address=self._api_address),
            commands=tuple(declared(DeclaredCommand, each) for each in self.commands),
            shortcuts=tuple(declared(DeclaredShortcut, each) for each in self.shortcuts),
        )
        self._modals = Modals(self._gestures)
        self._talk = Talk(self._gestures, subscribed=frozenset(self.events), address=self._api_address)
        requests = Requests(gestures=self._gestures, modals=self._modals, talk=self._talk)
        self._live = Live(workspace=self.workspace, requests=requests)

    def _api_address(self) -> str:
        return self._api_listener.url

    def _socket_address(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/link/?ticket={self.sockets.ticket()}"

    def _api(self) -> web.Application:
        desk = Desk(
            workspace=self.workspace,
            scopes=self.scopes,
            address=self._api_address,
            socket_url=self._socket_address,
        )
        door = WebApi(
            desk=desk, tokens=self.tokens, rates=self.rates, faults=self.faults, recording=self.recording
        )
        hooks = Hooks(desk=desk, tokens=self.tokens, faults=self.faults, recording=self.recording)
        app = web.Application(client_max_size=_MOST_BODY)
        app.router.add_route("*", "/api/{method}", door.handle)
        app.router.add_post("/hooks/{family}/{team}/{name}", hooks.respond)
        app.router.add_post("/upload/v1/{file_id}", hooks.upload)
        app.router.add_get("/files-pri/{file_id}/{rest:.*}", hooks.download)
        return app

    def _page(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/link/", self.sockets.handle)
        site = Site(gestures=self._gestures, live=self._live, cast=self.cast, folder=self.page_folder)
        site.add_routes(app)
        return app
