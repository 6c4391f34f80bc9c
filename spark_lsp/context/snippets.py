"""How a definition can be shown: its own line, its signature and documentation, or all of it if that is short.

A rendering is a tuple of line numbers of its file, so that what several have in common is shown once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.core.symbols import Symbol

_SIGNATURE_LINES: Final = 14
_BODY_LINES: Final = 14
_BODY_CHARACTERS: Final = 700
LONGEST_LINE: Final = 1_000
"""Code points. Longer ones are data or were made by a program."""

_FIRST, _SIGNATURE, _BODY = 0.88, 0.08, 0.04
"""What the renderings are worth, one on top of the other."""


class Sources(Protocol):
    """The lines of files that may be shown."""

    def lines(self, path: str) -> Sequence[str] | None:
        """The lines of a file as it is now, with their line endings, if they are at hand. Never reads a file."""
        ...


class LoadingSources(Sources, Protocol):
    """Sources that can read a file ahead."""

    def load(self, path: str) -> None:
        """Bring a file's lines in, unless it may not be read."""
        ...


@dataclass(frozen=True, slots=True)
class Rendering:
    """Some lines of a file, and what they are worth beyond the rendering before."""

    lines: tuple[int, ...]
    worth: float


def renderings(symbol: Symbol, lines: Sequence[str]) -> tuple[Rendering, ...]:
    """The ways to show a definition, from short to long; none if the file is not what was indexed."""
    own = symbol.line
    if own >= len(lines) or symbol.name not in lines[own] or len(lines[own]) > LONGEST_LINE:
        return ()
    found = [Rendering((own,), _FIRST)]
    end = min(symbol.signature_end, own + _SIGNATURE_LINES, len(lines))
    marks = [at for at in range(max(symbol.start, own - 4), own) if lines[at].lstrip().startswith("@")]
    shown = [*marks, *range(own, max(end, own + 1)), *_doc(symbol, lines)]
    signature = _whole(tuple(sorted(set(shown))), lines)
    if signature and signature != (own,):
        found.append(Rendering(signature, _SIGNATURE))
    last = min(symbol.end, len(lines))
    whole = tuple(range(min((own, *signature)), last))
    is_short = len(whole) <= _BODY_LINES and sum(len(lines[at]) for at in whole) <= _BODY_CHARACTERS
    if is_short and set(whole) > set(found[-1].lines):
        found.append(Rendering(_whole(whole, lines) or (own,), _BODY))
    return tuple(found)


def _whole(numbers: tuple[int, ...], lines: Sequence[str]) -> tuple[int, ...]:
    return numbers if all(len(lines[at]) <= LONGEST_LINE for at in numbers) else ()


def _doc(symbol: Symbol, lines: Sequence[str]) -> list[int]:
    """The line that the documentation's first line is in, if it is found."""
    if not symbol.doc:
        return []
    start = symbol.doc[:40]
    below = range(symbol.signature_end, min(symbol.signature_end + 3, symbol.end, len(lines)))
    above = range(symbol.start, min(symbol.line, len(lines)))
    return next(([at] for at in (*below, *above) if start in lines[at]), [])
