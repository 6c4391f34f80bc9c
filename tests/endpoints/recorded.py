"""What real servers sent, byte for byte, and how our wires read it.

A recording is called `WIRE-CASE.sse` or `.json`; the case of an error ends with its HTTP status.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from endpoints.conformance_cases import Heard
from spark_lsp.core.prompt import TextPrompt
from spark_lsp.endpoints.failures import failures_for
from spark_lsp.endpoints.request import CompletionRequest, Endpoint
from spark_lsp.endpoints.wires.registry import WIRES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.endpoints.events import Event

FOLDER = Path(__file__).parent / "data" / "llama-server"
_NAME = re.compile(r"(?P<wire>.+)-(?P<case>stream|whole|limit|\w+-(?P<status>\d+))\.(?:sse|json)")
LIMIT = 4
"""Tokens that the recordings called `limit` were asked for."""


@dataclass(frozen=True)
class Recording:
    """One of the files, by its name."""

    name: str

    @property
    def path(self) -> Path:
        return FOLDER / self.name

    @property
    def wire(self) -> str:
        return self._part("wire") or ""

    @property
    def case(self) -> str:
        return self._part("case") or ""

    @property
    def status(self) -> int:
        return int(self._part("status") or 200)

    def _part(self, part: str) -> str | None:
        found = _NAME.fullmatch(self.name)
        assert found is not None, self.name
        return found[part]


def recordings() -> list[Recording]:
    """Those of the wires that there are."""
    found = [Recording(path.name) for path in sorted(FOLDER.glob("*-*"))]
    return [recording for recording in found if recording.wire in WIRES]


def seen(heard: Heard) -> tuple[list[Event], str]:
    """What can be compared."""
    return heard.events, repr(heard.failure)


def read_recording(recording: Recording, body: bytes, cuts: Iterable[int] = ()) -> Heard:
    """What our client makes of it, if it comes in pieces that end at the cuts."""
    limit = LIMIT if recording.case == "limit" else 100
    request = CompletionRequest(TextPrompt("the secret prompt of the user"), limit)
    endpoint = Endpoint("mine", "http://127.0.0.1:8000/v1", "tiny-script", recording.wire)
    failures = failures_for(endpoint, request, "http://127.0.0.1:8000/v1/there")
    if recording.status != 200:
        return Heard([], failures.status(recording.status, {"content-type": "application/json"}, body))
    parser = WIRES[recording.wire].parser(failures)
    heard = Heard()
    for start, end in pairwise([0, *sorted(cuts), len(body)]):
        heard.events += parser.feed(body[start:end])
    heard.events += parser.close()
    heard.failure = parser.failure
    return heard
