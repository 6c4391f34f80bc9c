"""Which files are never read for a prompt and never sent: a built-in deny list, and the user's own patterns.

Pure functions on path strings: nothing here looks at a disk. A path through a symbolic link should be asked about
under both of its names.
"""

from __future__ import annotations

import posixpath
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from spark_lsp.settings.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

# Gitignore patterns, in which case does not count. One without a slash is for the name of a file, one with a slash for
# the end of its path, or with a final ** for all under a folder. A "!" takes back what stands before it.
DENY_LIST: Final = {
    "environment files": (
        *("*.env", ".env.*", ".env", ".envrc", ".dev.vars", ".dev.vars.*"),
        *("!.env.example", "!.env.sample", "!.env.template", ".env/**", ".envs/**"),
    ),
    "private keys, certificates and the stores of both": (
        *("*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.ppk", "*.crt", "*.cer", "*.der", "*.p7b", "*.p7c", "*.snk"),
        *("*.jks", "*.jceks", "*.bks", "*.keystore", "*.truststore", "*.keytab", "*.keychain", "*.keychain-db"),
        *("secring.*", ".gnupg/**", "*.ovpn", "wg[0-9]*.conf", "*.mobileprovision", "*.provisionprofile"),
    ),
    "SSH keys": (
        *("*_rsa", "*_dsa", "*_ecdsa", "*_ed25519", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "id_xmss*"),
        *("ssh_host_*_key", "!id_*.pub", ".ssh/**", "!.ssh/*.pub"),
    ),
    "password stores": (
        *("*.kdb", "*.kdbx", "*.psafe3", "*.agilekeychain/**", "*.opvault/**", "*.1pif", "*.1pux", "*.kwallet"),
        *(".password-store/**", "logins.json", "key3.db", "key4.db", "wallet.dat"),
    ),
    "logins of command line tools": (
        *(".netrc", "_netrc", ".authinfo", ".git-credentials", ".gitcookies", ".config/gh/hosts.yml"),
        *(".htpasswd", ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf", ".msmtprc", ".fetchmailrc"),
        *(".ftpconfig", "sftp-config.json", ".vscode/sftp.json", "*.rdp", "rclone.conf", ".rclone.conf"),
        ".*_history",
    ),
    "logins of package registries": (
        *(".npmrc", ".yarnrc", ".pypirc", "pip.conf", "pip.ini", ".m2/settings.xml", "settings-security.xml"),
        *(".gradle/gradle.properties", ".composer/auth.json", ".nuget/nuget.config", ".hex/hex.config"),
    ),
    "logins of clouds and clusters": (
        *(".aws/credentials", ".aws/config", ".aws/sso/**", ".aws/cli/**", ".config/gcloud/**", ".oci/**"),
        *(".azure/accesstokens.json", ".azure/msal_token_cache.*", ".azure/service_principal*", ".s3cfg", ".boto"),
        *("application_default_credentials.json", "*firebase-adminsdk*.json", "client_secret*.json"),
        *("*service-account*.json", "*service_account*.json", "*serviceaccount*.json", "*.publishsettings"),
        *(".docker/config.json", ".dockercfg", "*.dockerconfigjson", ".kube/config", "kubeconfig", "*.kubeconfig"),
        *(".config/doctl/config.yaml", ".terraformrc", "terraform.rc", "credentials.tfrc.json", ".vault-token"),
        *(".vault_pass*", "vault_pass*", ".vault-pass*", "vault-pass*", "accesskeys.csv", "rootkey.csv"),
    ),
    "infrastructure state and variables": ("*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json"),
    "files that are called what they hold": (
        *("secret.y*ml", "secrets.y*ml", "*[-._]secret.y*ml", "*[-._]secrets.y*ml", "secrets.json", "secrets.toml"),
        *("secrets.ini", "secrets.properties", "*.secret", "*.secrets", ".secrets", "passwords.txt"),
        *("credentials", "credentials.json", "credentials.y*ml", "credentials.toml", "credentials.ini"),
        *("credentials.csv", "credentials.xml", "etc/shadow", "etc/gshadow"),
    ),
}

_LONGEST_PATTERN: Final = 1000
_LONGEST_PATTERN_SHOWN: Final = 60
_WINDOWS_SEPARATOR: Final = re.compile(r"\\(?=[A-Za-z0-9_])")
_DISK: Final = re.compile(r"(//[?.]/)?([A-Za-z]:)?/*")


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Tells of a file's path whether it must stay here. Made once from the user's patterns, by `of`."""

    _patterns: tuple[str, ...]
    _spec: GitIgnoreSpec

    @classmethod
    def of(cls, patterns: Iterable[str]) -> tuple[Exclusions, list[Problem]]:
        """Take gitignore patterns, as in `privacy.exclude`. One that says nothing is left out and gives a problem."""
        good: list[tuple[str, _Pattern]] = []
        problems = []
        for index, pattern in enumerate(patterns):
            key = f"privacy.exclude.{index}"
            if _WINDOWS_SEPARATOR.search(pattern):
                problems.append(Problem("has a \\ between folders, taken as the / that it should be", key))
            try:
                good.append((pattern, _compile(_WINDOWS_SEPARATOR.sub("/", pattern))))
            except ValueError as error:
                problems.append(Problem(str(error), key))
        return cls(tuple(pattern for pattern, _ in good), _spec(compiled for _, compiled in good)), problems

    def reason(self, path: str, root: str | None = None) -> str | None:
        """Why a file must not be read for a prompt or sent, in a few words; None if it may be.

        The path may have slashes of either kind, and be relative to the root. The user's patterns see the part of it
        under the root, or all of it where it lies elsewhere. The deny list sees all of it, and nothing that the user
        says takes anything back from that.
        """
        whole = _plain(path if root is None or _is_absolute(path) else f"{root}/{path}")
        if pattern := _denied(whole):
            return f"matches the built-in deny list ({pattern})"
        result = self._spec.check_file(_under(whole, root), separators=())
        if not result.include or result.index is None:
            return None
        pattern = self._patterns[result.index]
        return f"matches privacy.exclude ({pattern[:_LONGEST_PATTERN_SHOWN]})"


class _Pattern(GitIgnoreSpecPattern):
    """A gitignore pattern in which case does not count, and whose match takes no more than quadratic time.

    Case: on most desks two spellings are one file, and to send too little is the smaller mistake. Time: patterns come
    with other people's repositories, and so do paths.
    """

    __slots__ = ()

    @classmethod
    def pattern_to_regex(cls, pattern: str) -> tuple[str | None, bool | None]:  # type: ignore[override]
        regex, include = super().pattern_to_regex(pattern)
        # The dot must match a line ending too: the name of a folder may have one.
        return None if regex is None else f"(?is){without_much_backtracking(regex)}", include


# What pathspec makes of * and **. What else a pattern holds is escaped, or in brackets and without a slash, so that it
# cannot look like one of these.
_STAR: Final = "[^/]*"
_LEADING_FOLDERS: Final = "^(?:.+/)?"
_FOLDERS: Final = "(?:/.+)?"


def without_much_backtracking(regex: str) -> str:
    """The same regular expression, but of several stars only the last is ever tried at more than one place.

    What stands between two stars may match at the first place where it can, since the second star makes up for the
    rest. This is how globs are matched without recursion (and what fnmatch.translate does); it holds for the * in a
    name and for the ** among folders.
    """
    first, *others = regex.split(_FOLDERS)
    if not others:
        return _without_much_backtracking_in_names(first)
    if first.startswith(_LEADING_FOLDERS):
        inner = _without_much_backtracking_in_names(first.removeprefix(_LEADING_FOLDERS))
        first = f"^(?>(?:.+?/)??{inner}(?=/))"
    *middle, last = map(_without_much_backtracking_in_names, others)
    return first + "".join(f"(?>(?:/.+?)??{part}(?=/))" for part in middle) + _FOLDERS + last


def _without_much_backtracking_in_names(regex: str) -> str:
    first, *others = regex.split(_STAR)
    if not others:
        return first
    *middle, last = others
    parts = [f"{_STAR}{part}" if "/" in part.replace("[^/]", "") else f"(?>{_STAR}?{part})" for part in middle]
    return first + "".join(parts) + _STAR + last


def _compile(pattern: str) -> _Pattern:
    """Raises ValueError with what is wrong, in words that need no repetition of the pattern."""
    if len(pattern) > _LONGEST_PATTERN:
        raise ValueError(f"is longer than {_LONGEST_PATTERN} characters")
    if not pattern.isprintable():
        raise ValueError("has a character that is not printable")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of re, on what brackets may mean one day
            compiled = _Pattern(pattern)
    except (ValueError, re.error) as error:
        raise ValueError("is not a gitignore pattern") from error
    if compiled.include is None and pattern.strip() and not pattern.startswith("#"):
        raise ValueError("matches nothing")
    return compiled


def _spec(patterns: Iterable[_Pattern]) -> GitIgnoreSpec:
    # The other backends are there or not, and have regular expressions of their own.
    return GitIgnoreSpec(list(patterns), backend="simple")


_DENIED: Final = tuple(chain.from_iterable(DENY_LIST.values()))
_DENIED_NAMES: Final = tuple(pattern for pattern in _DENIED if "/" not in pattern)
_DENIED_PATHS: Final = tuple(pattern for pattern in _DENIED if "/" in pattern)
_NAMES: Final = _spec(_Pattern(pattern) for pattern in _DENIED_NAMES)
_PATHS: Final = _spec(_Pattern(re.sub(r"^!?", r"\g<0>**/", pattern)) for pattern in _DENIED_PATHS)


@lru_cache(maxsize=16_384)
def _denied(path: str) -> str | None:
    """The pattern of the deny list that a plain path matches."""
    for spelling in dict.fromkeys((path, _as_windows_reads(path))):
        name = _NAMES.check_file(spelling.rpartition("/")[2], separators=())
        if name.include and name.index is not None:
            return _DENIED_NAMES[name.index]
        whole = _PATHS.check_file(spelling, separators=())
        if whole.include and whole.index is not None:
            return _DENIED_PATHS[whole.index]
    return None


def _plain(path: str) -> str:
    """A path with slashes only, and without detours."""
    return posixpath.normpath(path.replace("\\", "/"))


def _as_windows_reads(path: str) -> str:
    """Windows drops dots and spaces at the end of a name, and takes what follows a colon for a stream of the file."""
    return "/".join(name.partition(":")[0].rstrip(". ") for name in path.split("/"))


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[\\/]", path) is not None


def _under(path: str, root: str | None) -> str:
    """The part of a plain path under the root, or else under its disk."""
    folder = "" if root is None else _plain(root).rstrip("/")
    if root is not None and path[: len(folder)].casefold() == folder.casefold() and path[len(folder) :][:1] == "/":
        return path[len(folder) + 1 :]
    return _DISK.sub("", path, count=1)
