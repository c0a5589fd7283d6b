"""The two ways in which this workspace says no: to the bot, and to a person."""


class SlackRefusalError(Exception):
    """The Web API's answer is no; `code` is Slack's error code.

    `messages` are the details Slack puts in `response_metadata.messages`; `more` are further body fields.
    """

    def __init__(self, code: str, *, messages: tuple[str, ...] = (), **more: object) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages
        self.more = more


class CannotDoError(AssertionError):
    """A person cannot do that: what they would have to touch is not on their screen."""


class AmbiguousError(CannotDoError):
    """Several things on the screen go by that name."""
