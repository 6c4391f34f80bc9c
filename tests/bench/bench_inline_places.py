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
from typing import TYPE_CHECKING

from bench.holes import ANSWERS, KINDS, places
from spark_lsp.endpoints.transport import EndpointClient
from support.answering_endpoint import AnsweringEndpoint
from support.peer import SETTINGS
from support.typing_editor import TypingEditor
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.holes import Place

PLACES = 300
SETTINGS_HERE = {**SETTINGS, "inline": {"maxLines": 60}}
SHOW = int(os.environ.get("SPARK_SHOW", "0"))
"""So many failures of each answer are printed."""


async def measure(its_places: Sequence[Place], answer_name: str) -> tuple[Counter[str], Counter[str], list[str]]:
    """How many places of each kind there are, how many came out right, and what the first wrong ones are."""
    reply = ""
    endpoint = AnsweringEndpoint(lambda _: reply, first=0.05)
    editor = TypingEditor(endpoints=EndpointClient(endpoint))
    await editor.start(SETTINGS_HERE)
    choose = random.Random(answer_name)
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong: list[str] = []
    for number, place in enumerate(its_places):
        reply = ANSWERS[answer_name](place, choose)
        ending = "py" if place.language == "python" else "ts"
        text = place.text[: place.typed_from] + place.after
        editor.open(text, place.language, f"file:///project/file_{number}.{ending}")
        await asyncio.sleep(1)  # the file is parsed
        editor.cursor = place.typed_from
        editor.insert(place.last_typed)
        ghost = await editor.ask()
        came = "nothing came"
        if ghost is not None:
            if (accepted := editor.accept(ghost)) is not None:
                await accepted
            came = "" if editor.text == place.text else _difference(editor.text, place)
        editor.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri}})
        for kind in (place.kind, place.language):
            total[kind] += 1
            right[kind] += not came
        if came:
            wrong.append(f"--- {answer_name}, {place.kind}, {place.name}\n{_shown(place)}\nTHE MODEL:\n{reply}\n{came}")
    await editor.stop()
    return total, right, wrong


def _shown(place: Place) -> str:
    return f"{place.before[-200:]}¦{place.missing}¦{place.after[:120]}"


def _difference(text: str, place: Place) -> str:
    return "CAME:\n" + text[place.cursor : len(text) - len(place.after) + 40]


def main() -> None:
    began = time.perf_counter()
    its_places = places(PLACES)
    every, all_right = 0, 0
    for name in ANSWERS:
        total, right, wrong = run(measure(its_places, name))
        count = sum(total[kind] for kind in KINDS)
        good = sum(right[kind] for kind in KINDS)
        every, all_right = every + count, all_right + good
        kinds = "  ".join(f"{kind} {right[kind]}/{total[kind]}" for kind in (*KINDS, "python", "typescript"))
        print(f"{name:<24}{100 * good / count:5.1f} % of {count} right    {kinds}", flush=True)
        for failure in wrong[:SHOW]:
            print(failure)
    print(f"altogether {100 * all_right / every:.1f} %, in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
