"""What comes through a pipe is read as it was written, in whatever pieces, up to its end."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING

from spark_lsp.server.stdin import StdinReader

if TYPE_CHECKING:
    from pathlib import Path


def test_lines_and_bodies_come_in_any_pieces() -> None:
    async def play() -> None:
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as stdin:
            reader = StdinReader(stdin)
            body = os.urandom(300_000)
            pieces = [b"Content-Length: 30", b"0000\r\n\r", b"\n" + body[:1000], body[1000:] + b"next"]

            async def write() -> None:
                for piece in pieces:
                    await asyncio.to_thread(os.write, writing, piece)
                os.close(writing)

            writer = asyncio.create_task(write())
            assert await reader.readline() == b"Content-Length: 300000\r\n"
            assert await reader.readline() == b"\r\n"
            assert await reader.readexactly(len(body)) == body
            await writer
            assert await reader.readexactly(99) == b"", "half a message is none"
            assert await reader.readline() == b""

    asyncio.run(play())


def test_messages_that_come_at_once_leave_a_turn_to_others() -> None:
    async def play() -> None:
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as stdin:
            reader = StdinReader(stdin)
            await asyncio.to_thread(os.write, writing, b"x\n" * 20_000)
            turns = 0

            async def others() -> None:
                nonlocal turns
                while True:
                    await asyncio.sleep(0)
                    turns += 1

            busy = asyncio.create_task(others())
            await reader.readline()
            before, clock = turns, asyncio.get_running_loop().time
            for _ in range(3):
                until = clock() + 0.01
                while clock() < until:
                    pass
                await reader.readline()
            assert turns - before >= 2
            busy.cancel()
            os.close(writing)
            while await reader.readline():
                pass

    asyncio.run(play())


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    async def play() -> None:
        file = tmp_path / "messages"
        file.write_bytes(b"one\ntwo")
        with file.open("rb") as stdin:
            reader = StdinReader(stdin)
            assert [await reader.readline() for _ in range(3)] == [b"one\n", b"two", b""]

    asyncio.run(play())


def test_a_socket_is_left_blocking_since_the_answers_may_go_out_by_the_same_one() -> None:
    async def play() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs, os.fdopen(os.dup(ours.fileno()), "rb") as stdin:
            reader = StdinReader(stdin)
            theirs.sendall(b"one\n")
            assert await reader.readline() == b"one\n"
            assert os.get_blocking(stdin.fileno())
            theirs.close()
            assert await reader.readline() == b""

    asyncio.run(play())
