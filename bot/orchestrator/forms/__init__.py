"""Forms as Orchestrator draws them, read into `bot.domain.forms`, and the sources in them worked out."""
