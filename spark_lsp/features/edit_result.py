"""What an edit came to, as the user and the contract see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from spark_lsp.core.delivery import HunkState
from spark_lsp.core.records import Consumption

if TYPE_CHECKING:
    from spark_lsp.core.delivery import Delivery
    from spark_lsp.core.text import Range

EditStatus: TypeAlias = Literal["applied", "unchanged", "previewed", "cancelled", "rejected", "failed"]


@dataclass(frozen=True, slots=True)
class HunkReport:
    """A hunk that is in the document."""

    hunk: int
    range: Range
    """In the document as it is now."""
    removed: int
    """Lines."""
    added: int
    """Lines."""


@dataclass(slots=True)
class Timings:
    """Seconds since the request came in; None for what did not happen."""

    context: float | None = None
    first_token: float | None = None
    first_edit: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class EditResult:
    """The answer to `spark.edit`."""

    edit_id: str
    status: EditStatus
    message: str | None = None
    hunks: tuple[HunkReport, ...] = ()
    usage: Consumption = field(default_factory=Consumption)
    timings: Timings = field(default_factory=Timings)


def hunk_reports(delivery: Delivery) -> tuple[HunkReport, ...]:
    """The hunks that are in the text, from top to bottom."""
    present = [hunk for hunk in delivery.hunks if hunk.state in (HunkState.LANDED, HunkState.BUILT_ON)]
    return tuple(
        HunkReport(hunk.number, hunk.range, hunk.removed, hunk.added)
        for hunk in sorted(present, key=lambda hunk: hunk.range.start)
    )
