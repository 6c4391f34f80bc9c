"""The development data, where it is there: real commits beside the checkout."""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


def rows(name: str) -> list[dict[str, Any]]:
    """All rows of a file of the data; ends the benchmark with a reason if it is not there."""
    path = Path(os.environ.get("SPARK_DATA", _BESIDE)) / f"{name}.jsonl.gz"
    if not path.exists():
        print(f"skipped: {path.name} is not there; name the folder that holds it in SPARK_DATA")
        sys.exit(0)
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
