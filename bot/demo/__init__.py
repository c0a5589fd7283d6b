"""The demo: a pretend Orchestrator, a pretend Slack with a page, and stories that use the bot with both."""
