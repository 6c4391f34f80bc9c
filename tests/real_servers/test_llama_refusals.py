"""What a real llama-server refuses becomes one sentence that tells what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from real_servers.asking import a_request, each_wire, endpoint_at, read
from spark_lsp.endpoints.errors import EndpointError, KeyRefused, NotFound, Rejected
from support.llama_server import LlamaServer
from support.tiny_script import GOLDEN, SCRIPT_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.transport import EndpointClient
    from support.llama_cache import LlamaCache

pytestmark = [pytest.mark.asyncio, each_wire]

KEY = "a-key-that-nobody-sees"
TOO_LONG = "prompt " * SCRIPT_CONTEXT


@pytest.fixture(scope="module")
def locked(llama: LlamaCache, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    """A server that wants a key."""
    folder = tmp_path_factory.mktemp("locked")
    with LlamaServer(llama, "tiny-script", SCRIPT_CONTEXT, folder, "--api-key", KEY) as server:
        yield server


async def failure(
    kind: type[EndpointError], client: EndpointClient, endpoint: Endpoint, request: CompletionRequest
) -> str:
    """The message of the failure of that kind, which is one sentence and not the prompt."""
    with pytest.raises(kind) as caught:
        await read(client, endpoint, request)
    assert type(caught.value) is kind
    message = caught.value.message
    assert message.endswith(".")
    assert "\n" not in message
    for text in request.prompt.texts:
        assert not text or text not in message
    return message


async def test_a_path_that_is_not_there(scripted: LlamaServer, client: EndpointClient, wire: str) -> None:
    endpoint = endpoint_at(scripted, wire, base_url=f"{scripted.root}/v7")
    message = await failure(NotFound, client, endpoint, a_request(wire))
    assert "check baseUrl and model" in message
    assert '"File Not Found"' in message


@pytest.mark.parametrize("broken", [{"temperature": "warm"}, {"top_p": []}], ids=str)
async def test_a_setting_of_the_wrong_type(
    scripted: LlamaServer, client: EndpointClient, wire: str, broken: dict[str, object]
) -> None:
    endpoint = endpoint_at(scripted, wire, extra_body=broken)
    message = await failure(Rejected, client, endpoint, a_request(wire))
    assert "HTTP 400" in message
    assert f"Field '{next(iter(broken))}'" in message
    assert "check model, extraBody" in message
    # The server and the client are none the worse for it.
    assert (await read(client, endpoint_at(scripted, wire), a_request(wire))).text == GOLDEN


async def test_a_prompt_that_is_too_long(scripted: LlamaServer, client: EndpointClient, wire: str) -> None:
    request = a_request(wire, TOO_LONG)
    if wire == "llama-infill":  # there the server takes what fits, next to the cursor
        assert (await read(client, endpoint_at(scripted, wire), request)).text == GOLDEN
        return
    message = await failure(Rejected, client, endpoint_at(scripted, wire), request)
    assert f"exceeds the available context size ({SCRIPT_CONTEXT} tokens)" in message
    assert "contextTokens" in message


async def test_a_key(locked: LlamaServer, client: EndpointClient, wire: str) -> None:
    endpoint = endpoint_at(locked, wire, api_key=KEY)
    assert (await read(client, endpoint, a_request(wire))).text == GOLDEN
    message = await failure(KeyRefused, client, endpoint_at(locked, wire), a_request(wire))
    assert "none is configured: set endpoints.real.apiKeyEnv" in message
    wrong = endpoint_at(locked, wire, api_key="wrong-key", api_key_source="the variable MY_KEY")
    message = await failure(KeyRefused, client, wrong, a_request(wire))
    assert message.endswith("refused the API key (HTTP 401): put a valid key into the variable MY_KEY.")
    assert KEY not in locked.log.read_text(encoding="utf-8", errors="replace")
