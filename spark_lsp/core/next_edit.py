"""The edit that is likely to come next, whoever thought of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_lsp.core.edits import Edits


@dataclass(frozen=True, slots=True)
class NextEdit:
    """An edit that is likely to come next, for one document as it is now."""

    uri: str
    version: int
    """The document's."""
    edits: Edits
    """Sorted and disjoint, in the coordinates of that document's text."""
    source: str
    """``offline``, or the name of the format that a model was asked in."""
    confidence: float
    """From 0 to 1."""
