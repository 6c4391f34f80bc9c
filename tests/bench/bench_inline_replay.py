"""Ghost text over ten minutes of typing: how much is asked for, how much of it is used, and how soon it is there.

The same keys are played against the server, in virtual time, and on paper against two simple ways: asking at every key,
and asking after a pause of 300 ms. All three have the same editor, which keeps on the screen what agrees with the keys,
and the same model, which knows what is to be typed. A moment is the time after a key and before the next one.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from bench.typing_replay import (
    CHARACTERS_PER_TOKEN,
    EACH,
    FIRST,
    LATENCY,
    NEVER,
    SECONDS,
    Model,
    Outcome,
    Stroke,
    is_right,
    play_on_paper,
    strokes,
)
from spark_lsp.endpoints.transport import EndpointClient
from support.answering_endpoint import AnsweringEndpoint, Call
from support.peer import SETTINGS, Manners
from support.typing_editor import Ghost, TypingEditor
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDINGS = {"python": "py", "typescript": "ts", "javascript": "js", "rust": "rs"}
WAIT = 0.3
SURPRISES = 30


class Replay:
    """The server's part, played."""

    def __init__(self, its_strokes: Sequence[Stroke], model: Model) -> None:
        self.strokes = its_strokes
        self.model = model
        self.outcome = Outcome()
        self.now = its_strokes[0]
        self.asked_for: list[Stroke] = []
        """The stroke after which each call was made."""
        self.used: set[int] = set()
        """The calls that were of use."""
        self.misplaced = 0
        """Calls whose prompt is not that of the text as it was."""
        self.endpoint = AnsweringEndpoint(self._answer, first=FIRST, each=EACH)
        self.editor = TypingEditor(endpoints=EndpointClient(self.endpoint), manners=Manners(latency=LATENCY))
        self.editor.on_ghost = self._seen

    def _answer(self, call: Call) -> str:
        self.asked_for.append(self.now)
        before = self.now.task.text[: self.now.task.offset] + self.now.typed
        self.misplaced += before[-60:].rsplit("\n", 1)[-1] not in call.prompt
        return self.model.answer(self.now)

    def _is_right(self, ghost: Ghost | None) -> bool:
        return ghost is not None and is_right(ghost.shown, self.now.rest)

    def _seen(self, ghost: Ghost | None) -> None:
        shown_at = self.outcome.shown_at
        if shown_at and shown_at[-1] == NEVER and self._is_right(ghost):
            shown_at[-1] = asyncio.get_running_loop().time()
            self.outcome.by_answer[-1] = True

    async def play(self) -> Outcome:
        loop = asyncio.get_running_loop()
        editor = self.editor
        await editor.start(SETTINGS)
        for stroke in self.strokes:
            await asyncio.sleep(max(0.0, stroke.at - loop.time()))
            if stroke.kind == "open":
                self._open(stroke)
            else:
                self._change(stroke)
            self.outcome.shown_at.append(loop.time() if self._is_right(editor.ghost) else NEVER)
            self.outcome.by_answer.append(False)
            if stroke.kind != "open":
                editor.ask_as_typed()
        await asyncio.sleep(10)
        await editor.stop()
        calls = self.endpoint.calls
        self.outcome.requests = len(calls)
        self.outcome.used = len(self.used)
        self.outcome.prompt_tokens = sum(len(call.prompt) for call in calls) / CHARACTERS_PER_TOKEN
        self.outcome.output_tokens = sum(call.said for call in calls)
        return self.outcome

    def _open(self, stroke: Stroke) -> None:
        editor, task = self.editor, stroke.task
        if editor.text:
            editor.notify("textDocument/didClose", {"textDocument": {"uri": editor.uri}})
        uri = f"file:///project/{task.name}.{ENDINGS.get(task.language, task.language)}"
        editor.open(task.text, task.language, uri)
        editor.cursor, editor.ghost = task.offset, None
        self.now = stroke

    def _change(self, stroke: Stroke) -> None:
        editor = self.editor
        ghost = editor.ghost
        agrees = bool(stroke.new) and ghost is not None and ghost.shown.startswith(stroke.new)
        if agrees:
            self.outcome.covered += len(stroke.new)
            self._credit(stroke)
        self.now = stroke
        if ghost is not None and agrees and stroke.kind == "accept":
            editor.accept(ghost, len(stroke.new))
        else:
            editor.put(stroke.start, stroke.end, stroke.new)
        assert editor.text == stroke.task.text[: stroke.task.offset] + stroke.typed + stroke.task.after

    def _credit(self, stroke: Stroke) -> None:
        """The last call that said this text, as far as it goes, was of use."""
        for number in range(len(self.asked_for) - 1, -1, -1):
            asked, call = self.asked_for[number], self.endpoint.calls[number]
            if asked.task is not stroke.task:
                return
            if call.said and (asked.typed + call.text).startswith(stroke.typed):
                self.used.add(number)
                return

    def tokens_by_task(self) -> dict[str, float]:
        """The mean size of the server's prompts for each file."""
        sizes: dict[str, list[int]] = defaultdict(list)
        for stroke, call in zip(self.asked_for, self.endpoint.calls, strict=True):
            sizes[stroke.task.name].append(len(call.prompt))
        return {name: statistics.mean(its) / CHARACTERS_PER_TOKEN for name, its in sizes.items()}


def report(name: str, outcome: Outcome) -> None:
    moments = sum(at < NEVER for at in outcome.shown_at)
    print(
        f"{name:<18}{outcome.prompt_tokens:>11,.0f} tokens sent  {outcome.output_tokens:>7,.0f} received  "
        f"{outcome.prompt_tokens / max(1, outcome.covered):>7.1f} sent per accepted character  "
        f"{outcome.requests:>5} requests  {100 * outcome.used / max(1, outcome.requests):4.0f} % used  "
        f"{outcome.covered:>5} characters accepted  shown at {moments} moments"
    )


def compare(its_strokes: Sequence[Stroke], model: Model) -> None:
    replay = Replay(its_strokes, model)
    ours = run(replay.play())
    sizes = replay.tokens_by_task()
    mean = statistics.mean(sizes.values()) if sizes else 0.0
    every_key = play_on_paper(its_strokes, model, 0.0, sizes, mean)
    waiting = play_on_paper(its_strokes, model, WAIT, sizes, mean)
    report("spark-lsp", ours)
    report("at every key", every_key)
    report("after 300 ms", waiting)
    had = [number for number, at in enumerate(every_key.shown_at) if at < NEVER]
    as_soon = sum(ours.shown_at[number] <= every_key.shown_at[number] + LATENCY for number in had)
    never = sum(ours.shown_at[number] == NEVER for number in had)
    print(
        f"no later than asking at every key: {100 * as_soon / len(had):.1f} % of {len(had)} moments "
        f"({never} never), for {100 * ours.prompt_tokens / max(1, every_key.prompt_tokens):.1f} % of its tokens"
    )
    sooner = [waiting.shown_at[number] - ours.shown_at[number] for number, came in enumerate(waiting.by_answer) if came]
    print(
        f"sooner than after 300 ms, where that brought something: median {1000 * statistics.median(sooner):.0f} ms "
        f"of {len(sooner)} moments ({sum(one == -NEVER for one in sooner)} never)"
    )
    if replay.misplaced:
        print(f"{replay.misplaced} prompts are not of the text as it was when they were sent")
    if replay.endpoint.open_streams:
        print(f"{replay.endpoint.open_streams} streams left open")


def main() -> None:
    began = time.perf_counter()
    its_strokes = strokes()
    files = len({stroke.task.name for stroke in its_strokes})
    print(f"{len(its_strokes)} keys in {files} files, {SECONDS / 60:.0f} minutes")
    print("a model that knows the text:")
    compare(its_strokes, Model())
    print(f"a model that gets a word wrong every {SURPRISES} characters or so:")
    compare(its_strokes, Model(SURPRISES))
    print(f"in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
