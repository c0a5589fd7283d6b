"""A stock Bolt app with 30 listeners that only ack, the five asked for last: `stock_bolt.py PORT SECRET API`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck

_OTHERS = 5  # of each kind, before the five that are asked for
_OPTIONS = [
    {"text": {"type": "plain_text", "text": f"Restart virtual machine {number:03}"}, "value": str(number)}
    for number in range(20)
]


async def _acked(ack: AsyncAck) -> None:
    await ack()


async def _told(ack: AsyncAck) -> None:
    await ack("Nothing is open here.")


async def _suggested(ack: AsyncAck) -> None:
    await ack(options=_OPTIONS)


def _listen(app: Any, *, command: str, actions: tuple[str, ...], view: str, options: str) -> None:
    app.command(command)(_told)
    for action in actions:
        app.action(action)(_acked)
    app.view(view)(_acked)
    app.options(options)(_suggested)


def main(port: int, secret: str, api_url: str) -> None:
    """Serve until killed."""
    token = "xoxb-stock"
    app = AsyncApp(token=token, signing_secret=secret, client=AsyncWebClient(token, base_url=api_url))
    for number in range(_OTHERS):
        actions = (f"press_{number}", f"pick_{number}")
        _listen(app, command=f"/o{number}", actions=actions, view=f"v{number}", options=f"o{number}")
    _listen(app, command="/vro", actions=("approve", "withdraw"), view="send_form", options="workflow")
    app.start(port=port, path="/slack/events", host="127.0.0.1")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
