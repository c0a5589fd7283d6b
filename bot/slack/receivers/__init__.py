"""The ways in from Slack: signed requests to one address, or WebSockets that the bot opens."""

from typing import TypeAlias

from bot.slack.receivers.http import HttpReceiver
from bot.slack.receivers.socket_mode import SocketModeReceiver

Receiver: TypeAlias = HttpReceiver | SocketModeReceiver

__all__ = ["HttpReceiver", "Receiver", "SocketModeReceiver"]
