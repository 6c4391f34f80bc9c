"""`spark-lsp prompt`: the request that would be sent from a place, as it would go out, and what making it took.

The key is never looked up: a stand-in goes through the same way and is shown as "…". So is what else in the settings
may hold a secret: the headers that the user set, the query of the URL, members of `extraBody` that sound like keys.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from spark_lsp.cli.hiding import HIDDEN, hide_in_json, without_query
from spark_lsp.cli.location import Cursor, parse_cursor
from spark_lsp.core.prompt import EditContext, NextEditContext, Prompt
from spark_lsp.core.text import Position

if TYPE_CHECKING:
    import argparse

    from spark_lsp.cli.local_session import OpenFile
    from spark_lsp.context.parts import Chosen
    from spark_lsp.endpoints.catalog import Route
    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.wire import HttpRequest
    from spark_lsp.features.edit_request import PreparedEdit
    from spark_lsp.features.inline_request import PreparedInline
    from spark_lsp.features.next_edit_request import PreparedNextEdit
    from spark_lsp.settings.model import Settings

_DONE, _FAILED = 0, 1
_STAND_IN: Final = "stand-in-for-the-key"
_NO_INSTRUCTION: Final = "(what is to be done)"
_ROUTES: Final[dict[str, Route]] = {"inline": "inline", "next": "nextEdit", "edit": "edit"}
_HELD: Final = "The file holds control tokens of the model's format."


@dataclass(frozen=True, slots=True)
class _Shown:
    """What there is to show; the last four are None where no endpoint is configured."""

    prepared: PreparedEdit | PreparedInline | PreparedNextEdit
    cursor: Position
    endpoint: Endpoint | None
    method: str | None
    url: str | None
    headers: dict[str, str] | None
    body: dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.usage = "spark-lsp prompt FILE:LINE:COL [--kind inline|next|edit] [-m TEXT] [--json]"
    parser.add_argument("where", type=parse_cursor, metavar="FILE:LINE:COL", help="where the cursor is, from 1")
    parser.add_argument("--kind", choices=("inline", "next", "edit"), default="edit", help="of request (%(default)s)")
    parser.add_argument("-m", "--message", default=_NO_INSTRUCTION, metavar="TEXT", help="what is to be done")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print the request to stdout; return the exit status."""
    import asyncio  # noqa: PLC0415 (all that is heavy is imported when it runs)

    from spark_lsp.cli.local_session import open_file  # noqa: PLC0415
    from spark_lsp.cli.text_file import FileProblem  # noqa: PLC0415
    from spark_lsp.endpoints.errors import EndpointError  # noqa: PLC0415

    try:
        opened = open_file(arguments.where.file)
        cursor = _cursor(opened, arguments.where)
        shown = asyncio.run(_request(opened, cursor, arguments.kind, arguments.message))
    except (FileProblem, EndpointError) as problem:
        sys.stderr.write(f"{problem}\n")
        return _FAILED
    if isinstance(shown, str):
        sys.stderr.write(f"Nothing would be sent: {shown[0].lower()}{shown[1:]}\n")
        return _FAILED
    sys.stdout.write(_as_json(shown) if arguments.json else _as_text(shown))
    return _DONE


def _cursor(opened: OpenFile, cursor: Cursor) -> Position:
    from spark_lsp.cli.local_session import check_line  # noqa: PLC0415

    check_line(opened, cursor.line)
    return opened.document.text.clamp(Position(cursor.line - 1, cursor.column - 1))


async def _request(opened: OpenFile, cursor: Position, kind: str, instruction: str) -> _Shown | str:
    """Make the request of a kind; why none would be sent.

    Raises `EndpointError` if the endpoint's settings allow none.
    """
    import time  # noqa: PLC0415

    from spark_lsp.cli.local_repository import FOR_A_LOOK, repository_around  # noqa: PLC0415
    from spark_lsp.context.redaction import SecretVault  # noqa: PLC0415
    from spark_lsp.core.text import Range  # noqa: PLC0415
    from spark_lsp.endpoints.request import Endpoint  # noqa: PLC0415
    from spark_lsp.features.edit_request import EditRequest, prepare_edit  # noqa: PLC0415
    from spark_lsp.features.inline_request import prepare_inline  # noqa: PLC0415
    from spark_lsp.features.next_edit_request import prepare_next_edit  # noqa: PLC0415
    from spark_lsp.features.surroundings import STILL_INDEXING, has_no_definitions, look_around  # noqa: PLC0415

    endpoint = await _endpoint(opened.session.settings, _ROUTES[kind])
    if isinstance(endpoint, str):
        sys.stderr.write(f"{endpoint}\n")
    snapshot = opened.document.snapshot()
    prepared: PreparedEdit | PreparedInline | PreparedNextEdit | str
    given = endpoint if isinstance(endpoint, Endpoint) else Endpoint("", "", "")
    vault = SecretVault()
    async with repository_around(opened, FOR_A_LOOK) as around:
        if around is not None:
            await look_around(around, snapshot.text, cursor)
        # Once to warm up what a running server has long loaded, and once to measure.
        for _ in range(2):
            rest = (given, time.perf_counter, around)
            if kind == "inline":
                prepared = prepare_inline(opened.session, vault, snapshot, cursor, *rest) or _HELD
            elif kind == "next":
                prepared = prepare_next_edit(opened.session, vault, snapshot, cursor, *rest)
            else:
                asked = EditRequest(opened.document.uri, Range(cursor, cursor), instruction)
                prepared = prepare_edit(opened.session, vault, snapshot, asked, *rest)
        if isinstance(prepared, str):
            return prepared
        if around is not None and around[0].graph.growing and has_no_definitions(prepared.chosen):
            sys.stderr.write(f"{STILL_INDEXING}\n")
    completion = prepared.request(given)
    if isinstance(endpoint, str):
        prompt = completion.prompt
        assert isinstance(prompt, Prompt), "without an endpoint, it is a conversation"
        messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
        return _Shown(prepared, cursor, None, None, None, None, {"messages": messages})
    request = await _request_of(endpoint, completion)
    return _Shown(
        prepared,
        cursor,
        endpoint,
        request.method,
        without_query(request.url),
        _headers(request, endpoint),
        _body(request, endpoint),
    )


async def _endpoint(settings: Settings, task: Route) -> Endpoint | str:
    """The endpoint for a task with a stand-in for its key; why there is none."""
    from spark_lsp.endpoints.catalog import EndpointCatalog  # noqa: PLC0415
    from spark_lsp.endpoints.choice import Absent  # noqa: PLC0415
    from spark_lsp.settings.api_keys import ApiKey  # noqa: PLC0415

    catalog = EndpointCatalog(os.environ)
    await catalog.settle(settings)
    choice = catalog.choice(task, settings)
    if isinstance(choice, Absent):
        return choice.sentence
    if choice.lacks_key:
        sys.stderr.write(f"The endpoint “{choice.name}” has no key, so nothing would be sent: {choice.lacks_key}.\n")
    has_key = choice.settings.api_key_env or choice.settings.api_key_command
    return choice.endpoint(ApiKey(_STAND_IN, "") if has_key else None)


async def _request_of(endpoint: Endpoint, completion: CompletionRequest) -> HttpRequest:
    from spark_lsp.endpoints.transport import EndpointClient  # noqa: PLC0415

    client = EndpointClient()
    try:
        return await client.preview(endpoint, completion)
    finally:
        await client.aclose()


def _headers(request: HttpRequest, endpoint: Endpoint) -> dict[str, str]:
    own = {name.lower() for name in endpoint.headers}
    return {
        name: HIDDEN if name in own else value.replace(_STAND_IN, HIDDEN) for name, value in request.headers.items()
    }


def _body(request: HttpRequest, endpoint: Endpoint) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request.content)
    return {key: hide_in_json(key, value) if key in endpoint.extra_body else value for key, value in body.items()}


def _milliseconds(shown: _Shown) -> float:
    return round(shown.prepared.seconds * 1000, 3)


def _place(position: Position) -> dict[str, int]:
    return {"line": position.line + 1, "column": position.column + 1}


def _extent(shown: _Shown) -> dict[str, Any]:
    """What the request is about: a region, or the cursor, or both with what may be changed around it."""
    context = shown.prepared.context
    if isinstance(context, EditContext):
        return {"region": {"start": _place(context.region.start), "end": _place(context.region.end)}}
    position = {"position": _place(shown.cursor)}
    if not isinstance(context, NextEditContext):
        return position
    start, end = context.first_line, context.first_line + len(context.window)
    return {"region": {"start": _place(Position(start, 0)), "end": _place(Position(end, 0))}, **position}


def _as_json(shown: _Shown) -> str:
    value = {
        "endpoint": shown.endpoint and shown.endpoint.name,
        "model": shown.endpoint and shown.endpoint.model,
        "format": shown.prepared.format.name,
        "url": shown.url,
        "headers": shown.headers,
        "body": shown.body,
        **_extent(shown),
        "tokens": {"estimated": shown.prepared.tokens},
        **_parts(shown.prepared.chosen),
        "redacted": [
            {"kind": secret.kind, "part": secret.part, "line": secret.line + 1, "placeholder": secret.placeholder}
            for secret in shown.prepared.redaction.secrets
        ],
        "contextMs": _milliseconds(shown),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _parts(chosen: Chosen | None) -> dict[str, Any]:
    """What the repository gave, in the order of the prompt, and the best of what had no room. Nothing without one."""
    if chosen is None:
        return {}
    return {
        "parts": [
            {
                "kind": part.kind,
                "source": part.path,
                "lines": [part.line + 1, part.end_line],
                "score": round(part.score, 3),
                "tokens": part.tokens,
                "why": part.why,
            }
            for part in chosen.parts
        ],
        "leftOut": [
            {
                "source": one.path,
                "line": one.line + 1,
                "name": one.name,
                "score": round(one.score, 3),
                "reason": one.reason,
            }
            for one in chosen.left_out
        ],
    }


def _texts(key: str, value: Any) -> list[tuple[str, str]]:
    """A member of a body that is made for reading, with titles: a conversation's turns, or a text of many lines."""
    match value:
        case str() if "\n" in value:
            return [(key, value)]
        case [{"role": str(), "content": str()}, *_]:
            return [(str(turn["role"]), str(turn["content"])) for turn in value]
    return []


def _as_text(shown: _Shown) -> str:
    """The request for reading and copying: its texts as they are, all else as it is on the wire."""
    lines = []
    if shown.headers is not None:
        lines += [f"{shown.method} {shown.url}", *(f"{name}: {value}" for name, value in shown.headers.items()), ""]
    texts = {key: found for key, value in shown.body.items() if (found := _texts(key, value))}
    if rest := {key: value for key, value in shown.body.items() if key not in texts}:
        lines += [json.dumps(rest, indent=2, ensure_ascii=False), ""]
    for found in texts.values():
        for title, text in found:
            lines += [f"── {title} ".ljust(72, "─"), text, ""]
    endpoint = shown.endpoint
    ends = [f"{place['line']}:{place['column']}" for place in _extent(shown).get("region", {}).values()]
    cursor = _place(shown.cursor)
    secrets = len({secret.placeholder for secret in shown.prepared.redaction.secrets})
    facts = [
        f"{endpoint.name}, {endpoint.model}" if endpoint else "no endpoint",
        f"format {shown.prepared.format.name}",
        f"region {' to '.join(ends)}" if ends else f"cursor {cursor['line']}:{cursor['column']}",
        f"about {shown.prepared.tokens:,} tokens",
        *([f"{secrets} secret{'' if secrets == 1 else 's'} redacted"] if secrets else []),
        f"made in {_milliseconds(shown):.2f} ms",
    ]
    return "\n".join([*lines, "─" * 72, " · ".join(facts), ""])
