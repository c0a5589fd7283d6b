"""The bot on a stage: a pretend Orchestrator, a pretend Slack workspace, and stories played between them."""
