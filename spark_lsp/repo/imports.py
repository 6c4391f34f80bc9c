"""The imports of one file, by what the file calls what it imports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spark_lsp.repo.languages import language_of, local_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spark_lsp.core.symbols import Import
    from spark_lsp.repo.file_table import FileTable


@dataclass(frozen=True, slots=True)
class Imports:
    """What a file imports, in its order."""

    all: Sequence[Import] = ()
    by_name: Mapping[str, Sequence[Import]] | None = None
    stars: Sequence[Import] = ()
    """All names of a module."""

    def called(self, name: str) -> Sequence[Import]:
        """The imports that a name may be of."""
        return (self.by_name or {}).get(name, ())


def imports_of(table: FileTable | None) -> Imports:
    """The imports of a file, which may not be there."""
    if table is None:
        return Imports()
    language = language_of(table.language)
    found = table.all_imports()
    by_name: dict[str, list[Import]] = {}
    stars = []
    for one in found:
        if one.name == "*" and not one.alias:
            stars.append(one)
        else:
            by_name.setdefault(local_name(one, language), []).append(one)
    return Imports(found, by_name, stars)
