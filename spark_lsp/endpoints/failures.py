"""The words for what goes wrong: makes the exception, with its one sentence, from the bare facts.

It knows nothing of HTTP libraries; the transport and the wires say what happened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from spark_lsp.endpoints.errors import (
    Deadline,
    Dropped,
    EndpointError,
    Interrupted,
    KeyRefused,
    Misconfigured,
    NotFound,
    RateLimited,
    Rejected,
    TooSlow,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)
from spark_lsp.endpoints.retry_after import retry_after
from spark_lsp.endpoints.server_error import read_error
from spark_lsp.endpoints.server_words import is_web_page, quotable, value_of_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.endpoints.request import CompletionRequest, Endpoint
    from spark_lsp.endpoints.server_error import ServerError

_LONGEST_WAIT = 7 * 86_400.0  # seconds: whatever a server asks for, a time on the clock can be made of it

# A model that few accounts ever had, and what servers say of a model that an account does not have.
_PREVIEW_MODEL = "gpt-5.3-codex-spark"
_NOT_OFFERED = re.compile(
    r"not exist|not found|not supported|not available|unavailable|not allowed|no access|n[o']t have access",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Failures:
    """What can go wrong with one request to one URL. `place` is the URL without anything secret."""

    endpoint: Endpoint
    request: CompletionRequest = field(repr=False)
    place: str

    # Before there is an answer

    def configuration(self, problem: str) -> EndpointError:
        """`problem` is a clause that says what to change, such as "baseUrl is not a URL: correct it"."""
        return Misconfigured(f'The endpoint "{self.endpoint.name}" cannot be used: {problem}.')

    def unreachable(self, problem: str) -> EndpointError:
        """`problem` is what happened and what to do, such as "refuses connections: start the server"."""
        return Unreachable(f"The endpoint at {self.place} {problem}.")

    def dropped(self) -> EndpointError:
        return Dropped(
            f"The endpoint at {self.place} closed the connection without an answer in HTTP: "
            "check baseUrl, and try again."
        )

    def deadline(self, deadline: Deadline) -> EndpointError:
        timeouts = self.endpoint.timeouts
        match deadline:
            case "first_token":
                problem = (
                    f"sent no first token within {timeouts.first_token:g} s: try again or raise timeouts.firstToken"
                )
            case "stall":
                problem = (
                    f"stalled for {timeouts.stall:g} s in the middle of its answer: try again or raise timeouts.stall"
                )
            case "total":
                problem = f"took longer than {timeouts.total:g} s: ask for less or raise timeouts.total"
        return TooSlow(f"The endpoint at {self.place} {problem}.", deadline)

    # An answer that is an error

    def status(self, status: int, headers: Mapping[str, str], body: bytes) -> EndpointError:
        """Any status but 2xx. Header names in lower case; `body` may be cut short."""
        if is_web_page(headers.get("content-type", ""), body):
            return self._web_page_with_status(status, headers)
        if 300 <= status < 400:
            return self._redirect(status, headers)
        error = read_error(value_of_body(body), status)
        wait = retry_after(headers)
        return self._said(error, error.retry_after if wait is None else wait)

    def reported(self, chunk: dict[str, Any]) -> EndpointError:
        """`chunk` is or holds an error, in place of or in the middle of an answer whose status was 200."""
        error = read_error(chunk)
        if error.kind:
            return self._said(error, error.retry_after)
        said = self._quotable(error.words)
        return Interrupted(f"The endpoint at {self.place} broke off with an error{_details(said)}: try again.")

    def _said(self, error: ServerError, wait: float | None) -> EndpointError:
        """What a server says of itself. `wait` is in seconds."""
        wait = _bounded(wait)
        status = f"HTTP {error.status}" if error.status is not None else ""
        details = _details(status, self._quotable(error.words))
        name, model = self.endpoint.name, self.endpoint.model
        if self._is_closed_preview(error):
            return NotFound(
                f"The endpoint at {self.place} does not offer the model {model}{details}: access to Codex-Spark was by "
                'preview, so set another model (such as model = "gpt-6-luna"), or one that has a fast service tier and '
                'ask for that (extraBody.service_tier = "priority" or "ultrafast").'
            )
        match error.kind:
            case "key":
                return KeyRefused(self._refused_key(_details(status)))
            case "no access":
                return KeyRefused(
                    f"The endpoint at {self.place} denies access{details}: "
                    f"see that {self._key()} may use the model {model}."
                )
            case "no model":
                return NotFound(
                    f"The endpoint at {self.place} does not know this path or the model {model}{details}: "
                    "check baseUrl and model."
                )
            case "no credit":
                return Misconfigured(
                    f"The endpoint at {self.place} says that the account has no credit left{details}: "
                    "add some with the provider, or use another endpoint."
                )
            case "rate limit":
                return RateLimited(
                    f"The endpoint at {self.place} limits the rate for the model {model}{details}: {_again(wait)}.",
                    wait,
                )
            case "overloaded":
                return Unavailable(f"The endpoint at {self.place} is overloaded{details}: {_again(wait)}.", wait)
            case "too much":
                return Rejected(
                    f"The endpoint at {self.place} says that this is too much for the model {model}{details}: "
                    f"select less, lower context.tokens, or correct contextTokens of the endpoint {name}."
                )
            case "not supported":
                return Rejected(
                    f"The endpoint at {self.place} cannot do this with the model {model}{details}: "
                    f"check model and wire of the endpoint {name}."
                )
            case "rejected":
                return Rejected(
                    f"The endpoint at {self.place} rejected the request{details}: "
                    f"check model, extraBody and contextTokens of the endpoint {name}."
                )
            case "":
                return Unavailable(f"The endpoint at {self.place} failed{details}: {_again(wait)}.", wait)

    def _is_closed_preview(self, error: ServerError) -> bool:
        if self.endpoint.model.rpartition("/")[2] != _PREVIEW_MODEL:
            return False
        said_so = "model" in error.words.lower() and _NOT_OFFERED.search(error.words) is not None
        return "model_not_found" in error.codes or (error.kind in ("no model", "no access", "rejected") and said_so)

    # An answer that is none

    def web_page(self) -> EndpointError:
        return UnexpectedAnswer(
            f"The endpoint at {self.place} answered with a web page: check baseUrl, and any proxy in between."
        )

    def unreadable(self) -> EndpointError:
        return UnexpectedAnswer(
            f"The endpoint at {self.place} sent something that is not JSON of the wire {self.endpoint.wire}: "
            "check baseUrl and wire."
        )

    def too_large(self) -> EndpointError:
        return UnexpectedAnswer(
            f"The endpoint at {self.place} sent an event of more than 8 MiB: check baseUrl and wire."
        )

    def silent(self) -> EndpointError:
        return Interrupted(
            f"The endpoint at {self.place} ended its answer without saying anything: "
            "try again, and check baseUrl and wire if it stays so."
        )

    def cut(self) -> EndpointError:
        return Interrupted(f"The endpoint at {self.place} ended its answer before it was finished: try again.")

    # Wording

    def _web_page_with_status(self, status: int, headers: Mapping[str, str]) -> EndpointError:
        wait = _bounded(retry_after(headers))
        problem = f"The endpoint at {self.place} answered with a web page (HTTP {status})"
        look = "check baseUrl, and any proxy in between"
        match status:
            case 404:
                return NotFound(f"{problem}: {look}.")
            case 429:
                return RateLimited(f"{problem} that limits the rate: {_again(wait)}.", wait)
            case _ if 300 <= status < 400:
                return self._redirect(status, headers)
            case _ if status >= 500:
                return Unavailable(f"{problem}: {_again(wait)}, or {look}.", wait)
            case _:
                return UnexpectedAnswer(f"{problem}: {look}.")

    def _redirect(self, status: int, headers: Mapping[str, str]) -> EndpointError:
        try:
            target = urlsplit(headers.get("location", ""))
            host = target.netloc.rpartition("@")[2]
            place = self._quotable(urlunsplit((target.scheme, host, target.path, "", "")))
        except ValueError:
            place = ""
        return Misconfigured(
            f"The endpoint at {self.place} redirects to {place or 'another address'} (HTTP {status}), which is not "
            "followed so that the key goes nowhere else: set baseUrl to the final address."
        )

    def _refused_key(self, details: str) -> str:
        name, source = self.endpoint.name, self.endpoint.api_key_source
        if self.endpoint.api_key is not None:
            return f"The endpoint at {self.place} refused the API key{details}: put a valid key into {self._source()}."
        if source is not None:
            return f"The endpoint at {self.place} needs an API key{details}, but {source} gives none: set it."
        return (
            f"The endpoint at {self.place} needs an API key{details}, but none is configured: "
            f"set endpoints.{name}.apiKeyEnv or endpoints.{name}.apiKeyCommand."
        )

    def _key(self) -> str:
        if self.endpoint.api_key is None:
            return "a request without an API key"
        return f"the API key from {self._source()}"

    def _source(self) -> str:
        return self.endpoint.api_key_source or f"the settings of the endpoint {self.endpoint.name}"

    def _quotable(self, words: str) -> str:
        held = [self.endpoint.api_key or "", *self.endpoint.headers.values()]
        secrets = [word for value in held for word in value.split() if len(word) >= 6]
        said = quotable(words, secrets=secrets, prompt=self.request.prompt.texts)
        return f'"{said}"' if said else ""


def _details(*parts: str) -> str:
    """Return what is known in brackets: facts as they are, a server's own words in quotes."""
    return f" ({', '.join(part for part in parts if part)})" if any(parts) else ""


def _bounded(wait: float | None) -> float | None:
    return None if wait is None else min(wait, _LONGEST_WAIT)


def _again(wait: float | None) -> str:
    return "try again later" if wait is None else f"try again in {max(1, round(wait))} s"


def failures_for(endpoint: Endpoint, request: CompletionRequest, url: str) -> Failures:
    """Make the Failures of a request to `url`: host, port and path appear in messages, user and query never."""
    try:
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2] + parts.path
    except ValueError:
        place = ""
    return Failures(endpoint, request, place or endpoint.name)
