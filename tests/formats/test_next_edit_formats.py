"""Which format the next edit is asked for in, and what is never sent in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from formats.next_edit_contexts import ALONE, CONTEXT, SHOP
from spark_lsp.core.prompt import Prompt, RelatedCode, TextPrompt
from spark_lsp.formats.next_edit_formats import NEXT_EDIT_FORMATS, ZETA_1, ZETA_2, ZETA_2_1, can_hold, next_edit_format
from spark_lsp.settings.endpoint_model import FORMATS
from spark_lsp.settings.endpoint_model import WIRES as WIRE_NAMES

CONVERSING = ("chat", "responses", "responses-ws", "anthropic", "ollama")


def name_of(wire: str, model: str) -> str | None:
    chosen = next_edit_format("auto", wire, model)
    return None if chosen is None else chosen.name


def test_the_settings_name_every_format() -> None:
    assert tuple(NEXT_EDIT_FORMATS) == FORMATS["nextEdit"]


@pytest.mark.parametrize("wire", WIRE_NAMES)
@pytest.mark.parametrize("name", NEXT_EDIT_FORMATS)
def test_a_name_forces_its_format(wire: str, name: str) -> None:
    for model in ("gpt-5", "zeta", "zeta-2", "mercury-edit-2"):
        chosen = next_edit_format(name, wire, model)
        assert chosen is not None
        assert chosen.name == name


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("zed-industries/zeta", "zeta1"),
        ("zeta", "zeta1"),
        ("zed-industries/zeta-2", "zeta2"),
        ("zeta2:latest", "zeta2"),
        ("zeta_2-q8", "zeta2"),
        ("zed-industries/zeta-2.1", "zeta2"),
        ("sweepai/sweep-next-edit-1.5B", "sweep"),
        ("sweep-next-edit-7b", "sweep"),
        ("continuedev/instinct", "instinct"),
        ("nate/instinct:7b", "instinct"),
        ("mercury-edit-2", "mercury"),
    ],
)
def test_auto_knows_the_models_that_were_made_for_it(model: str, expected: str) -> None:
    for wire in ("chat", "completions", "ollama"):
        assert name_of(wire, model) == expected


@pytest.mark.parametrize("model", ["gpt-5", "qwen2.5-coder:7b", "mercury-2", "thetazeta", ""])
def test_auto_asks_others_for_the_window_where_they_converse(model: str) -> None:
    for wire in WIRE_NAMES:
        expected = "window" if wire in CONVERSING else "mercury" if wire == "inception-edit" else None
        assert name_of(wire, model) == expected


@pytest.mark.parametrize("name", NEXT_EDIT_FORMATS)
def test_a_context_with_a_control_token_is_not_sent(name: str) -> None:
    chosen = NEXT_EDIT_FORMATS[name]
    assert can_hold(chosen, CONTEXT)
    assert bool(chosen.control_tokens) == (name not in ("window", "patch"))
    for token in chosen.control_tokens:
        for context in (
            replace(CONTEXT, path=f"{token}.py"),
            replace(CONTEXT, before=f"x = '{token}'\n"),
            replace(CONTEXT, after=f"{token}\n"),
            replace(CONTEXT, window=("x", token.rstrip("\n"))),
            replace(CONTEXT, window_before=(token.rstrip("\n"),)),
            replace(CONTEXT, related=(RelatedCode("file", "b.py", f"y = '{token}'\n"),)),
            replace(CONTEXT, related=(RelatedCode("file", token, ""),)),
            replace(CONTEXT, history=(replace(SHOP, old=(token.rstrip("\n"),)),)),
            replace(CONTEXT, history=(replace(SHOP, new=(token.rstrip("\n"),)),)),
            replace(CONTEXT, history=(replace(SHOP, above=(token.rstrip("\n"),)),)),
            replace(CONTEXT, history=(replace(SHOP, below=(token.rstrip("\n"),)),)),
            replace(CONTEXT, history=(replace(SHOP, path=token),)),
        ):
            assert not can_hold(chosen, context), token


@pytest.mark.parametrize("name", [name for name in NEXT_EDIT_FORMATS if name not in ("window", "patch")])
def test_what_a_format_puts_in_counts_as_a_control_token(name: str) -> None:
    chosen = NEXT_EDIT_FORMATS[name]
    prompt = chosen.render(ALONE)
    rest = prompt.prefix if isinstance(prompt, TextPrompt) else prompt.messages[-1].content
    for token in chosen.control_tokens:
        rest = rest.replace(token, "")
    assert not any(mark in rest for mark in ("<|", "|>", "<[", "<<<", "==="))


def test_zetas_markers_are_those_of_its_version() -> None:
    for wanted in ("auto", "zeta2"):
        assert next_edit_format(wanted, "completions", "zed-industries/zeta-2") is ZETA_2
        assert next_edit_format(wanted, "completions", "zed-industries/zeta-2.1") is ZETA_2_1
    assert next_edit_format("zeta1", "completions", "zeta-2.1") is ZETA_1


@pytest.mark.parametrize("name", NEXT_EDIT_FORMATS)
def test_models_that_continue_a_text_get_one(name: str) -> None:
    prompt = NEXT_EDIT_FORMATS[name].render(CONTEXT)
    assert isinstance(prompt, TextPrompt if name in ("zeta1", "zeta2", "sweep") else Prompt)
    assert bool(NEXT_EDIT_FORMATS[name].stops) == isinstance(prompt, TextPrompt)
