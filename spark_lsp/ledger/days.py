"""Days as the user's clock on the wall has them: from one local midnight to the next, be it 23, 24 or 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time


def local_day(seconds: float) -> date:
    """The day of a time in seconds since the epoch; the first or the last day for one that no calendar holds."""
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).astimezone().date()
    except (OverflowError, OSError, ValueError):
        return date.max if seconds > 0 else date.min


def midnight(day: date) -> float:
    """When a day begins, in seconds since the epoch. Where the clock skips midnight, it is when the clock skips it."""
    return datetime.combine(day, time.min).timestamp()
