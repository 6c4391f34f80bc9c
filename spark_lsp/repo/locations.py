"""What the graph answers with: places in the files of a workspace. Paths are relative to its root, with slashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spark_lsp.core.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Location:
    """A definition and the file that it is in. A file as a whole is a module without lines."""

    path: str
    symbol: Symbol

    @property
    def is_file(self) -> bool:
        """Whether it is a whole file."""
        return self.symbol.kind == "module" and self.symbol.end == 0


@dataclass(frozen=True, slots=True)
class Use:
    """A line that uses a definition, and the innermost function around it, or else what there is around it."""

    path: str
    line: int
    user: Symbol | None
    certain: bool
    """What is used there is the definition, as far as imports tell; otherwise only the names agree."""
