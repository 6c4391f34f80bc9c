"""The delivery by itself: clients that do as they like, step by step."""

from __future__ import annotations

from spark_lsp.core.delivery import Delivery, Hunk, HunkState
from spark_lsp.core.edits import Edit, Edits, apply
from spark_lsp.core.refine import difference
from spark_lsp.core.text import Position, Text

BEFORE = "one\ntwo\nthree\nfour\nfive\n"


def replace(line: int, old: str, new: str) -> Edits:
    return (Edit(Position(line, 0), Position(line, len(old)), new),)


def insert(line: int, column: int, new: str) -> Edits:
    return (Edit(Position(line, column), Position(line, column), new),)


class Client:
    """A document and its delivery; whatever is done to the text is reported."""

    def __init__(self) -> None:
        self.text = Text.of(BEFORE)
        self.delivery = Delivery(self.text)

    def add(self, edits: Edits) -> Hunk:
        return self.delivery.add(edits, 1, 1)

    def change(self, edits: Edits) -> None:
        self.text = apply(self.text, edits)
        self.delivery.changed(edits, self.text)

    def send(self) -> Edits:
        edits = self.delivery.send()
        assert edits is not None
        return edits

    def take(self) -> None:
        """Apply the next batch as one should."""
        self.change(self.send())
        self.delivery.answered(applied=True)


def test_a_batch_lands_when_the_text_shows_it() -> None:
    client = Client()
    hunk = client.add(replace(1, "two", "2"))
    batch = client.send()
    assert client.delivery.send() is None, "one batch in flight at a time"
    client.delivery.answered(applied=True)
    assert not hunk.revertible, "the answer proves nothing"
    client.change(batch)
    assert client.delivery.idle
    assert [other.state for other in client.delivery.hunks] == [HunkState.LANDED]


def test_hunks_that_become_final_meanwhile_travel_together() -> None:
    client = Client()
    client.add(replace(0, "one", "1"))
    batch = client.send()
    client.add(replace(1, "two", "2\n2"))
    client.add(replace(3, "four", "4"))
    client.change(batch)
    client.delivery.answered(applied=True)
    assert len(client.send()) == 2


def test_what_is_refused_is_sent_again_where_it_belongs_now() -> None:
    client = Client()
    client.add(replace(3, "four", "4"))
    client.send()
    client.change(insert(0, 0, "zero\n"))
    client.delivery.answered(applied=False)
    client.take()
    assert str(client.text) == "zero\none\ntwo\nthree\n4\nfive\n"


def test_a_batch_in_the_wrong_place_is_put_right() -> None:
    client = Client()
    hunk = client.add(replace(3, "four", "4"))
    batch = client.send()
    client.change(insert(0, 0, "zero\n"))
    client.change(batch)  # on the line that is now "three"
    client.delivery.answered(applied=True)
    assert hunk.state is HunkState.LANDED
    assert str(client.delivery.clean) == "zero\none\ntwo\nthree\n4\nfive\n"
    client.take()
    assert str(client.text) == "zero\none\ntwo\nthree\n4\nfive\n"


def test_typing_survives_a_batch_that_was_put_over_it() -> None:
    client = Client()
    client.add(replace(3, "four", "4"))
    batch = client.send()
    client.change(insert(0, 0, "zero\n"))
    client.change(insert(3, 2, "XYZ"))  # inside the line that the batch will hit: "twXYZo"
    client.change(batch)
    client.delivery.answered(applied=True)
    client.take()
    assert str(client.text) == "zero\none\ntwo\nthXYZree\n4\nfive\n"


def test_a_hunk_is_dropped_where_the_user_typed() -> None:
    client = Client()
    dropped, kept = client.add(replace(1, "two", "2")), client.add(replace(3, "four", "4"))
    client.change(insert(1, 1, "x"))
    client.take()
    assert dropped.state is HunkState.DROPPED
    assert kept.state is HunkState.LANDED
    assert str(client.text) == "one\ntxwo\nthree\n4\nfive\n"


def test_a_batch_may_be_reported_edit_by_edit() -> None:
    client = Client()
    client.add(replace(1, "two", "2"))
    client.add(replace(3, "four", "4"))
    for edit in reversed(client.send()):
        client.change((edit,))
    client.delivery.answered(applied=True)
    assert client.delivery.idle
    assert str(client.text) == "one\n2\nthree\n4\nfive\n"


def test_reverting_takes_back_what_the_user_has_not_built_on() -> None:
    client = Client()
    built_on, plain = client.add(replace(1, "two", "2222")), client.add(replace(3, "four", "4"))
    client.take()
    client.change(insert(1, 2, "x"))
    client.change(insert(0, 0, "zero\n"))
    client.delivery.take_back(client.delivery.hunks)
    client.take()
    assert built_on.state is HunkState.BUILT_ON
    assert plain.state is HunkState.REVERTED
    assert str(client.text) == "zero\none\n22x22\nthree\nfour\nfive\n"


def test_the_users_undo_is_noticed() -> None:
    client = Client()
    hunk = client.add(replace(1, "two", "2"))
    client.take()
    client.change(difference(client.text, Text.of(BEFORE)))
    assert client.delivery.undone
    assert hunk.state is HunkState.REVERTED


def test_a_batch_that_comes_mixed_with_typing_is_recognised_by_its_size() -> None:
    client = Client()
    hunk = client.add(replace(1, "two", "a much longer second line"))
    batch = client.send()
    client.delivery.answered(applied=True)
    mixed = apply(apply(client.text, batch), insert(4, 0, "x"))
    client.change(difference(client.text, mixed))
    assert client.delivery.in_flight
    assert client.delivery.expire()
    assert hunk.state is HunkState.LANDED
    assert client.delivery.idle


def test_nothing_seen_at_all_is_told() -> None:
    client = Client()
    client.add(replace(1, "two", "2"))
    client.send()
    client.delivery.answered(applied=True)
    assert not client.delivery.expire()


def test_a_whole_new_text_from_the_client_keeps_the_hunks_that_still_fit() -> None:
    client = Client()
    client.add(replace(3, "four", "4"))
    client.change(difference(client.text, Text.of("1\n2\nthree\nfour\nfive\nsix\n")))
    client.take()
    assert str(client.text) == "1\n2\nthree\n4\nfive\nsix\n"


def test_neighbouring_hunks_of_one_edit_keep_their_order() -> None:
    client = Client()
    client.add(insert(2, 0, "b\n"))
    client.take()
    client.add((Edit(Position(1, 0), Position(2, 0), "a\n"),))
    client.add(insert(3, 0, "c\n"))
    client.take()
    assert str(client.text) == "one\na\nb\nthree\nc\nfour\nfive\n"
