"""Delivers payloads on the way that is set, keeps them, and can deliver any of them again."""

import time

from bot.demo.slack.delivery.envelope import Ack, Courier, Delivery, Kind, Retry
from bot.demo.slack.delivery.signed_http import SignedRequests
from bot.demo.slack.delivery.socket_mode import SocketMode
from bot.demo.slack.state.workspace import Workspace
from bot.demo.slack.wire import Json


class PostOffice:
    """Everything that goes to the bot goes through here."""

    def __init__(self, *, workspace: Workspace, sockets: SocketMode, requests: SignedRequests) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._requests = requests
        self._uses_http = False
        self.deliveries: list[Delivery] = []

    def deliver_to(self, url: str | None) -> None:
        """From now on, post to this address; with None, use Socket Mode."""
        self._uses_http = url is not None
        self._requests.url = url or ""

    async def send(self, kind: Kind, payload: Json) -> Ack:
        """Deliver a payload once; an event that was not acknowledged is delivered once more, at once."""
        delivery = Delivery(kind=kind, payload=payload, at=self._workspace.now())
        self.deliveries.append(delivery)
        self._workspace.feed.wake()
        ack = await self.replay(delivery)
        if not ack.ok and kind == "events_api":
            reason = "http_timeout" if ack.error == "operation_timeout" else "http_error"
            ack = await self.replay(delivery, retry=Retry(number=1, reason=reason))
        return ack

    async def replay(self, delivery: Delivery, *, retry: Retry | None = None) -> Ack:
        """Deliver exactly the same payload again, newly signed."""
        begun = time.perf_counter()
        ack = await self._courier.carry(delivery, retry=retry)
        delivery.acks.append(ack)
        delivery.seconds.append(time.perf_counter() - begun)
        if ack.body and not delivery.takes_body:
            self._workspace.violated(f"ack of {delivery.type}", ["carries a body that Slack throws away"])
        self._workspace.feed.wake()
        return ack

    @property
    def _courier(self) -> Courier:
        return self._requests if self._uses_http else self._sockets
