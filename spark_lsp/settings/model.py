"""The settings, all of them: what they are called, what they may be, their defaults and what they mean.

The parser, the JSON schema and the page docs/settings.md all follow from the fields here. Outside, names are camelCase;
inside, snake_case. Mappings are built as plain dictionaries: never change one in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from spark_lsp.settings.endpoint_model import ENDPOINT, EndpointSettings
from spark_lsp.settings.fields import about, dollars, setting, token_count
from spark_lsp.settings.kinds import ListOf, MapOf, Table
from spark_lsp.settings.scalars import boolean, choice, integer, text

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG_LEVELS: Final = ("debug", "info", "warning", "error")


def _route(task: str) -> str | None:
    kind = text("the name of an endpoint")
    return setting(None, kind, f"The endpoint for {task}. Default: what endpoint says.")


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """The endpoint by task, named as in `Settings.endpoint`; None is that one."""

    inline: str | None = _route("suggestions at the cursor")
    next_edit: str | None = _route("next edits")
    edit: str | None = _route("edits on instruction")
    deep: str | None = _route("edits that need more thought than speed")


@dataclass(frozen=True, slots=True)
class InlineSettings:
    """Suggestions at the cursor."""

    enabled: bool = setting(True, boolean(), "Whether to suggest text at the cursor.")
    max_lines: int = setting(24, integer(1, 1000), "The longest suggestion.", "lines")
    in_comments: bool = setting(True, boolean(), "Whether to suggest text inside comments without being asked.")
    in_strings: bool = setting(True, boolean(), "Whether to suggest text inside strings without being asked.")


@dataclass(frozen=True, slots=True)
class NextEditSettings:
    """Next edits."""

    enabled: bool = setting(True, boolean(), "Whether to suggest next edits.")
    offline: bool = setting(
        True,
        boolean(),
        "Whether to derive next edits from the last ones without a model, before a model is asked.",
    )


@dataclass(frozen=True, slots=True)
class EditSettings:
    """Edits on instruction."""

    apply: str = setting(
        "stream",
        choice(("stream", "once", "preview")),
        "When an edit is applied: stream (hunk by hunk as the answer comes in), once (at its end) "
        "or preview (when you say so).",
    )
    on_cancel: str = setting(
        "revert",
        choice(("revert", "keep")),
        "What happens on cancel to the hunks that were applied already: revert or keep.",
    )
    syntax_gate: str = setting(
        "warn",
        choice(("reject", "warn", "off")),
        "What happens to an edit that breaks a file that parsed: reject, warn or off. "
        "Automatic suggestions that would break it are never shown.",
    )
    restyle: str = setting(
        "drop",
        choice(("drop", "keep")),
        "What happens to hunks that only restyle code (line breaks, quotes, blank lines) although the instruction is "
        "not about style: drop or keep.",
    )


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """Budgets for what goes round the code at hand."""

    tokens: int = setting(4000, token_count(), "The most to send round the code at hand.", "tokens")
    inline_tokens: int = setting(
        1500, token_count(), "The same for suggestions at the cursor, where it costs speed most.", "tokens"
    )
    repository: bool = setting(True, boolean(), "Whether to look for definitions in other files of the repository.")


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """What must not leave the machine."""

    redact_secrets: bool = setting(
        True, boolean(), "Whether secrets in the code are replaced before it is sent and put back in the answer."
    )
    exclude: tuple[str, ...] = setting(
        (),
        ListOf("a list of gitignore patterns", text("a gitignore pattern"), 0, 1000, "is left out"),
        "Gitignore patterns of files that are never read for a prompt or sent, besides those that never are anyway.",
    )


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What may be used up; None is no limit."""

    tokens_per_minute: int | None = setting(
        None, token_count(), "The most that goes to and fro in a minute. Default: no limit.", "tokens per minute"
    )
    usd_per_day: float | None = setting(
        None, dollars(), "The most that may be spent in a day. Default: no limit.", "USD per day"
    )


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """What is kept to be used again, in memory and for this session."""

    replies: bool = setting(
        True,
        boolean(),
        "Whether the same prompt to the same model gives the same answer again without asking, within a session.",
    )


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """The ledger of requests."""

    enabled: bool = setting(
        True,
        boolean(),
        "Whether times, tokens, cost and outcome of every request are kept on this machine, for spark-lsp stats and "
        "limits.usdPerDay. Never any code.",
    )


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The log."""

    level: str = setting("info", choice(LOG_LEVELS), "How much is logged.")
    prompts: bool = setting(
        False,
        boolean(),
        "Whether prompts and answers, that is your code, go into the log; secrets only as placeholders.",
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. A setting that nobody set has its default."""

    endpoint: str = setting(
        "auto",
        text("the name of an endpoint"),
        'The endpoint to use: a key of endpoints, the name of a preset, "offline", or "auto" (the first of your own '
        "whose key can be had, else the first preset whose key is in the environment, else a local server that "
        "answers, else offline).",
    )
    endpoints: Mapping[str, EndpointSettings] = field(
        default_factory=dict,
        metadata=about(
            MapOf("a table of endpoints", text("a name"), ENDPOINT),
            "Endpoints of your own by names of your choice, each with a preset or a baseUrl.",
        ),
    )
    fallback: tuple[str, ...] = setting(
        (),
        ListOf("a list of endpoints' names", text("the name of an endpoint"), 0, 20, "is left out"),
        "Endpoints to go on to, in this order, when one gives no answer.",
    )
    routes: RouteSettings = field(
        default_factory=RouteSettings, metadata=about(Table(RouteSettings), "Endpoints by task.")
    )
    inline: InlineSettings = field(
        default_factory=InlineSettings, metadata=about(Table(InlineSettings), "Suggestions at the cursor.")
    )
    next_edit: NextEditSettings = field(
        default_factory=NextEditSettings, metadata=about(Table(NextEditSettings), "Next edits.")
    )
    edit: EditSettings = field(
        default_factory=EditSettings, metadata=about(Table(EditSettings), "Edits on instruction.")
    )
    context: ContextSettings = field(
        default_factory=ContextSettings, metadata=about(Table(ContextSettings), "What the model gets to see.")
    )
    privacy: PrivacySettings = field(
        default_factory=PrivacySettings, metadata=about(Table(PrivacySettings), "What must stay here.")
    )
    limits: LimitSettings = field(
        default_factory=LimitSettings, metadata=about(Table(LimitSettings), "What may be used up.")
    )
    cache: CacheSettings = field(
        default_factory=CacheSettings, metadata=about(Table(CacheSettings), "What is kept in memory.")
    )
    ledger: LedgerSettings = field(
        default_factory=LedgerSettings, metadata=about(Table(LedgerSettings), "The ledger of requests.")
    )
    log: LogSettings = field(default_factory=LogSettings, metadata=about(Table(LogSettings), "The log."))


SETTINGS: Final = Table(Settings)
