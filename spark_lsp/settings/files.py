"""The files that settings stand in. Reads them; whatever is wrong with one becomes a problem of its layer."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from spark_lsp.settings.layers import Layer, Source
from spark_lsp.settings.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

USER_FILE_VARIABLE: Final = "SPARK_LSP_CONFIG"
"""Names another user file, if it is set and not empty."""

STATE_FOLDER_VARIABLE: Final = "SPARK_LSP_STATE"
"""Names another folder for what is kept between sessions, if it is set and not empty."""

CACHE_FOLDER_VARIABLE: Final = "SPARK_LSP_CACHE"
"""Names another folder for what can be made again, if it is set and not empty."""

WORKSPACE_FILE_NAME: Final = ".spark.toml"

_LARGEST_FILE: Final = 1024 * 1024
_TOO_DOTTED: Final = 10_000_000
_LINE_OF_AN_ERROR: Final = re.compile(r"at line (\d+), column \d+")


def user_config_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's own settings are, whether or not there are any."""
    if named := environment.get(USER_FILE_VARIABLE):
        return Path(os.path.expanduser(named))  # noqa: PTH111 (Path.expanduser raises where there is no home)
    return Path(platformdirs.user_config_dir("spark-lsp", appauthor=False, roaming=True)) / "config.toml"


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where that is kept which outlives a session, whether or not there is such a folder yet."""
    if named := environment.get(STATE_FOLDER_VARIABLE):
        return Path(os.path.expanduser(named))  # noqa: PTH111 (as above)
    return Path(platformdirs.user_state_dir("spark-lsp", appauthor=False))


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where that is kept which can be made again, whether or not there is such a folder yet."""
    if named := environment.get(CACHE_FOLDER_VARIABLE):
        return Path(os.path.expanduser(named))  # noqa: PTH111 (as above)
    return Path(platformdirs.user_cache_dir("spark-lsp", appauthor=False))


def workspace_config_file(root: Path) -> Path:
    """Where the settings of a workspace are, whether or not there are any."""
    return root / WORKSPACE_FILE_NAME


def file_layers(root: Path | None, environment: Mapping[str, str] = os.environ) -> list[Layer]:
    """The layers from files: the user's, and that of the workspace if there is one."""
    layers = [read_layer(user_config_file(environment), Source.USER_FILE)]
    if root is not None:
        layers.append(read_layer(workspace_config_file(root), Source.WORKSPACE_FILE))
    return layers


def read_layer(path: Path, source: Source) -> Layer:
    """What a settings file says. A file that is not there says nothing; so does a broken one, with a problem."""
    raw, problem = _read(path)
    problems = () if problem is None else (problem,)
    return Layer(source, raw, str(path), problems)


def _read(path: Path) -> tuple[dict[str, Any], Problem | None]:
    where = str(path)
    try:
        # Opening a pipe would wait for a writer: look first.
        if not stat.S_ISREG(path.stat().st_mode):
            return {}, Problem("is not a file", where=where)
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}, None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return {}, Problem(f"cannot be read: {reason}", where=where)
    if len(content) > _LARGEST_FILE:
        return {}, Problem("is larger than 1 MiB", where=where)
    return _parse_toml(content, where)


def _parse_toml(content: bytes, where: str) -> tuple[dict[str, Any], Problem | None]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return {}, Problem("is not UTF-8 text", where=where, line=line)
    # The parser takes time and memory in the square of the parts of a dotted key: 200 KB of one exhaust a machine.
    if sum(line.count(".") ** 2 for line in text.split("\n")) > _TOO_DOTTED:
        return {}, Problem("has too many dots in a line", where=where)
    try:
        return tomllib.loads(text), None
    except RecursionError:
        return {}, Problem("is nested too deeply", where=where)
    except ValueError as error:  # TOMLDecodeError, or a number too long for Python
        found = _LINE_OF_AN_ERROR.search(str(error))
        return {}, Problem(f"is not TOML: {error}", where=where, line=int(found[1]) if found else None)
