from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.endpoints.json_lines import JsonLines
from spark_lsp.endpoints.server_sent_events import MAX_EVENT_BYTES


def _lines(*pieces: bytes) -> list[bytes]:
    splitter = JsonLines()
    return [line for piece in pieces for line in splitter.feed(piece)] + splitter.close()


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        (b"\n\n", []),
        (b"{}\n[1]\n", [b"{}", b"[1]"]),
        (b"{}\r\n\r\n[1]", [b"{}", b"[1]"]),
        (b"\xef\xbb\xbf{}\n", [b"{}"]),
        (b' {"a":"\r\xe2\x80\xa8\x85"}\t\n', [b'{"a":"\r\xe2\x80\xa8\x85"}']),
    ],
)
def test_lines(body: bytes, lines: list[bytes]) -> None:
    assert _lines(body) == lines
    assert _lines(*(body[index : index + 1] for index in range(len(body)))) == lines


@given(st.lists(st.sampled_from([b"{", b"}", b"\n", b"\r", b" ", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"ab"])), st.data())
def test_it_does_not_matter_where_lines_are_cut(parts: list[bytes], data: st.DataObject) -> None:
    body = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)))))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert _lines(*pieces) == _lines(body)


def test_a_line_that_has_not_ended_is_kept_until_it_has() -> None:
    splitter = JsonLines()
    assert splitter.feed(b'{"a"') == []
    assert splitter.feed(b":1}\n{") == [b'{"a":1}']
    assert splitter.close() == [b"{"]
    assert splitter.close() == []


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_too_long_a_line_ends_it(ending: bytes) -> None:
    splitter = JsonLines()
    assert splitter.feed(b"{}\n" + b"x" * (MAX_EVENT_BYTES + 1) + ending) == [b"{}"]
    assert splitter.overflowed
    assert splitter.feed(b"{}\n") == []
    assert splitter.close() == []


def test_the_longest_line_is_taken() -> None:
    splitter = JsonLines()
    assert splitter.feed(b"x" * MAX_EVENT_BYTES + b"\n") == [b"x" * MAX_EVENT_BYTES]
    assert not splitter.overflowed
