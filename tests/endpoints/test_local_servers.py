"""What counts as a model server on this machine, and what does not."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.endpoints.local_servers import (
    Address,
    LocalServer,
    find_local_servers,
    local_addresses,
    loopback_address,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

CODER = "qwen2.5-coder:7b"
NEVER = object()


@dataclass
class Fake:
    """A server on loopback with these answers by path: JSON, bytes as they are, or none ever. `asked` are the paths."""

    pages: Mapping[str, Any]
    port: int = 0

    def __post_init__(self) -> None:
        self.asked: list[str] = []

    def address(self, kind: str) -> Address:
        return Address(kind, "127.0.0.1", self.port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ")[1].decode()
                self.asked.append(path)
                page = self.pages.get(path)
                if page is NEVER:
                    await reader.read()
                    return
                writer.write(page if isinstance(page, bytes) else http(page))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def http(page: Any, status: str = "200 OK", *headers: str) -> bytes:
    if page is None:
        return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
    body = page if isinstance(page, bytes) else json.dumps(page).encode()
    head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""])
    return head.encode() + body


@asynccontextmanager
async def fake(pages: Mapping[str, Any]) -> AsyncIterator[Fake]:
    fake = Fake(pages)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()


def asked(kind: str, pages: Mapping[str, Any]) -> LocalServer | None:
    """What is found where such a server is looked for."""

    async def ask() -> LocalServer | None:
        async with fake(pages) as server:
            found = await find_local_servers([server.address(kind)])
            assert all(one.address == server.address(kind) for one in found)
            return found[0] if found else None

    return asyncio.run(ask())


def models(*names: str, **more: Any) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": name, "object": "model", **more} for name in names]}


def tags(*names: str, **more: Any) -> dict[str, Any]:
    return {"models": [{"name": name, "model": name, **more} for name in names]}


@pytest.mark.parametrize(
    ("kind", "pages", "expected"),
    [
        ("ollama", {"/api/tags": tags("llama3.2:3b", CODER)}, ("ollama", CODER, None)),
        ("ollama", {"/api/tags": tags("llama3.2:3b", "gemma3")}, ("ollama", "llama3.2:3b", None)),
        ("ollama", {"/api/tags": tags("nomic-embed-code", "llama3.2:3b")}, ("ollama", "llama3.2:3b", None)),
        ("ollama", {"/api/tags": tags("odd", details={"family": "nomic-bert"})}, ("ollama", None, None)),
        ("ollama", {"/api/tags": tags()}, ("ollama", None, None)),
        ("ollama", {"/v1/models": models("m", CODER, owned_by="library")}, ("ollama", CODER, None)),
        ("vllm", {"/v1/models": models("a", "b", owned_by="vllm", max_model_len=32768)}, ("vllm", "a", 32768)),
        ("vllm", {"/v1/models": {"data": [{"id": "a", "object": "model"}]}}, ("vllm", "a", None)),
        ("lmstudio", {"/v1/models": models("text-embedding-nomic-embed-text-v1.5", "m")}, ("lmstudio", "m", None)),
        ("llama.cpp", {"/v1/models": models("m", meta={"n_ctx_train": 131072})}, ("llama.cpp", "m", 131072)),
        (
            "llama.cpp",
            {
                "/v1/models": models("m", meta={"n_ctx_train": 131072}),
                "/props": {"default_generation_settings": {"n_ctx": 8192}},
            },
            ("llama.cpp", "m", 8192),
        ),
        ("llama.cpp", {"/v1/models": models("m", meta={"n_ctx_train": 99}), "/props": NEVER}, ("llama.cpp", "m", 99)),
        ("vllm", {"/v1/models": models("m", owned_by="llamacpp")}, ("llama.cpp", "m", None)),
        ("vllm", {"/v1/models": models("m", max_model_len=True, meta={"n_ctx_train": -1})}, ("vllm", "m", None)),
    ],
)
def test_what_servers_say_of_themselves(
    kind: str, pages: dict[str, Any], expected: tuple[str, str | None, int | None]
) -> None:
    server = asked(kind, pages)
    assert server is not None
    assert (server.kind, server.model, server.context_tokens) == expected
    only_compatible = kind == "ollama" and "/api/tags" not in pages
    assert server.wire == ("chat" if only_compatible else None)


def test_models_that_run_elsewhere_are_not_local() -> None:
    remote = {"name": "qwen3-coder", "remote_host": "https://ollama.com:443"}
    here = {"name": "llama3.2:3b"}
    for pages in (
        {"/api/tags": {"models": [remote, {"name": "gpt-oss:120b-cloud"}, here]}},
        {"/v1/models": models("qwen3-coder:480b-cloud", "glm-5:cloud", "llama3.2:3b")},
    ):
        server = asked("ollama", pages)
        assert server is not None
        assert server.model == "llama3.2:3b"


@pytest.mark.parametrize(
    "page",
    [
        None,
        b"nonsense\r\n\r\n",
        b"",
        http(b"<html><body>My own web page</body></html>"),
        http({"data": []}),
        http({"data": [{"id": "1", "type": "users"}]}),
        http({"data": [{"id": 1}], "object": "list"}),
        http({"data": {"id": "1"}, "object": "list"}),
        http([]),
        http("models"),
        http({"models": [{"title": "T"}]}),
        http(b"\xff\xfe"),
        http(b"[" * 100_000),
        http(models("m"), "404 Not Found"),
        http(models("m"), "302 Found", "location: http://127.0.0.1:9/v1/models"),
        http(models("m"), "401 Unauthorized"),
        http(b" " * 300_000 + json.dumps(models("m")).encode()),
    ],
)
@pytest.mark.parametrize("kind", ["ollama", "vllm"])
def test_what_is_no_model_server(kind: str, page: Any) -> None:
    assert asked(kind, {"/api/tags": page, "/v1/models": page}) is None


@pytest.mark.parametrize("name", ["", "a\nb", "\ud800", "\x1b[2J", "m" * 500])
def test_a_model_whose_name_is_no_name_is_not_used(name: str) -> None:
    server = asked("vllm", {"/v1/models": models(name)})
    assert server is not None
    assert server.model is None


def test_all_are_asked_at_once_and_in_order() -> None:
    async def ask() -> None:
        async with (
            fake({"/api/tags": NEVER}) as dead,
            fake({"/v1/models": models("m")}) as first,
            fake({"/v1/models": models("n")}) as second,
        ):
            addresses = [dead.address("ollama"), second.address("vllm"), first.address("llama.cpp")]
            found = await find_local_servers(addresses)
            assert [server.model for server in found] == ["n", "m"]
            assert dead.asked == ["/api/tags"]

    asyncio.run(ask())


def test_nobody_listens() -> None:
    async def ask() -> None:
        async with fake({}) as gone:
            pass
        assert await find_local_servers([gone.address("vllm")]) == []
        assert await find_local_servers([]) == []

    asyncio.run(ask())


def test_a_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert asked("vllm", {"/v1/models": models("m")}) is not None


def places(environment: dict[str, str]) -> list[str]:
    return [f"{address.kind} {address.place}" for address in local_addresses(environment)]


DEFAULTS = ["ollama 127.0.0.1:11434", "llama.cpp 127.0.0.1:8080", "vllm 127.0.0.1:8000", "lmstudio 127.0.0.1:1234"]


@pytest.mark.parametrize(
    ("host", "ollama"),
    [
        ("", "127.0.0.1:11434"),
        ("127.0.0.1:9999", "127.0.0.1:9999"),
        (":9999", "127.0.0.1:9999"),
        ("0.0.0.0", "127.0.0.1:11434"),
        ("0.0.0.0:9999", "127.0.0.1:9999"),
        ("localhost", "localhost:11434"),
        ("http://localhost", "localhost:80"),
        ("http://127.0.0.1:9999/", "127.0.0.1:9999"),
        ("[::1]:9999", "[::1]:9999"),
        ("[::]:9999", "127.0.0.1:9999"),
        ("https://127.0.0.1", None),
        ("gpu.example.com", None),
        ("10.0.0.5:11434", None),
        ("127.0.0.1:port", None),
    ],
)
def test_where_ollama_says_that_it_is(host: str, ollama: str | None) -> None:
    expected = [f"ollama {ollama}", *DEFAULTS[1:]] if ollama else DEFAULTS[1:]
    assert places({"OLLAMA_HOST": host}) == expected


def test_a_variable_says_where_to_look(caplog: pytest.LogCaptureFixture) -> None:
    assert places({}) == DEFAULTS
    assert places({"SPARK_LSP_LOCAL_SERVERS": ""}) == []
    assert places({"SPARK_LSP_LOCAL_SERVERS": " ", "OLLAMA_HOST": "127.0.0.1:1"}) == []
    named = {"SPARK_LSP_LOCAL_SERVERS": "vllm=127.0.0.1:9000, ollama=[::1]:1 llama.cpp=localhost:80"}
    assert places(named) == ["vllm 127.0.0.1:9000", "ollama [::1]:1", "llama.cpp localhost:80"]
    assert not caplog.records
    for wrong in ("vllm", "vllm=", "other=127.0.0.1:1", "vllm=10.0.0.1:80", "vllm=127.0.0.1:99999999", "=:"):
        assert places({"SPARK_LSP_LOCAL_SERVERS": wrong}) == []
        assert repr(wrong) in caplog.text
        caplog.clear()


def test_only_plain_addresses_of_this_machine_are_loopback() -> None:
    assert loopback_address("vllm", "http://127.0.0.1:8000/v1") == Address("vllm", "127.0.0.1", 8000)
    assert loopback_address("vllm", "http://localhost/v1") == Address("vllm", "localhost", 80)
    for url in ("https://127.0.0.1:8000/v1", "http://10.0.0.1/v1", "http://localhost.example.com/", "http://[", "x"):
        assert loopback_address("vllm", url) is None
