"""The edit: an instruction and a region go to a model, and the smallest edits stream into the document.

`run_edit` takes the document as it is and sees to it that there is one result, whatever happens. In between, one
task reads the model's reply (`ReplyStream`) and another brings the hunks to the editor, a batch at a time (`Conveyor`).
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from traceback import format_tb
from typing import TYPE_CHECKING

from spark_lsp.core.delivery import Delivery, HunkState
from spark_lsp.core.edits import Edit, merged
from spark_lsp.core.records import Consumption
from spark_lsp.endpoints.errors import EndpointError, Rejected
from spark_lsp.endpoints.model_client import Purpose
from spark_lsp.endpoints.request import Endpoint
from spark_lsp.features import verdicts
from spark_lsp.features.conveyor import Conveyor, EditorFailure
from spark_lsp.features.edit_request import prepare_edit
from spark_lsp.features.edit_result import EditResult, EditStatus, Timings, hunk_reports
from spark_lsp.features.extras import extras_for
from spark_lsp.features.paths import exclusion
from spark_lsp.features.reply_stream import EditFailure, ReplyStream
from spark_lsp.features.restyling import ONLY_RESTYLED, StyleGuard, is_about_style
from spark_lsp.features.surroundings import STILL_INDEXING, has_no_definitions, look_around
from spark_lsp.formats.reply import ReplyError
from spark_lsp.syntax.gate import parses_no_worse
from spark_lsp.syntax.tree import SyntaxTree, catch_up

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from spark_lsp.context.engine import ContextEngine
    from spark_lsp.core.edits import Edits
    from spark_lsp.core.refine import Block
    from spark_lsp.endpoints.choice import Choice
    from spark_lsp.features.edit_request import EditRequest, PreparedEdit
    from spark_lsp.features.services import Services
    from spark_lsp.session import Document, Snapshot

logger = logging.getLogger(__name__)

ROLL_BACK_SECONDS = 15.0
"""How long taking hunks back may take in all, should the client hardly answer."""
PARSE_SECONDS = 1.0
"""How long an edit waits for the first parse of its file: without one, the scope around the cursor is a guess."""
SETTLE_SECONDS = 0.1
"""How long an edit waits for the index to know of what was typed last."""
_NO_LONGER_PARSES = "The file parsed before this edit and does not any more"
_INVENTED = "The model wrote a placeholder that stands for no secret (REDACTED_SECRET …): look it over."


class _Rejected(Exception):
    """The edit is not to be done; the message is for the user."""


class _Undone(Exception):
    """The user took back what was applied while the model still spoke."""


def run_edit(services: Services, request: EditRequest) -> Awaitable[EditResult]:
    """Do an edit, from the request to the last hunk.

    The document counts as it is at this call; awaiting does the rest. Cancelling the caller cancels the edit: it
    is wound up and still has a result.
    """
    document = services.session.documents.get(request.uri)
    if document is None:
        return _refused("This file is not open in the editor: open it and try again.")
    if not request.instruction.strip():
        return _refused("The instruction is empty: say what is to be changed.")
    return _Work(services, request, document).run()


async def _refused(message: str) -> EditResult:
    return EditResult("", "failed", message)


class _Work:
    """One edit while it runs."""

    def __init__(self, services: Services, request: EditRequest, document: Document) -> None:
        self._services = services
        self._request = request
        self._document = document
        self._mode = "stream"
        self._clock = asyncio.get_running_loop().time
        self._started = self._clock()
        self._snapshot = document.snapshot()
        self._delivery = Delivery(self._snapshot.text, services.editor.misread)
        label = _label(request.instruction)
        self._edit = services.session.begin_edit(document, self._delivery, label)
        self._conveyor = Conveyor(services.editor, document, self._delivery, label)
        self._around: tuple[ContextEngine, str] | None = None
        self._reply: ReplyStream | None = None
        self._warning: str | None = None
        self._instead: str | None = None
        self._growing = False
        """The first index of the repository was still being made."""

    async def run(self) -> EditResult:
        """Work, clean up and report."""
        self._document.on_change.append(self._conveyor.wake)
        progress = self._services.editor.begin_progress(self._edit.label, self._edit.cancel)
        self._services.activity.begin("edit", self._document.uri)
        try:
            status, message = await self._outcome()
            result = self._result(status, message)
        finally:
            self._document.on_change.remove(self._conveyor.wake)
            self._edit.task, self._edit.done = None, True
            if not self._delivery.hunks:
                self._services.session.forget(self._edit)
            self._services.activity.end("edit", self._document.uri)
            progress.end("")
        self._services.activity.note(result)
        if self._reply and result.hunks:
            verdicts.follow(self._services.book, self._edit, self._request.task, self._reply.endpoint)
        self._services.editor.hunks_changed()
        return result

    def _result(self, status: EditStatus, message: str | None) -> EditResult:
        reply = self._reply
        timings = Timings(
            context=reply.prepared.seconds if reply else None,
            first_token=self._since_start(reply.first_token if reply else None),
            first_edit=self._since_start(self._conveyor.first_sent),
            total=self._since_start(self._clock()),
        )
        usage = reply.consumption if reply else Consumption()
        return EditResult(self._edit.edit_id, status, message, hunk_reports(self._delivery), usage, timings)

    def _since_start(self, moment: float | None) -> float | None:
        return None if moment is None else moment - self._started

    async def _outcome(self) -> tuple[EditStatus, str | None]:
        """Have the work done and, unless it came to a good end, its hunks taken back."""
        self._edit.task = asyncio.create_task(self._work())
        if self._edit.withdrawn:
            self._edit.task.cancel()
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
        except (EndpointError, ReplyError, EditorFailure, EditFailure) as failure:
            status, message = "failed", str(failure)
        except Exception as mistake:  # noqa: BLE001 (whatever it is, the user gets an answer and the text back)
            # Of ours. What it says may hold the user's code; where it happened does not.
            logger.error(  # noqa: TRY400
                "An edit broke: %s\n%s", type(mistake).__name__, "".join(format_tb(mistake.__traceback__))
            )
            status, message = "failed", "Something broke inside spark-lsp: the log says where; please report it."
        keep = status == "cancelled" and self._services.session.settings.edit.on_cancel == "keep"
        await _seen_through(asyncio.create_task(self._wind_up(revert=not keep)))
        if left := hunk_reports(self._delivery):
            remains = f"{_counted(len(left), 'hunk')} of it stayed in the file."
            message = f"{message} {remains}" if message else remains
        return status, message

    def _good_end(self) -> tuple[EditStatus, str | None]:
        dropped = sum(hunk.state is HunkState.DROPPED for hunk in self._delivery.hunks)
        present = bool(hunk_reports(self._delivery))
        restyled = self._reply.guard.report if self._reply and self._reply.guard else ""
        alone = self._growing and self._reply and has_no_definitions(self._reply.prepared.chosen)
        indexing = STILL_INDEXING if alone else None
        if not self._delivery.hunks:
            unchanged = ONLY_RESTYLED if restyled else "The model left the code as it is."
            return "unchanged", f"{unchanged} {indexing}" if indexing else unchanged
        if self._mode == "preview" and not present:
            return "previewed", "The preview was not accepted."
        left_out = f"{_counted(dropped, 'hunk')} left out, because you were typing there." if dropped else None
        invented = _INVENTED if self._reply and self._reply.invented_placeholder else None
        parts = (self._instead, left_out, self._warning, restyled, invented, indexing)
        message = " ".join(part for part in parts if part) or None
        return ("previewed" if self._mode == "preview" else "applied" if present else "rejected"), message

    async def _work(self) -> None:
        """Read and deliver side by side until the reply is complete and every hunk is settled."""
        endpoint = await self._may_begin()
        self._snapshot = await _parsed(self._snapshot)
        self._around = self._services.context_of(self._document.uri)
        if self._around is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_SECONDS):
                    await self._services.settle_text(self._document.uri)
            self._growing = self._around[0].graph.growing
            await look_around(self._around, self._snapshot.text, self._request.range.start)
        reading = asyncio.create_task(self._read(endpoint))
        reading.add_done_callback(lambda _: self._conveyor.wake())
        try:
            while True:
                if reading.done() and (failure := reading.exception()):
                    raise failure
                if self._delivery.undone:
                    raise _Undone
                complete = self._reply is not None and self._reply.complete
                if (complete or self._mode == "stream") and await self._conveyor.carry(last=complete):
                    continue
                if reading.done() and self._delivery.idle:
                    return
                await self._conveyor.sleep()
        finally:
            reading.cancel()
            await asyncio.wait([reading])

    async def _read(self, endpoint: Endpoint) -> None:
        """Read the reply of an endpoint or, if it gives none, of the next that does. Raises what the last one did."""
        services, task = self._services, self._request.task
        settings = services.session.settings
        others = services.catalog.fallbacks(task, settings)
        failures: list[EndpointError] = []
        while True:
            purpose = Purpose(task, last=not others)
            self._reply = None
            try:
                prepared = self._prepared(endpoint)
                self._reply = ReplyStream(endpoint, prepared, self._style_guard(prepared))
                await self._reply.read(services.models, purpose, settings, self._take, self._pass_gate)
            except EndpointError as failure:
                failures.append(failure)
                has_begun = self._reply is not None and self._reply.first_token is not None
                following = None if has_begun else await self._next_of(others)
                if following is None:
                    raise
                endpoint = following
            else:
                if failures:
                    self._instead = f"{failures[0].message} The endpoint {endpoint.name} answered instead."
                return

    async def _next_of(self, choices: list[Choice]) -> Endpoint | None:
        """The next endpoint whose key is to be had."""
        while choices:
            endpoint = await self._services.catalog.with_key(choices.pop(0))
            if isinstance(endpoint, Endpoint):
                return endpoint
        return None

    def _prepared(self, endpoint: Endpoint) -> PreparedEdit:
        """What to ask this endpoint. Raises EndpointError if it is more than the model can take."""
        services = self._services
        prepared = prepare_edit(
            services.session,
            services.vault,
            self._snapshot,
            self._request,
            endpoint,
            self._clock,
            self._around,
            extras_for(services, self._snapshot),
        )
        if prepared.tokens > endpoint.context_tokens:
            raise Rejected(
                f"This is too much for {endpoint.model} (about {prepared.tokens:,} tokens, and contextTokens is "
                f"{endpoint.context_tokens:,}): select less."
            )
        return prepared

    def _style_guard(self, prepared: PreparedEdit) -> StyleGuard | None:
        """Who leaves out hunks that only restyle, unless they are wanted."""
        instruction = self._request.instruction
        if self._services.session.settings.edit.restyle == "keep" or is_about_style(instruction):
            return None
        return StyleGuard(self._snapshot, prepared.context.region, self._request.range, instruction, self._clock)

    async def _may_begin(self) -> Endpoint:
        """The endpoint to ask, once the settings are known.

        Raises `EditFailure` if they do not allow the edit.
        """
        services = self._services
        await services.editor.configured()
        settings = services.session.settings
        if reason := exclusion(services.session, self._request.uri):
            raise EditFailure(f"Nothing was sent, because this file {reason}.")
        self._mode = self._request.apply or settings.edit.apply
        if self._mode == "preview":
            if not services.editor.can_confirm:
                raise EditFailure("This editor cannot show a preview: set edit.apply to stream or once.")
            self._conveyor.confirm = True
        endpoint = await services.catalog.endpoint_for(self._request.task, settings)
        if isinstance(endpoint, str):
            raise EditFailure(endpoint)
        return endpoint

    def _take(self, block: Block) -> None:
        """Hand a block over for delivery."""
        self._delivery.add(self._in_document(block), block.removed, block.added)
        self._conveyor.wake()

    def _in_document(self, block: Block) -> Edits:
        assert self._reply is not None
        start = self._reply.prepared.context.region.start
        return tuple(Edit(start + edit.start, start + edit.end, edit.new) for edit in block.edits)

    async def _pass_gate(self) -> None:
        """The reply is complete: see whether the whole edit leaves a file that parsed one that parses."""
        try:
            await self._ask_gate()
        finally:
            self._conveyor.wake()

    async def _ask_gate(self) -> None:
        assert self._reply is not None
        gate = self._services.session.settings.edit.syntax_gate
        if gate == "off":
            return
        edits = merged(self._in_document(block) for block in self._reply.blocks)
        if await parses_no_worse(self._snapshot.syntax, edits, self._clock) is not False:
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


async def _parsed(snapshot: Snapshot) -> Snapshot:
    """The snapshot with a syntax tree, which a file that was opened just now does not have yet."""
    if snapshot.syntax.grammar is None or snapshot.syntax.tree is not None:
        return snapshot
    syntax = SyntaxTree(snapshot.language_id, snapshot.text)
    with suppress(TimeoutError):
        async with asyncio.timeout(PARSE_SECONDS):
            await catch_up(syntax)
    return replace(snapshot, syntax=syntax.snapshot())


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
    """A short name for an edit, for undo lists and progress."""
    line = " ".join(instruction.split())
    return f"Spark: {line[:60]}{'…' if len(line) > 60 else ''}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
