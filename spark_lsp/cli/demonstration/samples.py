"""The files that the demo edits, shipped with the package."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Final


@dataclass(frozen=True, slots=True)
class Sample:
    """A file of the package. `name` and `language` are those that it has in the demo."""

    name: str
    language: str

    @property
    def text(self) -> str:
        file = resources.files(__package__) / "samples" / f"{self.name}.txt"
        return file.read_text(encoding="utf-8")


INVOICES: Final = Sample("invoices.py", "python")
CHECKOUT: Final = Sample("checkout.ts", "typescript")
BACKUP: Final = Sample("backup.go", "go")
