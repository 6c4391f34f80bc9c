"""A llama-server for each model, as long as the tests run, and its log where a test fails.

They are skipped where none was built: `scripts/test-servers` builds it and runs them, a test never does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from spark_lsp.endpoints.transport import EndpointClient
from support.llama_cache import llama_cache
from support.llama_server import LlamaServer
from support.tiny_script import RANDOM_CONTEXT, SCRIPT_CONTEXT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator
    from pathlib import Path

    from support.llama_cache import LlamaCache


@pytest.fixture(scope="session")
def llama() -> LlamaCache:
    """The built server and its models."""
    cache = llama_cache()
    if reason := cache.missing():
        pytest.skip(reason)
    return cache


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("llama-server", numbered=False)


@pytest.fixture(scope="session")
def scripted(llama: LlamaCache, logs: Path) -> Iterator[LlamaServer]:
    """Answers everything with GOLDEN."""
    with LlamaServer(llama, "tiny-script", SCRIPT_CONTEXT, logs) as server:
        yield server


@pytest.fixture(scope="session")
def noisy(llama: LlamaCache, logs: Path) -> Iterator[LlamaServer]:
    """Answers noise, as long as it may."""
    with LlamaServer(llama, "tiny-random", RANDOM_CONTEXT, logs) as server:
        yield server


@pytest_asyncio.fixture
async def client() -> AsyncIterator[EndpointClient]:
    client = EndpointClient()
    yield client
    await client.aclose()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fixtures: dict[str, Any] = getattr(item, "funcargs", {})
    servers = [value for value in fixtures.values() if isinstance(value, LlamaServer)]
    if report.failed:
        for server in servers:
            end = server.log.read_text(encoding="utf-8", errors="replace")[-4000:]
            report.sections.append((f"the end of {server.log}", end))
    return report
