"""What stands before a name: read from the bytes in front of it, since asking the tree for parents costs far more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_BLANK: Final = frozenset(b" \t\r\n")
_WORD: Final = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$" + bytes(range(0x80, 0x100))
)
_LONGEST: Final = 400  # bytes that are looked at in front of a name
_MOST_PARTS: Final = 8
_MOST_BLANK: Final = 8  # bytes between a separator and a name
UNKNOWN: Final = "?"


def qualifier_before(source: bytes, start: int, separators: AbstractSet[str]) -> str:
    """What stands before the name at a byte, with dots between its parts: "a.b" for ``a.b.name`` and ``a::b::name``.

    A call is shown without what it is given, ``f(1).name`` as "f()". "?" stands for what is no chain of names, as in
    ``x[0].name``. "" if the name stands alone. The separators are some of ".", "::", "->", ":" and the backslash.
    """
    parts: list[str] = []
    at = start
    lowest = max(start - _LONGEST, 0)
    while len(parts) < _MOST_PARTS:
        separator, kind = _separator_before(source, at, separators)
        if not kind:
            break
        at = separator
        while kind in {".", "->"} and at > lowest and source[at - 1] in _BLANK:  # a chain goes on on the next line
            at -= 1
        end = at
        calls = at > lowest and source[at - 1] == 0x29  # )
        if calls:
            at = _matching(source, at, lowest, b"()")
        if at > lowest and source[at - 1] == 0x3E and (calls or kind == "::"):  # >
            at = _matching(source, at, lowest, b"<>")
            if source[at - 2 : at] == b"::":
                at -= 2
        word_end = at
        while at > lowest and source[at - 1] in _WORD:
            at -= 1
        if at == word_end:  # not a chain of names, or a name from the root: ::a, \a
            if kind in {".", "->"} or at < end or source[end - 1 : end] in {b")", b"]", b"}"}:
                parts.append(UNKNOWN)
            break
        parts.append(source[at:word_end].decode(errors="replace") + ("()" if calls else ""))
    return ".".join(reversed(parts))


def _separator_before(source: bytes, at: int, separators: AbstractSet[str]) -> tuple[int, str]:
    """Where the separator that ends here begins, and which one it is; "" for none."""
    end = at
    while end and source[end - 1] in b" \t" and at - end < _MOST_BLANK:
        end -= 1
    if end == 0:
        return at, ""
    last, before = source[end - 1], source[end - 2] if end > 1 else 0
    if last == 0x2E:  # .
        if before == 0x2E:  # a range or a spread
            return at, ""
        return end - 2 if before in b"?!" else end - 1, "."
    if end < at:
        return at, ""
    if last == 0x3A:  # :
        if before == 0x3A:
            return (end - 2, "::") if "::" in separators else (at, "")
        return (end - 1, ":") if ":" in separators and before in _WORD else (at, "")
    if last == 0x3E and before == 0x2D and "->" in separators:  # ->
        return end - 3 if source[end - 3 : end - 2] == b"?" else end - 2, "->"
    return (end - 1, "\\") if last == 0x5C and "\\" in separators else (at, "")


def _matching(source: bytes, end: int, lowest: int, pair: bytes) -> int:
    """Where the bracket opens that closes before `end`; `lowest` if that is too far away."""
    opening, closing = pair
    depth = 0
    at = end
    while at > lowest:
        at -= 1
        if source[at] == closing:
            depth += 1
        elif source[at] == opening:
            depth -= 1
            if depth == 0:
                return at
    return lowest
