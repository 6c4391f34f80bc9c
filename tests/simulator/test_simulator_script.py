from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.simulator.reply import FAULTS, ScriptedReply
from spark_lsp.simulator.script import Script, ScriptError, parse_script, read_script
from spark_lsp.simulator.tokens import estimated_tokens, tokens

if TYPE_CHECKING:
    from pathlib import Path


@given(st.text())
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_tokens_are_of_a_models_size() -> None:
    text = "def add(first, second):\n    return first + second\n" * 10
    assert tokens("    return a+b\n") == ["    retur", "n", " a", "+", "b", "\n"]
    assert 2.5 < len(text) / len(tokens(text)) < 5
    assert estimated_tokens("12345") == 2


def test_the_first_reply_that_fits_counts() -> None:
    replies = (ScriptedReply("rename", "a"), ScriptedReply("name", "b"), ScriptedReply(None, "c"))
    script = Script(replies)
    assert script.reply_to("please rename it").reply == "a"
    assert script.reply_to("what name").reply == "b"
    assert script.reply_to("").reply == "c"


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("Change this:\n```python\nx = 1\n```\n", "```python\nx = 1\n```\n"),
        ("```a\n1\n```\nand\n~~~b\n2\n~~~", "~~~b\n2\n~~~\n"),
        ("````md\n```py\nx\n```\n````\nDo it.", "````md\n```py\nx\n```\n````\n"),
        ("```\r\nx\r\n```\r\n", "```\r\nx\r\n```\r\n"),
        ("```\n```", "```\n```\n"),
        ("```py\nopen", "This is a scripted endpoint: it has no reply for this request, and no model behind it.\n"),
        ("Hello", "This is a scripted endpoint: it has no reply for this request, and no model behind it.\n"),
    ],
)
def test_without_a_reply_the_last_block_comes_back_unchanged(message: str, reply: str) -> None:
    assert Script(()).reply_to(message).reply == reply


def test_a_script_as_json() -> None:
    entry = {
        "when": "slow",
        "reply": "text",
        "status": 503,
        "headers": {"retry-after": "1"},
        "body": "<html>",
        "contentType": "text/html",
        "ttftMs": 5.5,
        "tps": 10,
        "fault": "cut",
        "after": 3,
        "cachedTokens": 4,
        "thinking": 5,
        "comments": 6,
        "upgrade": 426,
    }
    assert parse_script([entry, {}]) == Script(
        (
            ScriptedReply(
                *("slow", "text", 503, {"retry-after": "1"}, "<html>", "text/html", 5.5, 10, "cut", 3, 4, 5, 6, 426)
            ),
            ScriptedReply(),
        )
    )
    nothing = {"when": None, "body": None, "ttftMs": None, "tps": None, "fault": None, "upgrade": None}
    assert parse_script([nothing]) == Script((ScriptedReply(),))


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, "it must be a list of replies."),
        ([3], "reply 1 must be an object."),
        ([{}, {"replay": ""}], 'reply 2 has the unknown key "replay"; known are when, reply, status'),
        ([{"reply": None}], 'in reply 1, "reply" must be a string.'),
        ([{"after": True}], 'in reply 1, "after" must be an integer.'),
        ([{"tps": "fast"}], 'in reply 1, "tps" must be a number or null.'),
        ([{"tps": -1}], 'in reply 1, "tps" must not be negative or infinite.'),
        ([{"tps": float("nan")}], 'in reply 1, "tps" must not be negative or infinite.'),
        ([{"ttftMs": -1}], 'in reply 1, "ttftMs" must not be negative or infinite.'),
        ([{"fault": "explode"}], f'in reply 1, "fault" must be one of {", ".join(FAULTS)}.'),
        ([{"upgrade": 200}], 'in reply 1, "upgrade" must be from 300 to 599.'),
        ([{"comments": 0.5}], 'in reply 1, "comments" must be an integer.'),
        ([{"thinking": -1}], 'in reply 1, "thinking" must not be negative or infinite.'),
        ([{"status": 99}], 'in reply 1, "status" must be from 200 to 599.'),
        ([{"headers": {"a": 1}}], 'in reply 1, "headers" must be an object of strings that HTTP allows.'),
        ([{"headers": {"a": "b\r\nc: d"}}], 'in reply 1, "headers" must be an object of strings that HTTP allows.'),
        ([{"headers": {"ü": "b"}}], 'in reply 1, "headers" must be an object of strings that HTTP allows.'),
    ],
)
def test_what_is_wrong_with_a_script(value: Any, problem: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_script(value)
    assert str(caught.value).startswith(problem)


def test_a_file_is_a_script_or_the_text_of_every_reply(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"reply": "x"}]))
    (tmp_path / "b.py").write_text('[{"reply": "é"}]\n', encoding="utf-8")
    assert read_script(tmp_path / "a.json").reply_to("").reply == "x"
    assert read_script(tmp_path / "b.py").reply_to("").reply == '[{"reply": "é"}]\n'


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("absent.txt", None, "cannot be read: No such file or directory."),
        ("latin.txt", b"\xe9", "cannot be read: it is not UTF-8."),
        ("a.json", b"{", "is not JSON: "),
        ("a.json", b"3", "is not a script: it must be a list of replies."),
    ],
)
def test_what_is_wrong_with_a_file(name: str, content: bytes | None, problem: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ScriptError) as caught:
        read_script(tmp_path / name)
    assert f"The reply file {tmp_path / name} {problem}" in str(caught.value)
