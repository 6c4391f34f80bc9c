"""What is sent for the next edit, to the letter: models of this kind know one form and no other."""

from __future__ import annotations

from dataclasses import replace

from formats.next_edit_contexts import ALONE, CONTEXT, SHOP
from spark_lsp.core.prompt import Message, NextEditContext, Prompt, RecentEdit, TextPrompt
from spark_lsp.core.text import Position
from spark_lsp.formats.next_edit_formats import NEXT_EDIT_FORMATS
from spark_lsp.formats.recent_edits import diff_lines


def text_of(name: str, context: NextEditContext = CONTEXT) -> str:
    prompt = NEXT_EDIT_FORMATS[name].render(context)
    if isinstance(prompt, TextPrompt):
        assert prompt.suffix is None
        return prompt.prefix
    return prompt.messages[-1].content


ZETA_1 = """\
### Instruction:
You are a code completion assistant and your task is to analyze user edits and then rewrite an excerpt that the user \
provides, suggesting the appropriate edits within the excerpt, taking into account the cursor location.

### User Edits:

User edited lib/tax.py:
```diff
@@ -1,2 +1,2 @@
-RATE = 2
+RATE = 3
\x20
```

User edited shop.py:
```diff
@@ -1,5 +1,5 @@
 import tax
-def cost(item):
+def cost(item, count):
     base = item.price
     return base
\x20
```

### User Excerpt:

```shop.py
<|start_of_file|>
import tax
def cost(item, count):
<|editable_region_start|>
    base = item.price
    return <|user_cursor_is_here|>base
<|editable_region_end|>

print(cost(1))
```

### Response:
"""


def test_zeta1() -> None:
    assert text_of("zeta1") == ZETA_1


def test_zeta1_says_where_a_file_begins_and_only_there() -> None:
    assert "<|start_of_file|>" not in text_of("zeta1", replace(CONTEXT, first_line=3))
    assert text_of("zeta1", ALONE).endswith(
        "### User Edits:\n\n\n\n### User Excerpt:\n\n```a.py\n<|start_of_file|>\n<|editable_region_start|>\n"
        "x = 1<|user_cursor_is_here|>\n<|editable_region_end|>\n```\n\n### Response:\n"
    )


def test_zeta2() -> None:
    assert text_of("zeta2") == (
        "<[fim-suffix]>\nprint(cost(1))\n"
        "<[fim-prefix]><filename>lib/tax.py\nRATE = 3\ndef tax(price): ...\n...\n"
        "<filename>lib/item.py\nclass Item: ...\n...\n"
        "\n<filename>edit_history\n"
        "--- a/lib/tax.py\n+++ b/lib/tax.py\n@@ -1,2 +1,2 @@\n-RATE = 2\n+RATE = 3\n \n"
        "--- a/shop.py\n+++ b/shop.py\n@@ -1,5 +1,5 @@\n import tax\n-def cost(item):\n+def cost(item, count):\n"
        "     base = item.price\n     return base\n \n"
        "\n<filename>shop.py\nimport tax\ndef cost(item, count):\n"
        "<<<<<<< CURRENT\n    base = item.price\n    return <|user_cursor|>base\n=======\n<[fim-middle]>"
    )
    assert text_of("zeta2", ALONE) == (
        "<[fim-suffix]>\n<[fim-prefix]><filename>a.py\n<<<<<<< CURRENT\nx = 1<|user_cursor|>\n=======\n<[fim-middle]>"
    )


def test_sweep() -> None:
    context = replace(CONTEXT, window_before=("    return item.price",))
    assert text_of("sweep", context) == (
        "<|file_sep|>lib/tax.py\nRATE = 3\ndef tax(price): ...\n<|file_sep|>lib/item.py\nclass Item: ...\n"
        "<|file_sep|>lib/tax.py.diff\noriginal:\nRATE = 2\n\nupdated:\nRATE = 3\n\n"
        "<|file_sep|>shop.py.diff\noriginal:\nimport tax\ndef cost(item):\n    base = item.price\n    return base\n\n"
        "updated:\nimport tax\ndef cost(item, count):\n    base = item.price\n    return base\n\n"
        "<|file_sep|>original/shop.py\n    return item.price\n"
        "<|file_sep|>current/shop.py\n    base = item.price\n    return base\n"
        "<|file_sep|>updated/shop.py\n"
    )


def test_sweep_shows_three_changes_and_no_long_one_whole() -> None:
    long = RecentEdit("long.py", 0, tuple(map(str, range(60))), ("x",))
    history = (*(replace(SHOP, path=f"{number}.py") for number in range(3)), long)
    text = text_of("sweep", replace(CONTEXT, history=history, related=()))
    assert [part.partition("\n")[0] for part in text.split("<|file_sep|>")] == [
        *("", "1.py.diff", "2.py.diff", "long.py.diff", "original/shop.py", "current/shop.py", "updated/shop.py")
    ]
    shown = text.partition("long.py.diff\noriginal:\n")[2].partition("updated:\n")[0].splitlines()
    assert shown == [*map(str, range(20)), "...", *map(str, range(41, 60))]


def test_mercury() -> None:
    assert text_of("mercury") == (
        "<|recently_viewed_code_snippets|>\n"
        "<|recently_viewed_code_snippet|>\ncode_snippet_file_path: lib/tax.py\nRATE = 3\ndef tax(price): ...\n"
        "<|/recently_viewed_code_snippet|>\n"
        "<|recently_viewed_code_snippet|>\ncode_snippet_file_path: lib/item.py\nclass Item: ...\n"
        "<|/recently_viewed_code_snippet|>\n"
        "<|/recently_viewed_code_snippets|>\n"
        "\n<|current_file_content|>\ncurrent_file_path: shop.py\nimport tax\ndef cost(item, count):\n"
        "<|code_to_edit|>\n    base = item.price\n    return <|cursor|>base\n<|/code_to_edit|>\n"
        "\nprint(cost(1))\n<|/current_file_content|>\n"
        "\n<|edit_diff_history|>\n"
        "--- a/lib/tax.py\n+++ b/lib/tax.py\n@@ -1,2 +1,2 @@\n-RATE = 2\n+RATE = 3\n \n"
        "--- a/shop.py\n+++ b/shop.py\n@@ -1,5 +1,5 @@\n import tax\n-def cost(item):\n+def cost(item, count):\n"
        "     base = item.price\n     return base\n \n"
        "<|/edit_diff_history|>\n"
    )
    prompt = NEXT_EDIT_FORMATS["mercury"].render(ALONE)
    assert prompt == Prompt(
        (
            Message(
                "user",
                "<|recently_viewed_code_snippets|>\n\n<|/recently_viewed_code_snippets|>\n\n"
                "<|current_file_content|>\ncurrent_file_path: a.py\n<|code_to_edit|>\nx = 1<|cursor|>\n"
                "<|/code_to_edit|>\n<|/current_file_content|>\n\n"
                "<|edit_diff_history|>\n\n<|/edit_diff_history|>\n",
            ),
        )
    ), "exactly one message, and all sections"


def test_instinct() -> None:
    prompt = NEXT_EDIT_FORMATS["instinct"].render(CONTEXT)
    assert isinstance(prompt, Prompt)
    assert [message.role for message in prompt.messages] == ["system", "user"]
    assert prompt.messages[1].content == (
        "Reference the user excerpt, user edits, and the snippets to understand the developer's intent. Update the "
        "editable region of the user excerpt by predicting and completing the changes they would have made next. This "
        "may be a deletion, addition, or modification of code.\n\n"
        "### Context:\n<|context_file|>: lib/tax.py\n<|snippet|>\nRATE = 3\ndef tax(price): ...\n"
        "<|context_file|>: lib/item.py\n<|snippet|>\nclass Item: ...\n\n"
        "### User Edits:\n\n"
        'User edited file "shop.py"\n\n```diff\n@@ -1,5 +1,5 @@\n import tax\n-def cost(item):\n'
        "+def cost(item, count):\n     base = item.price\n     return base\n \n```\n"
        'User edited file "lib/tax.py"\n\n```diff\n@@ -1,2 +1,2 @@\n-RATE = 2\n+RATE = 3\n \n```\n\n'
        "### User Excerpt:\nshop.py\n\nimport tax\ndef cost(item, count):\n<|editable_region_start|>\n"
        "    base = item.price\n    return <|user_cursor_is_here|>base\n<|editable_region_end|>\n"
        "\nprint(cost(1))```\n### Response:"
    )


def test_window() -> None:
    prompt = NEXT_EDIT_FORMATS["window"].render(CONTEXT)
    assert isinstance(prompt, Prompt)
    assert [message.role for message in prompt.messages] == ["system", "user"]
    assert prompt.messages[1].content == (
        "From lib/tax.py:\n```\nRATE = 3\ndef tax(price): ...\n```\n\nFrom lib/item.py:\n```\nclass Item: ...\n```\n\n"
        "Declared dependencies: attrs\n\n"
        "Reported by the editor's tools:\n```\nline 4: count is not used\n```\n\n"
        "File: shop.py (python)\n\n"
        "Code behind the window:\n```python\n\nprint(cost(1))\n```\n\n"
        "Code before the window:\n```python\nimport tax\ndef cost(item, count):\n```\n\n"
        "Changed a moment ago, the latest last:\n```diff\n--- lib/tax.py\n+++ lib/tax.py\n@@ -1,1 +1,1 @@\n"
        "-RATE = 2\n+RATE = 3\n--- shop.py\n+++ shop.py\n@@ -2,1 +2,1 @@\n-def cost(item):\n+def cost(item, count):\n"
        "```\n\n"
        "The edit window:\n```python\n    base = item.price\n    return <CURSOR>base\n```"
    )
    assert text_of("window", ALONE) == "File: a.py\n\nThe edit window:\n```\nx = 1<CURSOR>\n```"


def test_patch() -> None:
    text = text_of("patch", replace(CONTEXT, related=(), history=(), first_line=42))
    assert text == (
        "File: shop.py (python)\n\nThe code:\n```\n40| import tax\n41| def cost(item, count):\n"
        "42|     base = item.price\n43|     return <CURSOR>base\n44| \n45| print(cost(1))\n```"
    )


def test_the_mark_is_nowhere_else() -> None:
    context = replace(CONTEXT, before="<CURSOR>\n", after="<CURSOR1>\n")
    for name in ("window", "patch"):
        assert text_of(name, context).count("<CURSOR2>") == 1


def test_no_fence_is_closed_by_what_is_in_it() -> None:
    text = text_of("window", replace(CONTEXT, window=("```",), cursor=Position(0, 3)))
    assert "````python\n```<CURSOR>\n````" in text


def test_changes_far_apart_are_hunks_of_their_own() -> None:
    old = tuple(f"line {number}" for number in range(20))
    new = (*old[:2], "two", *old[3:16], *old[17:])
    edit = RecentEdit("a.py", 10, old, new, ("above",), ())
    assert diff_lines(edit, 1) == [
        *("@@ -12,3 +12,3 @@", " line 1", "-line 2", "+two", " line 3"),
        *("@@ -26,3 +26,2 @@", " line 15", "-line 16", " line 17"),
    ]
    assert diff_lines(RecentEdit("a.py", 3, (), ("new",)), 0) == ["@@ -3,0 +4,1 @@", "+new"]
    assert diff_lines(RecentEdit("a.py", 3, ("same",), ("same",))) == []
