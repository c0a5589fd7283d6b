"""The policy file: who may run which workflow where and when, who approves it, and what its inputs may hold.

The file is YAML. It holds `rules`, a list. The first rule that covers the workflow, the arguments, the
person and the channel decides; where none does, nothing may be run, so `rules: []` allows nothing. A rule
that is not for the person or the channel is passed over, so a later one may still let them. A rule's keys:

- `name`: shown in the records and in each refusal; each name once.
- `workflows`: what it covers, by `ids`, `names`, `folders` or `tags` (lists; any one is enough). In a
  folder `*` stands for anything within one folder and `**` for anything below.
- `when`: the arguments it is for, by name: a value, a list of values, or `minimum` and `maximum` of a
  number. Case does not matter; an object of the inventory is written as its id or its name; of a list all
  items have to fit. If that cannot be told (nothing given, a secret, a list of which some fit), the launch
  is refused.
- `run`: who may run them, or `everyone: true` for every full member.
- `channels`: Slack ids of the channels they may be run in; left out, anywhere.
- `risk`: `read_only`, `change` or `destructive`, as people are told.
- `approve`: who has to approve each launch, and `count` of them (1 if left out), `within` which time
  (`30m`, `4h`, `2d`; `24h` if left out). `remind` lists when to remind; `escalate` names who may decide as
  well, `after` a time; `notify` says where else to ask: `channels`, and `direct: true` for direct messages.
  `confirm_by` says how: `click` (if left out), `dialog` for the window that shows all, or `code` for a
  one-time code there; `delegable: false` lets nobody decide it in another's name. A list of these are
  stages, in their order. Left out, none has to. Nobody approves their own launch, and nobody counts twice.
- `editors_may_not_approve`: `true` keeps those whose shared preset the request was filled in with
  from approving it.
- `on_expiry`: `end` (if left out), or `escalate`: once more, to those whom `escalate` names.
- `in_freeze`: `wait` (if left out) for a freeze to end, `refuse`, or `run`: freezes do not concern it.
- `one_at_a_time`: a parameter; at most one run is open for each of its values, the next ones queue.
- `requester_input`: the input that the bot fills with who asked.
- `hidden`: inputs whose values no channel shows.
- `safe_to_repeat`: `true` if a second run does no harm; then a start that was never answered may be tried
  again.
- `secrets`: names of configured secrets that may be chosen for SecureString inputs; `{name, inputs}` names
  the inputs that one is for.
- `typed_secrets`: `true` lets people type such inputs into Slack.
- `audit`: how the audit keeps the values of inputs: `plain` (if left out), `hashed` or `none`; secrets
  never.
- `log`: who sees the log of a run: `private` (if left out), whoever asks for it by a button; `thread`, it
  can be shared there as well; `off`, nobody.
- `inputs`: what is known of single inputs beyond their type, by name: `required` (if left out, as their
  form or the workflow's definition says),
  `label`, `hint`, `default`, `choices`, `minimum`, `maximum` (of a number, or of a text's length) and
  `pattern` (a regular expression for the whole text).

People are named by `users` and `groups` (Slack ids), `domains` (of an e-mail address that Slack has
confirmed) and `people` (sets of the file). Beside `rules` the file may hold:

- `people`: sets of people by name, each with `users`, `groups` and `domains`.
- `freezes`: a list, each with `name`, an IANA time `zone`, `from` and `to`: both as `18:00` (each day, or
  on `weekdays`), both as `Fri 18:00`, or both as `2026-12-24 18:00`. The first moment belongs to it, the
  last does not.
- `break_glass`: who may pass a freeze or an approval with a written reason, who has to `review` that, and
  whom to `notify`.
- `delegation`: `to` whom a person who is away may delegate, and the `longest` time.
- `at_most`: how many runs of the bot may be open in Orchestrator; the next ones queue.
- `assignees`: who the users and groups are whom Orchestrator's questions name, each as in `run`. A name that
  is somebody's confirmed e-mail address needs no entry.

Whatever is not one of these is an error, named with its line. So is a rule that can never decide, because
rules above it cover all of it. Anchors and aliases work; `yes`, `no`, `on` and `off` are text, as are times
and dates.
"""

from bot.policy_file.cases import PolicyCase, argument, read_cases
from bot.policy_file.document import PolicyError
from bot.policy_file.reading import Edition, digest_of, parse_policy, read_edition, read_policy, read_raw
from bot.policy_file.sample import SAMPLE, SAMPLE_CASES

__all__ = [
    "SAMPLE",
    "SAMPLE_CASES",
    "Edition",
    "PolicyCase",
    "PolicyError",
    "argument",
    "digest_of",
    "parse_policy",
    "read_cases",
    "read_edition",
    "read_policy",
    "read_raw",
]
