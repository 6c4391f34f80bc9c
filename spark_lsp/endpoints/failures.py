"""The words for what goes wrong: makes the exception, with its one sentence, from the bare facts.

It knows nothing of HTTP libraries; the transport and the wires say what happened.
"""

from __future__ import annotations

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
from spark_lsp.endpoints.server_words import is_web_page, quotable, words_of_body, words_of_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spark_lsp.endpoints.request import CompletionRequest, Endpoint

_BUSY = {408, 425, 498, 503, 529}  # 498: Groq is at capacity; 529: Anthropic is overloaded


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
            f"The endpoint at {self.place} closed the connection without an answer in HTTP: check baseUrl, and try again."
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
        said = self._quotable(words_of_body(body))
        details = _details(f"HTTP {status}", said)
        model = self.endpoint.model
        wait = retry_after(headers)
        match status:
            case 401:
                return KeyRefused(self._refused_key())
            case 403:
                return KeyRefused(
                    f"The endpoint at {self.place} denies access{details}: "
                    f"see that {self._key()} may use the model {model}."
                )
            case 404:
                return NotFound(
                    f"The endpoint at {self.place} does not know this path or the model {model}{details}: "
                    "check baseUrl and model."
                )
            case 429:
                return self._rate_limit(said, wait)
            case _ if 300 <= status < 400:
                return self._redirect(status, headers)
            case _ if status >= 500 or status in _BUSY:
                state = "is overloaded" if status in _BUSY else "failed"
                return Unavailable(f"The endpoint at {self.place} {state}{details}: {_again(wait)}.", wait)
            case _:
                return Rejected(
                    f"The endpoint at {self.place} rejected the request{details}: "
                    f"check model, extraBody and contextTokens of the endpoint {self.endpoint.name}."
                )

    def reported(self, chunk: dict[str, Any]) -> EndpointError:
        """`chunk` holds an `error`, in place of or in the middle of an answer whose status was 200."""
        said = self._quotable(words_of_value(chunk))
        error = chunk.get("error")
        codes = {chunk.get("status_code")}  # Cerebras
        if isinstance(error, dict):
            codes |= {value for value in (error.get("code"), error.get("type")) if isinstance(value, int | str)}
        if codes & {429, "429", "rate_limit_exceeded", "rate_limit_error"}:
            return self._rate_limit(said, None)
        return Interrupted(f"The endpoint at {self.place} broke off with an error{_details(said)}: try again.")

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
        wait = retry_after(headers)
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

    def _rate_limit(self, said: str, wait: float | None) -> EndpointError:
        return RateLimited(
            f"The endpoint at {self.place} limits the rate for the model {self.endpoint.model}"
            f"{_details('HTTP 429', said)}: {_again(wait)}.",
            wait,
        )

    def _refused_key(self) -> str:
        name, source = self.endpoint.name, self.endpoint.api_key_source
        if self.endpoint.api_key is not None:
            return (
                f"The endpoint at {self.place} refused the API key (HTTP 401): put a valid key into {self._source()}."
            )
        if source is not None:
            return f"The endpoint at {self.place} needs an API key (HTTP 401), but {source} gives none: set it."
        return (
            f"The endpoint at {self.place} needs an API key (HTTP 401), but none is configured: "
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
