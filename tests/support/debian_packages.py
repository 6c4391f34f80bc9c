"""Programs from Debian's packages, unpacked beside the system with the libraries that they need: nothing is installed.

They come off the mirror that this machine's apt uses. Needs apt-get, dpkg-deb and Debian's keys, and no root.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from support.cache_filling import CannotMake, Place, log_of, run_step

if TYPE_CHECKING:
    from collections.abc import Collection

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


@dataclass(frozen=True, slots=True)
class DebianPackages:
    """The packages of one suite. `what` is what they are wanted for, and begins a sentence."""

    place: Place
    what: str
    suite: str

    def unpack(self, packages: Collection[str], work: Path, root: Path, leave_out: Collection[str] = ()) -> None:
        """Unpack the packages and all that they depend on into `root`, but for the ones that are left out."""
        self.check()
        apt = self._apt(work, self._mirror(work))
        self._run("the list of packages cannot be had", *apt, "update")
        install = ("--yes", "--no-install-recommends", "--download-only", "install", *packages)
        self._run("the packages cannot be had", *apt, *install)
        root.mkdir(parents=True)
        for package in sorted((work / "cache" / "archives").glob("*.deb")):
            if package.name.partition("_")[0] not in leave_out:
                self._run("a package cannot be unpacked", "dpkg-deb", "--extract", package, root)

    def check(self) -> None:
        """Raise `CannotMake` where this machine lacks what that takes."""
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise self.cannot("that needs Debian's apt-get and dpkg-deb.")
        if not KEYRING.exists():
            raise self.cannot("there are no keys to check it with (apt install debian-archive-keyring).")

    def cannot(self, why: str) -> CannotMake:
        return CannotMake(f"{self.what} cannot be fetched: {why}")

    def _mirror(self, work: Path) -> str:
        """The address of the mirror of Debian that this machine's apt is set to."""
        lists = work / "system-lists"
        (lists / "partial").mkdir(parents=True)
        own_lists = ("-o", f"Dir::State::Lists={lists}", "-o", "APT::Sandbox::User=")
        # Only what has been updated is told; in a fresh container nothing has.
        for options in ((), own_lists):
            if options:
                run_step(log_of(self.place), "apt-get", "--quiet", *options, "update")
            told = subprocess.run(
                ("apt-get", "indextargets", *options, "--format", "$(REPO_URI)", "Created-By: Packages"),
                capture_output=True,
                text=True,
                check=False,
            )
            for address in told.stdout.split():
                if urlsplit(address).path.rstrip("/").endswith("/debian"):
                    return address
        raise self.cannot("this machine's apt knows no mirror of Debian.")

    def _apt(self, work: Path, mirror: str) -> tuple[str | Path, ...]:
        """The command of an apt that knows this one suite, and that believes that nothing at all is installed."""
        for folder in ("lists/partial", "cache/archives/partial"):
            (work / folder).mkdir(parents=True)
        (work / "status").touch()
        sources = work / "suite.list"
        sources.write_text(f"deb [signed-by={KEYRING}] {mirror} {self.suite} main\n", encoding="utf-8")
        options = {
            "Dir::Etc::SourceList": sources,
            "Dir::Etc::SourceParts": "-",
            "Dir::State::Lists": work / "lists",
            "Dir::State::Status": work / "status",
            "Dir::Cache": work / "cache",
            "APT::Sandbox::User": "",  # where root's files cannot be read by others
            "Acquire::Languages": "none",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",  # where icons of programs are wanted
            "Acquire::Retries": 3,
        }
        return ("apt-get", "--quiet", *(part for name, value in options.items() for part in ("-o", f"{name}={value}")))

    def _run(self, problem: str, *command: str | Path) -> None:
        status, _ = run_step(log_of(self.place), *command)
        if status:
            raise self.cannot(f"{problem}; {log_of(self.place)} tells why.")
