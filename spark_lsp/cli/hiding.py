"""What a command prints of settings and requests, without anything that may hold a key."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

HIDDEN: Final = "…"

_MAY_HOLD_A_KEY: Final = re.compile(r"key|token|secret|password|auth|credential|cookie", re.IGNORECASE)


def hide_in_json(keys: str, value: object) -> object:
    """A JSON value under these keys, without strings whose keys sound like secrets."""
    if isinstance(value, dict):
        return {key: hide_in_json(f"{keys} {key}", item) for key, item in value.items()}
    if isinstance(value, list):
        return [hide_in_json(keys, item) for item in value]
    return HIDDEN if isinstance(value, str) and _MAY_HOLD_A_KEY.search(keys) else value


def without_query(url: str) -> str:
    """A URL with nothing but a mark for its query, which may hold a key."""
    parts = urlsplit(url)
    if not parts.query and not parts.fragment:
        return url
    return parts._replace(query=HIDDEN, fragment="").geturl()
