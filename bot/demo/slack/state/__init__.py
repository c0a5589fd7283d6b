"""What the workspace knows: people, channels, messages, views, files, and what is still worth a trigger."""
