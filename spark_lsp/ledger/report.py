"""The report on a span of days: figures in all, by day, by task and by model. Pure, but for the machine's time zone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, get_args

from spark_lsp.core.records import Task
from spark_lsp.ledger.days import local_day
from spark_lsp.ledger.figures import Figures, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from spark_lsp.core.records import RequestRecord, VerdictRecord

_Key = TypeVar("_Key")

_TASKS: Final[tuple[str, ...]] = get_args(Task)


class Model(NamedTuple):
    """A model at an endpoint, by their names in the settings."""

    endpoint: str
    model: str


@dataclass(frozen=True, slots=True)
class ModelReport:
    """One model at one endpoint, whatever the task."""

    endpoint: str
    model: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class DayReport:
    """One local day."""

    day: date
    figures: Figures
    models: tuple[ModelReport, ...]
    """In the order of those of the whole report."""


@dataclass(frozen=True, slots=True)
class TaskReport:
    """One task, whatever the model."""

    task: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """What happened from one local day to another, both included. What did not happen has no entry."""

    since: date
    until: date
    total: Figures
    days: tuple[DayReport, ...]
    """Oldest first."""
    tasks: tuple[TaskReport, ...]
    models: tuple[ModelReport, ...]
    """Those with the most requests first."""


class _Group(NamedTuple):
    """The finest group that is counted: all others are put together from these."""

    day: date
    task: str
    model: Model


def report(requests: Iterable[RequestRecord], verdicts: Iterable[VerdictRecord], since: date, until: date) -> Report:
    """The report on what happened from one local day to another; what is outside of them is left out."""
    groups: defaultdict[_Group, Tally] = defaultdict(Tally)
    for request in requests:
        day = local_day(request.started_at)
        if since <= day <= until:
            groups[_Group(day, request.task, Model(request.endpoint, request.model))].add_request(request)
    for verdict in verdicts:
        day = local_day(verdict.at)
        if since <= day <= until:
            groups[_Group(day, verdict.task, Model(verdict.endpoint, verdict.model))].add_verdict(verdict)
    days = _figures(groups, lambda group: group.day)
    models_by_day = _figures(groups, lambda group: (group.day, group.model))
    models = _figures(groups, lambda group: group.model)
    by_requests = sorted(models, key=lambda model: (-models[model].requests, model))
    tasks = _figures(groups, lambda group: group.task)
    return Report(
        since=since,
        until=until,
        total=_figures(groups, lambda _: None).get(None) or Tally().figures(),
        days=tuple(
            DayReport(
                day,
                days[day],
                tuple(
                    ModelReport(*model, models_by_day[day, model])
                    for model in by_requests
                    if (day, model) in models_by_day
                ),
            )
            for day in sorted(days)
        ),
        tasks=tuple(TaskReport(task, tasks[task]) for task in sorted(tasks, key=_task_order)),
        models=tuple(ModelReport(*model, models[model]) for model in by_requests),
    )


def _figures(groups: Mapping[_Group, Tally], key: Callable[[_Group], _Key]) -> dict[_Key, Figures]:
    """The figures of groups that are put together by a key."""
    tallies: defaultdict[_Key, Tally] = defaultdict(Tally)
    for group, tally in groups.items():
        tallies[key(group)].add(tally)
    return {key: tally.figures() for key, tally in tallies.items()}


def _task_order(task: str) -> int:
    return _TASKS.index(task) if task in _TASKS else len(_TASKS)
