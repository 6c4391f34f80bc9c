"""How long a context takes right after a key, in a long file of a large repository, and how much of it stays the same.

The repository is 200,000 lines of what is on this machine, the file 10,000 of it in one. Somebody types, pastes, undoes
and jumps about; between the keys the engine prepares for as long as a server would let it, and now and then the index
has new facts of the file.
"""

from __future__ import annotations

import random
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.context_repository import Repository
from bench.data import percentile
from spark_lsp.context.engine import OpenText
from spark_lsp.core.prompt import EditContext, Region
from spark_lsp.core.text import Position, Text
from spark_lsp.formats.edit_prompt import surroundings
from spark_lsp.server.garbage import Garbage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.context.engine import Surroundings

LINES = 200_000
FILE_LINES = 10_000
KEYS = 1_000
TOKENS = 4_000
KEYS_BETWEEN_FACTS = 40
SECONDS_BETWEEN_KEYS = 0.03
"""Of the time between two keys, what the server gives to preparing."""

PATH = "spark_bench_long.py"
_TYPED = "value = self.resolve(name, default=None)\n        if value is not None:\n            return value\n        "


def long_file(repository: Repository) -> str:
    """Files of the repository, one after the other."""
    pieces: list[str] = []
    count = 0
    for path in sorted(repository.texts, key=lambda path: -len(repository.texts[path])):
        text = repository.texts[path]
        if path.endswith(".py") and text.count("\n") < FILE_LINES // 4:
            pieces.append(text if text.endswith("\n") else f"{text}\n")
            count += text.count("\n")
        if count >= FILE_LINES:
            break
    return "".join(pieces)


def strokes(text: Text, choose: random.Random) -> Iterator[tuple[Text, Position]]:
    """The text and the cursor after each key."""
    heads = [
        at for at, line in enumerate(text.lines) if line.lstrip().startswith("def ") and line.rstrip().endswith(":")
    ]
    made = 0
    while made < KEYS:
        at = Position(choose.choice(heads) + 1, 0)
        text = text.splice(at, at, "        \n")
        cursor = Position(at.line, 8)
        undo: list[tuple[Text, Position]] = []
        for character in _TYPED * 2:
            undo.append((text, cursor))
            if choose.random() < 0.02:
                start = choose.randrange(len(text.lines) - 60)
                pasted = "".join(text.lines[start : start + choose.randrange(5, 50)])
                text = text.splice(cursor, cursor, pasted)
                cursor = Position(cursor.line + pasted.count("\n"), 0)
            elif choose.random() < 0.03:
                text, cursor = undo[choose.randrange(len(undo))]
            else:
                text = text.splice(cursor, cursor, character)
                cursor = Position(cursor.line + 1, 0) if character == "\n" else Position(cursor.line, cursor.column + 1)
            made += 1
            yield text, cursor
            if made >= KEYS:
                return
        heads = [at for at, line in enumerate(text.lines) if line.lstrip().startswith("def ")]


def prompt_of(chosen: Surroundings, at: Position) -> str:
    context = EditContext(
        PATH, "python", "", Region(Text.of(""), at), "\n", chosen.before, chosen.after, related=chosen.related
    )
    return "\n\n".join(surroundings(context))


def shared(one: str, two: str) -> float:
    """The share of the second text that the two have in common at the beginning."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == two[:middle]:
            low = middle
        else:
            high = middle - 1
    return low / max(1, len(two))


def main() -> None:
    packages = Path(sysconfig.get_paths()["purelib"])
    repository = Repository(packages, most_lines=LINES)
    text = Text.of(long_file(repository))
    repository.open(PATH, text)
    # As the server does: what is there is there to stay, and old objects are looked through when nobody types.
    Garbage().begin()
    engine = repository.engine
    started = time.perf_counter()
    for _ in engine.prepare(OpenText(PATH, text), Position(200, 4)):
        pass
    print(f"{repository.lines:,} lines, {len(repository.texts):,} files; the file has {len(text.lines):,} lines")
    print(f"first preparation of the file: {1000 * (time.perf_counter() - started):.0f} ms, in steps")
    choose = random.Random(3)
    seconds, steps, shares = [], [], []
    last = ""
    for key, (now, cursor) in enumerate(strokes(text, choose)):
        document = OpenText(PATH, now)
        began = time.perf_counter()
        chosen = engine.for_cursor(document, cursor, TOKENS)
        seconds.append(time.perf_counter() - began)
        prompt = prompt_of(chosen, cursor)
        assert len(prompt) <= 4 * TOKENS, len(prompt)
        if last:
            shares.append(shared(last, prompt))
        last = prompt
        if key % KEYS_BETWEEN_FACTS == KEYS_BETWEEN_FACTS - 1:
            repository.open(PATH, now)
        until = time.perf_counter() + SECONDS_BETWEEN_KEYS
        began = time.perf_counter()
        for _ in engine.prepare(document, cursor):
            steps.append(time.perf_counter() - began)
            if time.perf_counter() >= until:
                break
            began = time.perf_counter()
    for what, values in (("context after a key", seconds), ("steps of preparing", steps)):
        print(
            f"{what:<22}p50 {1000 * percentile(values, 0.5):.2f} ms  p99 {1000 * percentile(values, 0.99):.2f} ms  "
            f"most {1000 * max(values):.2f} ms"
        )
    print(
        f"share of a prompt that is the beginning of the one before: median {percentile(shares, 0.5):.3f}, "
        f"p10 {percentile(shares, 0.1):.3f}"
    )


if __name__ == "__main__":
    main()
