"""What the simulator replies: a list of scripted replies, the first that fits counts.

As a file: a list of objects with the keys of ScriptedReply in camelCase, all optional.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spark_lsp.simulator.library import LIBRARY
from spark_lsp.simulator.reply import FAULTS, ScriptedReply

if TYPE_CHECKING:
    from pathlib import Path

_FENCED_BLOCK = re.compile(r"^(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*\n)*?(?P=fence)[`~]*[ \t\r]*$", re.MULTILINE)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_NOTHING_TO_SAY = "This is a scripted endpoint: it has no reply for this request, and no model behind it.\n"


class ScriptError(ValueError):
    """A reply file that cannot be used; the message says where and why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Script:
    """The replies, in the order in which they are tried.

    Without one that fits, a request for an edit gets its last fenced code block back unchanged, and any other a line
    that says what this is.
    """

    replies: tuple[ScriptedReply, ...] = LIBRARY

    def reply_to(self, message: str) -> ScriptedReply:
        """Return the reply to a request whose last user message is `message`."""
        for reply in self.replies:
            if reply.when is None or reply.when in message:
                return reply
        blocks = [match.group() for match in _FENCED_BLOCK.finditer(message)]
        return ScriptedReply(reply=blocks[-1] + "\n" if blocks else _NOTHING_TO_SAY)

    @property
    def refusal(self) -> ScriptedReply | None:
        """The reply that refuses WebSockets, if one does."""
        return next((reply for reply in self.replies if reply.upgrade is not None), None)


def read_script(path: Path) -> Script:
    """Read the file of the option ``--reply``: a list of replies if it is JSON, else the text of every reply.

    Raises ScriptError if it cannot be read or is not what it should be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ScriptError(f"The reply file {path} cannot be read: {reason}.") from error
    if path.suffix.lower() != ".json":
        return Script((ScriptedReply(reply=text),))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScriptError(f"The reply file {path} is not JSON: {error}.") from error
    try:
        return parse_script(value)
    except ScriptError as error:
        raise ScriptError(f"The reply file {path} is not a script: {error}") from error


def parse_script(value: Any) -> Script:
    """Make a script from JSON. Raises ScriptError."""
    if not isinstance(value, list):
        raise ScriptError("it must be a list of replies.")
    return Script(tuple(_parse_reply(number, entry) for number, entry in enumerate(value, start=1)))


# By key: the field, the types it takes, and how a message calls them.
_KEYS: dict[str, tuple[str, tuple[type, ...], str]] = {
    "when": ("when", (str, type(None)), "a string or null"),
    "reply": ("reply", (str,), "a string"),
    "status": ("status", (int,), "an integer"),
    "headers": ("headers", (dict,), "an object of strings that HTTP allows"),
    "body": ("body", (str, type(None)), "a string or null"),
    "contentType": ("content_type", (str,), "a string"),
    "ttftMs": ("ttft_ms", (int, float, type(None)), "a number or null"),
    "tps": ("tps", (int, float, type(None)), "a number or null"),
    "fault": ("fault", (str, type(None)), "a fault or null"),
    "after": ("after", (int,), "an integer"),
    "cachedTokens": ("cached_tokens", (int,), "an integer"),
    "thinking": ("thinking", (int,), "an integer"),
    "comments": ("comments", (int,), "an integer"),
    "upgrade": ("upgrade", (int, type(None)), "an integer or null"),
}


def _parse_reply(number: int, entry: Any) -> ScriptedReply:
    if not isinstance(entry, dict):
        raise ScriptError(f"reply {number} must be an object.")
    fields: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in _KEYS:
            raise ScriptError(f'reply {number} has the unknown key "{key}"; known are {", ".join(_KEYS)}.')
        name, types, expected = _KEYS[key]
        if not isinstance(value, types) or isinstance(value, bool):
            raise ScriptError(f'in reply {number}, "{key}" must be {expected}.')
        fields[name] = value
    if fields.get("fault") not in {None, *FAULTS}:
        raise ScriptError(f'in reply {number}, "fault" must be one of {", ".join(FAULTS)}.')
    if not 200 <= fields.get("status", 200) <= 599:
        raise ScriptError(f'in reply {number}, "status" must be from 200 to 599.')
    if not 300 <= (fields.get("upgrade") or 426) <= 599:
        raise ScriptError(f'in reply {number}, "upgrade" must be from 300 to 599.')
    for header, value in fields.get("headers", {}).items():
        if not _HEADER_NAME.fullmatch(header) or not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise ScriptError(f'in reply {number}, "headers" must be an object of strings that HTTP allows.')
    for key in ("tps", "ttftMs", "after", "cachedTokens", "thinking", "comments"):
        if not 0 <= (entry.get(key) or 0) < math.inf:
            raise ScriptError(f'in reply {number}, "{key}" must not be negative or infinite.')
    return ScriptedReply(**fields)
