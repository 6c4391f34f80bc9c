"""The whole demo: starts what it needs, plays the acts, prints what they came to, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

from spark_lsp.cli.demonstration.acts import ACTS, DemoFailure, Theatre
from spark_lsp.cli.demonstration.editor import Editor
from spark_lsp.cli.demonstration.keyboard import unheard_keys
from spark_lsp.cli.demonstration.language_client import LanguageClient, ServerFailure
from spark_lsp.cli.demonstration.live_stage import LiveStage
from spark_lsp.cli.demonstration.stage import PlainStage
from spark_lsp.cli.demonstration.table import print_reports
from spark_lsp.settings.files import STATE_FOLDER_VARIABLE, USER_FILE_VARIABLE
from spark_lsp.simulator.library import LIBRARY, LOG_EVERY_STEP, WRAP_ERRORS
from spark_lsp.simulator.script import Script
from spark_lsp.simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from spark_lsp.cli.demonstration.findings import Report
    from spark_lsp.cli.demonstration.stage import Stage
    from spark_lsp.simulator.reply import ScriptedReply

_DONE, _FAILED = 0, 1
_TOKENS_PER_SECOND: Final = 1000
_WATCHED_TOKENS_PER_SECOND: Final = 250
"""Of the act in which the user types along, so that people can see both."""
_BEHIND_THREE_HUNKS: Final = '            logger.debug("%s: %.2f is no payment"'
"""Where the reply that is cancelled has three hunks that are final, and the fourth has not begun."""
_FIRST_TOKEN_MS: Final = 50
_SMALLEST_SCREEN: Final = (60, 16)
_SETTINGS: Final = {
    "edit": {"apply": "stream", "onCancel": "revert", "syntaxGate": "warn"},
    "context": {"repository": False},  # three small files: there is nothing to find out
}


@dataclass(frozen=True, slots=True)
class ChosenEndpoint:
    """Who is to answer: the endpoint with these settings, else the user's own, else the scripted one."""

    settings: Mapping[str, Any] | None = None
    configured: bool = False

    @property
    def scripted(self) -> bool:
        return self.settings is None and not self.configured


async def show(chosen: ChosenEndpoint) -> int:
    """Play the demo; return the exit status."""
    console = Console(highlight=False)
    messages: list[str] = []
    _end_on_signals()
    try:
        reports = await _play(console, chosen, messages)
    except (DemoFailure, ServerFailure) as failure:
        messages.append(str(failure))
        return _FAILED
    finally:
        sys.stderr.writelines(f"{message}\n" for message in messages)
    print_reports(console, reports, _remark(chosen, slowed=_can_move(console)))
    return _FAILED if any(report.broken for report in reports) else _DONE


async def _play(console: Console, chosen: ChosenEndpoint, messages: list[str]) -> list[Report]:
    """Play the acts. `messages` gets what the server tells the user.

    Raises `DemoFailure` or `ServerFailure`.
    """
    async with AsyncExitStack() as stack:
        live = _can_move(console)
        simulator = _simulator(slow=live) if chosen.scripted else None
        try:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="spark-lsp-demo-")))
            if simulator is not None:
                await stack.enter_async_context(simulator)
        except OSError as error:
            raise DemoFailure(f"The demo cannot be played on this machine: {error.strerror}.") from None
        stage: Stage = PlainStage()
        if live:
            stack.enter_context(unheard_keys())
            stage = await stack.enter_async_context(LiveStage(console, _origin(chosen), len(ACTS)))
        for line in _introduction(chosen):
            stage.say(line)
        client = await LanguageClient.start(_environment(chosen, folder))
        stack.push_async_callback(client.stop)
        editor = Editor(client)
        editor.messages = messages
        editor.on_change, editor.on_landed = stage.changed, stage.landed
        status = await editor.start(folder, _options(chosen, simulator))
        if status["state"] == "offline":
            raise DemoFailure(str(status["message"]))
        if not chosen.scripted:
            stage.say(f"The endpoint is {status['endpoint']}, the model {status['model']}.")
        await _warmed_up(simulator)
        await stage.pause(2.0)
        theatre = Theatre(editor, stage, folder, simulator, _WATCHED_TOKENS_PER_SECOND if live else None)
        return await _while_it_lives(client, _acts(theatre))


async def _acts(theatre: Theatre) -> list[Report]:
    return [await act(theatre, number) for number, act in enumerate(ACTS, start=1)]


async def _while_it_lives(client: LanguageClient, acts: Coroutine[Any, Any, list[Report]]) -> list[Report]:
    """Play the acts, but no longer than the server lives. Raises `ServerFailure` if it ends before them."""
    playing, ending = asyncio.create_task(acts), asyncio.create_task(client.end())
    try:
        await asyncio.wait([playing, ending], return_when=asyncio.FIRST_COMPLETED)
        if ending.done() and not playing.done():
            raise ending.result()
        return playing.result()
    finally:
        for task in (playing, ending):
            task.cancel()
        await asyncio.wait([playing, ending])


def _can_move(console: Console) -> bool:
    """There is a terminal that can be painted on. Rich alone would take some environment variables for one."""
    if not sys.stdout.isatty() or console.is_dumb_terminal or console.legacy_windows:
        return False
    return console.size.width >= _SMALLEST_SCREEN[0] and console.size.height >= _SMALLEST_SCREEN[1]


def _simulator(*, slow: bool) -> Simulator:
    script = Script(tuple(_staged(reply, slow=slow) for reply in LIBRARY))
    return Simulator(script, tps=_TOKENS_PER_SECOND, ttft_ms=_FIRST_TOKEN_MS)


def _staged(reply: ScriptedReply, *, slow: bool) -> ScriptedReply:
    """A reply as it is played here."""
    if reply.when == LOG_EVERY_STEP:
        # It is cancelled in the middle: on a machine that stands still for a moment, the middle waits for it.
        return replace(reply, fault="stall", after=reply.reply.index(_BEHIND_THREE_HUNKS))
    if reply.when == WRAP_ERRORS and slow:
        return replace(reply, tps=_WATCHED_TOKENS_PER_SECOND)
    return reply


def _introduction(chosen: ChosenEndpoint) -> list[str]:
    server = "The server, the protocol, the edits and the times are real."
    if chosen.scripted:
        return [f"The replies are scripted, at {_TOKENS_PER_SECOND:,} tokens a second: no model is asked.", server]
    return ["The sample files go to your endpoint, four requests in all.", server]


def _origin(chosen: ChosenEndpoint) -> str:
    return "scripted replies" if chosen.scripted else "your endpoint"


def _remark(chosen: ChosenEndpoint, *, slowed: bool) -> str:
    if chosen.scripted:
        slow = f" ({_WATCHED_TOKENS_PER_SECOND} while you typed along)" if slowed else ""
        return (
            f"The replies were scripted: first tokens after {_FIRST_TOKEN_MS} ms and {_TOKENS_PER_SECOND:,} tokens a "
            f"second{slow} are set and say nothing about any model. All else is measured."
        )
    return "The replies came from your endpoint; everything is measured."


def _environment(chosen: ChosenEndpoint, folder: Path) -> dict[str, str]:
    """What the server gets: the user's settings and ledger only if they are to count."""
    environment = dict(os.environ)
    if not chosen.configured:
        environment[USER_FILE_VARIABLE] = str(folder / "no-settings.toml")
        environment[STATE_FOLDER_VARIABLE] = str(folder / "state")  # a scripted endpoint says nothing about the user's
    return environment


def _options(chosen: ChosenEndpoint, simulator: Simulator | None) -> dict[str, Any]:
    if chosen.configured:
        return _SETTINGS
    settings = {"baseUrl": simulator.base_url, "model": "scripted"} if simulator else chosen.settings
    return {**_SETTINGS, "endpoint": "demo", "endpoints": {"demo": settings}}


async def _warmed_up(simulator: Simulator | None) -> None:
    """Wait until the server has made its connection, as it has long done in an editor before it is asked."""
    if simulator is None:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while not simulator.requests:  # noqa: ASYNC110 (nobody sets an event for it)
                await asyncio.sleep(0.01)


def _end_on_signals() -> None:
    """Be ended by these as by Ctrl-C: in order, with the terminal as it was and no process left."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    if sys.platform != "win32" and task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, task.cancel)
