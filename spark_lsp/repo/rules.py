"""Which files may be sent, and which belong to the index: ignore files, the deny list, and where links lead.

Two questions. What may be *sent* is up to the deny list, `privacy.exclude` and `.sparkignore`: these hold for an open
file as well. What is *indexed*, and so turns up in prompts about other files, is also up to `.gitignore` and its
like, and to what is never source. Where a `.sparkignore` speaks of an entry, it has the last word over `.gitignore`.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from spark_lsp.repo.ignore_patterns import IgnorePatterns, parse_ignore_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from spark_lsp.repo.exclude import Exclusions

GIT_IGNORE: Final = ".gitignore"
SPARK_IGNORE: Final = ".sparkignore"
IGNORE_FILES: Final = (GIT_IGNORE, SPARK_IGNORE)

NEVER_SOURCE: Final = frozenset(
    (
        *(".git", ".hg", ".svn", ".bzr", ".jj", ".sl", "CVS", "_darcs"),
        *("node_modules", "bower_components", ".yarn", ".pnpm-store"),
        *(".venv", "venv", "__pycache__", "__pypackages__", "site-packages", ".tox", ".nox", ".eggs"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints"),
        *(".gradle", ".terraform", ".cache", ".next", ".nuxt", ".svelte-kit", ".parcel-cache", ".turbo"),
    )
)
"""Names of folders that hold no source of the workspace, whether or not somebody ignores them."""

CACHE_TAG: Final = "CACHEDIR.TAG"
"""A folder with such a file is a cache (bford.info/cachedir), as Cargo's `target` is."""

_LARGEST_IGNORE_FILE: Final = 1024 * 1024
_CASE_COUNTS: Final = sys.platform not in ("win32", "darwin")


@dataclass(frozen=True, slots=True)
class Level:
    """What the ignore files of one folder say."""

    base: int
    """How many characters of an entry's path are the folder's."""
    git: tuple[IgnorePatterns, ...] = ()
    """The strongest first."""
    spark: IgnorePatterns | None = None
    unreadable: bool = False
    """There is a .sparkignore that cannot be read: who knows what it says."""


Levels = tuple[Level, ...]
"""The folders around an entry that have ignore files, the nearest first."""


def spark_verdict(levels: Levels, entry: str) -> bool | None:
    """Whether the .sparkignore files ignore an entry; None if they do not speak of it."""
    for level in levels:
        if level.unreadable:
            return True
        if level.spark is not None and (verdict := level.spark.verdict(entry[level.base :])) is not None:
            return verdict
    return None


def git_verdict(levels: Levels, entry: str) -> bool | None:
    """The same for .gitignore, .git/info/exclude and the user's own excludes file."""
    for level in levels:
        for patterns in level.git:
            if (verdict := patterns.verdict(entry[level.base :])) is not None:
                return verdict
    return None


def ignored(levels: Levels, entry: str) -> str | None:
    """Why an entry is not indexed, as far as ignore files go."""
    verdict = spark_verdict(levels, entry)
    if verdict is not None:
        return f"is ignored by {SPARK_IGNORE}" if verdict else None
    return f"is ignored by {GIT_IGNORE}" if git_verdict(levels, entry) else None


def read_patterns(path: Path) -> tuple[IgnorePatterns | None, bool]:
    """The patterns of an ignore file, if there are any; and whether there is a file that cannot be read."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return None, False
        if found.st_size > _LARGEST_IGNORE_FILE:
            return None, True
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None, False
    except (OSError, ValueError):
        return None, True
    return parse_ignore_file(content.decode("utf-8", "surrogateescape")), False


def read_level(folder: Path, base: int) -> Level | None:
    """What the ignore files in a folder say; None if they say nothing."""
    git, _ = read_patterns(folder / GIT_IGNORE)
    spark, unreadable = read_patterns(folder / SPARK_IGNORE)
    if git is None and spark is None and not unreadable:
        return None
    return Level(base, (git,) if git else (), spark, unreadable)


class Ground:
    """A workspace's root, and the ignore files that are above it: those of the repository that it is a part of.

    Entries are relative to `top`, the repository's own root; `prefix` is what that puts before a path of the workspace.
    """

    def __init__(self, root: Path, environment: Mapping[str, str] = os.environ) -> None:
        self.root = Path(os.path.realpath(root))
        self.top = next((folder for folder in (self.root, *self.root.parents) if _is_repository(folder)), self.root)
        inner = self.root.relative_to(self.top).as_posix()
        self.prefix = "" if inner == "." else f"{inner}/"
        excludes = (read_patterns(path)[0] for path in (*_info_excludes(self.top), *_user_excludes(environment)))
        weakest = tuple(patterns for patterns in excludes if patterns)
        self.base_levels: Levels = (Level(0, weakest),) if weakest else ()

    def folders_above(self) -> Iterator[tuple[Path, int]]:
        """The folders from the repository's root down to the one above the workspace, with their levels' bases."""
        folder, base = self.top, 0
        for name in self.prefix.split("/")[:-1]:
            yield folder, base
            folder, base = folder / name, base + len(name) + 1

    def levels_above(self) -> Levels:
        """What all of them say."""
        levels = self.base_levels
        for folder, base in self.folders_above():
            levels = with_level(levels, read_level(folder, base))
        return levels

    def relative(self, path: str) -> str | None:
        """A path in the workspace, relative to its root and with slashes; None for one that is not in it."""
        whole, root = _slashes(path), _slashes(str(self.root)).rstrip("/")
        if _same_case(whole[: len(root) + 1]) != _same_case(f"{root}/"):
            return None
        return whole[len(root) + 1 :]


def with_level(levels: Levels, level: Level | None) -> Levels:
    """Levels with one more, the nearest."""
    return levels if level is None else (level, *levels)


class WorkspaceRules:
    """The questions about single files. Reads ignore files, and again when they have changed: a few looks at a disk."""

    def __init__(self, root: Path, exclusions: Exclusions, environment: Mapping[str, str] = os.environ) -> None:
        self.ground = Ground(root, environment)
        self._root_as_given = os.path.abspath(root)  # noqa: PTH100 (Path.absolute leaves detours in)
        self._exclusions = exclusions
        self._levels: dict[Path, tuple[tuple[object, object], Level | None]] = {}

    def why_not_sent(self, path: str) -> str | None:
        """Why nothing of a file, open or not, may be in a prompt: a few words, or None if it may."""
        names = self._names(path)
        if isinstance(names, str):
            return names
        for whole, inner in names:
            if reason := self._exclusions.reason(whole, str(self.ground.root)):
                return reason
            if inner is not None:
                for levels, entry in self._way_to(inner):
                    if spark_verdict(levels, entry):
                        return f"is ignored by {SPARK_IGNORE}"
        return None

    def why_not_indexed(self, path: str) -> str | None:
        """Why a file does not belong to the index, by its path."""
        if reason := self.why_not_sent(path):
            return reason
        names = self._names(path)
        if isinstance(names, str):
            return names
        _, inner = names[-1]
        if inner is None:
            return "is not in the workspace"
        given = names[0][1]
        if given is not None and _same_case(given) != _same_case(inner):
            return "is a link, and indexed under its own name"
        *folders, _ = inner.split("/")
        if found := next((name for name in folders if name in NEVER_SOURCE), None):
            return f"is in a folder {found}"
        for levels, entry in self._way_to(inner):
            if reason := ignored(levels, entry):
                return reason
        folder = self.ground.root
        for name in folders:
            folder /= name
            if (folder / CACHE_TAG).exists():
                return "is in a cache"
        return None

    def _names(self, path: str) -> list[tuple[str, str | None]] | str:
        """A file's names, as it was given and without links, each with its part under the root; or what is wrong."""
        given = os.path.abspath(path)  # noqa: PTH100
        try:
            real = os.path.realpath(given)
        except (OSError, ValueError):
            return "cannot be found"
        inner = self.ground.relative(real)
        start = self._root_as_given + os.sep
        if given.startswith(start):
            given = os.path.join(self.ground.root, given[len(start) :])  # noqa: PTH118
        given_inner = self.ground.relative(given)
        if given_inner is not None and inner is None:
            return "leads out of the workspace"
        return list(dict.fromkeys(((given, given_inner), (real, inner))))

    def _way_to(self, inner: str) -> Iterator[tuple[Levels, str]]:
        """The folders on the way to a file and the file itself, as entries, each with the levels around it."""
        ground = self.ground
        levels = ground.base_levels
        for folder, base in ground.folders_above():
            levels = with_level(levels, self._level(folder, base))
            name = ground.prefix[base:].partition("/")[0]
            yield levels, ground.prefix[: base + len(name) + 1]
        folder, base = ground.root, len(ground.prefix)
        whole = ground.prefix + inner
        while True:
            levels = with_level(levels, self._level(folder, base))
            end = whole.find("/", base)
            if end < 0:
                yield levels, whole
                return
            yield levels, whole[: end + 1]
            folder /= whole[base:end]
            base = end + 1

    def _level(self, folder: Path, base: int) -> Level | None:
        marks = (_mark(folder / GIT_IGNORE), _mark(folder / SPARK_IGNORE))
        known = self._levels.get(folder)
        if known is None or known[0] != marks:
            level = None if marks == (None, None) else read_level(folder, base)
            known = self._levels[folder] = (marks, level)
        return known[1]


def _mark(path: Path) -> object:
    """What changes when a file does."""
    try:
        found = os.stat(path)  # noqa: PTH116 (asked for every folder on the way, so it counts)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return type(error)
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode


def _same_case(path: str) -> str:
    return path if _CASE_COUNTS else path.casefold()


def _slashes(path: str) -> str:
    return path.replace("\\", "/") if os.sep == "\\" else path


def _is_repository(folder: Path) -> bool:
    try:
        return (folder / ".git").exists()
    except OSError:
        return False


def _info_excludes(top: Path) -> list[Path]:
    """The repository's own exclude file. In a further working tree, `.git` is a file that names its folder."""
    git = top / ".git"
    try:
        if git.is_file():
            content = git.read_text("utf-8", "surrogateescape")[:4096]
            git = top / content.removeprefix("gitdir:").strip()
            common = git / "commondir"
            if common.is_file():
                git = git / common.read_text("utf-8", "surrogateescape")[:4096].strip()
    except (OSError, ValueError):
        return []
    return [git / "info" / "exclude"]


def _user_excludes(environment: Mapping[str, str]) -> list[Path]:
    """The user's own excludes file: what the configuration says in the plainest way, or else the usual place."""
    home = environment.get("HOME") or environment.get("USERPROFILE")
    folder = environment.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else None)
    for configuration in (f"{home}/.gitconfig" if home else None, f"{folder}/git/config" if folder else None):
        try:
            text = Path(configuration).read_text("utf-8", "replace")[:_LARGEST_IGNORE_FILE] if configuration else ""
        except (OSError, ValueError):
            continue
        found = re.search(r"(?im)^\s*excludesfile\s*=\s*\"?([^\"#;\n]+?)\"?\s*$", text)
        if found:
            named = found[1]
            return [Path(f"{home}{named[1:]}" if named.startswith("~/") and home else named)]
    return [Path(folder) / "git" / "ignore"] if folder else []
