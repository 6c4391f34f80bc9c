"""Secrets become placeholders and come back exact, however the reply is cut and wherever the model puts them."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context.echo_endpoint import PLACEHOLDER
from context.planted_secrets import ANNOUNCED, KINDS, PLACES, key_block, password
from spark_lsp.context.redaction import Passage, Redaction, SecretVault
from spark_lsp.context.redaction_restorer import MARK, Restorer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from context.planted_secrets import Kind

SOURCE = random.Random(20)
SECRET = password(SOURCE)
LINE = f'PASSWORD = "{SECRET}"\n'


def redacted(*texts: str, vault: SecretVault | None = None) -> Redaction:
    return (vault or SecretVault()).redact([Passage(str(number), text) for number, text in enumerate(texts)])


def restored(redaction: Redaction, chunks: Iterable[str]) -> str:
    restorer = redaction.restorer()
    return "".join([*map(restorer.feed, chunks), restorer.finish()])


def cut(text: str, places: Sequence[int]) -> list[str]:
    borders = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[start:end] for start, end in pairwise(borders)]


def code() -> st.SearchStrategy[str]:
    planted = [place.format(kind.made(SOURCE)) for kind in KINDS[::5] for place in list(PLACES.values())[::4]]
    announced = [place.format(make(SOURCE)) for place, makes in ANNOUNCED for make in makes]
    blocks = [key_block(random.Random(number), lines=3) for number in range(2)]
    marks = [
        MARK,
        MARK[:7],
        f"{MARK}2B",
        f"x = '{MARK}7KQ2'\n",
        f"{MARK}{MARK}",
        f"{MARK}{LINE}",
        "redacted_secret = 1\n",
    ]
    anything = st.text(st.characters(codec="utf-8"), max_size=20)
    return st.lists(st.one_of(st.sampled_from([*planted, *announced, *blocks, *marks]), anything), max_size=8).map(
        "".join
    )


@given(st.lists(code(), max_size=3), st.lists(st.integers(0, 10_000), max_size=12))
def test_everything_comes_back_exact(texts: list[str], places: list[int]) -> None:
    vault = SecretVault(random.Random(1).choice)
    for _ in range(2):
        redaction = redacted(*texts, vault=vault)
        for text, safe in zip(texts, redaction.texts, strict=True):
            assert restored(redaction, cut(safe, places)) == text
            assert safe.count("\n") == text.count("\n")
            restorer = redaction.restorer()
            for chunk in cut(safe, places):
                restorer.feed(chunk)
            restorer.finish()
            assert not restorer.invented


@given(code(), st.lists(st.integers(0, 10_000), max_size=12))
def test_with_a_document_that_holds_the_placeholders_themselves(text: str, places: list[int]) -> None:
    vault = SecretVault()
    before = redacted(text, LINE, vault=vault)
    both = "".join(before.texts) + text + LINE
    redaction = redacted(both, vault=vault)
    assert SECRET not in redaction.texts[0]
    assert restored(redaction, cut(redaction.texts[0], places)) == both


@given(
    st.lists(st.sampled_from([*KINDS]), max_size=6, unique_by=lambda kind: kind.kind),
    st.integers(0, 2**32).map(random.Random),
)
def test_placeholders_in_other_places(kinds: list[Kind], source: random.Random) -> None:
    secrets = [kind.made(source) for kind in kinds]
    redaction = redacted("".join(f'x = "{secret}"\n' for secret in secrets))
    placeholders = PLACEHOLDER.findall(redaction.texts[0])
    pairs = list(zip(placeholders, secrets, strict=True))
    source.shuffle(pairs)
    reply = "".join(f"{placeholder}-{placeholder}{MARK}" for placeholder, _ in pairs)
    expected = "".join(f"{secret}-{secret}{MARK}" for _, secret in pairs)
    assert restored(redaction, list(reply)) == expected


def test_a_placeholder_is_a_word_and_tells_nothing() -> None:
    first, second = (redacted(LINE).texts[0] for _ in range(2))
    assert re.fullmatch(r'PASSWORD = "REDACTED_SECRET_[2-9B-Z]{4}"\n', first)
    assert first != second, "it is drawn, not derived"


def test_it_is_the_same_for_a_session() -> None:
    vault = SecretVault()
    (first,) = redacted(LINE, vault=vault).texts
    redacted("token = 1\n", f"other = '{KINDS[0].made(SOURCE)}'\n", vault=vault)
    assert redacted(f"# changed\n{LINE}", vault=vault).texts == (f"# changed\n{first}",)


def test_a_known_secret_is_known_everywhere() -> None:
    redaction = redacted(LINE, f"Take {SECRET} out of the code, and not x{SECRET}y.")
    placeholder = redaction.secrets[0].placeholder
    assert redaction.texts[1] == f"Take {placeholder} out of the code, and not x{SECRET}y."
    vault = SecretVault()
    redacted(LINE, vault=vault)
    assert SECRET not in redacted(f"log({SECRET})", vault=vault).texts[0], "found in another document before"


def test_where_and_what_it_was() -> None:
    vault = SecretVault()
    token = next(kind for kind in KINDS if kind.kind == "github-token").made(SOURCE)
    redaction = vault.redact(
        [
            Passage("instruction", "nothing"),
            Passage("region", f"a\r\nb\r{LINE}c\n", 10),
            Passage("after", f"x\n'{token}'\n", 13, follows=True),
        ]
    )
    assert [(secret.kind, secret.part, secret.line) for secret in redaction.secrets] == [
        ("password", "region", 12),
        ("github-token", "after", 14),
    ]


def test_a_secret_over_a_border_is_one_on_each_side() -> None:
    half = len(SECRET) // 2
    passages = [
        Passage("before", f'PASSWORD = "{SECRET[:half]}'),
        Passage("region", f'{SECRET[half:]}"\n', follows=True),
    ]
    redaction = SecretVault().redact(passages)
    assert SECRET[:half] not in redaction.texts[0]
    assert SECRET[half:] not in redaction.texts[1]
    assert restored(redaction, redaction.texts) == f'PASSWORD = "{SECRET}"\n'


def test_what_is_only_looked_at_is_not_reported() -> None:
    block = key_block(random.Random(4), lines=9).splitlines(keepends=True)
    redaction = SecretVault().redact(
        [Passage("above", "".join(block[:3]), sent=False), Passage("region", "".join(block[3:6]), 3, follows=True)]
    )
    assert [(secret.kind, secret.line) for secret in redaction.secrets] == [("private-key", line) for line in (3, 4, 5)]
    assert PLACEHOLDER.sub("", redaction.texts[1]) == "\n\n\n"


def test_nothing_of_a_secret_is_in_a_representation() -> None:
    vault = SecretVault()
    redaction = vault.redact([Passage("region", LINE)])
    restorer = redaction.restorer()
    restorer.feed(redaction.texts[0][:20])
    for thing in (vault, redaction, redaction.secrets, restorer):
        assert SECRET not in repr(thing)


def test_messages_hide_even_the_beginning_of_a_secret() -> None:
    redaction = redacted(LINE)
    placeholder = redaction.secrets[0].placeholder
    assert redaction.hide(f"“{LINE.strip()}” fits") == f"“{LINE.strip().replace(SECRET, placeholder)}” fits"
    assert redaction.hide(f'“PASSWORD = "{SECRET[:6]}” fits') == f'“PASSWORD = "{placeholder}” fits'
    assert redaction.hide("nothing of it") == "nothing of it"


# The restorer holds back as little as it can


@pytest.fixture
def redaction() -> Redaction:
    return redacted(LINE)


def test_it_holds_back_no_more_than_a_beginning(redaction: Redaction) -> None:
    placeholder = redaction.secrets[0].placeholder
    restorer = redaction.restorer()
    assert restorer.feed("x = 1; R") == "x = 1; "
    assert restorer.feed("E") == ""
    assert restorer.feed("turn") == "REturn"
    assert restorer.feed(f"y{placeholder[:-1]}") == "y"
    assert restorer.feed("!") == f"{placeholder[:-1]}!"
    assert restorer.feed(placeholder) == SECRET
    assert restorer.feed(placeholder[:9]) == ""
    assert restorer.finish() == placeholder[:9]


def test_without_secrets_it_is_not_there() -> None:
    redaction = redacted("x = 1\n")
    restorer = redaction.restorer()
    assert restorer.feed(MARK) == MARK
    assert not restorer.invented


@pytest.mark.parametrize("invented", [f"{MARK}2222", f"{MARK}1", MARK, "redacted_secret_7kq2", "REDACTED_SECRET"])
@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_placeholder_that_stands_for_nothing_is_noticed(redaction: Redaction, invented: str, size: int) -> None:
    reply = f'x = "{invented}" {redaction.texts[0]}'
    restorer = redaction.restorer()
    said = [restorer.feed(reply[start : start + size]) for start in range(0, len(reply), size)]
    assert "".join([*said, restorer.finish()]) == f'x = "{invented}" {LINE}'
    assert restorer.invented


def test_only_the_prompts_own_placeholders_count() -> None:
    vault = SecretVault()
    other = redacted(f'api_key = "{KINDS[0].made(SOURCE)}"\n', vault=vault).secrets[0].placeholder
    redaction = redacted(LINE, vault=vault)
    restorer = redaction.restorer()
    assert restorer.feed(f"{other}\n") == f"{other}\n"
    assert restorer.invented


def test_an_empty_restorer_says_what_it_is_told() -> None:
    restorer = Restorer({})
    assert [restorer.feed("a"), restorer.feed(MARK), restorer.finish()] == ["a", MARK, ""]
