"""Which endpoint serves a task, ready to be asked: from the settings and the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.endpoints.request import Endpoint, Price, Timeouts
from spark_lsp.settings.api_keys import ApiKey, find_api_key, run_api_key_command
from spark_lsp.settings.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.settings.endpoint_model import EndpointSettings
    from spark_lsp.settings.model import Settings

KEY_COMMAND_SECONDS = 10.0
_NONE_CONFIGURED = (
    "No endpoint is configured: add one under [endpoints.NAME] in the settings, with baseUrl and model "
    "(spark-lsp config show tells where)."
)


def endpoint_name(task: str, settings: Settings) -> str | None:
    """The key in `endpoints` that serves a task; None for offline. "auto" is the first that is configured."""
    routes = settings.routes
    route = {"inline": routes.inline, "nextEdit": routes.next_edit, "edit": routes.edit, "deep": routes.deep}[task]
    name = route or settings.endpoint
    if name == "auto":
        return next(iter(settings.endpoints), None)
    return None if name == "offline" else name


def configured_endpoint(task: str, settings: Settings) -> tuple[str, EndpointSettings] | str:
    """The name and the settings of the endpoint for a task; a sentence for the user if there is none."""
    name = endpoint_name(task, settings)
    if name is None:
        return "The endpoint is set to offline." if settings.endpoint == "offline" else _NONE_CONFIGURED
    configured = settings.endpoints.get(name)
    if configured is None:
        return f"There is no endpoint “{name}” in the settings: add it under [endpoints.{name}], or name another."
    for key, value in (("baseUrl", configured.base_url), ("model", configured.model)):
        if value is None:
            return f"The endpoint “{name}” has no {key}: add it under [endpoints.{name}]."
    return name, configured


def keyless_endpoint(task: str, settings: Settings) -> Endpoint | str:
    """The endpoint for a task without its key, which a command might have to ask the user for."""
    found = configured_endpoint(task, settings)
    return found if isinstance(found, str) else _endpoint(*found, None)


async def endpoint_for(task: str, settings: Settings, environment: Mapping[str, str]) -> Endpoint | str:
    """The endpoint for a task with its key; a sentence for the user if there is none.

    A key that a command gives is asked for every time: it may change, and is not kept.
    """
    found = configured_endpoint(task, settings)
    if isinstance(found, str):
        return found
    name, configured = found
    key = find_api_key(configured, environment)
    if key is None and configured.api_key_command:
        key = await run_api_key_command(configured.api_key_command, KEY_COMMAND_SECONDS)
    if isinstance(key, Problem):
        return f"The endpoint “{name}” has no key: {key.message}."
    return _endpoint(name, configured, key)


def _endpoint(name: str, configured: EndpointSettings, key: ApiKey | None) -> Endpoint:
    source = None
    if configured.api_key_env:
        source = f"the variable {configured.api_key_env}"
    elif configured.api_key_command:
        source = f"the command {configured.api_key_command[0]}"
    timeouts, price = configured.timeouts, configured.price
    return Endpoint(
        name=name,
        base_url=configured.base_url or "",
        model=configured.model or "",
        wire=configured.wire,
        api_key=key.value if key else None,
        api_key_source=source,
        headers=configured.headers,
        extra_body=configured.extra_body,
        temperature=configured.temperature,
        seed=configured.seed,
        max_output_tokens=configured.max_output_tokens,
        context_tokens=configured.context_tokens,
        timeouts=Timeouts(timeouts.connect, timeouts.first_token, timeouts.stall, timeouts.total),
        price=Price(price.input, price.cached_input, price.output),
    )
