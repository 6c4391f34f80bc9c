"""A module of Python whose every line is unlike the others, with characters of every width, and an edit of it."""

from __future__ import annotations

from dataclasses import dataclass

NUMBERS = ("🐍", "naïve", "漢字", "é", "𝒙𝒚", "plain", "—")


def function(number: int) -> list[str]:
    """Six lines, the last one blank but for its mark."""
    word = NUMBERS[number % len(NUMBERS)]
    return [
        f"def function_{number:03}(value: int) -> int:",
        f'    """Return {word} times {number}."""',
        f'    label_{number:03}, total = "{word}{word}", value * {number}',
        f"    print(label_{number:03}, total)",
        f"    return total + {number}",
        f"# end of {number:03}",
    ]


def changed_function(number: int) -> list[str]:
    """The same with a line changed behind a wide character, one more line, and in some one less."""
    head, documentation, label, call, last, end = function(number)
    added = f'    assert total > {number}, "{NUMBERS[number % 5]} is too small"'
    changed = label.replace("value *", "abs(value) *")
    return [head, documentation, changed, added, *([call] if number % 2 else []), last, end]


@dataclass(frozen=True)
class SampleEdit:
    """A text, the region of it that is edited, what the model replies, and what must come out."""

    above: str
    region: str
    below: str
    new_region: str
    changed: frozenset[int]
    """The numbers of the functions that the edit changes."""
    ending: str

    @property
    def text(self) -> str:
        return self.above + self.region + self.below

    @property
    def target(self) -> str:
        return self.above + self.new_region + self.below

    @property
    def span(self) -> tuple[int, int]:
        return len(self.above), len(self.above) + len(self.region)

    @property
    def reply(self) -> str:
        """A model's reply: fenced, and with its own line endings."""
        return f"```python\n{self.new_region.replace(self.ending, chr(10))}```\n"

    @property
    def new_lines(self) -> list[str]:
        """The lines that the edit brings, with their endings."""
        old = set(self.region.splitlines(keepends=True))
        return [line for line in self.new_region.splitlines(keepends=True) if line not in old]

    def mark(self, number: int) -> str:
        """The first line of a function, which no edit changes; to type in front of."""
        return function(number)[0]


def sample_edit(
    region: range = range(10, 30), changed: frozenset[int] = frozenset({11, 16, 22, 28}), ending: str = "\n"
) -> SampleEdit:
    """An edit of 6 lines a function; by default 120 lines with four functions changed."""

    def joined(lines: list[str]) -> str:
        return "".join(line + ending for line in lines)

    old = [line for number in region for line in function(number)]
    new = [line for number in region for line in (changed_function if number in changed else function)(number)]
    above = [line for number in range(region.start - 5, region.start) for line in function(number)]
    below = [line for number in range(region.stop, region.stop + 5) for line in function(number)]
    return SampleEdit(joined(above), joined(old), joined(below), joined(new), changed, ending)
