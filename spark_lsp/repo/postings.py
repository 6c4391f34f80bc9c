"""In which files a name occurs: most are in one or two, and some in nearly all."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Postings:
    """Sets of files by the number of a name; a file is a number too. A single file costs no list."""

    def __init__(self) -> None:
        self._files: dict[int, int | array[int]] = {}

    def files(self, name: int | None) -> Sequence[int]:
        """The files of a name, in no order that means anything. Not to be changed."""
        found = None if name is None else self._files.get(name)
        if found is None:
            return ()
        return (found,) if isinstance(found, int) else found

    def replace(self, file: int, before: Iterable[int], after: Iterable[int]) -> None:
        """A file had some names and has others now."""
        old, new = set(before), set(after)
        for name in old - new:
            self._discard(name, file)
        for name in new - old:
            self._add(name, file)

    def _add(self, name: int, file: int) -> None:
        found = self._files.setdefault(name, file)
        if isinstance(found, int):
            if found != file:
                self._files[name] = array("I", (found, file))
        else:
            found.append(file)

    def _discard(self, name: int, file: int) -> None:
        found = self._files.get(name)
        if found is None:
            return
        if isinstance(found, int):
            del self._files[name]
            return
        found.remove(file)
        if len(found) == 1:
            self._files[name] = found[0]
