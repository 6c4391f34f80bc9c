"""What some lines of a text are to the parser, with everything left out that is only style.

Two texts that give the same `code_tokens` between the same neighbours are the same code. In doubt something counts as
code: the worst that follows is that a change of style is taken for more than that.

What is left out: white space between tokens, blank lines, how a comment is cut into lines, and by language the comma
before a closing bracket, semicolons that end a statement, which quotes a string has, and parentheses round an
expression that reads the same without them. The tree around the tokens is kept, so that a pair of parentheses, a
semicolon or a line break that does matter shows in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from spark_lsp.core.text import line_content
from spark_lsp.syntax.offsets import encode

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

    from spark_lsp.core.text import Text

Token = tuple[object, ...]

_SCRIPTS: Final = frozenset({"javascript", "typescript", "tsx"})
_QUOTED: Final = frozenset({*_SCRIPTS, "python"})
# Whole texts count of these: between what they consist of, white space is content.
_ATOM: Final = re.compile(r"string(?!_array$)|heredoc|nowdoc|regex|comment|scalar|expansion|shell|(?:^|_)text$")
_NO_ATOM: Final = frozenset({"concatenated_string", "string_concatenation"})
# Where white space between the children may be content, whatever the grammar makes of it.
_MARKUP: Final = frozenset({"jsx_element", "jsx_fragment", "jsx_self_closing_element"})
# Nodes in which the comma before the closing bracket says nothing. Tuples are apart: a comma can make one.
_C_LISTS: Final = "initializer_list enumerator_list"
_SCRIPT_LISTS: Final = "arguments formal_parameters array object object_pattern named_imports export_clause enum_body"
_LISTS: Final = {
    "c": _C_LISTS,
    "cpp": _C_LISTS,
    "csharp": "initializer_expression",
    "go": "argument_list parameter_list literal_value",
    "java": "array_initializer",
    "javascript": _SCRIPT_LISTS,
    "lua": "table_constructor",
    "php": "arguments formal_parameters array_creation_expression",
    "python": "argument_list parameters list dictionary set import_from_statement",
    "ruby": "array hash argument_list",
    "rust": "arguments parameters array_expression field_initializer_list field_declaration_list enum_variant_list "
    "use_list struct_pattern ordered_field_declaration_list",
    "toml": "array",
    "tsx": _SCRIPT_LISTS,
    "typescript": _SCRIPT_LISTS,
    "yaml": "flow_sequence flow_mapping",
}
_NO_ELEMENT: Final = frozenset({",", "(", "[", "{"})
_TUPLES: Final = {"python": "tuple", "rust": "tuple_expression"}
# Inside of these, lines of Python may begin and be indented as one likes.
_BRACKETS: Final = frozenset(
    {
        *("argument_list", "parameters", "list", "dictionary", "set", "tuple", "parenthesized_expression", "subscript"),
        *("list_comprehension", "dictionary_comprehension", "set_comprehension", "generator_expression"),
        *("with_clause", "tuple_pattern", "list_pattern", "type_parameter"),
    }
)
_STRING: Final = re.compile(r"""([A-Za-z]*)(\"\"\"|'''|"|')(.*)\2""", re.DOTALL)
_ESCAPE: Final = re.compile(r"""\\(['"])|\\.""", re.DOTALL)
_MARK: Final = re.compile(r"\s*(///|//!|//|/\*[*!]?|#+|--|;+|<!--|\*(?!/))?[ \t]*")
# Comments that are for a tool: where and how exactly they stand may matter.
_DIRECTIVE: Final = re.compile(
    r"^\W*!|[@+]\w|\b\w+:\S|\b(?:type|fmt|isort|yapf|mypy|pyright|ruff|pragma|noqa|nosec|pylint|eslint|prettier|tslint|"
    r"biome|istanbul|c8|nolint|go|clang|NOLINT\w*|luacheck|stylua|rubocop|shellcheck|phpcs|cspell|spell|SPDX|region|"
    r"endregion|cython|coding|frozen_string_literal|vim|sourceMappingURL)\b(?:[:\-=]|\s*$)|\bnoqa\b",
    re.IGNORECASE,
)
_MOST_TOKENS: Final = 5_000  # about 10 ms


class _Place(NamedTuple):
    """A node that is being walked through."""

    node: Node
    kind: str
    is_shown: bool
    first: int
    """How many tokens there were before it."""


@dataclass(slots=True)
class _Walk:
    """One walk over the lines of a text."""

    text: Text
    grammar: str
    data: bytes
    start: int
    """Where the data begins in the text, in bytes."""
    core: tuple[int, int]
    """Between which bytes the texts that are compared may differ."""
    tokens: list[Token] = field(default_factory=list)
    places: list[_Place] = field(default_factory=list)
    at: int = 0
    has_markup: bool = False

    def run(self, tree: Tree) -> list[Token] | None:
        end = self.start + len(self.data)
        self.at = self.start
        cursor = tree.walk()
        while True:
            node = cursor.node
            if node is None or node.is_error or node.is_missing or len(self.tokens) > _MOST_TOKENS:
                return None
            inside = node.end_byte > self.start or not node.child_count
            if inside and self._is_entered(node):
                entered = cursor.goto_first_child_for_byte(self.start) is not None
                if entered and (child := cursor.node) is not None and child.start_byte < end:
                    continue
                if entered:
                    cursor.goto_parent()
                self._leave()
            while not (cursor.goto_next_sibling() and (node := cursor.node) is not None and node.start_byte < end):
                if not self.places:
                    return self.tokens
                while (above := cursor.node) is not None and above.id != self.places[-1].node.id:
                    cursor.goto_parent()
                self._leave()

    def _is_entered(self, node: Node) -> bool:
        """Take a node for what it is, or begin to walk through it."""
        kind = node.type
        if node.child_count == 0 or (_ATOM.search(kind) and kind not in _NO_ATOM):
            if node.end_byte > self.start and node.end_byte > node.start_byte:
                self._take(node, kind)
            return False
        parent = self.places[-1].kind if self.places else ""
        if kind in _MARKUP and node.start_byte < self.core[1] and node.end_byte > self.core[0]:
            self.has_markup = True
        is_shown = not (kind == "parenthesized_expression" and self._says_nothing(node, parent))
        self.places.append(_Place(node, kind, is_shown, len(self.tokens)))
        if is_shown:
            self.tokens.append((">", kind))
        return True

    def _leave(self) -> None:
        place = self.places.pop()
        if place.is_shown:
            self.tokens.append(("<", ""))

    def _says_nothing(self, node: Node, parent: str) -> bool:
        """Parentheses that the tree alone can judge: the expression in them stands where they stood."""
        if self.grammar == "python":
            return True
        # In scripts `(a?.b).c` is not `a?.b.c`, and a statement of one string may be a directive.
        return self.grammar in _SCRIPTS and parent != "expression_statement" and "?." not in self._text_of(node)

    def _column(self, node: Node) -> int | None:
        """Where a node stands that begins a line, if that may carry meaning."""
        if self.grammar not in ("python", "yaml"):
            return None
        row, column = node.start_point
        if encode(self.text.lines[row])[:column].strip():
            return None
        if self.grammar == "python" and (
            any(place.node.start_byte < node.start_byte and self._is_bracket(place) for place in self.places)
            or (row and line_content(self.text.lines[row - 1]).endswith("\\"))
        ):
            return None
        return column

    def _is_bracket(self, place: _Place) -> bool:
        if place.kind == "import_from_statement":
            return ("=", "(", "(", None) in self.tokens[place.first :]
        return place.kind in _BRACKETS

    def _take(self, node: Node, kind: str) -> None:
        gap = self.data[max(self.at - self.start, 0) : max(node.start_byte - self.start, 0)]
        if gap := gap.replace(b"\\", b"").strip():
            self.tokens.append(("?", gap))
        self.at = node.end_byte
        parent = self.places[-1] if self.places else None
        within = parent.kind if parent else ""
        text = self._text_of(node)
        if not text.strip() or kind == "line_continuation":
            return
        if "comment" in kind:
            self._take_comment(text)
            return
        if kind in ("(", ")") and parent is not None and not parent.is_shown:
            if (column := self._column(node)) is not None:
                self.tokens.append(("^", "", column))
            return
        if kind == ";" and self.grammar in _SCRIPTS and within not in ("for_statement", "empty_statement"):
            return
        if kind in (")", "]", "}") and parent is not None:
            self._drop_comma(parent)
        if kind == "string" and self.grammar in _QUOTED:
            text = _without_quotes(text)
        self.tokens.append(("=", kind, text, self._column(node)))

    def _take_comment(self, text: str) -> None:
        mark = _MARK.match(text)
        words = tuple(word for line in text.splitlines() for word in _MARK.sub("", line, count=1).split())
        token: Token = ("#", (mark[1] if mark else "") or "", words)
        if _DIRECTIVE.search(" ".join(words)):
            token = ("#!", text.strip())
        last = self.tokens[-1] if self.tokens else ()
        if token[0] == "#" and last[:2] == token[:2]:
            before = last[2]
            assert isinstance(before, tuple)
            self.tokens[-1] = (*token[:2], before + words)
        else:
            self.tokens.append(token)

    def _drop_comma(self, place: _Place) -> None:
        """Take the comma before a closing bracket back, where it says nothing."""
        index = len(self.tokens) - 1
        while index > place.first and self.tokens[index][0] == "#":
            index -= 1
        if (
            index <= place.first
            or self.tokens[index][:3] != ("=", ",", ",")
            or self.tokens[index - 1][1] in _NO_ELEMENT
        ):
            return
        if place.kind in _TUPLES.get(self.grammar, "").split():
            if sum(child.type == "," for child in place.node.children) < 2:
                return
        elif place.kind not in _LISTS.get(self.grammar, "").split():
            return
        del self.tokens[index]

    def _text_of(self, node: Node) -> str:
        begin = node.start_byte - self.start
        end = node.end_byte - self.start
        if begin >= 0 and end <= len(self.data):
            return self.data[begin:end].decode("utf-8", "replace")
        first, last = node.start_point, node.end_point
        lines = [*self.text.lines[first.row : last.row], *self.text.lines[last.row : last.row + 1]]
        whole = encode("".join(lines))
        rest = len(encode(lines[-1])) - last.column if last.row < len(self.text.lines) else 0
        return whole[first.column : len(whole) - rest].decode("utf-8", "replace")


def code_tokens(
    text: Text, tree: Tree, grammar: str, rows: tuple[int, int], around: tuple[int, int], start: int
) -> list[Token] | None:
    """What the lines from one row up to another are to the parser; None if that is not certain.

    The tree must be that of the text. The rows `around` are those that are looked at, of which the first begins at the
    byte `start`; they begin and end as those of the text to compare with. Of what only reaches into them its kind
    counts, and all of its text if that is content.
    """
    data, lines = encode("".join(text.lines[around[0] : around[1]])), text.lines[rows[0] : rows[1]]
    core = start + len(encode("".join(text.lines[around[0] : rows[0]])))
    walk = _Walk(text, grammar, data, start, (core, core + len(encode("".join(lines)))))
    tokens = walk.run(tree)
    if tokens is not None and walk.has_markup:
        tokens += [("|", content) for line in lines if (content := line_content(line).strip())]
    return tokens


def _without_quotes(text: str) -> str:
    """A string of Python or a script, the same for either kind of quotes; as it is where that is not certain."""
    match = _STRING.fullmatch(text)
    if match is None:
        return text
    prefix, quotes, content = match.groups()
    if prefix and set(content) & set("'\"\\"):
        return text  # raw, or with expressions inside
    return f"{prefix}{len(quotes)}{_ESCAPE.sub(lambda escape: escape[1] or escape[0], content)}"
