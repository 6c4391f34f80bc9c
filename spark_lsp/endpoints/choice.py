"""What a name of the settings came to: an endpoint that can be asked, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.endpoints.request import Endpoint, Price, Timeouts

if TYPE_CHECKING:
    from spark_lsp.endpoints.local_servers import Address
    from spark_lsp.settings.api_keys import ApiKey
    from spark_lsp.settings.endpoint_model import EndpointSettings

_LONGEST_NAME_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """The endpoint for a task: complete but for its key."""

    name: str
    settings: EndpointSettings
    why: str | None = None
    """What decided, such as "cerebras: CEREBRAS_API_KEY is set"; None where the settings name it."""
    lacks_key: str | None = None
    """Why its key is not to be had, as a clause, where that is known without asking a command."""
    addresses: tuple[Address, ...] = ()
    """Where a server, once it answers, would be taken instead."""

    @property
    def problem(self) -> str | None:
        """`lacks_key` as a sentence."""
        return (
            None if self.lacks_key is None else f"The endpoint “{shown_name(self.name)}” has no key: {self.lacks_key}."
        )

    def endpoint(self, key: ApiKey | None) -> Endpoint:
        """The endpoint as it is asked. Without a key only if it needs none, or nothing is to be sent."""
        settings = self.settings
        source = None
        if settings.api_key_env:
            source = f"the variable {settings.api_key_env}"
        elif settings.api_key_command:
            source = f"the command {settings.api_key_command[0]}"
        timeouts, price = settings.timeouts, settings.price
        return Endpoint(
            name=self.name,
            base_url=settings.base_url or "",
            model=settings.model or "",
            wire=settings.wire,
            api_key=key.value if key else None,
            api_key_source=source,
            headers=settings.headers,
            extra_body=settings.extra_body,
            temperature=settings.temperature,
            seed=settings.seed,
            max_output_tokens=settings.max_output_tokens,
            context_tokens=settings.context_tokens,
            timeouts=Timeouts(timeouts.connect, timeouts.first_token, timeouts.stall, timeouts.total),
            price=Price(price.input, price.cached_input, price.output, settings.jobs.usd_per_unit),
            hedge=settings.hedge,
            jobs=settings.jobs,
        )


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no endpoint for a task."""

    sentence: str
    """Why, and what to do about it."""
    addresses: tuple[Address, ...] = ()
    """Where a server, once it answers, would change that."""


def shown_name(name: str) -> str:
    """A name for a message: it may have come from anywhere."""
    cut = name if len(name) <= _LONGEST_NAME_SHOWN else name[:_LONGEST_NAME_SHOWN] + "…"
    return "".join(character if character.isprintable() else "?" for character in cut)
