"""How exact, how small, how early and how dear streamed hunks are, on 2,000 windows of real commits.

The model is taken to answer with the window's new text. `min_lines` of the data is the smallest possible difference.
"""

from __future__ import annotations

import codecs
import re
import time
from typing import TYPE_CHECKING, Any

from bench.data import percentile, rows
from spark_lsp.core.diff import changes
from spark_lsp.core.edits import apply, merged
from spark_lsp.core.hunks import HunkMaker
from spark_lsp.core.prompt import EditContext, Region
from spark_lsp.core.refine import blocks
from spark_lsp.core.text import ORIGIN, Text, line_content, line_ending, split_lines
from spark_lsp.formats.fences import fence_for
from spark_lsp.formats.reply import ReplyError
from spark_lsp.formats.rewrite import RewriteParser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def utf8_pieces(text: str) -> Iterator[str]:
    """Three bytes at a time, so that characters are cut, as a wire's decoder gives them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    data = text.encode()
    for start in range(0, len(data), 3):
        yield decoder.decode(data[start : start + 3])


CHUNKINGS: dict[str, Callable[[str], list[str]]] = {
    "1 character": list,
    "1 token": re.compile(r"[\s\S]{1,4}").findall,
    "1 line": re.compile(r"[^\n]*\n|[^\n]+").findall,
    "all at once": lambda text: [text],
    "cut UTF-8": lambda text: list(utf8_pieces(text)),
}


def kept(after: str, before: str) -> str:
    """The new text with what a document keeps whatever the model says: its line endings and its final newline."""
    ending = line_ending(split_lines(before)[0]) or "\n"
    if {line_ending(line) for line in split_lines(before)} - {""} == {ending}:
        after = "".join(line_content(line) + (ending if line_ending(line) else "") for line in split_lines(after))
    if before.endswith(("\n", "\r")):
        return after if after.endswith(("\n", "\r")) else after + ending
    return line_content(after)


def hunks(data: list[dict[str, Any]]) -> None:
    """The hunk maker by itself, on lines with their endings."""
    exact = 0
    changed, ratios, waits, milliseconds, sent, differing = 0, [], [], [], 0, 0
    for row in data:
        old, new = split_lines(row["before"]), split_lines(row["after"])
        maker = HunkMaker(old)
        found, wait = [], None
        last_changed = changes(old, new)[0].new_end
        started = time.perf_counter()
        for count, line in enumerate([*new, None], 1):
            hunk = maker.finish() if line is None else maker.feed(line)
            if hunk:
                wait = min(count, len(new)) - last_changed if wait is None else wait
                found += blocks(old, hunk)
        milliseconds.append(1000 * (time.perf_counter() - started))
        text = Text.of(row["before"])
        exact += str(apply(text, merged(block.edits for block in found))) == row["after"]
        lines = sum(block.removed + block.added for block in found)
        changed += lines
        ratios.append(lines / row["min_lines"])
        waits.append(wait or 0)
        sent += sum(len(edit.new) for block in found for edit in block.edits)
        differing += sum(len("".join(new[change.new_start : change.new_end])) for change in changes(old, new))
    minimal = sum(row["min_lines"] for row in data)
    for what, figure in (
        ("exact", f"{exact} of {len(data)}"),
        (
            "changed lines / fewest possible",
            f"{changed / minimal:.4f} in all, {sum(ratios) / len(ratios):.4f} on average",
        ),
        (
            "further lines until the first hunk",
            f"median {percentile(waits, 0.5):.0f}, p90 {percentile(waits, 0.9):.0f}",
        ),
        ("characters sent / in changed lines", f"{sent / differing:.3f}"),
        ("ms for a window", f"median {percentile(milliseconds, 0.5):.2f}, p99 {percentile(milliseconds, 0.99):.2f}"),
    ):
        print(f"{what:<36}{figure}")


def replies(data: list[dict[str, Any]]) -> None:
    """The whole way from a reply in chunks to the text."""
    for shape in ("bare", "fenced"):
        for name, cut in CHUNKINGS.items():
            exact = as_kept = failed = 0
            for row in data:
                region = Region(Text.of(row["before"]), ORIGIN)
                ending = line_ending(split_lines(row["before"])[0]) or "\n"
                context = EditContext(row["path"], row["language"], row["instruction"], region, ending, "", "")
                reply = row["after"]
                if shape == "fenced":
                    marks = fence_for((row["before"], row["after"]))
                    reply = f"{marks}\n{reply}{'' if reply.endswith(chr(10)) else chr(10)}{marks}"
                parser = RewriteParser(context)
                try:
                    found = [block for chunk in cut(reply) for block in parser.feed(chunk)] + parser.finish()
                except ReplyError:
                    failed += 1
                    continue
                text = str(apply(region.text, merged(block.edits for block in found)))
                exact += text == row["after"]
                as_kept += text != row["after"] and text == kept(row["after"], row["before"])
            print(f"{shape:<6} {name:<12}  exact {exact}, exact but for kept line endings {as_kept}, failed {failed}")


if __name__ == "__main__":
    windows = rows("rewrites")
    hunks(windows)
    replies(windows)
