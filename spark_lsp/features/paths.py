"""Files by the names that users and models are to see, and whether they may be seen at all."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from spark_lsp.repo.exclude import Exclusions
from spark_lsp.repo.rules import WorkspaceRules

if TYPE_CHECKING:
    from spark_lsp.session import Session

_DRIVE = re.compile(r"/[A-Za-z]:")


def file_path(uri: str) -> str:
    """The path of a document with forward slashes. What is no file on disk keeps the last part of its name."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri.rsplit("/", 1)[-1]
    path = unquote(parts.path)
    if parts.scheme != "file":
        return path.rsplit("/", 1)[-1]
    if parts.netloc:
        return f"//{parts.netloc}{path}"
    return path[1:] if _DRIVE.match(path) else path


def display_path(session: Session, uri: str) -> str:
    """The path below its workspace folder, or the bare name: the way to a home folder is nobody's business."""
    path = file_path(uri)
    root = workspace_root(session, path)
    return path[len(root) + 1 :] if root else path.rsplit("/", 1)[-1]


def exclusion(session: Session, uri: str) -> str | None:
    """Why nothing of a document may be sent, in a few words; None if it may."""
    path = file_path(uri)
    root = workspace_root(session, path)
    patterns = session.settings.privacy.exclude
    if root is not None and uri.startswith("file:"):
        return workspace_rules(Path(root), patterns).why_not_sent(path)
    return _exclusions(patterns).reason(path, root)


def workspace_root(session: Session, path: str) -> str | None:
    """The innermost workspace folder that holds a path."""
    folders = (folder.replace("\\", "/").rstrip("/") for folder in session.workspace_folders)
    return max((folder for folder in folders if path.startswith(f"{folder}/")), key=len, default=None)


@lru_cache(maxsize=16)
def workspace_rules(root: Path, patterns: tuple[str, ...]) -> WorkspaceRules:
    """What may be sent and quoted of a workspace folder, with these patterns of `privacy.exclude`."""
    return WorkspaceRules(root, _exclusions(patterns))


@lru_cache(maxsize=4)
def _exclusions(patterns: tuple[str, ...]) -> Exclusions:
    return Exclusions.of(patterns)[0]
