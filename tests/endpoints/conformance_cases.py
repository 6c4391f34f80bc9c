"""What every wire must do, whoever serves it: each case asks once and checks all that came.

A case takes a client, an endpoint and what is expected. Nothing in it knows the simulator, so that it holds for a real
model server as well.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from spark_lsp.core.prompt import Message, Prompt
from spark_lsp.endpoints.errors import EndpointError, TooSlow
from spark_lsp.endpoints.events import Event, Finish, FinishReason, TextDelta, Thinking, Units, Usage
from spark_lsp.endpoints.request import CompletionRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.endpoints.errors import Deadline
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.endpoints.transport import EndpointClient

PATIENCE = 20.0
"""Seconds that anything may take which a healthy machine does at once."""

REQUEST = CompletionRequest(Prompt((Message("system", "Edit."), Message("user", "Hello, you there"))), 100)


@dataclass(frozen=True)
class Expectation:
    """What an answer is to be. None is whatever the server likes, as far as it makes sense."""

    request: CompletionRequest = REQUEST
    text: str | None = None
    finish: FinishReason | None = None
    usage: Usage | None = None
    thoughts: int = 0
    """How many tokens the model thinks at least, before it speaks."""
    asked: Callable[[], Awaitable[None]] | None = None
    """Waits until the server has the request."""
    left: Callable[[], Awaitable[None]] | None = None
    """Waits until the server has seen that the client left."""
    connections: Callable[[], set[object]] | None = None
    """The connections that the server has now."""
    failure: type[EndpointError] | tuple[type[EndpointError], ...] = EndpointError
    deadline: Deadline | None = None
    words: str = ""
    """What the message of the failure has in it."""


@dataclass
class Heard:
    """What came: the events in order, and how it ended."""

    events: list[Event] = field(default_factory=list)
    failure: EndpointError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def finishes(self) -> list[FinishReason]:
        return [event.reason for event in self.events if isinstance(event, Finish)]

    @property
    def usage(self) -> Usage | None:
        """What counts: the last one."""
        return next((event for event in reversed(self.events) if isinstance(event, Usage)), None)

    @property
    def thoughts(self) -> int:
        return sum(isinstance(event, Thinking) for event in self.events)


async def ask(client: EndpointClient, endpoint: Endpoint, request: CompletionRequest = REQUEST) -> Heard:
    """Ask, and read to the end; the promises that hold for any answer are checked on the way."""
    heard = Heard()
    try:
        async with asyncio.timeout(PATIENCE), client.stream(endpoint, request) as batches:
            async for events in batches:
                assert events
                heard.events += events
    except EndpointError as failure:
        heard.failure = failure
    assert all(event.text for event in heard.events if isinstance(event, TextDelta))
    if heard.failure is None:
        assert len(heard.finishes) == 1, "an answer without a failure is whole"
    else:
        assert not heard.finishes, "an answer that failed is not whole"
        assert heard.failure.message.endswith(".")
    after_the_finish = [
        event
        for number, event in enumerate(heard.events)
        if any(isinstance(before, Finish) for before in heard.events[:number])
    ]
    assert all(isinstance(event, Usage | Units) for event in after_the_finish)
    return heard


async def _answer(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> Heard:
    heard = await ask(client, endpoint, expectation.request)
    if heard.failure is not None:
        raise heard.failure
    return heard


async def gives_the_text(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> None:
    heard = await _answer(client, endpoint, expectation)
    assert heard.text == expectation.text if expectation.text is not None else heard.text


async def says_how_it_ended(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> None:
    heard = await _answer(client, endpoint, expectation)
    assert expectation.finish is None or heard.finishes == [expectation.finish]
    assert expectation.text is None or heard.text == expectation.text


async def counts_tokens(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> None:
    usage = (await _answer(client, endpoint, expectation)).usage
    assert usage is not None
    assert usage.input_tokens > 0
    assert usage.output_tokens > 0
    assert 0 <= usage.cached_tokens <= usage.input_tokens
    assert expectation.usage is None or usage == expectation.usage


async def thinks_before_it_speaks(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> None:
    heard = await _answer(client, endpoint, expectation)
    assert heard.thoughts >= expectation.thoughts
    kinds = [type(event) for event in heard.events if isinstance(event, Thinking | TextDelta)]
    assert kinds == sorted(kinds, key=lambda kind: kind is TextDelta)
    assert expectation.text is None or heard.text == expectation.text


async def uses_its_connection_again(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> None:
    assert expectation.connections is not None
    await _answer(client, endpoint, expectation)
    connections = expectation.connections()
    assert connections
    for _ in range(2):
        await gives_the_text(client, endpoint, expectation)
    assert expectation.connections() == connections


async def fails(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> EndpointError:
    """The failure is of its kind, and what came before it is the beginning of the text."""
    heard = await ask(client, endpoint, expectation.request)
    assert isinstance(heard.failure, expectation.failure), heard
    assert expectation.words in heard.failure.message
    if expectation.deadline is not None:
        assert isinstance(heard.failure, TooSlow)
        assert heard.failure.deadline == expectation.deadline
    if expectation.text is not None:
        assert expectation.text.startswith(heard.text)
    return heard.failure


async def stops_when_cancelled(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> None:
    """The answer must be one that does not end by itself."""
    assert expectation.left is not None
    first = asyncio.Event()

    async def read() -> None:
        async with client.stream(endpoint, expectation.request) as batches:
            async for _ in batches:
                first.set()

    task = asyncio.create_task(read())
    async with asyncio.timeout(PATIENCE):
        await first.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await expectation.left()


async def stops_before_the_first_token(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> None:
    """The server must take its time."""
    assert expectation.asked is not None
    assert expectation.left is not None
    task = asyncio.create_task(ask(client, endpoint, expectation.request))
    async with asyncio.timeout(PATIENCE):
        await expectation.asked()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await expectation.left()


async def stops_when_left(client: EndpointClient, endpoint: Endpoint, expectation: Expectation) -> None:
    """The answer must be one that does not end by itself."""
    assert expectation.left is not None
    async with asyncio.timeout(PATIENCE):
        async with client.stream(endpoint, expectation.request) as batches:
            async for _ in batches:
                break
        await expectation.left()
