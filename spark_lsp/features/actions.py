"""What can be done at a place: the code actions. Listing them asks no model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.core.text import Range, line_content
from spark_lsp.features.paths import exclusion
from spark_lsp.syntax.scopes import enclosing_block

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spark_lsp.core.diagnostics import Diagnostic
    from spark_lsp.session import Session

REWRITE_KIND = "refactor.rewrite.spark"
_TODO = re.compile(r"(?://|#|/\*|--|;|<!--|\*)\s*(?P<text>(?:TODO|FIXME|XXX|HACK)\b[:\s]*(?:\([^)]*\)[:\s]*)?.*)")
_COMMENT = re.compile(r"\s*(?://+|#+|/\*+|--+|\*)\s*(?P<text>\S.*?)\s*(?:\*/|-->)?\s*$")
_LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Action:
    """Something that the user may choose: an edit of a region by an instruction."""

    title: str
    kind: str
    range: Range
    instruction: str
    diagnostic: int | None = None
    """The place of the diagnostic that it fixes, among those that were given."""


@dataclass(frozen=True, slots=True)
class _Rewrite:
    name: str
    title: str
    instruction: str


_REWRITES = (
    _Rewrite("simplify", "Simplify", "Simplify this code without changing what it does."),
    _Rewrite(
        "types",
        "Add types",
        "Add precise type annotations wherever the language allows them. Change nothing else.",
    ),
    _Rewrite(
        "errors",
        "Handle errors",
        "Handle the errors that can happen here in the way the rest of the file does. Keep what works as it is.",
    ),
    _Rewrite(
        "document",
        "Document",
        "Write the documentation comment that this code lacks, in the style of the file. Change no code.",
    ),
    _Rewrite(
        "tests",
        "Write tests for this",
        "Keep this code exactly as it is and add tests for it right below, with the test framework that the file "
        "or the language suggests.",
    ),
)


def code_actions(session: Session, uri: str, selected: Range, diagnostics: Sequence[Diagnostic]) -> list[Action]:
    """The actions for a selection, or for what encloses the cursor."""
    document = session.documents.get(uri)
    if document is None or exclusion(session, uri):
        return []
    text = document.text
    start, end = sorted((text.clamp(selected.start), text.clamp(selected.end)))
    region, where = Range(start, end), "selection"
    block = region
    if region.empty:
        # The edit looks for what encloses the cursor by itself, when the file is parsed for certain.
        block, where = enclosing_block(document.snapshot().syntax, start), "this block"
    actions = [*_fixes(diagnostics)]
    if implement := _implement(line_content(text.lines[start.line]), region):
        actions.append(implement)
    if text.slice(text.clamp(block.start), text.clamp(block.end)).strip():
        actions += [
            Action(
                f"Spark: {rewrite.title} ({where})" if rewrite.name != "tests" else f"Spark: {rewrite.title}",
                f"{REWRITE_KIND}.{rewrite.name}",
                region,
                rewrite.instruction,
            )
            for rewrite in _REWRITES
        ]
    return actions


def _fixes(diagnostics: Sequence[Diagnostic]) -> Iterator[Action]:
    for index, diagnostic in enumerate(diagnostics):
        message = " ".join(diagnostic.message.split())
        line = diagnostic.range.start.line + 1
        source = f" ({diagnostic.source})" if diagnostic.source else ""
        yield Action(
            f"Spark: Fix “{_short(message)}”",
            "quickfix",
            Range(diagnostic.range.start, diagnostic.range.start),
            f"Fix this problem in line {line} of the file{source}: {message}",
            index,
        )


def _implement(line: str, region: Range) -> Action | None:
    """The action for a TODO, or for a comment that says what is to be done."""
    match = _TODO.search(line)
    what = "TODO"
    if match is None:
        match = _COMMENT.match(line)
        what = "comment"
    if match is None:
        return None
    wanted = match["text"].rstrip("*/-> ").strip()
    return Action(
        f"Spark: Implement this {what}",
        f"{REWRITE_KIND}.implement",
        region,
        f"Implement what this comment asks for, and remove the comment where it is done: {wanted}",
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TITLE else f"{text[:_LONGEST_TITLE]}…"
