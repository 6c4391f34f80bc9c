"""What the demo's screen shows, drawn by rich: a title, the code, what goes on, and a line of measurements.

Every cell has a background of its own, so that it can be read on light and on dark terminals alike. What colours say,
the signs in the margin say too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from rich.color import Color
from rich.style import Style
from rich.syntax import Syntax
from rich.text import Span, Text

from spark_lsp.cli.demonstration.buffer import Mark

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from spark_lsp.cli.demonstration.buffer import Buffer, Row

FRESH_SECONDS: Final = 0.7
"""How long what has just been added stands out, and what has been removed is still shown."""
SAID_LINES: Final = 3
_OTHER_LINES: Final = SAID_LINES + 3
_CLEARANCE: Final = 3
"""Lines that are kept between what happens and the window's edge."""
_TAB: Final = 4
_DARK: Final = 160
"""Colours without a component of this size are too dark for the ground."""
_MARGIN_WIDTH: Final = 7
"""Of the line numbers and the signs."""

# Chosen so that the nearest of 256 colours are of the same hue.
_GROUND: Final = Style.parse("#f8f8f2 on #272822")
_QUIET: Final = Style.parse("#a8a594 on #272822")
_BAR: Final = Style.parse("bold #f8f8f2 on #4b2a80")
_BAR_QUIET: Final = Style.parse("#d8d0e8 on #4b2a80")
_SAID: Final = Style.parse("#f8f8f2 on #33352c")
_SAID_LAST: Final = Style.parse("bold #f8f8f2 on #33352c")
_CARET: Final = Style.parse("reverse")
_UNDERLINE: Final = Style.parse("underline #ff6188")
_BACKGROUNDS: Final = {
    Mark.ADDED: Style.parse("on #12381b"),
    Mark.TYPED: Style.parse("on #1a3f78"),
    Mark.REMOVED: Style.parse("#ffb8b8 on #5a1d1d"),
}
_FOREGROUNDS: Final = {
    Mark.ADDED: Style.parse("bold bright_green"),
    Mark.TYPED: Style.parse("bold bright_cyan"),
    Mark.REMOVED: Style.parse("bright_red"),
}
"""For terminals with sixteen colours, which have no backgrounds that are fit for text."""
_FRESH: Final = Style.parse("on #1b5e2b")
_SIGNS: Final = {Mark.PLAIN: "  ", Mark.ADDED: "+ ", Mark.TYPED: "» ", Mark.REMOVED: "- "}
_SIGN_STYLES: Final = {
    Mark.PLAIN: _QUIET,
    Mark.ADDED: Style.parse("bold #a6e22e on #272822"),
    Mark.TYPED: Style.parse("bold #66d9ef on #272822"),
    Mark.REMOVED: Style.parse("bold #ff6188 on #272822"),
}


@dataclass(slots=True, eq=False)
class Screen:
    """The state of the screen. Rendering it draws it at the size that the terminal has by then."""

    title: str = "spark-lsp demo"
    origin: str = ""
    """Where the replies come from."""
    buffer: Buffer | None = None
    said: list[str] = field(default_factory=list)
    measured: str = ""
    now: float = 0.0
    """On the loop's clock."""
    _top: int = 0
    _height: int = 0
    _highlighted: tuple[str, list[Text]] = ("", [])

    def shows(self, row: Row) -> bool:
        """Whether a row is in the window, as it was drawn last."""
        rows = self.buffer.rows if self.buffer else []
        return row in rows[self._top : self._top + self._height]

    def open(self, title: str, buffer: Buffer) -> None:
        """Show another file."""
        self.title, self.buffer = title, buffer
        self.said, self.measured, self._top = [], "", 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, options.height or console.height
        yield _bar(self.title, self.origin, width)
        yield from self._code(console, width, max(height - _OTHER_LINES, 1))
        yield _fitted(Text(f" {self._name()}", _QUIET), width, _GROUND)
        said = self.said[-SAID_LINES:]
        for index in range(SAID_LINES):
            last = index == len(said) - 1
            line = said[index] if index < len(said) else ""
            yield _fitted(Text(f" {line}", _SAID_LAST if last else _SAID), width, _SAID)
        yield _bar(self.measured, "Ctrl-C ends it", width)

    def _name(self) -> str:
        return "" if self.buffer is None else f"── {self.buffer.name} "

    def _code(self, console: Console, width: int, height: int) -> list[Text]:
        buffer = self.buffer
        if buffer is None:
            return [_fitted(Text(), width, _GROUND)] * height
        rows = buffer.rows if buffer.rows[-1].text else buffer.rows[:-1]
        self._height = height
        self._scroll(rows, buffer.attention, height)
        highlighted = self._highlight(buffer)
        caret = None if buffer.caret is None else buffer.cursors[buffer.caret]
        caret_line, caret_column = (-1, 0) if caret is None else _place(buffer.text, caret)
        few_colors = console.color_system in ("standard", "windows")
        lines: list[Text] = []
        number = 0
        for index, row in enumerate(rows):
            number += row.mark is not Mark.REMOVED
            if not self._top <= index < self._top + height:
                continue
            if row.mark is Mark.REMOVED:
                lines.append(self._line(row, "", Text(row.text), width, few_colors=few_colors))
            else:
                text = highlighted[number - 1].copy()
                if number - 1 == caret_line:
                    text.pad_right(1)
                    # The highlighter has made blanks of tabs.
                    column = len(row.text[:caret_column].expandtabs(_TAB))
                    text.stylize(_CARET, column, column + 1)
                lines.append(self._line(row, str(number), text, width, few_colors=few_colors))
        return lines + [_fitted(Text(), width, _GROUND)] * (height - len(lines))

    def _line(self, row: Row, number: str, text: Text, width: int, *, few_colors: bool) -> Text:
        """A row with its margin. The background of a mark goes below what is on it already, but for the text's own."""
        background = _BACKGROUNDS.get(row.mark)
        if row.mark is Mark.ADDED and self.now - row.since < FRESH_SECONDS:
            background = _FRESH
        text.expand_tabs(_TAB)
        if few_colors and row.mark in _FOREGROUNDS:
            text.stylize(_FOREGROUNDS[row.mark])
        elif background is not None:
            text.pad_right(max(width - _MARGIN_WIDTH - text.cell_len, 0))
            text.style = background
        if row.underline is not None:
            text.stylize(_UNDERLINE, *row.underline)
        sign = "! " if row.underline is not None and row.mark is Mark.PLAIN else _SIGNS[row.mark]
        line = Text()
        line.append(f"{number:>4} ", _QUIET)
        line.append(sign, _SIGN_STYLES[Mark.REMOVED if sign == "! " else row.mark])
        line.append_text(text)
        return _fitted(line, width, _GROUND)

    def _scroll(self, rows: list[Row], attention: Row | None, height: int) -> None:
        """Move the window if what happens is not well inside it."""
        last = max(len(rows) - height, 0)
        if attention is not None and attention in rows:
            index = rows.index(attention)
            margin = min(_CLEARANCE, height // 4)
            if index < self._top + margin:
                self._top = index - height // 3
            elif index >= self._top + height - margin:
                self._top = index - height // 2
        self._top = min(max(self._top, 0), last)

    def _highlight(self, buffer: Buffer) -> list[Text]:
        """The lines of the text in colour, without backgrounds."""
        if self._highlighted[0] != buffer.text:
            text = Syntax("", buffer.language, theme="monokai", tab_size=_TAB).highlight(buffer.text)
            text.style = ""
            text.spans = [Span(span.start, span.end, _foreground(span.style)) for span in text.spans]
            lines = list(text.split("\n", allow_blank=True))
            self._highlighted = (buffer.text, lines)
        return self._highlighted[1]


def _bar(left: str, right: str, width: int) -> Text:
    """A bar with something at its left end and, if there is room, at its right end."""
    bar, note = Text(f" {left}", _BAR), Text(f"{right} ", _BAR_QUIET)
    if bar.cell_len + note.cell_len + 2 <= width:
        bar.append(" " * (width - bar.cell_len - note.cell_len))
        bar.append_text(note)
    return _fitted(bar, width, _BAR)


@cache
def _foreground(style: str | Style) -> Style:
    """A style without its background, on which the theme's comments can be read."""
    given = Style.parse(style) if isinstance(style, str) else style
    color = given.color
    if color is not None and color.triplet is not None and max(color.triplet) < _DARK:
        color = Color.from_rgb(*(part + (255 - part) * 0.45 for part in color.triplet))
    return Style(color=color, bold=given.bold, italic=given.italic)


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, from 0."""
    return text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)


def _fitted(line: Text, width: int, ground: Style) -> Text:
    """A line of exactly this width, on this ground."""
    line.truncate(width, overflow="ellipsis")
    line.pad_right(max(width - line.cell_len, 0))
    line.stylize_before(ground)
    line.no_wrap = True
    line.end = "\n"
    return line
