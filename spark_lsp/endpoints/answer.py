"""What the JSON of a streamed answer adds up to, whatever wire it came over: the events and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from spark_lsp.endpoints.events import Event, Finish, FinishReason, TextDelta, Thinking, Usage

if TYPE_CHECKING:
    from spark_lsp.endpoints.errors import EndpointError
    from spark_lsp.endpoints.failures import Failures


class Answer:
    """Collects what a dialect reads out of JSON, and keeps the order that `Event` promises.

    After the finish no more text is taken, only usage. After a failure, nothing is: the first one is the cause of what
    follows it.
    """

    __slots__ = ("_events", "_usage", "failure", "failures", "finished")

    def __init__(self, failures: Failures) -> None:
        self.failures = failures
        self.finished = False
        self.failure: EndpointError | None = None
        self._events: list[Event] = []
        self._usage: Usage | None = None

    @property
    def ended(self) -> bool:
        """Nothing that comes can change anything any more."""
        return self.failure is not None

    def text(self, text: str) -> None:
        """Take a piece of the answer, which may be empty."""
        if text and not self.finished and not self.ended:
            self._events.append(TextDelta(text))

    def thinking(self) -> None:
        """Take note of a token that is not text."""
        if not self.finished and not self.ended:
            self._events.append(Thinking())

    def usage(self, usage: Usage | None) -> None:
        """Take the tokens so far; saying the same again is no event."""
        if usage is not None and usage != self._usage and not self.ended:
            self._usage = usage
            self._events.append(usage)

    def finish(self, reason: FinishReason) -> None:
        """The answer is whole."""
        if not self.finished and not self.ended:
            self.finished = True
            self._events.append(Finish(reason))

    def fail(self, failure: EndpointError) -> None:
        """The answer ends here; a failure behind the finish changes nothing."""
        if not self.finished and not self.ended:
            self.failure = failure

    def take_events(self) -> list[Event]:
        """The events since the last call."""
        events, self._events = self._events, []
        return events


class Dialect(Protocol):
    """What the JSON objects of one answer mean on one wire; one for each answer, since it may have to remember.

    The objects come from outside: no member may be relied on to be there or to be of its type, and nothing may raise.
    """

    def take_chunk(self, chunk: dict[str, Any], answer: Answer) -> None:
        """Take one object of a stream."""
        ...

    def take_whole(self, body: dict[str, Any], answer: Answer) -> None:
        """Take the one object that a server answers with if it does not stream."""
        ...


def count(value: Any) -> int:
    """A number of tokens from outside; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
