"""What a session can be switched to, for an editor to offer: names, models, and which variable a key is wanted in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.endpoints.choice import Choice
from spark_lsp.endpoints.presets import PRESETS

if TYPE_CHECKING:
    from spark_lsp.endpoints.catalog import EndpointCatalog
    from spark_lsp.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Offer:
    """One endpoint of the user's, or one preset."""

    name: str
    model: str | None
    """None where its server decides and is not known to run."""
    key_variable: str | None
    """The environment variable that its key is taken from."""
    lacks_key: bool
    problem: str | None
    """Why it cannot be used as it is set, as a sentence."""


def offers(catalog: EndpointCatalog, settings: Settings) -> list[Offer]:
    """The user's endpoints in their order, then the presets. No server is asked."""
    names = dict.fromkeys([*settings.endpoints, *PRESETS])
    return [_offer(catalog, settings, name) for name in names]


def _offer(catalog: EndpointCatalog, settings: Settings, name: str) -> Offer:
    choice = catalog.named(name, settings)
    if isinstance(choice, Choice):
        used = choice.settings
        return Offer(name, used.model, used.api_key_env, choice.lacks_key is not None, None)
    # A server on this machine that did not answer yet may do so once it is asked for.
    problem = None if choice.addresses else choice.sentence
    return Offer(name, None, None, lacks_key=False, problem=problem)
