"""What a request costs, as far as the settings or a preset know the price."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_lsp.endpoints.events import Units, Usage
    from spark_lsp.endpoints.request import Endpoint


def cost_of(usage: Usage, units: Units | None, endpoint: Endpoint) -> float | None:
    """USD; None if there is no price to reckon with.

    Reasoning counts among the output, and what the provider's cache held among the input (at its own price).
    """
    price = endpoint.price
    usd = (
        (usage.input_tokens - usage.cached_tokens) * price.input
        + usage.cached_tokens * price.cached_input
        + usage.output_tokens * price.output
    ) / 1_000_000
    if units is not None:
        usd += units.amount * price.unit
    return usd or None
