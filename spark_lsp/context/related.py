"""What was chosen, in the words and the order of a prompt: what changes least comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spark_lsp.core.prompt import RelatedCode

if TYPE_CHECKING:
    from spark_lsp.context.parts import Chosen

DEFINITIONS = "Definitions from other files of the repository, in excerpts:"
SKELETON = "From the rest of this file, in excerpts:"
RECENT = "Changed a moment ago:"
DIAGNOSTICS = "Reported by the editor's tools:"
DEPENDENCIES = "Declared dependencies:"


def related_code(chosen: Chosen) -> tuple[RelatedCode, ...]:
    """The parts that are not the code right before and behind the place."""
    found = [RelatedCode("manifest", DEPENDENCIES, part.text, is_code=False) for part in chosen.of("manifest")]
    pieces: list[str] = []
    last = None
    for part in chosen.of("definition", "caller", "sibling"):
        if part.path != last:
            pieces.append(heading_of(part.path))
        pieces.append(part.text)
        last = part.path
    if pieces:
        found.append(RelatedCode("definitions", DEFINITIONS, "".join(pieces)))
    for kind, heading in (("skeleton", SKELETON), ("recent edit", RECENT), ("diagnostic", DIAGNOSTICS)):
        text = "".join(part.text for part in chosen.parts if part.kind == kind)
        if text:
            found.append(RelatedCode(kind, heading, text))
    return tuple(found)


def heading_of(path: str) -> str:
    """The line that names a file."""
    return f"{path}:\n"
