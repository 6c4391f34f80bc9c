"""How a job stands, as its server says it. Pure; everything in it comes from outside."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from urllib.parse import quote, urlsplit, urlunsplit

from spark_lsp.endpoints.wire import HttpRequest, json_request

if TYPE_CHECKING:
    from spark_lsp.endpoints.events import FinishReason, Units, Usage
    from spark_lsp.endpoints.request import Endpoint

JobState: TypeAlias = Literal["queued", "running", "succeeded", "failed", "cancelled", "unknown"]

LONGEST_ID: Final = 256
"""Code points; OpenAI's have some 50, and proxies are known that hide a route in an id of 200."""

_ACCEPT: Final = {"accept": "application/json"}
_INDEX: Final = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One answer about a job."""

    state: JobState
    """"unknown" if the answer holds no state, or one that has no meaning here."""
    word: str = ""
    """The state as the server calls it, cut short; empty if it says none."""
    job_id: str | None = None
    """None if the answer holds none that can be used."""
    result: str | None = field(default=None, repr=False)
    """What came out, if the answer holds it."""
    reason: FinishReason = "stop"
    """Why a job that succeeded has ended."""
    error: str = field(default="", repr=False)
    """Why a job failed, in the server's own words."""
    error_code: str = ""
    usage: Usage | None = None
    units: Units | None = None

    @property
    def is_over(self) -> bool:
        """Nothing that is to come can change it."""
        return self.state in ("succeeded", "failed", "cancelled")


def usable_id(value: Any) -> str | None:
    """A job's id as it can stand in a path; None for what is no id, or an absurd one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 <= value < 10**30 else None
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value.strip()) <= LONGEST_ID:
        return None
    return value if value.strip(".") and len(value) <= LONGEST_ID else None


def in_path(job_id: str) -> str:
    """An id as one segment of a path."""
    return quote(job_id, safe="")


def word_of(value: Any) -> str:
    """A state as a server calls it, fit for a message; empty for what is no such word."""
    return value if isinstance(value, str) and re.fullmatch(r"[\w.-]{1,40}", value) else ""


def text_of_json(value: Any) -> str:
    """A string from outside, empty for anything else."""
    return value if isinstance(value, str) else ""


def member(body: Any, path: str) -> Any:
    """What stands at a dotted path in JSON; None if nothing does. A number counts elements of a list, from 0."""
    for name in path.split("."):
        if isinstance(body, dict):
            body = body.get(name)
        elif isinstance(body, list) and _INDEX.fullmatch(name) and int(name) < len(body):
            body = body[int(name)]
        else:
            return None
    return body


def amount(value: Any) -> float | None:
    """A number of units from outside; None for what is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def submission(endpoint: Endpoint, url: str, body: dict[str, Any]) -> HttpRequest:
    """The POST of a job."""
    return json_request(endpoint, url, body, more_headers=_ACCEPT)


def without_body(method: str, endpoint: Endpoint, url: str) -> HttpRequest:
    """A request that says everything by its URL."""
    request = json_request(endpoint, url, {}, more_headers=_ACCEPT)
    headers = {name: value for name, value in request.headers.items() if name != "content-type"}
    return HttpRequest(method, url, headers, b"")


def behind(url: str, path: str) -> str:
    """Append to the path of an URL, before its query. Raises ValueError if it cannot be parsed."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))
