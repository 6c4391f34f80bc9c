"""Looks whether edits would work, and for what to do about it if not: the findings of `spark-lsp doctor`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from spark_lsp.endpoints.catalog import ROUTES
from spark_lsp.endpoints.choice import Absent, Choice
from spark_lsp.endpoints.presets import PRESETS
from spark_lsp.endpoints.trial import try_endpoint
from spark_lsp.repo.exclude import DENY_LIST, Exclusions
from spark_lsp.settings.api_keys import find_api_key
from spark_lsp.settings.model import CacheSettings, LimitSettings, RouteSettings
from spark_lsp.settings.problem import Problem
from spark_lsp.syntax.grammars import GRAMMARS, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from spark_lsp.endpoints.catalog import EndpointCatalog
    from spark_lsp.endpoints.model_client import ModelClient
    from spark_lsp.endpoints.trial import Trial
    from spark_lsp.settings.layers import Layer, Resolved
    from spark_lsp.settings.model import Settings

Topic: TypeAlias = Literal["Settings", "Keys", "Endpoints", "Languages", "Files"]
Level: TypeAlias = Literal["good", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. A problem's text says, in one line, what to do about it."""

    topic: Topic
    level: Level
    text: str


@dataclass(slots=True)
class Checkup:
    """What is looked at, and with what. `edits_work` is known once `findings` is at its end."""

    layers: list[Layer]
    resolved: Resolved
    catalog: EndpointCatalog
    models: ModelClient
    environment: Mapping[str, str]
    ask: bool = True
    """Whether to send each endpoint one tiny request. Without, nothing is sent, and an endpoint with a key counts."""
    edits_work: bool = False

    async def findings(self) -> AsyncIterator[Finding]:
        """Everything in the order in which it should be read, as soon as it is known. Keys are never in it."""
        for finding in (*self._settings(), *self._keys()):
            yield finding
        async for finding in self._endpoints():
            yield finding
        for finding in (*_languages(), *self._files()):
            yield finding

    def _settings(self) -> Iterator[Finding]:
        by_source: dict[str, list[str]] = {}
        for key, source in self.resolved.sources.items():
            by_source.setdefault(str(source), []).append(key)
        for layer in self.layers:
            if keys := by_source.get(str(layer.source)):
                yield Finding("Settings", "good", f"{layer.source}, {layer.where}: {', '.join(sorted(keys))}")
            else:
                yield Finding("Settings", "note", f"{layer.source}, {layer.where}: nothing set")
        for problem in self.resolved.problems:
            yield Finding("Settings", "problem", str(problem))

    def _keys(self) -> Iterator[Finding]:
        """Which keys there are, by the names of their variables."""
        wanted: dict[str, list[str]] = {}
        for name, endpoint in self.resolved.settings.endpoints.items():
            if endpoint.api_key_env:
                wanted.setdefault(endpoint.api_key_env, []).append(name)
        for name, preset in PRESETS.items():
            if preset.key_variable:
                wanted.setdefault(preset.key_variable, []).append(name)
        there = {variable for variable in wanted if self.environment.get(variable, "").strip()}
        for variable in (variable for variable in wanted if variable in there):
            yield Finding("Keys", "good", f"{variable} is set ({', '.join(wanted[variable])})")
        if missing := [variable for variable in wanted if variable not in there]:
            yield Finding("Keys", "note", f"not set: {', '.join(missing)}")
        for name, endpoint in self.resolved.settings.endpoints.items():
            if isinstance(problem := find_api_key(endpoint, self.environment), Problem):
                yield Finding("Keys", "problem", f"{name}: {problem.message}")

    async def _endpoints(self) -> AsyncIterator[Finding]:
        settings = self.resolved.settings
        await self.catalog.settle(settings)
        edit = self.catalog.choice("edit", settings)
        found = self._found()
        for sentence in dict.fromkeys(absent.sentence for absent in found if isinstance(absent, Absent)):
            yield Finding("Endpoints", "problem", sentence)
        chosen: dict[str, Choice] = {}
        for choice in found:
            if isinstance(choice, Choice):
                chosen.setdefault(choice.name, choice)
        trials = await asyncio.gather(*(self._try(choice) for choice in chosen.values()))
        for choice, trial in zip(chosen.values(), trials, strict=True):
            for_edits = isinstance(edit, Choice) and choice.name == edit.name
            if for_edits:
                self.edits_work = trial is None or (not isinstance(trial, str) and trial.answered)
            yield _endpoint_finding(choice, trial, self._uses(choice.name))

    def _found(self) -> list[Choice | Absent]:
        """What every route, fallback and configured endpoint comes to; what is used comes first."""
        settings = self.resolved.settings
        alone = [replace(settings, endpoint=name, routes=RouteSettings()) for name in settings.endpoints]
        return [
            *(self.catalog.choice(route, settings) for route in ("edit", *ROUTES)),
            *self.catalog.fallbacks("edit", settings),
            *(self.catalog.choice("edit", one) for one in alone),
        ]

    def _uses(self, name: str) -> list[str]:
        settings = self.resolved.settings
        routes = {route: self.catalog.choice(route, settings) for route in ROUTES}
        uses: list[str] = [
            route for route, choice in routes.items() if isinstance(choice, Choice) and choice.name == name
        ]
        if name in {choice.name for choice in self.catalog.fallbacks("edit", settings)}:
            uses.append("fallback")
        return uses

    async def _try(self, choice: Choice) -> Trial | str | None:
        """One tiny request; why there was none, or None if none was wanted."""
        endpoint = await self.catalog.with_key(choice)
        if isinstance(endpoint, str):
            return endpoint
        if not self.ask or endpoint.wire == "jobs":
            return None
        return await try_endpoint(self.models, endpoint, _without_limits(self.resolved.settings))

    def _files(self) -> Iterator[Finding]:
        exclude = self.resolved.settings.privacy.exclude
        patterns = sum(map(len, DENY_LIST.values()))
        own = f" and {len(exclude)} of privacy.exclude" if exclude else ""
        yield Finding("Files", "good", f"never sent: what matches the {patterns} patterns of the built-in list{own}")
        for problem in Exclusions.of(exclude)[1]:
            yield Finding("Files", "problem", str(problem))


def _endpoint_finding(choice: Choice, trial: Trial | str | None, uses: list[str]) -> Finding:
    used = f" ({', '.join(uses)})" if uses else ""
    what = f"{choice.name}{used}: {choice.settings.model} over {choice.settings.wire}"
    what += f"; {choice.why}" if choice.why else ""
    match trial:
        case str():
            return Finding("Endpoints", "problem", f"{what}. {trial}")
        case None:
            return Finding("Endpoints", "note", f"{what}; not asked")
    if trial.failure is not None:
        return Finding("Endpoints", "problem", f"{what}. {trial.failure.message}")
    if trial.first_token_seconds is None:
        return Finding("Endpoints", "problem", f"{what}. It answered without a word: try another model.")
    speed = f"first token after {1000 * trial.first_token_seconds:,.0f} ms"
    if trial.tokens_per_second is not None:
        speed += f", {trial.tokens_per_second:,.0f} tokens a second"
    return Finding("Endpoints", "good", f"{what}; {speed}")


def _languages() -> Iterator[Finding]:
    missing = [grammar.name for grammar in GRAMMARS.values() if load(grammar) is None]
    if there := len(GRAMMARS) - len(missing):
        yield Finding("Languages", "good", f"{there} grammars")
    for name in missing:
        yield Finding(
            "Languages", "problem", f"{name}: its grammar does not load, and is read as plain text: reinstall spark-lsp"
        )


def _without_limits(settings: Settings) -> Settings:
    """Who asks whether an endpoint answers wants to know it from the endpoint."""
    return replace(settings, cache=CacheSettings(replies=False), limits=LimitSettings())
