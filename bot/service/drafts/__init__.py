"""Drafts: forms being filled in, kept until they are submitted.

`drafts` opens and keeps them and asks Orchestrator about them; `prefill_sources` finds values to start from;
`validation` checks the answers; `submission` makes a launch or a preset of them.
"""

from bot.service.drafts.drafts import Drafts
from bot.service.drafts.submission import Submission

__all__ = ["Drafts", "Submission"]
