"""From what the files and the editor say to the settings in force: layers, where the later one wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from spark_lsp.settings.endpoint_model import ENDPOINT, EndpointSettings
from spark_lsp.settings.model import SETTINGS, Settings
from spark_lsp.settings.problem import Problem, Report, dotted, shown
from spark_lsp.settings.tree import KeyPath, Tree, leaves, merge

if TYPE_CHECKING:
    from collections.abc import Sequence


class Source(StrEnum):
    """Where a layer comes from, in the order in which they win."""

    DEFAULTS = "defaults"
    USER_FILE = "user file"
    WORKSPACE_FILE = "workspace file"
    INITIALIZATION_OPTIONS = "initializationOptions"
    WORKSPACE_CONFIGURATION = "workspace/configuration"


NOT_FOR_A_WORKSPACE: Final = ("endpoint", "endpoints", "routes", "fallback", "ledger", "log")
"""What a workspace file may not set: it comes with somebody's code and must not say where yours goes."""

_WHERE_INSTEAD: Final = (
    "a workspace file may not set this; set it in your own config.toml (see spark-lsp config show) or in your editor"
)
_KEY_SETTINGS: Final = frozenset({"apiKeyEnv", "apiKeyCommand"})


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says, not yet looked at."""

    source: Source
    raw: object
    where: str = ""
    """The file, or another name for messages."""
    problems: tuple[Problem, ...] = ()
    """What went wrong while it was read."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings in force, what was wrong with the layers, and where each value comes from."""

    settings: Settings
    problems: tuple[Problem, ...]
    sources: Mapping[str, Source]
    """By dotted key, for every single value that a layer set; what is missing here is a default."""


def parse(raw: object) -> tuple[Settings, list[Problem]]:
    """The settings that one object says. Never raises; what does not hold gives a problem and the default."""
    resolved = resolve([Layer(Source.INITIALIZATION_OPTIONS, raw)])
    return resolved.settings, list(resolved.problems)


def dump(settings: Settings) -> dict[str, Any]:
    """The object that parses to these settings: with every default, but of endpoints only what is given."""
    return SETTINGS.dump(settings)


def resolve(layers: Sequence[Layer]) -> Resolved:
    """Lay the layers over each other, first to last. Never raises.

    Tables merge key by key, all else is replaced; null says nothing. A value that does not hold is dropped
    from its layer, so that what an earlier one says still holds.
    """
    merged: Tree = {}
    origins: dict[KeyPath, Layer] = {}
    problems: list[Problem] = []
    for layer in layers:
        problems += layer.problems
        report = Report(layer.where)
        clean = _clean(layer, report)
        if layer.source is Source.WORKSPACE_FILE:
            clean = _lower_limits(_only_stricter(clean, merged, report), merged, report)
        problems += report.problems
        merged = merge(merged, clean)
        origins |= {path: layer for path, _ in leaves(clean)}
    merged, incomplete = _without_incomplete_endpoints(merged, origins)
    settings: Settings = SETTINGS.build(merged)
    in_force = {path for path, _ in leaves(dump(settings))}
    sources = {dotted(path): layer.source for path, layer in origins.items() if path in in_force}
    return Resolved(settings, tuple(problems + incomplete), sources)


def fill_left_out(endpoint: EndpointSettings, preset: Tree) -> EndpointSettings:
    """An endpoint with what it leaves out taken from a preset: a table like one in `endpoints`.

    An endpoint that says where its key comes from does not take the preset's variable.
    Raises ValueError for a preset with a mistake in it, which is one of ours.
    """
    report = Report()
    under = ENDPOINT.check(preset, (), report)
    if report.problems or not isinstance(under, Mapping):
        raise ValueError(f"not a preset: {'; '.join(map(str, report.problems))}")
    over = ENDPOINT.dump(endpoint)
    if over.keys() & _KEY_SETTINGS:
        under = {key: value for key, value in under.items() if key not in _KEY_SETTINGS}
    filled: EndpointSettings = ENDPOINT.build(merge(under, over))
    return filled


def _clean(layer: Layer, report: Report) -> Tree:
    """What holds of one layer, and what its source may set."""
    raw = {} if layer.raw is None else layer.raw
    if layer.source is Source.WORKSPACE_FILE and isinstance(raw, Mapping):
        for key in NOT_FOR_A_WORKSPACE:
            if key in raw:
                report.add((key,), _WHERE_INSTEAD)
        raw = {key: value for key, value in raw.items() if key not in NOT_FOR_A_WORKSPACE}
    clean = SETTINGS.check(raw, (), report)
    return clean if isinstance(clean, Mapping) else {}


def _only_stricter(clean: Tree, beneath: Tree, report: Report) -> Tree:
    """What a workspace says of privacy, as far as it keeps more to itself than the user's own settings do."""
    privacy = clean.get("privacy")
    if not isinstance(privacy, Mapping):
        return clean
    stricter = dict(privacy)
    if stricter.get("redactSecrets") is False:
        report.add(("privacy", "redactSecrets"), "a workspace file may only turn this on")
        del stricter["redactSecrets"]
    users = beneath.get("privacy")
    excluded = users.get("exclude") if isinstance(users, Mapping) else None
    if excluded and "exclude" in stricter:
        stricter["exclude"] = (*excluded, *stricter["exclude"])
    return {**clean, "privacy": stricter}


def _lower_limits(clean: Tree, beneath: Tree, report: Report) -> Tree:
    """What a workspace says of limits, as far as it does not raise the user's own."""
    limits, users = clean.get("limits"), beneath.get("limits")
    if not isinstance(limits, Mapping) or not isinstance(users, Mapping):
        return clean
    raised = [key for key, value in limits.items() if key in users and value > users[key]]
    for key in raised:
        report.add(("limits", key), "a workspace file may only lower this")
    return {**clean, "limits": {key: value for key, value in limits.items() if key not in raised}}


def _without_incomplete_endpoints(merged: Tree, origins: Mapping[KeyPath, Layer]) -> tuple[Tree, list[Problem]]:
    """Only now, with all layers together, can it be told whether an endpoint has what it needs."""
    endpoints = merged.get("endpoints")
    if not isinstance(endpoints, Mapping):
        return merged, []
    complete, problems = {}, []
    for name, endpoint in endpoints.items():
        if lacking := ENDPOINT.lacks(endpoint):
            path = ("endpoints", name)
            where = next((layer.where for leaf, layer in origins.items() if leaf[:2] == path), "")
            problems.append(Problem(f"needs {lacking}; this endpoint is left out", shown(path), where))
        else:
            complete[name] = endpoint
    return {**merged, "endpoints": complete}, problems
