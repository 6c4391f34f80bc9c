"""`spark-lsp demo`: the main job, live in a terminal, on scripted replies or on an endpoint of yours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

_FAILED, _USAGE, _INTERRUPTED = 1, 2, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument("--base-url", metavar="URL", help="an endpoint of yours in place of the scripted one")
    parser.add_argument("--model", metavar="M", help="the model's name there")
    parser.add_argument("--api-key-env", metavar="NAME", help="the environment variable that holds its key, if any")
    parser.add_argument("--configured", action="store_true", help="use the endpoint that your settings name")


def run(arguments: argparse.Namespace) -> int:
    """Show the demo; return the exit status."""
    settings = _endpoint_settings(arguments)
    if problem := _misuse(arguments, settings):
        sys.stderr.write(f"spark-lsp demo: error: {problem}\n")
        return _USAGE
    import asyncio  # noqa: PLC0415 (all that is heavy is imported when it runs)

    from spark_lsp.cli.demonstration.show import ChosenEndpoint, show  # noqa: PLC0415

    try:
        return asyncio.run(show(ChosenEndpoint(settings, arguments.configured)))
    except asyncio.CancelledError:  # by a signal
        return _INTERRUPTED


def _endpoint_settings(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """The endpoint that the options describe, as the settings spell it; None if they describe none."""
    given = {"baseUrl": arguments.base_url, "model": arguments.model, "apiKeyEnv": arguments.api_key_env}
    return {key: value for key, value in given.items() if value is not None} or None


def _misuse(arguments: argparse.Namespace, settings: dict[str, Any] | None) -> str | None:
    """What is wrong with the options."""
    if settings is None:
        return None
    if arguments.configured:
        return "--configured takes the endpoint from your settings: leave --base-url, --model and --api-key-env out"
    if "baseUrl" not in settings or "model" not in settings:
        return "an endpoint needs both --base-url and --model"
    from spark_lsp.settings.layers import parse  # noqa: PLC0415

    _, problems = parse({"endpoints": {"demo": settings}})
    options = {"baseUrl": "--base-url", "model": "--model", "apiKeyEnv": "--api-key-env"}
    for problem in problems:
        for key, option in options.items():
            if problem.key.endswith(f".{key}"):
                return f"{option}: {problem.message}"
        return str(problem)
    return None
