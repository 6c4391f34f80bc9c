"""Measures the weights of `spark_lsp/prediction/weights.py` anew, on the half of the rows that is called `tuned`.

    PYTHONPATH=tests python -m bench.next_edit_weights        writes the file; format it afterwards

A logistic regression by stochastic gradient descent, with the rows' places as examples: a place is right if doing what
the rule says brings the commit's hunk there nearer by all that it does, and if all right places together give the hunk.
A row with many places counts no more than the square root of their number. Small steps and few rounds keep the weights
small: more of them fit the rows better and foretell others worse (judged by cross-validation among the tuned rows, as
is `ENOUGH` in `spark_lsp/prediction/prediction.py`).
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from bench.bench_next_edit import is_held_out, lines_of, with_hunks
from bench.data import rows
from spark_lsp.core.diff import changes
from spark_lsp.prediction import weights
from spark_lsp.prediction.finding import found_again, line_change
from spark_lsp.prediction.sites import LineSite, WordSite
from spark_lsp.prediction.words import words_of

EPOCHS: Final = 16
STEP: Final = 0.1
SHRINK: Final = 20.0
SMALLEST: Final = 0.03
"""A weight that is smaller is left out."""
MOST: Final = 30.0
MOST_MOMENTS: Final = 5
LATER: Final = 0.5
"""So much all moments after the first count together, beside the first, as moments of a walk from the first on."""
ALONE: Final = 0.5
"""So much they count once more, each with only the hunk before it as an example."""

Example = tuple[list[str], bool, float]
"""What speaks for a place, whether it is right, and how much it counts."""


def examples(row: dict[str, Any]) -> list[Example]:
    """Of every moment of the commit: after its history, and after each of the hunks that follow, from top to bottom."""
    moments = [row]
    while moments[-1]["future"] and len(moments) < MOST_MOMENTS:
        moments.append(_one_hunk_on(moments[-1]))
    found = _examples_of(row, 1.0)
    for moment in moments[1:]:
        found += _examples_of(moment, LATER / len(moments))
        found += _examples_of({**moment, "history": moment["history"][-1:], "since": None}, ALONE / len(moments))
    return found


def _one_hunk_on(row: dict[str, Any]) -> dict[str, Any]:
    """The row after the first of the hunks that are still to come."""
    done, *rest = row["future"]
    step = len(done["new"]) - len(done["old"])
    return {
        "text": with_hunks(row["text"], [done]),
        "history": [*row["history"], done],
        "future": [{**hunk, "line": hunk["line"] + step} for hunk in rest],
        "since": row.get("since", row["history"][-1]["line"]),
    }


def _examples_of(row: dict[str, Any], weight: float) -> list[Example]:
    lines = lines_of(row["text"])
    lines += [""] if not lines or lines[-1].endswith("\n") else []
    changed = [line_change(lines, hunk["line"], hunk["old"], hunk["new"]) for hunk in row["history"]]
    found = list(found_again(lines, changed, since=row.get("since")))
    right = [_is_right(row, one.site) for one in found]
    for hunk in row["future"]:
        inside = [at for at, one in enumerate(found) if right[at] and _is_inside(one.site, hunk)]
        if inside and _together([found[at].site for at in inside], hunk) != hunk["new"]:
            for at in inside:
                right[at] = False
    return [
        (["bias", *one.evidence], is_right, weight / math.sqrt(len(found)))
        for one, is_right in zip(found, right, strict=True)
    ]


def _is_inside(site: WordSite | LineSite, hunk: dict[str, Any]) -> bool:
    start: int = hunk["line"]
    return isinstance(site, WordSite) and start <= site.line < start + len(hunk["old"])


def _is_right(row: dict[str, Any], site: WordSite | LineSite) -> bool:
    if isinstance(site, LineSite):
        wanted = [line.strip() for line in site.new]
        there = ((hunk["line"], len(hunk["old"]), [line.strip() for line in hunk["new"]]) for hunk in row["future"])
        return (site.line, site.end - site.line, wanted) in there
    for hunk in row["future"]:
        if _is_inside(site, hunk):
            old, done, new = _words(hunk["old"]), _words(_together([site], hunk)), _words(hunk["new"])
            if old == done:
                return bool(_together([site], hunk) == hunk["new"])
            return _distance(done, new) == _distance(old, new) - _distance(old, done)
    return False


def _together(sites: list[Any], hunk: dict[str, Any]) -> list[str]:
    """The hunk's old lines with what the sites say, the whole line's first, then the longest."""
    new: list[str] = list(hunk["old"])
    chosen: dict[int, list[WordSite]] = defaultdict(list)
    for site in sorted(sites, key=lambda site: (not site.exact, site.start - site.end)):
        if all(site.end < other.start or other.end < site.start for other in chosen[site.line]):
            chosen[site.line].append(site)
    for number, its in chosen.items():
        line = new[number - hunk["line"]]
        for site in sorted(its, key=lambda site: -site.start):
            line = line[: site.start] + site.new + line[site.end :]
        new[number - hunk["line"]] = line
    return new


def _words(lines: list[str]) -> list[str]:
    return [word.text for line in lines for word in words_of(line)]


def _distance(one: list[str], other: list[str]) -> int:
    return sum(change.old_end - change.old_start + change.new_end - change.new_start for change in changes(one, other))


def fitted(data: list[Example]) -> dict[str, float]:
    numbers: dict[str, int] = {}
    known = [
        ([numbers.setdefault(name, len(numbers)) for name in names], is_right, counts)
        for names, is_right, counts in data
    ]
    found, squares = [0.0] * len(numbers), [1e-6] * len(numbers)
    sums = [0.0] * len(numbers)
    """Of the second half of the rounds: their mean hangs less on the order of the last examples."""
    order = random.Random(0)
    for epoch in range(EPOCHS):
        order.shuffle(known)
        step = STEP / (1 + epoch * 0.3)
        for its, is_right, counts in known:
            total = sum([found[number] for number in its])
            slope = (1 / (1 + math.exp(-max(-MOST, min(MOST, total)))) - is_right) * counts
            for number in its:
                one = slope + SHRINK / len(known) * found[number]
                squares[number] += one * one
                found[number] -= step * one / math.sqrt(squares[number])
        if epoch >= EPOCHS // 2:
            sums = [one + other for one, other in zip(sums, found, strict=True)]
    weights = {name: round(sums[number] / (EPOCHS - EPOCHS // 2), 2) for name, number in numbers.items()}
    return {name: value for name, value in weights.items() if name == "bias" or abs(value) > SMALLEST}


def main() -> None:
    data = [example for row in rows("next_edits") if not is_held_out(row) for example in examples(row)]
    found = fitted(data)
    head, _, _ = Path(weights.__file__).read_text(encoding="utf-8").partition("= {")
    entries = "".join(f'    "{name}": {value},\n' for name, value in sorted(found.items()))
    Path(weights.__file__).write_text(f"{head}= {{\n{entries}}}\n", encoding="utf-8")
    print(f"{len(data)} places, {len(found)} weights")


if __name__ == "__main__":
    main()
