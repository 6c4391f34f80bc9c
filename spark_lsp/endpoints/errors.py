"""What can go wrong with an endpoint. Each message is one sentence: what is wrong, and what to do about it.

EndpointError
├── Misconfigured       the settings or the environment are wrong; the same request cannot succeed
│   ├── KeyRefused      the key is missing or refused (401, 403)
│   └── NotFound        no such path or no such model (404)
├── Rejected            the server does not take this request (400, 413, 422 and other 4xx)
├── RateLimited         too many requests or tokens (429)
├── Unreachable         no answer at all: refused, unknown host, TLS, connect timeout
│   └── Dropped         the connection was closed before there was an answer
├── Unavailable         the server is there, but fails or is overloaded (408, 425, 498, 5xx)
├── UnexpectedAnswer    not what the wire speaks: a web page, something that is not JSON
├── TooSlow             no first token in time, a stall, or too long in all
├── Interrupted         the answer began and did not finish: cut, or an error event
├── JobFailed           a job was taken and came to no result: it is not handed in again by itself
├── Paused              not asked at all, because it failed too often just now
└── OverLimit           not asked at all, because of the user's own limits

No message holds a key or a part of the prompt. What a server says in its own words is shortened to one clean line.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Deadline: TypeAlias = Literal["first_token", "stall", "total"]


class EndpointError(Exception):
    """The root of everything that a request to an endpoint raises on purpose."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Misconfigured(EndpointError):
    """Only the user can repair this: a setting, a variable of the environment, a key, the account."""


class KeyRefused(Misconfigured):
    """401 or 403."""


class NotFound(Misconfigured):
    """404: the path or the model does not exist there."""


class Rejected(EndpointError):
    """The server understood where the request goes, but does not take it as it is."""


class RateLimited(EndpointError):
    """429. `retry_after` is what the server asks to wait, in seconds from now; None if it did not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unreachable(EndpointError):
    """No HTTP response came back."""


class Dropped(Unreachable):
    """The connection broke or was closed before there was an answer, as idle ones are: worth another try."""


class Unavailable(EndpointError):
    """The server failed on its own side. `retry_after` is as in RateLimited."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class UnexpectedAnswer(EndpointError):
    """There was an answer, but not one in the wire's format."""


class TooSlow(EndpointError):
    """One of our own deadlines passed; `deadline` says which."""

    def __init__(self, message: str, deadline: Deadline) -> None:
        super().__init__(message)
        self.deadline = deadline


class Interrupted(EndpointError):
    """The stream did not reach its finish. What came before must not be taken for a whole answer."""


class JobFailed(EndpointError):
    """The server took a job and has no result for it: it failed, was called off there, or is not known any more."""


class Paused(EndpointError):
    """Not asked: it is left alone after many failures, for another `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OverLimit(EndpointError):
    """Not asked: the settings under `limits` forbid it; for another `retry_after` seconds, or until tomorrow."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
