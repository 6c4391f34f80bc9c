"""The next edit without a model: how often it is what the commit goes on to do, and how often it keeps quiet.

Rows of real commits are played as events of an editor into the real server, in this process and offline: the file
before the history, the history's hunks one by one from the top, then the question. The engine's weights come from the
half of the rows called `tuned`; only what is said of the other half, `held out`, says how good it is.

"Walking on" accepts one suggestion after another, as they are, until there is none: of rows with several hunks that
repeat the first and nothing else to do, how many end as the commit's text.

Times are those of the first question of each row.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from bench.data import percentile, rows
from support.peer import Manners, Peer, offset_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_STEPS = 14
ROWS = int(os.environ.get("SPARK_ROWS", "0"))
SHOW = int(os.environ.get("SPARK_SHOW", "0"))
"""So many wrong suggestions are printed."""

Hunk = dict[str, Any]


@dataclass
class Tally:
    """What came of the rows of one half, or of the baseline's predictions for them."""

    rows: int = 0
    repeating: int = 0
    unlike: int = 0
    """Rows whose later hunks neither repeat the first ones nor look like them."""
    said: int = 0
    right: int = 0
    right_of_repeating: int = 0
    quiet_of_unlike: int = 0
    walks: int = 0
    arrived: int = 0
    began: int = 0
    """Walks that had a first step."""
    seconds: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    """Seconds of processor time of the same answers, the client's part included."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)))

    def take(self, row: dict[str, Any], suggestion: tuple[str, Hunk] | None) -> None:
        """`suggestion` is the text that it leads to, and its hunk."""
        self.rows += 1
        unlike = not row["propagated"] and not row["similar"]
        self.repeating += row["propagates"]
        self.unlike += unlike
        if suggestion is None:
            self.quiet_of_unlike += unlike
            return
        right = suggestion[0] in {with_hunks(row["text"], [hunk]) for hunk in row["future"]}
        self.said += 1
        self.right += right
        self.right_of_repeating += right and row["propagates"]

    def report(self, name: str) -> None:
        walks = (
            f"   walking on {self.arrived / self.walks:.3f} of {self.walks} ({self.began} began)" if self.walks else ""
        )
        speed = ""
        for what, seconds in (("waited", self.seconds), ("processor", self.work)):
            if times := sorted(1000 * one for one in seconds):
                speed += f"   {what} p50 {percentile(times, 0.5):.1f} ms  p99 {percentile(times, 0.99):.1f} ms"
        print(
            f"{name:<28}precision {self.right / max(1, self.said):.3f} of {self.said:>3}   "
            f"recall {self.right_of_repeating / max(1, self.repeating):.3f} of {self.repeating}   "
            f"quiet {self.quiet_of_unlike / max(1, self.unlike):.3f} of {self.unlike}{walks}{speed}",
            flush=True,
        )


def lines_of(text: str) -> list[str]:
    """Cut behind every \\n, as the data does."""
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *([lines[-1]] if lines[-1] else [])]


def with_hunks(text: str, hunks: Sequence[Hunk]) -> str:
    """The text with hunks done that are in its coordinates."""
    lines = lines_of(text)
    for hunk in reversed(hunks):
        lines[hunk["line"] : hunk["line"] + len(hunk["old"])] = hunk["new"]
    return "".join(lines)


def is_held_out(row: dict[str, Any]) -> bool:
    return hashlib.sha256(row["id"].encode()).digest()[0] % 2 == 1


def before_history(row: dict[str, Any]) -> tuple[str, list[tuple[int, int, str]]]:
    """The text before the history, and its hunks as changes of it, from the top, each of the text before it."""
    lines = lines_of(row["text"])
    for hunk in reversed(row["history"]):
        lines[hunk["line"] : hunk["line"] + len(hunk["new"])] = hunk["old"]
    text = "".join(lines)
    changes, so_far = [], lines
    for hunk in row["history"]:
        start = sum(map(len, so_far[: hunk["line"]]))
        changes.append((start, start + len("".join(hunk["old"])), "".join(hunk["new"])))
        so_far = [*so_far[: hunk["line"]], *hunk["new"], *so_far[hunk["line"] + len(hunk["old"]) :]]
    assert "".join(so_far) == row["text"]
    return text, changes


def literal(row: dict[str, Any]) -> tuple[str, Hunk] | None:
    """The baseline: the last hunk's old lines, where they come next, become its new ones."""
    hunk, lines = row["history"][-1], lines_of(row["text"])
    if not hunk["old"]:
        return None
    size = len(hunk["old"])
    for at in range(hunk["line"] + len(hunk["new"]), len(lines) - size + 1):
        if lines[at : at + size] == hunk["old"]:
            found = {"line": at, "old": hunk["old"], "new": hunk["new"]}
            return with_hunks(row["text"], [found]), found
    return None


class Session:
    """An editor that asks for next edits."""

    def __init__(self) -> None:
        self.peer = Peer(Manners(encoding="utf-32", latency=0.0))
        self._number = 0

    async def play(self, row: dict[str, Any], tally: Tally) -> None:
        peer = self.peer
        text, changes = before_history(row)
        self._number += 1
        peer.open(text, row["language"], f"file:///project/folder_{self._number}/{row['path'].rsplit('/', 1)[-1]}")
        for start, end, new in changes:
            peer.edit(start, end, new)
        last = row["history"][-1]
        at = {"line": max(last["line"], last["line"] + len(last["new"]) - 1), "character": 0}
        edit = await self.ask(at, tally)
        suggestion = None
        if edit is not None:
            after = self.with_edit(edit)
            suggestion = after, edit
            if SHOW and after not in {with_hunks(row["text"], [hunk]) for hunk in row["future"]}:
                show(row, edit)
        tally.take(row, suggestion)
        if len(row["propagated"]) > 1 and len(row["propagated"]) == len(row["future"]):
            tally.walks += 1
            tally.began += edit is not None
            tally.arrived += await self.walk(edit) == with_hunks(row["text"], row["future"])
        peer.notify("textDocument/didClose", {"textDocument": {"uri": peer.uri}})

    async def walk(self, edit: dict[str, Any] | None) -> str:
        for _ in range(MOST_STEPS):
            if edit is None:
                break
            span = self.span_of(edit)
            self.peer.edit(*span, edit["text"])
            command = edit["command"]
            await self.peer.command(command["command"], command["arguments"][0])
            at = edit["range"]["start"]["line"] + edit["text"].count("\n")
            edit = await self.ask({"line": at, "character": 0}, Tally())
        return str(self.peer.text)

    async def ask(self, at: dict[str, int], tally: Tally) -> dict[str, Any] | None:
        peer = self.peer
        params = {"textDocument": {"uri": peer.uri, "version": peer.version}, "position": at}
        await asyncio.sleep(0.001)  # the changes have come in
        began, worked = time.perf_counter(), time.process_time()
        answer = await peer.request("textDocument/copilotInlineEdit", params)
        tally.seconds.append(time.perf_counter() - began)
        tally.work.append(time.process_time() - worked)
        edits: list[dict[str, Any]] = answer["result"]["edits"]
        return edits[0] if edits else None

    def span_of(self, edit: dict[str, Any]) -> tuple[int, int]:
        return (
            offset_of(self.peer.text, edit["range"]["start"], "utf-32"),
            offset_of(self.peer.text, edit["range"]["end"], "utf-32"),
        )

    def with_edit(self, edit: dict[str, Any]) -> str:
        start, end = self.span_of(edit)
        new: str = edit["text"]
        return self.peer.text[:start] + new + self.peer.text[end:]


def show(row: dict[str, Any], edit: dict[str, Any]) -> None:
    for hunk in row["history"]:
        print("history", hunk["line"], *(f"\n-{one!r}" for one in hunk["old"]), *(f"\n+{one!r}" for one in hunk["new"]))
    print("suggested", edit["range"], repr(edit["text"]), "\n")


async def play_all(chosen: Sequence[dict[str, Any]]) -> dict[bool, Tally]:
    session, tallies = Session(), {False: Tally(), True: Tally()}
    await session.peer.start({"endpoint": "offline"})
    for row in chosen:
        await session.play(row, tallies[is_held_out(row)])
    await session.peer.stop()
    return tallies


def main() -> None:
    chosen = [row for row in rows("next_edits") if "\r" not in row["text"].replace("\r\n", "")]
    chosen.sort(key=lambda row: hashlib.sha256(row["id"].encode()).digest())
    chosen = chosen[: ROWS or None]
    tallies = asyncio.run(play_all(chosen))
    baselines = {False: Tally(), True: Tally()}
    for row in chosen:
        baselines[is_held_out(row)].take(row, literal(row))
    for name, tally in (("offline", tallies), ("literal replace", baselines)):
        tally[False].report(f"tuned, {name}")
        tally[True].report(f"held out, {name}")
        (tally[False] + tally[True]).report(f"all, {name}")


if __name__ == "__main__":
    main()
