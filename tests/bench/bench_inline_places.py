"""Ghost text in real code: what is accepted must give the true file, whatever the model says besides the truth.

A part of a function is taken away, the last key before it is typed, ghost text is asked for, and what comes is
accepted as an editor does it. The model says what is missing: as it is, rambling on behind it, indented otherwise, in a
fence, or with the code that follows once more. In virtual time, in this process.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.holes import ANSWERS, KINDS, places
from bench.log_reasons import Reasons
from spark_lsp.endpoints.transport import EndpointClient
from support.answering_endpoint import AnsweringEndpoint
from support.peer import SETTINGS
from support.typing_editor import TypingEditor
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.holes import Place

PLACES = 300
SETTINGS_HERE = {**SETTINGS, "inline": {"maxLines": 60}, "log": {"level": "debug"}}
REASONS = Reasons.listen()
UNITS = ("line", "statement", "block")
"""The kinds that are counted. Inside a statement there is no telling how much of it is one unit: it is shown beside."""
SHOW = int(os.environ.get("SPARK_SHOW", "0"))
"""So many failures of each answer are printed."""


@dataclass
class Tally:
    total: Counter[str] = field(default_factory=Counter)
    """Places of each kind and language."""
    right: Counter[str] = field(default_factory=Counter)
    nothing: Counter[str] = field(default_factory=Counter)
    """Why nothing came."""
    wrong: list[str] = field(default_factory=list)
    """What came out wrong, to read."""


async def measure(its_places: Sequence[Place], answer_name: str) -> Tally:
    reply = ""
    endpoint = AnsweringEndpoint(lambda _: reply, first=0.05)
    editor = TypingEditor(endpoints=EndpointClient(endpoint))
    await editor.start(SETTINGS_HERE)
    choose = random.Random(answer_name)
    tally = Tally()
    for number, place in enumerate(its_places):
        reply = ANSWERS[answer_name](place, choose)
        ending = "py" if place.language == "python" else "ts"
        text = place.text[: place.typed_from] + place.after
        editor.open(text, place.language, f"file:///project/file_{number}.{ending}")
        await asyncio.sleep(1)  # the file is parsed
        editor.cursor = place.typed_from
        editor.insert(place.last_typed)
        said = len(REASONS.said)
        ghost = await editor.ask()
        if ghost is None:
            came = f"NOTHING CAME: {' '.join(REASONS.said[said:])}"
            tally.nothing.update(REASONS.said[-1:])
        else:
            if (accepted := editor.accept(ghost)) is not None:
                await accepted
            came = "" if editor.text == place.text else _difference(editor.text, place)
        editor.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri}})
        for kind in (place.kind, place.language):
            tally.total[kind] += 1
            tally.right[kind] += not came
        if came:
            seen = f"{_shown(place)}\nTHE MODEL:\n{reply}\n{came}"
            tally.wrong.append(f"--- {answer_name}, {place.kind}, {place.name}\n{seen}")
    await editor.stop()
    return tally


def _shown(place: Place) -> str:
    return f"{place.before[-200:]}¦{place.missing}¦{place.after[:120]}"


def _difference(text: str, place: Place) -> str:
    return "CAME:\n" + text[place.cursor : len(text) - len(place.after) + 40]


def main() -> None:
    began = time.perf_counter()
    its_places = places(PLACES)
    every, all_right = 0, 0
    for name in ANSWERS:
        tally = run(measure(its_places, name))
        count = sum(tally.total[kind] for kind in UNITS)
        good = sum(tally.right[kind] for kind in UNITS)
        every, all_right = every + count, all_right + good
        kinds = "  ".join(
            f"{kind} {tally.right[kind]}/{tally.total[kind]}" for kind in (*KINDS, "python", "typescript")
        )
        print(f"{name:<24}{100 * good / count:5.1f} % of {count} right    {kinds}", flush=True)
        for reason, times in tally.nothing.most_common(5):
            print(f"{'':<24}nothing came at {times}: {reason}")
        for failure in tally.wrong[:SHOW]:
            print(failure)
    print(f"altogether {100 * all_right / every:.1f} %, in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
