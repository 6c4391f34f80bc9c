"""An edit as an editor sees it, over a real pipe and a real socket: how soon after the model, and how much.

A region of 120 lines is rewritten at 1,000 tokens a second. The endpoint notes when it sent which token; a hunk can be
final once the last line that the hunk maker needs was sent whole.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import resource
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.data import percentile
from spark_lsp.core.diff import changes
from spark_lsp.core.hunks import HunkMaker
from support.stdio_editor import StdioEditor

RUNS = 15
LINES = 120
TOKENS_PER_SECOND = 1000
FIRST_TOKEN_SECONDS = 0.05


@dataclass
class Endpoint:
    """Streams the reply by the clock, as many tokens at a time as are due, and notes when it sent how much."""

    reply: str = ""
    sent: list[tuple[float, int]] = field(default_factory=list)
    """Moments, and characters sent by then."""
    finished: float = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"(?i)content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                if head.startswith(b"POST"):
                    await self._answer(writer)
                else:
                    writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        parts = [self.reply[at : at + 4] for at in range(0, len(self.reply), 4)]
        began, count, characters = time.monotonic() + FIRST_TOKEN_SECONDS, 0, 0
        while count < len(parts):
            due = int((time.monotonic() - began) * TOKENS_PER_SECOND)
            for part in parts[count : max(due, 0)]:
                self._write(writer, {"choices": [{"index": 0, "delta": {"content": part}, "finish_reason": None}]})
                count, characters = count + 1, characters + len(part)
            self.sent.append((time.monotonic(), characters))
            await asyncio.sleep(0.001)
        self._write(writer, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        done = b"data: [DONE]\n\n"
        writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(done), done))
        self.finished = time.monotonic()
        await writer.drain()

    @staticmethod
    def _write(writer: asyncio.StreamWriter, body: object) -> None:
        event = f"data: {json.dumps(body)}\n\n".encode()
        writer.write(b"%x\r\n%s\r\n" % (len(event), event))

    def when_sent(self, characters: int) -> float:
        return next(moment for moment, sent in self.sent if sent >= characters)


def region(choose: random.Random) -> tuple[list[str], list[str]]:
    """A region and its new lines: some changed, some inserted, some deleted."""
    old = [
        f"    value_{number} = compute({choose.randint(0, 99)}, name_{choose.randint(0, 9)})" for number in range(LINES)
    ]
    new = list(old)
    for place in sorted(choose.sample(range(3, LINES - 3), 6), reverse=True):
        match choose.randrange(3):
            case 0:
                new[place] = new[place].replace("compute", "compute_exactly")
            case 1:
                new[place:place] = [f"    extra_{place} = None", f"    check(extra_{place})"]
            case 2:
                del new[place]
    return old, new


def characters_until_first_hunk(old: list[str], new: list[str]) -> int:
    """Characters of the reply after which the first hunk is final."""
    maker = HunkMaker(old)
    for count, line in enumerate(new, 1):
        if maker.feed(line):
            return sum(len(line) + 1 for line in new[:count])
    return sum(len(line) + 1 for line in new)


async def measure() -> None:
    endpoint = Endpoint()
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = {
        "endpoint": "bench",
        "endpoints": {"bench": {"baseUrl": f"http://127.0.0.1:{port}/v1", "model": "bench"}},
    }
    choose = random.Random(7)
    first, last, ratios = [], [], []
    spent = time_of_children = 0.0
    with tempfile.TemporaryDirectory() as folder:
        async with StdioEditor(Path(folder), settings) as editor:
            for run in range(RUNS + 1):
                old, new = region(choose)
                endpoint.reply, endpoint.sent = "".join(f"{line}\n" for line in new), []
                text = "".join(f"{line}\n" for line in old)
                document = editor.open(f"bench_{run}.py", text)
                result = await editor.edit(document, "change it", 0, len(text))
                ended = time.monotonic()
                assert document.text == endpoint.reply, result
                if not run:
                    continue  # the first one warms up
                could = endpoint.when_sent(characters_until_first_hunk(old, new))
                first.append(1000 * (document.batches[0].at - could))
                last.append(1000 * (ended - endpoint.finished))
                sent = sum(len(edit["newText"]) for batch in document.batches for edit in batch.edits)
                differing = sum(
                    len(line) + 1 for change in changes(old, new) for line in new[change.new_start : change.new_end]
                )
                ratios.append(sent / differing)
                spent += endpoint.finished - endpoint.sent[0][0]
    time_of_children = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    server.close()
    for what, values in (
        ("first hunk after it could be final, ms", first),
        ("end after the end of the stream, ms", last),
    ):
        print(f"{what:<40}median {percentile(values, 0.5):5.1f}, p90 {percentile(values, 0.9):5.1f}")
    print(f"{'characters sent / in changed lines':<40}{sum(ratios) / len(ratios):.3f} on average")
    print(
        f"{'processor time / time of streaming':<40}{time_of_children / spent:.2f} (the start of the server included)"
    )


if __name__ == "__main__":
    asyncio.run(measure())
