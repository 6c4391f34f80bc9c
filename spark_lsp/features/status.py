"""What goes on and how it went: the answer to `spark.status`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from spark_lsp.features.edit_result import EditResult

State: TypeAlias = Literal["ready", "busy", "offline", "limited", "error"]


@dataclass(frozen=True, slots=True)
class BusyWith:
    """A task that runs."""

    task: str
    uri: str


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the server as users and editors see it."""

    state: State
    message: str | None
    endpoint: str
    model: str
    busy: tuple[BusyWith, ...]
    first_token_seconds: float | None = None
    tokens_per_second: float | None = None


class Activity:
    """Keeps what `spark.status` needs to know. `changed` is called whenever it is not the same as before."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._busy: list[BusyWith] = []
        self._failure: str | None = None
        self._first_token: float | None = None
        self._tokens_per_second: float | None = None

    def begin(self, task: str, uri: str) -> None:
        self._busy.append(BusyWith(task, uri))
        self._changed()

    def end(self, task: str, uri: str) -> None:
        self._busy.remove(BusyWith(task, uri))
        self._changed()

    def note(self, result: EditResult) -> None:
        """Remember how the last request went."""
        self._failure = result.message if result.status == "failed" else None
        first_token, total = result.timings.first_token, result.timings.total
        if first_token is not None and total is not None:
            self._first_token = first_token
            if total > first_token and result.status in ("applied", "unchanged"):
                self._tokens_per_second = result.usage.output_tokens / (total - first_token)
        self._changed()

    def note_automatic(self, failure: str | None, first_token: float | None) -> None:
        """Remember how a request went that nobody asked for: it fails in silence, and the status says why."""
        if failure == self._failure and first_token is None:
            return
        self._failure = failure
        if first_token is not None:
            self._first_token = first_token
        self._changed()

    def forget_failure(self) -> None:
        """The settings have changed: what failed before says nothing any more."""
        self._failure = None

    def status(
        self,
        endpoint: tuple[str, str] | str,
        *,
        problem: str | None = None,
        limited: str | None = None,
        why: str | None = None,
    ) -> Status:
        """The status, given the name and the model of the endpoint for edits, or why there is none.

        `problem` is what keeps it from being asked, `limited` until when it is not asked, `why` how it came to be the
        one.
        """
        busy = tuple(self._busy)
        if isinstance(endpoint, str):
            return Status("offline", endpoint, "offline", "", busy)
        problem = self._failure or problem
        state: State = "busy" if busy else "limited" if limited else "error" if problem else "ready"
        return Status(state, limited or problem or why, *endpoint, busy, self._first_token, self._tokens_per_second)
