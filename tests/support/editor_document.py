"""A document in an editor: its text, what the user and the server do to it, and how the changes are reported."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from support.editor_text import Position, Range, lines_of, offset_at, position_at, range_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.json_rpc import Message

STATUSES = ("applied", "unchanged", "previewed", "cancelled", "rejected", "failed")


@dataclass(frozen=True)
class Manners:
    """How an editor deals with edits that are asked of it."""

    versions: str = "honours"
    """honours: refuses edits for an older text and says so; ignores: applies them anyhow; lies: refuses them and
    says that they are applied."""
    answers_first: bool = False
    """Answers before it reports the change."""
    full_sync: bool = False
    """Reports the whole text for every change."""
    accepts_preview: bool = True
    read_only: bool = False


@dataclass(frozen=True)
class Batch:
    """A request to apply edits."""

    at: float
    """time.monotonic(), seconds."""
    uri: str
    version: int | None
    versioned: bool
    """It came as documentChanges."""
    edits: list[Message]
    annotations: Message
    label: str | None
    params: Message

    @classmethod
    def of(cls, params: Message) -> Self:
        edit = params["edit"]
        annotations, label = edit.get("changeAnnotations") or {}, params.get("label")
        if changes := edit.get("documentChanges"):
            (change,) = changes
            document = change["textDocument"]
            uri, version, edits = document["uri"], document["version"], change["edits"]
        else:
            ((uri, edits),) = edit["changes"].items()
            version = None
        return cls(time.monotonic(), uri, version, bool(changes), edits, annotations, label, params)


@dataclass
class EditorDocument:
    """The truth about a document's text. Offsets are in code points."""

    uri: str
    text: str
    encoding: str
    notify: Callable[[str, Message], None]
    version: int = 1
    manners: Manners = field(default_factory=Manners)
    batches: list[Batch] = field(default_factory=list)
    refused: int = 0
    """Batches that were not applied."""
    problems: list[str] = field(default_factory=list)
    on_batch: Callable[[Batch], None] = lambda batch: None
    """Called before a batch is looked at: this is when a user is quicker than the server."""
    after_batch: Callable[[Batch], None] = lambda batch: None
    """Called when a batch is done with: applied or refused, reported and answered."""
    _texts: list[str] = field(default_factory=list)

    # What the user does

    def replace(self, start: int, end: int, new: str) -> None:
        self._change([(start, end, new)])

    def type(self, before: str, new: str) -> None:
        """Insert text in front of another, which must be there once."""
        assert self.text.count(before) == 1, f"{before!r} stands {self.text.count(before)} times in the text"
        offset = self.text.index(before)
        self.replace(offset, offset, new)

    def place(self, part: str) -> tuple[int, int]:
        """Where a part of the text is that stands there once."""
        assert self.text.count(part) == 1, f"{part!r} stands {self.text.count(part)} times in the text"
        start = self.text.index(part)
        return start, start + len(part)

    def range(self, start: int, end: int) -> Range:
        return range_at(self.text, start, end, self.encoding)

    def position(self, offset: int) -> Position:
        return position_at(self.text, offset, self.encoding)

    # What the server asks

    def take(self, batch: Batch, answer: Callable[[bool], None]) -> None:
        """Apply a batch, or not, and say so, in this editor's manners."""
        self.batches.append(batch)
        self.on_batch(batch)
        manners = self.manners
        stale = batch.version is not None and batch.version != self.version
        declined = manners.read_only or (bool(batch.annotations) and not manners.accepts_preview)
        refused = declined or (stale and manners.versions != "ignores")
        applied = not refused or (manners.versions == "lies" and not declined)
        self.refused += refused
        if manners.answers_first:
            answer(applied)
        if not refused:
            self._change(self._spans(batch, strict=batch.version == self.version))
        if not manners.answers_first:
            answer(applied)
        self.after_batch(batch)

    def _spans(self, batch: Batch, *, strict: bool) -> list[tuple[int, int, str]]:
        """The edits by offsets, from the bottom up. Those for this very text must be without fault."""
        spans: list[tuple[int, int, str]] = []
        for edit in batch.edits:
            start, start_is_right = offset_at(self.text, edit["range"]["start"], self.encoding)
            end, end_is_right = offset_at(self.text, edit["range"]["end"], self.encoding)
            if strict and not (start_is_right and end_is_right and start <= end):
                self.problems.append(f"the text has no range {edit['range']}")
            spans.append((start, max(start, end), edit["newText"]))
        # Of insertions at one place, the first of the list comes first in the text: it is made last.
        spans.reverse()
        spans.sort(key=lambda span: span[:2], reverse=True)
        if strict:
            lasts = [(below[0], above[1]) for below, above in pairwise(spans)]
            self.problems += [f"edits overlap: {batch.edits}" for start, end in lasts if end > start]
        return spans

    def _change(self, spans: list[tuple[int, int, str]]) -> None:
        """Replace text from the bottom up and report it."""
        self._texts.append(self.text)
        changes: list[Message] = []
        for start, end, new in spans:
            changes.append({"range": self.range(start, end), "text": new})
            self.text = self.text[:start] + new + self.text[end:]
        if self.manners.full_sync:
            changes = [{"text": self.text}]
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    # What tests ask

    @property
    def characters_sent(self) -> int:
        return sum(len(edit["newText"]) for batch in self.batches for edit in batch.edits)

    def lines_seen(self) -> set[str]:
        """Every line that the text has ever had."""
        return {line for text in (*self._texts, self.text) for line in lines_of(text)}

    def check_result(self, result: Any) -> None:
        """Compare the shape of an EditResult with the contract, and its ranges with the text as it is now."""
        assert set(result) <= {"editId", "status", "message", "hunks", "usage", "timings"}, result
        assert set(result) >= {"editId", "status", "hunks", "usage", "timings"}, result
        assert result["status"] in STATUSES
        if "message" in result:
            check_sentence(result["message"])
        last = 0
        for hunk in result["hunks"]:
            assert set(hunk) == {"hunk", "range", "removed", "added"}
            assert hunk["removed"] >= 0
            assert hunk["added"] >= 0
            assert hunk["removed"] + hunk["added"] > 0
            start, start_is_right = offset_at(self.text, hunk["range"]["start"], self.encoding)
            end, end_is_right = offset_at(self.text, hunk["range"]["end"], self.encoding)
            assert start_is_right, hunk
            assert end_is_right, hunk
            assert last <= start <= end, result["hunks"]
            last = end
        assert len({hunk["hunk"] for hunk in result["hunks"]}) == len(result["hunks"])
        usage = result["usage"]
        assert set(usage) - {"usd"} == {"inputTokens", "cachedTokens", "outputTokens", "estimated"}
        timings = result["timings"]
        assert set(timings) <= {"contextMs", "firstTokenMs", "firstEditMs", "totalMs"}
        assert all(isinstance(value, int | float) and value >= 0 for value in timings.values()), timings


def check_sentence(message: str) -> None:
    """Fail if this is not a sentence to show to a user."""
    assert message.strip() == message
    assert message.endswith("."), message
    assert "\n" not in message
    assert len(message) > 10
