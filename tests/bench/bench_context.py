"""Does a prompt hold what the code at hand needs? Recall of needed definitions, beside three simpler ways.

A function's body is taken away, the context for a cursor in its place is assembled as the product does it, and every
definition in another file that the body used counts as found if its first line is in the prompt. On the data's `needs/`
(sources: `needs/get.sh` there), and on other sources that happen to be on this machine: packages of the Python that
runs this, Go's own sources, and what SPARK_MORE_SOURCES names ("language=folder", with the
path separator between several).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.context_baselines import Chunks, current_file
from bench.context_repository import Repository
from bench.data import rows
from bench.needs_rows import rows_of
from spark_lsp.context.engine import OpenText
from spark_lsp.core.prompt import CHARACTERS_PER_TOKEN, EditContext, Region
from spark_lsp.core.text import Position, Text
from spark_lsp.formats.edit_prompt import surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.needs_rows import Row

BUDGETS = (2_000, 4_000)
PACKAGES = (("click", "python"), ("httpx", "python"), ("rxjs", "typescript"))
MOST_OTHER_ROWS = 60
OTHER_PYTHON = ("_pytest", "hypothesis", "rich", "mypy", "anyio")
OTHER_GO = ("net", "go", "cmd/go")
WAYS = ("ours", "current file", "open and recent", "BM25")


@dataclass
class Tally:
    """How many needed definitions each way found at each budget."""

    needed: int = 0
    found: dict[tuple[str, int], int] = field(default_factory=dict)

    def share(self, way: str, budget: int) -> float:
        return self.found.get((way, budget), 0) / max(1, self.needed)


def measure(root: Path, language: str, its_rows: list[Row]) -> Tally:
    repository = Repository(root)
    chunks = Chunks(repository.texts)
    tally = Tally()
    for row in its_rows:
        whole = Text.of((root / row["path"]).read_bytes().decode("utf-8", "replace"))
        at = Position(row["line"], row["column"])
        text = whole.splice(at, Position(row["end_line"], row["end_column"]), "")
        lines = [repository.line(one["path"], one["line"]) for one in row["needed"]]
        tally.needed += len(lines)
        repository.open(row["path"], text)
        for budget in BUDGETS:
            room = budget * CHARACTERS_PER_TOKEN
            prompts = (
                _ours(repository, row["path"], language, text, at, budget),
                current_file(text, at, room),
                chunks.open_and_recent(row["path"], text, at, room),
                chunks.bm25(row["path"], text, at, room),
            )
            for way, prompt in zip(WAYS, prompts, strict=True):
                assert len(prompt) <= room, f"{way}: {len(prompt)} of {room} characters for {row['path']}"
                key = (way, budget)
                tally.found[key] = tally.found.get(key, 0) + sum(line in prompt for line in lines)
        repository.close(row["path"])
    return tally


def _ours(repository: Repository, path: str, language: str, text: Text, at: Position, budget: int) -> str:
    document = OpenText(path, text)
    # Each budget begins anew: what was chosen for another one would be kept where it is as good.
    repository.engine.forget(path)
    for _ in repository.engine.prepare(document, at):
        pass
    # As for an edit that is to write the body: budgets of this size are an edit's.
    chosen = repository.engine.for_edit(document, at, at, budget)
    region = Region(Text.of(""), at)
    context = EditContext(path, language, "", region, "\n", chosen.before, chosen.after, related=chosen.related)
    return "\n\n".join(surroundings(context))


def others(into: Path) -> Iterator[tuple[str, Path, str]]:
    """Other sources on this machine, as repositories: name, folder and language."""
    packages = Path(sysconfig.get_paths()["purelib"])
    for name in OTHER_PYTHON:
        if (packages / name).is_dir():
            shutil.copytree(packages / name, into / name / name)
            yield name, into / name, "python"
    if (go := shutil.which("go")) is not None:
        root = subprocess.run((go, "env", "GOROOT"), capture_output=True, text=True, check=False).stdout.strip()
        for name in OTHER_GO:
            if (source := Path(root, "src", name)).is_dir():
                shutil.copytree(source, into / "go" / name)
                (into / "go" / name / "go.mod").write_text(f"module {name}\n", encoding="utf-8")
                yield f"go/{name}", into / "go" / name, "go"
    for one in filter(None, os.environ.get("SPARK_MORE_SOURCES", "").split(os.pathsep)):
        language, _, folder = one.partition("=")
        yield Path(folder).name, Path(folder), language


def report(name: str, count: int, tally: Tally) -> None:
    figures = "   ".join(f"{way} " + " ".join(f"{tally.share(way, budget):.3f}" for budget in BUDGETS) for way in WAYS)
    print(f"{name:<16}{count:>4} rows {tally.needed:>4} needed   {figures}", flush=True)


def main() -> None:
    print(f"recall at {' and '.join(f'{budget:,}' for budget in BUDGETS)} tokens")
    sources = Path(os.environ.get("SPARK_NEEDS", Path.home() / ".cache/spark-lsp-data/needs"))
    tallies = []
    for name, language in PACKAGES:
        its_rows = rows(f"needs/{name}")
        if not (sources / name).is_dir():
            print(f"skipped: the sources of {name} are not in {sources}; needs/get.sh in the data's folder gets them")
            sys.exit(0)
        tally = measure(sources / name, language, its_rows)
        tallies.append(tally)
        report(name, len(its_rows), tally)
    for way in WAYS:
        means = [sum(tally.share(way, budget) for tally in tallies) / len(tallies) for budget in BUDGETS]
        print(f"on average, {way:<16}" + "  ".join(f"{mean:.3f}" for mean in means))
    print("other sources, with what a simple resolver says is needed")
    with tempfile.TemporaryDirectory() as folder:
        for name, root, language in others(Path(folder)):
            its_rows = rows_of(root, language)[:MOST_OTHER_ROWS]
            if its_rows:
                report(name, len(its_rows), measure(root, language, its_rows))


if __name__ == "__main__":
    main()
