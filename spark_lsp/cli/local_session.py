"""A session as the server would have it, with one file open, for commands that do their work from the shell."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spark_lsp.cli.text_file import FileProblem, read_text_file
from spark_lsp.features.paths import exclusion
from spark_lsp.session import Session
from spark_lsp.settings.files import WORKSPACE_FILE_NAME, file_layers
from spark_lsp.settings.layers import resolve
from spark_lsp.syntax.grammars import language_of_file

if TYPE_CHECKING:
    from spark_lsp.cli.text_file import TextFile
    from spark_lsp.session import Document

_PARSE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file from the disk as the open document of a session."""

    file: TextFile
    session: Session
    document: Document


def open_file(name: str) -> OpenFile:
    """Read a file and the settings that hold for it, and parse it. Raises `FileProblem`.

    What is wrong with the settings goes to stderr as warnings: the rest of them holds.
    """
    file = read_text_file(name)
    root = workspace_root(file.path)
    resolved = resolve(file_layers(root, os.environ))
    sys.stderr.writelines(f"warning: {problem}\n" for problem in resolved.problems)
    session = Session(settings=resolved.settings, workspace_folders=[str(root)])
    # By any name that it has: a link must not lead around what keeps a file at home.
    for path in (file.path, Path(os.path.realpath(file.path))):
        if reason := exclusion(session, path.as_uri()):
            raise FileProblem(f"Nothing of {name} may be sent, because this file {reason}.")
    document = session.open(file.path.as_uri(), language_of_file(file.path), 1, file.text)
    document.syntax.advance(time.monotonic, _PARSE_SECONDS)
    return OpenFile(file, session, document)


def workspace_root(path: Path) -> Path:
    """The nearest folder above a file that is a workspace by what is in it, or else the file's folder."""
    return next(filter(is_workspace, path.parents), path.parent)


def is_workspace(folder: Path) -> bool:
    """Whether a folder says of itself that it is one."""
    return any(os.path.lexists(folder / name) for name in (".git", WORKSPACE_FILE_NAME))


def line_count(document: Document) -> int:
    """Lines as people count them: the place after the last line ending is none, but in an empty file."""
    lines = document.text.lines
    return len(lines) if lines[-1] or len(lines) == 1 else len(lines) - 1


def check_line(opened: OpenFile, line: int) -> None:
    """Raise `FileProblem` for a line that is not there."""
    count = line_count(opened.document)
    if line > count:
        has = "1 line" if count == 1 else f"{count} lines"
        raise FileProblem(f"{opened.file.name} has {has}: there is no line {line}.")
