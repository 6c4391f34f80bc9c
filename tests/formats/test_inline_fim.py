"""Fill in the middle: what each family is sent, to the byte, and where its reply ends."""

from __future__ import annotations

from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_lsp.core.prompt import InlineContext, PromptFile, RelatedCode, TextPrompt
from spark_lsp.formats.inline_formats import INLINE_FORMATS, InlineFormat, inline_format
from spark_lsp.formats.line_comments import commented
from spark_lsp.formats.stops import TextUntilStop

OTHER = RelatedCode("file", "lib/other.py", "def other():\n    ...")
MANIFEST = RelatedCode("manifest", "Declared dependencies:", "httpx, pygls", is_code=False)
PLAIN = InlineContext("src/a.py", "python", "def f(x):\n    return ", "\n\nf(1)\n")
WITH_RELATED = InlineContext("src/a.py", "python", PLAIN.before, PLAIN.after, (MANIFEST, OTHER))

MANIFEST_COMMENT = "# Declared dependencies:\n# httpx, pygls\n\n"
BOTH_COMMENTS = "# Declared dependencies:\n# httpx, pygls\n# lib/other.py:\n# def other():\n#     ...\n\n"
BEFORE, AFTER = PLAIN.before, PLAIN.after

WRITTEN_OUT = [
    (
        ("fim-qwen", ""),
        f"<|fim_prefix|>{BEFORE}<|fim_suffix|>{AFTER}<|fim_middle|>",
        (
            "<|repo_name|>project\n<|file_sep|>lib/other.py\ndef other():\n    ...\n<|file_sep|>src/a.py\n"
            f"<|fim_prefix|>{MANIFEST_COMMENT}{BEFORE}<|fim_suffix|>{AFTER}<|fim_middle|>"
        ),
    ),
    (
        ("fim-starcoder", ""),
        f"<fim_prefix>{BEFORE}<fim_suffix>{AFTER}<fim_middle>",
        (
            "<repo_name>project<file_sep>lib/other.py\ndef other():\n    ...\n<file_sep>"
            f"<fim_prefix>{MANIFEST_COMMENT}{BEFORE}<fim_suffix>{AFTER}<fim_middle>"
        ),
    ),
    (
        ("fim-codestral", ""),
        f"[SUFFIX]{AFTER}[PREFIX]{BEFORE}",
        (
            f"[SUFFIX]{AFTER}[PREFIX]+++++ lib/other.py\ndef other():\n    ...\n\n"
            f"+++++ src/a.py\n{MANIFEST_COMMENT}{BEFORE}"
        ),
    ),
    (
        ("fim-deepseek", ""),
        f"<｜fim▁begin｜>{BEFORE}<｜fim▁hole｜>{AFTER}<｜fim▁end｜>",
        f"<｜fim▁begin｜>{BOTH_COMMENTS}{BEFORE}<｜fim▁hole｜>{AFTER}<｜fim▁end｜>",
    ),
    (
        ("fim-codellama", ""),
        f"<PRE> {BEFORE} <SUF>{AFTER} <MID>",
        f"<PRE> {BOTH_COMMENTS}{BEFORE} <SUF>{AFTER} <MID>",
    ),
    (
        ("fim-codegemma", ""),
        f"<|fim_prefix|>{BEFORE}<|fim_suffix|>{AFTER}<|fim_middle|>",
        f"<|fim_prefix|>{BOTH_COMMENTS}{BEFORE}<|fim_suffix|>{AFTER}<|fim_middle|>",
    ),
    (
        ("fim-seed", ""),
        f"<[fim-suffix]>{AFTER}<[fim-prefix]>{BEFORE}<[fim-middle]>",
        f"<[fim-suffix]>{AFTER}<[fim-prefix]>{BOTH_COMMENTS}{BEFORE}<[fim-middle]>",
    ),
    (
        ("fim-granite", ""),
        f"<|fim_prefix|>{BEFORE}<|fim_suffix|>{AFTER}<|fim_middle|>",
        f"<|fim_prefix|>{BOTH_COMMENTS}{BEFORE}<|fim_suffix|>{AFTER}<|fim_middle|>",
    ),
    (
        ("fim-granite", "granite-code:8b"),
        f"<fim_prefix>{BEFORE}<fim_suffix>{AFTER}<fim_middle>",
        f"<fim_prefix>{BOTH_COMMENTS}{BEFORE}<fim_suffix>{AFTER}<fim_middle>",
    ),
    (
        ("fim-glm", ""),
        f"<|code_prefix|>{BEFORE}<|code_suffix|>{AFTER}<|code_middle|>",
        f"<|code_prefix|>{BOTH_COMMENTS}{BEFORE}<|code_suffix|>{AFTER}<|code_middle|>",
    ),
    (
        ("fim-glm", "codegeex4:9b"),
        (
            "<|user|>\n###PATH:src/a.py\n###LANGUAGE:python\n###MODE:BLOCK\n"
            f"<|code_suffix|>{AFTER}<|code_prefix|>{BEFORE}<|code_middle|><|assistant|>\n"
        ),
        (
            "<|user|>\n###PATH:src/a.py\n###LANGUAGE:python\n###MODE:BLOCK\n"
            f"<|code_suffix|>{AFTER}<|code_prefix|>{BOTH_COMMENTS}{BEFORE}<|code_middle|><|assistant|>\n"
        ),
    ),
]

each_fim = pytest.mark.parametrize("chosen", [one for one in INLINE_FORMATS.values() if one.name.startswith("fim-")])


@pytest.mark.parametrize(("asked", "plain", "with_related"), WRITTEN_OUT, ids=lambda asked: "-".join(asked)[:24])
def test_what_a_family_is_sent(asked: tuple[str, str], plain: str, with_related: str) -> None:
    chosen = inline_format(asked[0], "completions", asked[1])
    assert chosen.render(PLAIN) == TextPrompt(plain)
    assert chosen.render(WITH_RELATED) == TextPrompt(with_related)


def test_every_family_is_in_the_table() -> None:
    named = {asked[0] for asked, _, _ in WRITTEN_OUT}
    assert named == {name for name in INLINE_FORMATS if name.startswith("fim-")}


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("completions", TextPrompt(BOTH_COMMENTS + BEFORE, AFTER)),
        ("ollama", TextPrompt(BOTH_COMMENTS + BEFORE, AFTER)),
        (
            "llama-infill",
            TextPrompt(MANIFEST_COMMENT + BEFORE, AFTER, (PromptFile("lib/other.py", "def other():\n    ..."),)),
        ),
        (
            "mistral-fim",
            TextPrompt(
                f"+++++ lib/other.py\ndef other():\n    ...\n\n+++++ src/a.py\n{MANIFEST_COMMENT}{BEFORE}", AFTER
            ),
        ),
    ],
)
def test_prefix_and_suffix_go_apart(wire: str, expected: TextPrompt) -> None:
    chosen = inline_format("suffix", wire, "")
    assert chosen.render(WITH_RELATED) == expected
    assert chosen.render(PLAIN) == TextPrompt(BEFORE, AFTER)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("python", "# Heading:\n# a = 1\n#\n#     b\n\n"),
        ("typescript", "// Heading:\n// a = 1\n//\n//     b\n\n"),
        ("css", "/* Heading: */\n/* a = 1 */\n/* */\n/*     b */\n\n"),
        ("json", ""),
        ("", ""),
    ],
)
def test_comments_are_those_of_the_language(language: str, expected: str) -> None:
    assert commented([RelatedCode("skeleton", "Heading:", "a = 1\n\n    b\n")], language) == expected


def test_a_comment_does_not_end_before_its_end() -> None:
    assert commented([RelatedCode("skeleton", "", "a { } /* b */ c {}")], "css") == "/* a { } /* b  c {} */\n\n"
    assert commented([], "css") == ""


def in_pieces(chosen: InlineFormat, reply: str, *sizes: int) -> tuple[str, bool]:
    """What a parser gives for a reply that comes in pieces of these sizes, the last of them repeated."""
    parser = chosen.parser(PLAIN)
    text, at = "", 0
    for size in (*sizes, *[sizes[-1]] * len(reply)):
        text += parser.feed(reply[at : at + size])
        at += size
    return text + parser.finish(), parser.ended


@each_fim
def test_no_stop_is_inside_of_another(chosen: InlineFormat) -> None:
    # Else it would depend on the chunking which of them is met first.
    assert not any(one in other for one in chosen.stops for other in chosen.stops if one != other)


@each_fim
def test_a_reply_ends_at_every_stop_wherever_it_is_cut(chosen: InlineFormat) -> None:
    assert chosen.stops
    for stop in chosen.stops:
        # What looks like the beginning of the stop is text all the same.
        text = f"a < b {stop[:-1]}~ [\n"
        reply = f"{text}{stop}more{stop}"
        for first in range(1, len(reply) + 1):
            assert in_pieces(chosen, reply, first, len(reply)) == (text, True)
        assert in_pieces(chosen, reply, 1) == (text, True)
        assert in_pieces(chosen, text + stop[:-1], 1) == (text + stop[:-1], False)


def test_what_cannot_begin_a_stop_is_not_held_back() -> None:
    parser = TextUntilStop(("<end>", "<e"))
    assert [parser.feed(piece) for piece in ("a", "b<", "c<", "<", "x<e", "y")] == ["a", "b", "<c", "<", "<x", ""]
    assert (parser.ended, parser.finish()) == (True, "")


def test_the_first_of_several_stops_counts() -> None:
    assert TextUntilStop(("bb", "aa")).feed("1aa2bb") == "1"


def test_a_stop_that_begins_twice_is_held_back_from_its_beginning() -> None:
    parser = TextUntilStop(("<<end",))
    assert [parser.feed(piece) for piece in ("x<", "<", "end")] == ["x", "", ""]
    assert parser.ended


def test_without_stops_everything_is_text_at_once() -> None:
    parser = TextUntilStop(())
    assert (parser.feed("a<|"), parser.finish(), parser.ended) == ("a<|", "", False)


_STOPS = ("<|end|>", "<|x", "||", "\n++ ")


@given(st.text(alphabet="<|endx>\n+ ", max_size=30), st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_any_chunking_finds_the_first_stop(reply: str, sizes: list[int]) -> None:
    parser = TextUntilStop(_STOPS)
    text, at = "", 0
    for size in cycle(sizes):
        text += parser.feed(reply[at : at + size])
        at += size
        if at >= len(reply):
            break
    text += parser.finish()
    places = [place for stop in _STOPS if (place := reply.find(stop)) >= 0]
    assert parser.ended == bool(places)
    assert text == reply[: min(places, default=len(reply))]
