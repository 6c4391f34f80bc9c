"""Where API keys come from, and that they go nowhere else."""

from __future__ import annotations

import asyncio
import os
import sys
import time

import pytest

from spark_lsp.settings.api_keys import ApiKey, find_api_key, run_api_key_command
from spark_lsp.settings.endpoint_model import EndpointSettings
from spark_lsp.settings.problem import Problem

KEY = "sk-0123456789"
WITH_VARIABLE = EndpointSettings(api_key_env="MY_KEY")
WITH_BOTH = EndpointSettings(api_key_env="MY_KEY", api_key_command=("pass", "show", "x"))


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


@pytest.mark.parametrize(
    ("endpoint", "environment", "found"),
    [
        (WITH_VARIABLE, {"MY_KEY": KEY}, ApiKey(KEY, "MY_KEY")),
        (WITH_VARIABLE, {"MY_KEY": f"  {KEY}\r\n"}, ApiKey(KEY, "MY_KEY")),
        (WITH_BOTH, {"MY_KEY": KEY}, ApiKey(KEY, "MY_KEY")),
        (WITH_BOTH, {}, None),
        (WITH_BOTH, {"MY_KEY": " "}, None),
        (EndpointSettings(), {"MY_KEY": KEY}, None),
        (EndpointSettings(api_key_command=("pass",)), {"MY_KEY": KEY}, None),
        (WITH_VARIABLE, {}, Problem("the environment variable MY_KEY is not set", "apiKeyEnv")),
        (WITH_VARIABLE, {"MY_KEY": ""}, Problem("the environment variable MY_KEY is not set", "apiKeyEnv")),
    ],
)
def test_the_variable(endpoint: EndpointSettings, environment: dict[str, str], found: object) -> None:
    assert find_api_key(endpoint, environment) == found


@pytest.mark.parametrize("value", ["two words", "line\nfeed", "schlüssel", "nul\0", "x" * 10_000])
def test_what_cannot_go_into_a_header_is_a_problem_without_the_value(value: str) -> None:
    found = find_api_key(WITH_VARIABLE, {"MY_KEY": value})
    assert isinstance(found, Problem)
    assert "MY_KEY is not a key" in str(found)
    assert value not in repr(found)


def test_a_key_does_not_show() -> None:
    key = ApiKey(KEY, "MY_KEY")
    assert KEY not in f"{key} {key!r} {[key]} {key.origin}"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "program",
    [
        f"print({KEY!r})",
        f"print({KEY!r}); print('user: me')",
        f"print('  {KEY}\\r')",
        f"import sys; sys.stdout.write({KEY!r})",
        f"import sys; print({KEY!r}); print('chatter ' * 1_000_000, file=sys.stderr)",
        f"print({KEY!r}); print('more ' * 1_000_000)",
        f"import sys; assert sys.stdin.read() == ''; print({KEY!r})",
    ],
)
async def test_the_first_line_of_a_command(program: str) -> None:
    found = await run_api_key_command(python(program), 30)
    assert isinstance(found, ApiKey)
    assert found.value == KEY


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("", "printed no key"),
        ("print(); print('x')", "printed no key"),
        ("print('two words')", "printed is not a key: a key is one word of ASCII characters"),
        ("raise SystemExit(3)", "failed with status 3"),
        ("raise SystemExit('  locked  ')", "failed with status 1: locked"),
        ("import sys; sys.exit('\\nfirst\\nsecond')", "failed with status 1: first"),
        ("import sys; sys.exit('\\x1b[31mred' + 'x' * 999)", f"failed with status 1: [31mred{'x' * 153}"),
        (f"import sys; print({KEY!r}); sys.exit('bad: {KEY}')", "failed with status 1: bad: …"),
    ],
)
async def test_a_command_that_fails(program: str, message: str) -> None:
    found = await run_api_key_command(python(program), 30)
    assert isinstance(found, Problem)
    assert found.key == "apiKeyCommand"
    assert found.message.endswith(message)
    assert KEY not in repr(found)


@pytest.mark.asyncio
async def test_a_command_that_cannot_be_run() -> None:
    found = await run_api_key_command(["no-such-program-anywhere", KEY], 30)
    assert isinstance(found, Problem)
    assert found.message.startswith("no-such-program-anywhere cannot be run: ")
    assert KEY not in repr(found)
    assert isinstance(await run_api_key_command(["a\0b"], 30), Problem)


@pytest.mark.asyncio
async def test_no_shell_reads_the_command() -> None:
    program = "import sys; print(sys.argv[1])"
    found = await run_api_key_command([*python(program), "$(x);|&"], 30)
    assert found == ApiKey("$(x);|&", os.path.basename(sys.executable))  # noqa: PTH119


@pytest.mark.asyncio
async def test_a_command_that_takes_too_long_is_killed() -> None:
    start = time.perf_counter()
    found = await run_api_key_command(python("import time; print('x', flush=True); time.sleep(60)"), 0.5)
    assert isinstance(found, Problem)
    assert found.message.endswith("did not finish within 0.5 seconds")
    assert time.perf_counter() - start < 10


@pytest.mark.asyncio
async def test_what_a_command_leaves_running_does_not_make_anybody_wait() -> None:
    sleeper = "[sys.executable, '-c', 'import time; time.sleep(3)']"
    start = time.perf_counter()
    found = await run_api_key_command(
        python(f"import subprocess, sys; subprocess.Popen({sleeper}); print({KEY!r})"), 30
    )
    assert isinstance(found, ApiKey)
    assert time.perf_counter() - start < 2.9


@pytest.mark.asyncio
async def test_a_cancelled_command_is_killed() -> None:
    task = asyncio.create_task(run_api_key_command(python("import time; time.sleep(60)"), 60))
    await asyncio.sleep(0.2)
    start = time.perf_counter()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.perf_counter() - start < 10
