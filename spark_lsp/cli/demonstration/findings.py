"""What an act came to: measured times and sizes, and verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_lsp.cli.demonstration.editor import RunningEdit


class Verdict(Enum):
    """How something turned out that was looked at."""

    HELD = "✓"
    BROKEN = "✗"
    """A promise of the server's was broken."""
    OPEN = "–"
    """It was up to the model."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    verdict: Verdict
    sentence: str

    def __str__(self) -> str:
        return f"{self.verdict.value} {self.sentence}"


def finding(holds: bool, sentence: str, otherwise: str) -> Finding:
    """What holds, or what does not."""
    return Finding(Verdict.HELD, sentence) if holds else Finding(Verdict.BROKEN, otherwise)


@dataclass(slots=True)
class Report:
    """The measurements of one act. Times in seconds from the request, sizes in code points; None for what was not."""

    name: str
    """In the table."""
    title: str
    first_token: float | None = None
    first_hunk: float | None = None
    """On the screen."""
    end: float | None = None
    hunks: int = 0
    sent: int = 0
    """Code points in edits."""
    changed: int = 0
    """Code points in changed lines: what an editing by whole lines would have sent."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        return any(found.verdict is Verdict.BROKEN for found in self.findings)


def measure(report: Report, edit: RunningEdit) -> None:
    """Take over the times of an edit that has ended."""
    report.first_token = edit.first_token
    report.first_hunk = edit.batches[0].seconds if edit.batches else None
    report.end = edit.seconds


def size_of_changed_lines(before: str, after: str) -> int:
    """Code points in the lines that are new or changed, line endings included."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(len("".join(new[start:end])) for what, _, _, start, end in codes if what != "equal")
