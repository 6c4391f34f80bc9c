"""What speaks for a rule at a place, as a few numbers, and how much of it makes it likely.

The weights are a logistic regression on half of 1,500 real commits; `tests/bench/bench_next_edit.py` shows the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.prediction.weights import WEIGHTS
from spark_lsp.prediction.words import is_name, names_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spark_lsp.prediction.rules import LineRule, WordRule
    from spark_lsp.prediction.sites import LineSite, WordSite

_LONG, _LONGER = 5, 10
_NEAR, _FAR = 15, 150
_SOME, _MANY = 3, 10
_TWICE = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands in the text."""

    support: int
    """So many changes were the same."""
    is_newest: bool
    """The example is what was changed last."""
    passed: int = 0
    """So many places as good as this one were left alone."""
    left: int = 1
    """So many are still to come, this one among them."""
    in_block: bool = True
    """The place is in the block that the example is in, or that it opens."""
    shared: int = 0
    """So many words around the changes that were the same are the same in all of them."""
    fits: bool = False
    """They are around this place, too."""
    declared: str = ""
    """How the name that was replaced was declared by one of the changed lines; empty if it was not."""
    is_gone: bool = False
    """Nothing else declares it."""
    varies: bool = False
    """Words of the changes that were the same differed."""
    undone: bool = False
    """Another change puts back what this rule takes away."""

    @property
    def is_local(self) -> bool:
        """The name is one of a block, not of the file."""
        return self.declared in ("declares", "assigns")

    @property
    def is_another(self) -> bool:
        """The name that was declared anew is not the one of this place, which is in another block."""
        return self.is_local and not self.in_block


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
    alike = site.alike_left + site.alike_right
    found.append(f"alike {min(3, alike)}")
    if not before:
        found.append(f"{kind} alike left {min(2, site.alike_left)}")
    if not behind:
        found.append(f"{kind} alike right {min(2, site.alike_right)}")
    if site.is_varied and not standing.varies:
        found += ["varied", f"varied {kind}", f"varied alike {min(2, alike)}"]
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
        found.append(f"{'fits' if standing.fits else 'unlike'} {min(3, standing.shared)}")
        if standing.support > _TWICE:
            found += ["more support", "more fits" if standing.fits else "more unlike"]
    passed, left = standing.passed, standing.left
    found.append(
        "passed 0" if not passed else "passed 1" if passed == 1 else "passed some" if passed < _SOME else "passed many"
    )
    found.append(
        "left 0" if left <= 1 else "left some" if left < _SOME else "left more" if left < _MANY else "left many"
    )
    found += [f"removes {min(4, len(rule.removed))}", f"adds {min(4, len(rule.added))}"]
    found.append(f"support {min(3, standing.support)} passed {min(2, passed)}")
    found.append(f"names near {min(2, len(near))} left {min(3, left)}")
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
    role = rule.role
    block = "in block" if standing.in_block else "out of block"
    found += [role, block, f"{role} {block}"]
    if names and not before and not behind:
        found += [f"bare {role}", f"bare {block}", f"bare {role} {block}"]
        if standing.support > 1:
            found.append("bare support")
    if standing.declared:
        found += _scope(site, standing)
    found.append("near" if distance <= _NEAR else "far" if distance > _FAR else "middle")
    if rule.parts > 1:
        found.append("whole change" if rule.part < 0 else "all parts" if beside == rule.parts else "some parts")
    if not rule.removed and any(word in rule.added for word in ("=", ":", "=>")):
        found.append("adds a part")
    return found


def _scope(site: WordSite, standing: Standing) -> list[str]:
    """Whether the name that was declared anew is that of a place."""
    if site.is_member:
        return [f"member of {standing.declared}"]
    if standing.is_another:
        return ["another's local name"]
    if not standing.is_gone:
        return ["declared twice"]
    return ["dangles", "dangles in its block" if standing.is_local else f"dangles {standing.declared}"]


def likelihood(found: Sequence[str]) -> float:
    """How likely it is that what was found means yes, from 0 to 1."""
    total = WEIGHTS["bias"] + sum(WEIGHTS.get(name, 0.0) for name in found)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def evidence_of_lines(rule: LineRule, site: LineSite, standing: Standing, distance: int) -> list[str]:
    """The same for whole lines."""
    kind = "lines in" if not rule.removed else "lines out" if not rule.added else "lines"
    around = f"{kind} around {min(2, site.before)} {min(2, site.behind)}"
    names = sum(map(names_in, rule.removed))
    near = (*rule.before[: site.before], *rule.behind[: site.behind])
    around_names = sum(map(names_in, near))
    found = [kind, around, f"{kind} names {min(4, names)}", f"{kind} near names {min(4, around_names)}"]
    same = site.before + site.behind
    found += [f"{kind} alike {site.alike}", f"lines same {min(6, same)}"]
    if standing.is_newest and standing.support > 1:
        found.append(f"{kind} support")
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
