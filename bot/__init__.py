"""A Slack bot that runs Orchestrator workflows: asked for, approved, told, never twice.

The floors, from the top; imports only go down:

```
__main__      the command line: serve, check, migrate, quarantine, demo
demo          a pretend Orchestrator and a pretend Slack workspace with a page to click in
serving       the running bot: its loops (rounds), and when it tidies up its memory
port          where it listens: health, and Slack's requests where they come by HTTP
app           the wiring: settings in, the joined parts out
slack         everything people see and click: the only home of slack_bolt and slack_sdk
tracker       the clock: moves every open launch on
drafts        forms that are being filled in, until they are sent
inspecting    launches as somebody who may decide looks at them
policies      the policy in force, and its changes while the bot runs
launches      ** start reading here **: the life of a launch, in order of time
approvals     other people's say in it: votes, reminders, delegation, review
catalogue     the workflows people may pick; menus: each person's; searching: by words
admission     what is asked again right before a start; secrets are opened for it
reconciling   a launch whose start was never answered, against Orchestrator's list of runs
refusals      who was refused what, kept in the audit
evaluating    what Orchestrator works out of a form; inventory finds the objects it asks for
connecting    how Orchestrator is reached, from the settings
orchestrator  Orchestrator's REST API: the only home of httpx
store         durable state: the only home of SQLAlchemy
courtesy      who goes first: an ack, before work that has time
settings      everything configurable; policy_file reads who may run what
domain        launch, workflow, form, policy, errors: pure, nothing that reaches outside
```
"""
