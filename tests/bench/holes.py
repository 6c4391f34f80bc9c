"""Holes in real code, and what a model may say to fill them: for the benchmarks of ghost text.

A hole is cut at a seeded place in the body of a function of the data's `needs/`. What is missing is one natural unit:
the rest of a statement on its line, the rest of one that goes over several lines (from its first line on, or from
inside), or the rest of a block. tree-sitter
is used directly here, so that nothing of the product's own reading of code decides what is right.
"""

from __future__ import annotations

import os
import random
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.data import rows
from bench.parsers import root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

PACKAGES = (("click", "python"), ("httpx", "python"), ("rxjs", "typescript"))
MOST_LINES = 24
"""Of what is missing."""
MOST_LINES_OF_FILE = 1_500
"""Longer files take long to parse, and say nothing else."""
BLOCKS = {"python": ("block",), "typescript": ("statement_block",)}
COMPOUND = re.compile(
    r"(function|class|if|for|for_in|while|do|try|with|switch|match|labeled|generator_function|interface|enum|"
    r"decorated|abstract_class|internal_module|module|elif|else|except|finally|case)_?(definition|statement|"
    r"declaration|clause)?$"
)
KINDS = ("line", "statement", "block", "inside")


@dataclass(frozen=True)
class Place:
    """A hole in a file. Offsets are in code points of `text`, which is the whole and true file."""

    name: str
    language: str
    kind: str
    text: str
    typed_from: int
    """Where the last thing that was typed begins: it ends at the cursor."""
    cursor: int
    end: int
    """Where the missing text ends."""
    step: str
    """What one level of the file is indented by."""

    @property
    def missing(self) -> str:
        return self.text[self.cursor : self.end]

    @property
    def before(self) -> str:
        return self.text[: self.cursor]

    @property
    def after(self) -> str:
        return self.text[self.end :]

    @property
    def indentation(self) -> str:
        """Of the line with the cursor."""
        line = self.text[self.text.rfind("\n", 0, self.cursor) + 1 :]
        return line[: len(line) - len(line.lstrip(" \t"))]

    @property
    def last_typed(self) -> str:
        return self.text[self.typed_from : self.cursor]


def sources() -> Path:
    """The folder with the packages' sources; ends the benchmark with a reason if it is not there."""
    folder = Path(os.environ.get("SPARK_NEEDS", Path.home() / ".cache/spark-lsp-data/needs"))
    for name, _ in PACKAGES:
        if not (folder / name).is_dir():
            print(f"skipped: the sources of {name} are not in {folder}; needs/get.sh in the data's folder gets them")
            sys.exit(0)
    return folder


def functions(count: int, seed: int = 5) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Rows of the data with their language and the text of their file, the same number of each package."""
    folder = sources()
    for number, (package, language) in enumerate(PACKAGES):
        its_rows = rows(f"needs/{package}")
        random.Random(seed + number).shuffle(its_rows)
        left = count // len(PACKAGES)
        for row in its_rows:
            if not left:
                break
            text = _read(folder / package / row["path"])
            if text.count("\n") <= MOST_LINES_OF_FILE and text.isascii():
                left -= 1
                yield row, language, text


@cache
def _read(path: Path) -> str:
    return path.read_bytes().decode()


def places(count: int, seed: int = 5) -> list[Place]:
    """Holes, the same ones every time: as many of each kind as far as the functions have such."""
    choose = random.Random(seed)
    found: dict[str, list[Place]] = {kind: [] for kind in KINDS}
    for row, language, text in functions(count * 2, seed):
        candidates = list(_holes(row, language, text, choose))
        kinds = {place.kind for place in candidates}
        if kinds:
            kind = min(sorted(kinds), key=lambda kind: len(found[kind]))
            found[kind].append(choose.choice([place for place in candidates if place.kind == kind]))
    everywhere = [place for its in found.values() for place in its]
    choose.shuffle(everywhere)
    return everywhere[:count]


def _holes(row: dict[str, Any], language: str, text: str, choose: random.Random) -> Iterator[Place]:
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    first, last = starts[row["line"]] + row["column"], starts[row["end_line"]] + row["end_column"]
    step = _step(lines)
    root = root_of(language, text)
    if root.has_error:
        return

    def hole(kind: str, cursor: int, end: int, typed_from: int) -> Place | None:
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end
        missing = text[cursor:line_end].rstrip()
        if text[end:line_end].strip() or not missing.strip() or missing.count("\n") >= MOST_LINES:
            return None
        if "\t" in missing or any(line != line.rstrip() for line in missing.split("\n")):
            return None
        return Place(row["id"], language, kind, text, typed_from, cursor, cursor + len(missing), step)

    for block in _blocks(root, language, first, last):
        children = [child for child in block.named_children if first <= child.start_byte]
        for child in children:
            start = child.start_byte
            line_start = text.rfind("\n", 0, start) + 1
            if text[line_start:start].strip() or not line_start:
                continue
            # Whatever ends the block must stand on a line of its own.
            block_end = _with_semicolon(text, children[-1].end_byte)
            made = hole("block", start, block_end, line_start - 1)
            if made is not None:
                yield made
            if COMPOUND.match(child.type) or "comment" in child.type or _holds_block(child, language):
                continue
            end = _with_semicolon(text, child.end_byte)
            kind = "statement" if "\n" in text[start:end] else "line"
            cuts = [leaf.start_byte for leaf in _leaves(child) if start < leaf.start_byte < end]
            cuts = [cut for cut in cuts if kind == "line" or text.find("\n", cut) < end]
            if cuts:
                cut = choose.choice(cuts)
                # Before the blank that stands before a token, or behind it.
                if text[cut - 1] == " " and choose.random() < 0.5:
                    cut -= 1
                inside = "\n" in text[start:cut]
                made = hole("inside" if inside else kind, cut, end, cut - 1)
                if made is not None and text[cut - 1] != "\n":
                    yield made


def _blocks(root: Node, language: str, first: int, last: int) -> Iterator[Node]:
    if root.end_byte < first or root.start_byte > last:
        return
    if root.type in BLOCKS[language] and root.end_byte <= last + 3:
        yield root
    for child in root.children:
        yield from _blocks(child, language, first, last)


def _holds_block(node: Node, language: str) -> bool:
    return any(child.type in BLOCKS[language] or _holds_block(child, language) for child in node.children)


def _leaves(node: Node) -> Iterator[Node]:
    if "string" in node.type or not node.children:
        yield node
        return
    for child in node.children:
        yield from _leaves(child)


def _with_semicolon(text: str, end: int) -> int:
    return end + 1 if text[end : end + 1] == ";" else end


def _step(lines: list[str]) -> str:
    widths = [len(line) - len(line.lstrip(" ")) for line in lines if line.startswith(" ")]
    return " " * (2 if any(width % 4 == 2 for width in widths if width < 16) else 4)


# What a model says


def true_text(place: Place, choose: random.Random) -> str:
    del choose
    return place.missing


def rambling(place: Place, choose: random.Random) -> str:
    """The true text, and then something else that a model finds fit to follow."""
    inner = place.indentation
    outer = inner[: max(0, len(inner) - len(place.step))]
    if place.kind != "block" and choose.random() < 0.5:
        return place.missing + _more_statements(place.language, inner)
    if place.language == "python":
        method = f"{outer}def another_one(self, value):\n{outer}{place.step}return self.find(value)\n"
        if len(outer) >= len(place.step):
            # Out of a nested block, or on to the next method.
            statement = f"\n{outer}another_one(value, {choose.randrange(100)})\n"
            return place.missing + choose.choice(
                (f"\n\n{method}", statement if place.kind == "block" else f"\n{method}")
            )
        return f"{place.missing}\n\n\n{method.replace('self, ', '').replace('self.', '')}"
    other = f"{outer}function anotherOne(value: number) {{\n{outer}{place.step}return value + 1;\n{outer}}}\n"
    return f"{place.missing}\n{outer}}}\n\n{other}"


def _more_statements(language: str, inner: str) -> str:
    if language == "python":
        return f"\n{inner}another = find_another(1)\n{inner}print(another)\n"
    return f"\n{inner}const another = findAnother(1);\n{inner}console.log(another);\n"


def indented_otherwise(place: Place, choose: random.Random) -> str:
    """Shifted as a whole, or with tabs for spaces."""
    lines = place.missing.split("\n")
    inner = place.indentation
    way = choose.choice(("dedented", "deeper", "again", "tabs")) if place.kind == "block" else "tabs"
    if way == "tabs":
        return "\n".join([lines[0], *(_with_tabs(line, place.step) for line in lines[1:])])
    whole = [inner + lines[0], *lines[1:]]
    if way == "dedented":
        return "\n".join(line.removeprefix(inner) for line in whole)
    if way == "deeper":
        return "\n".join(place.step + line if line else line for line in whole)
    return "\n".join(whole)


def _with_tabs(line: str, step: str) -> str:
    code = line.lstrip(" ")
    levels, rest = divmod(len(line) - len(code), len(step))
    return "\t" * levels + " " * rest + code


def fenced(place: Place, choose: random.Random) -> str:
    language = choose.choice((place.language, ""))
    return f"```{language}\n{place.missing}\n```\n"


def repeating(place: Place, choose: random.Random) -> str:
    """The true text, and then the first lines behind the hole once more."""
    lines = place.after.removeprefix("\n").split("\n")
    size, wanted = 0, choose.randint(1, 3)
    while size < len(lines) and wanted:
        wanted -= bool(lines[size].strip())
        size += 1
    return place.missing + "\n" + "\n".join(lines[:size])


ANSWERS = {
    "true": true_text,
    "rambling on": rambling,
    "indented otherwise": indented_otherwise,
    "in a fence": fenced,
    "repeating what follows": repeating,
}
