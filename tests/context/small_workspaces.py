"""Workspaces of a few files, with an engine on top, for the tests of what goes into a prompt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repo.trees import facts_bytes, graph_of
from spark_lsp.context.engine import ContextEngine, OpenText
from spark_lsp.core.prompt import EditContext, Region
from spark_lsp.core.text import Position, Text
from spark_lsp.formats.edit_prompt import surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spark_lsp.context.engine import Surroundings
    from spark_lsp.context.extras import Extras

CURSOR = "█"


@dataclass
class GivenSources:
    """Sources that are at hand; `denied` ones are never read."""

    texts: Mapping[str, str]
    denied: frozenset[str] = frozenset()
    loaded: set[str] = field(default_factory=set)

    def lines(self, path: str) -> Sequence[str] | None:
        return Text.of(self.texts[path]).lines if path in self.loaded else None

    def load(self, path: str) -> None:
        if path not in self.denied:
            self.loaded.add(path)


@dataclass
class Workspace:
    """Files, and one of them open with a cursor in it."""

    files: dict[str, str]
    path: str
    denied: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        before, _, after = self.files[self.path].partition(CURSOR)
        self.files[self.path] = before + after
        at = Text.of(before)
        self.text = Text.of(before + after)
        self.cursor = Position(len(at.lines) - 1, len(at.lines[-1]))
        self.sources = GivenSources(self.files, self.denied)
        self.graph = graph_of(self.files)
        self.engine = ContextEngine(self.graph, self.sources)

    def prepare(self) -> None:
        for _ in self.engine.prepare(OpenText(self.path, self.text), self.cursor):
            pass

    def chosen(self, tokens: int = 2_000, extras: Extras | None = None) -> Surroundings:
        """What is chosen without preparing first."""
        document = OpenText(self.path, self.text)
        if extras is None:
            return self.engine.for_cursor(document, self.cursor, tokens)
        return self.engine.for_cursor(document, self.cursor, tokens, extras)

    def prompt(self, tokens: int = 2_000, extras: Extras | None = None) -> str:
        """The prompt as the product makes it, with everything prepared."""
        self.prepare()
        return self.prompt_of(self.chosen(tokens, extras))

    def prompt_of(self, chosen: Surroundings) -> str:
        region = Region(Text.of(""), self.cursor)
        context = EditContext(
            self.path, "python", "", region, "\n", chosen.before, chosen.after, related=chosen.related
        )
        return "\n\n".join(surroundings(context))

    def type(self, new: str) -> None:
        """Type at the cursor; the index does not hear of it."""
        self.text = self.text.splice(self.cursor, self.cursor, new)
        lines = Text.of(new).lines
        column = len(lines[-1]) + (self.cursor.column if len(lines) == 1 else 0)
        self.cursor = Position(self.cursor.line + len(lines) - 1, column)

    def index(self) -> None:
        """The index looks at the text."""
        self.graph.put_text(self.path, facts_bytes(self.path, str(self.text)))
