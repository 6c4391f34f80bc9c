"""API keys: from an environment variable or from a command, never from a file of ours, never into a message."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from spark_lsp.settings.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spark_lsp.settings.endpoint_model import EndpointSettings

_MOST_OUTPUT: Final = 64 * 1024
_LONGEST_ERROR_LINE: Final = 160
_PIPES_SECONDS: Final = 0.5
_KEY: Final = re.compile(r"[!-~]{1,8192}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that can go into a header as it is. Showing one, by accident or not, does not show the key."""

    value: str = field(repr=False)
    origin: str
    """The variable or the program that it came from."""


def find_api_key(endpoint: EndpointSettings, environment: Mapping[str, str]) -> ApiKey | Problem | None:
    """The key in the variable that an endpoint names.

    None where it names none, or where the variable is not set and a command is to be asked instead: see
    `run_api_key_command`. None without a command means that no key is wanted.
    """
    variable = endpoint.api_key_env
    if variable is None:
        return None
    value = environment.get(variable, "").strip()
    if value:
        return _checked(value, variable, f"the environment variable {variable}", "apiKeyEnv")
    if endpoint.api_key_command:
        return None
    return Problem(f"the environment variable {variable} is not set", "apiKeyEnv")


async def run_api_key_command(command: Sequence[str], timeout_seconds: float) -> ApiKey | Problem:
    """The first line that a command prints. It runs without a shell and without input; out of time, it is killed."""
    program = PurePath(command[0]).name
    loop = asyncio.get_running_loop()
    try:
        # In a session of its own there is no terminal to ask on, and all that it starts can be killed with it.
        transport, run = await loop.subprocess_exec(
            _Run, *command, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return _problem(f"{program} cannot be run: {reason}")
    try:
        # Unlike a timeout or a cancelled await, this leaves the futures alone: they are needed once more below.
        await asyncio.wait([run.exited], timeout=timeout_seconds)
        if not run.exited.done():
            return _problem(f"{program} did not finish within {timeout_seconds:g} seconds")
        # What it left running may hold the pipes open for ever; its own words are in them by now.
        await asyncio.wait([run.closed], timeout=_PIPES_SECONDS)
    finally:
        if transport.get_returncode() is None:
            _kill(transport)
            await asyncio.wait([run.exited], timeout=_PIPES_SECONDS)
        transport.close()
    output, errors = (bytes(run.output[pipe]).decode(errors="replace") for pipe in (1, 2))
    if status := transport.get_returncode():
        return _problem(f"{program} failed with status {status}" + _said(errors, output))
    key = output.partition("\n")[0].strip()
    if not key:
        return _problem(f"{program} printed no key" + _said(errors, output))
    return _checked(key, program, f"the first line that {program} printed", "apiKeyCommand")


class _Run(asyncio.SubprocessProtocol):
    """Keeps the beginning of what a process prints, by file descriptor, and tells when it is over."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.output = {1: bytearray(), 2: bytearray()}
        self.exited: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        kept = self.output[fd]
        kept += data[: _MOST_OUTPUT - len(kept)]

    def process_exited(self) -> None:
        if not self.exited.done():
            self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (the protocol's signature)
        if not self.closed.done():
            self.closed.set_result(None)


def _kill(transport: asyncio.SubprocessTransport) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            transport.kill()
        else:
            os.killpg(transport.get_pid(), signal.SIGKILL)


def _said(errors: str, output: str) -> str:
    """One short line of what a command complained about, without any line that it printed as the key."""
    line = next((stripped for line in errors.splitlines() if (stripped := line.strip())), "")
    for secret in output.splitlines():
        if secret.strip():
            line = line.replace(secret.strip(), "…")
    line = "".join(character if character.isprintable() else " " for character in line).strip()
    return f": {line[:_LONGEST_ERROR_LINE]}" if line else ""


def _checked(value: str, origin: str, what: str, setting: str) -> ApiKey | Problem:
    if _KEY.fullmatch(value):
        return ApiKey(value, origin)
    return Problem(f"{what} is not a key: a key is one word of ASCII characters", setting)


def _problem(message: str) -> Problem:
    return Problem(message, "apiKeyCommand")
