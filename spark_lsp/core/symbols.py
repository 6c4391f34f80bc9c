"""What a file defines, imports and uses, as plain values: the vocabulary of the repository's graph.

Lines count from 0 and columns are code points, as everywhere. Names are as they are written in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

SymbolKind: TypeAlias = Literal[
    "function", "method", "class", "interface", "type", "enum", "constant", "variable", "field", "module"
]
"""What is defined. A struct, a record, a trait's implementation and an object are classes; a trait and a protocol are
interfaces; an alias is a type; a namespace is a module."""

ReferenceKind: TypeAlias = Literal["call", "type", "name"]
"""How a name is used: called, in the place of a type, or in any other way."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition. Its lines are [start, end): with decorators, attributes and the comment right above it."""

    name: str
    kind: SymbolKind
    container: str
    """The names of the definitions around it, with dots between them; "" at the top of the file."""
    line: int
    """Where its name is."""
    column: int
    start: int
    end: int
    signature_end: int
    """The line behind its signature: [start, signature_end) without the body; `end` for what has no body."""
    doc: str = ""
    """The first line of its documentation, without the marks of a comment."""
    bases: tuple[str, ...] = ()
    """What a class inherits from or implements: "Base", "lib.Base", without what is given to them in brackets."""
    types: tuple[str, ...] = ()
    """The names in the place of a type in its signature, type parameters left out."""
    exported: bool = True
    """Other files can use it, as far as the syntax tells."""

    @property
    def qualified_name(self) -> str:
        return f"{self.container}.{self.name}" if self.container else self.name


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name, or a module as a whole.

    The default export of an ECMAScript module is its name "default"; the module "" is the file itself, for what it
    hands out under another name. ``mod a;`` of Rust is the module "self::a". Includes, usings and Ruby's requires take
    all names ("*"); what Ruby requires relative to the file begins with a dot.
    """

    module: str
    """As it is written: "a.b", "..a", "./x", "fmt", "crate::a::b", "stdio.h"."""
    name: str | None = None
    """The name taken from the module; "*" for all; None for the module itself."""
    alias: str | None = None
    """What it is called in this file, where that is not what it is called there."""
    line: int = 0
    exported: bool = False
    """It is handed on: a re-export."""

    @property
    def local_name(self) -> str:
        """The name by which this file knows it; "" for all names of a module."""
        if self.alias:
            return self.alias
        return "" if self.name == "*" else (self.name or self.module)


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a name. `qualifier` is what stands before it and a dot: "self", "click", "a.b"; "" for nothing.

    All separators are shown as dots (``a::b``, ``a->b``). A call is "f()" whatever it is given, and "?" stands for what
    is no chain of names, as in ``x[0].name``. Names of parameters and local variables are left out.
    """

    name: str
    qualifier: str
    kind: ReferenceKind
    line: int


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Everything that the graph knows of one file. In the order of the file."""

    language: str
    """The name of the grammar."""
    symbols: tuple[Symbol, ...] = ()
    imports: tuple[Import, ...] = ()
    references: tuple[Reference, ...] = ()
    package: str = ""
    """What the file says it belongs to: a package or a namespace."""
    default_export: str = ""
    """The name of what the file hands out by default (JavaScript and TypeScript)."""
