"""The floor: an aiohttp server that verifies the signature and answers 200: `floor.py PORT SECRET`."""

from __future__ import annotations

import sys

from aiohttp import web
from slack_sdk.signature import SignatureVerifier


def main(port: int, secret: str) -> None:
    """Serve until killed."""
    verifier = SignatureVerifier(secret)

    async def received(request: web.Request) -> web.Response:
        raw = await request.read()
        sent_at = request.headers["X-Slack-Request-Timestamp"]
        genuine = verifier.is_valid(raw, sent_at, request.headers["X-Slack-Signature"])
        return web.Response(status=200 if genuine else 401)

    served = web.Application()
    served.router.add_post("/slack/events", received)
    web.run_app(served, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
