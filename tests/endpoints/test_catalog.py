"""Which endpoint it comes to: names, keys, servers on this machine, routes, fallbacks and switches."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.endpoints.catalog import LOOK_AGAIN_SECONDS, ROUTES, EndpointCatalog
from spark_lsp.endpoints.choice import Absent, Choice
from spark_lsp.endpoints.local_servers import Address, LocalServer
from spark_lsp.endpoints.presets import PRESETS
from spark_lsp.endpoints.request import Endpoint
from spark_lsp.settings.layers import parse
from support.virtual_time import run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spark_lsp.settings.model import Settings

KEY = "key-0123456789"
OLLAMA, LLAMA, VLLM = (
    Address(kind, "127.0.0.1", port) for kind, port in (("ollama", 1), ("llama.cpp", 2), ("vllm", 3))
)
ELSEWHERE = Address("ollama", "127.0.0.1", 99)
MINE = {"baseUrl": "http://127.0.0.1:9/v1", "model": "m"}


@dataclass
class Machine:
    """What answers on this machine, and who was asked."""

    servers: list[LocalServer] = field(default_factory=list)
    asked: list[list[Address]] = field(default_factory=list)

    async def find(self, addresses: Iterable[Address]) -> list[LocalServer]:
        wanted = list(addresses)
        self.asked.append(wanted)
        await asyncio.sleep(0.2)
        return [server for server in self.servers if server.address in wanted]

    def catalog(self, **environment: str) -> EndpointCatalog:
        return EndpointCatalog(environment, self.find, (OLLAMA, LLAMA, VLLM))


def serves(address: Address, model: str | None = "local-model", context: int | None = None) -> LocalServer:
    return LocalServer(address, address.kind, model, context)


def settings(raw: dict[str, Any] | None = None, **more: Any) -> Settings:
    parsed, problems = parse({**(raw or {}), **more})
    assert problems == []
    return parsed


def settled(machine: Machine, given: Settings, **environment: str) -> Choice | Absent:
    async def choose() -> Choice | Absent:
        catalog = machine.catalog(**environment)
        await catalog.settle(given)
        return catalog.choice("edit", given)

    return run(choose())


def chosen(found: Choice | Absent) -> Choice:
    assert isinstance(found, Choice), found
    return found


def absent(found: Choice | Absent) -> str:
    assert isinstance(found, Absent), found
    assert found.sentence.endswith(".")
    return found.sentence


# auto


def test_nothing_at_all() -> None:
    machine = Machine()
    sentence = absent(settled(machine, settings()))
    assert sentence.startswith("No endpoint is configured: ")
    assert "CEREBRAS_API_KEY" in sentence
    assert "Ollama" in sentence
    assert machine.asked == [[OLLAMA, LLAMA, VLLM]]


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if not preset.local])
def test_a_key_in_the_environment_chooses_its_preset(name: str) -> None:
    variable = PRESETS[name].key_variable
    assert variable
    machine = Machine([serves(OLLAMA)])
    found = chosen(settled(machine, settings(), **{variable: KEY}))
    assert (found.name, found.why, found.problem) == (name, f"{name}: {variable} is set", None)
    assert machine.asked == [], "nobody needs to look for servers"


def test_the_first_of_several_keys_and_empty_ones_do_not_count() -> None:
    keys = {"OPENAI_API_KEY": " ", "GROQ_API_KEY": KEY, "CEREBRAS_API_KEY": "", "DEEPSEEK_API_KEY": KEY}
    assert chosen(settled(Machine(), settings(), **keys)).name == "groq"


def test_a_key_that_cannot_be_one_is_told_of() -> None:
    found = chosen(settled(Machine(), settings(), GROQ_API_KEY="two words"))
    assert found.name == "groq"
    assert found.problem is not None
    assert "GROQ_API_KEY" in found.problem
    assert "words" not in found.problem.replace("one word of", "")


def test_ones_own_come_before_presets() -> None:
    given = settings(endpoints={"a": {**MINE, "apiKeyEnv": "NOT_SET"}, "b": MINE})
    found = chosen(settled(Machine(), given, GROQ_API_KEY=KEY))
    assert found.name == "b"
    assert found.why == "b: the first of your endpoints that has what it needs"
    assert chosen(settled(Machine(), given, NOT_SET=KEY)).name == "a"


def test_a_command_for_the_key_counts_and_is_not_run() -> None:
    given = settings(endpoints={"a": {**MINE, "apiKeyCommand": ["no-such-program-here"]}})
    assert chosen(settled(Machine(), given, GROQ_API_KEY=KEY)).name == "a"


def test_one_of_ones_own_with_a_mistake_is_not_passed_over() -> None:
    given = settings(endpoints={"a": {"baseUrl": "http://127.0.0.1:9/v1"}, "b": MINE})
    assert "“a” has no model" in absent(settled(Machine(), given, GROQ_API_KEY=KEY))


def test_without_the_key_for_ones_own_others_serve_and_else_it_is_told() -> None:
    given = settings(endpoints={"a": {**MINE, "apiKeyEnv": "NOT_SET"}})
    assert chosen(settled(Machine(), given, GROQ_API_KEY=KEY)).name == "groq"
    assert chosen(settled(Machine([serves(VLLM)]), given)).name == "vllm"
    found = chosen(settled(Machine(), given))
    assert (found.name, found.problem) == (
        "a",
        "The endpoint “a” has no key: the environment variable NOT_SET is not set.",
    )


def test_a_server_on_this_machine() -> None:
    machine = Machine([serves(VLLM, context=32768), serves(LLAMA, "other")])
    found = chosen(settled(machine, settings()))
    assert (found.name, found.why) == ("llama.cpp", "llama.cpp: it answers on 127.0.0.1:2")
    assert (found.settings.base_url, found.settings.model) == ("http://127.0.0.1:2/v1", "other")
    assert found.settings.context_tokens == 8192
    assert found.settings.extra_body == {"cache_prompt": True}
    found = chosen(settled(Machine([serves(VLLM, context=32768)]), settings()))
    assert (found.name, found.settings.context_tokens) == ("vllm", 32768)


def test_a_server_without_a_model_is_passed_over_and_told_of() -> None:
    machine = Machine([serves(OLLAMA, None), serves(VLLM)])
    assert chosen(settled(machine, settings())).name == "vllm"
    machine = Machine([serves(OLLAMA, None)])
    sentence = absent(settled(machine, settings()))
    assert "Ollama answers on 127.0.0.1:1" in sentence
    assert "ollama pull" in sentence


def test_ollama_is_spoken_to_in_its_own_way_if_it_knows_that() -> None:
    assert chosen(settled(Machine([serves(OLLAMA)]), settings())).settings.wire == "ollama"
    compatible = LocalServer(OLLAMA, "ollama", "m", wire="chat")
    assert chosen(settled(Machine([compatible]), settings())).settings.wire == "chat"
    given = settings(endpoints={"a": {"preset": "ollama", "wire": "completions"}})
    assert chosen(settled(Machine([compatible]), given)).settings.wire == "completions"


def test_a_server_is_called_what_it_says_it_is() -> None:
    server = LocalServer(VLLM, "llama.cpp", "m")
    assert chosen(settled(Machine([server]), settings())).name == "llama.cpp"
    found = chosen(settled(Machine([server]), settings(endpoint="vllm")))
    assert (found.name, found.settings.model) == ("vllm", "m")


# Names


def test_names_are_ones_own_then_presets() -> None:
    given = settings(endpoint="groq", endpoints={"groq": MINE})
    assert chosen(settled(Machine(), given, GROQ_API_KEY=KEY)).settings.model == "m"
    found = chosen(settled(Machine(), settings(endpoint="groq"), CEREBRAS_API_KEY=KEY))
    assert (found.name, found.why) == ("groq", None)
    assert found.problem == "The endpoint “groq” has no key: the environment variable GROQ_API_KEY is not set."


def test_a_preset_fills_one_of_ones_own() -> None:
    given = settings(endpoints={"cerebras": {"preset": "cerebras", "baseUrl": "http://127.0.0.1:9/v1"}})
    found = chosen(settled(Machine(), given, CEREBRAS_API_KEY=KEY))
    assert (found.name, found.settings.base_url, found.settings.model) == (
        "cerebras",
        "http://127.0.0.1:9/v1",
        "gpt-oss-120b",
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"endpoint": "offline"}, "set to offline"),
        ({"endpoint": "cerebas"}, "There is no endpoint “cerebas” (did you mean “cerebras”?): "),
        ({"endpoint": "x\x1b[2J"}, "There is no endpoint “x?[2J”: add it"),
        (
            {"endpoint": "a", "endpoints": {"a": {"preset": "grok"}}},
            "has a preset that does not exist: use one of openai, ",
        ),
        ({"endpoint": "a", "endpoints": {"a": {"baseUrl": "http://127.0.0.1/v1"}}}, "“a” has no model: add it"),
        ({"endpoint": "ollama"}, "Ollama does not answer on 127.0.0.1:1: start it"),
        (
            {"endpoint": "a", "endpoints": {"a": {"preset": "ollama", "baseUrl": "http://10.0.0.1:11434/v1"}}},
            "“a” has no model: add it",
        ),
        (
            {"endpoint": "a", "endpoints": {"a": {"preset": "ollama", "baseUrl": "http://127.0.0.1:99/v1"}}},
            "Ollama does not answer on 127.0.0.1:99: start it",
        ),
    ],
)
def test_names_that_lead_to_none(raw: dict[str, Any], said: str) -> None:
    assert said in absent(settled(Machine(), settings(raw), GROQ_API_KEY=KEY))


def test_a_local_preset_by_name_is_asked_for_its_model() -> None:
    machine = Machine([serves(OLLAMA), serves(ELSEWHERE, "there", 4096)])
    found = chosen(settled(machine, settings(endpoint="ollama"), GROQ_API_KEY=KEY))
    assert (found.name, found.settings.model) == ("ollama", "local-model")
    assert machine.asked == [[OLLAMA]]
    own = {"preset": "ollama", "baseUrl": "http://127.0.0.1:99/api/v1"}
    found = chosen(settled(machine, settings(endpoints={"a": own})))
    assert (found.settings.base_url, found.settings.model) == (own["baseUrl"], "there")
    assert found.settings.context_tokens == 4096
    own["contextTokens"] = 5000  # type: ignore[assignment]
    assert chosen(settled(machine, settings(endpoints={"a": own}))).settings.context_tokens == 5000


def test_a_local_preset_whose_model_is_named_needs_no_look() -> None:
    machine = Machine()
    found = chosen(settled(machine, settings(endpoints={"a": {"preset": "vllm", "model": "m"}})))
    assert (found.settings.base_url, found.settings.model) == ("http://127.0.0.1:8000/v1", "m")
    assert machine.asked == []


# Routes


def test_routes() -> None:
    given = settings(
        endpoint="groq", routes={"inline": "codestral", "deep": "offline", "edit": "a"}, endpoints={"a": MINE}
    )
    catalog = Machine().catalog(GROQ_API_KEY=KEY, CODESTRAL_API_KEY=KEY)
    found = [catalog.choice(route, given) for route in ROUTES]
    assert [one.name if isinstance(one, Choice) else one.sentence for one in found[:3]] == ["codestral", "groq", "a"]
    assert "offline" in absent(found[3])
    assert chosen(found[0]).settings.wire == "mistral-fim"
    assert catalog.routes(given) == {"inline": "codestral", "nextEdit": "groq", "edit": "a", "deep": "offline"}
    assert catalog.routes(settings(endpoint="groq")) == {}
    assert catalog.routes(settings(endpoint="groq", routes={"inline": "groq"})) == {"inline": "groq"}


# Switches


def test_switching() -> None:
    given = settings(endpoint="a", routes={"deep": "b"}, endpoints={"a": MINE, "b": MINE})
    catalog = Machine().catalog(GROQ_API_KEY=KEY)

    def names() -> list[str]:
        found = [catalog.choice(route, given) for route in ROUTES]
        return [one.name if isinstance(one, Choice) else "offline" for one in found]

    assert names() == ["a", "a", "a", "b"]
    assert catalog.use("b", "inline", given) is None
    assert names() == ["b", "a", "a", "b"]
    assert catalog.routes(given) == {"inline": "b", "deep": "b"}
    assert catalog.use("groq", None, given) is None
    assert names() == ["groq"] * 4
    assert catalog.routes(given) == {}
    assert chosen(catalog.choice("edit", given)).why == "groq: chosen for this session"
    assert catalog.use("offline", "edit", given) is None
    assert names() == ["groq", "groq", "offline", "groq"]
    assert catalog.use("auto", None, given) is None
    assert names() == ["a"] * 4
    assert "first of your endpoints" in str(chosen(catalog.choice("edit", given)).why)


def test_a_name_that_does_not_exist_changes_nothing() -> None:
    given = settings(endpoints={"my-own": MINE})
    catalog = Machine().catalog()
    problem = catalog.use("celebras", None, given)
    assert problem is not None
    assert problem.startswith("There is no endpoint “celebras” (did you mean “cerebras”?): there are my-own, openai, ")
    assert problem.endswith(", auto, offline.")
    assert chosen(catalog.choice("edit", given)).name == "my-own"


def test_auto_looks_again() -> None:
    machine = Machine([serves(VLLM)])

    async def switch() -> None:
        catalog = machine.catalog()
        await catalog.settle(settings())
        machine.servers = [serves(OLLAMA)]
        await catalog.settle(settings())
        assert chosen(catalog.choice("edit", settings())).name == "vllm"
        catalog.use("auto", None, settings())
        await catalog.settle(settings())
        assert chosen(catalog.choice("edit", settings())).name == "ollama"

    run(switch())


# Looking


def test_who_waits_looks_again_but_not_all_the_time() -> None:
    machine = Machine()

    async def ask() -> None:
        given, catalog = settings(), machine.catalog()
        assert isinstance(await catalog.endpoint_for("edit", given), str)
        assert len(machine.asked) == 1
        machine.servers = [serves(OLLAMA)]
        assert isinstance(await catalog.endpoint_for("edit", given), str)
        assert len(machine.asked) == 1
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        assert isinstance(await catalog.endpoint_for("inline", given), str), "nobody waits for that one"
        assert len(machine.asked) == 1
        endpoint = await catalog.endpoint_for("edit", given)
        assert isinstance(endpoint, Endpoint)
        assert (endpoint.name, endpoint.model, endpoint.api_key) == ("ollama", "local-model", None)
        assert len(machine.asked) == 2
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        await catalog.endpoint_for("edit", given)
        assert len(machine.asked) == 2, "what was found holds"

    run(ask())


def test_those_who_come_meanwhile_wait_for_the_same_look() -> None:
    machine = Machine([serves(OLLAMA)])

    async def ask() -> None:
        catalog = machine.catalog()
        given = settings()
        found = await asyncio.gather(*(catalog.endpoint_for(route, given) for route in ROUTES))
        assert all(isinstance(one, Endpoint) for one in found)
        assert len(machine.asked) == 1

    run(ask())


def test_a_look_that_is_cancelled_is_done_by_the_next() -> None:
    machine = Machine([serves(OLLAMA)])

    async def ask() -> None:
        catalog = machine.catalog()
        looking = asyncio.create_task(catalog.settle(settings()))
        await asyncio.sleep(0.1)
        looking.cancel()
        await asyncio.wait([looking])
        assert isinstance(await catalog.endpoint_for("inline", settings()), Endpoint)

    run(ask())


def test_other_settings_count_at_once() -> None:
    catalog = Machine().catalog(GROQ_API_KEY=KEY)
    assert chosen(catalog.choice("edit", settings())).name == "groq"
    assert chosen(catalog.choice("edit", settings(endpoints={"a": MINE}))).name == "a"
    assert absent(catalog.choice("edit", settings(endpoint="offline")))


# Keys


def test_an_endpoint_with_its_key() -> None:
    async def ask() -> None:
        endpoint = await Machine().catalog(CEREBRAS_API_KEY=f" {KEY}\n").endpoint_for("edit", settings())
        assert isinstance(endpoint, Endpoint)
        assert (endpoint.api_key, endpoint.api_key_source) == (KEY, "the variable CEREBRAS_API_KEY")
        assert (endpoint.price.input, endpoint.price.output) == (0.35, 0.75)
        assert endpoint.max_output_tokens == 4096
        assert KEY not in repr(endpoint)

    run(ask())


def test_a_key_from_a_command() -> None:
    command = [sys.executable, "-c", f"print('{KEY}')"]
    given = settings(endpoint="groq", endpoints={"groq": {"preset": "groq", "apiKeyCommand": command}})

    async def ask() -> None:
        catalog = Machine().catalog()
        endpoint = await catalog.endpoint_for("edit", given)
        assert isinstance(endpoint, Endpoint)
        assert endpoint.api_key == KEY
        at_hand = catalog.at_hand("edit", given)
        assert at_hand is not None
        assert at_hand.api_key is None, "no command is run for it"

    asyncio.run(ask())


def test_what_is_at_hand() -> None:
    catalog = Machine().catalog(GROQ_API_KEY=KEY)
    at_hand = catalog.at_hand("edit", settings())
    assert at_hand is not None
    assert (at_hand.name, at_hand.api_key) == ("groq", KEY)
    assert catalog.at_hand("edit", settings(endpoint="cerebras")) is None, "it could not be asked anyway"
    assert catalog.at_hand("edit", settings(endpoint="offline")) is None


# Fallbacks


def fallback_names(given: Settings, machine: Machine, *switch: str, **environment: str) -> list[str]:
    async def ask() -> list[str]:
        catalog = machine.catalog(**environment)
        for name in switch:
            assert catalog.use(name, None, given) is None
        await catalog.settle(given)
        made = [await catalog.with_key(choice) for choice in catalog.fallbacks("edit", given)]
        return [endpoint.name for endpoint in made if isinstance(endpoint, Endpoint)]

    return run(ask())


def test_fallbacks() -> None:
    given = settings(
        endpoint="groq",
        endpoints={"a": MINE, "broken": {"baseUrl": "http://127.0.0.1:9/v1"}},
        fallback=["groq", "nobody", "cerebras", "broken", "deepseek", "a", "ollama", "a", "auto", "offline"],
    )
    keys = {"GROQ_API_KEY": KEY, "DEEPSEEK_API_KEY": KEY}
    assert fallback_names(given, Machine([serves(OLLAMA)]), **keys) == ["deepseek", "a", "ollama"]
    assert fallback_names(given, Machine(), "a", **keys) == ["groq", "deepseek"]
    assert fallback_names(settings(endpoint="groq"), Machine(), **keys) == []


def test_offline_stays_offline() -> None:
    given = settings(endpoint="offline", fallback=["a"], endpoints={"a": MINE})
    assert fallback_names(given, Machine()) == []
    given = settings(endpoint="a", fallback=["a"], endpoints={"a": MINE})
    assert fallback_names(given, Machine(), "offline") == []


def test_a_fallback_serves_where_the_first_has_no_key() -> None:
    given = settings(endpoint="groq", fallback=["a"], endpoints={"a": MINE})
    assert fallback_names(given, Machine()) == ["a"]
