"""The policy file: who may run which workflow where, who approves it, and what its inputs may hold.

The file is YAML and holds `rules`, a list. The first rule that covers the workflow, the person and the
channel decides; where none does, nothing may be run, so `rules: []` allows nothing. A rule's keys:

- `name`: shown in the records; each name once.
- `workflows`: what it covers, by `ids`, `names` or `folders` (lists; any one is enough). In a folder `*`
  stands for anything within one folder and `**` for anything below.
- `run`: who may run them: `users` and `groups` as Slack ids, or `everyone: true` for every full member.
- `channels`: Slack ids of the channels they may be run in; left out, anywhere.
- `approve`: who has to approve each launch: `users` and `groups`, and `within` which time (`30m`, `4h`,
  `2d`; `24h` if left out). Left out, none has to. Nobody approves their own launch.
- `safe_to_repeat`: `true` if a second run does no harm; then a start that was never answered may be tried
  again. `false` if left out.
- `secrets`: names of configured secrets that may be chosen for SecureString inputs.
- `typed_secrets`: `true` lets people type such inputs into Slack. `false` if left out.
- `audit`: how the audit keeps the values of inputs: `plain` (if left out), `hashed` or `none`; secrets
  never.
- `inputs`: what is known of single inputs beyond their type, by name: `required` (`true` if left out),
  `label`, `hint`, `default`, `choices`, `minimum`, `maximum` (of a number, or of a text's length) and
  `pattern` (a regular expression for the whole text).

Whatever is not one of these is an error, named with its line.
"""

from bot.policy_file.cases import Case, argument, read_cases
from bot.policy_file.document import PolicyError
from bot.policy_file.reading import Edition, digest_of, parse_policy, read_edition, read_policy, read_raw
from bot.policy_file.sample import SAMPLE

__all__ = [
    "SAMPLE",
    "Case",
    "Edition",
    "PolicyError",
    "argument",
    "digest_of",
    "parse_policy",
    "read_cases",
    "read_edition",
    "read_policy",
    "read_raw",
]
