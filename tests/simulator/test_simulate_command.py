from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest

from spark_lsp.cli import simulate
from spark_lsp.settings.endpoint_model import WIRES

if TYPE_CHECKING:
    from pathlib import Path


def _arguments(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    simulate.add_arguments(parser)
    return parser.parse_args(options)


def test_the_defaults() -> None:
    arguments = _arguments()
    assert (arguments.port, arguments.tps, arguments.ttft_ms, arguments.reply) == (
        simulate.DEFAULT_PORT,
        1000,
        50,
        None,
    )


@pytest.mark.parametrize(
    "option", ["--port=-1", "--port=65536", "--port=x", "--tps=-1", "--tps=nan", "--tps=inf", "--ttft-ms=x"]
)
def test_a_value_that_is_none_is_a_wrong_usage(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        _arguments(option)
    assert caught.value.code == 2
    assert option.partition("=")[0] in capsys.readouterr().err


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert simulate.run(_arguments("--port", str(port))) == 1
    output = capsys.readouterr()
    assert output.err.startswith(f"Port {port} on 127.0.0.1 cannot be had (")
    assert output.err.endswith("): choose another --port.\n")
    assert output.out == ""


def test_a_reply_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate.run(_arguments("--reply", str(tmp_path / "absent"))) == 1
    assert "absent cannot be read: No such file or directory." in capsys.readouterr().err


def test_it_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    """The command in a process of its own: interrupted from outside, as by Ctrl-C."""
    (tmp_path / "reply.txt").write_text("abc")
    program = (
        "import argparse, sys\n"
        "from spark_lsp.cli import simulate\n"
        "parser = argparse.ArgumentParser()\n"
        "simulate.add_arguments(parser)\n"
        "sys.exit(simulate.run(parser.parse_args(sys.argv[1:])))\n"
    )

    async def main() -> tuple[str, list[str], bytes, Any, bytes]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, "--port=0", f"--reply={tmp_path / 'reply.txt'}",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        wires = [(await process.stdout.readline()).decode() for _ in range(1 + len(WIRES))]
        port = int(line.split("/")[2].split(":")[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        process.send_signal(2)
        _, error = await process.communicate()
        return line, wires, answer, process.returncode, error

    line, wires, answer, status, error = asyncio.run(main())
    assert line.startswith("listening on http://127.0.0.1:")
    assert line.endswith(f"/v1 (scripted replies: {tmp_path / 'reply.txt'})\n")
    base_urls = dict(words.split() for words in wires[1:])
    here = line.split()[2].removesuffix("/v1")
    assert base_urls == {wire: here + ("" if wire in {"llama-infill", "ollama"} else "/v1") for wire in WIRES}
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert (status, error) == (0, b"")
