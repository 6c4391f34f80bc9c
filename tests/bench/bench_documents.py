"""What a keystroke costs in documents of all sizes: didChange as the session takes it."""

from __future__ import annotations

import random
import time

from bench.data import percentile
from spark_lsp.core.delivery import Delivery
from spark_lsp.core.edits import Edit
from spark_lsp.core.text import Position
from spark_lsp.session import Session

KEYS = 2000


def measure(lines: int, *, delivery: bool) -> None:
    session = Session()
    content = "".join(f"    some_name_{number} = call({number}, 'text')\n" for number in range(lines))
    document = session.open("file:///bench.py", "python", 1, content)
    while not document.syntax.advance(time.perf_counter, 1.0):
        pass
    if delivery:
        edit = Delivery(document.text)
        edit.add((Edit(Position(3, 0), Position(3, 4), ""),), 1, 1)
        document.deliveries.append(edit)
    choose = random.Random(1)
    seconds = []
    for key in range(KEYS):
        line = choose.randrange(lines)
        at = Position(line, choose.randrange(20))
        change = Edit(at, at, choose.choice(["x", " ", "(", "\n    y = 1\n"]))
        started = time.perf_counter()
        document.change((change,), key)
        seconds.append(time.perf_counter() - started)
    with_lenses = "with the lenses of an edit" if delivery else ""
    print(
        f"didChange, {lines:>6} lines  p50 {1000 * percentile(seconds, 0.5):.3f} ms  "
        f"p99 {1000 * percentile(seconds, 0.99):.3f} ms  {with_lenses}"
    )


if __name__ == "__main__":
    for size in (200, 2_000, 10_000, 50_000):
        measure(size, delivery=False)
    measure(50_000, delivery=True)
