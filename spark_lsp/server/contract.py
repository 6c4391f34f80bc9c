"""The objects of the public contract that LSP does not define: arguments of commands and their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from cattrs import ClassValidationError
from lsprotocol import converters, types
from pygls.exceptions import JsonRpcInvalidParams

from spark_lsp.core.text import ORIGIN, Range
from spark_lsp.endpoints.catalog import ROUTES
from spark_lsp.features.edit_request import EditRequest
from spark_lsp.server import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.core.text import Position, Text
    from spark_lsp.endpoints.catalog import Route
    from spark_lsp.endpoints.offers import Offer
    from spark_lsp.features.edit_result import EditResult
    from spark_lsp.features.next_edit import ShownEdit
    from spark_lsp.features.status import Status

T = TypeVar("T")

_CONVERTER = converters.get_converter()
_KINDS = {int: "a number", str: "a string", dict: "an object"}
APPLY_MODES = ("stream", "once", "preview")
EDIT_FORMATS = ("auto", "rewrite", "search-replace", "diff")


def argument(params: types.ExecuteCommandParams) -> Mapping[str, Any]:
    """The one object that a command takes; none at all is an empty one. Raises an LSP error for anything else."""
    arguments = params.arguments or [{}]
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise JsonRpcInvalidParams(f"{params.command} takes one object.")
    return arguments[0]


def edit_request(given: Mapping[str, Any], text: Text | None, encoding: str) -> EditRequest:
    """The argument of `spark.edit`. The range is read against the document's text, if it is open."""
    span = _structured(given, "range", types.Range)
    return EditRequest(
        uri=document_uri(given),
        range=wire.to_range(text, span, encoding) if text is not None else wire.NOWHERE,
        instruction=_member(given, "instruction", str),
        apply=_one_of(given, "apply", APPLY_MODES),
        format=_one_of(given, "format", EDIT_FORMATS),
        task="deep" if _one_of(given, "route", ("edit", "deep")) == "deep" else "edit",
    )


def document_uri(given: Mapping[str, Any]) -> str:
    """`textDocument.uri` of an argument."""
    return _member(_member(given, "textDocument", dict), "uri", str)


def endpoint_switch(given: Mapping[str, Any]) -> tuple[str, Route | None]:
    """The argument of `spark.endpoint`: the name of an endpoint, and the route that it is for; None for all."""
    route = _one_of(given, "route", ROUTES)
    return _member(given, "use", str), next((known for known in ROUTES if known == route), None)


def edit_id(given: Mapping[str, Any]) -> str:
    return _member(given, "editId", str)


def item_id(given: Mapping[str, Any]) -> str:
    """`id` of a suggestion that was shown."""
    return _member(given, "id", str)


def position(given: Mapping[str, Any], text: Text | None, encoding: str) -> Position:
    """`position` of an argument, in a document's text if it is open."""
    found = _structured(given, "position", types.Position)
    return wire.to_position(text, found, encoding) if text is not None else ORIGIN


def item_of(given: Mapping[str, Any]) -> str | None:
    """The id of the suggestion that a notification of a plug-in is about, from the command that came with it."""
    item = given.get("item")
    command = item.get("command") if isinstance(item, dict) else None
    arguments = command.get("arguments") if isinstance(command, dict) else None
    first = arguments[0] if isinstance(arguments, list) and arguments else None
    found = first.get("id") if isinstance(first, dict) else first
    return found if isinstance(found, str) else None


def from_shown_edit(shown: ShownEdit, text: Text, encoding: str) -> dict[str, Any]:
    """An edit as plug-ins for next edits take it. They take one range: what is between several edits comes along."""
    edits = shown.edits
    span = Range(edits[0].start, edits[-1].end)
    new = "".join(
        text.slice(before.end, edit.start) + edit.new if before else edit.new
        for before, edit in zip((None, *edits), edits, strict=False)
    )
    return {
        "text": new,
        "textDocument": {"uri": shown.next_edit.uri, "version": shown.next_edit.version},
        "range": _CONVERTER.unstructure(wire.from_range(text, span, encoding)),
        "command": {"title": "Spark: accepted", "command": "spark.accepted", "arguments": [{"id": shown.item_id}]},
    }


def members(params: object) -> Mapping[str, Any]:
    """What a notification of our own says, which pygls gives as an object with attributes."""
    found = _plain(params)
    return found if isinstance(found, dict) else {}


def _plain(value: Any) -> Any:
    """Objects with attributes as dictionaries, however deep."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def optional(given: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    """A member that may be left out or null."""
    return None if given.get(name) is None else _member(given, name, kind)


def from_edit_result(result: EditResult, text: Text | None, encoding: str) -> dict[str, Any]:
    """EditResult as the contract has it: positions in the document as it is now, times in milliseconds."""
    usage, timings = result.usage, result.timings
    return _without_none(
        {
            "editId": result.edit_id,
            "status": result.status,
            "message": result.message,
            "hunks": [
                {
                    "hunk": hunk.hunk,
                    "range": _CONVERTER.unstructure(wire.from_range(text, hunk.range, encoding)),
                    "removed": hunk.removed,
                    "added": hunk.added,
                }
                for hunk in result.hunks
                if text is not None
            ],
            "usage": _without_none(
                {
                    "inputTokens": usage.input_tokens,
                    "cachedTokens": usage.cached_tokens,
                    "outputTokens": usage.output_tokens,
                    "estimated": usage.estimated,
                    "usd": usage.usd,
                }
            ),
            "timings": _without_none(
                {
                    "contextMs": _milliseconds(timings.context),
                    "firstTokenMs": _milliseconds(timings.first_token),
                    "firstEditMs": _milliseconds(timings.first_edit),
                    "totalMs": _milliseconds(timings.total),
                }
            ),
        }
    )


def from_status(status: Status, routes: Mapping[str, str], today_usd: float | None) -> dict[str, Any]:
    """Status as the contract has it; `today_usd` is None where no price is known."""
    return _without_none(
        {
            "state": status.state,
            "message": status.message,
            "endpoint": status.endpoint,
            "model": status.model,
            "routes": dict(routes),
            "busy": [{"task": busy.task, "uri": busy.uri} for busy in status.busy],
            "firstTokenMs": _milliseconds(status.first_token_seconds),
            "tokensPerSecond": status.tokens_per_second and round(status.tokens_per_second, 1),
            "todayUsd": today_usd and round(today_usd, 6),
        }
    )


def from_offer(offer: Offer) -> dict[str, Any]:
    """An endpoint to offer, with what is known of it."""
    return _without_none(
        {
            "name": offer.name,
            "model": offer.model,
            "apiKeyEnv": offer.key_variable,
            "lacksKey": offer.lacks_key or None,
            "problem": offer.problem,
        }
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _without_none(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _member(given: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = given.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise JsonRpcInvalidParams(f"“{name}” must be {_KINDS[kind]}.")
    return value


def _one_of(given: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str | None:
    value = optional(given, name, str)
    if value is not None and value not in choices:
        raise JsonRpcInvalidParams(f"“{name}” must be one of {', '.join(choices)}.")
    return value


def _structured(given: Mapping[str, Any], name: str, kind: type[T]) -> T:
    try:
        return _CONVERTER.structure(given[name], kind)
    except (KeyError, TypeError, ValueError, AttributeError, ClassValidationError):
        raise JsonRpcInvalidParams(f"“{name}” must be a {kind.__name__} of LSP.") from None
