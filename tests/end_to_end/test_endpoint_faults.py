"""Whatever goes wrong with the endpoint: the text is as it was, one sentence says why, and the next edit works."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from spark_lsp.simulator.reply import ScriptedReply
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator
from support.editor_abilities import Abilities
from support.sample_code import sample_edit
from support.stepwise_endpoint import Broken, Cut, Say, StepwiseEndpoint, Wait

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from support.shared_editors import Editors
    from support.stdio_editor import StdioEditor
    from support.stepwise_endpoint import Step

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = sample_edit(range(10, 20), frozenset({11, 13, 18}))
HALF = SAMPLE.reply.index("def function_016")
"""Two hunks are final here, and one is still to come."""
NEW = "    assert total > 11"
KEY = "sk-end-to-end-0123456789abcdef"
PAGE = "<!doctype html><html><body><h1>Welcome to the coffee machine</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """What the endpoint does, and what is said about it."""

    says: str
    reply: ScriptedReply
    status: str = "failed"
    endpoint: str = "patient"


def broken(fault: Any) -> ScriptedReply:
    return ScriptedReply(reply=SAMPLE.reply, after=HALF, fault=fault)


FAULTS = {
    "cut": Fault("ended its answer before it was finished", broken("cut")),
    "reset": Fault("ended its answer before it was finished", broken("reset")),
    "no-finish": Fault("ended its answer before it was finished", broken("no-finish")),
    "stall": Fault("stalled for 0.3 s", broken("stall"), endpoint="soon-stalled"),
    "silence": Fault("sent no first token within 0.3 s", broken("silence"), endpoint="soon-late"),
    "no-answer": Fault("closed the connection without an answer", broken("refuse")),
    "refused": Fault("refuses connections", broken(None), endpoint="refused"),
    "error-event": Fault("broke off with an error", broken("error-event")),
    "garbage": Fault("not JSON", broken("garbage")),
    "empty": Fault("empty reply", broken("empty")),
    "length": Fault("maxOutputTokens", broken("length")),
    "filter": Fault("withheld", broken("filter")),
    "words": Fault("words instead of code", ScriptedReply(reply="I am sorry, but I cannot help with that.")),
    "401": Fault("refused the API key", ScriptedReply(status=401, reply=f"Bad key {KEY}")),
    "403": Fault("denies access", ScriptedReply(status=403, reply=f"Bad key {KEY}")),
    "404": Fault("does not know", ScriptedReply(status=404, reply="No such model")),
    "429": Fault("try again in 7 s", ScriptedReply(status=429, reply="Slow down", headers={"retry-after": "7"})),
    "500": Fault("HTTP 500", ScriptedReply(status=500, reply=f"Internal error\nin line 2 of\r\n{KEY}")),
    "503": Fault("overloaded", ScriptedReply(status=503, body="")),
    "page": Fault("web page", ScriptedReply(body=PAGE, content_type="text/html")),
    "page-502": Fault("web page", ScriptedReply(status=502, body=PAGE, content_type="text/html")),
    "unchanged": Fault("as it is", ScriptedReply(reply=f"```python\n{SAMPLE.region}```\n"), status="unchanged"),
    "unchanged-bare": Fault("as it is", ScriptedReply(reply=SAMPLE.region), status="unchanged"),
}
SCRIPT = Script(
    (
        *(
            ScriptedReply(
                **{name: getattr(fault.reply, name) for name in ScriptedReply.__slots__} | {"when": f"<{name}>"}
            )
            for name, fault in FAULTS.items()
        ),
        ScriptedReply(reply=SAMPLE.reply),
    )
)


def endpoints(base_url: str) -> dict[str, Any]:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        refused = f"http://127.0.0.1:{closed_soon.getsockname()[1]}/v1"
    one = {"baseUrl": base_url, "model": "scripted", "apiKeyEnv": "END_TO_END_KEY"}
    patient = {"firstToken": 60, "stall": 60, "total": 600, "connect": 20}
    return {
        "patient": {**one, "timeouts": patient},
        "soon-stalled": {**one, "timeouts": {**patient, "stall": 0.3}},
        "soon-late": {**one, "timeouts": {**patient, "firstToken": 0.3}},
        "refused": {**one, "baseUrl": refused},
    }


async def an_editor(editors: Editors, name: str, base_url: str, route: str = "patient") -> StdioEditor:
    editor = await editors.get(
        name,
        {"endpoint": "patient", "endpoints": endpoints(base_url)},
        Abilities(configuration=True),
        environment={"END_TO_END_KEY": KEY},
    )
    editor.secrets.add(KEY)
    await editor.configure({"routes": {"edit": route}})
    return editor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(SCRIPT, tps=5000, ttft_ms=0) as simulator:
        yield simulator


def edits_asked_for(simulator: Simulator) -> int:
    return sum(request.method == "POST" for request in simulator.requests)


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_leaves_the_text_as_it_was(editors: Editors, simulator: Simulator, name: str) -> None:
    fault = FAULTS[name]
    editor = await an_editor(editors, "simulated", simulator.base_url, fault.endpoint)
    document = editor.open(f"{name}.py", SAMPLE.text)
    asked = edits_asked_for(simulator)
    result = await editor.edit(document, f"Do it <{name}>.", *SAMPLE.span)
    assert document.text == SAMPLE.text
    assert result["status"] == fault.status
    assert result["hunks"] == []
    assert fault.says in result["message"]
    assert KEY not in str(result)
    assert SAMPLE.region.splitlines()[0] not in result["message"]
    # What may be a hiccup is tried once more.
    assert edits_asked_for(simulator) - asked in ((0,) if fault.endpoint == "refused" else (1, 2))
    await editor.configure({"routes": {"edit": "patient"}})
    result = await editor.edit(document, "Now do it well.", *SAMPLE.span)
    assert result["status"] == "applied"
    assert document.text == SAMPLE.target
    last = [request for request in simulator.requests if request.method == "POST"][-1]
    assert last.headers["authorization"] == f"Bearer {KEY}"


ERROR = b'data: {"error": {"message": "the engine burns", "code": 500}}\n\n'
LENGTH = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}\n\n'
IN_MID_STREAM: dict[str, tuple[str, str, Sequence[Step]]] = {
    "cut": ("patient", "before it was finished", [Cut()]),
    "stall": ("soon-stalled", "stalled", [Wait(asyncio.Event())]),
    "error-event": ("patient", "the engine burns", [Broken(ERROR)]),
    "garbage": ("patient", "not JSON", [Broken(b"data: {what?\n\n")]),
    "length": ("patient", "maxOutputTokens", [Broken(LENGTH)]),
    "done": ("patient", "before it was finished", [Broken(b"data: [DONE]\n\n")]),
    "elision": ("patient", "left code out", [Say("# ... rest of the code ...\n")]),
}


@pytest.mark.parametrize("versions", ["honours", "ignores"])
@pytest.mark.parametrize("name", IN_MID_STREAM)
async def test_hunks_that_were_applied_are_taken_back(editors: Editors, name: str, versions: str) -> None:
    """The endpoint waits with the fault until the first hunks stand in the editor's text."""
    route, says, fault = IN_MID_STREAM[name]
    applied = asyncio.Event()
    begun: list[Step] = [Say(SAMPLE.reply[:HALF]), Wait(applied)]
    async with StepwiseEndpoint({"<broken>": [*begun, *fault], "": [Say(SAMPLE.reply)]}) as endpoint:
        editor = await an_editor(editors, "stepwise", endpoint.base_url)
        await editor.configure({"endpoints": endpoints(endpoint.base_url), "routes": {"edit": route}})
        document = editor.open(f"{name}-{versions}.py", SAMPLE.text, versions=versions)
        document.after_batch = lambda batch: applied.set() if NEW in document.text else None
        typed = "# above 🦊 ①\n"
        document.on_batch = lambda batch: document.type(SAMPLE.mark(6), typed) if len(document.batches) == 1 else None
        result = await editor.edit(document, "Do it <broken>.", *SAMPLE.span)
        assert document.text == SAMPLE.text.replace(SAMPLE.mark(6), typed + SAMPLE.mark(6))
        assert len(document.batches) > 1
        assert result["status"] == "failed"
        assert says in result["message"]
        assert result["hunks"] == []
        assert "firstEditMs" in result["timings"]
        await editor.configure({"endpoints": endpoints(endpoint.base_url), "routes": {"edit": "patient"}})
        start, end = document.place(SAMPLE.region)
        result = await editor.edit(document, "Now do it well.", start, end)
        assert result["status"] == "applied"
        assert document.text == SAMPLE.target.replace(SAMPLE.mark(6), typed + SAMPLE.mark(6))
