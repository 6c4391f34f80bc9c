"""The hand-written streams in `data/wires`, by wire, and what is expected of each: the file beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endpoints.scripted_http import REQUEST, an_endpoint
from spark_lsp.endpoints.events import Event, Finish, TextDelta, Thinking, Units, Usage
from spark_lsp.endpoints.failures import failures_for
from spark_lsp.endpoints.wires.registry import WIRES

if TYPE_CHECKING:
    from spark_lsp.endpoints.errors import EndpointError

FOLDER = Path(__file__).parent / "data" / "wires"


@dataclass(frozen=True)
class Stream:
    wire: str
    path: Path

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def expected(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(
            self.path.with_name(f"{self.path.stem}.expected.json").read_text(encoding="utf-8")
        )
        return value

    def __repr__(self) -> str:
        return f"{self.wire}/{self.path.name}"


def streams() -> list[Stream]:
    paths = sorted(path for path in FOLDER.glob("*/*") if not path.name.endswith(".expected.json"))
    return [Stream(path.parent.name, path) for path in paths]


def parse(wire: str, *pieces: bytes) -> tuple[list[Event], EndpointError | None]:
    """Read a body in these pieces; what a parser promises of any body is checked on the way."""
    parser = WIRES[wire].parser(failures_for(an_endpoint(), REQUEST, "http://127.0.0.1:8000/v1/path"))
    events = [event for piece in pieces for event in parser.feed(piece)]
    events += parser.close()
    check(events)
    assert parser.finished == any(isinstance(event, Finish) for event in events)
    assert parser.finished == (parser.failure is None)
    if parser.failure is not None:
        message = parser.failure.message
        assert message.endswith(".")
        assert message.isprintable()
        assert "secret" not in message
    return events, parser.failure


def check(events: list[Event]) -> None:
    """The promises of `Event`."""
    ends = [number for number, event in enumerate(events) if isinstance(event, Finish)]
    assert len(ends) <= 1
    for number, event in enumerate(events):
        match event:
            case TextDelta():
                assert event.text
                assert isinstance(event.text, str)
            case Usage():
                assert event.cached_tokens >= 0
                assert min(event.input_tokens, event.output_tokens) >= 0
            case Finish():
                assert event.reason in {"stop", "length", "filter", "other"}
        if ends and number > ends[0]:
            assert isinstance(event, Usage | Units)


def plain(events: list[Event]) -> list[Any]:
    """Events as the files of expectations spell them."""
    return [_plain(event) for event in events]


def _plain(event: Event) -> Any:
    match event:
        case TextDelta():
            return {"text": event.text}
        case Thinking():
            return "thinking"
        case Usage():
            return {"usage": [event.input_tokens, event.cached_tokens, event.output_tokens]}
        case Units():
            return {"units": [event.name, event.amount]}
        case Finish():
            return {"finish": event.reason}
