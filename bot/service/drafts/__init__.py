"""Forms that are being filled in, until they are sent.

`filling` opens and keeps them as drafts, and has Orchestrator asked about them; `offering` finds values to
start from; `judging` says what is wrong with one; `sending` makes a launch or a preset of it.
"""

from bot.service.drafts.drafts import Drafts
from bot.service.drafts.submission import Submission

__all__ = ["Drafts", "Submission"]
