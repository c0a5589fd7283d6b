"""`python -m bot check`: proves one by one what the bot stands on, and says how to mend what does not hold."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.app import connection
from bot.domain.errors import (
    AnswerLost,
    BotError,
    DatabaseLocked,
    Declined,
    LoginRefused,
    OrchestratorError,
    Unreachable,
)
from bot.orchestrator.answers import is_untrusted
from bot.orchestrator.client import Orchestrator
from bot.policy_file import PolicyError, read_policy
from bot.settings import Login, Settings, SettingsError, Transport, read_settings
from bot.slack.listening import PATH
from bot.slack.tokens import (
    OPTIONAL_SCOPES,
    REQUIRED_SCOPES,
    SlackAway,
    SlackRefuses,
    read_bot_token,
    try_app_token,
)
from bot.store.database import Clock
from bot.store.migrating import HEAD, file_of, is_file, revision
from bot.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
