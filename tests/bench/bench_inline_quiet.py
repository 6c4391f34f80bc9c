"""Where no ghost text should be shown: how often the server is quiet, whether it asks a model, and whether it says why.

For each kind of place up to a hundred in real code; the model always says something. Two kinds more come about by what
the user does with suggestions: what was refused in this place, and suggestions where hardly any was accepted lately. At
last the opposite: places where something right is to be shown. In virtual time, in this process.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.holes import places
from bench.log_reasons import Reasons
from bench.quiet_places import KINDS, Quiet, made_of
from spark_lsp.endpoints.transport import EndpointClient
from support.answering_endpoint import AnsweringEndpoint
from support.peer import SETTINGS
from support.typing_editor import Ghost, TypingEditor
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACES = 300
MOST = 100
"""Of a kind."""
REFUSED_FIRST = 25
"""Suggestions that are refused until few are to be shown."""
SHOW = int(os.environ.get("SPARK_SHOW", "0"))
OFF = {**SETTINGS, "inline": {"inComments": False, "inStrings": False}, "log": {"level": "debug"}}
ON = {**SETTINGS, "log": {"level": "debug"}}


REASONS = Reasons.listen()


@dataclass
class Tally:
    count: int = 0
    quiet: int = 0
    said_why: int = 0
    asked: int = 0
    """Calls of the model."""
    reasons: Counter[str] = field(default_factory=Counter)
    loud: list[str] = field(default_factory=list)


class Session:
    """An editor whose model says what it is told to."""

    def __init__(self) -> None:
        self.answer = ""
        self.endpoint = AnsweringEndpoint(lambda _: self.answer, first=0.05)
        self.editor = TypingEditor(endpoints=EndpointClient(self.endpoint))
        self._number = 0

    async def lead_to(self, quiet: Quiet) -> Ghost | None:
        """Open the file, make the changes, and ask."""
        self._number += 1
        editor = self.editor
        ending = "py" if quiet.language == "python" else "ts"
        editor.open(quiet.text, quiet.language, f"file:///project/file_{self._number}.{ending}")
        await asyncio.sleep(1)  # the file is parsed
        for start, end, new in quiet.changes:
            editor.put(start, end, new)
        self.answer = quiet.answer
        return await editor.ask()

    def close(self) -> None:
        self.editor.notify("textDocument/didClose", {"textDocument": {"uri": self.editor.uri}})

    async def accepted(self, ghost: Ghost) -> None:
        """So that the server does not become quiet just because nothing is accepted."""
        if (told := self.editor.accept(ghost)) is not None:
            await told

    def refuse(self, ghost: Ghost) -> None:
        for method in ("spark/didShow", "spark/didReject"):
            self.editor.notify(method, {"id": ghost.id})

    def take(self, tally: Tally, ghost: Ghost | None, said_before: int, calls_before: int, quiet: Quiet) -> None:
        tally.count += 1
        tally.quiet += ghost is None
        tally.asked += len(self.endpoint.calls) - calls_before
        said = REASONS.said[said_before:]
        if ghost is None:
            tally.said_why += bool(said)
            tally.reasons.update(said[-1:])
        else:
            tally.loud.append(
                f"--- {quiet.name} ({quiet.language})\n"
                f"{ghost.text[max(0, ghost.cursor - 200) : ghost.cursor]}¦{ghost.text[ghost.cursor :][:100]}\n"
                f"SHOWN: {ghost.insert!r}\nLAST CHANGES: {quiet.changes}"
            )


async def by_place(kind: str, its_places: Sequence[Quiet], settings: dict[str, Any]) -> Tally:
    session, tally = Session(), Tally()
    await session.editor.start(settings)
    for quiet in its_places:
        said, calls = len(REASONS.said), len(session.endpoint.calls)
        ghost = await session.lead_to(quiet)
        session.take(tally, ghost, said, calls, quiet)
        if ghost is not None:
            await session.accepted(ghost)
        session.close()
    await session.editor.stop()
    return tally


async def refused_here(its_places: Sequence[Quiet]) -> Tally:
    """Every other suggestion is accepted; the ones between are refused and come again, after a change elsewhere."""
    session, tally = Session(), Tally()
    await session.editor.start(ON)
    for number, quiet in enumerate(its_places):
        ghost = await session.lead_to(quiet)
        if ghost is not None and number % 2:
            session.refuse(ghost)
            editor, cursor = session.editor, session.editor.cursor
            editor.put(len(editor.text), len(editor.text), "\n")
            editor.cursor = cursor
            said, calls = len(REASONS.said), len(session.endpoint.calls)
            session.take(tally, await editor.ask(), said, calls, quiet)
        elif ghost is not None:
            await session.accepted(ghost)
        session.close()
    await session.editor.stop()
    return tally


async def hardly_accepted(its_places: Sequence[Quiet]) -> Tally:
    session, tally = Session(), Tally()
    await session.editor.start(ON)
    for number, quiet in enumerate(its_places):
        said, calls = len(REASONS.said), len(session.endpoint.calls)
        ghost = await session.lead_to(quiet)
        if number >= REFUSED_FIRST:
            session.take(tally, ghost, said, calls, quiet)
        if ghost is not None:
            session.refuse(ghost)
        session.close()
    await session.editor.stop()
    return tally


def report(kind: str, tally: Tally) -> None:
    count = max(1, tally.count)
    common = "; ".join(f"{reason} ({times})" for reason, times in tally.reasons.most_common(3))
    print(
        f"{kind:<34}quiet {100 * tally.quiet / count:5.1f} % of {tally.count:>3}   "
        f"calls {tally.asked:>3}   why is in the log {100 * tally.said_why / max(1, tally.quiet):5.1f} %   {common}",
        flush=True,
    )
    for loud in tally.loud[:SHOW]:
        print(loud)


def main() -> None:
    began = time.perf_counter()
    its_places = places(PLACES)
    tallies = []
    for kind in KINDS:
        tally = run(by_place(kind, made_of(its_places, kind, MOST), OFF if "switched off" in kind else ON))
        tallies.append(tally)
        report(kind, tally)
    fitting = made_of(its_places, "something right", PLACES)
    for kind, tally in (
        ("was refused here", run(refused_here(fitting))),
        ("hardly any accepted lately", run(hardly_accepted(fitting))),
    ):
        tallies.append(tally)
        report(kind, tally)
    count = sum(tally.count for tally in tallies)
    print(f"altogether quiet {100 * sum(tally.quiet for tally in tallies) / count:.1f} % of {count}")
    shown = run(by_place("something right", fitting[:MOST], ON))
    print(f"something right is shown at {shown.count - shown.quiet} of {shown.count}; else: {dict(shown.reasons)}")
    print(f"in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
