"""A file's facts as bytes, and as a table that the graph keeps: a few flat arrays, whatever the file's size.

The bytes hold every string once; arrays name strings by their number. A table shares its strings with all other tables
(`Names`), so that an indexed repository costs memory for what is in it and not for Python's objects.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from contextlib import suppress
from typing import TYPE_CHECKING, Final, get_args

from spark_lsp.core.symbols import FileFacts, Import, Reference, ReferenceKind, Symbol, SymbolKind

if TYPE_CHECKING:
    from collections.abc import Iterator

SYMBOL_KINDS: Final[tuple[SymbolKind, ...]] = get_args(SymbolKind)
REFERENCE_KINDS: Final[tuple[ReferenceKind, ...]] = get_args(ReferenceKind)
CALL: Final = REFERENCE_KINDS.index("call")
CALLABLE: Final = frozenset(SYMBOL_KINDS.index(kind) for kind in ("function", "method"))

_CLASSES: Final = frozenset(SYMBOL_KINDS.index(kind) for kind in ("class", "interface", "enum"))
_CONTAINERS: Final = _CLASSES | {SYMBOL_KINDS.index("module"), SYMBOL_KINDS.index("type")}

FORMAT: Final = 1
"""The version of the bytes. Another one is not read."""

_HEADER: Final = struct.Struct("<BI8I")
"""The format, a checksum of all that follows it, the number of strings that are names of references, and the lengths in
bytes: strings, documentation, symbols, lists, imports, names and qualifiers of references, lines of references."""

_ABOUT: Final = 12
"""The bytes that say which strings are the file's language, package and default export."""

_STEP: Final = 400
"""References that are encoded at once."""
_MOST_NAMES: Final = 60_000
_MOST_STRINGS: Final = 0xFFFF
"""References name their strings with 16 bits; those for which that is not enough are left out."""

# The places of a symbol's values, of which each symbol has as many.
NAME, KIND, CONTAINER, LINE, COLUMN, START, END, SIGNATURE_END, BASES, TYPES = range(10)
SYMBOL_WIDTH: Final = 10
MODULE, IMPORTED, ALIAS, IMPORT_LINE, HANDED_ON = range(5)
IMPORT_WIDTH: Final = 5
_EXPORTED: Final = 0x100
_REFERENCE_KIND_BITS: Final = 2


class Names:
    """Strings with numbers. A number holds for as long as the process."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The number of a string, which is a new one if it has none yet."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number

    def find(self, text: str) -> int | None:
        return self._numbers.get(text)


def encode(facts: FileFacts) -> bytes:
    """A file's facts as bytes."""
    content = b""
    for step in encode_in_steps(facts):
        content = step or content
    return content


def encode_in_steps(facts: FileFacts) -> Iterator[bytes | None]:
    """The same: yields None after every step of less than a millisecond, and the bytes as the last thing."""
    strings: dict[str, int] = {}

    def number(text: str) -> int:
        return strings.setdefault(text.replace("\n", " "), len(strings))

    references = sorted(facts.references, key=lambda reference: reference.line)
    for count, reference in enumerate(references):
        if count % _STEP == 0:
            yield None
        if len(strings) < _MOST_NAMES:
            number(reference.name)
    referenced = len(strings)
    names, qualifiers, lines = array("H"), array("H"), array("I")
    for count, reference in enumerate(references):
        if count % _STEP == 0:
            yield None
        name = strings.get(reference.name.replace("\n", " "))
        if name is not None and name < referenced and (qualifier := number(reference.qualifier)) < _MOST_STRINGS:
            names.append(name)
            qualifiers.append(qualifier)
            lines.append(reference.line << _REFERENCE_KIND_BITS | REFERENCE_KINDS.index(reference.kind))
    symbols, lists, docs = array("I"), array("I"), []

    def listed(texts: tuple[str, ...]) -> int:
        """Where a list of strings begins, plus 1; 0 for an empty one."""
        if not texts:
            return 0
        lists.append(len(texts))
        lists.extend(map(number, texts))
        return len(lists) - len(texts)

    number(facts.language)
    number(facts.package)
    number(facts.default_export)
    for count, symbol in enumerate(facts.symbols):
        if count % (_STEP // 4) == 0:
            yield None
        kind = SYMBOL_KINDS.index(symbol.kind) | (_EXPORTED if symbol.exported else 0)
        symbols.extend((number(symbol.name), kind, number(symbol.container), symbol.line, symbol.column))
        symbols.extend((symbol.start, symbol.end, symbol.signature_end, listed(symbol.bases), listed(symbol.types)))
        docs.append(symbol.doc.replace("\n", " "))
    imports = array("I")
    yield None
    for found in facts.imports:
        imported = 0 if found.name is None else number(found.name) + 1
        alias = 0 if found.alias is None else number(found.alias) + 1
        imports.extend((number(found.module), imported, alias, found.line, int(found.exported)))
    header = array("I", map(number, (facts.language, facts.package, facts.default_export)))
    parts = [
        _bytes(header) + "\n".join(strings).encode("utf-8", "replace"),
        "\n".join(docs).encode("utf-8", "replace"),
        *map(_bytes, (symbols, lists, imports)),
        _bytes(names) + _bytes(qualifiers),
        _bytes(lines),
    ]
    body = b"".join(parts)
    rest = struct.pack("<8I", referenced, *map(len, parts))
    yield struct.pack("<BI", FORMAT, zlib.crc32(body, zlib.crc32(rest))) + rest + body


def is_whole(content: bytes) -> bool:
    """Whether bytes are what `encode` made, unharmed."""
    if len(content) < _HEADER.size or content[0] != FORMAT:
        return False
    _, checksum, _, *lengths = _HEADER.unpack_from(content)
    return bool(len(content) == _HEADER.size + sum(lengths)) and zlib.crc32(content[5:]) == checksum


class FileTable:
    """The facts of one file, as whole bytes have them. Symbols, imports and references are asked for by number."""

    __slots__ = (
        *("_docs", "_lists", "_names", "default_export", "imports", "language", "package", "qualifiers"),
        *("reference_lines", "reference_names", "referenced", "strings", "symbols"),
    )

    def __init__(self, content: bytes, names: Names) -> None:
        _, _, self.referenced, *lengths = _HEADER.unpack_from(content)
        parts: list[bytes] = []
        at = _HEADER.size
        for length in lengths:
            parts.append(content[at : at + length])
            at += length
        texts = parts[0][_ABOUT:].decode("utf-8", "replace").split("\n")
        self._names = names
        self.strings = array("I", map(names.number, texts))
        """The numbers that the file's strings have in all tables. The names of references come first."""
        language, package, default_export = _array("I", parts[0][:_ABOUT])
        self.language = sys.intern(texts[language])
        self.package = texts[package]
        self.default_export = texts[default_export]
        self._docs = parts[1]
        self.symbols = _array("I", parts[2])
        self._lists = _array("I", parts[3])
        self.imports = _array("I", parts[4])
        half = len(parts[5]) // 2
        self.reference_names = _array("H", parts[5][:half])
        self.qualifiers = _array("H", parts[5][half:])
        self.reference_lines = _array("I", parts[6])

    def text(self, local: int) -> str:
        return self._names.texts[self.strings[local]]

    def local(self, name: int) -> int | None:
        """The number in this file of a string that is referenced in it; of what comes later, None."""
        try:
            return self.strings.index(name, 0, self.referenced)
        except ValueError:
            return None

    def symbol_count(self) -> int:
        return len(self.symbols) // SYMBOL_WIDTH

    def symbol(self, index: int) -> Symbol:
        at = index * SYMBOL_WIDTH
        name, kind, container, line, column, start, end, signature_end, bases, types = self.symbols[
            at : at + SYMBOL_WIDTH
        ]
        texts, strings = self._names.texts, self.strings
        return Symbol(
            texts[strings[name]],
            SYMBOL_KINDS[kind & 0xFF],
            texts[strings[container]],
            line,
            column,
            start,
            end,
            signature_end,
            self._doc(index),
            self._listed(bases),
            self._listed(types),
            kind >= _EXPORTED,
        )

    def indexes(self, place: int, text: str) -> list[int]:
        """The symbols one of whose strings (`NAME`, `CONTAINER`) is a text, by their numbers."""
        number = self._names.find(text)
        if number is None:
            return []
        try:
            local = self.strings.index(number)
        except ValueError:
            return []
        column = self.symbols[place::SYMBOL_WIDTH]
        found = []
        at = -1
        with suppress(ValueError):
            while True:
                at = column.index(local, at + 1)
                found.append(at)
        return found

    def named(self, name: str) -> list[int]:
        """The symbols of a name."""
        return self.indexes(NAME, name)

    def container(self, index: int) -> str:
        """What a symbol is defined in, without the cost of the whole symbol."""
        return self.text(self.symbols[index * SYMBOL_WIDTH + CONTAINER])

    def classes(self) -> list[int]:
        """The classes, interfaces and enums."""
        kinds = self.symbols[KIND::SYMBOL_WIDTH]
        return [index for index, kind in enumerate(kinds) if kind & 0xFF in _CLASSES]

    def kind(self, index: int) -> SymbolKind:
        return SYMBOL_KINDS[self.symbols[index * SYMBOL_WIDTH + KIND] & 0xFF]

    def symbol_numbers(self) -> set[int]:
        """The numbers, for all tables, of the names that are defined here."""
        strings = self.strings
        return {strings[local] for local in self.symbols[NAME::SYMBOL_WIDTH]}

    def around(self, line: int) -> int | None:
        """The innermost function or method that a line is in, or else the innermost other definition of some lines."""
        starts = self.symbols[START::SYMBOL_WIDTH]
        other = None
        for index in range(bisect_right(starts, line) - 1, -1, -1):
            at = index * SYMBOL_WIDTH
            if self.symbols[at + END] > line:
                if self.symbols[at + KIND] & 0xFF in CALLABLE:
                    return index
                if other is None and self.symbols[at + END] - self.symbols[at + START] > 1:
                    other = index
        return other

    def packages(self) -> tuple[str, ...]:
        """What the file belongs to; where that may be several packages, those that it has code in."""
        if self.package or self.language != "csharp":
            return (self.package,) if self.package else ()
        kinds = self.symbols[KIND::SYMBOL_WIDTH]
        module = SYMBOL_KINDS.index("module")
        return tuple(self.symbol(index).qualified_name for index, kind in enumerate(kinds) if kind & 0xFF == module)

    def class_around(self, line: int) -> int | None:
        """The innermost class, interface, enum or module that a line is in."""
        symbols = self.symbols
        for index in range(bisect_right(symbols[START::SYMBOL_WIDTH], line) - 1, -1, -1):
            at = index * SYMBOL_WIDTH
            if symbols[at + END] > line and symbols[at + KIND] & 0xFF in _CONTAINERS:
                return index
        return None

    def import_count(self) -> int:
        return len(self.imports) // IMPORT_WIDTH

    def imported(self, index: int) -> Import:
        at = index * IMPORT_WIDTH
        module, name, alias, line, exported = self.imports[at : at + IMPORT_WIDTH]
        return Import(
            self.text(module),
            self.text(name - 1) if name else None,
            self.text(alias - 1) if alias else None,
            line,
            bool(exported),
        )

    def all_imports(self) -> list[Import]:
        return [self.imported(index) for index in range(self.import_count())]

    def modules(self) -> set[str]:
        """The modules that are imported here, as they are written."""
        return {self.text(local) for local in set(self.imports[MODULE::IMPORT_WIDTH])}

    def reference(self, index: int) -> Reference:
        line = self.reference_lines[index]
        kind = REFERENCE_KINDS[line & (1 << _REFERENCE_KIND_BITS) - 1]
        name, qualifier = self.reference_names[index], self.qualifiers[index]
        return Reference(self.text(name), self.text(qualifier), kind, line >> _REFERENCE_KIND_BITS)

    def references_to(self, name: int) -> Iterator[int]:
        """Where a name, by its number in all tables, is referenced."""
        local = self.local(name)
        at = -1
        while local is not None:
            try:
                at = self.reference_names.index(local, at + 1)
            except ValueError:
                return
            yield at

    def references_between(self, start: int, end: int) -> list[Reference]:
        """The references in lines [start, end)."""
        first = bisect_left(self.reference_lines, start << _REFERENCE_KIND_BITS)
        last = bisect_left(self.reference_lines, end << _REFERENCE_KIND_BITS)
        return [self.reference(index) for index in range(first, last)]

    def facts(self) -> FileFacts:
        """Everything, as it was encoded."""
        return FileFacts(
            self.language,
            tuple(self.symbol(index) for index in range(self.symbol_count())),
            tuple(self.all_imports()),
            tuple(self.reference(index) for index in range(len(self.reference_names))),
            self.package,
            self.default_export,
        )

    def _doc(self, index: int) -> str:
        if not self._docs:
            return ""
        return self._docs.split(b"\n", index + 1)[index].decode("utf-8", "replace")

    def _listed(self, start: int) -> tuple[str, ...]:
        if not start:
            return ()
        # The place is that of the first string; their number is right before it.
        count = self._lists[start - 1]
        return tuple(self.text(local) for local in self._lists[start : start + count])


def _bytes(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()


def _array(code: str, content: bytes) -> array[int]:
    values: array[int] = array(code)
    values.frombytes(content)
    if sys.byteorder == "big":
        values.byteswap()
    return values
