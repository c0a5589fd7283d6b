"""The steps of a launch as pure functions: launch and time in, next launch and what to tell out."""

from bot.domain.steps.step import Due, NewEvent, Step

__all__ = ["Due", "NewEvent", "Step"]
