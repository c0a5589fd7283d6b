"""A Slack bot that runs Orchestrator workflows: requested, approved, reported, and never started twice.

The architecture, from the top. Imports only go down; rooms on one line do not know each other.

```
cli          the commands of `python -m bot`: serve, check, policy, audit, migrate and the others
demo         a pretend Orchestrator and a pretend Slack workspace with a page to click in; not in the image
wiring       settings in, a running bot out: one builder per floor, and run()
slack        all that people see and click: the only home of slack_bolt and slack_sdk
service      the use cases. ** launches.py: start reading here **
orchestrator | store | policy_file | settings
domain       launch, workflow, forms, policy, values, errors: pure, standard library only
runtime      what any such process needs: priority, loops, logs, metrics; used by all, knows none of the above
```

`orchestrator` is the client of Orchestrator's REST API, the only home of httpx; `store` is durable state,
the only home of SQLAlchemy; `policy_file` reads YAML into the policy; `settings` is everything configurable.
"""
