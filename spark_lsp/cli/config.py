"""``spark-lsp config``: the settings' JSON schema, and the settings in force with where each comes from.

What `show` prints is safe to paste into a bug report: no key, and nothing that may hold one, only the names of
variables and whether they are set.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spark_lsp.cli.hiding import HIDDEN, hide_in_json, without_query
from spark_lsp.settings.files import file_layers
from spark_lsp.settings.layers import Resolved, dump, resolve
from spark_lsp.settings.problem import dotted
from spark_lsp.settings.schema import settings_schema_text
from spark_lsp.settings.tree import KeyPath, grow, leaves

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from spark_lsp.settings.layers import Layer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="schema|show")
    actions.add_parser("schema", help="print the JSON schema of the settings")
    show = actions.add_parser("show", allow_abbrev=False, help="print the settings in force and where each comes from")
    show.add_argument(
        "--workspace", type=Path, default=Path(), metavar="DIR", help="the workspace (the current folder)"
    )
    show.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print to stdout. What does not hold is a warning on stderr, not a failure: the server runs with it too."""
    if arguments.action == "schema":
        sys.stdout.write(settings_schema_text())
        return 0
    if not arguments.workspace.is_dir():
        sys.stderr.write(f"{arguments.workspace} is not a folder\n")
        return 1
    layers = file_layers(arguments.workspace.absolute(), os.environ)
    resolved = resolve(layers)
    lines = _json_lines if arguments.json else _toml_lines
    sys.stdout.writelines(f"{line}\n" for line in lines(layers, resolved, os.environ))
    sys.stdout.flush()
    sys.stderr.writelines(f"warning: {problem}\n" for problem in resolved.problems)
    return 0


def _toml_lines(layers: list[Layer], resolved: Resolved, environment: Mapping[str, str]) -> list[str]:
    """The settings as TOML, one dotted key a line, with what is not a value as comments."""
    lines = [f"# {layer.source}: {layer.where}{'' if _is_there(layer) else ' (not there)'}" for layer in layers]
    lines.append("# What your editor sets comes on top of these; it is known only to the server that it runs.")
    variables = _variables(resolved, environment)
    for path, value in leaves(_presentable(resolved)):
        key = dotted(path)
        notes = [str(resolved.sources[key])] if key in resolved.sources else []
        match path:
            case ("endpoints", _, "apiKeyEnv"):
                notes.append("set" if variables[str(value)] else "not set in this environment")
        line = f"# {key} = null" if value is None else f"{key} = {_toml(value)}"
        lines.append(f"{line}  # {', '.join(notes)}" if notes else line)
    return lines


def _json_lines(layers: list[Layer], resolved: Resolved, environment: Mapping[str, str]) -> list[str]:
    shown = {
        "files": {str(layer.source): {"path": layer.where, "exists": _is_there(layer)} for layer in layers},
        "settings": _presentable(resolved),
        "sources": {key: str(source) for key, source in resolved.sources.items()},
        "variables": _variables(resolved, environment),
        "problems": [str(problem) for problem in resolved.problems],
    }
    return json.dumps(shown, indent=2, ensure_ascii=False).splitlines()


def _is_there(layer: Layer) -> bool:
    return os.path.lexists(layer.where)


def _variables(resolved: Resolved, environment: Mapping[str, str]) -> dict[str, bool]:
    """The variables that the endpoints name, and whether each is set."""
    names = [endpoint.api_key_env for endpoint in resolved.settings.endpoints.values()]
    return {name: bool(environment.get(name)) for name in names if name}


def _presentable(resolved: Resolved) -> dict[str, Any]:
    """The settings without anything that may hold a key."""
    return grow((path, _hide(path, value)) for path, value in leaves(dump(resolved.settings)))


def _hide(path: KeyPath, value: object) -> object:
    match path:
        case ("endpoints", _, "baseUrl"):
            return without_query(str(value))
        case ("endpoints", _, "apiKeyCommand") if isinstance(value, list):
            return [*value[:1], *([HIDDEN] if value[1:] else [])]
        case ("endpoints", _, "headers", _):
            return HIDDEN
        case ("endpoints", _, "extraBody", *keys):
            return hide_in_json(" ".join(keys), value)
    return value


def _toml(value: object) -> str:
    """A value as TOML. Its strings are JSON's but for one character."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{dotted((key,))} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
