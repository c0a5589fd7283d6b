"""What payloads from Slack mean: each handler turns one into plain arguments and calls one service method."""
