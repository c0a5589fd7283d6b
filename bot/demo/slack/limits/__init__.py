"""What Slack accepts: every limit of messages, views, blocks, elements and acknowledgements.

Sources: docs.slack.dev/reference/block-kit (blocks, block elements, composition objects), /reference/views
and /reference/methods/chat.postMessage.
"""

from bot.demo.slack.limits.acks import command_ack_problems, options_ack_problems, submission_ack_problems
from bot.demo.slack.limits.surfaces import (
    MOST_METADATA_BYTES,
    MOST_VIEW_BYTES,
    json_bytes,
    message_problems,
    metadata_problems,
    view_problems,
)

__all__ = [
    "MOST_METADATA_BYTES",
    "MOST_VIEW_BYTES",
    "command_ack_problems",
    "json_bytes",
    "message_problems",
    "metadata_problems",
    "options_ack_problems",
    "submission_ack_problems",
    "view_problems",
]
