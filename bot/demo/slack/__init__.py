"""A pretend Slack workspace: the Web API, Socket Mode, signed requests, and people who use it."""

from bot.demo.slack.errors import CannotDoError
from bot.demo.slack.server import PretendSlack

__all__ = ["CannotDoError", "PretendSlack"]
