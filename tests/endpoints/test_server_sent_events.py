from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.endpoints import server_sent_events
from spark_lsp.endpoints.server_sent_events import ServerSentEvents


def _split(*pieces: bytes) -> list[bytes]:
    splitter = ServerSentEvents()
    events = [event for piece in pieces for event in splitter.feed(piece)]
    return events + splitter.close()


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b"data: a\n\rdata: b\r\n\n", [b"a", b"b"]),
        (b"data:a\ndata:  b\ndata\n\n", [b"a\n b\n"]),
        (b": a comment\n\nevent: x\nid: 7\nretry: 3\n\ndata: a\n: another\ndata: b\n\n", [b"a\nb"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"\n\n\ndata: a\n\n\n\n", [b"a"]),
        (b"data: a\n\ndata: the last one without a blank line\n", [b"a", b"the last one without a blank line"]),
        (b"data: a\n\ndata: nor a line end", [b"a", b"nor a line end"]),
        (b"datum: a\nDATA: b\n data: c\n\n", []),
        ("data: \u2028 \u2029 \u0085 \x0c \x1c\n\n".encode(), ["\u2028 \u2029 \u0085 \x0c \x1c".encode()]),
        (b"\xef\xbb", []),
        (b"", []),
    ],
)
def test_events_are_split_at_the_three_line_ends_only(stream: bytes, events: list[bytes]) -> None:
    assert _split(stream) == events
    assert _split(*(stream[index : index + 1] for index in range(len(stream)))) == events


@given(
    st.lists(st.sampled_from([b"data", b":", b" ", b"\r", b"\n", b"\r\n", b"a", b"\xc3\xbc", b"\xef\xbb\xbf"])),
    st.data(),
)
def test_it_does_not_matter_where_the_bytes_are_cut(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert _split(*pieces) == _split(stream)


@pytest.mark.parametrize("line", [b"data: 12345\n", b"data: 1234567890123", b": 1234567890123"])
def test_an_event_without_end_is_not_collected_for_ever(line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_sent_events, "MAX_EVENT_BYTES", 12)
    splitter = ServerSentEvents()
    assert splitter.feed(b"data: ok\n\n") == [b"ok"]
    for _ in range(3):
        assert splitter.feed(line) == []
    assert splitter.overflowed
    assert splitter.feed(b"\n\ndata: ok\n\n") == splitter.close() == []
