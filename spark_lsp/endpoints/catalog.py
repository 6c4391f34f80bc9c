"""Which endpoint serves a task: what settings, presets, keys, local servers and this session's switches come to.

A name is a key of `endpoints`, else a preset's, else "offline" or "auto". "auto" is the first of the user's own
endpoints whose key can be had, else the first preset whose key is in the environment, else the first server on this
machine that answers, else nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from spark_lsp.endpoints.choice import Absent, Choice, shown_name
from spark_lsp.endpoints.local_servers import find_local_servers, local_addresses, loopback_address
from spark_lsp.endpoints.presets import PRESETS, filled
from spark_lsp.endpoints.request import Endpoint
from spark_lsp.settings.api_keys import ApiKey, find_api_key, run_api_key_command
from spark_lsp.settings.endpoint_model import EndpointSettings
from spark_lsp.settings.problem import Problem, closest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from spark_lsp.endpoints.local_servers import Address, LocalServer
    from spark_lsp.endpoints.presets import Preset
    from spark_lsp.settings.model import Settings

Route: TypeAlias = Literal["inline", "nextEdit", "edit", "deep"]
"""What can have an endpoint of its own."""

ROUTES: Final[tuple[Route, ...]] = ("inline", "nextEdit", "edit", "deep")
KEY_COMMAND_SECONDS: Final = 10.0
SECONDS_TO_KEEP_A_KEY: Final = 300.0
LOOK_AGAIN_SECONDS: Final = 3.0
"""How long the answer of local servers, or their silence, holds before somebody who waits has them asked again."""

_AUTO, _OFFLINE = "auto", "offline"
_EXPLICIT: Final[frozenset[Route]] = frozenset({"edit", "deep"})
"""What a user asked for, and waits for."""
_NONE_CONFIGURED: Final = (
    "No endpoint is configured: set a key such as CEREBRAS_API_KEY in the environment or start Ollama "
    "(spark-lsp doctor tells more)."
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An endpoint with the key that a command gave for it."""

    settings: EndpointSettings
    endpoint: Endpoint
    until: float


class EndpointCatalog:
    """One for the life of a session. It never asks a server but for `settle` and what awaits it.

    `environment` holds the keys and is taken not to change. `find` and `addresses` replace the servers of this machine,
    for tests.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        find: Callable[[Iterable[Address]], Awaitable[Sequence[LocalServer]]] = find_local_servers,
        addresses: Sequence[Address] | None = None,
    ) -> None:
        self._environment = environment
        self._find = find
        self._addresses = tuple(local_addresses(environment) if addresses is None else addresses)
        self._looking = asyncio.Lock()
        self._asked: dict[Address, float] = {}
        """When, on the loop's clock."""
        self._found: dict[Address, LocalServer] = {}
        self._switched: dict[Route | None, str] = {}
        """What this session uses instead of what the settings say; None stands for all routes."""
        self._settled_for: Settings | None = None
        self._with_keys: dict[str, _Kept] = {}
        self._settings: Settings | None = None
        self._resolved: dict[tuple[str, Route], Choice | Absent] = {}
        """What names mean under these settings."""

    # Which

    def choice(self, task: Route, settings: Settings) -> Choice | Absent:
        """The endpoint for a task, as far as is known by now."""
        name = self._name(task, settings)
        choice = self._resolve(name, task, settings)
        if isinstance(choice, Choice) and choice.why is None and (task in self._switched or None in self._switched):
            return replace(choice, why=f"{shown_name(name)}: chosen for this session")
        return choice

    def named(self, name: str, settings: Settings) -> Choice | Absent:
        """What a name would come to for the task "edit", as far as is known by now."""
        return self._resolve(name, "edit", settings)

    def routes(self, settings: Settings) -> dict[str, str]:
        """The endpoints of the tasks that have one of their own, or another than the task "edit"."""
        routes = _routes(settings)
        chosen = {task: self.choice(task, settings) for task in ROUTES}
        names = {task: found.name if isinstance(found, Choice) else _OFFLINE for task, found in chosen.items()}
        own = {task for task in ROUTES if task in self._switched or (routes[task] and None not in self._switched)}
        return {task: name for task, name in names.items() if task in own or name != names["edit"]}

    def use(self, name: str, route: Route | None, settings: Settings) -> str | None:
        """Switch one route, or all, for this session; give a sentence instead if there is no such endpoint.

        "auto" forgets what is known of local servers, so that `settle` looks for them again.
        """
        if name not in (names := _names(settings)):
            return f"{_unknown(name, names)}: there are {', '.join(names)}."
        if name == _AUTO:
            self._asked.clear()
            self._found.clear()
            self._resolved.clear()
        self._settled_for = None
        if route is None:
            self._switched.clear()
        self._switched[route] = name
        return None

    def names(self, settings: Settings) -> list[str]:
        """All names that `use` takes: the user's own endpoints first."""
        return _names(settings)

    async def settle(self, settings: Settings, *, again: bool = False) -> None:
        """Look for servers on this machine, if and only if that decides who is asked and nobody has looked yet.

        With `again` also if it was some time ago. Takes 200 ms at most, and never raises.
        """
        async with self._looking:
            now = asyncio.get_running_loop().time()
            names = {(self._name(task, settings), task) for task in ROUTES}
            names |= {(name, "edit") for name in settings.fallback}
            resolved = [self._resolve(name, task, settings) for name, task in names]
            wanted = dict.fromkeys(address for found in resolved for address in found.addresses)
            due = [
                address
                for address in wanted
                if address not in self._asked or (again and now - self._asked[address] >= LOOK_AGAIN_SECONDS)
            ]
            if due:
                servers = await self._find(due)
                for address in due:
                    self._asked[address] = now
                    self._found.pop(address, None)
                self._found |= {server.address: server for server in servers}
                self._resolved.clear()

    # Ready to be asked

    async def endpoint_for(self, task: Route, settings: Settings) -> Endpoint | str:
        """The endpoint for a task with its key; a sentence for the user if there is none.

        For what a user waits for, local servers that did not answer before are asked again.
        """
        await self.settle(settings, again=task in _EXPLICIT)
        choice = self.choice(task, settings)
        return choice.sentence if isinstance(choice, Absent) else await self.with_key(choice)

    async def endpoint_at_once(self, task: Route, settings: Settings) -> Endpoint | str:
        """The same for work that nobody waits for: it waits for nothing that was found out before.

        A key that a command gave is kept for some minutes: a process for each keystroke would be too many.
        """
        choice = self.choice(task, settings)
        if self._settled_for is not settings or (isinstance(choice, Absent) and choice.addresses):
            await self.settle(settings, again=True)
            self._settled_for = settings
            choice = self.choice(task, settings)
        if isinstance(choice, Absent):
            return choice.sentence
        if not choice.settings.api_key_command:
            return await self.with_key(choice)
        now = asyncio.get_running_loop().time()
        kept = self._with_keys.get(choice.name)
        if kept is not None and kept.settings is choice.settings and now < kept.until:
            return kept.endpoint
        endpoint = await self.with_key(choice)
        if isinstance(endpoint, Endpoint):
            self._with_keys[choice.name] = _Kept(choice.settings, endpoint, now + SECONDS_TO_KEEP_A_KEY)
        return endpoint

    async def with_key(self, choice: Choice) -> Endpoint | str:
        """A chosen endpoint with its key; a sentence for the user if that is not to be had.

        A key that a command gives is asked for every time: it may change, and is not kept.
        """
        key = find_api_key(choice.settings, self._environment)
        if key is None and choice.settings.api_key_command:
            key = await run_api_key_command(choice.settings.api_key_command, KEY_COMMAND_SECONDS)
        if isinstance(key, Problem):
            return f"The endpoint “{shown_name(choice.name)}” has no key: {key.message}."
        return choice.endpoint(key)

    def at_hand(self, task: Route, settings: Settings) -> Endpoint | None:
        """The endpoint for a task if it can be connected to, with its key only if no command has to be asked for it."""
        choice = self.choice(task, settings)
        if isinstance(choice, Absent) or choice.problem:
            return None
        key = find_api_key(choice.settings, self._environment)
        return choice.endpoint(key if isinstance(key, ApiKey) else None)

    def fallbacks(self, task: Route, settings: Settings) -> list[Choice]:
        """Where to go on when the endpoint for a task gives no answer: those of `fallback` that can be made, in order.

        Whoever is offline stays so.
        """
        name = self._name(task, settings)
        if name == _OFFLINE and name not in settings.endpoints:
            return []
        first = self._resolve(name, task, settings)
        found = {first.name: first} if isinstance(first, Choice) else {}
        for name in settings.fallback:
            choice = self._resolve(name, task, settings)
            if isinstance(choice, Choice) and not choice.problem:
                found.setdefault(choice.name, choice)
        return [choice for choice in found.values() if choice is not first]

    # What names mean

    def _name(self, task: Route, settings: Settings) -> str:
        """What is asked for, before anybody looks what that is."""
        switched = self._switched.get(task) or self._switched.get(None)
        return switched or _routes(settings)[task] or settings.endpoint

    def _resolve(self, name: str, task: Route, settings: Settings) -> Choice | Absent:
        if settings is not self._settings:
            self._settings = settings
            self._resolved.clear()
        key = (name, task)
        if key not in self._resolved:
            self._resolved[key] = self._look_up(name, task, settings)
        return self._resolved[key]

    def _look_up(self, name: str, task: Route, settings: Settings) -> Choice | Absent:
        own = settings.endpoints.get(name)
        if own is not None:
            return self._own(name, own, task)
        if preset := PRESETS.get(name):
            return self._preset(name, preset, task)
        if name == _AUTO:
            return self._automatic(task, settings)
        if name == _OFFLINE:
            return Absent("The endpoint is set to offline: name another one to have models asked.")
        return Absent(
            f"{_unknown(name, _names(settings))}: add it under [endpoints.{shown_name(name)}], or name another."
        )

    def _own(self, name: str, own: EndpointSettings, task: Route) -> Choice | Absent:
        """One of the user's endpoints."""
        if own.preset is None:
            return self._complete(name, own)
        preset = PRESETS.get(own.preset)
        if preset is None:
            return Absent(
                f"The endpoint “{shown_name(name)}” has a preset that does not exist: use one of {', '.join(PRESETS)}."
            )
        settings = filled(own, preset, task)
        if not preset.local or settings.model is not None:
            return self._complete(name, settings)
        addresses = self._of_kind(own.preset)
        if own.base_url is not None:
            there = loopback_address(own.preset, own.base_url)
            if there is None:
                return self._complete(name, settings)  # not on this machine: nobody goes and looks
            addresses = (there,)
        return self._local(name, preset, settings, addresses, own.given)

    def _preset(self, name: str, preset: Preset, task: Route) -> Choice | Absent:
        settings = filled(EndpointSettings(), preset, task)
        if preset.local:
            return self._local(name, preset, settings, self._of_kind(name), frozenset())
        return self._complete(name, settings)

    def _automatic(self, task: Route, settings: Settings) -> Choice | Absent:
        without_key: Choice | None = None
        for name in settings.endpoints:
            found = self._resolve(name, task, settings)
            if isinstance(found, Absent):
                return found  # It is the user's choice, and nothing is to go elsewhere just because it has a mistake.
            if found.problem is None:
                return replace(found, why=f"{shown_name(name)}: the first of your endpoints that has what it needs")
            without_key = without_key or found
        for name, preset in PRESETS.items():
            variable = preset.key_variable
            if variable and self._environment.get(variable, "").strip():
                found = self._preset(name, preset, task)
                return replace(found, why=f"{name}: {variable} is set") if isinstance(found, Choice) else found
        servers = [self._found[address] for address in self._addresses if address in self._found]
        for server in servers:
            found = self._preset(server.kind, PRESETS[server.kind], task)
            if isinstance(found, Choice):
                return replace(found, why=f"{server.kind}: it answers on {server.address.place}")
        if without_key is not None:
            return replace(without_key, addresses=self._addresses)  # whoever asks for it hears what it lacks
        return Absent(_without_model(servers[0]) if servers else _NONE_CONFIGURED, self._addresses)

    def _of_kind(self, kind: str) -> tuple[Address, ...]:
        """Where servers of a kind are, or would be."""
        found = [address for address, server in self._found.items() if server.kind == kind]
        return (*found, *(address for address in self._addresses if address.kind == kind and address not in found))

    def _local(
        self,
        name: str,
        preset: Preset,
        settings: EndpointSettings,
        addresses: tuple[Address, ...],
        given: frozenset[str],
    ) -> Choice | Absent:
        """An endpoint on this machine, whose model is known once its server has answered. `given` is the user's."""
        servers = [self._found[address] for address in addresses if address in self._found]
        for server in servers:
            if server.model is not None:
                return self._complete(name, _served(settings, server, given))
        if servers:
            return Absent(_without_model(servers[0]), addresses)
        where = f"on {addresses[0].place}" if addresses else "on this machine"
        return Absent(f"{preset.label} does not answer {where}: start it, or name a model and where it is.", addresses)

    def _complete(self, name: str, settings: EndpointSettings) -> Choice | Absent:
        for key, value in (("baseUrl", settings.base_url), ("model", settings.model)):
            if value is None:
                shown = shown_name(name)
                return Absent(f"The endpoint “{shown}” has no {key}: add it under [endpoints.{shown}].")
        found = find_api_key(settings, self._environment)
        return Choice(name, settings, lacks_key=found.message if isinstance(found, Problem) else None)


def _served(settings: EndpointSettings, server: LocalServer, given: frozenset[str]) -> EndpointSettings:
    """The settings for a server that was found, with what it said of itself but for what the user set."""
    base_url = settings.base_url if "baseUrl" in given else f"http://{server.address.place}/v1"
    wire = server.wire if server.wire and "wire" not in given else settings.wire
    settings = replace(settings, base_url=base_url, model=server.model, wire=wire)
    if server.context_tokens is None or "contextTokens" in given:
        return settings
    return replace(settings, context_tokens=server.context_tokens)


def _routes(settings: Settings) -> dict[Route, str | None]:
    routes = settings.routes
    return {"inline": routes.inline, "nextEdit": routes.next_edit, "edit": routes.edit, "deep": routes.deep}


def _names(settings: Settings) -> list[str]:
    """All that an endpoint can be called."""
    return list(dict.fromkeys([*settings.endpoints, *PRESETS, _AUTO, _OFFLINE]))


def _unknown(name: str, names: Iterable[str]) -> str:
    close = closest(name, names)
    meant = f" (did you mean “{close}”?)" if close else ""
    return f"There is no endpoint “{shown_name(name)}”{meant}"


def _without_model(server: LocalServer) -> str:
    pull = "run “ollama pull qwen2.5-coder”" if server.kind == "ollama" else "load one"
    return f"{PRESETS[server.kind].label} answers on {server.address.place} and has no model of its own: {pull}."
