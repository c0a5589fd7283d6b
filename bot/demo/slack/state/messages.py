"""Messages and ephemeral messages of every channel; a stored message is replaced, never changed in place."""

from collections import defaultdict

from bot.demo.slack.state.feed import Change, Feed
from bot.demo.slack.state.ids import Ids
from bot.demo.slack.wire import Json


class Messages:
    """What was posted where."""

    def __init__(self, *, ids: Ids, feed: Feed) -> None:
        self._ids = ids
        self._feed = feed
        self._posted: defaultdict[str, dict[str, Json]] = defaultdict(dict)
        self._whispered: defaultdict[tuple[str, str], dict[str, Json]] = defaultdict(dict)

    def post(self, channel: str, message: Json) -> Json:
        """Add a message; returns it with its `ts`."""
        ts = self._ids.ts()
        self._put(channel, {"type": "message", **message, "ts": ts})
        if "thread_ts" in message:
            self._recount(channel, message["thread_ts"])
        return self._posted[channel][ts]

    def replace(self, channel: str, message: Json) -> Json:
        """Put a changed message in the place of the one with its `ts`."""
        self._put(channel, message)
        return message

    def remove(self, channel: str, ts: str) -> None:
        """Delete a message; one with replies leaves a tombstone, as on Slack."""
        message = self._posted[channel][ts]
        if message.get("reply_count"):
            words = "This message was deleted."
            kept = {name: message[name] for name in ("type", "ts", "thread_ts", "reply_count")}
            self._put(channel, {**kept, "subtype": "tombstone", "user": "USLACKBOT", "text": words})
            return
        del self._posted[channel][ts]
        self._feed.publish(Change(kind="message_deleted", channel=channel, ts=ts))
        if message.get("thread_ts", ts) != ts:
            self._recount(channel, message["thread_ts"])

    def find(self, channel: str, ts: str) -> Json | None:
        """The message with this `ts`, or None."""
        return self._posted[channel].get(ts)

    def flat(self, channel: str) -> list[Json]:
        """Every message of a channel, replies included, oldest first."""
        return [self._posted[channel][ts] for ts in sorted(self._posted[channel], key=float)]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The message with this `ts` and its replies, oldest first."""
        return [m for m in self.flat(channel) if ts in (m["ts"], m.get("thread_ts"))]

    def whisper(self, channel: str, user: str, message: Json, *, ts: str | None = None) -> Json:
        """Show a message to one person only; with a `ts`, in the place of the one that has it."""
        ts = ts or self._ids.ts()
        whispered = {"type": "message", **message, "ts": ts, "is_ephemeral": True}
        self._whispered[user, channel][ts] = whispered
        self._feed.publish(Change(kind="ephemeral", user=user, channel=channel, message=whispered))
        return whispered

    def unwhisper(self, channel: str, user: str, ts: str) -> None:
        """Take an ephemeral message away."""
        if self._whispered[user, channel].pop(ts, None):
            self._feed.publish(Change(kind="ephemeral_deleted", user=user, channel=channel, ts=ts))

    def whispers(self, channel: str, user: str) -> list[Json]:
        """The ephemeral messages this person sees in a channel, oldest first."""
        seen = self._whispered[user, channel]
        return [seen[ts] for ts in sorted(seen, key=float)]

    def _put(self, channel: str, message: Json) -> None:
        self._posted[channel][message["ts"]] = message
        self._feed.publish(Change(kind="message", channel=channel, message=message))

    def _recount(self, channel: str, thread_ts: str) -> None:
        parent = self.find(channel, thread_ts)
        if parent is None:
            return
        replies = self.thread(channel, thread_ts)[1:]
        people = sorted({str(reply.get("user")) for reply in replies})
        facts = {"reply_count": len(replies), "reply_users": people, "reply_users_count": len(people)}
        latest = {"latest_reply": replies[-1]["ts"]} if replies else {}
        self._put(channel, {**parent, "thread_ts": thread_ts, **facts, **latest})
