"""What speaks for a rule at a place, as a few numbers, and how much of it makes it likely.

The weights are a logistic regression on half of 1,500 real commits; `tests/bench/bench_next_edit.py` shows the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spark_lsp.prediction.weights import WEIGHTS
from spark_lsp.prediction.words import is_name, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.prediction.rules import LineRule, WordRule
    from spark_lsp.prediction.sites import LineSite, WordSite

_DEFINES: Final = {
    *("def", "function", "fn", "func", "class", "type", "let", "const", "var", "local", "struct", "interface", "enum"),
}
_IMPORTS: Final = {"import", "from", "use", "require", "package", "using", "include"}
_LONG, _LONGER = 5, 10
_NEAR, _FAR = 15, 150
_SOME, _MANY = 3, 10


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands in the text."""

    support: int
    """So many changes were the same."""
    passed: int
    """So many places as good as this one were left alone."""
    left: int
    """So many are still to come, this one among them."""
    is_newest: bool
    """The example is what was changed last."""
    in_block: bool = True
    """The place is in the block that the example is in, or that it opens."""
    undone: bool = False
    """Another change puts back what this rule takes away."""


def evidence(rule: WordRule, site: WordSite, standing: Standing, beside: int, distance: int) -> list[str]:
    """The names of what holds.

    So many parts of the example's change are to be found `beside` each other in the line, which is so many lines away.
    """
    kind = "insert" if not rule.removed else "delete" if not rule.added else "replace"
    found = [kind]
    before, behind = min(site.left, 4), min(site.right, 4)
    found.append(f"{kind} {min(before, 3)} {min(behind, 3)}")
    found += [f"left {count}" for count in range(1, before + 1)]
    found += [f"right {count}" for count in range(1, behind + 1)]
    names = [word for word in rule.removed if is_name(word)]
    near = [word for word in (*rule.left[len(rule.left) - site.left :], *rule.right[: site.right]) if is_name(word)]
    if site.whole:
        found.append("whole")
        if site.exact:
            found += ["exact", f"exact passed {min(2, standing.passed)}", f"exact left {min(3, standing.left)}"]
        found.append(f"whole {min(4, len(near) + len(names))}")
    found.append(f"names near {min(3, len(near))}")
    if site.by_call and not site.whole:
        found.append("by call")
    if len(rule.removed) == 1 and names:
        found.append("rename" if len(rule.added) == 1 and is_name(rule.added[0]) else "name")
        longest = len(names[0])
        if longest >= _LONG:
            found.append("long name")
        if longest >= _LONGER:
            found.append("longer name")
        if "_" in names[0] or names[0].lower() != names[0]:
            found.append("made name")
    found.append(f"{kind} names {min(3, len(names))}")
    if standing.support > 1:
        found += ["support", f"{kind} support"]
    passed, left = standing.passed, standing.left
    found.append(
        "passed 0" if not passed else "passed 1" if passed == 1 else "passed some" if passed < _SOME else "passed many"
    )
    found.append(
        "left 0" if left <= 1 else "left some" if left < _SOME else "left more" if left < _MANY else "left many"
    )
    if site.in_comment != rule.in_comment:
        found.append("other comment")
    elif site.in_comment:
        found.append("comment")
    if rule.is_all:
        found.append("all")
    if not standing.is_newest:
        found.append("older")
    if standing.undone:
        found.append("undone")
    if site.in_string != rule.in_string:
        found.append("out of string" if rule.in_string else "into string")
    elif site.in_string:
        found.append("string")
    role = _role(rule)
    block = "in block" if standing.in_block else "out of block"
    found += [role, block, f"{role} {block}"]
    if names and not before and not behind:
        found += [f"bare {role}", f"bare {block}", f"bare {role} {block}"]
        if standing.support > 1:
            found.append("bare support")
    found.append("near" if distance <= _NEAR else "far" if distance > _FAR else "middle")
    if rule.parts > 1:
        found.append("whole change" if rule.part < 0 else "all parts" if beside == rule.parts else "some parts")
    if not rule.removed and any(word in rule.added for word in ("=", ":", "=>")):
        found.append("adds a part")
    return found


def likelihood(found: Sequence[str]) -> float:
    """How likely it is that what was found means yes, from 0 to 1."""
    total = WEIGHTS["bias"] + sum(WEIGHTS.get(name, 0.0) for name in found)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def evidence_of_lines(rule: LineRule, site: LineSite, standing: Standing, distance: int) -> list[str]:
    """The same for whole lines."""
    kind = "lines in" if not rule.removed else "lines out" if not rule.added else "lines"
    around = f"{kind} {'before' if site.before else ''} {'behind' if site.behind else ''}"
    names = sum(is_name(word.text) for line in rule.removed for word in words_of(line))
    near = [line for line, same in ((rule.before, site.before), (rule.behind, site.behind)) if same]
    around_names = sum(is_name(word.text) for line in near for word in words_of(line))
    found = [kind, around, f"{kind} names {min(4, names)}", f"{kind} near names {min(4, around_names)}"]
    found.append(f"{kind} passed {min(2, standing.passed)}")
    found.append(
        "lines left 0" if standing.left <= 1 else "lines left some" if standing.left < _SOME else "lines left many"
    )
    if standing.support > 1:
        found.append("lines support")
    if not standing.is_newest:
        found.append("lines older")
    if distance > _FAR:
        found.append("lines far")
    return found


def _role(rule: WordRule) -> str:
    """What the example's line does with what was changed."""
    first = rule.left[1] if len(rule.left) > 1 else rule.removed[0] if rule.removed else ""
    if first in _IMPORTS or "require" in rule.left[-3:]:
        return "imports"
    if rule.left[-1] in _DEFINES:
        return "defines"
    if any(word in _DEFINES for word in rule.left):
        return "declares"
    if rule.right[0] in ("=", ":=") and rule.left[-1] != ".":
        return "assigns"
    return "uses"
