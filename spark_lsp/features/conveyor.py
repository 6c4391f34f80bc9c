"""Brings the batches of a delivery to the editor, one at a time, and waits until the text shows what became of them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from spark_lsp.features.editor import Batch

if TYPE_CHECKING:
    from spark_lsp.core.delivery import Delivery
    from spark_lsp.core.text import Text
    from spark_lsp.features.editor import Editor
    from spark_lsp.session import Document

ANSWER_SECONDS = 10.0
"""How long a client may take to answer a request to apply edits."""
EVIDENCE_SECONDS = 1.0
"""How long after its answer a client may take to report the change. Editors report within 150 ms or so."""
REFUSALS = 20
"""Refusals in a row after which it is no race with the user's typing any more."""
REST_SECONDS = 0.02
"""Refused twice, a batch waits until the text has been at rest for so long; with every further refusal in a row, for
so much longer. Somebody who types faster than the editor answers would win every race otherwise."""
LONGEST_WAIT_FOR_REST = 2.0
"""Seconds. Most people pause sooner."""


class EditorFailure(Exception):
    """The editor does not do what it is asked; the message is for the user."""


class Conveyor:
    """Works on one delivery. `wake` is to be called whenever the document has changed or a hunk was added."""

    def __init__(self, editor: Editor, document: Document, delivery: Delivery, label: str) -> None:
        self._editor = editor
        self._document = document
        self._delivery = delivery
        self._label = label
        self.confirm = False
        """The user is to look at every batch and to agree."""
        self._woken = asyncio.Event()
        self._answer: asyncio.Task[bool] | None = None
        self._sent: Text | None = None
        self._refusals = 0
        self.first_sent: float | None = None
        """When the first batch was sent, on the loop's clock."""

    def wake(self) -> None:
        self._woken.set()

    async def sleep(self) -> None:
        """Wait until woken. What happened since the last sleep ended counts."""
        await self._woken.wait()
        self._woken.clear()

    async def carry(self, *, last: bool) -> bool:
        """Send what is ready and see it through; False if there was nothing. Raises `EditorFailure`."""
        edits = self._delivery.send()
        if edits is None:
            return False
        self._sent = self._document.text
        batch = Batch(
            self._document.uri,
            self._document.version,
            self._sent,
            edits,
            self._label,
            first=self.first_sent is None,
            last=last,
            confirm=self.confirm,
        )
        if self.first_sent is None:
            self.first_sent = asyncio.get_running_loop().time()
        self._answer = asyncio.create_task(self._editor.apply(batch))
        await self.settle()
        return True

    async def settle(self) -> None:
        """See the batch in flight through, if there is one. May be cancelled and called again."""
        applied = False
        if self._answer is not None:
            applied = await self._answered(self._answer)
            self._answer = None
            self._delivery.answered(applied=applied)
            if not applied and self.confirm:
                self._delivery.drop_waiting()
            elif not applied and not self._delivery.idle:
                await self._refused()
        try:
            async with asyncio.timeout(EVIDENCE_SECONDS):
                while self._delivery.in_flight:
                    await self.sleep()
        except TimeoutError:
            self._count_refusal()
            if not self._delivery.expire():
                raise EditorFailure(
                    "The editor says that it applied the edit, but the text did not change: try again."
                ) from None
        else:
            if applied:
                self._refusals = 0

    async def _answered(self, answer: asyncio.Task[bool]) -> bool:
        try:
            async with asyncio.timeout(None if self.confirm else ANSWER_SECONDS):
                return await asyncio.shield(answer)
        except TimeoutError:
            raise EditorFailure("The editor did not answer when asked to apply the edit: try again.") from None

    async def _refused(self) -> None:
        """A client refuses a batch that is older than its text: then a change is on its way that says so."""
        self._count_refusal()
        try:
            async with asyncio.timeout(EVIDENCE_SECONDS):
                while self._document.text is self._sent:
                    await self.sleep()
        except TimeoutError:
            raise EditorFailure("The editor refused the edit: see whether the file is read-only.") from None
        await self._rest(REST_SECONDS * (self._refusals - 1))

    async def _rest(self, seconds: float) -> None:
        """Wait until the text has been the same for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT_FOR_REST):
                while await self._changes_within(seconds):
                    pass

    async def _changes_within(self, seconds: float) -> bool:
        text = self._document.text
        try:
            async with asyncio.timeout(seconds):
                while self._document.text is text:
                    await self.sleep()
        except TimeoutError:
            return False
        return True

    def _count_refusal(self) -> None:
        self._refusals += 1
        if self._refusals > REFUSALS:
            raise EditorFailure("The editor refused the edit again and again: try again when the file is at rest.")
