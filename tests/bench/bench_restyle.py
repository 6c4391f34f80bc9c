"""How many hunks of real commits would be left out as mere style, by kind, and whether the code stays the same.

The model is taken to answer with the window's new text. A drop is false if the new text without the hunks left out
is not the new text as far as tokens go: for Python those of the standard library, else what a plain regular
expression makes of it, neither of which the judge uses. Windows that do not parse by themselves are not judged at all.
"""

from __future__ import annotations

import io
import re
import time
import tokenize
from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.data import percentile, rows
from spark_lsp.core.edits import apply, merged
from spark_lsp.core.prompt import EditContext, Region
from spark_lsp.core.text import ORIGIN, Range, Text, line_ending, split_lines
from spark_lsp.features.restyling import StyleGuard
from spark_lsp.formats.reply import ReplyError
from spark_lsp.formats.rewrite import RewriteParser
from spark_lsp.session import Snapshot
from spark_lsp.syntax.tree import SyntaxTree

if TYPE_CHECKING:
    from spark_lsp.core.refine import Block

_TOKEN = re.compile(r"\w+|[^\w\s]")
_LAYOUT = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.NEWLINE}


def tokens(text: str, language: str) -> list[str]:
    """What a text consists of, without what may be style: commas, semicolons, quotes, parentheses, comment marks."""
    if language == "python":
        try:
            return [
                f"{token.type}:{token.start[1] if token.type == tokenize.DEDENT else ''}:{_bare(token.string)}"
                for token in tokenize.generate_tokens(io.StringIO(text).readline)
                if token.type not in _LAYOUT and _bare(token.string)
            ]
        except (tokenize.TokenError, SyntaxError):
            pass
    return [token for token in _TOKEN.findall(text) if _bare(token)]


def _bare(token: str) -> str:
    return re.sub(r"""[,;()#*/\\]|(?<!.)['"]{1,3}|['"]{1,3}(?!.)""", "", token)


def main() -> None:
    windows = rows("rewrites")
    seen: dict[str, Counter[str]] = {}
    milliseconds: list[float] = []
    for row in windows:
        count = seen.setdefault(row["kind"], Counter())
        _window(row, count, milliseconds)
    print(f"{'kind':<12}{'windows':>8}{'parse':>7}{'hunks':>7}{'judged':>8}{'left out':>9}{'false':>7}")
    for kind, count in sorted(seen.items()):
        columns = ("windows", "parse", "hunks", "judged", "left out")
        print(
            f"{kind:<12}"
            + "".join(f"{count[name]:>{width}}" for name, width in zip(columns, (8, 7, 7, 8, 9), strict=True))
            + f"{count['false']:>7}"
        )
    print(
        f"ms a hunk: median {percentile(milliseconds, 0.5):.3f}, p90 {percentile(milliseconds, 0.9):.3f}, "
        f"p99 {percentile(milliseconds, 0.99):.2f}, most {max(milliseconds):.2f}"
    )


def _window(row: dict[str, Any], count: Counter[str], milliseconds: list[float]) -> None:
    text = Text.of(row["before"])
    syntax = SyntaxTree(row["language"], text)
    while not syntax.advance(time.perf_counter, 1.0):
        pass
    snapshot = Snapshot("", row["language"], 1, text, syntax.snapshot())
    region = Region(text, ORIGIN)
    ending = line_ending(split_lines(row["before"])[0]) or "\n"
    parser = RewriteParser(EditContext(row["path"], row["language"], "", region, ending, "", ""))
    try:
        batches = [parser.feed(line) for line in split_lines(row["after"])] + [parser.finish()]
    except ReplyError:
        return
    guard = StyleGuard(snapshot, region, Range(ORIGIN, ORIGIN), "", time.perf_counter)
    every: list[Block] = []
    kept: list[Block] = []
    for batch in batches:
        started = time.perf_counter()
        kept += guard.kept(batch)
        if batch:
            milliseconds += [1000 * (time.perf_counter() - started) / len(batch)] * len(batch)
        every += batch
    parses = snapshot.syntax.tree is None or not snapshot.syntax.tree.root_node.has_error
    count["windows"] += 1
    count["parse"] += parses
    count["hunks"] += len(every)
    count["judged"] += len(every) * parses
    count["left out"] += guard.left_out
    if guard.left_out:
        whole = str(apply(text, merged(block.edits for block in every)))
        rest = str(apply(text, merged(block.edits for block in kept)))
        if tokens(whole, row["language"]) != tokens(rest, row["language"]):
            count["false"] += guard.left_out
            print(f"false: {row['id']} {row['language']}")


if __name__ == "__main__":
    main()
