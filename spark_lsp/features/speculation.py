"""Whether it is worth asking a model for what nobody may ever want: what follows a suggestion that is being read."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.features.services import Services

SECONDS_TO_BE_READ: Final = 0.25
"""A suggestion that was on the screen for so long may be accepted: what follows it is prepared."""
_REMEMBERED: Final = 20
_FEWEST: Final = 8
_LEAST_ACCEPTANCE: Final = 0.3
"""The share of suggestions that are accepted, below which what follows one is not worth what it costs."""


class Acceptance:
    """Of the last suggestions, how many the user took over."""

    def __init__(self) -> None:
        self._last: deque[bool] = deque(maxlen=_REMEMBERED)

    def note(self, *, accepted: bool) -> None:
        """What became of one more suggestion."""
        self._last.append(accepted)

    @property
    def share(self) -> float | None:
        """From 0 to 1; None if there were too few."""
        return sum(self._last) / len(self._last) if len(self._last) >= _FEWEST else None


def is_worth_asking(services: Services, endpoint: Endpoint | None, acceptance: Acceptance) -> bool:
    """Whether an endpoint may be asked ahead: there is room in its limits, and what it costs is likely to be of use."""
    if endpoint is None or not services.models.may_look_ahead(endpoint, services.session.settings):
        return False
    share = acceptance.share
    return endpoint.price.input <= 0 or share is None or share >= _LEAST_ACCEPTANCE
