"""What is ignored, compared with git itself on generated trees; and our own rules on top."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from spark_lsp.repo.exclude import Exclusions
from spark_lsp.repo.rules import Ground, WorkspaceRules
from spark_lsp.repo.walk import Limits, Walk

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("a", "b", "foo", "bar.py", "x.txt", "build", ".hidden", "a b", "#x", "!y", "q[1]", "Foo", "école", "a.b.c")
PATTERNS = (
    *("*.py", "/a", "a/", "a/b", "a/**", "**/a", "a/**/b", "*", "*/", "/*/", "!x.txt", "\\#x", "\\!y", "foo", "!foo"),
    *(
        "!foo/",
        "/*",
        "!/a",
        "!*.py",
        "!*/",
        "b*",
        "*b",
        "[ab]",
        "[!a]",
        "?",
        "a\\ b",
        "a b  ",
        "q\\[1\\]",
        "# note",
        "",
    ),
    *(
        "**",
        "/**",
        "foo/*",
        "!foo/*.py",
        "build/",
        "/build",
        "**/build/**",
        "!a/**",
        "a.*",
        "*.*.*",
        "a/*/b",
        "!b/",
        ".",
    ),
    *("!bar.py", "!/build/", "bar.py", "x.*", "[[:alpha:]]", "[a-f]oo", "a**b", "**/foo/bar.py", "foo/**/x.txt", "\\a"),
)

NOBODY = {"HOME": "/nowhere", "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="compares with git, which is not installed")


def exclusions(*patterns: str) -> Exclusions:
    return Exclusions.of(patterns)[0]


def walked(root: Path, *, exclude: tuple[str, ...] = (), limits: Limits | None = None) -> list[str]:
    walk = Walk(Ground(root, NOBODY), exclusions(*exclude), lambda _: True, limits or Limits())
    return [found.path for found in walk.found()]


def write(root: Path, **files: str) -> None:
    for name, content in files.items():
        put(root, name, content)


def put(root: Path, path: str, content: str = "") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


def git(root: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *arguments], input=stdin, capture_output=True, text=True, check=False, env=NOBODY
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def grow(root: Path, choose: random.Random) -> list[str]:
    """A tree of files and nested ignore files; the paths of all files in it."""
    folders = [""]
    for _ in range(7):
        folders.append(f"{choose.choice(folders)}{choose.choice(NAMES)}/")
    files = []
    for folder in dict.fromkeys(folders):
        if any(part and (root / folder).parent.is_file() for part in folder.split("/")):
            continue
        for _ in range(3):
            path = f"{folder}{choose.choice(NAMES)}"
            target = root / path
            if not target.exists() and not any(parent.is_file() for parent in target.parents):
                put(root, path)
                files.append(path)
        if choose.random() < 0.5 and (root / folder).is_dir():
            lines = [choose.choice(PATTERNS) for _ in range(choose.randrange(1, 6))]
            put(root, f"{folder}.gitignore", choose.choice(("\n", "\r\n")).join(lines))
    return files


def compare_with_git(root: Path, seed: int) -> None:
    choose = random.Random(seed)
    git(root, "init", "-q")
    files = grow(root, choose)
    if choose.random() < 0.3:
        put(root, ".git/info/exclude", "\n".join(choose.choice(PATTERNS) for _ in range(3)))
    asked = git(root, "check-ignore", "--no-index", "-z", "--stdin", stdin="\0".join(files))
    ignored = set(asked.split("\0")) - {""}
    expected = sorted(set(files) - ignored)
    rules = WorkspaceRules(root, exclusions(), NOBODY)
    detail = {str(file.relative_to(root)): file.read_text() for file in root.rglob(".gitignore")}
    one_by_one = sorted(path for path in files if rules.why_not_indexed(str(root / path)) is None)
    assert one_by_one == expected, detail
    assert sorted(path for path in walked(root) if not path.endswith(".gitignore")) == expected, detail


@needs_git
@pytest.mark.parametrize("seed", range(25))
def test_ignores_what_git_ignores(tmp_path: Path, seed: int) -> None:
    compare_with_git(tmp_path, seed)


@needs_git
@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1600))
def test_ignores_what_git_ignores_in_many_trees(tmp_path: Path, seed: int) -> None:
    compare_with_git(tmp_path, seed)


def test_a_workspace_inside_of_a_repository_keeps_to_the_rules_above_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path, ".gitignore", "packages/*/generated/\n*.log\n")
    put(tmp_path, ".sparkignore", "/packages/one/private.py\n")
    for path in ("generated/a.py", "src/a.py", "src/b.log", "private.py"):
        put(tmp_path, f"packages/one/{path}")
    assert walked(tmp_path / "packages/one") == ["src/a.py"]
    rules = WorkspaceRules(tmp_path / "packages/one", exclusions(), NOBODY)
    assert rules.why_not_sent(str(tmp_path / "packages/one/private.py")) == "is ignored by .sparkignore"
    assert rules.why_not_sent(str(tmp_path / "packages/one/generated/a.py")) is None
    assert rules.why_not_indexed(str(tmp_path / "packages/one/generated/a.py")) == "is ignored by .gitignore"


def test_a_workspace_that_is_ignored_itself_is_still_indexed_but_for_the_rest_of_the_rules(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path, ".gitignore", "scratch/\n")
    put(tmp_path, "scratch/a.py")
    put(tmp_path, "scratch/b.py")
    put(tmp_path, "scratch/.gitignore", "b.py\n")
    assert walked(tmp_path / "scratch") == [".gitignore", "a.py"]


def test_a_workspace_that_sparkignore_names_is_not_indexed(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    put(tmp_path, ".sparkignore", "scratch/\n")
    put(tmp_path, "scratch/a.py")
    assert walked(tmp_path / "scratch") == []


def test_sparkignore_has_the_last_word_over_gitignore(tmp_path: Path) -> None:
    put(tmp_path, ".gitignore", "*.gen.py\n")
    put(tmp_path, ".sparkignore", "!kept.gen.py\ndeep/secret.py\n")
    put(tmp_path, "deep/.sparkignore", "!fine.py\nother.py")
    for path in ("kept.gen.py", "lost.gen.py", "deep/secret.py", "deep/other.py", "deep/fine.py"):
        put(tmp_path, path)
    assert [path for path in walked(tmp_path) if path.endswith(".py")] == ["kept.gen.py", "deep/fine.py"]


def test_no_rule_takes_anything_back_from_the_deny_list(tmp_path: Path) -> None:
    put(tmp_path, ".sparkignore", "!.env\n!server.pem\n")
    for path in (".env", "server.pem", "a/.ssh/id_rsa", "mine/b.py", "c.py"):
        put(tmp_path, path)
    assert walked(tmp_path, exclude=("mine/",)) == [".sparkignore", "c.py"]
    rules = WorkspaceRules(tmp_path, exclusions("mine/"), NOBODY)
    assert "deny list" in str(rules.why_not_sent(str(tmp_path / ".env")))
    assert "privacy.exclude" in str(rules.why_not_sent(str(tmp_path / "mine/b.py")))


def test_a_sparkignore_that_cannot_be_read_keeps_everything_here(tmp_path: Path) -> None:
    put(tmp_path, "a/.sparkignore", "x" * 1_100_000)
    put(tmp_path, "a/b.py")
    put(tmp_path, "c.py")
    assert walked(tmp_path) == ["c.py"]
    assert WorkspaceRules(tmp_path, exclusions(), NOBODY).why_not_sent(str(tmp_path / "a/b.py"))


def test_single_questions_see_that_an_ignore_file_changed(tmp_path: Path) -> None:
    file = put(tmp_path, "src/a.py")
    rules = WorkspaceRules(tmp_path, exclusions(), NOBODY)
    assert rules.why_not_indexed(str(file)) is None
    put(tmp_path, "src/.gitignore", "a.py")
    assert rules.why_not_indexed(str(file)) == "is ignored by .gitignore"
    assert rules.why_not_sent(str(file)) is None
    put(tmp_path, "src/.sparkignore", "a.py")
    assert rules.why_not_sent(str(file)) == "is ignored by .sparkignore"
    (tmp_path / "src/.sparkignore").unlink()
    (tmp_path / "src/.gitignore").unlink()
    assert rules.why_not_indexed(str(file)) is None


def test_folders_that_never_hold_source_are_passed_by(tmp_path: Path) -> None:
    for path in ("node_modules/x/a.js", "venv/a.py", ".git/a.py", "target/a.rs", "out/a.py", "b.py"):
        put(tmp_path, path)
    put(tmp_path, "target/CACHEDIR.TAG")
    assert walked(tmp_path) == ["b.py", "out/a.py"]
    rules = WorkspaceRules(tmp_path, exclusions(), NOBODY)
    assert rules.why_not_indexed(str(tmp_path / "target/a.rs")) == "is in a cache"
    assert rules.why_not_indexed(str(tmp_path / "node_modules/x/a.js")) == "is in a folder node_modules"


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege on Windows")
def test_links_are_never_followed(tmp_path: Path) -> None:
    outside = put(tmp_path, "outside/secret.py").parent
    root = tmp_path / "root"
    put(root, "src/a.py")
    (root / "loop").symlink_to(root)
    (root / "src/up").symlink_to("..")
    (root / "away").symlink_to(outside)
    (root / "away.py").symlink_to(outside / "secret.py")
    (root / "twin.py").symlink_to(root / "src/a.py")
    (root / "dead.py").symlink_to(root / "nothing.py")
    (root / "self.py").symlink_to(root / "self.py")
    os.mkfifo(root / "pipe.py")
    assert walked(root) == ["src/a.py"]
    rules = WorkspaceRules(root, exclusions(), NOBODY)
    for path in ("away.py", "away/secret.py", "loop/away.py"):
        assert rules.why_not_sent(str(root / path)) == "leads out of the workspace", path
    assert rules.why_not_sent(str(root / "twin.py")) is None
    for path in ("twin.py", "loop/src/a.py", "src/up/src/a.py"):
        assert rules.why_not_indexed(str(root / path)) == "is a link, and indexed under its own name"
    assert rules.why_not_indexed(str(root / "src/../src/a.py")) is None
    assert rules.why_not_indexed(str(root / "../outside/secret.py")) == "is not in the workspace"


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege on Windows")
def test_a_link_is_asked_about_under_both_of_its_names(tmp_path: Path) -> None:
    put(tmp_path, ".sparkignore", "private/\n")
    put(tmp_path, "private/a.py")
    (tmp_path / "plain.py").symlink_to(tmp_path / "private/a.py")
    rules = WorkspaceRules(tmp_path, exclusions(), NOBODY)
    assert rules.why_not_sent(str(tmp_path / "plain.py")) == "is ignored by .sparkignore"


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege on Windows")
def test_a_root_that_is_a_link_is_the_folder_that_it_leads_to(tmp_path: Path) -> None:
    put(tmp_path, "real/.sparkignore", "no.py\n")
    put(tmp_path, "real/yes.py")
    put(tmp_path, "real/no.py")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    rules = WorkspaceRules(tmp_path / "link", exclusions(), NOBODY)
    assert rules.why_not_sent(str(tmp_path / "link/yes.py")) is None
    assert rules.why_not_sent(str(tmp_path / "link/no.py")) == "is ignored by .sparkignore"
    assert rules.why_not_sent(str(tmp_path / "real/no.py")) == "is ignored by .sparkignore"


def test_the_walk_is_bounded_and_says_so(tmp_path: Path) -> None:
    for number in range(20):
        put(tmp_path, f"f{number:02}.py", "x" * 100)
    put(tmp_path, "g/late.py")
    for limits, kept in ((Limits(files=5), 5), (Limits(bytes=1050), 10)):
        walk = Walk(Ground(tmp_path, NOBODY), exclusions(), lambda _: True, limits)
        assert len(list(walk.found())) == kept
        assert walk.stopped is not None
    put(tmp_path, "large.py", "x" * 1_000_001)
    assert "large.py" not in walked(tmp_path)


def test_the_users_own_excludes_file_counts(tmp_path: Path) -> None:
    put(tmp_path, "home/.gitconfig", "[core]\n\texcludesFile = ~/mine\n")
    put(tmp_path, "home/mine", "*.tmp.py\n")
    put(tmp_path, "root/a.tmp.py")
    put(tmp_path, "root/a.py")
    ground = Ground(tmp_path / "root", {"HOME": str(tmp_path / "home")})
    assert [found.path for found in Walk(ground, exclusions(), lambda _: True).found()] == ["a.py"]


def test_a_pattern_made_to_be_slow_is_not(tmp_path: Path) -> None:
    put(tmp_path, ".gitignore", "a*" * 40 + "b\n" + "**/a/" * 20 + "c\n")
    put(tmp_path, "a" * 200)
    assert walked(tmp_path) == [".gitignore", "a" * 200]
