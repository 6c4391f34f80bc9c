"""What was refused is known in the next session, whatever ended the last one, and in few words: none of the code's."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from spark_lsp.ledger.refusals import MOST_REFUSALS, Refusals

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

REFUSED = ("app.py", "    total = ", "sum(items)\n    return total")


def test_a_session_knows_what_an_earlier_one_saved(tmp_path: Path) -> None:
    first = Refusals(tmp_path)
    assert REFUSED not in first
    first.add(*REFUSED)
    assert REFUSED in first
    first.save()
    second = Refusals(tmp_path)
    assert REFUSED in second
    assert ("app.py", "    total = ", "len(items)") not in second
    assert ("other.py", *REFUSED[1:]) not in second
    written = (tmp_path / "refusals.txt").read_text()
    assert "total" not in written
    assert "app" not in written


def test_it_is_written_down_soon_since_a_server_may_be_killed(tmp_path: Path) -> None:
    refusals = Refusals(tmp_path, seconds_before_saving=0.0)
    refusals.add(*REFUSED)
    patience = time.monotonic() + 20
    while REFUSED not in Refusals(tmp_path) and time.monotonic() < patience:
        time.sleep(0.005)
    assert REFUSED in Refusals(tmp_path)


def test_two_windows_share_the_file(tmp_path: Path) -> None:
    one, other = Refusals(tmp_path), Refusals(tmp_path)
    one.add(*REFUSED)
    other.add("b.py", "x = ", "1")
    one.save()
    other.save()
    both = Refusals(tmp_path)
    assert REFUSED in both
    assert ("b.py", "x = ", "1") in both


def test_a_long_or_broken_file_is_cut_and_skipped(tmp_path: Path) -> None:
    file = tmp_path / "refusals.txt"
    file.write_text("".join(f"{number:032x}\n" for number in range(MOST_REFUSALS + 10)) + "broken\n\xff\n", "latin-1")
    refusals = Refusals(tmp_path)
    assert REFUSED not in refusals
    assert len(file.read_text().splitlines()) == MOST_REFUSALS // 2


def test_a_disk_that_takes_nothing_is_said_once_and_nothing_breaks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "folder").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        refusals = Refusals(tmp_path / "folder")
        refusals.add(*REFUSED)
        refusals.save()
        refusals.save()
    assert REFUSED in refusals
    assert caplog.text.count("cannot be remembered") == 1
