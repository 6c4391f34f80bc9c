"""Recent edits in prompts: as unified diffs, or as what was there before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.diff import Change, changes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.core.prompt import NextEditContext, RecentEdit


def diff_lines(edit: RecentEdit, around: int = 3) -> list[str]:
    """The hunks of one change, with so many unchanged lines around them, as far as they are known.

    Both sides count lines as if nothing else had been changed since. Empty if nothing differs.
    """
    old, new = (*edit.above, *edit.old, *edit.below), (*edit.above, *edit.new, *edit.below)
    first = edit.line - len(edit.above)
    lines: list[str] = []
    for group in _groups(changes(old, new), around):
        lead, trail = min(around, group[0].old_start), min(around, len(old) - group[-1].old_end)
        old_start, new_start = group[0].old_start - lead, group[0].new_start - lead
        old_end, new_end = group[-1].old_end + trail, group[-1].new_end + trail
        here = (_span(first + old_start, old_end - old_start), _span(first + new_start, new_end - new_start))
        lines.append(f"@@ -{here[0]} +{here[1]} @@")
        at = old_start
        for change in group:
            lines += (f" {line}" for line in old[at : change.old_start])
            lines += (f"-{line}" for line in old[change.old_start : change.old_end])
            lines += (f"+{line}" for line in new[change.new_start : change.new_end])
            at = change.old_end
        lines += (f" {line}" for line in old[at:old_end])
    return lines


def git_diffs(edits: Iterable[RecentEdit]) -> str:
    """Changes one after the other, each under the names that git gives to a file's two sides."""
    found = ((edit.path, diff_lines(edit)) for edit in edits)
    return "".join(
        f"--- a/{path}\n+++ b/{path}\n" + "".join(f"{line}\n" for line in lines) for path, lines in found if lines
    )


def sides(edit: RecentEdit, around: int = 3) -> tuple[list[str], list[str]]:
    """What the hunks of a change show of the file before and after it."""
    lines = [line for line in diff_lines(edit, around) if not line.startswith("@@ ")]
    return [line[1:] for line in lines if line[0] in " -"], [line[1:] for line in lines if line[0] in " +"]


def files_shown(context: NextEditContext) -> list[tuple[str, str]]:
    """The paths and excerpts of other files; what comes from one file in a row is together."""
    files: list[tuple[str, str]] = []
    for one in context.related:
        if one.kind != "file":
            continue
        text = one.text if one.text.endswith("\n") else one.text + "\n"
        if files and files[-1][0] == one.heading:
            files[-1] = (one.heading, files[-1][1] + text)
        else:
            files.append((one.heading, text))
    return files


def _groups(found: list[Change], around: int) -> list[list[Change]]:
    """Changes that share a hunk: what is between them would be shown anyway."""
    groups: list[list[Change]] = []
    for change in found:
        if groups and change.old_start - groups[-1][-1].old_end <= 2 * around:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _span(start: int, count: int) -> str:
    """Lines as a hunk's header has them: from 1, and the line before for none."""
    return f"{start + 1 if count else start},{count}"
