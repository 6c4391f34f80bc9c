"""What a sweep works with: the bytes that it reads, what is open around a place, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from spark_lsp.syntax.offsets import encode
from spark_lsp.syntax.parse import LONE_RETURN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from spark_lsp.core.symbols import Import, Reference, Symbol


@dataclass(frozen=True, slots=True)
class Source:
    """UTF-8 of a file, or of some whole lines of it that begin `first_byte` bytes into it."""

    content: bytes
    first_byte: int = 0

    @classmethod
    def of(cls, lines: Iterable[str], first_byte: int = 0) -> Self:
        """From lines, with the line endings that tree-sitter saw: `LineReader` says why."""
        content = "".join(lines)
        return cls(encode(LONE_RETURN.sub("\n", content) if "\r" in content else content), first_byte)

    def between(self, start: int, end: int) -> bytes:
        return self.content[start - self.first_byte : end - self.first_byte]

    def text(self, node: Node) -> str:
        return self.between(node.start_byte, node.end_byte).decode(errors="replace")

    def column(self, node: Node) -> int:
        """In code points."""
        start = node.start_byte
        return len(self.between(start - node.start_point[1], start).decode(errors="replace"))

    def begins_line(self, node: Node) -> bool:
        start, column = node.start_byte, node.start_point[1]
        return column == 0 or self.between(start - column, start).isspace()

    def has_lines(self, node: Node) -> bool:
        """There is nothing else on its lines."""
        if not self.begins_line(node):
            return False
        end = node.end_byte - self.first_byte
        stop = self.content.find(b"\n", end)
        rest = self.content[end : None if stop < 0 else stop]
        return not rest or rest.isspace() or node.end_point[1] == 0


@dataclass(slots=True, eq=False)
class Open:
    """Something around the place that the sweep is at. `path` is the container of what is defined in it.

    `locals` has the names of parameters and local variables, and those of type parameters with a "<" in front.
    """

    role: str
    end: int  # byte
    path: str = ""
    parent: Open | None = None
    start: int = -1  # byte
    lead: Node | None = None
    """The node that it begins with: a wrapper around it, or itself."""
    name: str = ""
    container: str = ""
    name_node: Node | None = None
    header_end: int = 0  # byte
    name_start: int = 0  # byte
    body_start: int = -1  # byte
    end_row: int = 0
    in_function: bool = False
    exported: bool = False  # of a wrapper
    locals: set[str] | None = None
    types: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    modifiers: list[str] = field(default_factory=list)
    section: str = ""  # of a class: what its next members are
    own_section: str = ""
    around: str = ""  # the role of what it is defined in
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a part of a file, with what `assemble` needs to make those of the file of them."""

    symbols: tuple[Symbol, ...] = ()
    imports: tuple[Import, ...] = ()
    references: tuple[Reference, ...] = ()
    exports: frozenset[str] = frozenset()
    """Names that the file says it hands out, wherever they are defined in it."""
    export_list: frozenset[str] | None = None
    """If the file has a list of all that it hands out: this part of it."""
    default_export: str = ""
    package: str = ""


def add_local(around: Open | None, name: str) -> None:
    """A name in a function; one outside of all functions is nobody's business but the file's."""
    while around is not None:
        if around.in_function and around.locals is not None:
            around.locals.add(name)
            return
        around = around.parent


def add_type_parameter(around: Open, name: str, start: int) -> None:
    """A type parameter in the header of a definition, at a byte."""
    if around.locals is not None and (start < around.header_end or around.role in {"scope", "wrapper"}):
        around.locals.add(f"<{name}")
    if around.role == "scope" and around.parent is not None:  # const f = <T,>(x: T) => x
        add_type_parameter(around.parent, name, start)


def is_local(reference: Reference, around: Open | None) -> bool:
    """True for a name of something in the function that it is used in."""
    if reference.qualifier:
        return False
    return is_known(f"<{reference.name}", around) or (reference.kind != "type" and is_known(reference.name, around))


def is_known(name: str, around: Open | None) -> bool:
    """True for what is among the `locals` of anything around."""
    while around is not None:
        if around.locals and name in around.locals:
            return True
        around = around.parent
    return False
