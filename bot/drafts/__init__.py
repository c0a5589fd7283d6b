"""Forms that are being filled in, until they are sent.

`filling` opens and keeps them as drafts, and has Orchestrator asked about them; `offering` finds values to
start from; `judging` says what is wrong with one; `sending` makes a launch or a preset of it.
"""

from bot.drafts.filling import Drafts
from bot.drafts.sending import Sending

__all__ = ["Drafts", "Sending"]
