"""The index's file: what it keeps, and that nothing that is wrong with it matters."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from spark_lsp.core.symbols import FileFacts, Symbol
from spark_lsp.repo.file_table import encode
from spark_lsp.repo.store import SECONDS_KEPT, Put, Row, Store, remove_forgotten, store_path
from spark_lsp.repo.walk import Found

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FACTS = encode(FileFacts("python", (Symbol("secretive_name", "function", "", 1, 0, 1, 2, 2),)))


def opened(folder: Path, version: str = "1") -> Store:
    return Store(store_path(folder, folder), folder, version)


def put(path: str, key: str = "k", content: bytes = FACTS) -> Put:
    return Put(Found(path, 10, 123_456_789_012_345_678), key, content)


def test_what_was_written_is_there_the_next_time(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.write([put("a.py"), put("b.py", "other", b""), put("c.py")], [])
    store.close()
    store = opened(tmp_path)
    assert store.files()["a.py"] == Row(10, 123_456_789_012_345_678, "k")
    assert store.facts(["k", "other", "none"]) == {"k": FACTS, "other": b""}
    assert (store_path(tmp_path, tmp_path).stat().st_mode & 0o077 == 0) or os.name == "nt"
    store.close()


def test_facts_of_no_file_are_removed_to_the_last_byte(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.write([put("a.py")], [])
    assert any(b"secretive_name" in file.read_bytes() for file in (tmp_path / "index").iterdir())
    store.write([], ["a.py"])
    store.sweep()
    for file in (tmp_path / "index").iterdir():
        assert b"secretive_name" not in file.read_bytes()
        assert b"a.py" not in file.read_bytes()
    assert store.facts(["k"]) == {}
    store.close()


def test_another_extractor_begins_anew_and_the_older_one_lets_go(tmp_path: Path) -> None:
    old = opened(tmp_path, "1")
    old.write([put("a.py")], [])
    new = opened(tmp_path, "2")
    assert new.files() == {}
    old.write([put("b.py")], [])
    assert not old.works
    assert new.files() == {}
    assert new.works
    new.close()


def _zeros(path: Path) -> None:
    path.write_bytes(b"\0" * 9000)


def _text(path: Path) -> None:
    path.write_text("this is no database " * 500)


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (x)")
        other.commit()


def _of_another_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")


def _without_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE facts")
        other.commit()


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "harm", [_zeros, _text, _truncated, _foreign, _of_another_version, _without_a_table, _a_folder]
)
def test_a_file_that_cannot_be_used_is_replaced(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    store = opened(tmp_path)
    store.write([put(f"{number}.py", f"k{number}") for number in range(50)], [])
    store.close()
    harm(store_path(tmp_path, tmp_path))
    for _ in range(2):
        store = opened(tmp_path)
        assert store.works
        store.write([put("a.py")], [])
        assert "a.py" in store.files()
        assert store.facts(["k"]) == {"k": FACTS}
        store.close()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_bytes_are_changed_no_wrong_facts_come_back(tmp_path: Path, seed: int) -> None:
    store = opened(tmp_path)
    store.write([put(f"{number}.py", f"k{number}") for number in range(80)], [])
    store.sweep()
    store.close()
    path = store_path(tmp_path, tmp_path)
    content = bytearray(path.read_bytes())
    choose = random.Random(seed)
    for _ in range(choose.randrange(1, 200)):
        content[choose.randrange(len(content))] ^= choose.randrange(1, 256)
    path.write_bytes(content)
    store = opened(tmp_path)
    store.files()
    assert all(found in (FACTS, b"") for found in store.facts([f"k{number}" for number in range(80)]).values())
    store.write([put("a.py")], [])
    store.close()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_written_costs_the_file_only(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert not opened(tmp_path).works


def test_a_file_in_place_of_the_folder_costs_the_file_only(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("")
    store = opened(tmp_path)
    assert not store.works
    store.write([put("a.py")], [])
    assert store.files() == {}
    assert store.facts(["k"]) == {}


def test_files_of_forgotten_workspaces_are_removed(tmp_path: Path) -> None:
    opened(tmp_path).close()
    path = store_path(tmp_path, tmp_path)
    remove_forgotten(tmp_path)
    assert path.exists()
    long_ago = time.time() - SECONDS_KEPT - 100
    os.utime(path, (long_ago, long_ago))
    remove_forgotten(tmp_path)
    assert not path.exists()
    remove_forgotten(tmp_path / "nothing")
