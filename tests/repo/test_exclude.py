"""Which files never leave the machine."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from spark_lsp.repo.exclude import DENY_LIST, Exclusions

NOTHING, _ = Exclusions.of([])


@pytest.mark.parametrize(
    "path",
    [
        *(".env", ".env.local", ".env.production", "service/.env", "production.env", ".envrc", ".dev.vars"),
        *("server.pem", "tls/server.key", "cert.crt", "store.p12", "store.pfx", "app.jks", "release.keystore"),
        *("id_rsa", "id_rsa_work", "id_ed25519", "id_ecdsa_sk", "deploy_rsa", "keys/deploy_ed25519"),
        *("/home/ann/.ssh/config", "/home/ann/.ssh/known_hosts", "/home/ann/.gnupg/private-keys-v1.d/1"),
        *("vault.kdbx", ".netrc", "_netrc", ".npmrc", ".pypirc", ".git-credentials", ".pgpass", ".htpasswd"),
        *("/home/ann/.aws/credentials", "/home/ann/.docker/config.json", "/home/ann/.kube/config"),
        *("terraform.tfstate", "terraform.tfstate.backup", "production.tfvars", "a.auto.tfvars.json"),
        *("secrets.yml", "secrets.yaml", "config/app-secrets.yaml", "credentials.json", ".streamlit/secrets.toml"),
        *("my-service-account.json", "client_secret_123.apps.json", ".bash_history", "etc/shadow"),
    ],
)
def test_what_the_deny_list_holds(path: str) -> None:
    reason = NOTHING.reason(path)
    assert reason
    assert reason.startswith("matches the built-in deny list (")


@pytest.mark.parametrize(
    "path",
    [
        *(".env.example", ".env.sample", ".env.template", "web/.env.example"),
        *("id_rsa.pub", "id_ed25519.pub", "/home/ann/.ssh/id_rsa.pub", "/home/ann/.ssh/project.pub"),
        *("environment.py", "env.py", "monkey.py", "keys.py", "keyboard.ts", "pem.go", "secrets.py", "secret.go"),
        *("src/secrets/loader.py", "src/credentials/form.ts", "src/identity/user.py", "scripts/gcloud/deploy.py"),
        *("docker/config.json", "kube/config", "aws/credentials.py", "config.json", "main.tf", "variables.tf"),
        *("locales/en/auth.json", "README.md", "Makefile", "package.json", "src/my_rsa/key_schedule.c"),
    ],
)
def test_what_may_be_sent(path: str) -> None:
    assert NOTHING.reason(path) is None


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("server.pem", "*.pem"),
        ("SERVER.PEM", "*.pem"),
        ("C:\\Users\\Ann\\.SSH\\config", ".ssh/**"),
        ("c:/Users/Ann/.aws/Credentials", "credentials"),
        ("\\\\server\\share\\.env", ".env"),
        ("//?/C:/project/.Env", ".env"),
        ("src/../.env", ".env"),
        ("src\\..\\tls\\.\\a.key", "*.key"),
        ("new\nline/.env", ".env"),
    ],
)
def test_any_spelling_is_denied(path: str, pattern: str) -> None:
    assert NOTHING.reason(path) == f"matches the built-in deny list ({pattern})"


@pytest.mark.parametrize(
    "path", [".env.", ".env ", ".env. .", "a/.env::$DATA", "a.pem:x", "odd:name.pem", ".ssh./config"]
)
def test_names_that_windows_reads_as_others_are_denied(path: str) -> None:
    assert NOTHING.reason(path)


@pytest.mark.parametrize("pattern", ["!.env", "!*.pem", "!/.env", "!**", "!*", "!**/.ssh/**"])
def test_a_user_cannot_take_back_what_is_denied(pattern: str) -> None:
    exclusions, problems = Exclusions.of(["*.md", pattern])
    assert not problems
    assert exclusions.reason(".env", "/project")
    assert exclusions.reason("/project/.env", "/project")
    assert exclusions.reason("/home/ann/.ssh/config", "/project")
    assert exclusions.reason("a.pem")


@given(st.sampled_from(sorted({pattern for group in DENY_LIST.values() for pattern in group})))
def test_every_pattern_of_the_deny_list_denies_what_it_names(pattern: str) -> None:
    if pattern.startswith("!"):
        return
    path = pattern.replace("**", "x/y").replace("*", "x").replace("[0-9]", "0").replace("[-._]", "-")
    assert NOTHING.reason(f"/some/where/{path}")
    assert NOTHING.reason(f"D:\\some\\where\\{path}".replace("/", "\\").upper())


@pytest.mark.parametrize(
    ("patterns", "path", "root", "excluded"),
    [
        (["*.log"], "a/b.log", None, True),
        (["*.log"], "/project/a/b.log", "/project", True),
        (["*.log"], "/elsewhere/b.log", "/project", True),
        (["/a.txt"], "/project/a.txt", "/project", True),
        (["/a.txt"], "/project/b/a.txt", "/project", False),
        (["/a.txt"], "a.txt", "/project", True),
        (["/a.txt"], "/project/a.txt", "/project/", True),
        (["/a.txt"], "/a.txt", "/", True),
        (["/a.txt"], "/workshop/a.txt", "/project", False),
        (["/project"], "/project/a.txt", "/project", False),
        (["internal/"], "src/internal/x.py", None, True),
        (["internal/"], "internal", None, False),
        (["/src/*/private"], "C:\\work\\src\\api\\private\\x.py", "C:\\work", True),
        (["/src/*/private"], "c:/Work/src/api/private/x.py", "C:\\work", True),
        (["*.json", "!package.json"], "package.json", None, False),
        (["*.json", "!package.json"], "other.json", None, True),
        (["*.json", "!package.json", "*.json"], "package.json", None, True),
        (["!package.json", "*.json"], "package.json", None, True),
        (["Notes.md"], "notes.MD", None, True),
        (["docs\\private"], "docs/private/a.md", None, True),
        (["# a comment", "", "  "], "# a comment", None, False),
        (["\\#file"], "#file", None, True),
        (["a b"], "a b", None, True),
        (["**/generated/**"], "x/generated/y/z.py", None, True),
    ],
)
def test_the_patterns_of_the_user(patterns: list[str], path: str, root: str | None, excluded: bool) -> None:
    exclusions, _ = Exclusions.of(patterns)
    assert (exclusions.reason(path, root) is not None) == excluded


def test_the_reason_names_the_pattern_that_decides() -> None:
    exclusions, _ = Exclusions.of(["# mine", "[", "*.log", "/build/"])
    assert exclusions.reason("build/a.log") == "matches privacy.exclude (*.log)"
    assert exclusions.reason("build/a.txt") == "matches privacy.exclude (/build/)"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("[z-a]", "is not a gitignore pattern"),
        ("a\\", "is not a gitignore pattern"),
        ("[abc", "matches nothing"),
        ("/", "matches nothing"),
        ("a\nb", "has a character that is not printable"),
        ("a\0", "has a character that is not printable"),
        ("x" * 2000, "is longer than 1000 characters"),
    ],
)
def test_a_bad_pattern_is_a_problem_and_the_others_hold(pattern: str, message: str) -> None:
    exclusions, problems = Exclusions.of(["*.a", pattern, "*.b"])
    assert [(problem.key, problem.message) for problem in problems] == [("privacy.exclude.1", message)]
    assert exclusions.reason("x.a")
    assert exclusions.reason("x.b")


@given(st.lists(st.text()), st.text(), st.none() | st.text())
@example(["[[a]"], "a", None)
@example(["!"], "", "")
def test_nothing_raises(patterns: list[str], path: str, root: str | None) -> None:
    exclusions, _ = Exclusions.of(patterns)
    exclusions.reason(path, root)


globs = st.text("ab*?/![]-\\.", min_size=1, max_size=12).filter(lambda pattern: not re.search(r"\\[a-z]", pattern))
paths = st.lists(st.text("ab-.!", min_size=1, max_size=5), min_size=1, max_size=6).map("/".join)


@given(st.lists(globs, min_size=1, max_size=3), st.lists(paths, min_size=1, max_size=8))
@example(["**/a/**/b/**/a"], ["b/a/a/b/b/a", "a/b/a", "a/b", "x/a/b/b/a/c", "ab/ba"])
@example(["a/**/b/**/a"], ["a/b/a", "a/a/b/b/a", "b/a/b/a", "a/b/b"])
@example(["a/**/*a*b*/**/b?*b"], ["a/xaxb/b-b", "a/b/aab/ab/bbb", "a/ab/bb"])
@example(["*a**b*"], ["bab", "aabb", "ba", "a/b"])
def test_patterns_mean_what_git_means_by_them(patterns: list[str], some_paths: list[str]) -> None:
    """The rewritten regular expressions match what pathspec's own do."""
    exclusions, problems = Exclusions.of(patterns)
    if problems:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        reference = GitIgnoreSpec([GitIgnoreSpecPattern(pattern) for pattern in patterns], backend="simple")
    for path in some_paths:
        if ".." not in path.split("/") and "." not in path.split("/") and not NOTHING.reason(path):
            assert (exclusions.reason(path) is not None) == reference.match_file(path, separators=())


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 100 + "b", "a" * 255),
        ("*?" * 100 + "b", "a" * 255),
        ("**" * 100 + "b", "a" * 255),
        ("**/a/" * 50 + "b", "a/" * 1000 + "c"),
        ("*a/" * 50 + "b", ("a" * 50 + "/") * 60 + "c"),
        ("x/**/*a*a/**/" * 20 + "b", "x/" + ("a" * 50 + "/") * 60 + "c"),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    """Patterns come with other people's repositories; with backtracking each of these takes more than a lifetime."""
    exclusions, problems = Exclusions.of([pattern])
    assert not problems
    start = time.perf_counter()
    assert exclusions.reason(path) is None
    assert time.perf_counter() - start < 2
