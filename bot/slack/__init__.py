"""The bot's face in Slack: the only home of slack_bolt and slack_sdk."""
