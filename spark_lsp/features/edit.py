"""The edit: an instruction and a region go to a model, and the smallest edits stream into the document.

`run_edit` takes the document as it is and sees to it that there is one result, whatever happens. In between, one
task reads the model's stream and makes hunks of it, and another brings them to the editor, a batch at a time.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.context.edit import edit_context
from spark_lsp.context.region import edit_region
from spark_lsp.core.delivery import Delivery, HunkState
from spark_lsp.core.edits import Edit, merged
from spark_lsp.core.prompt import tokens_in
from spark_lsp.endpoints.catalog import endpoint_for
from spark_lsp.endpoints.errors import EndpointError
from spark_lsp.endpoints.events import Finish, TextDelta, Usage
from spark_lsp.endpoints.request import CompletionRequest
from spark_lsp.features.conveyor import Conveyor, EditorFailure
from spark_lsp.features.edit_result import EditResult, EditStatus, EditUsage, Timings, hunk_reports
from spark_lsp.features.paths import display_path, exclusion
from spark_lsp.formats.edit_formats import edit_format
from spark_lsp.formats.reply import ReplyError
from spark_lsp.syntax.gate import parses_no_worse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from spark_lsp.core.edits import Edits
    from spark_lsp.core.prompt import EditContext, Prompt
    from spark_lsp.core.refine import Block
    from spark_lsp.core.text import Range
    from spark_lsp.endpoints.events import Event
    from spark_lsp.endpoints.request import Endpoint
    from spark_lsp.features.services import Services
    from spark_lsp.formats.edit_formats import EditFormat
    from spark_lsp.session import Document, Session, Snapshot

ROLL_BACK_SECONDS = 15.0
"""How long taking hunks back may take in all, should the client hardly answer."""
_NO_LONGER_PARSES = "The file parsed before this edit and does not any more"


@dataclass(frozen=True, slots=True)
class EditRequest:
    """What the user asked for; None stands for what the settings say."""

    uri: str
    range: Range
    """An empty one means what encloses it in the syntax."""
    instruction: str
    apply: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedEdit:
    """What is asked of a model, and how its reply is to be read."""

    context: EditContext
    format: EditFormat
    prompt: Prompt
    seconds: float
    """What preparing took."""


class _Failed(Exception):
    """The edit cannot be done; the message is for the user."""


class _Rejected(Exception):
    """The edit is not to be done; the message is for the user."""


class _Undone(Exception):
    """The user took back what was applied while the model still spoke."""


def run_edit(services: Services, request: EditRequest) -> Awaitable[EditResult]:
    """Do an edit, from the request to the last hunk.

    The document counts as it is at this call; awaiting does the rest. Cancelling the caller cancels the edit: it
    is wound up and still has a result.
    """
    session = services.session
    document = session.documents.get(request.uri)
    mode = request.apply or session.settings.edit.apply
    if document is None:
        return _refused("This file is not open in the editor: open it and try again.")
    if reason := exclusion(session, request.uri):
        return _refused(f"Nothing was sent, because this file {reason}.")
    if not request.instruction.strip():
        return _refused("The instruction is empty: say what is to be changed.")
    if mode == "preview" and not services.editor.can_confirm:
        return _refused("This editor cannot show a preview: set edit.apply to stream or once.")
    return _Work(services, request, document, mode).run()


async def _refused(message: str) -> EditResult:
    return EditResult("", "failed", message)


def prepare_edit(
    session: Session, snapshot: Snapshot, request: EditRequest, endpoint: Endpoint, clock: Callable[[], float]
) -> PreparedEdit:
    """Make the request to a model."""
    started = clock()
    context = edit_context(
        snapshot.text,
        edit_region(snapshot.text, snapshot.syntax, request.range),
        path=display_path(session, request.uri),
        language=snapshot.language_id,
        instruction=request.instruction,
        budget=session.settings.context.tokens,
    )
    configured = session.settings.endpoints.get(endpoint.name)
    wanted = request.format or (configured.format.edit if configured else "auto")
    chosen = edit_format(wanted, context.region.text)
    return PreparedEdit(context, chosen, chosen.render(context), clock() - started)


class _Work:
    """One edit while it runs."""

    _endpoint: Endpoint
    _prepared: PreparedEdit

    def __init__(self, services: Services, request: EditRequest, document: Document, mode: str) -> None:
        self._services = services
        self._request = request
        self._document = document
        self._mode = mode
        self._clock = asyncio.get_running_loop().time
        self._started = self._clock()
        self._snapshot = document.snapshot()
        self._delivery = Delivery(self._snapshot.text, services.editor.misread)
        label = _label(request.instruction)
        self._edit = services.session.begin_edit(document, self._delivery, label)
        self._conveyor = Conveyor(services.editor, document, self._delivery, label, confirm=mode == "preview")
        self._timings = Timings()
        self._usage: Usage | None = None
        self._characters_sent = 0
        self._characters_received = 0
        self._blocks: list[Block] = []
        self._complete = False
        self._warning: str | None = None

    async def run(self) -> EditResult:
        """Work, clean up and report."""
        self._document.on_change.append(self._conveyor.wake)
        progress = self._services.editor.begin_progress(self._edit.label, self._cancel)
        self._services.activity.begin("edit", self._document.uri)
        try:
            status, message = await self._outcome()
            self._timings.total = self._clock() - self._started
            if self._conveyor.first_sent is not None:
                self._timings.first_edit = self._conveyor.first_sent - self._started
            result = EditResult(
                self._edit.edit_id, status, message, hunk_reports(self._delivery), self._used(), self._timings
            )
        finally:
            self._document.on_change.remove(self._conveyor.wake)
            self._edit.task = None
            if not self._delivery.hunks:
                self._services.session.forget(self._edit)
            self._services.activity.end("edit", self._document.uri)
            progress.end("")
        self._services.activity.note(result)
        self._services.editor.hunks_changed()
        return result

    def _cancel(self) -> None:
        if self._edit.task is not None:
            self._edit.task.cancel()

    async def _outcome(self) -> tuple[EditStatus, str | None]:
        """Have the work done and, unless it came to a good end, its hunks taken back."""
        self._edit.task = asyncio.create_task(self._work())
        status: EditStatus
        try:
            await _seen_through(self._edit.task)
            self._edit.task.result()
            return self._good_end()
        except asyncio.CancelledError:
            status, message = "cancelled", None if self._document.open else "The file was closed."
        except _Undone:
            status, message = "cancelled", "You undid the edit, so it was stopped."
        except _Rejected as rejected:
            status, message = "rejected", str(rejected)
        except (EndpointError, ReplyError, EditorFailure, _Failed) as failure:
            status, message = "failed", str(failure)
        keep = status == "cancelled" and self._services.session.settings.edit.on_cancel == "keep"
        await _seen_through(asyncio.create_task(self._wind_up(revert=not keep)))
        if left := hunk_reports(self._delivery):
            remains = f"{_counted(len(left), 'hunk')} of it stayed in the file."
            message = f"{message} {remains}" if message else remains
        return status, message

    def _good_end(self) -> tuple[EditStatus, str | None]:
        dropped = sum(hunk.state is HunkState.DROPPED for hunk in self._delivery.hunks)
        if not self._blocks:
            return "unchanged", "The model left the code as it is."
        if self._mode == "preview":
            return "previewed", "The preview was not accepted." if dropped else self._warning
        message = self._warning
        if dropped:
            message = f"{_counted(dropped, 'hunk')} left out, because you were typing there."
        return ("applied" if hunk_reports(self._delivery) else "rejected"), message

    async def _work(self) -> None:
        """Read and deliver side by side until the reply is complete and every hunk is settled."""
        endpoint = await endpoint_for("edit", self._services.session.settings, self._services.environment)
        if isinstance(endpoint, str):
            raise _Failed(endpoint)
        self._endpoint = endpoint
        self._prepared = prepare_edit(self._services.session, self._snapshot, self._request, endpoint, self._clock)
        self._timings.context = self._prepared.seconds
        reading = asyncio.create_task(self._read())
        reading.add_done_callback(lambda _: self._conveyor.wake())
        try:
            while True:
                if reading.done() and (failure := reading.exception()):
                    raise failure
                if self._delivery.undone:
                    raise _Undone
                ready = self._complete or self._mode == "stream"
                if ready and await self._conveyor.carry(last=self._complete):
                    continue
                if reading.done() and self._delivery.idle:
                    return
                await self._conveyor.sleep()
        finally:
            reading.cancel()
            await asyncio.wait([reading])

    async def _read(self) -> None:
        """Feed the model's stream to the parser. What the reply means is known at its finish; usage may follow."""
        parser = self._prepared.format.parser(self._prepared.context)
        messages = self._prepared.prompt.messages
        self._characters_sent = sum(len(message.content) for message in messages)
        request = CompletionRequest(messages, self._endpoint.max_output_tokens)
        finished = False
        async with self._services.endpoints.stream(self._endpoint, request) as batches:
            async for events in batches:
                text, finish = self._take(events)
                if finished:
                    continue
                if text:
                    self._add(parser.feed(text))
                if finish:
                    self._check(finish)
                    self._add(parser.finish())
                    self._pass_gate()
                    self._complete = finished = True
                self._conveyor.wake()

    def _take(self, events: list[Event]) -> tuple[str, Finish | None]:
        """The text in some events and the finish, if it is among them; usage and times are noted."""
        text: list[str] = []
        finish: Finish | None = None
        for event in events:
            match event:
                case TextDelta():
                    text.append(event.text)
                    self._characters_received += len(event.text)
                    if self._timings.first_token is None:
                        self._timings.first_token = self._clock() - self._started
                case Usage():
                    self._usage = event
                case Finish():
                    finish = event
        return "".join(text), finish

    def _check(self, finish: Finish) -> None:
        limit = self._endpoint.max_output_tokens
        if finish.reason == "length":
            raise _Failed(f"The reply was cut at the limit of {limit} tokens: select less, or raise maxOutputTokens.")
        if finish.reason != "stop":
            raise _Failed("The provider withheld the rest of the reply: rephrase the instruction or use another model.")

    def _add(self, blocks: list[Block]) -> None:
        """Hand blocks over for delivery, moved from the region to the document."""
        for block in blocks:
            self._blocks.append(block)
            self._delivery.add(self._in_document(block), block.removed, block.added)

    def _in_document(self, block: Block) -> Edits:
        start = self._prepared.context.region.start
        return tuple(Edit(start + edit.start, start + edit.end, edit.new) for edit in block.edits)

    def _pass_gate(self) -> None:
        """See whether the whole edit leaves a file that parsed one that parses."""
        gate = self._services.session.settings.edit.syntax_gate
        if gate == "off":
            return
        edits = merged(self._in_document(block) for block in self._blocks)
        if parses_no_worse(self._snapshot.syntax, edits, self._clock) is not False:
            return
        if gate == "reject":
            raise _Rejected(f"{_NO_LONGER_PARSES}: it was not applied (edit.syntaxGate).")
        self._warning = f"{_NO_LONGER_PARSES}: look it over."

    async def _wind_up(self, *, revert: bool) -> None:
        """See the batch in flight through and, if asked, take back all hunks that the user has not built on."""
        if not self._document.open:
            return
        try:
            async with asyncio.timeout(ROLL_BACK_SECONDS):
                with suppress(EditorFailure):
                    await self._conveyor.settle()
                while True:
                    if revert:
                        self._delivery.take_back(self._delivery.hunks)
                    else:
                        self._delivery.drop_waiting()
                    if not await self._conveyor.carry(last=True):
                        return
        except (TimeoutError, EditorFailure):
            return

    def _used(self) -> EditUsage:
        if not self._characters_sent:
            return EditUsage()
        usage = self._usage or Usage(tokens_in(self._characters_sent), 0, tokens_in(self._characters_received))
        price = self._endpoint.price
        usd = (
            (usage.input_tokens - usage.cached_tokens) * price.input
            + usage.cached_tokens * price.cached_input
            + usage.output_tokens * price.output
        ) / 1_000_000
        return EditUsage(
            usage.input_tokens,
            usage.cached_tokens,
            usage.output_tokens,
            estimated=self._usage is None,
            usd=usd or None,
        )


async def _seen_through(task: asyncio.Task[None]) -> None:
    """Wait for a task to end, well or not. A cancel of the caller becomes one of the task, and the wait goes on."""
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            if (caller := asyncio.current_task()) is not None:
                caller.uncancel()


def _label(instruction: str) -> str:
    line = " ".join(instruction.split())
    return f"Spark: {line[:60]}{'…' if len(line) > 60 else ''}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
