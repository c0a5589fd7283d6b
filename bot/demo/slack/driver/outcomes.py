"""What a person sees happen after they did something."""

from dataclasses import dataclass, field

from bot.demo.slack.wire import Json

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """The outcome of a slash command or shortcut; `message` is what the acknowledgement showed."""

    ok: bool
    error: str | None = None
    message: Json | None = None

    @property
    def text(self) -> str:
        """The text that came with the acknowledgement."""
        return str((self.message or {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks that came with the acknowledgement."""
        return list((self.message or {}).get("blocks", []))


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """The outcome of touching an element; `sent` is False where nothing had to go to the bot."""

    ok: bool
    sent: bool = True
    error: str | None = None
    url: str | None = None
    asked: Json | None = None


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """The outcome of submitting a modal; `errors` by block_id, `error_at` by the field's label.

    `sent` is False when the client itself refused; `closed` says that no modal is left open.
    """

    ok: bool
    sent: bool = True
    closed: bool = False
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    error_at: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The outcome of typing into a menu that asks the bot; `sent` is False below its shortest query."""

    ok: bool
    sent: bool = True
    error: str | None = None
    options: list[Json] = field(default_factory=list)
    groups: list[Json] = field(default_factory=list)

    @property
    def every_option(self) -> list[Json]:
        """All options, those in groups included."""
        return [*self.options, *(option for group in self.groups for option in group["options"])]

    @property
    def texts(self) -> list[str]:
        """What the options say."""
        return [str(option["text"]["text"]) for option in self.every_option]
