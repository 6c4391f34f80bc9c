"""Other ways to choose what a model sees, to measure ours against: each is what some product or paper does."""

from __future__ import annotations

import math
import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from spark_lsp.core.text import Position, Text

CHUNK_LINES = 20
OPEN_FILES = 5
QUERY_LINES = 40
LOCAL_SHARE = 0.4
_TOKEN = re.compile(r"[^\W\d]\w+")


def current_file(text: Text, at: Position, budget: int) -> str:
    """The code right before and behind the cursor, half of the budget each."""
    lines = list(text.lines)
    before = "".join((*lines[: at.line], lines[at.line][: at.column]))
    after = "".join((lines[at.line][at.column :], *lines[at.line + 1 :]))
    above = before[-max(budget // 2, budget - len(after)) :]
    return above + after[: budget - len(above)]


def _query(text: Text, at: Position) -> set[str]:
    lines = text.lines[max(0, at.line - QUERY_LINES) : at.line + QUERY_LINES // 4]
    return set(_TOKEN.findall("".join(lines)))


def _filled(local: str, ranked: Iterable[tuple[str, str]], budget: int) -> str:
    """Chunks with the paths that they are from, as many as have room."""
    left = budget - len(local)
    chosen = []
    for path, chunk in ranked:
        piece = f"{path}:\n{chunk}"
        if len(piece) > left:
            break
        left -= len(piece)
        chosen.append(piece)
    return "".join((*chosen, local))


@dataclass
class Chunks:
    """A repository in pieces of 20 lines."""

    texts: Mapping[str, str]
    chunks: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.by_path: dict[str, list[int]] = {}
        self.counts: list[Counter[str]] = []
        self.postings: dict[str, list[int]] = {}
        for path, text in self.texts.items():
            lines = text.splitlines(keepends=True)
            for start in range(0, len(lines), CHUNK_LINES):
                chunk = "".join(lines[start : start + CHUNK_LINES])
                number = len(self.chunks)
                self.chunks.append((path, chunk))
                self.by_path.setdefault(path, []).append(number)
                self.counts.append(Counter(_TOKEN.findall(chunk)))
                for token in self.counts[-1]:
                    self.postings.setdefault(token, []).append(number)
        self.mean = sum(sum(count.values()) for count in self.counts) / max(1, len(self.counts))

    def open_and_recent(self, path: str, text: Text, at: Position, budget: int) -> str:
        """Chunks of the files that lie beside, those first that share most words with the code at the cursor."""
        folder = posixpath.dirname(path)
        beside = sorted(other for other in self.by_path if posixpath.dirname(other) == folder and other != path)
        beside.sort(key=lambda other: -len(posixpath.commonprefix((other, path))))
        query = _query(text, at)
        ranked = [
            (len(query & words) / max(1, len(query | words)), number)
            for other in beside[:OPEN_FILES]
            for number in self.by_path[other]
            if (words := set(self.counts[number]))
        ]
        ranked.sort(key=lambda pair: (-pair[0], pair[1]))
        local = current_file(text, at, int(budget * LOCAL_SHARE))
        return _filled(local, (self.chunks[number] for _, number in ranked), budget)

    def bm25(self, path: str, text: Text, at: Position, budget: int) -> str:
        """Chunks of the whole repository by BM25 (Robertson and Zaragoza, 2009), k1 = 1.2 and b = 0.75."""
        scores: dict[int, float] = {}
        for token in _query(text, at):
            found = self.postings.get(token, [])
            weight = math.log(1 + (len(self.counts) - len(found) + 0.5) / (len(found) + 0.5))
            for number in found:
                if self.chunks[number][0] == path:
                    continue
                count = self.counts[number][token]
                length = sum(self.counts[number].values()) if weight > 1 else self.mean
                scores[number] = scores.get(number, 0.0) + weight * count * 2.2 / (
                    count + 1.2 * (0.25 + 0.75 * length / self.mean)
                )
        ranked = sorted(scores, key=lambda number: (-scores[number], number))
        local = current_file(text, at, int(budget * LOCAL_SHARE))
        return _filled(local, (self.chunks[number] for number in ranked), budget)
