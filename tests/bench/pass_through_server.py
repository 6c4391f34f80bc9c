"""What ghost text costs at least with pygls and httpx: a server that sends the code before the cursor and answers.

It has pygls' own documents, incremental sync, one client that keeps its connections alive, and nothing else: no
context, no checks, nothing remembered.   python pass_through_server.py BASE_URL CHARACTERS
"""

from __future__ import annotations

import json
import sys

import httpx
from lsprotocol import types
from pygls.lsp.server import LanguageServer


def make_server(base_url: str, characters: int) -> LanguageServer:
    server = LanguageServer("pass-through", "1", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
    client = httpx.AsyncClient(timeout=10)

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def complete(ls: LanguageServer, params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
        document = ls.workspace.get_text_document(params.text_document.uri)
        offset = document.offset_at_position(params.position)
        before = document.source[max(0, offset - characters) : offset]
        request = {
            "model": "bench",
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 256,
            "messages": [
                {"role": "system", "content": "Continue the code at the cursor. Answer with the text to insert only."},
                {"role": "user", "content": before},
            ],
        }
        pieces: list[str] = []
        async with client.stream("POST", f"{base_url}/chat/completions", json=request) as response:
            async for line in response.aiter_lines():
                data = line.removeprefix("data: ")
                if data and data != "[DONE]":
                    pieces += [choice["delta"].get("content", "") for choice in json.loads(data)["choices"]]
        here = types.Range(params.position, params.position)
        return [types.InlineCompletionItem("".join(pieces), range=here)]

    return server


if __name__ == "__main__":
    make_server(sys.argv[1], int(sys.argv[2])).start_io()
