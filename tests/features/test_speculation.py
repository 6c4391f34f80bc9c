"""When it is worth asking a model for what nobody may ever want."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from spark_lsp.features.speculation import Acceptance, is_worth_asking


def acceptance(*verdicts: bool) -> Acceptance:
    found = Acceptance()
    for verdict in verdicts:
        found.note(accepted=verdict)
    return found


def test_the_share_is_that_of_the_last_ones() -> None:
    assert acceptance(*[True] * 7).share is None, "too few"
    assert acceptance(*[True, False] * 4).share == 0.5
    assert acceptance(*[False] * 30, *[True] * 20).share == 1


@pytest.mark.parametrize(
    ("price", "room", "verdicts", "worth"),
    [
        (0.0, True, [False] * 20, True),
        (1.0, True, [False] * 20, False),
        (1.0, True, [False] * 7, True),
        (1.0, True, [True, False] * 10, True),
        (0.0, False, [True] * 20, False),
    ],
)
def test_what_costs_something_has_to_be_of_use(price: float, room: bool, verdicts: list[bool], worth: bool) -> None:
    models = SimpleNamespace(may_look_ahead=lambda *_: room)
    services: Any = SimpleNamespace(models=models, session=SimpleNamespace(settings=None))
    endpoint: Any = SimpleNamespace(price=SimpleNamespace(input=price))
    assert is_worth_asking(services, endpoint, acceptance(*verdicts)) == worth
    assert not is_worth_asking(services, None, acceptance())
