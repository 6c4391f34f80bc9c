"""What a stream from a real llama-server costs: chunks a second, and the client's share of a processor core."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from real_servers.asking import SPOKEN, a_request, endpoint_at, read
from spark_lsp.endpoints.transport import EndpointClient
from spark_lsp.endpoints.wires.registry import WIRES
from support.llama_cache import llama_cache
from support.llama_server import LlamaServer
from support.tiny_script import RANDOM_CONTEXT

TOKENS = 5000


async def measure(server: LlamaServer, wire: str) -> str:
    client = EndpointClient()
    endpoint = endpoint_at(server, wire)
    await read(client, endpoint, a_request(wire, tokens=100))
    begun, busy = time.perf_counter(), time.process_time()
    heard = await read(client, endpoint, a_request(wire, tokens=TOKENS))
    took, used = time.perf_counter() - begun, time.process_time() - busy
    assert heard.usage is not None
    assert heard.usage.output_tokens == TOKENS
    await client.aclose()
    rate, per_chunk = TOKENS / took, used / TOKENS
    return f"{wire:13} {rate:7,.0f} chunks/s  {used / took:4.0%} of a core  {per_chunk * 1e6:4.0f} µs a chunk"


def main() -> None:
    cache = llama_cache()
    if reason := cache.missing():
        print(reason)
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        LlamaServer(cache, "tiny-random", RANDOM_CONTEXT, Path(folder)) as server,
    ):
        for wire in SPOKEN:
            if wire in WIRES:
                print(asyncio.run(measure(server, wire)))


if __name__ == "__main__":
    main()
