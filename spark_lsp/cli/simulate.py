"""`spark-lsp simulate`: a scripted endpoint in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from pathlib import Path

from spark_lsp.settings.endpoint_model import WIRES
from spark_lsp.simulator.script import Script, ScriptError, read_script
from spark_lsp.simulator.server import HOST, Simulator

DEFAULT_PORT = 8123


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="port on 127.0.0.1, 0 for any (%(default)s)")
    parser.add_argument(
        "--tps", type=_amount, default=1000, help="tokens a second, 0 for as fast as possible (%(default)s)"
    )
    parser.add_argument("--ttft-ms", type=_amount, default=50, help="milliseconds until the first token (%(default)s)")
    parser.add_argument(
        "--reply", type=Path, metavar="FILE", help="text of every reply, or a script if its name ends in .json"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; return the exit status."""
    try:
        script = read_script(arguments.reply) if arguments.reply else Script()
    except ScriptError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    simulator = Simulator(script, tps=arguments.tps, ttft_ms=arguments.ttft_ms, port=arguments.port)
    try:
        asyncio.run(_serve(simulator, str(arguments.reply or "built-in")))
    except OSError as error:
        sys.stderr.write(f"Port {arguments.port} on {HOST} cannot be had ({error.strerror}): choose another --port.\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


async def _serve(simulator: Simulator, replies: str) -> None:
    async with simulator:
        sys.stdout.write(f"listening on {simulator.base_url} (scripted replies: {replies})\n")
        sys.stdout.write(_wires(simulator))
        sys.stdout.flush()
        await asyncio.get_running_loop().create_future()


def _wires(simulator: Simulator) -> str:
    """The setting baseUrl by the setting wire, one a line."""
    width = max(map(len, WIRES))
    lines = [f"  {wire:<{width}}  {simulator.base_url_for(wire)}\n" for wire in WIRES]
    return "".join(["wire and baseUrl:\n", *lines])


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 <= amount < math.inf:
        raise argparse.ArgumentTypeError("must be a number, and not negative")
    return amount
