"""From what a facts query found to symbols, imports and references: one sweep through it, in the order of the file.

The sweep keeps a stack of what is open at each place. Everything that it says of a node depends on the nodes around
it, what is in it and the comments right above it, never on what else is in the file: so parts of a file can be swept
by themselves. What depends on the rest is left to `facts.assemble`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from spark_lsp.core.symbols import Import, Reference, Symbol
from spark_lsp.syntax.comments import first_line
from spark_lsp.syntax.fact_captures import (
    BASE,
    CALL,
    LOCAL,
    QUOTED_TYPE,
    SKIP,
    TYPE_NAME,
    TYPE_PARAMETER,
    Captured,
    Mark,
)
from spark_lsp.syntax.fact_rules import CLASSES, Definition
from spark_lsp.syntax.fact_values import (
    Facts,
    Open,
    Source,
    add_local,
    add_type_parameter,
    is_known,
    is_local,
)
from spark_lsp.syntax.qualifiers import qualifier_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from spark_lsp.core.symbols import ReferenceKind, SymbolKind
    from spark_lsp.syntax.fact_rules import Rules

_FUNCTIONS: Final = frozenset({"function", "method"})
_VALUES: Final = frozenset({"variable", "constant"})
_WRAPPERS: Final = frozenset({"wrapper", "exporter", "statement"})
_SELF: Final = frozenset({"self", "this", "super"})
_QUALIFIED: Final = re.compile(r"[.:\\]+|->")
_GENERIC: Final = re.compile(r"[<\[].*[>\]]")
_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_QUOTED: Final = re.compile(r"""["'](\w+)["']""")
_COMMENT: Final = (b"#", b"//", b"--")
_KINDS: Final[dict[int, ReferenceKind]] = {CALL: "call", TYPE_NAME: "type", BASE: "type", QUOTED_TYPE: "type"}
_NEVER: Final = 1 << 62


class Sweep:
    """One sweep. `outer` is what is open around the part that is swept, outermost first."""

    def __init__(self, rules: Rules, source: Source, found: Captured, outer: Sequence[Open] = ()) -> None:
        self._rules = rules
        self._source = source
        self._found = found
        self._stack: list[Open] = [Open("root", _NEVER), *outer]
        self._lead: dict[int, Node] = {}  # by its last row
        for node in found.leading:
            if source.has_lines(node):
                end = node.end_point
                self._lead[end[0] - 1 if end[1] == 0 else end[0]] = node
        self._symbols: list[Open] = []
        self._imports: list[Import] = []
        self._references: list[tuple[Reference, Open]] = []
        self._exports: set[str] = set()
        self._export_list: set[str] | None = None
        self._default = ""
        self._package = ""
        self._types_until = 0  # byte
        self._skip_until = 0  # byte

    def run(self) -> Facts:
        marks, names, ranks, stack = self._found.marks, self._found.names, self._found.ranks, self._stack
        content, first = self._source.content, self._source.first_byte
        separators = self._rules.separators
        last_bytes = {separator[-1:].encode() for separator in separators}
        starts = [*(mark.start for mark in marks), _NEVER]
        next_mark = 0
        for start in sorted(names):
            while starts[next_mark] <= start:
                self._open(marks[next_mark])
                next_mark += 1
            rank = ranks[start]
            if rank == SKIP or start < self._skip_until:
                continue
            while stack[-1].end <= start:
                stack.pop()
            node = names[start]
            at = start - first
            text = content[at : node.end_byte - first].decode(errors="replace")
            if not text:  # tree-sitter put it in, to go on after an error
                continue
            if rank == LOCAL:
                add_local(stack[-1], text)
            elif rank == TYPE_PARAMETER:
                add_type_parameter(stack[-1], text, start)
            elif rank == QUOTED_TYPE:
                for dotted in _DOTTED.findall(text):
                    qualifier, _, name = dotted.rpartition(".")
                    self._refer(Reference(name, qualifier, "type", node.start_point[0]), start, rank)
            else:
                qualified = content[at - 1 : at] in last_bytes
                qualifier = qualifier_before(content, at, separators) if qualified else ""
                if not qualifier and text in _SELF:
                    continue
                in_type = (
                    start < self._types_until and content[node.end_byte - first : node.end_byte - first + 1] != b"."
                )
                kind = _KINDS.get(rank) or ("type" if in_type else "name")
                self._refer(Reference(text, qualifier, kind, node.start_point[0]), start, rank)
        for mark in marks[next_mark:]:
            self._open(mark)
        return self._result()

    def still_open(self, byte: int) -> list[tuple[Open, int]]:
        """What is open behind what was swept, outermost first, and which of the symbols it is; -1 for none of them."""
        numbers = {id(opened): number for number, opened in enumerate(self._symbols)}
        return [(opened, numbers.get(id(opened), -1)) for opened in self._stack[1:] if opened.end > byte]

    def _refer(self, reference: Reference, start: int, rank: int) -> None:
        top = self._stack[-1]
        self._references.append((reference, top))
        if reference.kind != "type":
            return
        around: Open | None = top
        in_scope = False
        while around is not None and around.name_node is None:
            in_scope = in_scope or around.role == "scope"
            around = around.parent
        if around is None:
            return
        dotted = f"{reference.qualifier}.{reference.name}" if reference.qualifier else reference.name
        if rank == BASE:
            if around.role in CLASSES and (start < around.header_end or self._rules.bases_in_body):
                around.bases.append(dotted)
        elif start < around.header_end and (around.body_start >= 0 or not in_scope):
            around.types.append(dotted)

    def _open(self, mark: Mark) -> None:
        if mark.start < self._skip_until:
            return
        stack, role, node = self._stack, mark.role, mark.node
        while stack[-1].end <= mark.start:
            stack.pop()
        top = stack[-1]
        if mark.name is not None:
            self._define(mark, mark.name, top)
        elif role == "import":
            self._skip_until = mark.end
            self._imports += self._rules.read_imports(node, self._source.text)
        elif role == "name":
            self._skip_until = mark.end
        elif role == "type_region":
            self._types_until = max(self._types_until, mark.end)
        elif role == "scope":
            stack.append(Open(role, mark.end, top.path, top, mark.start, in_function=True, locals=set()))
        elif role in _WRAPPERS:
            lead = top.lead if top.role in _WRAPPERS and top.lead is not None else node
            wrapper = Open(role, mark.end, top.path, top, mark.start, lead, in_function=top.in_function, locals=set())
            wrapper.exported = role == "exporter" or (top.role in _WRAPPERS and top.exported)
            stack.append(wrapper)
        elif role == "doc":
            if top.body_start == mark.start and not top.doc:
                top.doc = first_line(self._source.text(node))
        elif role == "modifier":
            if mark.start < top.name_start:
                top.modifiers.append(self._source.text(node))
        elif role == "section":
            section = self._source.text(node)
            if top.name_node is not None and (mark.start > top.body_start or not top.section):
                top.section = section
        elif role == "package":
            self._skip_until = mark.end
            self._package = self._package or self._source.text(node)
        elif top.in_function and mark.start >= top.header_end:
            return
        else:
            self._add_to_file(role, self._source.text(node))

    def _add_to_file(self, role: str, text: str) -> None:
        if role == "export_list":
            self._export_list = (self._export_list or set()) | set(_QUOTED.findall(text))
        else:
            self._exports.add(text)
            if role == "default":
                self._default = text

    def _define(self, mark: Mark, name_node: Node, top: Open) -> None:
        twin: Open | None = None
        if top.name_node is not None and top.start == mark.start and top.end == mark.end and top.parent is not None:
            # const a = 1, b = 2
            twin, top = top, top.parent
        around = top
        while around.role in _WRAPPERS and around.parent is not None:
            around = around.parent
        *prefix, name = _parts(self._source.text(name_node))
        if mark.receiver is not None:
            prefix = [self._source.text(mark.receiver)]
        name = self._rules.plain_name(name)
        role = mark.role
        if role == "attribute":
            holder: Open | None = around
            while holder is not None and holder.role not in CLASSES:
                holder = holder.parent
            if holder is None:
                return
            around = holder
        if not name:
            return
        path = ".".join(part for part in (around.path, *prefix) if part)
        if role == "container":
            self._stack.append(
                Open(
                    role,
                    mark.end,
                    f"{path}.{name}" if path else name,
                    top,
                    mark.start,
                    header_end=_header_end(mark),
                    locals=set(),
                )
            )
            return
        if around.in_function and (role in _VALUES or role == "function"):
            if not prefix:
                add_local(around, name)
            if role in _VALUES or mark.body is None:
                return
        kind = _kind(role, name, around, path, qualified=bool(prefix))
        if kind is None:
            if role == "method":
                self._stack.append(Open("scope", mark.end, top.path, top, in_function=True, locals=set()))
            return
        node, body_start = mark.node, -1 if mark.body is None else mark.body.start_byte
        end = node.end_point
        lead: Node | None = node
        if twin is not None:
            lead = twin.lead
        elif top.role in _WRAPPERS and top.lead is not None:  # the first definition in it
            if top.role != "statement" or top.lead.start_point[0] == node.start_point[0]:
                lead = top.lead
            top.lead = None
        opened = Open(
            kind,
            mark.end,
            f"{path}.{name}" if path else name,
            top,
            mark.start,
            lead,
            name,
            path,
            name_node,
            header_end=_header_end(mark),
            name_start=name_node.start_byte,
            body_start=body_start,
            end_row=end[0] if end[1] == 0 and end[0] > node.start_point[0] else end[0] + 1,
            in_function=kind in _FUNCTIONS or (around.in_function and kind not in CLASSES),
            locals=set(),
            own_section=around.section,
            around=around.role,
            exported=top.role in _WRAPPERS and top.exported,
        )
        if twin is not None:
            opened.types, opened.modifiers, opened.locals = twin.types, twin.modifiers, twin.locals
        self._symbols.append(opened)
        self._stack.append(opened)

    def _result(self) -> Facts:
        return Facts(
            tuple(self._symbol(opened) for opened in self._symbols),
            tuple(self._imports),
            tuple(
                dict.fromkeys(reference for reference, around in self._references if not is_local(reference, around))
            ),
            frozenset(self._exports),
            None if self._export_list is None else frozenset(self._export_list),
            self._default,
            self._package,
        )

    def _symbol(self, opened: Open) -> Symbol:
        assert opened.name_node is not None
        assert opened.lead is not None
        start, doc = self._led_by(opened.lead)
        line = opened.name_node.start_point[0]
        types = [name for name in opened.types if not is_known(f"<{name}", opened)]
        return Symbol(
            opened.name,
            cast("SymbolKind", opened.role),
            opened.container,
            line,
            self._column(opened.name_node, opened.name),
            start,
            opened.end_row,
            opened.end_row if opened.body_start < 0 else min(self._signature_end(opened, line), opened.end_row),
            opened.doc or doc,
            tuple(dict.fromkeys(opened.bases)),
            tuple(dict.fromkeys(types)),
            self._rules.exported(
                Definition(
                    opened.name,
                    opened.role,
                    opened.around,
                    tuple(opened.modifiers),
                    opened.own_section,
                    opened.exported,
                )
            ),
        )

    def _column(self, node: Node, name: str) -> int:
        """Where a name begins in its node, which can hold more: ``a::b::name``, "name"."""
        column = self._source.column(node)
        if node.child_count:
            before = self._source.text(node).rpartition(name)[0]
            column += len(before) if "\n" not in before else 0
        return column

    def _signature_end(self, opened: Open, line: int) -> int:
        """The line behind the last one in front of the body that is not blank and no comment."""
        header = self._source.between(opened.name_start, opened.body_start).rstrip().splitlines()
        while len(header) > 1 and header[-1].lstrip().startswith(_COMMENT):
            header.pop()
        return line + max(len(header), 1)

    def _led_by(self, first: Node) -> tuple[int, str]:
        """The first row of the comments and annotations right above a node, and what these comments say first."""
        row = first.start_point[0]
        if not self._source.begins_line(first):
            return row, ""
        comments: list[str] = []
        while (node := self._lead.get(row - 1)) is not None:
            row = node.start_point[0]
            if "comment" in node.type:
                comments.append(self._source.text(node))
        return row, first_line("\n".join(reversed(comments))) if comments else ""


def _header_end(mark: Mark) -> int:
    return mark.end if mark.body is None else mark.body.start_byte


def _parts(name: str) -> list[str]:
    """The parts of a qualified name, without what is given to types in it."""
    if "operator" not in name:
        name = _GENERIC.sub("", name)
        return [part for part in _QUALIFIED.split(name) if part] or [""]
    before, operator, after = name.partition("operator")
    return [*(part for part in _QUALIFIED.split(_GENERIC.sub("", before)) if part), operator + after]


def _kind(role: str, name: str, around: Open, path: str, *, qualified: bool) -> SymbolKind | None:
    """What a definition is where it stands; None if it is nothing that others could use."""
    if role == "member":
        return "constant"
    if role == "attribute":
        return "field"
    if role == "function":
        return "method" if around.role in CLASSES or around.role == "container" or qualified else "function"
    if role == "method":
        return "method" if path else None
    if role == "variable":
        if around.role in CLASSES or qualified:
            return "field"
        return "constant" if name.isupper() and len(name) > 1 else "variable"
    if role == "field":
        return "field" if around.role in CLASSES or around.role == "type" else None
    return cast("SymbolKind", role)
